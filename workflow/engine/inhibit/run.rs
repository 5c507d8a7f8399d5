//! The loop that reads what is not known yet and has incidents put their marks right. One replica does so for all, the one
//! that leads; every replica keeps in mind what fires.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::incident::{self, Incident};
use stentor_core::inhibition::{Due, Rules};
use stentor_core::instance::Command;
use stentor_core::refusal::Refusal;
use stentor_core::time::{Duration, Timestamp};

use super::{Inner, Labels};
use crate::engine::{Shared, submit_system};
use crate::error::Error;
use crate::request::Submission;
use crate::{feed, limits, signals, sweep};

/// Reads what fires, before anything is decided; if that fails, the loop goes on trying. Nothing is read unless some version
/// of the policy has inhibitions: those of the last one may have left marks.
pub(crate) async fn load(shared: &Arc<Shared>) {
    if shared.policies.all().iter().all(|version| version.policy.document().inhibitions.is_empty()) {
        return;
    }
    heed(shared);
    shared.inhibitions.active.store(true, Ordering::SeqCst);
    if let Err(e) = walk(shared).await {
        return tracing::warn!(error = %e, "what fires cannot be read; nothing is inhibited until it can");
    }
    if !shared.single_writer {
        // What others commit until the feed is followed is told by nobody.
        let at = shared.clock.now() + Duration(limits::OTHERS_HEAR_MS);
        shared.inhibitions.lock().walk = Some(at);
    }
}

/// Takes note of the newest policy.
pub(crate) fn heed(shared: &Shared) {
    let Some(policy) = shared.policies.newest_policy() else { return };
    // Asked after every look at the feed: nothing is made for a version that is known.
    if shared.inhibitions.policy.swap(policy.number(), Ordering::SeqCst) == policy.number() {
        return;
    }
    let rules = &policy.document().inhibitions;
    if shared.inhibitions.is_active() || !rules.is_empty() {
        shared.inhibitions.heed(Rules::new(rules), shared.clock.now());
    }
}

/// Works whenever there is something to do, for as long as the engine runs.
pub(crate) async fn run(shared: Arc<Shared>) {
    let all = &shared.inhibitions;
    while !shared.stopping.is_cancelled() {
        let now = shared.clock.now();
        if all.next().is_some_and(|at| at <= now) {
            all.lock().working = true;
            let done = work(&shared, now).await;
            let mut inner = all.lock();
            inner.working = false;
            inner.rest = None;
            if let Err(e) = done {
                tracing::warn!(error = %e, "what inhibits what cannot be looked at; trying again");
                inner.rest = Some(now + Duration::seconds(1));
            }
            continue;
        }
        shared.beat("inhibitions");
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = all.changed.notified() => {}
            () = shared.clock.sleep_until(all.next().unwrap_or(now + Duration::hours(1))) => {}
        }
    }
}

async fn work(shared: &Arc<Shared>, now: Timestamp) -> Result<(), Error> {
    let all = &shared.inhibitions;
    let walks = all.lock().walk.is_some_and(|at| at <= now);
    if walks {
        walk(shared).await?;
    }
    read(shared).await?;
    let leads = (0..shared.store.partitions()).all(|partition| shared.leads(partition));
    let mut due = all.lock().firing.take_due();
    if leads && !due.is_empty() {
        if !shared.single_writer {
            // What was marked elsewhere was marked for a reason that may not be known here yet.
            let put_back = |all: &super::Inhibitions| {
                let mut inner = all.lock();
                due.iter().for_each(|due| inner.firing.touch(&due.id));
            };
            if let Err(e) = caught_up(shared).await {
                put_back(all);
                return Err(e);
            }
            read(shared).await?;
            due = again(&mut all.lock(), due);
        }
        for each in due {
            correct(shared, each).await?;
        }
    }
    let mut inner = all.lock();
    if inner.walk.is_none() && leads && inner.firing.is_busy() {
        inner.walk = Some(now + Duration(limits::INHIBITIONS_LOOKED_AT_MS));
    }
    Ok(())
}

/// What is still due, of the same versions; what has moved is looked at once more.
fn again(inner: &mut Inner, due: Vec<Due>) -> Vec<Due> {
    let mut still = Vec::new();
    for before in due {
        match inner.firing.due(&before.id) {
            Some(now) if now.version == before.version => still.push(now),
            Some(now) => inner.firing.touch(&now.id),
            None => {}
        }
    }
    still
}

