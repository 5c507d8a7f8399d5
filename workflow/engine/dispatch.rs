//! Effects on their way out: offered after the commit, claimed in the order of commits, sent, and reported back as
//! commands. One destination never waits for another; what is lost in between is claimed again under the same id.

use std::sync::Arc;

use futures::future::BoxFuture;
use stentor_core::actor::Actor;
use stentor_core::effect::EffectKind;
use stentor_core::id::InstanceId;
use stentor_core::incident::event::DeliveryOutcome;
use stentor_core::instance::{Command, Instance};
use stentor_core::time::{Duration, Timestamp};
use stentor_core::{incident, review};
use tokio::sync::{Semaphore, oneshot};

use crate::committer::{Claimed, Claiming, Item};
use crate::engine::Shared;
use crate::error::Error;
use crate::limits;
use crate::request::{self, RequestId, Submission};
use crate::store::rows::{Claim, OutboxRow};

mod bundle;
mod history;
mod queue;
mod throttle;

use throttle::{To, Turn};

pub(crate) use history::sections;
pub(crate) use queue::Dispatch;

/// An effect ready to be sent.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The idempotency id, the same on every attempt.
    pub id: String,
    pub what: EffectKind,
    /// The newest state: texts are rendered from it.
    pub state: Arc<Instance>,
    /// Other incidents whose pages were held back and are told within this one.
    pub also: Vec<Arc<Instance>>,
    /// From 1.
    pub attempt: i32,
    pub now: Timestamp,
}

/// What became of an attempt.
#[derive(Debug, Clone)]
pub enum Sent {
    /// The receiver has it.
    Accepted { detail: String },
    /// It may work later, not before the given wait.
    Failed { why: String, retry_after: Option<Duration> },
    /// It never will on this channel.
    Refused { why: String },
}

/// Whatever carries effects to people: the engine's only way out.
pub trait Sender: Send + Sync + std::fmt::Debug {
    /// Sends one effect. Must end by itself well before a claim's lease of 30 s.
    fn send(&self, delivery: Delivery) -> BoxFuture<'_, Sent>;
}

/// Sends the effects of a partition for as long as the engine runs and leads it.
pub(crate) async fn run(shared: Arc<Shared>, partition: u16) {
    let dispatch = shared.dispatch(partition);
    let slots = Arc::new(Semaphore::new(limits::SENDING));
    let mut scanned = None;
    loop {
        shared.beat("dispatch");
        let leads = shared.leads(partition);
        let asked = !dispatch.has_looked();
        if !leads {
            dispatch.let_go();
        } else if asked || scanned.is_none_or(|at: std::time::Instant| at.elapsed() >= limits::OUTBOX_SCAN) {
            let busy = shared.busy();
            dispatch.looked();
            scan(&shared, partition, asked).await;
            scanned = Some(std::time::Instant::now());
            drop(busy);
        }
        let now = shared.clock.now();
        if leads {
            for row in dispatch.take(now, slots.available_permits()) {
                let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
                let (of_task, busy) = (Arc::clone(&shared), shared.busy());
                // Tracked, so that a stop waits for what is on the wire and records it.
                shared.spawn(async move {
                    let after = carry(&of_task, partition, &row).await;
                    let dispatch = of_task.dispatch(partition);
                    match after {
                        After::Settled => dispatch.done(&row, None),
                        After::Again(next) => dispatch.done(&row, Some(next)),
                        After::Changed => {
                            dispatch.done(&row, None);
                            dispatch.look();
                        }
                    }
                    drop((slot, busy));
                });
            }
        }
        let next = dispatch.next_ready().filter(|_| leads).unwrap_or(now + Duration::seconds(3600));
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = dispatch.changed() => {}
            () = shared.clock.sleep_until(next.max(now + Duration(1))), if next > now => {}
            () = tokio::time::sleep(limits::OUTBOX_SCAN) => {}
        }
    }
}

