//! Counts what every sink took and did not take. It changes nothing of either.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use stentor_engine::{FeedItem, Sink, Start, Untaken};

use crate::telemetry::Metrics;

/// The same sinks, counted.
pub fn metered(sinks: Vec<Arc<dyn Sink>>, metrics: &Arc<Metrics>) -> Vec<Arc<dyn Sink>> {
    let one = |sink| Arc::new(Metered::new(sink, Arc::clone(metrics))) as Arc<dyn Sink>;
    sinks.into_iter().map(one).collect()
}

/// A sink that is counted.
struct Metered {
    sink: Arc<dyn Sink>,
    metrics: Arc<Metrics>,
}

impl Metered {
    fn new(sink: Arc<dyn Sink>, metrics: Arc<Metrics>) -> Metered {
        metrics.sink_known(sink.name());
        Metered { sink, metrics }
    }
}

impl std::fmt::Debug for Metered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sink.fmt(f)
    }
}

impl Sink for Metered {
    fn name(&self) -> &str {
        self.sink.name()
    }

    fn start(&self) -> Start {
        self.sink.start()
    }

    fn retries(&self) -> (&'static [Duration], bool) {
        self.sink.retries()
    }

    fn take<'a>(&'a self, item: &'a FeedItem, event: usize) -> BoxFuture<'a, Result<(), Untaken>> {
        let taken = self.sink.take(item, event);
        let count = move |taken: Result<(), Untaken>| {
            self.metrics.sink_attempt(self.name(), if taken.is_ok() { "accepted" } else { "failed" });
            taken
        };
        taken.map(count).boxed()
    }
}
