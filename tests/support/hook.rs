//! A receiver of webhooks that answers as it is told and remembers what came. It checks nothing of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The status for a request, by how many came before it. 0 is no answer at all.
pub type Answer = Arc<dyn Fn(usize) -> u16 + Send + Sync>;

/// What came, and what was answered.
#[derive(Debug, Clone)]
pub struct Call {
    pub headers: HeaderMap,
    pub body: serde_json::Value,
    pub status: u16,
}

impl Call {
    /// A header as text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A running receiver. It ends with this value.
pub struct Hook {
    pub url: String,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

struct Inner {
    answer: Mutex<Answer>,
    calls: Mutex<Vec<Call>>,
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hook({})", self.url)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hook {
    /// Listens on a free port of the loopback.
    ///
    /// # Errors
    /// There is none.
    pub async fn start(answer: impl Fn(usize) -> u16 + Send + Sync + 'static) -> std::io::Result<Hook> {
        let inner = Arc::new(Inner { answer: Mutex::new(Arc::new(answer)), calls: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let routes = Router::new().route("/hook", post(hear)).with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move {
            if let Err(e) = axum::serve(listener, routes).await {
                panic!("the receiver ended: {e}");
            }
        });
        Ok(Hook { url, inner, task })
    }

    /// Answers otherwise from now on.
    pub fn answer(&self, answer: impl Fn(usize) -> u16 + Send + Sync + 'static) {
        *locked(&self.inner.answer) = Arc::new(answer);
    }

    /// What came so far.
    pub fn calls(&self) -> Vec<Call> {
        locked(&self.inner.calls).clone()
    }

    /// The `id` of each event that was accepted, in order.
    pub fn accepted(&self) -> Vec<String> {
        let accepted = self.calls().into_iter().filter(|call| (200..300).contains(&call.status));
        accepted.map(|call| call.body["id"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn hear(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let status = {
        let mut calls = locked(&inner.calls);
        let status = locked(&inner.answer)(calls.len());
        calls.push(Call { headers, body, status });
        status
    };
    match StatusCode::from_u16(status) {
        Ok(status) => status,
        Err(_) => std::future::pending().await,
    }
}
