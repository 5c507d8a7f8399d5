//! Rows out of decisions. What a row holds is a function of the states before and after; nothing is decided here.

use stentor_core::effect::Effect;
use stentor_core::id::InstanceId;
use stentor_core::incident::paging::effect_id;
use stentor_core::incident::{Heard, Incident, Outcome};
use stentor_core::instance::{Event, Instance, LOGIC};
use stentor_core::time::Timestamp;

use crate::chain::{self, Link};
use crate::project;
use crate::store::rows::{AlertRow, Batch, Bump, EventRow, Gone, InstanceRow, OutboxRow};

use super::plan::{Plan, Touched};
use super::work::{Heed, Work};

/// The history's row of a transition.
pub(super) fn event(
    work: &Work,
    id: &InstanceId,
    now: Timestamp,
    events: &[Event],
    (state, wake): (&Instance, Option<Timestamp>),
    chain: &str,
) -> EventRow {
    let data = serde_json::to_string(events).unwrap_or_default();
    let version = state.version() as i64;
    let actor = work.actor.to_string();
    let link = Link { version, at: now.0, actor: &actor, cause: &work.cause, data: &data };
    let chain = chain::after(chain, &link);
    EventRow {
        pos: 0,
        id: id.0.clone(),
        first: version - events.len() as i64 + 1,
        version,
        at: now.0,
        actor,
        cause: work.cause.clone(),
        wake_at: wake.map(|t| t.0),
        data,
        chain,
    }
}

/// An effect's row, due at once.
pub(super) fn outbox(id: &InstanceId, effect: &Effect, now: Timestamp) -> OutboxRow {
    OutboxRow {
        effect_id: effect_id(id, &effect.key),
        id: id.0.clone(),
        due_at: now.0,
        attempt: 0,
        dest: effect.what.destination(),
        payload: serde_json::to_string(&effect.what).unwrap_or_default(),
    }
}

/// Rows of the alerts that a transition changed.
pub(super) fn alerts(
    plan: &mut Plan,
    id: &InstanceId,
    before: Option<&Instance>,
    after: &Instance,
    heard: Option<u32>,
    now: Timestamp,
) {
    let Some(incident) = after.incident() else { return };
    let was = before.and_then(Instance::incident);
    let held_before = was.is_some_and(holds);
    for (n, a) in &incident.alerts {
        let old = was.and_then(|w| w.alerts.get(n));
        let same = old.is_some_and(|o| o.firing == a.firing && o.ends_at == a.ends_at && o.moved == a.moved);
        if same && held_before == holds(incident) && heard != Some(*n) {
            continue;
        }
        let key = (a.identity.clone(), id.clone());
        let heard = i64::from(heard == Some(*n));
        let row = plan.alerts.entry(key).or_default();
        let (first_at, heard) =
            if row.key.is_empty() { (now.0, heard) } else { (row.first_at, row.heard + heard) };
        *row = AlertRow {
            key: a.identity.clone(),
            id: id.0.clone(),
            n: i64::from(*n),
            held: holds(incident) && !a.moved,
            firing: a.firing,
            heard,
            first_at,
            last_at: now.0,
            ends_at: a.ends_at.map(|t| t.0),
        };
    }
}

/// Whether its alerts are its alone. While a merge runs they are on their way: the target takes them before the source
/// ends.
fn holds(incident: &Incident) -> bool {
    incident.is_open() && incident.merge.is_none()
}

/// A signal that changed nothing is counted.
pub(super) fn bump(plan: &mut Plan, id: &InstanceId, heed: &Heed, heard: &Heard, now: Timestamp) {
    let signal = &heed.prepared.signal;
    // An old firing of what has cleared since finds no firing row to be counted on.
    if heard.alert == 0 || signal.clear || heard.outcome == Outcome::Cleared {
        return;
    }
    let ends_at = signal.ends_at.map(|t| t.0);
    if !plan.alerts.is_empty()
        && let Some(row) = plan.alerts.get_mut(&(heed.identity.clone(), id.clone()))
    {
        row.heard += 1;
        row.ends_at = row.ends_at.max(ends_at);
        return;
    }
    let known = plan.bump_of.get(&heed.identity).copied();
    let place = known.filter(|place| plan.bumps[*place].id == id.0).unwrap_or_else(|| {
        plan.bumps.push(Bump { key: heed.identity.clone(), id: id.0.clone(), ..Bump::default() });
        plan.bump_of.insert(heed.identity.clone(), plan.bumps.len() - 1);
        plan.bumps.len() - 1
    });
    let bump = &mut plan.bumps[place];
    bump.count += 1;
    bump.last_at = now.0;
    bump.ends_at = bump.ends_at.max(ends_at);
}

/// Everything that the plan writes.
pub(super) fn batch(plan: &mut Plan) -> Batch {
    let alerts = std::mem::take(&mut plan.alerts).into_iter().map(|((key, _), row)| {
        plan.keys.push(key);
        row
    });
    let mut batch = Batch {
        alerts: alerts.collect(),
        events: std::mem::take(&mut plan.events),
        bumps: plan.bumps.clone(),
        requests: std::mem::take(&mut plan.requests),
        claims: plan.claims.iter().map(|c| c.claim.clone()).collect(),
        released_keys: plan.released.clone(),
        checks: plan.checks.iter().map(|(id, _)| id.0.clone()).collect(),
        ..Batch::default()
    };
    for id in &plan.order {
        if let Some((touched, state)) = changed(plan, id) {
            add_instance(&mut batch, id, touched, state);
        }
    }
    let wanted = plan.outbox.iter().filter(|(id, key, _)| {
        plan.touched.get(id).and_then(|t| t.state.as_deref()).is_some_and(|s| s.pending().contains_key(key))
    });
    batch.outbox = wanted.map(|(_, _, row)| row.clone()).collect();
    batch
}

/// An instance that the plan changed, with its new state.
pub(super) fn changed<'p>(plan: &'p Plan, id: &InstanceId) -> Option<(&'p Touched, &'p Instance)> {
    let touched = plan.touched.get(id)?;
    let state = touched.state.as_deref()?;
    let base = touched.base.as_ref().map_or(0, |b| b.version());
    (state.version() != base).then_some((touched, state))
}

fn add_instance(batch: &mut Batch, id: &InstanceId, touched: &Touched, state: &Instance) {
    let base = touched.base.as_ref();
    let wake_at = touched.wake.map(|t| t.0);
    batch.instances.push(InstanceRow {
        id: id.0.clone(),
        kind: state.kind().to_owned(),
        prev_version: base.map_or(0, |b| b.version() as i64),
        version: state.version() as i64,
        open: wake_at.is_some(),
        wake_at,
        open_key: touched.owns_group.then(|| project::group_key(state).map(str::to_owned)).flatten(),
        logic: LOGIC,
        policy: state.policy() as i64,
        chain: touched.chain.clone(),
        state: serde_json::to_string(state).unwrap_or_default(),
    });
    let listing = project::listing(state);
    if base.is_none_or(|b| project::listing(&b.state) != listing) {
        batch.listings.push(listing);
    }
    let gone =
        base.iter().flat_map(|b| b.state.pending().keys()).filter(|k| !state.pending().contains_key(*k));
    batch.gone.extend(gone.map(|key| Gone {
        effect_id: effect_id(id, key),
        attempt: None,
        id: id.0.clone(),
    }));
}