/// Finds effects that nobody in this process has offered: left by a crash or by another replica. When something may have
/// changed without us, also those that become due later, so that each is sent at its instant.
async fn scan(shared: &Shared, partition: u16, ahead: bool) {
    let upto = if ahead { i64::MAX } else { shared.clock.now().0 };
    match shared.store.outbox_due(partition, upto, limits::OUTBOX_PAGE).await {
        Ok(rows) => rows.into_iter().for_each(|row| shared.dispatch(partition).offer(row)),
        Err(e) => tracing::warn!(partition, error = %e, "the outbox cannot be read"),
    }
}

/// What an attempt leaves to do.
enum After {
    Settled,
    /// It is to be tried again.
    Again(OutboxRow),
    /// The outbox has it otherwise than we do, and is to be read again.
    Changed,
}

/// One attempt: claim, send, report.
async fn carry(shared: &Arc<Shared>, partition: u16, row: &OutboxRow) -> After {
    let id = InstanceId(row.id.clone());
    let key = row.effect_id.strip_prefix(&format!("{}.", row.id)).unwrap_or_default().to_owned();
    let state = match knowing(shared, partition, &id, &key).await {
        Ok(state) => state,
        Err(e) => return later(shared, row, &e.to_string(), Duration::seconds(1)),
    };
    if !state.pending().contains_key(&key) {
        shared.dispatch(partition).throttle.forget(row);
        forget(shared, partition, row).await;
        return After::Settled;
    }
    let what: EffectKind = match serde_json::from_str(&row.payload) {
        Ok(what) => what,
        Err(e) => {
            report(shared, &id, &key, row, DeliveryOutcome::Failed, &format!("unreadable: {e}")).await;
            return After::Settled;
        }
    };
    let riders = match turn(shared, partition, row, &what, &state).await {
        Turn::Go(riders) => bundle::wanted(shared, partition, riders).await,
        Turn::Wait { until, .. } => return After::Again(OutboxRow { due_at: until.0, ..row.clone() }),
    };
    match claim(shared, partition, &id, &key, row).await {
        Some(Claimed::Ours) => {}
        Some(Claimed::Unwanted) => return After::Settled,
        Some(Claimed::Changed) => return After::Changed,
        None => return later(shared, row, "it could not be claimed", Duration::seconds(1)),
    }
    let now = shared.clock.now();
    let attempt = row.attempt + 1;
    let sent = match &what {
        EffectKind::Submit { to, command } => submit(shared, row, to, command).await,
        _ => {
            let state = crate::engine::state_of(shared, partition, &id).await.unwrap_or(state);
            let also = riders.iter().map(|rider| Arc::clone(&rider.state)).collect();
            let delivery =
                Delivery { id: row.effect_id.clone(), what: what.clone(), state, also, attempt, now };
            shared.sender.send(delivery).await
        }
    };
    if matches!(sent, Sent::Accepted { .. }) {
        bundle::told(shared, row, riders).await;
    }
    settle(shared, &id, &key, row, &what, sent).await
}

/// A page's turn among those of its person and channel; everything else goes at once, and so does a further attempt.
async fn turn(
    shared: &Arc<Shared>,
    partition: u16,
    row: &OutboxRow,
    what: &EffectKind,
    state: &Instance,
) -> Turn {
    let (EffectKind::Page { person, channel, .. }, Some(incident), 0) = (what, state.incident(), row.attempt)
    else {
        return Turn::Go(Vec::new());
    };
    let policy = shared.policies.newest_policy();
    let rate = policy.as_ref().and_then(|policy| policy.document().page_rates.get(channel));
    let to = To {
        person: person.as_str(),
        channel: channel.as_str(),
        service: incident.service.as_str(),
        per_minute: rate.map(|rate| rate.per_minute),
    };
    let turn = shared.dispatch(partition).throttle.turn(row, to, shared.clock.now());
    if let Turn::Wait { until, tell: true } = turn {
        bundle::delayed(shared, row, until).await;
    }
    turn
}

