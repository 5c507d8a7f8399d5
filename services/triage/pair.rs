//! Commands that concern two incidents: merge, split, relate. What happens to either is decided by the rules; here the
//! second one is found and waited for.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use stentor_core::id::InstanceId;
use stentor_core::incident::Command;
use stentor_core::incident::Event as IncidentEvent;
use stentor_core::incident::event::LifeEvent;
use stentor_core::instance::{Command as InstanceCommand, Event};
use stentor_core::refusal::Refusal;
use stentor_engine::{Engine, Error, Submission};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::{self, Call};
use crate::wire::ask::Ask;
use crate::wire::status;
use crate::wire::triage::{self, Pair, PairWish};

/// How often the state is looked at if nothing wakes us.
const GLANCE: Duration = Duration::from_millis(250);

/// Links an incident to another one.
pub(super) async fn relate(
    engine: &Engine,
    request: Request<v1::RelateIncidentRequest>,
) -> Result<Response<v1::RelateIncidentResponse>, Status> {
    let (call, request) = Call::open("RelateIncident", request)?;
    let pair = triage::relate(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let (ask, _) = complete(engine, pair).await?;
    let (incident, replayed, _) = call::submit(engine, &call, ask).await?;
    Ok(Response::new(v1::RelateIncidentResponse { incident: Some(incident), replayed }))
}

/// Merges one incident into another; answers when the source has ended or the target has refused.
pub(super) async fn merge(
    engine: &Engine,
    request: Request<v1::MergeIncidentRequest>,
) -> Result<Response<v1::MergeIncidentResponse>, Status> {
    let (call, request) = Call::open("MergeIncident", request)?;
    let pair = triage::merge(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let source = call::find(engine, &pair.ask.name).await?;
    let (mut ask, target) = complete(engine, pair).await?;
    if ask.validate_only {
        return rehearse(engine, &call, ask, &source, &target).await;
    }
    // A remark would meet an incident that has ended meanwhile; it goes first.
    ask.before = ask.after.take();
    let (_, replayed, _) = call::submit(engine, &call, ask).await?;
    merged(engine, &source, &target, call.deadline).await?;
    let incident = read(engine, &source).await?;
    let target = read(engine, &target).await?;
    Ok(Response::new(v1::MergeIncidentResponse { incident: Some(incident), target: Some(target), replayed }))
}

/// What both incidents have against a merge. Nothing changes.
async fn rehearse(
    engine: &Engine,
    call: &Call,
    ask: Ask,
    source: &InstanceId,
    target: &InstanceId,
) -> Result<Response<v1::MergeIncidentResponse>, Status> {
    let state = engine.read(source).await.map_err(status::of_engine)?;
    let i = call::incident_of(&state)?;
    let absorb = Command::Absorb {
        from: source.clone(),
        reference: i.reference(),
        alerts: Vec::new(),
        reports: 0,
        priority: i.priority,
        raise_priority: false,
        exercise: i.exercise,
        subscribers: BTreeMap::new(),
        tasks: Vec::new(),
    };
    let submission = |to: &InstanceId, command, expected_version| Submission {
        expected_version,
        deadline: Some(call.deadline),
        validate_only: true,
        ..Submission::new(to.clone(), call.actor().clone(), command)
    };
    let tried = [
        engine.submit(submission(source, InstanceCommand::Incident(ask.command), ask.expected)).await,
        engine.submit(submission(target, InstanceCommand::Incident(absorb), None)).await,
    ];
    let mut refusals: Vec<Refusal> = Vec::new();
    for answer in tried {
        match answer {
            Ok(_) => {}
            Err(Error::RefusedAll(all)) => {
                refusals.extend(all.into_iter().filter(|r| !refusals.contains(r)).collect::<Vec<_>>());
            }
            Err(Error::Refused(one)) => refusals.push(one),
            Err(other) => return Err(status::of_engine(other)),
        }
    }
    if !refusals.is_empty() {
        return Err(status::of_engine(Error::RefusedAll(refusals)));
    }
    let (incident, target) = (read(engine, source).await?, read(engine, target).await?);
    let replayed = false;
    Ok(Response::new(v1::MergeIncidentResponse { incident: Some(incident), target: Some(target), replayed }))
}

/// Splits chosen alerts off; answers when the new incident is there.
pub(super) async fn split(
    engine: &Engine,
    request: Request<v1::SplitIncidentRequest>,
) -> Result<Response<v1::SplitIncidentResponse>, Status> {
    let (call, request) = Call::open("SplitIncident", request)?;
    let mut split = triage::split(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let source = call::find(engine, &split.ask.name).await?;
    let state = engine.read(&source).await.map_err(status::of_engine)?;
    let new = engine.new_id(call::incident_of(&state)?.service.as_str());
    let (alerts, reports, title) = (split.alerts.clone(), split.reports, split.title);
    split.ask.command =
        Command::Split { to: new.clone(), alerts, reports, acknowledge: split.acknowledge, title };
    let (incident, replayed, _) = call::submit(engine, &call, split.ask).await?;
    let new = if replayed { split_before(engine, &source, &split.alerts).await?.unwrap_or(new) } else { new };
    let split_incident = Some(opened(engine, &new, call.deadline).await?);
    Ok(Response::new(v1::SplitIncidentResponse { incident: Some(incident), split_incident, replayed }))
}

/// Finds the second incident and completes the command with it.
async fn complete(engine: &Engine, pair: Pair) -> Result<(Ask, InstanceId), Status> {
    let other = call::find(engine, &pair.other).await?;
    let state = engine.read(&other).await.map_err(status::of_engine)?;
    let into_exercise = call::incident_of(&state)?.exercise;
    let command = match pair.wish {
        PairWish::Merge { raise_priority } => {
            Command::Merge { into: other.clone(), into_exercise, raise_priority }
        }
        PairWish::Relate { kind, note, remove } => Command::Relate { to: other.clone(), kind, note, remove },
    };
    Ok((Ask { command, ..pair.ask }, other))
}

/// Waits until a merge is done. A merge that ended otherwise was refused by the target.
async fn merged(
    engine: &Engine,
    source: &InstanceId,
    target: &InstanceId,
    deadline: Instant,
) -> Result<(), Status> {
    let mut tail = engine.tail();
    loop {
        let state = engine.read(source).await.map_err(status::of_engine)?;
        match &call::incident_of(&state)?.merge {
            Some(merge) if merge.done => return Ok(()),
            Some(_) => {}
            None => return Err(status::merge_refused(target)),
        }
        glance(&mut tail, deadline).await?;
    }
}

/// Waits until a split's other half is there.
async fn opened(engine: &Engine, id: &InstanceId, deadline: Instant) -> Result<v1::Incident, Status> {
    let mut tail = engine.tail();
    loop {
        match engine.read(id).await {
            Ok(state) => return call::full(engine, &state).await,
            Err(Error::NotFound(_)) => glance(&mut tail, deadline).await?,
            Err(other) => return Err(status::of_engine(other)),
        }
    }
}

/// Sleeps until something changed anywhere, a moment passed, or the caller is gone.
async fn glance<T: Clone>(
    tail: &mut tokio::sync::broadcast::Receiver<T>,
    deadline: Instant,
) -> Result<(), Status> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(status::of_engine(Error::Late));
    }
    // A closed or lagging tail is as good as news: the state is what counts.
    let _ = tokio::time::timeout(GLANCE.min(left), tail.recv()).await;
    Ok(())
}

/// The incident that an earlier request split off with the same alerts.
async fn split_before(
    engine: &Engine,
    source: &InstanceId,
    wanted: &[u32],
) -> Result<Option<InstanceId>, Status> {
    const PAGE: u32 = 1_000;
    let (mut after, mut found) = (0, None);
    loop {
        let history = engine.history(source, after, PAGE).await.map_err(status::of_engine)?;
        let Some(last) = history.last() else { return Ok(found) };
        after = last.version;
        for event in history.iter().flat_map(|t| t.events.iter()) {
            if let Event::Incident(IncidentEvent::Life(LifeEvent::SplitOut { to, alerts, .. })) = event {
                found = if alerts == wanted { Some(to.clone()) } else { found };
            }
        }
    }
}

async fn read(engine: &Engine, id: &InstanceId) -> Result<v1::Incident, Status> {
    let state = engine.read(id).await.map_err(status::of_engine)?;
    call::full(engine, &state).await
}
