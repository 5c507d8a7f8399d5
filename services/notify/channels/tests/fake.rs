//! A provider on the loopback that records what it gets, and senders that are configured to call it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use http::{HeaderMap, Response};
use tokio::net::TcpListener;

use super::super::super::providers::{ProviderError, Providers};
use super::super::super::sender::Sender;
use super::super::Around;

/// What the file of a provider's secret holds, unless a test has another.
pub(super) const SECRET: &str = "hunter2-hunter2";

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A field of a form; empty if it is not there.
    pub(super) fn form(&self, name: &str) -> String {
        let text = String::from_utf8(self.body.to_vec()).unwrap();
        let form = reqwest::Url::parse(&format!("http://x/?{text}")).unwrap();
        let found = form.query_pairs().find(|(field, _)| field == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }
}

/// A provider that answers every request alike.
pub(super) struct Fake {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Fake {
    pub(super) async fn start(answer: impl Fn(&Seen) -> Response<Body> + Send + Sync + 'static) -> Fake {
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        let app = Router::new().fallback(move |request: Request| async move {
            let path = request.uri().to_string();
            let headers = request.headers().clone();
            let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
            let request = Seen { path, headers, body };
            let response = answer(&request);
            log.lock().unwrap().push(request);
            response
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Fake { url, seen }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The one request there was.
    pub(super) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }
}

/// A sender from its settings. URL stands for `url`, FILE for a file that holds `secret`, and the loopback is allowed.
pub(super) fn configured(name: &str, settings: &str, url: &str, secret: &str) -> Sender {
    read(name, &format!("{settings}, allow: [127.0.0.0/8]"), url, secret).unwrap()
}

/// The same, without a network that is allowed.
pub(super) fn read(name: &str, settings: &str, url: &str, secret: &str) -> Result<Sender, ProviderError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, secret).unwrap();
    let settings = settings.replace("URL", url).replace("FILE", &file.display().to_string());
    let path = folder.path().join("providers.yaml");
    std::fs::write(&path, format!("{name}: {{{settings}}}\n")).unwrap();
    let around = Around { dev: false, attempt_max: Duration::from_millis(700) };
    Ok(Providers::read(&path, around)?.sender(name).unwrap().clone())
}
