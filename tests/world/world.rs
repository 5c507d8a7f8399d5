//! The world itself: one place for data, one clock, one post, and the process that runs now. Time moves only when a
//! scenario says so, and then through every deadline in order.

use std::sync::Arc;

use stentor_core::time::{Duration, Timestamp};
use stentor_engine::clock::ManualClock;

use super::axe::Axe;
use super::place::{Backend, Place};
use super::post::Post;
use super::process::Process;
use super::rpc::{Refused, Rpc};

/// When every world begins: 2026-06-03T10:00:00Z, a Wednesday noon in Berlin; the sample's `ana` is on call.
pub const START: Timestamp = Timestamp(1_780_480_800_000);

/// Everything that a scenario needs.
#[derive(Debug)]
pub struct World {
    pub backend: Backend,
    pub clock: Arc<ManualClock>,
    pub post: Arc<Post>,
    /// Hangs over every server of the world.
    pub axe: Arc<Axe>,
    place: Place,
    process: Option<Process>,
}

impl World {
    /// A fresh world at [`START`], without a policy.
    pub async fn start(backend: Backend) -> World {
        let place = Place::new(backend).await;
        let (clock, post) = (Arc::new(ManualClock::new(START)), Arc::new(Post::default()));
        let mut world = World { backend, clock, post, axe: Arc::default(), place, process: None };
        world.process = Some(world.replica("first").await);
        world
    }

    /// One more server on the same store, clock and post.
    pub async fn replica(&self, name: &str) -> Process {
        let (clock, post, axe) = (Arc::clone(&self.clock), Arc::clone(&self.post), Arc::clone(&self.axe));
        Process::start(&self.place.address(), name, clock, post, axe).await
    }

    /// The server.
    pub fn process(&self) -> &Process {
        self.process.as_ref().expect("a world has a server but while it restarts")
    }

    /// Ends the server in order and starts it again.
    pub async fn restart(&mut self) {
        let process = self.process.take().expect("a server");
        process.stop().await;
        self.process = Some(self.replica("first").await);
        self.settle().await;
    }

    /// Kills the server and starts it again.
    pub async fn crash(&mut self) {
        self.kill();
        self.revive().await;
    }

    /// Kills the server; [`World::revive`] starts it again.
    pub fn kill(&mut self) {
        self.process.take().expect("a server").kill();
    }

    /// Starts the server that was killed.
    pub async fn revive(&mut self) {
        self.place.released_by("first").await;
        self.process = Some(self.replica("first").await);
        self.settle().await;
    }

    /// The address of the store.
    pub fn address(&self) -> String {
        self.place.address()
    }

    /// Ends the world and drops its data.
    pub async fn end(mut self) {
        self.process.take().expect("a server").stop().await;
        self.place.end().await;
    }

    pub fn now(&self) -> Timestamp {
        self.process().engine.now()
    }

    /// Waits until the server has nothing to do before the clock moves.
    pub async fn settle(&self) {
        self.process().settle().await;
    }

    /// Moves the clock so far, halting at every deadline on the way.
    pub async fn advance(&self, by: Duration) {
        self.advance_to(self.now() + by).await;
    }

    /// Moves the clock to an instant, halting at every deadline on the way.
    pub async fn advance_to(&self, end: Timestamp) {
        loop {
            self.settle().await;
            match self.process().next_deadline() {
                Some(at) if at <= end => self.clock.set(at),
                _ => break,
            }
        }
        self.clock.set(end);
        self.settle().await;
    }

    /// Asks the services and waits until everything that follows at once has happened.
    ///
    /// # Errors
    /// What the services refuse.
    pub async fn ask<Q: Rpc>(&self, actor: &str, request: Q) -> Result<Q::Answer, Refused> {
        let answer = self.process().ask(actor, request).await;
        self.settle().await;
        answer
    }

    /// Asks what must be granted.
    pub async fn say<Q: Rpc>(&self, actor: &str, request: Q) -> Q::Answer {
        let name = std::any::type_name::<Q>();
        self.ask(actor, request).await.unwrap_or_else(|no| panic!("{name} by {actor}: {no:?}"))
    }

    /// Asks what must be refused; returns the reason.
    pub async fn refused<Q: Rpc>(&self, actor: &str, request: Q) -> String {
        let name = std::any::type_name::<Q>();
        match self.ask(actor, request).await {
            Ok(_) => panic!("{name} by {actor} was granted"),
            Err(no) => no.reason,
        }
    }
}
