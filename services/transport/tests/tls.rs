//! The port with TLS, over real connections: who gets in, who does not, and what a renewed certificate changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::super::{Tls, TlsError};
use super::{World, dev, http};

struct Files {
    folder: tempfile::TempDir,
    authority: String,
}

impl Files {
    fn new() -> Files {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files { folder, authority: String::new() };
        files.renew();
        files
    }

    /// Another certificate, under another key, in the same files.
    fn renew(&mut self) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(self.cert(), cert.pem()).unwrap();
        std::fs::write(self.key(), signing_key.serialize_pem()).unwrap();
        self.authority = cert.pem();
    }

    fn cert(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    fn load(&self) -> Result<Arc<Tls>, TlsError> {
        Tls::load(&self.cert(), &self.key())
    }
}

async fn channel(world: &World, authority: &str) -> Result<Channel, tonic::transport::Error> {
    let trust = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority));
    let address = format!("https://localhost:{}", world.address.port());
    Endpoint::from_shared(address).unwrap().tls_config(trust).unwrap().connect().await
}

#[tokio::test]
async fn grpc_and_webhooks_come_in_by_tls_and_in_the_clear_nobody_does() {
    let files = Files::new();
    let world = World::with_tls(dev(), Some(files.load().unwrap())).await;

    let health = HealthClient::new(channel(&world, &files.authority).await.unwrap());
    let request = HealthCheckRequest { service: "liveness".to_owned() };
    assert_eq!(health.clone().check(request).await.unwrap().into_inner().status, 1);

    let _ = http();
    let trust = reqwest::Certificate::from_pem(files.authority.as_bytes()).unwrap();
    let browser = reqwest::Client::builder().no_proxy().tls_certs_only([trust]).http1_only().build().unwrap();
    let address = format!("https://localhost:{}/hook", world.address.port());
    assert_eq!(browser.post(address).send().await.unwrap().text().await.unwrap(), "taken");

    let clear = http().post(format!("http://{}/hook", world.address)).send().await;
    assert!(clear.is_err(), "{clear:?}");
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_new_connections_and_a_bad_one_to_nobody() {
    let mut files = Files::new();
    let tls = files.load().unwrap();
    let world = World::with_tls(dev(), Some(Arc::clone(&tls))).await;
    let old = files.authority.clone();
    assert!(channel(&world, &old).await.is_ok());

    files.renew();
    tls.reload().unwrap();
    assert!(channel(&world, &files.authority).await.is_ok());
    assert!(channel(&world, &old).await.is_err());

    std::fs::write(files.cert(), "garbage").unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Certificates { .. })));
    assert!(channel(&world, &files.authority).await.is_ok());
}

#[tokio::test]
async fn connections_that_never_shake_hands_hold_up_nobody() {
    let files = Files::new();
    let world = World::with_tls(dev(), Some(files.load().unwrap())).await;
    let mut stalled = Vec::new();
    for _ in 0..50 {
        stalled.push(TcpStream::connect(world.address).await.unwrap());
    }
    let served = tokio::time::timeout(Duration::from_secs(3), channel(&world, &files.authority)).await;
    assert!(served.unwrap().is_ok());
    let mut first = stalled.remove(0);
    let ended = tokio::time::timeout(Duration::from_secs(10), first.read(&mut [0; 1])).await;
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "let go after a while");
}

#[tokio::test]
async fn an_end_waits_for_nobody_who_only_connected() {
    let files = Files::new();
    let world = World::with_tls(dev(), Some(files.load().unwrap())).await;
    let _stalled = TcpStream::connect(world.address).await.unwrap();
    world.shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(5), world.server).await.unwrap().unwrap().unwrap();
    // The port is free again.
    TcpListener::bind(world.address).await.unwrap();
}

#[test]
fn files_that_are_none_or_do_not_fit_are_named_with_their_flag() {
    let (one, other) = (Files::new(), Files::new());
    let said = |cert: &Path, key: &Path| Tls::load(cert, key).unwrap_err().to_string();
    assert!(said(Path::new("/absent"), &one.key()).starts_with("--tls-cert: /absent"));
    assert!(said(&one.cert(), Path::new("/absent")).starts_with("--tls-key: /absent"));
    assert!(said(&one.key(), &one.key()).contains("--tls-cert"), "a key is no certificate");
    assert!(said(&one.cert(), &one.cert()).contains("--tls-key"), "a certificate is no key");
    assert!(said(&one.cert(), &other.key()).contains("do not belong together"));
}