/// A state that knows of the effect, whether it still wants it or not. The outbox may have been read between the commit
/// that wrote the effect and the moment at which memory hears of it; a state of before must not pass for one that no
/// longer wants the effect, or a page is lost.
async fn knowing(
    shared: &Shared,
    partition: u16,
    id: &InstanceId,
    key: &str,
) -> Result<Arc<Instance>, Error> {
    let state = crate::engine::state_of(shared, partition, id).await?;
    if has_heard_of(&state, key) {
        return Ok(state);
    }
    let read = crate::feed::load_state(shared, id).await?;
    let (id, entry) = read.ok_or_else(|| Error::NotFound(id.to_string()))?;
    let state = Arc::clone(&entry.state);
    shared.cache(partition).put(&id, entry);
    if has_heard_of(&state, key) {
        return Ok(state);
    }
    Err(Error::Unavailable(format!("{id} is older than its effect")))
}

/// Whether the state is at least as new as the event that asked for the effect `{event number}.{ordinal}`.
fn has_heard_of(state: &Instance, key: &str) -> bool {
    let number = key.split('.').next().and_then(|number| number.parse::<u64>().ok());
    number.is_some_and(|number| number <= state.version())
}

/// Takes the effect for this attempt, in the order of commits; `None`: nobody answers.
async fn claim(
    shared: &Shared,
    partition: u16,
    id: &InstanceId,
    key: &str,
    row: &OutboxRow,
) -> Option<Claimed> {
    let (reply, answer) = oneshot::channel();
    let next_at = shared.clock.now().0 + limits::SEND_LEASE_MS;
    let claiming = Claiming {
        instance: id.clone(),
        key: key.to_owned(),
        claim: Claim { effect_id: row.effect_id.clone(), attempt: row.attempt, next_at },
        reply,
    };
    shared.senders(partition).push(Item::Claim(claiming)).await.ok()?;
    answer.await.ok()
}

async fn settle(
    shared: &Arc<Shared>,
    id: &InstanceId,
    key: &str,
    row: &OutboxRow,
    what: &EffectKind,
    sent: Sent,
) -> After {
    let age = shared.clock.now().0 - row.due_at;
    match sent {
        Sent::Accepted { detail } => {
            shared.observer.delivered(&row.dest, "sent", age);
            report(shared, id, key, row, DeliveryOutcome::Sent, &detail).await;
            After::Settled
        }
        Sent::Refused { why } => {
            shared.observer.delivered(&row.dest, "failed", age);
            report(shared, id, key, row, DeliveryOutcome::Failed, &why).await;
            After::Settled
        }
        Sent::Failed { why, retry_after } => match wait(what, row.attempt, retry_after) {
            Some(wait) => {
                shared.observer.delivered(&row.dest, "retrying", age);
                later(shared, &OutboxRow { attempt: row.attempt + 1, ..row.clone() }, &why, wait)
            }
            None => {
                shared.observer.delivered(&row.dest, "failed", age);
                report(shared, id, key, row, DeliveryOutcome::Failed, &why).await;
                After::Settled
            }
        },
    }
}

/// How long to wait after an attempt failed; `None`: that was the last one.
fn wait(what: &EffectKind, attempt: i32, retry_after: Option<Duration>) -> Option<Duration> {
    let attempt = attempt.max(0) as usize;
    let (waits, longest): (&[i64], i64) = match what {
        EffectKind::Submit { .. } => {
            let last = limits::SUBMIT_RETRIES.len() - 1;
            return Some(Duration(limits::SUBMIT_RETRIES[attempt.min(last)]));
        }
        EffectKind::Page { .. } | EffectKind::Summons { .. } => (&limits::PAGE_RETRIES, 15_000),
        EffectKind::Notice { .. } | EffectKind::ChannelNotice { .. } => (&limits::NOTICE_RETRIES, 1_800_000),
    };
    let own = waits.get(attempt).copied()?;
    match retry_after {
        Some(asked) if asked.millis() > longest => None,
        asked => Some(Duration(own.max(asked.unwrap_or(Duration::ZERO).millis()))),
    }
}

