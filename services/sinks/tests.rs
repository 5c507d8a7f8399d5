//! The file of sinks as operators write it, what is said about mistakes in it, and single attempts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use stentor_core::actor::Actor;
use stentor_core::incident::{self, event::LifeEvent};
use stentor_core::instance::Event;
use stentor_core::time::Timestamp;
use stentor_engine::{FeedItem, Sink, Start, Transition};

use super::{SinkError, load};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n";

fn read(yaml: &str, dev: bool) -> Result<Vec<Arc<dyn Sink>>, SinkError> {
    let folder = tempfile::tempdir().unwrap();
    let (path, secret) = (folder.path().join("sinks.yaml"), folder.path().join("secret"));
    std::fs::write(&secret, SECRET).unwrap();
    std::fs::write(&path, yaml.replace("SECRET", &secret.display().to_string())).unwrap();
    load(Some(&path), dev)
}

#[test]
fn sinks_have_names_and_begin_where_they_are_told() {
    let yaml = "audit: {webhook: {url: 'https://x.example/hook', secret_file: SECRET}, from: start}\n\
                bus: {nats: {servers: ['tls://n.example']}, source: //stentor.example}\n";
    let sinks = read(yaml, false).unwrap();
    let told: Vec<_> = sinks.iter().map(|sink| (sink.name(), sink.start())).collect();
    assert_eq!(told, [("audit", Start::Beginning), ("bus", Start::Now)]);
}

#[test]
fn a_webhook_gives_up_after_ten_attempts_in_three_days() {
    let sinks = read("a: {webhook: {url: 'http://127.0.0.1:9/'}}\n", true).unwrap();
    let (waits, endless) = sinks[0].retries();
    let seconds: Vec<u64> = waits.iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    assert!(!endless);
}

#[test]
fn a_mistake_is_named_with_its_sink_and_shows_no_secret() {
    let cases = [
        ("a: {webhook: {url: 'https://x.example'}}", "sink a: secret_file"),
        ("a: {webhook: {url: 'http://x.example', secret_file: SECRET}}", "plain http"),
        ("a: {webhook: {url: 'https://10.0.0.1', secret_file: SECRET}}", "no network"),
        ("a: {webhook: {url: 'https://x.example', secret: hunter2}}", "secret"),
        ("a: {webhook: {url: 'https://x.example', secret_file: /absent}}", "/absent"),
        ("a/b: {webhook: {url: 'https://x.example', secret_file: SECRET}}", "a name is"),
        ("a: {source: x}", "it needs"),
        ("a: {nats: {servers: []}}", "servers: "),
        ("a: {nats: {servers: ['nats://n.example']}}", "use tls://"),
        ("a: {nats: {servers: ['http://n.example']}}", "nats://HOST:PORT"),
        ("a: {nats: {servers: ['tls://u:hunter2@n.example']}}", "nats://HOST:PORT"),
        ("a: {nats: {servers: ['tls://n.example'], subject: 'a.>'}}", "subject: "),
        ("a: {nats: {servers: ['tls://n.example'], stream: ''}}", "stream: "),
        ("a: {nats: {servers: ['tls://n.example'], username: u}}", "password_file"),
        ("a: {webhook: {url: 'https://x.example', secret_file: SECRET}, source: 'a b'}", "source: "),
        ("a: {webhook: {url: 'https://x.example', secret_file: SECRET}, from: then}", "then"),
    ];
    for (yaml, expected) in cases {
        let error = read(yaml, false).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("hunter2"), "{error:?} lacks {expected:?}");
    }
}

/// An endpoint that answers with the status in its path, and the requests it got.
async fn endpoint() -> (String, Arc<Mutex<Vec<(HeaderMap, Bytes)>>>) {
    let seen = Arc::<Mutex<Vec<(HeaderMap, Bytes)>>>::default();
    let log = Arc::clone(&seen);
    let answer = move |Path(status): Path<u16>, headers: HeaderMap, body: Bytes| {
        log.lock().unwrap().push((headers, body));
        let status = StatusCode::from_u16(status).unwrap();
        async move { (status, [("retry-after", "7"), ("location", "/204")], "hunter2?") }
    };
    let app = Router::new().route("/{status}", post(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, seen)
}

fn declared() -> FeedItem {
    let event = Event::Incident(incident::Event::Life(LifeEvent::Declared));
    let (at, actor) = (Timestamp(1_780_315_200_000), Actor::System);
    let transition = Transition { first: 4, version: 4, at, actor, origin: None, events: [event].into() };
    FeedItem { partition: 0, pos: 9, id: "i-1".to_owned().into(), transition }
}

#[tokio::test]
async fn an_event_is_signed_so_that_another_implementation_accepts_it() {
    let (url, seen) = endpoint().await;
    let sink = read(&format!("a: {{webhook: {{url: '{url}/204', secret_file: SECRET}}}}"), true).unwrap();
    sink[0].take(&declared(), 0).await.unwrap();
    let (headers, body) = seen.lock().unwrap().remove(0);
    assert_eq!(headers["webhook-id"], "i-1/4");
    assert_eq!(headers["content-type"], "application/cloudevents+json; charset=utf-8");
    let webhook = standardwebhooks::Webhook::new(SECRET.trim()).unwrap();
    assert!(webhook.verify(&body, &headers).is_ok());
    assert!(webhook.verify(b"{}", &headers).is_err());
}

#[tokio::test]
async fn only_2xx_is_success_and_410_is_final() {
    let (url, seen) = endpoint().await;
    for status in [200, 201, 204, 301, 307, 400, 401, 404, 410, 429, 500, 503] {
        let sink = read(&format!("a: {{webhook: {{url: '{url}/{status}'}}}}"), true).unwrap();
        let taken = sink[0].take(&declared(), 0).await;
        assert_eq!(taken.is_ok(), status < 300, "{status}");
        if let Err(untaken) = taken {
            assert_eq!(untaken.gone, status == 410, "{status}");
            assert_eq!(untaken.retry_after, Some(Duration::from_secs(7)));
            assert!(untaken.why.starts_with(&status.to_string()), "{}", untaken.why);
        }
    }
    assert_eq!(seen.lock().unwrap().len(), 12, "no redirect is followed");
}

#[tokio::test]
async fn an_address_that_is_not_public_is_not_called() {
    let yaml = "a: {webhook: {url: 'https://localhost:1/', secret_file: SECRET}}\n\
                b: {nats: {servers: ['tls://localhost:1']}}\n";
    for sink in read(yaml, false).unwrap() {
        let untaken = sink.take(&declared(), 0).await.unwrap_err();
        assert!(untaken.why.contains("localhost lies in no network that is allowed"), "{}", untaken.why);
        assert!(!untaken.gone);
    }
}
