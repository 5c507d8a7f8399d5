//! Notes and evidence: accepted in every phase, because what is learned late is worth keeping too. What follows from
//! the end of a hold is decided with the holds.

use crate::actor::Actor;
use crate::limits;
use crate::refusal::Refusal;
use crate::time::Timestamp;

use super::{number, unknown};
use crate::incident::draft::Draft;
use crate::incident::event::{EndWhy, PagingEvent};
use crate::incident::kinds::{HoldReason, Phase};
use crate::incident::work_event::WorkEvent;

pub(super) fn add(draft: &mut Draft<'_>, text: &str, by_reporter: bool) -> Result<(), Refusal> {
    limits::required(text, "text", limits::NOTE)?;
    let by_reporter = by_reporter || is_reporter(draft);
    draft.emit(WorkEvent::NoteAdded { text: text.to_owned(), by_reporter, late: is_late(draft) });
    let awaited = draft.state.hold.as_ref().is_some_and(|h| h.reason == HoldReason::AwaitingReporter);
    if by_reporter && awaited {
        draft.emit(PagingEvent::Resumed { why: EndWhy::Answered });
    }
    Ok(())
}

/// A change elsewhere. It pages nobody and moves no deadline: whether it matters is for people to say.
pub(super) fn report_change(
    draft: &mut Draft<'_>,
    summary: &str,
    source: &str,
    url: &str,
    at: Option<Timestamp>,
) -> Result<(), Refusal> {
    limits::required(summary, "summary", limits::NOTE)?;
    let [summary, source, url] = [summary, source, url].map(str::to_owned);
    draft.emit(WorkEvent::ChangeReported { summary, source, url, at });
    Ok(())
}

/// Whether the caller is who reported the incident: by id, or by the name that a platform gave.
fn is_reporter(draft: &Draft<'_>) -> bool {
    let reporter = &draft.state.reporter;
    match draft.cx.actor {
        _ if reporter.is_empty() => false,
        Actor::Person(id) => reporter == id.as_str() || *reporter == draft.cx.actor.to_string(),
        actor => *reporter == actor.to_string(),
    }
}

fn is_late(draft: &Draft<'_>) -> bool {
    draft.state.phase == Phase::Closed
}

pub(super) fn add_evidence(
    draft: &mut Draft<'_>,
    title: &str,
    body: &str,
    trace_id: &str,
) -> Result<(), Refusal> {
    limits::required(title, "title", limits::TITLE)?;
    limits::required(body, "body", usize::MAX)?;
    if body.len() > limits::EVIDENCE_BYTES {
        return Err(limits::bad("body", format!("is limited to {} bytes", limits::EVIDENCE_BYTES)));
    }
    let is_trace_id = trace_id.len() == 32 && trace_id.bytes().all(|b| b.is_ascii_hexdigit());
    if !(trace_id.is_empty() || is_trace_id) {
        return Err(limits::bad("trace_id", "is not 32 hex digits".to_owned()));
    }
    limits::room(draft.state.work.evidence.len(), "evidence", limits::OF_EACH)?;
    let n = number(draft, |w| &w.evidence);
    draft.emit(WorkEvent::EvidenceAdded {
        n,
        title: title.to_owned(),
        body: body.to_owned(),
        trace_id: trace_id.to_ascii_lowercase(),
        late: is_late(draft),
    });
    Ok(())
}

pub(super) fn retract_evidence(draft: &mut Draft<'_>, n: u32, reason: &str) -> Result<(), Refusal> {
    let evidence = draft.state.work.evidence.get(&n).ok_or_else(|| unknown("evidence", n))?;
    limits::reason(reason, "reason")?;
    if !evidence.retracted {
        draft.emit(WorkEvent::EvidenceRetracted { n, reason: reason.to_owned() });
    }
    Ok(())
}
