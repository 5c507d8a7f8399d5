//! One server process of a world, on a thread of its own: it can be stopped in order, or killed with everything that
//! it had under way. Inside, everything runs on one thread, so that "nothing is under way" is a fact and not a guess.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use stentor::notify::{Carrier, Providers};
use stentor_core::time::Timestamp;
use stentor_engine::clock::ManualClock;
use stentor_engine::observe::Blind;
use stentor_engine::{Engine, Options};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use super::axe::Axe;
use super::place;
use super::post::Post;
use crate::support::around::Around;

/// A running server.
#[derive(Debug)]
pub struct Process {
    pub engine: Engine,
    routes: Routes,
    handle: Handle,
    shutdown: CancellationToken,
    kill: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts a server on a store. Returns when it leads the partitions that nobody else leads.
    pub async fn start(
        address: &str,
        replica: &str,
        clock: Arc<ManualClock>,
        post: Arc<Post>,
        axe: Arc<Axe>,
    ) -> Process {
        let (ready, started) = oneshot::channel();
        let (kill, killed) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name(replica.to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.expect("a runtime");
                // A test that ended early no longer listens.
                let _ = ready.send(runtime.handle().clone());
                // Both an order and a dropped sender end it, and with it every task.
                let _ = runtime.block_on(killed);
            })
            .expect("a thread");
        let handle = started.await.expect("the server's thread runs");
        let (address, replica) = (address.to_owned(), replica.to_owned());
        let engine =
            handle.spawn(begin(address, replica, clock, post, axe)).await.expect("the server starts");
        let shutdown = CancellationToken::new();
        let keys = Arc::new(|id: &_, _| stentor::wire::directory::Keys {
            key: format!("key of {id}"),
            signing: format!("secret of {id}"),
        });
        // Tests of ways to people are shown on the console; whatever happens is carried by the post.
        let console = Providers::load(None, true).expect("no file, no mistake");
        let carrier = Arc::new(Carrier::new(console, None));
        let routes =
            stentor::serve::routes(Routes::default(), &engine, carrier, keys, shutdown.clone(), false)
                .prepare();
        Process { engine, routes, handle, shutdown, kill: Some(kill), thread: Some(thread) }
    }

    /// Runs something inside of the server.
    pub async fn inside<T: Send + 'static>(&self, what: impl Future<Output = T> + Send + 'static) -> T {
        self.handle.spawn(what).await.expect("the server does not panic")
    }

    /// Begins something inside of the server without waiting for it.
    pub fn begin<T: Send + 'static>(
        &self,
        what: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.handle.spawn(what)
    }

    /// The services, as a channel for clients.
    pub fn routes(&self) -> Routes {
        self.routes.clone()
    }

    /// Waits until nothing is under way and nothing is due.
    pub async fn settle(&self) {
        let engine = self.engine.clone();
        self.inside(async move { engine.settle().await }).await;
    }

    /// The next instant at which something happens by itself.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.engine.next_deadline()
    }

    /// Ends as on SIGTERM.
    pub async fn stop(self) {
        self.shutdown.cancel();
        let engine = self.engine.clone();
        self.inside(async move { engine.stop().await }).await;
    }

    /// Ends as on SIGKILL: whatever was under way is gone when this returns.
    pub fn kill(self) {}
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.kill.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has failed the test already.
            let _ = thread.join();
        }
    }
}

async fn begin(
    address: String,
    replica: String,
    clock: Arc<ManualClock>,
    sender: Arc<Post>,
    hands: Arc<Axe>,
) -> Engine {
    // Errors are shown with the test that failed; the first process of many sets it up.
    let _ = tracing_subscriber::fmt()
        .with_test_writer()
        .with_max_level(tracing_subscriber::filter::LevelFilter::ERROR)
        .try_init();
    let store = Arc::new(Around { store: place::open(&address, &replica).await, hands });
    let (partitions, alone) = (usize::from(store.store.partitions()), replica == "first");
    let options =
        Options { store, clock, sender, observer: Arc::new(Blind), replica, address: String::new() };
    let engine = Engine::start(options).await.expect("the engine starts");
    while alone && engine.pulse().leads < partitions {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    engine
}
