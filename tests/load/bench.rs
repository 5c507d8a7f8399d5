//! What a run needs around the server: folder, receiver of pages, policy, database, connections, and the incidents or
//! alerts that a scenario presupposes. It measures nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use stentor_tests::support::postgres;
use stentor_tests::support::receiver::Receiver;
use stentor_tests::support::server::{Server, Setup, binary};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tonic::transport::Channel;

use crate::args::{Args, Scenario, StoreKind};
use crate::caller::{Caller, Common, FIRING};
use crate::delivered::Delivered;
use crate::{Failure, policy, requests};

/// Incidents opened for each second of acknowledging.
const ACKNOWLEDGED_PER_SECOND: f64 = 12_000.0;

/// A server and everything around it.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) server: Server,
    pub(crate) common: Arc<Common>,
    /// Numbers of calls, so that no two calls of a run are equal.
    pub(crate) next: Arc<AtomicU64>,
    pub(crate) data: PathBuf,
    pub(crate) database: Option<postgres::Database>,
    channels: Vec<Channel>,
    receiver: Receiver,
    folder: Option<TempDir>,
}

impl Bench {
    /// Starts what the run needs.
    pub(crate) async fn start(args: &Args) -> Result<Bench, Failure> {
        let folder = if args.keep.is_none() { Some(tempfile::tempdir()?) } else { None };
        let data = folder.as_ref().map(|f| f.path().to_owned()).or(args.keep.clone()).unwrap_or_default();
        std::fs::create_dir_all(&data)?;
        let delivered = Arc::new(Delivered::new(args.window));
        let receiver = receiver(&delivered).await?;
        let providers = receiver.providers(&data, "webhook/load")?;
        receiver.slow_provider(&providers, "webhook/desk")?;
        let policy = data.join("policy.yaml");
        std::fs::write(&policy, policy::text(args.responders))?;
        let database = match args.store {
            StoreKind::Sqlite => None,
            StoreKind::Postgres => Some(postgres::Server::shared().await.database().await),
        };
        let url = database.as_ref().map(postgres::Database::url);
        if let Some(url) = &url {
            stentor_engine::store::migrate(&url.parse()?).await?;
        }
        let setup = Setup {
            binary: binary()?,
            data: data.clone(),
            database: url,
            policy,
            providers: Some(providers),
        };
        let server = setup.start().await?;
        let mut channels = Vec::new();
        for _ in 0..args.connections.max(1) {
            channels.push(server.connect().await?);
        }
        let common = Arc::new(Common {
            batch: args.batch.max(1),
            request_ids: args.request_ids,
            services: args.services,
            incidents: OnceLock::new(),
            acknowledged: AtomicU64::new(0),
            delivered,
        });
        let next = Arc::new(AtomicU64::new(FIRING));
        Ok(Bench { server, common, next, data, database, channels, receiver, folder })
    }

    /// Callers spread over the connections.
    pub(crate) fn callers(&self, scenario: Scenario, count: usize) -> Vec<Caller> {
        let channels = self.channels.iter().cycle().take(count.max(1));
        channels.map(|channel| Caller::new(scenario, &self.common, channel)).collect()
    }

    /// Brings about what a scenario presupposes.
    pub(crate) async fn prepare(&self, scenario: Scenario, args: &Args) -> Result<(), Failure> {
        match scenario {
            Scenario::AlertsRepeat => {
                let mut caller = self.callers(scenario, 1).remove(0);
                for n in 0..FIRING {
                    caller.alert(format!("repeat-{n}"), "plain", n).await?;
                }
            }
            Scenario::Ack => {
                let seconds = args.seconds + args.warm_up;
                let names = self.open((seconds * ACKNOWLEDGED_PER_SECOND) as usize).await?;
                self.common.incidents.set(names).map_err(|_| "prepared twice")?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Opens incidents by reports; their names.
    pub(crate) async fn open(&self, count: usize) -> Result<Vec<String>, Failure> {
        let callers = self.callers(Scenario::Report, 128);
        let shares = count.div_ceil(callers.len());
        let mut tasks = JoinSet::new();
        for mut caller in callers {
            let next = Arc::clone(&self.next);
            tasks.spawn(async move {
                let mut names = Vec::with_capacity(shares);
                for _ in 0..shares {
                    names.push(caller.report(next.fetch_add(1, Ordering::Relaxed)).await?);
                }
                Ok::<_, tonic::Status>(names)
            });
        }
        let mut names = Vec::with_capacity(count);
        while let Some(part) = tasks.join_next().await {
            names.extend(part??);
        }
        names.truncate(count);
        Ok(names)
    }

    /// Bytes that the database occupies now.
    pub(crate) async fn stored_bytes(&self) -> u64 {
        match &self.database {
            Some(database) => database.bytes().await,
            None => ["stentor.db", "stentor.db-wal"]
                .iter()
                .filter_map(|f| self.data.join(f).metadata().ok())
                .map(|m| m.len())
                .sum(),
        }
    }

    /// Stops the server and removes what was made.
    pub(crate) async fn end(self) -> Result<(), Failure> {
        let Bench { server, database, receiver, folder, .. } = self;
        server.stop().await?;
        drop(receiver);
        if let Some(database) = database {
            database.end().await;
        }
        drop(folder);
        Ok(())
    }
}

async fn receiver(delivered: &Arc<Delivered>) -> std::io::Result<Receiver> {
    let delivered = Arc::clone(delivered);
    Receiver::start(Arc::new(move |_, body| {
        if let Some(n) = requests::number_in(body) {
            delivered.arrived(n);
        }
    }))
    .await
}

/// How long pages may take after the last alert was sent.
pub(crate) const DRAIN: Duration = Duration::from_secs(60);
