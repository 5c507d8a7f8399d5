//! The way out of the feed: every event to every sink, at least once, in order for each instance, from a position that
//! the store keeps. What an event looks like outside and how it travels is known by the sink alone.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::BoxFuture;
use stentor_core::time::Timestamp;

use crate::feed::FeedItem;
use crate::store::rows::{Head, SinkRow};

mod run;
mod ship;

pub(crate) use run::run;

/// Something that takes events. One of them that is slow or dead delays nobody but itself.
pub trait Sink: Send + Sync + std::fmt::Debug {
    /// Its name, the same after a restart: the position is kept under it.
    fn name(&self) -> &str;

    /// Where it begins when it is new.
    fn start(&self) -> Start;

    /// Waits after each failure in a row, and whether the last of them repeats. If it does not, the sink is disabled
    /// after one failure more.
    fn retries(&self) -> (&'static [Duration], bool);

    /// One attempt to hand over an event of a transition; success only if the other end has it for good. It may be
    /// dropped half-way, and the same event may come again, with others of its instance after it.
    fn take<'a>(&'a self, item: &'a FeedItem, event: usize) -> BoxFuture<'a, Result<(), Untaken>>;
}

/// Where a new sink begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the next event.
    Now,
    /// With the oldest event that the feed still has.
    Beginning,
}

/// An event was not taken, or nobody knows whether it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untaken {
    /// For operators. It carries no secret.
    pub why: String,
    /// The other end asks to wait at least so long.
    pub retry_after: Option<Duration>,
    /// The other end wants nothing any more.
    pub gone: bool,
}

/// A sink as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkStatus {
    pub row: SinkRow,
    /// Positions of the feed that it has not accepted; some of them may be holes.
    pub behind: i64,
    /// When the oldest event was committed that it has not accepted.
    pub oldest: Option<Timestamp>,
}

/// The positions at which a new sink begins.
pub(crate) fn positions(heads: &[Head], start: Start) -> BTreeMap<u16, i64> {
    let at = |head: &Head| match start {
        Start::Now => head.head,
        Start::Beginning => head.trimmed,
    };
    heads.iter().map(|head| (head.partition, at(head))).collect()
}

/// The same positions, moved to where the feed is if they lie outside of it.
pub(crate) fn within(heads: &[Head], positions: &BTreeMap<u16, i64>) -> BTreeMap<u16, i64> {
    let at = |head: &Head| position(positions, head.partition).clamp(head.trimmed, head.head);
    heads.iter().map(|head| (head.partition, at(head))).collect()
}

pub(crate) fn position(positions: &BTreeMap<u16, i64>, partition: u16) -> i64 {
    positions.get(&partition).copied().unwrap_or(0)
}
