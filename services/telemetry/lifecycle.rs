//! Tells an ended incident's life as one trace: the root is the life, its children are phases, levels and clocks with
//! the instants that they really had. It runs beside the engine and holds nobody up.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span, SpanBuilder, SpanKind};
use stentor_core::incident::Incident;
use stentor_core::time::Timestamp;
use stentor_engine::observe::Origin;
use stentor_engine::{Engine, Error, Transition};

use super::derived;
use super::spans::{INCIDENT, Life, Spans, instant, life, link};
use super::story::{Part, Piece, Story, tell};

/// Events read of a history in one go.
const PAGE: u32 = 500;

/// Parts told of one life: the first ones, for an incident of thousands of levels is a mistake in its policy.
const PARTS_MAX: usize = 500;

/// Tells every life that ends from now on, for as long as the process runs.
pub fn tell_lifecycles(engine: Engine, spans: Arc<Spans>) {
    let Some(mut lives) = spans.lives() else { return };
    tokio::spawn(async move {
        while let Some(ended) = lives.recv().await {
            match history(&engine, &ended).await {
                Ok(history) => {
                    if let Some(story) = tell(&ended.id, &history) {
                        export(&spans, &story);
                    }
                }
                Err(error) => tracing::warn!(id = %ended.id, %error, "the life of an incident is not told"),
            }
        }
    });
}

/// The history up to the event that ended the life.
async fn history(engine: &Engine, ended: &Life) -> Result<Vec<Transition>, Error> {
    let mut all: Vec<Transition> = Vec::new();
    loop {
        let after = all.last().map_or(0, |last| last.version);
        let page = engine.history(&ended.id, after, PAGE).await?;
        let last = page.len() < PAGE as usize;
        all.extend(page.into_iter().filter(|transition| transition.version <= ended.version));
        if last || all.last().is_some_and(|last| last.version >= ended.version) {
            return Ok(all);
        }
    }
}

fn export(spans: &Spans, story: &Story) {
    let incident = &story.incident;
    let first = life(&incident.id);
    let (root, links) = if story.earlier_ends == 0 {
        (first, Vec::new())
    } else {
        let again = format!("{}/{}", incident.id, story.earlier_ends);
        (derived::ids("lifecycle", &again), vec![link(first)])
    };
    if !spans.keeps(root) {
        return;
    }
    let builder = SpanBuilder::from_name("incident lifecycle")
        .with_kind(SpanKind::Internal)
        .with_start_time(instant(incident.opened_at))
        .with_attributes(about(incident))
        .with_links(links);
    let span = spans.root(root, builder);
    for piece in story.pieces.iter().take(PARTS_MAX) {
        part(spans, root, piece);
    }
    let mut span = span;
    span.end_with_timestamp(instant(story.ended));
}

fn part(spans: &Spans, root: Origin, piece: &Piece) {
    let (name, attributes) = match &piece.part {
        Part::Phase(phase) => {
            ("phase".to_owned(), vec![KeyValue::new("stentor.incident.phase", phase.as_str())])
        }
        Part::Level { level, round } => (
            "escalation level".to_owned(),
            vec![
                KeyValue::new("stentor.escalation.level", i64::from(*level)),
                KeyValue::new("stentor.escalation.round", i64::from(*round)),
            ],
        ),
        Part::Clock { name, kind, state, target, breached } => (
            format!("clock {kind}"),
            vec![
                KeyValue::new("stentor.sla.clock", name.clone()),
                KeyValue::new("stentor.sla.kind", *kind),
                KeyValue::new("stentor.sla.state", state.as_str()),
                KeyValue::new("stentor.sla.target_s", target.as_secs() as i64),
                KeyValue::new("stentor.sla.breached", *breached),
            ],
        ),
    };
    let builder = SpanBuilder::from_name(name)
        .with_kind(SpanKind::Internal)
        .with_start_time(instant(piece.begun))
        .with_attributes(attributes)
        .with_links(piece.origin.map(link).into_iter().collect());
    spans.child(root, builder).end_with_timestamp(instant(piece.ended));
}

fn about(incident: &Incident) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new(INCIDENT, incident.id.to_string()),
        KeyValue::new("stentor.incident.reference", format!("INC-{}", incident.number)),
        KeyValue::new("stentor.incident.priority", incident.priority.as_str()),
        KeyValue::new("stentor.incident.service", incident.service.to_string()),
        KeyValue::new("stentor.incident.phase", incident.phase.as_str()),
    ];
    let triggered = incident.times.triggered.unwrap_or(incident.opened_at);
    let times = [
        ("stentor.incident.time_to_acknowledge_s", incident.times.acknowledged),
        ("stentor.incident.time_to_mitigate_s", incident.times.mitigated),
        ("stentor.incident.time_to_resolve_s", incident.times.resolved),
    ];
    let seconds = |at: Timestamp| at.since(triggered).millis().max(0) as f64 / 1000.0;
    attributes
        .extend(times.into_iter().filter_map(|(name, at)| at.map(|at| KeyValue::new(name, seconds(at)))));
    attributes
}
