//! TLS on the port: certificate and key from files, read again when they change, so that a renewed certificate needs no
//! restart. It knows nothing of what is served.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::Stream;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

/// A handshake takes milliseconds; who is slower is let go.
const HANDSHAKE_MAX: Duration = Duration::from_secs(5);

/// Handshakes at once: those that stall hold memory, and no call that is under way.
const HANDSHAKES: usize = 1024;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Certificate or key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("--tls-cert: {path} holds no certificates: {problem}", path = path.display())]
    Certificates { path: PathBuf, problem: String },
    #[error("--tls-key: {path} holds no private key: {problem}", path = path.display())]
    Key { path: PathBuf, problem: String },
    #[error("--tls-cert and --tls-key do not belong together: {0}")]
    Pair(String),
}

/// The files, and what they held when they were read last.
#[derive(Debug)]
pub struct Tls {
    cert: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Tls {
    /// Reads the files.
    pub fn load(cert: &Path, key: &Path) -> Result<Arc<Tls>, TlsError> {
        let current = RwLock::new(Arc::new(read(cert, key)?));
        Ok(Arc::new(Tls { cert: cert.to_owned(), key: key.to_owned(), current }))
    }

    /// Reads them again. What cannot be used leaves everything as it is.
    pub fn reload(&self) -> Result<(), TlsError> {
        let read = Arc::new(read(&self.cert, &self.key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    fn certificates(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn acceptor(self: &Arc<Tls>) -> Result<TlsAcceptor, rustls::Error> {
        let builder = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
        let mut config = builder.with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Looks at the files until the end, and reads them when they have changed.
    async fn watch(self: Arc<Tls>, shutdown: CancellationToken) {
        let mut seen = self.bytes();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let now = self.bytes();
            if now == seen {
                continue;
            }
            match self.reload() {
                Ok(()) => tracing::info!(path = %self.cert.display(), "the certificate was read again"),
                Err(problem) => {
                    tracing::error!(%problem, "the changed certificate cannot be used; the old one stays")
                }
            }
            seen = now;
        }
    }

    fn bytes(&self) -> [Option<Vec<u8>>; 2] {
        [std::fs::read(&self.cert).ok(), std::fs::read(&self.key).ok()]
    }
}

impl ResolvesServerCert for Tls {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.certificates())
    }
}

fn read(cert: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let wrong = |problem: String| TlsError::Certificates { path: cert.to_owned(), problem };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(|problem| wrong(problem.to_string()))?;
    if chain.is_empty() {
        return Err(wrong("there is no CERTIFICATE in it".to_owned()));
    }
    let wrong = |problem: String| TlsError::Key { path: key.to_owned(), problem };
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|problem| wrong(problem.to_string()))?;
    let signing = ring::sign::any_supported_type(&key_der).map_err(|problem| wrong(problem.to_string()))?;
    let certified = CertifiedKey::new(chain, signing);
    certified.keys_match().map_err(|problem| TlsError::Pair(problem.to_string()))?;
    Ok(certified)
}

/// Connections whose handshake succeeded. One that stalls holds up no other.
pub(super) fn incoming(
    listener: TcpListener,
    tls: Arc<Tls>,
    shutdown: CancellationToken,
) -> Result<impl Stream<Item = io::Result<TlsStream<TcpStream>>>, rustls::Error> {
    let acceptor = tls.acceptor()?;
    let (ready, connections) = mpsc::channel(HANDSHAKES);
    tokio::spawn(tls.watch(shutdown.clone()));
    tokio::spawn(async move {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = accept(listener, acceptor, ready) => {}
        }
    });
    Ok(futures::stream::unfold(connections, |mut connections| async {
        connections.recv().await.map(|connection| (Ok(connection), connections))
    }))
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, ready: mpsc::Sender<TlsStream<TcpStream>>) {
    let places = Arc::new(Semaphore::new(HANDSHAKES));
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(problem) => {
                // Out of descriptors, mostly: others have to end first.
                tracing::warn!(%problem, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            match tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(stream)).await {
                Ok(Ok(connection)) => drop(ready.send(connection).await),
                Ok(Err(problem)) => tracing::debug!(%problem, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake took too long"),
            }
            drop(place);
        });
    }
}
