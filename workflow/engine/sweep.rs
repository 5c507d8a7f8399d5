//! Silences that begin, or end before their time, for alerts that fire already: open incidents are walked, and those that it
//! concerns look at their alerts again. Alerts that come in later are judged where they come in, and a silence that simply
//! ends is a deadline of each incident that it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use stentor_core::actor::Actor;
use stentor_core::incident::alerts::AlertState;
use stentor_core::incident::kinds::Phase;
use stentor_core::incident::{self, Incident};
use stentor_core::instance::{Command, Instance};
use stentor_core::silence::Silences;
use stentor_core::time::{Duration, Timestamp};
use tokio::sync::{Notify, oneshot};

use crate::committer::Item;
use crate::engine::{Shared, submit_system};
use crate::error::Error;
use crate::request::Submission;
use crate::store::rows::{Column, Filter, ListQuery, Op, Value};
use crate::{limits, signals};

type Labels = BTreeMap<String, String>;

/// When open incidents are to be looked at.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    inner: Mutex<Wanted>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Wanted {
    at: Option<Timestamp>,
    /// Once more, when every replica has heard of the change.
    again: Option<Timestamp>,
    asked: u64,
}

impl Sweep {
    /// Has open incidents looked at, now and after what another replica may need to hear of it.
    pub(crate) fn want(&self, now: Timestamp, others_hear: Option<Duration>) {
        let mut wanted = self.lock();
        wanted.at = Some(now);
        wanted.again = others_hear.map(|after| now + after);
        wanted.asked += 1;
        drop(wanted);
        self.changed.notify_one();
    }

