//! A webhook receiver that accepts everything and tells what came. It checks no signature: that is the business of the
//! notifier's own tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Called with the effect's id and the body of each message.
pub type Heard = Arc<dyn Fn(&str, &[u8]) + Send + Sync>;

/// A running receiver. It ends with this value.
#[derive(Debug)]
pub struct Receiver {
    pub url: String,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Listens on a free port of the loopback.
    pub async fn start(heard: Heard) -> std::io::Result<Receiver> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/page", listener.local_addr()?);
        let routes = Router::new().route("/page", post(hear)).with_state(heard);
        let task = tokio::spawn(async move {
            if let Err(e) = axum::serve(listener, routes).await {
                panic!("the receiver ended: {e}");
            }
        });
        Ok(Receiver { url, task })
    }

    /// Writes a file of providers that leads here.
    pub fn providers(&self, folder: &Path, name: &str) -> std::io::Result<PathBuf> {
        let path = folder.join("providers.yaml");
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        std::fs::write(&path, format!("{name}: {{url: '{}', secret: {secret}}}\n", self.url))?;
        Ok(path)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn hear(State(heard): State<Heard>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    heard(id, &body);
    StatusCode::NO_CONTENT
}
