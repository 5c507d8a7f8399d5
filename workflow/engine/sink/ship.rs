//! One chunk of the feed to one sink: instances side by side, each one's events one after the other. It keeps nothing
//! in the store; what was accepted beyond the first failure is told, so that only a restart repeats it.

use std::collections::BTreeMap;

use futures::{FutureExt, StreamExt};
use stentor_core::id::InstanceId;

use super::{Sink, Untaken};
use crate::feed::FeedItem;
use crate::limits;

/// How many events of each transition were accepted, by position.
pub(super) type Accepted = BTreeMap<i64, usize>;

/// What became of a chunk.
#[derive(Debug, Default)]
pub(super) struct Shipped {
    /// Everything up to this position was accepted; none if not even the first item was.
    pub(super) upto: Option<i64>,
    /// The failure of the earliest item that was not accepted.
    pub(super) failure: Option<Untaken>,
}

/// Ships what of the items was not accepted before, and adds to `accepted`.
pub(super) async fn ship(sink: &dyn Sink, items: &[FeedItem], accepted: &mut Accepted) -> Shipped {
    let mut lines: BTreeMap<&InstanceId, Vec<(&FeedItem, usize)>> = BTreeMap::new();
    for item in items {
        let done = accepted.get(&item.pos).copied().unwrap_or(0);
        lines.entry(&item.id).or_default().push((item, done));
    }
    let lines: Vec<_> = lines.into_values().map(|line| one_by_one(sink, line).boxed()).collect();
    let mut lines = futures::stream::iter(lines).buffer_unordered(limits::SINK_LINES);
    let mut failures: BTreeMap<i64, Untaken> = BTreeMap::new();
    while let Some((taken, failure)) = lines.next().await {
        accepted.extend(taken);
        failures.extend(failure);
    }
    let whole =
        |item: &&FeedItem| accepted.get(&item.pos).copied().unwrap_or(0) >= item.transition.events.len();
    let upto = items.iter().take_while(whole).last().map(|item| item.pos);
    let gone = failures.values().find(|failure| failure.gone).cloned();
    let failure = gone.or_else(|| failures.into_values().next());
    if let Some(upto) = upto {
        accepted.retain(|pos, _| *pos > upto);
    }
    Shipped { upto, failure }
}

/// What was accepted of one instance, up to the first failure and where that was.
async fn one_by_one(sink: &dyn Sink, line: Vec<(&FeedItem, usize)>) -> (Accepted, Option<(i64, Untaken)>) {
    let mut taken = Accepted::new();
    for (item, done) in line {
        taken.insert(item.pos, done);
        for event in done..item.transition.events.len() {
            match sink.take(item, event).await {
                Ok(()) => taken.insert(item.pos, event + 1),
                Err(failure) => return (taken, Some((item.pos, failure))),
            };
        }
    }
    (taken, None)
}
