//! Spans of what the engine does by itself: commits, deadlines, and effects from the queue to the receiver. Each is a
//! short trace of its own, linked to what caused it and to the life of its incident; none stays open for hours.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Link, Span, SpanBuilder, SpanKind, Status, TraceContextExt, TraceId, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SdkTracer, ShouldSample};
use stentor_core::id::InstanceId;
use stentor_core::incident::Incident;
use stentor_core::instance::Instance;
use stentor_core::time::Timestamp;
use stentor_engine::observe::{Origin, Queued, Timer};
use stentor_engine::{Delivery, Sent};
use tokio::sync::mpsc;

use super::derived::{self, named};
use super::sampler;

/// Names the incident on every span that concerns one.
pub(super) const INCIDENT: &str = "stentor.incident.id";

/// Links on one commit; the SDK keeps no more.
const LINKS_MAX: usize = 128;

/// Lives that wait to be told; what does not fit is not told, for nothing here may wait.
const LIVES: usize = 256;

/// Makes the engine's spans.
pub struct Spans {
    tracer: SdkTracer,
    sampler: Sampler,
    lives: mpsc::Sender<Life>,
    waiting: std::sync::Mutex<Option<mpsc::Receiver<Life>>>,
}

/// An incident whose life has ended.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) id: InstanceId,
    /// The number of the event that ended it.
    pub(super) version: u64,
}

impl std::fmt::Debug for Spans {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Spans")
    }
}

impl Spans {
    pub(super) fn new(tracer: SdkTracer) -> Spans {
        let (lives, waiting) = mpsc::channel(LIVES);
        Spans { tracer, sampler: sampler::from_env(), lives, waiting: std::sync::Mutex::new(Some(waiting)) }
    }

    /// The call that runs now was answered about an instance.
    pub(super) fn concerns(&self, id: &InstanceId) {
        Context::map_current(|context| {
            let span = context.span();
            if span.is_recording() {
                span.set_attribute(KeyValue::new(INCIDENT, id.to_string()));
                span.add_link(derived::context(life(id)), Vec::new());
            }
        });
    }

    /// A batch that committed just now.
    pub(super) fn commit(&self, commands: usize, took: Duration, origins: &[Origin]) {
        let links = origins.iter().take(LINKS_MAX).map(|origin| link(*origin)).collect();
        let builder = SpanBuilder::from_name("commit")
            .with_kind(SpanKind::Internal)
            .with_start_time(opentelemetry::time::now() - took)
            .with_attributes([KeyValue::new("stentor.commit.commands", commands as i64)])
            .with_links(links);
        self.tracer.build_with_context(builder, &Context::new()).end();
    }

    /// The span that a deadline will have, if its trace is kept.
    pub(super) fn timer_origin(&self, timer: &Timer<'_>) -> Option<Origin> {
        let ids = timer_ids(timer);
        self.keeps(ids).then_some(ids)
    }

    /// A deadline that fired.
    pub(super) fn timer(&self, timer: &Timer<'_>, ended: Timestamp, after: Option<&Instance>) {
        let lateness = timer.began.since(timer.due).millis().max(0) as f64 / 1000.0;
        let mut attributes = vec![
            KeyValue::new("stentor.timer.kind", timer.kind),
            KeyValue::new("stentor.timer.due_time", timer.due.to_string()),
            KeyValue::new("stentor.timer.lateness_s", lateness),
            KeyValue::new(INCIDENT, timer.id.to_string()),
        ];
        let escalation = after.and_then(Instance::incident).and_then(|i| i.escalation.as_ref());
        if let Some(escalation) = escalation.filter(|_| timer.kind == "escalation") {
            attributes.push(KeyValue::new("stentor.escalation.level", i64::from(escalation.level)));
        }
        let builder = SpanBuilder::from_name(format!("timer {}", timer.kind))
            .with_kind(SpanKind::Internal)
            .with_start_time(instant(timer.began))
            .with_attributes(attributes)
            .with_links(vec![link(life(timer.id))]);
        self.root(timer_ids(timer), builder).end_with_timestamp(instant(ended));
    }

