//! The shell around the services: telemetry, keys, health and the port, put together and taken apart in the right order.
//! What each part does is written in the part.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::auth::{self, AdminKey, Guardian};
use crate::cli::args::{self, ServeArgs};
use crate::telemetry::{self, LogFormat, TelemetryConfig};
use crate::transport::{self, DoorLayer, Readiness, Tls};

/// The server could not start, or ended badly.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    #[error(transparent)]
    Listen(#[from] auth::ListenRefused),
    #[error("cannot listen on {address}: {source}")]
    Bind { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Tls(#[from] transport::TlsError),
    #[error(transparent)]
    Key(#[from] auth::KeyError),
    #[error("reflection cannot be built: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    #[error(transparent)]
    Transport(#[from] transport::ServeError),
}

/// What of the shell the services need, before they are plugged in.
pub struct Shell {
    pub guardian: Arc<Guardian>,
    pub readiness: Readiness,
    pub telemetry: telemetry::Guard,
    /// Health, and reflection unless it is turned off; services are added to it.
    pub routes: Routes,
    /// Webhook routes are added to it.
    pub http: Router,
    /// Cancelled when the server is told to end.
    pub shutdown: CancellationToken,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) listener: TcpListener,
    pub(crate) metrics: TcpListener,
}

impl Shell {
    /// Opens both listeners; nothing is served yet. `secret` is the deployment's secret.
    pub async fn open(
        args: &ServeArgs,
        secret: String,
        telemetry: telemetry::Guard,
    ) -> Result<Shell, ShellError> {
        let tls = tls(args)?;
        auth::check_listen(args.listen, args.dev, args.insecure_listen || tls.is_some())?;
        let guardian = guardian(args, secret)?.with_chosen_secrets(args.integration_secrets.clone());
        let guardian = Arc::new(guardian);
        let (readiness, health) = Readiness::start(transport::service_names()).await;
        let mut routes = Routes::new(health);
        if !args.no_reflection {
            routes = transport::with_reflection(routes)?;
        }
        Ok(Shell {
            guardian,
            readiness,
            telemetry,
            routes,
            http: Router::new(),
            shutdown: CancellationToken::new(),
            tls,
            listener: bind(args.listen).await?,
            metrics: bind(args.metrics).await?,
        })
    }

    /// The addresses that are really listened on: API, then metrics.
    pub fn addresses(&self) -> std::io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.listener.local_addr()?, self.metrics.local_addr()?))
    }

    /// Serves until `shutdown` is cancelled; the metrics stay readable while connections drain. Telemetry is
    /// handed back, so that what happens after is still told.
    pub async fn serve(self) -> Result<telemetry::Guard, ShellError> {
        let after = CancellationToken::new();
        let page = telemetry::listener::serve(
            self.metrics,
            self.telemetry.registry.clone(),
            self.readiness.clone(),
            after.clone(),
        );
        let page = tokio::spawn(page);
        let door = DoorLayer::new(Arc::clone(&self.telemetry.rpc), self.guardian);
        let options = transport::Options { tls: self.tls, ..transport::Options::default() };
        let served =
            transport::serve(self.listener, self.routes, self.http, door, options, self.shutdown).await;
        after.cancel();
        if let Ok(Err(problem)) = page.await {
            tracing::warn!(%problem, "the metrics listener failed");
        }
        served?;
        Ok(self.telemetry)
    }
}

/// The first signal says NOT_SERVING and begins the drain, a second one ends the process at once.
pub(crate) async fn end_on_signal(readiness: Readiness, shutdown: CancellationToken) {
    let signal = terminated().await;
    tracing::info!(signal, "ending");
    readiness.set(false).await;
    shutdown.cancel();
    terminated().await;
    std::process::exit(130);
}

async fn terminated() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate()).expect("SIGTERM can be caught");
    let mut int = signal(SignalKind::interrupt()).expect("SIGINT can be caught");
    tokio::select! {
        _ = term.recv() => "SIGTERM",
        _ = int.recv() => "SIGINT",
    }
}

/// The command line lets neither file stand alone.
fn tls(args: &ServeArgs) -> Result<Option<Arc<Tls>>, transport::TlsError> {
    let files = args.tls_cert.as_deref().zip(args.tls_key.as_deref());
    files.map(|(cert, key)| Tls::load(cert, key)).transpose()
}

fn guardian(args: &ServeArgs, secret: String) -> Result<Guardian, ShellError> {
    if args.dev {
        return Ok(Guardian::dev(secret));
    }
    let path = args.admin_key_file.clone().unwrap_or_else(|| args.store.data.join("admin.key"));
    let key = AdminKey::load_or_make(&path)?;
    if key.made {
        tracing::info!(path = %path.display(), "made an admin key; keep the file, it is shown nowhere");
    }
    Ok(Guardian::strict(&key, secret))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ShellError> {
    TcpListener::bind(address).await.map_err(|source| ShellError::Bind { address, source })
}

pub(crate) fn telemetry_config(args: &args::TelemetryArgs) -> TelemetryConfig {
    let log_format = match args.log_format {
        Some(args::LogFormat::Json) => LogFormat::Json,
        Some(args::LogFormat::Text) => LogFormat::Text,
        None if std::io::stderr().is_terminal() => LogFormat::Text,
        None => LogFormat::Json,
    };
    TelemetryConfig {
        log_format,
        log_filter: Some(args.log.clone()),
        otlp_endpoint: args.otlp_endpoint.clone(),
    }
}