    /// When they are looked at next.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.lock().at
    }

    fn asked(&self) -> u64 {
        self.lock().asked
    }

    /// A look that began at an instant is over. If nobody has asked for another one since, the next is due at `next`.
    fn done(&self, asked: u64, began: Timestamp, next: Option<Timestamp>) {
        let mut wanted = self.lock();
        if wanted.asked == asked {
            let again = wanted.again.filter(|at| *at > began);
            wanted.at = again.into_iter().chain(next).min();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Wanted> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks whenever it is wanted for as long as the engine runs.
pub(crate) async fn run(shared: Arc<Shared>) {
    let sweep = &shared.sweep;
    loop {
        let now = shared.clock.now();
        if sweep.next().is_some_and(|at| at <= now) {
            let asked = sweep.asked();
            let silences = shared.standing.silences();
            let next = match all(&shared, &silences).await {
                Ok(()) => silences.next_start(now),
                Err(e) => {
                    tracing::warn!(error = %e, "open incidents cannot be looked at for silences; trying again");
                    Some(now + Duration::seconds(1))
                }
            };
            sweep.done(asked, now, next);
            continue;
        }
        shared.beat("sweep");
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = sweep.changed.notified() => {}
            () = shared.clock.sleep_until(sweep.next().unwrap_or(now + Duration::hours(1))) => {}
        }
    }
}

async fn all(shared: &Arc<Shared>, silences: &Silences) -> Result<(), Error> {
    if silences.is_empty() {
        return Ok(());
    }
    for partition in 0..shared.store.partitions() {
        if shared.leads(partition) && barrier(shared, partition).await {
            incidents(shared, silences).await?;
        }
    }
    Ok(())
}

/// Waits until what was decided without knowing the silences is committed; says whether it still will be.
pub(crate) async fn barrier(shared: &Shared, partition: u16) -> bool {
    let (reply, answer) = oneshot::channel();
    shared.senders(partition).push(Item::Canary(reply)).await.is_ok() && answer.await.is_ok()
}

/// Walks the open incidents, in the order of their references.
async fn incidents(shared: &Arc<Shared>, silences: &Silences) -> Result<(), Error> {
    let mut after = 0;
    while let Some(page) = open_page(shared, &mut after).await? {
        for incident in page.iter().filter_map(|state| state.incident()) {
            one(shared, silences, incident).await?;
        }
        if shared.stopping.is_cancelled() {
            return Ok(());
        }
    }
    Ok(())
}

/// The next open incidents after a number, which it moves on; None after the last one.
pub(crate) async fn open_page(shared: &Shared, after: &mut i64) -> Result<Option<Vec<Arc<Instance>>>, Error> {
    let page = shared.store.list(open_after(*after)).await?;
    let Some(last) = page.last() else { return Ok(None) };
    *after = last.number;
    let ids = page.into_iter().map(|row| row.id).collect();
    let rows = shared.store.load(ids).await?.into_iter();
    rows.map(|row| Ok(crate::committer::entry(row)?.1.state)).collect::<Result<_, Error>>().map(Some)
}

fn open_after(number: i64) -> ListQuery {
    let ended = [Phase::Resolved, Phase::Closed, Phase::Cancelled];
    let mut all = vec![Filter::Compare(Column::Number, Op::Gt, Value::Int(number))];
    let not = |phase: Phase| Filter::Compare(Column::Phase, Op::Ne, Value::Text(phase.as_str().to_owned()));
    all.extend(ended.map(not));
    ListQuery {
        kind: "incident".to_owned(),
        filter: Some(Filter::All(all)),
        order: vec![(Column::Number, false)],
        after: None,
        limit: limits::SWEEP_PAGE,
    }
}

async fn one(shared: &Arc<Shared>, silences: &Silences, incident: &Incident) -> Result<(), Error> {
    let now = shared.clock.now();
    let labels = newly_silenced(shared, silences, incident, now).await?;
    let over = |a: &AlertState| a.silenced.iter().any(|s| silences.is_over(s, now));
    if labels.is_empty() && !firing(incident).any(|(_, a)| over(a)) {
        return Ok(());
    }
    let command = Command::Incident(incident::Command::Recheck { labels, inhibited: Vec::new() });
    match submit_system(shared, Submission::new(incident.id.clone(), Actor::System, command)).await {
        // It has ended or been merged since.
        Ok(_) | Err(Error::Refused(_) | Error::NotFound(_)) => Ok(()),
        Err(e) => Err(e),
    }
}

/// The labels of alerts that a silence matches which they do not know of.
async fn newly_silenced(
    shared: &Shared,
    silences: &Silences,
    incident: &Incident,
    now: Timestamp,
) -> Result<Vec<(u32, Labels)>, Error> {
    let in_force = silences.in_force(now);
    let unknown = |a: &AlertState| {
        let known: BTreeSet<u64> =
            a.silenced.iter().filter(|s| s.window.is_none()).map(|s| s.number).collect();
        in_force.iter().any(|silence| !known.contains(silence))
    };
    let asked: Vec<u32> = firing(incident).filter(|(_, a)| unknown(a)).map(|(n, _)| n).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = signals::of(shared, incident, &asked).await?;
    found.retain(|_, signal| !silences.matching(&signal.labels, now).is_empty());
    Ok(found.into_iter().map(|(n, signal)| (n, signal.labels)).collect())
}

pub(crate) fn firing(incident: &Incident) -> impl Iterator<Item = (u32, &AlertState)> {
    incident.alerts.iter().filter(|(_, a)| a.counts_as_firing()).map(|(n, a)| (*n, a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_that_is_asked_for_during_a_look_comes_after_it() {
        let sweep = Sweep::default();
        sweep.want(Timestamp(1000), None);
        let asked = sweep.asked();
        sweep.want(Timestamp(1001), None);
        sweep.done(asked, Timestamp(1000), Some(Timestamp(9000)));
        assert_eq!(sweep.next(), Some(Timestamp(1001)));
        sweep.done(sweep.asked(), Timestamp(1001), Some(Timestamp(9000)));
        assert_eq!(sweep.next(), Some(Timestamp(9000)));
    }

    #[test]
    fn where_others_write_too_it_looks_a_second_time_when_they_have_heard() {
        let sweep = Sweep::default();
        sweep.want(Timestamp(1000), Some(Duration(500)));
        sweep.done(sweep.asked(), Timestamp(1000), None);
        assert_eq!(sweep.next(), Some(Timestamp(1500)));
        sweep.done(sweep.asked(), Timestamp(1500), None);
        assert_eq!(sweep.next(), None);
    }
}