    /// An effect that waits to be sent.
    pub(super) fn queued(&self, queued: &Queued<'_>) {
        let mut links = vec![link(life(queued.id))];
        links.extend(queued.origin.map(link));
        let destination = family(queued.destination);
        let mut attributes = message(queued.effect, destination, "create", "create");
        attributes.push(KeyValue::new(INCIDENT, queued.id.to_string()));
        let builder = SpanBuilder::from_name(format!("create {destination}"))
            .with_kind(SpanKind::Producer)
            .with_attributes(attributes)
            .with_links(links);
        self.root(effect_ids(queued.effect), builder).end();
    }

    /// Begins an attempt to send an effect; what is sent under the context carries it on.
    pub fn delivery(&self, delivery: &Delivery) -> Context {
        let ids = effect_ids(&delivery.id);
        if !self.keeps(ids) {
            return Context::new();
        }
        let destination = delivery.what.destination();
        let destination = family(&destination);
        let mut attributes = message(&delivery.id, destination, "process", "process");
        attributes.push(KeyValue::new(INCIDENT, delivery.state.id().to_string()));
        attributes.push(KeyValue::new("stentor.effect.attempt", i64::from(delivery.attempt)));
        let builder = SpanBuilder::from_name(format!("process {destination}"))
            .with_kind(SpanKind::Consumer)
            .with_attributes(attributes);
        let parent = Context::new().with_remote_span_context(derived::context(ids));
        let span = self.tracer.build_with_context(builder, &parent);
        Context::new().with_span(span)
    }

    /// Ends an attempt.
    pub fn delivered(&self, attempt: &Context, sent: &Sent) {
        let span = attempt.span();
        let failure = match sent {
            Sent::Accepted { .. } => None,
            Sent::Failed { why, .. } => Some(("failed", why)),
            Sent::Refused { why } => Some(("refused", why)),
        };
        if let Some((class, why)) = failure {
            span.set_attribute(KeyValue::new("error.type", class));
            span.set_status(Status::error(why.clone()));
        }
        span.end();
    }

    /// An incident's life has ended and is to be told.
    pub(super) fn ended(&self, incident: &Incident) {
        let _ = self.lives.try_send(Life { id: incident.id.clone(), version: incident.version });
    }

    /// Lives that have ended; there is one who tells them.
    pub(super) fn lives(&self) -> Option<mpsc::Receiver<Life>> {
        self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }

    /// A root span of these ids.
    pub(super) fn root(&self, ids: Origin, builder: SpanBuilder) -> opentelemetry_sdk::trace::Span {
        named(ids, || self.tracer.build_with_context(builder, &Context::new()))
    }

    /// A span below another.
    pub(super) fn child(&self, of: Origin, builder: SpanBuilder) -> opentelemetry_sdk::trace::Span {
        let parent = Context::new().with_remote_span_context(derived::context(of));
        self.tracer.build_with_context(builder, &parent)
    }

    /// Whether a root span of these ids is kept.
    pub(super) fn keeps(&self, ids: Origin) -> bool {
        let trace = TraceId::from(ids.trace);
        let asked = self.sampler.should_sample(None, trace, "", &SpanKind::Internal, &[], &[]);
        asked.decision == SamplingDecision::RecordAndSample
    }
}

/// The root span of an incident's life.
pub(super) fn life(id: &InstanceId) -> Origin {
    derived::ids("lifecycle", id.as_str())
}

/// A link to a span.
pub(super) fn link(to: Origin) -> Link {
    Link::new(derived::context(to), Vec::new(), 0)
}

/// An instant of the store as telemetry has it.
pub(super) fn instant(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(at.0.max(0).unsigned_abs())
}

fn timer_ids(timer: &Timer<'_>) -> Origin {
    derived::ids("timer", &format!("{}/{}", timer.id, timer.due.0))
}

fn effect_ids(effect: &str) -> Origin {
    derived::ids("effect", effect)
}

/// `people`, `channels` or `engine`: whom exactly is not for a span's name.
fn family(destination: &str) -> &'static str {
    match destination.split('/').next() {
        Some("people") => "people",
        Some("channels") => "channels",
        _ => "engine",
    }
}

fn message(effect: &str, destination: &'static str, name: &'static str, kind: &'static str) -> Vec<KeyValue> {
    vec![
        KeyValue::new("messaging.system", "stentor_outbox"),
        KeyValue::new("messaging.operation.name", name),
        KeyValue::new("messaging.operation.type", kind),
        KeyValue::new("messaging.destination.name", destination),
        KeyValue::new("messaging.message.id", effect.to_owned()),
    ]
}
