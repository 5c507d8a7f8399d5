//! `stentor serve`: the store, the engine, the services and the shell around them, started in order and ended in the
//! reverse one. A short composition: what each part does is written in the part.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use stentor_core::actor::Actor;
use stentor_core::id::IntegrationId;
use stentor_core::policy::{Finding, Policy, lint, locate, parse};
use stentor_core::time::Timestamp;
use stentor_engine::clock::SystemClock;
use stentor_engine::store::{self, OpenOptions};
use stentor_engine::{Engine, Options};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::cli::args::ServeArgs;
use crate::intake::EngineSink;
use crate::notify::{Carrier, ProviderError, Providers};
use crate::shell::{Shell, ShellError, end_on_signal, telemetry_config};
use crate::sinks::SinkError;
use crate::telemetry::{self, EngineObserver};
use crate::{
    heartbeat, intake, links, migrate, notify, oncall, policy, resolution, review, sinks, subscription,
    suppression, triage, workflow,
};

/// The server could not start, or ended badly.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Database(#[from] migrate::DatabaseError),
    #[error("the store cannot be used: {0}")]
    Store(#[from] store::Error),
    #[error("the engine cannot start: {0}")]
    Engine(#[from] stentor_engine::Error),
    #[error(transparent)]
    Telemetry(#[from] telemetry::InitError),
    #[error(transparent)]
    Providers(#[from] ProviderError),
    #[error(transparent)]
    Sinks(#[from] SinkError),
    #[error("{path} cannot be read: {source}", path = path.display())]
    PolicyFile { path: PathBuf, source: std::io::Error },
    #[error("the policy in {path} is refused:\n{findings}")]
    Policy { path: String, findings: String },
    #[error("an address cannot be read: {0}")]
    Address(#[from] std::io::Error),
    #[error(transparent)]
    Shell(#[from] ShellError),
}

/// A server about to serve.
pub struct Server {
    pub engine: Engine,
    pub shell: Shell,
}

/// Starts, serves until SIGTERM or SIGINT, and ends.
pub async fn run(args: ServeArgs) -> Result<(), ServeError> {
    let server = Server::start(&args).await?;
    tokio::spawn(end_on_signal(server.shell.readiness.clone(), server.shell.shutdown.clone()));
    server.serve().await
}

impl Server {
    /// Opens the store, starts the engine and plugs the services in. Nothing is served yet.
    pub async fn start(args: &ServeArgs) -> Result<Server, ServeError> {
        let sinks = sinks::load(args.sinks.as_deref(), args.dev)?;
        let providers = Providers::load(args.providers.as_deref(), args.dev)?;
        let carrier = Arc::new(Carrier::new(providers, args.public_url.clone()));
        let telemetry = telemetry::init(&telemetry_config(&args.telemetry))?;
        let (metrics, spans) = (Arc::clone(&telemetry.metrics), telemetry.spans.clone());
        let store = store::open(&migrate::address(&args.store)?, open_options()).await?;
        let engine = Engine::start(Options {
            store,
            clock: Arc::new(SystemClock::default()),
            sender: Arc::clone(&carrier) as _,
            observer: Arc::new(EngineObserver::new(Arc::clone(&metrics), spans.clone())),
            replica: replica(),
            address: args.listen.to_string(),
        })
        .await?;
        if let Some(url) = args.public_url.as_ref().filter(|url| url.is_in_the_clear()) {
            tracing::warn!(%url, "links in messages lead over plain http: whoever reads that network can use them");
        }
        let shell = Shell::open(args, hex::encode(engine.secret()), telemetry).await?;
        engine.export(sinks::metered(sinks, &metrics)).await?;
        if let Some(spans) = &spans {
            telemetry::tell_lifecycles(engine.clone(), Arc::clone(spans));
        }
        carrier.attach(engine.clone(), metrics, spans);
        apply_policy(&engine, args).await?;
        let shell = plug_in(shell, &engine, carrier, args);
        Ok(Server { engine, shell })
    }

    /// Serves until the shell is told to end, then finishes what was taken.
    pub async fn serve(self) -> Result<(), ServeError> {
        let (api, metrics) = self.shell.addresses()?;
        tracing::info!(listen = %api, metrics = %metrics, "listening");
        let watch = tokio::spawn(watch_health(self.engine.clone(), &self.shell));
        let telemetry = self.shell.serve().await?;
        watch.abort();
        self.engine.stop().await;
        telemetry.shutdown().await;
        Ok(())
    }
}

fn plug_in(shell: Shell, engine: &Engine, carrier: Arc<Carrier>, args: &ServeArgs) -> Shell {
    let guardian = Arc::clone(&shell.guardian);
    let keys = Arc::new(move |id: &_, generation| guardian.keys(id, generation));
    let routes = routes(shell.routes, engine, carrier, keys, shell.shutdown.clone(), args.dev);
    let webhooks = intake::webhook::Webhooks {
        guardian: Arc::clone(&shell.guardian),
        sink: Arc::new(EngineSink(engine.clone())),
        metrics: Arc::clone(&shell.telemetry.metrics),
    };
    let http = shell.http.merge(intake::webhook::routes(webhooks)).merge(oncall::routes(engine.clone()));
    let http = http.merge(links::routes(engine.clone()));
    let beats = heartbeat::routes(engine.clone(), Arc::clone(&shell.guardian));
    Shell { routes, http: http.merge(beats), ..shell }
}

/// Adds every service of the API over an engine. `carrier` sends test messages; `keys` shows an integration's keys; `shutdown` ends streams; `demo` lets
/// a policy name carriers that only print.
pub fn routes(
    routes: Routes,
    engine: &Engine,
    carrier: Arc<Carrier>,
    keys: policy::Keys,
    shutdown: CancellationToken,
    demo: bool,
) -> Routes {
    routes
        .add_service(intake::service(engine.clone(), shutdown.clone()))
        .add_service(triage::service(engine.clone()))
        .add_service(resolution::service(engine.clone()))
        .add_service(review::service(engine.clone()))
        .add_service(oncall::service(engine.clone()))
        .add_service(subscription::service(engine.clone()))
        .add_service(suppression::service(engine.clone()))
        .add_service(workflow::service(engine.clone(), shutdown))
        .add_service(policy::service(engine.clone(), keys, demo))
        .add_service(heartbeat::service(engine.clone()))
        .add_service(sinks::service(engine.clone()))
        .add_service(notify::service(engine.clone(), carrier))
}

fn open_options() -> OpenOptions {
    OpenOptions { replica: replica(), ..OpenOptions::default() }
}

/// This replica's name: the pod's, or one made up.
fn replica() -> String {
    static NAME: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let named = || std::env::var("HOSTNAME").ok().filter(|name| !name.is_empty());
    NAME.get_or_init(|| {
        let host = named().unwrap_or_else(|| "stentor".to_owned());
        format!("{host}-{}", std::process::id())
    })
    .clone()
}

/// Applies the policy of `--policy`; in development without one, and without any applied before, the demonstration's.
async fn apply_policy(engine: &Engine, args: &ServeArgs) -> Result<(), ServeError> {
    let (name, text) = match &args.policy {
        Some(path) => (path.display().to_string(), read(path)?),
        None if args.dev && engine.policy().is_none() => {
            ("the demonstration policy".to_owned(), stentor_core::policy::DEMO.to_owned())
        }
        None => return Ok(()),
    };
    let refused =
        |findings: Vec<Finding>| ServeError::Policy { path: name.clone(), findings: list(&text, findings) };
    let document = parse(&text).map_err(refused)?;
    let policy = Policy::compile(document.clone(), 0).map_err(refused)?;
    let extra: Vec<String> = args.dev.then(|| lint::ALLOW_DEMO.to_owned()).into_iter().collect();
    let left = lint::accepted(&document, &extra, lint::findings(&policy, engine.now()));
    if lint::blocks(&left) {
        return Err(refused(left));
    }
    let number = engine.apply_policy(Actor::System, document, text.clone(), None).await?;
    tracing::info!(number, from = name, "policy in force");
    Ok(())
}

fn read(path: &Path) -> Result<String, ServeError> {
    std::fs::read_to_string(path).map_err(|source| ServeError::PolicyFile { path: path.to_owned(), source })
}

fn list(text: &str, findings: Vec<Finding>) -> String {
    let lines = locate(text, findings).into_iter().map(|f| {
        let place = f.line.map(|line| format!("{line}:{} ", f.column.unwrap_or(1))).unwrap_or_default();
        format!("  {place}{} {}: {}", f.code, f.path, f.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// How often the gauges are brought up to date.
const LEVELS_EVERY: Duration = Duration::from_secs(5);

/// How often it is looked at while not serving: at the start every moment counts.
const UNHEALTHY_EVERY: Duration = Duration::from_millis(20);

/// How often health is looked at.
const HEALTH_EVERY: Duration = Duration::from_millis(250);

/// The integrations of a policy, with the generations of their keys that are valid.
fn generations(policy: &Policy, now: Timestamp) -> Vec<(IntegrationId, Vec<u32>)> {
    let integrations = &policy.document().integrations;
    integrations.iter().map(|(id, entry)| (id.clone(), entry.generations(now))).collect()
}

/// Says SERVING only while commits succeed and deadlines move; keeps the integrations' keys those of the newest policy.
fn watch_health(engine: Engine, shell: &Shell) -> impl Future<Output = ()> + use<> {
    let (readiness, guardian) = (shell.readiness.clone(), Arc::clone(&shell.guardian));
    let (metrics, shutdown): (_, CancellationToken) =
        (Arc::clone(&shell.telemetry.metrics), shell.shutdown.clone());
    async move {
        let (mut known, mut counted) = (Vec::new(), None);
        while !shutdown.is_cancelled() {
            let health = engine.health();
            if let Err(why) = &health
                && readiness.is_ready()
            {
                tracing::error!(why, "not serving");
            }
            readiness.set(health.is_ok()).await;
            if let Some(policy) = engine.policy() {
                let valid = generations(&policy, engine.now());
                if valid != known {
                    guardian.set_generations(valid.clone());
                    known = valid;
                }
            }
            if counted.is_none_or(|at: std::time::Instant| at.elapsed() >= LEVELS_EVERY) {
                metrics.set_levels(telemetry::levels_of(&engine).await);
                counted = Some(std::time::Instant::now());
            }
            tokio::time::sleep(if health.is_ok() { HEALTH_EVERY } else { UNHEALTHY_EVERY }).await;
        }
    }
}
