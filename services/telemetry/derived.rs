//! Ids of spans that anybody can work out: the trace of a delivery, a deadline or an incident's life is a digest of its
//! name, so that a link to it needs no stored row, survives a restart and is the same on every replica.

use std::cell::Cell;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use sha2::{Digest, Sha256};
use stentor_engine::observe::Origin;

thread_local! {
    /// What the next root span on this thread is called.
    static NEXT: Cell<Option<Origin>> = const { Cell::new(None) };
}

/// Random ids, but for the span that [`named`] makes.
#[derive(Debug, Default)]
pub(super) struct DerivedIds(RandomIdGenerator);

impl IdGenerator for DerivedIds {
    fn new_trace_id(&self) -> TraceId {
        NEXT.get().map_or_else(|| self.0.new_trace_id(), |next| TraceId::from(next.trace))
    }

    fn new_span_id(&self) -> SpanId {
        NEXT.get().map_or_else(|| self.0.new_span_id(), |next| SpanId::from(next.span))
    }
}

/// The ids of the one thing of this name.
pub(super) fn ids(family: &str, name: &str) -> Origin {
    let digest = Sha256::new().chain_update(family).chain_update([0]).chain_update(name).finalize();
    let mut halves = ([0; 16], [0; 8]);
    halves.0.copy_from_slice(&digest[..16]);
    halves.1.copy_from_slice(&digest[16..24]);
    // Zero is no id in W3C's sense.
    Origin { trace: u128::from_be_bytes(halves.0).max(1), span: u64::from_be_bytes(halves.1).max(1) }
}

/// Makes the span of a closure with these ids.
pub(super) fn named<S>(ids: Origin, make: impl FnOnce() -> S) -> S {
    NEXT.set(Some(ids));
    let span = make();
    NEXT.set(None);
    span
}

/// The sampled span that runs now.
pub(super) fn current() -> Option<Origin> {
    Context::map_current(|context| {
        let span = context.span();
        let span = span.span_context();
        let ids = || Origin {
            trace: u128::from_be_bytes(span.trace_id().to_bytes()),
            span: u64::from_be_bytes(span.span_id().to_bytes()),
        };
        (span.is_valid() && span.is_sampled()).then(ids)
    })
}

/// A sampled span of these ids, made elsewhere or at another time.
pub(super) fn context(ids: Origin) -> SpanContext {
    SpanContext::new(
        TraceId::from(ids.trace),
        SpanId::from(ids.span),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_id_and_only_the_span_made_for_it_gets_it() {
        let (generator, life) = (DerivedIds::default(), ids("lifecycle", "inc-1/0"));
        assert_eq!(life, ids("lifecycle", "inc-1/0"));
        assert_ne!(life, ids("lifecycle", "inc-1/1"));
        assert_ne!(ids("a", "b"), ids("ab", ""));
        let made = named(life, || (generator.new_span_id(), generator.new_trace_id()));
        assert_eq!(made, (SpanId::from(life.span), TraceId::from(life.trace)));
        assert_ne!(generator.new_trace_id(), TraceId::from(life.trace), "the next one is random again");
    }
}
