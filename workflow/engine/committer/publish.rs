//! After the commit: memory follows the store, deadlines are armed, effects offered, the feed told, and callers
//! answered. In this order, so that nobody hears of what is not there yet.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use stentor_core::id::InstanceId;

use crate::error::Error;
use crate::feed::{FeedItem, Transition};
use crate::limits;
use crate::observe::{Origin, Queued};
use crate::store::rows::Committed;

use super::plan::{Plan, Told, Verdict};
use super::work::{Claimed, Item};
use super::{Committer, replay, rows};

impl Committer {
    /// Publishes a committed plan; returns what has to be decided again.
    pub(super) fn publish(&mut self, mut plan: Plan, committed: Option<Committed>) -> Vec<Item> {
        let committed = committed.unwrap_or_default();
        let lost = self.losers(&plan, &committed);
        self.remember_states(&plan, &lost);
        self.offer_effects(&plan, &lost);
        self.tell_queued(&plan, &lost);
        self.tell_feed(&mut plan, &committed, &lost);
        let mut again = Vec::new();
        for (i, claiming) in plan.claims.drain(..).enumerate() {
            let ours = committed.claimed.get(i).copied().unwrap_or(false);
            let _ = claiming.reply.send(if ours { Claimed::Ours } else { Claimed::Changed });
        }
        for claiming in plan.unwanted.drain(..) {
            let _ = claiming.reply.send(Claimed::Unwanted);
        }
        for canary in plan.canaries.drain(..) {
            let _ = canary.send(());
        }
        let missed = missed_bumps(&plan, &committed);
        for (mut work, verdict) in plan.verdicts {
            match verdict {
                Verdict::Answer(Ok(done)) if !concerns(&done.id, &lost) && !concerns(&done.id, &missed) => {
                    work.answer(Ok(done));
                }
                Verdict::Answer(Err(e)) if lost.is_empty() => work.answer(Err(e)),
                Verdict::Replay(row) => {
                    drop(tokio::spawn(replay::answer(Arc::clone(&self.shared), work, row)))
                }
                Verdict::Answer(_) | Verdict::Again if work.tries < limits::TRIES => {
                    work.tries += 1;
                    again.push(Item::Command(work));
                }
                _ => work.answer(Err(Error::Unavailable("others kept being faster; try again".to_owned()))),
            }
        }
        again
    }

    /// Instances whose version had moved: memory of them is dropped.
    fn losers(&mut self, plan: &Plan, committed: &Committed) -> HashSet<InstanceId> {
        let changed = plan.order.iter().filter(|id| rows::changed(plan, id).is_some());
        let moved = plan.checks.iter().zip(&committed.at).filter(|((_, seen), is)| seen != *is);
        let lost: HashSet<InstanceId> = changed
            .zip(&committed.won)
            .filter(|(_, won)| !**won)
            .map(|(id, _)| id.clone())
            .chain(moved.map(|((id, _), _)| id.clone()))
            .collect();
        for id in &lost {
            self.shared.cache(self.partition).forget(id);
        }
        if !lost.is_empty() {
            self.shared.inhibitions.doubt(lost.iter());
            for key in plan.keys() {
                self.directory.forget(&key);
            }
        }
        lost
    }

    fn remember_states(&self, plan: &Plan, lost: &HashSet<InstanceId>) {
        let mut armed = Vec::new();
        for id in plan.order.iter().filter(|id| !lost.contains(*id)) {
            if let Some((touched, state)) = rows::changed(plan, id)
                && let Some(entry) = plan.entry(id)
            {
                self.shared.observer.changed(touched.base.as_ref().map(|b| &*b.state), state);
                armed.push((id.clone(), entry.wake));
                self.shared.cache(self.partition).put(id, entry);
            }
        }
        self.shared.wheel(self.partition).arm(armed);
    }

    /// Only for who leads: others would keep what they never send. The leader hears of it by the feed.
    fn offer_effects(&self, plan: &Plan, lost: &HashSet<InstanceId>) {
        if !self.shared.leads(self.partition) {
            return;
        }
        for (id, key, row) in &plan.outbox {
            let wanted = plan.state(id).is_some_and(|s| s.pending().contains_key(key));
            if wanted && !lost.contains(id) {
                self.shared.dispatch(self.partition).offer(row.clone());
            }
        }
    }

    /// Each effect that waits now, with what made it; only where somebody traces.
    fn tell_queued(&self, plan: &Plan, lost: &HashSet<InstanceId>) {
        if plan.outbox.is_empty() || !self.shared.observer.traces() {
            return;
        }
        let mut told: HashMap<&InstanceId, Vec<&Told>> = HashMap::new();
        for one in &plan.told {
            told.entry(&one.id).or_default().push(one);
        }
        for (id, key, row) in plan.outbox.iter().filter(|(id, _, _)| !lost.contains(id)) {
            // A key begins with the number of the event that asked for the effect.
            let number = key.split('.').next().and_then(|number| number.parse::<u64>().ok());
            let of = told.get(id).into_iter().flatten();
            let by = of.copied().find(|one| number.is_some_and(|n| (one.first..=one.version).contains(&n)));
            let origin = by.and_then(|one| Origin::of(&one.cause));
            let queued = Queued { effect: &row.effect_id, id, destination: &row.dest, origin };
            self.shared.observer.queued(&queued);
        }
    }

    /// On a store with one writer the feed is told here; with several, each tail reads it from the store.
    fn tell_feed(&self, plan: &mut Plan, committed: &Committed, lost: &HashSet<InstanceId>) {
        let told = std::mem::take(&mut plan.told);
        for (i, told) in told.into_iter().enumerate() {
            if lost.contains(&told.id) {
                continue;
            }
            for event in told.events.iter() {
                self.shared.observer.recorded(event);
            }
            if self.shared.single_writer {
                let Told { id, first, version, at, actor, cause, events } = told;
                let origin = Origin::of(&cause);
                self.shared.feed.tell(|| FeedItem {
                    partition: self.partition,
                    pos: committed.base + 1 + i as i64,
                    id,
                    transition: Transition { first, version, at, actor, origin, events },
                });
            }
        }
    }
}

fn concerns(id: &Option<InstanceId>, of: &HashSet<InstanceId>) -> bool {
    !of.is_empty() && id.as_ref().is_some_and(|id| of.contains(id))
}

/// Instances of repeats that found no firing row: somebody changed it meanwhile, so they are decided again.
fn missed_bumps(plan: &Plan, committed: &Committed) -> HashSet<InstanceId> {
    let missed = plan.bumps.iter().zip(&committed.bumped).filter(|(_, bumped)| !**bumped);
    missed.map(|(bump, _)| InstanceId(bump.id.clone())).collect()
}
