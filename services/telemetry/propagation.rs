//! Trace context in and out as W3C `traceparent` and `tracestate`, over HTTP headers and in stored rows.
//! Baggage is dropped at the door, because nothing here may act on what a stranger put there.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;

/// Longest `tracestate` taken over; longer ones are dropped whole.
const TRACESTATE_BYTES_MAX: usize = 512;

/// A trace context as text, the way events and outbox rows keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceParent {
    pub traceparent: String,
    pub tracestate: String,
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let value = self.0.get(key)?.to_str().ok()?;
        (key != "tracestate" || value.len() <= TRACESTATE_BYTES_MAX).then_some(value)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct HeadersMut<'a>(&'a mut HeaderMap);

impl Injector for HeadersMut<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

/// The caller's context, if it sent a valid one.
pub fn extract(headers: &HeaderMap) -> Option<Context> {
    headers.get("traceparent")?;
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers));
    context.span().span_context().is_valid().then_some(context)
}

/// Writes the current context into the headers of an outgoing request; without one nothing is written.
pub fn inject(headers: &mut HeaderMap) {
    let context = Context::current();
    if context.span().span_context().is_valid() {
        TraceContextPropagator::new().inject_context(&context, &mut HeadersMut(headers));
    }
}

/// The current context as text, to be stored beside what it caused.
pub fn current() -> Option<TraceParent> {
    let context = Context::current();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| TraceParent {
        traceparent: format!(
            "00-{}-{}-{:02x}",
            span.trace_id(),
            span.span_id(),
            span.trace_flags().to_u8() & 1
        ),
        tracestate: span.trace_state().header(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_context_goes_out_as_it_came_in() {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_static(PARENT));
        headers.insert("tracestate", HeaderValue::from_static("vendor=1"));
        headers.insert("baggage", HeaderValue::from_static("role=owner"));
        let attached = extract(&headers).unwrap().attach();

        let mut out = HeaderMap::new();
        inject(&mut out);
        let stored = current().unwrap();
        drop(attached);

        assert_eq!(out["traceparent"], PARENT);
        assert_eq!(out["tracestate"], "vendor=1");
        assert!(!out.contains_key("baggage"));
        assert_eq!(stored, TraceParent { traceparent: PARENT.into(), tracestate: "vendor=1".into() });
    }

    #[test]
    fn a_malformed_context_is_no_context() {
        for text in
            ["", "00-zz-00f067aa0ba902b7-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"]
        {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", HeaderValue::from_str(text).unwrap());
            assert!(extract(&headers).is_none(), "{text}");
        }
    }

    #[test]
    fn without_a_context_nothing_is_written() {
        let mut headers = HeaderMap::new();
        inject(&mut headers);
        assert!(headers.is_empty());
        assert_eq!(current(), None);
    }
}
