//! What every handler does between understanding and rendering: who calls, until when, under which request id, and the
//! states that an answer shows. It decides nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::incident::Incident;
use stentor_core::instance::{Answer, Command, Instance};
use stentor_core::policy::Policy;
use stentor_engine::{Engine, Error, Reply, RequestId, Submission, To};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::auth::Principal;
use crate::wire::ask::{Ask, Asker, IncidentRequest, IncidentResponse};
use crate::wire::fields::Name;
use crate::wire::incident::{self, Frame};
use crate::wire::record::Sources;
use crate::wire::{seal, status};

/// Unary calls last no longer, whatever the caller says.
const LONGEST: Duration = Duration::from_secs(30);

/// Links whose references are looked up for one answer.
const REFERENCES: usize = 50;

/// One call: its door is passed, its request not yet read.
#[derive(Debug, Clone)]
pub struct Call {
    pub principal: Arc<Principal>,
    /// When the caller stops waiting.
    pub deadline: Instant,
    method: &'static str,
    /// The request as bytes; hashed only if a request id asks to remember it.
    body: Vec<u8>,
    hash: OnceLock<String>,
}

impl Call {
    /// Takes a request apart into its call and its message.
    pub fn open<T: prost::Message>(method: &'static str, request: Request<T>) -> Result<(Call, T), Status> {
        let principal = Principal::of(request.extensions())?;
        let deadline = Instant::now() + patience(&request);
        let message = request.into_inner();
        let body = message.encode_to_vec();
        Ok((Call { principal, deadline, method, body, hash: OnceLock::new() }, message))
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.principal.actor
    }

    /// The request id as it is remembered: for this credential and method alone.
    pub fn request(&self, id: Option<&String>) -> Option<RequestId> {
        let id = id?;
        let key = format!("{}/{}/{}/{id}", self.principal.credential, self.principal.actor, self.method);
        let body_hash = self.hash.get_or_init(|| seal::digest(&self.body)).clone();
        Some(RequestId { key, body_hash })
    }
}

/// How long the caller waits.
fn patience<T>(request: &Request<T>) -> Duration {
    let header = request.metadata().get("grpc-timeout").and_then(|value| value.to_str().ok());
    header.and_then(timeout).unwrap_or(LONGEST).min(LONGEST)
}

/// At most 8 digits and a unit.
fn timeout(header: &str) -> Option<Duration> {
    let (digits, unit) = header.split_at_checked(header.len().checked_sub(1)?)?;
    let n: u64 = if digits.len() <= 8 { digits.parse().ok()? } else { return None };
    Some(match unit {
        "H" => Duration::from_secs(n * 3600),
        "M" => Duration::from_secs(n * 60),
        "S" => Duration::from_secs(n),
        "m" => Duration::from_millis(n),
        "u" => Duration::from_micros(n),
        "n" => Duration::from_nanos(n),
        _ => return None,
    })
}

/// Understands a request about one incident, submits what it asks for, and renders the incident.
pub async fn incident<Q: IncidentRequest, A: IncidentResponse>(
    engine: &Engine,
    method: &'static str,
    request: Request<Q>,
) -> Result<Response<A>, Status> {
    let (call, request) = Call::open(method, request)?;
    let ask = request.understand(&asker(engine, &call)).map_err(|wrong| status::invalid_fields(&wrong))?;
    let (incident, replayed, added) = submit(engine, &call, ask).await?;
    Ok(Response::new(A::render(incident, replayed, added)))
}

/// Who asks, when, under which policy.
pub fn asker(engine: &Engine, call: &Call) -> Asker {
    let newest_policy = engine.policy().map_or(0, |policy| policy.number());
    Asker { actor: call.actor().clone(), now: engine.now(), newest_policy }
}

