//! What the engine lets others measure. Nothing here may fail, wait or change anything: paging never depends on
//! telemetry.

use std::fmt::Debug;
use std::time::Duration;

use stentor_core::id::InstanceId;
use stentor_core::instance::{Event, Instance};
use stentor_core::time::Timestamp;

mod origin;

pub use origin::Origin;

/// A deadline that fires.
#[derive(Debug, Clone, Copy)]
pub struct Timer<'a> {
    pub id: &'a InstanceId,
    /// What the deadline is for; `unread` where the instance was not in memory.
    pub kind: &'static str,
    pub due: Timestamp,
    /// When it was taken up.
    pub began: Timestamp,
}

/// An effect whose row has just been committed.
#[derive(Debug, Clone, Copy)]
pub struct Queued<'a> {
    /// Its idempotency id.
    pub effect: &'a str,
    pub id: &'a InstanceId,
    /// `people/…`, `channels/…` or `engine`.
    pub destination: &'a str,
    /// What made the transition that asked for it.
    pub origin: Option<Origin>,
}

/// Receives measurements. Every method has an empty default.
pub trait Observer: Send + Sync + Debug {
    /// Whether anybody asks where things come from. If not, nothing of [`Origin`] is made.
    fn traces(&self) -> bool {
        false
    }
    /// The span in which a caller runs who submits a command now.
    fn caller(&self) -> Option<Origin> {
        None
    }
    /// The caller that runs now was answered about an instance.
    fn answered(&self, id: &InstanceId) {
        let _ = id;
    }
    /// A batch committed: commands in it, the time the store took, and where its commands came from, as far as known.
    fn committed(&self, commands: usize, took: Duration, origins: &[Origin]) {
        let _ = (commands, took, origins);
    }
    /// A deadline is about to fire; what it changes comes from the span named in answer.
    fn firing(&self, timer: &Timer<'_>) -> Option<Origin> {
        let _ = timer;
        None
    }
    /// A deadline fired; `after` is the state that it left.
    fn fired(&self, timer: &Timer<'_>, ended: Timestamp, after: Option<&Instance>) {
        let _ = (timer, ended, after);
    }
    /// An effect waits to be sent. Told only to those who trace.
    fn queued(&self, queued: &Queued<'_>) {
        let _ = queued;
    }
    /// An event was recorded.
    fn recorded(&self, event: &Event) {
        let _ = event;
    }
    /// An instance went from one state to another in one commit; `None` before its first.
    fn changed(&self, before: Option<&Instance>, after: &Instance) {
        let _ = (before, after);
    }
    /// An effect was sent, failed or withdrawn; its age since it was due.
    fn delivered(&self, destination: &str, outcome: &'static str, age_ms: i64) {
        let _ = (destination, outcome, age_ms);
    }
    /// The auditor put a lost wake-up back.
    fn repaired(&self, kind: &'static str) {
        let _ = kind;
    }
    /// How far the tail is behind the partition's head, in positions.
    fn lag(&self, partition: u16, positions: i64) {
        let _ = (partition, positions);
    }
}

/// Observes nothing.
#[derive(Debug, Default, Clone, Copy)]
pub struct Blind;

impl Observer for Blind {}