fn later(shared: &Shared, row: &OutboxRow, why: &str, wait: Duration) -> After {
    tracing::info!(effect = row.effect_id, attempt = row.attempt, why, "an effect will be tried again");
    After::Again(OutboxRow { due_at: (shared.clock.now() + wait).0, ..row.clone() })
}

/// Removes a row whose effect the state no longer wants.
async fn forget(shared: &Shared, partition: u16, row: &OutboxRow) {
    let gone =
        crate::store::rows::Gone { effect_id: row.effect_id.clone(), attempt: None, id: String::new() };
    let batch = crate::store::rows::Batch { gone: vec![gone], ..Default::default() };
    if let Err(e) = shared.store.commit(partition, batch).await {
        tracing::warn!(effect = row.effect_id, error = %e, "an unwanted effect could not be removed");
    }
    shared.observer.delivered(&row.dest, "withdrawn", 0);
}

/// Tells the instance what became of its effect, for as long as it takes.
async fn report(
    shared: &Arc<Shared>,
    id: &InstanceId,
    key: &str,
    row: &OutboxRow,
    outcome: DeliveryOutcome,
    detail: &str,
) {
    let attempt = row.attempt + 1;
    let detail: String = detail.chars().take(500).collect();
    let command = if id.as_str().starts_with("rev-") {
        Command::Review(review::Command::RecordReviewDelivery {
            effect: key.to_owned(),
            attempt,
            outcome,
            detail,
        })
    } else {
        Command::Incident(incident::Command::RecordDelivery {
            effect: key.to_owned(),
            attempt,
            outcome,
            detail,
        })
    };
    let mut pause = 10;
    loop {
        let submission = Submission::new(id.clone(), Actor::System, command.clone());
        match crate::engine::submit_system(shared, submission).await {
            Err(Error::Unavailable(_) | Error::Overloaded { .. }) if !shared.stopping.is_cancelled() => {
                tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                pause = (pause * 2).min(1000);
            }
            Err(Error::Unavailable(_) | Error::Overloaded { .. }) | Ok(_) => return,
            Err(e) => {
                tracing::error!(effect = row.effect_id, error = %e, "a delivery could not be recorded");
                return;
            }
        }
    }
}

/// Gives a command to another instance, once, whatever is repeated.
async fn submit(shared: &Arc<Shared>, row: &OutboxRow, to: &InstanceId, command: &Command) -> Sent {
    let command = history::complete(shared, command).await;
    let submission = Submission {
        to: request::To::New(to.clone()),
        actor: Actor::System,
        command,
        request: Some(RequestId { key: format!("effect/{}", row.effect_id), body_hash: String::new() }),
        expected_version: None,
        deadline: None,
        validate_only: false,
    };
    match crate::engine::submit_system(shared, submission).await {
        Ok(_) => Sent::Accepted { detail: String::new() },
        Err(Error::Refused(refusal)) => Sent::Refused { why: refusal.reason().to_owned() },
        Err(Error::NotFound(what)) => Sent::Refused { why: format!("{what} does not exist") },
        Err(e) => Sent::Failed { why: e.to_string(), retry_after: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_before_the_effect_has_not_heard_of_it() {
        let text = include_str!("../core/tests/golden/incident.json");
        let state = Instance::Incident(serde_json::from_str(text).unwrap());
        let version = state.version();
        assert!(has_heard_of(&state, &format!("{version}.0")));
        assert!(has_heard_of(&state, &format!("{}.3", version - 1)), "whether it still wants it or not");
        assert!(!has_heard_of(&state, &format!("{}.0", version + 1)));
        assert!(!has_heard_of(&state, "no key of ours"));
    }
}
