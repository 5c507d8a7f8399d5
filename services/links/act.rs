//! What a link can still do, and doing it. The words are for the person who was paged; nothing here knows of HTML.

use std::sync::Arc;

use stentor_core::actor::Actor;
use stentor_core::incident::Incident;
use stentor_core::policy::Policy;
use stentor_engine::Engine;
use stentor_proto::v1;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use crate::auth::Principal;
use crate::call;
use crate::wire::link::{Action, Link};

/// What the history says beside the person's name.
const BY_LINK: &str = "By the link in a message.";

/// Whether the link can act now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    Ready,
    /// What it would do has been done, in a sentence.
    Done(String),
    /// The page is over: why, in a sentence.
    Over(String),
}

/// The incident of a link, as the person who was paged sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub reference: String,
    pub title: String,
    pub priority: String,
    pub phase: String,
    pub service: String,
    /// Who acts, by their name.
    pub person: String,
    pub standing: Standing,
    /// The version that was seen, for a press that is to meet this one.
    etag: String,
}

/// What became of a press of the button.
#[derive(Debug)]
pub(super) enum Pressed {
    /// Done now, or a moment ago by the same link.
    Acted { replayed: bool },
    /// Something else happened since it was looked at: look again.
    Moved,
    /// The rules say no, in a sentence.
    Refused(String),
    /// Nobody knows; it may be tried again.
    Unavailable,
}

/// What the person sees; none if the link names nobody or nothing of this deployment any more.
///
/// # Errors
/// The incident cannot be read now.
pub(super) async fn view(engine: &Engine, link: &Link) -> Result<Option<View>, ()> {
    // Who has left the policy is not paged, and does not answer either.
    let Some(policy) = engine.policy().filter(|policy| policy.person(&link.person).is_some()) else {
        return Ok(None);
    };
    let state = match engine.read(&link.incident).await {
        Ok(state) => state,
        Err(stentor_engine::Error::NotFound(_)) => return Ok(None),
        Err(_) => return Err(()),
    };
    Ok(state.incident().map(|i| View {
        reference: i.reference(),
        title: i.title.clone(),
        priority: i.priority.to_string(),
        phase: i.phase.to_string(),
        service: i.service.to_string(),
        person: name(&policy, &Actor::Person(link.person.clone())),
        standing: standing(i, link, &policy),
        etag: format!("\"{}\"", i.version),
    }))
}

/// The order matters: what ended says so first, then who answered.
fn standing(i: &Incident, link: &Link, policy: &Policy) -> Standing {
    let reference = i.reference();
    if !i.is_open() {
        return Standing::Over(format!("{reference} is {}.", i.phase.to_string().to_lowercase()));
    }
    if i.partial_acks.contains(&link.person) && link.action == Action::Acknowledge {
        return Standing::Done(
            "You have acknowledged it already; others of your level still have to.".to_owned(),
        );
    }
    if i.epoch != link.epoch {
        return match &i.ack {
            Some(ack) => Standing::Done(format!("Already acknowledged by {}.", name(policy, &ack.holder))),
            None => Standing::Over(
                "The page that this link came with is over. If you are paged again, the newer message has newer links."
                    .to_owned(),
            ),
        };
    }
    let level = reached(i);
    if link.action == Action::Escalate && level != link.level {
        return Standing::Done(format!("It has escalated already: level {level} was called."));
    }
    Standing::Ready
}

/// The level that escalation has reached; 0 before the first.
fn reached(i: &Incident) -> u32 {
    i.escalation.as_ref().map_or(0, |e| e.level)
}

fn name(policy: &Policy, actor: &Actor) -> String {
    let known = actor.person().and_then(|id| policy.person(id));
    known.map_or_else(|| actor.to_string(), |person| person.name.clone())
}

/// Does what the link is for, as the person who was paged, to the incident as it was seen: what somebody else did a moment
/// ago is not undone.
pub(super) async fn press(engine: &Engine, link: &Link, seen: &View) -> Pressed {
    let (name, request_id) = (format!("incidents/{}", link.incident), link.request_id());
    let etag = seen.etag.clone();
    let done = match link.action {
        Action::Acknowledge => {
            let note = BY_LINK.to_owned();
            let message = v1::AcknowledgeIncidentRequest { name, etag, request_id, note };
            let request = by_link(link, message);
            let answer = call::incident(engine, "AcknowledgeIncident", request).await;
            answer.map(|answer: tonic::Response<v1::AcknowledgeIncidentResponse>| answer.get_ref().replayed)
        }
        Action::Escalate => {
            let message = v1::EscalateIncidentRequest {
                name,
                etag,
                request_id,
                reason: BY_LINK.to_owned(),
                expected_level: i32::try_from(link.level).ok(),
                ..Default::default()
            };
            let request = by_link(link, message);
            let answer = call::incident(engine, "EscalateIncident", request).await;
            answer.map(|answer: tonic::Response<v1::EscalateIncidentResponse>| answer.get_ref().replayed)
        }
    };
    match done {
        Ok(replayed) => Pressed::Acted { replayed },
        Err(status) => refused(&status),
    }
}

/// The request as the door would let it in.
fn by_link<T>(link: &Link, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Arc::new(Principal::by_link(&link.person)));
    request
}

fn refused(status: &Status) -> Pressed {
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    match status.code() {
        // The other one: the same link acted a moment ago, on a version that we did not see.
        _ if reason == "STALE_ETAG" || reason == "REQUEST_ID_REUSED" => Pressed::Moved,
        Code::FailedPrecondition | Code::Aborted | Code::InvalidArgument | Code::NotFound => {
            Pressed::Refused(status.message().to_owned())
        }
        _ => Pressed::Unavailable,
    }
}

/// A view for tests of how it is shown.
#[cfg(test)]
pub(super) fn example() -> View {
    View {
        reference: "INC-7".into(),
        title: "<script>alert('x')</script> & \"more\"\u{0}".into(),
        priority: "P1".into(),
        phase: "ACTIVE".into(),
        service: "checkout".into(),
        person: "Ana <b>".into(),
        standing: Standing::Ready,
        etag: "\"1\"".into(),
    }
}