/// Submits what was asked, in order. Answers with the incident after it, whether that was a repeat, and the number of
/// what was added.
pub async fn submit(engine: &Engine, call: &Call, ask: Ask) -> Result<(v1::Incident, bool, u32), Status> {
    let id = find(engine, &ask.name).await?;
    let actor = ask.actor.clone().unwrap_or_else(|| call.actor().clone());
    let (validate_only, mut expected, request) = (ask.validate_only, ask.expected, ask.request.clone());
    let (commands, main) = ask.commands();
    let mut answered = (false, 0);
    let mut state = None;
    for (i, command) in commands.into_iter().enumerate() {
        // The main command keeps the caller's id; what goes with it gets one of its own.
        let part = if i == main { request.clone() } else { request.as_ref().map(|id| format!("{id}/{i}")) };
        let submission = Submission {
            to: To::Instance(id.clone()),
            actor: actor.clone(),
            command: Command::Incident(command),
            request: call.request(part.as_ref()),
            expected_version: expected.take(),
            deadline: Some(call.deadline),
            validate_only,
        };
        let reply = engine.submit(submission).await.map_err(status::of_engine)?;
        if i == main {
            answered = (reply.replayed, added(&reply));
        }
        state = reply.state;
    }
    let state = match state {
        Some(state) => state,
        None => engine.read(&id).await.map_err(status::of_engine)?,
    };
    Ok((full(engine, &state).await?, answered.0, answered.1))
}

/// The number of what a command added, 0 if it added nothing.
pub fn added(reply: &Reply) -> u32 {
    match reply.answer {
        Answer::Added(n) => n,
        Answer::Done | Answer::Heard(_) => 0,
    }
}

/// The id of an incident that is named by id or reference.
pub async fn find(engine: &Engine, name: &Name) -> Result<InstanceId, Status> {
    match name {
        Name::Id(id) => Ok(id.clone()),
        Name::Number(number) => engine.find("incident", *number).await.map_err(status::of_engine),
    }
}

/// An incident in full view.
pub async fn full(engine: &Engine, state: &Instance) -> Result<v1::Incident, Status> {
    let i = incident_of(state)?;
    let policy = pinned(engine, i.policy).await;
    let (records, signals) = match i.alerts.is_empty() {
        true => (Vec::new(), BTreeMap::new()),
        false => {
            let known = futures::future::try_join(engine.alerts(&i.id), engine.signals(i)).await;
            known.map_err(status::of_engine)?
        }
    };
    let alerts = Sources { records: &records, signals: &signals };
    let mut references = BTreeMap::new();
    for relation in i.relations.iter().take(REFERENCES) {
        if let Ok(other) = engine.read(&relation.to).await {
            references.extend(other.incident().map(|o| (relation.to.clone(), o.reference())));
        }
    }
    let frame = Frame { now: engine.now(), policy: policy.as_deref(), alerts, references: &references };
    Ok(incident::full(i, &frame))
}

/// An incident in basic view.
pub async fn basic(engine: &Engine, state: &Instance) -> Result<v1::Incident, Status> {
    let i = incident_of(state)?;
    let policy = pinned(engine, i.policy).await;
    let (references, signals) = (BTreeMap::new(), BTreeMap::new());
    let alerts = Sources { records: &[], signals: &signals };
    let frame = Frame { now: engine.now(), policy: policy.as_deref(), alerts, references: &references };
    Ok(incident::basic(i, &frame))
}

/// The policy that an instance is decided by. Without it an answer lacks what only the policy knows.
pub async fn pinned(engine: &Engine, number: u64) -> Option<Arc<Policy>> {
    match engine.policy() {
        Some(newest) if newest.number() == number => Some(newest),
        _ => engine.policy_version(number).await.ok().map(|version| Arc::clone(&version.policy)),
    }
}

/// The incident in a state; a review's id names no incident.
pub fn incident_of(state: &Instance) -> Result<&Incident, Status> {
    let absent = || status::of_engine(Error::NotFound("incident".to_owned()));
    state.incident().ok_or_else(absent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        assert_eq!(timeout("5S"), Some(Duration::from_secs(5)));
        assert_eq!(timeout("250m"), Some(Duration::from_millis(250)));
        assert_eq!(timeout("99999999H"), Some(Duration::from_secs(99_999_999 * 3600)));
        for bad in ["", "S", "5", "999999999S", "-1S", "5s", "5ü"] {
            assert_eq!(timeout(bad), None, "{bad}");
        }
    }
}
