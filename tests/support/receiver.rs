//! A webhook receiver that accepts everything and tells what came. It checks no signature: that is the business of the
//! notifier's own tests.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

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
        let routes = Router::new().route("/page", post(hear)).route("/slow", post(take_time));
        let routes = routes.with_state(heard);
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
        std::fs::write(&path, provider(name, &self.url))?;
        Ok(path)
    }

    /// Adds a provider that leads to a receiver which answers after five seconds, as a telephone network may.
    pub fn slow_provider(&self, file: &Path, name: &str) -> std::io::Result<()> {
        let mut file = OpenOptions::new().append(true).open(file)?;
        file.write_all(provider(name, &self.url.replace("/page", "/slow")).as_bytes())
    }
}

fn provider(name: &str, url: &str) -> String {
    format!("{name}: {{url: '{url}', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}}\n")
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How long the slow receiver takes; less than a sender waits.
const SLOW: Duration = Duration::from_secs(5);

async fn take_time(State(heard): State<Heard>, headers: HeaderMap, body: Bytes) -> StatusCode {
    tokio::time::sleep(SLOW).await;
    hear(State(heard), headers, body).await
}

async fn hear(State(heard): State<Heard>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    heard(id, &body);
    StatusCode::NO_CONTENT
}