/// Has an incident put its marks right, unless it has moved since: then it is looked at anew.
async fn correct(shared: &Arc<Shared>, due: Due) -> Result<(), Error> {
    let recheck = incident::Command::Recheck { labels: Vec::new(), inhibited: due.alerts };
    let submission = Submission {
        expected_version: Some(due.version),
        ..Submission::new(due.id.clone(), Actor::System, Command::Incident(recheck))
    };
    match submit_system(shared, submission).await {
        Ok(_) => Ok(()),
        // It was moved by somebody: its marks may be wrong still, as it is now.
        Err(Error::Refused(Refusal::StaleEtag { .. })) => {
            let mut inner = shared.inhibitions.lock();
            inner.firing.touch(&due.id);
            inner.unread.insert(due.id);
            Ok(())
        }
        // It was merged, or has ended; what it is now is read.
        Err(Error::Refused(_) | Error::NotFound(_)) => {
            let mut inner = shared.inhibitions.lock();
            inner.unread.insert(due.id);
            Ok(())
        }
        Err(e) => {
            shared.inhibitions.lock().firing.touch(&due.id);
            Err(e)
        }
    }
}

/// Waits until this replica has read all that is committed by now.
async fn caught_up(shared: &Shared) -> Result<(), Error> {
    let heads = shared.store.heads().await?;
    for _ in 0..limits::CATCH_UP_TRIES {
        if heads.iter().all(|head| shared.feed.seen(head.partition) >= head.head) {
            return Ok(());
        }
        tokio::time::sleep(limits::TAIL_EVERY).await;
    }
    Err(Error::Unavailable("the feed lags behind".to_owned()))
}

/// Reads the incidents of which something is not known.
async fn read(shared: &Arc<Shared>) -> Result<(), Error> {
    let unread: Vec<InstanceId> = {
        let mut inner = shared.inhibitions.lock();
        if inner.unread.is_empty() {
            return Ok(());
        }
        inner.each(|firing| firing.reading(true));
        std::mem::take(&mut inner.unread).into_iter().collect()
    };
    let result = read_all(shared, &unread).await;
    let mut inner = shared.inhibitions.lock();
    inner.firing.reading(false);
    if result.is_err() {
        inner.unread.extend(unread);
    }
    result
}

async fn read_all(shared: &Arc<Shared>, unread: &[InstanceId]) -> Result<(), Error> {
    for partition in 0..shared.store.partitions() {
        // What was decided before is in the store after it.
        if !sweep::barrier(shared, partition).await {
            return Ok(());
        }
    }
    for id in unread {
        match feed::load_state(shared, id).await? {
            Some((_, entry)) => {
                if let Some(incident) = entry.state.incident() {
                    take(shared, incident).await?;
                }
            }
            None => shared.inhibitions.lock().each(|firing| firing.forget(id)),
        }
    }
    Ok(())
}

/// Takes an incident as the store has it, with the labels that are not known.
async fn take(shared: &Shared, incident: &Incident) -> Result<(), Error> {
    let unknown = {
        let inner = shared.inhibitions.lock();
        let newest = inner.next.as_ref().unwrap_or(&inner.firing);
        let mut unknown = newest.unknown(incident);
        unknown.extend(inner.firing.unknown(incident));
        unknown
    };
    let mut labels: BTreeMap<u32, Labels> = unknown.iter().map(|n| (*n, Labels::new())).collect();
    if !unknown.is_empty() {
        let told = signals::of(shared, incident, &unknown).await?;
        labels.extend(told.into_iter().map(|(n, signal)| (n, signal.labels)));
    }
    shared.inhibitions.lock().put(incident, &labels);
    Ok(())
}

/// Reads all open incidents, by the rules of the newest policy, which decide from then on.
async fn walk(shared: &Arc<Shared>) -> Result<(), Error> {
    let all = &shared.inhibitions;
    let wanted = {
        let mut inner = all.lock();
        inner.each(|firing| firing.reading(true));
        inner.walk.take()
    };
    let walked = walk_all(shared).await;
    let mut inner = all.lock();
    if walked.is_err() {
        inner.walk = inner.walk.or(wanted);
    } else if inner.walk.is_none() {
        // Else it was asked for again meanwhile, perhaps by other rules.
        if let Some(next) = inner.next.take() {
            inner.firing = next;
        }
        inner.firing.reading(false);
        inner.firing.touch_all();
    }
    walked
}

async fn walk_all(shared: &Shared) -> Result<(), Error> {
    let mut after = 0;
    while let Some(page) = sweep::open_page(shared, &mut after).await? {
        for incident in page.iter().filter_map(|state| state.incident()) {
            take(shared, incident).await?;
        }
        if shared.stopping.is_cancelled() {
            return Ok(());
        }
    }
    Ok(())
}
