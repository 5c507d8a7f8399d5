//! Watches what must never be true: an open instance without a wake-up, a wake-up nobody serves, a loop that stands
//! still. It repairs by ticking, and says so loudly.

use std::sync::Arc;

use stentor_core::incident::place::CLEAR_KEPT;
use stentor_core::time::Timestamp;
use tokio::sync::oneshot;

use crate::committer::Item;
use crate::engine::Shared;
use crate::limits;

/// Audits for as long as the engine runs.
pub(crate) async fn run(shared: Arc<Shared>) {
    loop {
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = tokio::time::sleep(limits::AUDIT_EVERY) => {}
        }
        for partition in 0..shared.store.partitions() {
            audit(&shared, partition).await;
        }
        shared.beat("audit");
    }
}

/// Forgets request ids that nobody can repeat any more: 72 hours old, and their instance is no longer open.
pub(crate) async fn forget(shared: Arc<Shared>) {
    loop {
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = tokio::time::sleep(limits::FORGET_EVERY) => {}
        }
        for partition in 0..shared.store.partitions() {
            if shared.leads(partition) {
                forget_requests(&shared, partition).await;
                forget_clears(&shared, partition).await;
            }
        }
        if shared.leads(0) {
            forget_refusals(&shared).await;
        }
    }
}

/// Walks all remembered requests in small transactions.
pub(crate) async fn forget_requests(shared: &Shared, partition: u16) {
    let before = shared.clock.now().0 - limits::REQUESTS_KEPT_MS;
    let mut after = String::new();
    loop {
        match shared.store.forget_requests(partition, after, before, limits::FORGET_PAGE).await {
            Ok(Some(last)) => after = last,
            Ok(None) => return,
            Err(e) => return tracing::warn!(partition, error = %e, "old requests cannot be forgotten"),
        }
        // Commits come first.
        tokio::time::sleep(limits::FORGET_PAUSE).await;
    }
}

/// Forgets clears that no late firing can be older than any more.
pub(crate) async fn forget_clears(shared: &Shared, partition: u16) {
    let before = (shared.clock.now() - CLEAR_KEPT).0;
    if let Err(e) = shared.store.forget_clears(partition, before).await {
        tracing::warn!(partition, error = %e, "old clears cannot be forgotten");
    }
}

/// Forgets the counts of what was not taken in long ago.
pub(crate) async fn forget_refusals(shared: &Shared) {
    let before = shared.clock.now().0 - limits::REFUSALS_KEPT_MS;
    if let Err(e) = shared.store.forget_refusals(before).await {
        tracing::warn!(error = %e, "old counts of refused signals cannot be forgotten");
    }
}

/// Puts back wake-ups that the wheel has lost; returns how many.
pub(crate) async fn audit(shared: &Shared, partition: u16) -> usize {
    let now = shared.clock.now();
    let rows = match shared.store.overdue(partition, now.0 - limits::OVERDUE_MS, 1000).await {
        Ok(rows) => rows,
        Err(e) => {
            tracing::warn!(partition, error = %e, "the auditor cannot read");
            return 0;
        }
    };
    let mut repaired = 0;
    for row in rows {
        let kind = if row.wake_at.is_none() { "absent" } else { "overdue" };
        tracing::error!(
            id = row.id,
            wake_at = row.wake_at,
            "an open instance had lost its wake-up; ticking it"
        );
        shared.observer.repaired(kind);
        shared.wheel(partition).arm(vec![(row.id.into(), Some(Timestamp(now.0)))]);
        repaired += 1;
    }
    repaired
}

/// Proves again and again that each partition still commits; health rests on it.
pub(crate) async fn canary(shared: Arc<Shared>) {
    loop {
        for partition in 0..shared.store.partitions() {
            let (reply, answer) = oneshot::channel();
            if shared.senders(partition).push(Item::Canary(reply)).await.is_err() {
                return;
            }
            if tokio::time::timeout(limits::CANARY_LIMIT, answer).await.is_ok_and(|a| a.is_ok())
                && shared.store.heads().await.is_ok()
            {
                shared.sang(partition);
            }
        }
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = tokio::time::sleep(limits::CANARY_EVERY) => {}
        }
    }
}
