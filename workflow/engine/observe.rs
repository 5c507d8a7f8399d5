//! What the engine lets others measure. Nothing here may fail, wait or change anything: paging never depends on
//! telemetry.

use std::fmt::Debug;
use std::time::Duration;

use stentor_core::instance::{Event, Instance};

/// Receives measurements. Every method has an empty default.
pub trait Observer: Send + Sync + Debug {
    /// A batch committed: commands in it and the time the store took.
    fn committed(&self, commands: usize, took: Duration) {
        let _ = (commands, took);
    }
    /// A deadline fired so late.
    fn fired(&self, lateness_ms: i64) {
        let _ = lateness_ms;
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
