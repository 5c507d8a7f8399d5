//! The file of sinks as operators write it, and what is said about mistakes in it.

use std::sync::Arc;

use stentor_engine::{Sink, Start};

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
    let seconds: Vec<u64> = waits.iter().map(std::time::Duration::as_secs).collect();
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
