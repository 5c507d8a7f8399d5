//! Moving open incidents to a version that is applied: which ones, what each move would do, and doing it. An incident
//! moves only because somebody asked for it.

use std::collections::BTreeMap;

use futures::StreamExt;
use stentor_core::actor::Actor;
use stentor_core::id::ScheduleId;
use stentor_core::incident::Command;
use stentor_core::incident::kinds::Phase;
use stentor_core::instance;
use stentor_core::oncall::Override;
use stentor_core::policy::Policy;
use stentor_core::simulate::preview_move;
use stentor_engine::store::rows::{Column, Filter, ListQuery, Op, Value};
use stentor_engine::{Engine, Error, Submission};
use stentor_proto::v1;
use tonic::Status;

use crate::wire::{policy, status};

/// Incidents that one page of the list has.
const PAGE: u32 = 1_000;
/// Moves that are on their way at once.
const AT_ONCE: usize = 64;
/// Moves that are told one by one.
const TOLD: usize = 1_000;

/// What became of the moves.
#[derive(Debug, Default)]
pub(super) struct Moves {
    pub(super) told: Vec<v1::PolicyMove>,
    pub(super) count: usize,
}

/// Says what moving would do, and does it unless only asked.
pub(super) async fn migrate(
    engine: &Engine,
    to: &Policy,
    which: v1::PolicyMigration,
    actor: &Actor,
    validate_only: bool,
) -> Result<Moves, Status> {
    let mut moves = Moves::default();
    if !matches!(which, v1::PolicyMigration::Unacknowledged | v1::PolicyMigration::Open) {
        return Ok(moves);
    }
    let now = engine.now();
    let overrides = engine.standing().await.map_err(status::of_engine)?.in_force(now);
    let mut after = 0;
    loop {
        let rows = engine.list(open(which, after)).await.map_err(status::of_engine)?;
        let Some(last) = rows.last().map(|row| row.number) else { return Ok(moves) };
        let ids = rows.into_iter().map(|row| row.id);
        let one = |id: String| one(engine, to, &overrides, actor, id, validate_only);
        let mut done = futures::stream::iter(ids).map(one).buffered(AT_ONCE);
        while let Some(result) = done.next().await {
            let Some(told) = result? else { continue };
            moves.count += usize::from(told.refusal.is_empty());
            if moves.told.len() < TOLD {
                moves.told.push(told);
            }
        }
        after = last;
    }
}

fn open(which: v1::PolicyMigration, after: i64) -> ListQuery {
    let phases = [Phase::Triage, Phase::Active, Phase::Mitigated];
    let phase = |phase: Phase| Filter::Compare(Column::Phase, Op::Eq, Value::Text(phase.as_str().to_owned()));
    let mut filters = vec![
        Filter::Any(phases.into_iter().map(phase).collect()),
        Filter::Compare(Column::Number, Op::Gt, Value::Int(after)),
    ];
    if which == v1::PolicyMigration::Unacknowledged {
        filters.push(Filter::Compare(Column::Acknowledged, Op::Eq, Value::Bool(false)));
    }
    ListQuery {
        kind: "incident".to_owned(),
        filter: Some(Filter::All(filters)),
        order: vec![(Column::Number, false)],
        after: None,
        limit: PAGE,
    }
}

/// One incident; nothing if it is there already.
async fn one(
    engine: &Engine,
    to: &Policy,
    overrides: &BTreeMap<ScheduleId, Vec<Override>>,
    actor: &Actor,
    id: String,
    validate_only: bool,
) -> Result<Option<v1::PolicyMove>, Status> {
    let state = engine.read(&id.as_str().into()).await.map_err(status::of_engine)?;
    let Some(incident) = state.incident().filter(|i| i.policy != to.number()) else { return Ok(None) };
    let preview = preview_move(incident, to, overrides, engine.now(), actor);
    let mut told = policy::moved(incident, preview);
    if validate_only || !told.refusal.is_empty() {
        return Ok(Some(told));
    }
    let command = Command::MovePolicy { to: to.number(), expected: Some(incident.policy) };
    let command = instance::Command::Incident(command);
    match engine.submit(Submission::new(incident.id.clone(), actor.clone(), command)).await {
        Ok(_) => {}
        // It ended or moved a moment ago: nothing is left to be done with it.
        Err(Error::Refused(refusal)) => told.refusal = refusal.reason().to_owned(),
        Err(error) => return Err(status::of_engine(error)),
    }
    Ok(Some(told))
}
