//! Which replica serves a partition's deadlines and effects. The lease saves work and keeps sends exclusive; what makes
//! a write safe is the version it was decided on, never this.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::Shared;
use crate::limits;
use crate::store::rows::LeaseOp;

/// Trusted for so much less than it lasts, counted from before it was asked for.
const MARGIN: Duration = Duration::from_secs(1);

/// Renews leases for as long as the engine runs; a new replica takes its share as leases become free.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut trusted: Vec<Option<Instant>> = vec![None; usize::from(shared.store.partitions())];
    loop {
        for partition in 0..shared.store.partitions() {
            let asked = Instant::now();
            let op = LeaseOp::Hold {
                owner: shared.replica.clone(),
                addr: shared.address.clone(),
                ttl_ms: limits::LEASE_MS,
            };
            let held = matches!(shared.store.lease(partition, op).await, Ok(Some(_)));
            let slot = &mut trusted[usize::from(partition)];
            if held {
                *slot = Some(asked + Duration::from_millis(limits::LEASE_MS as u64) - MARGIN);
            }
            let leads = slot.is_some_and(|until| Instant::now() < until) && (held || slot.is_some());
            shared.set_leads(partition, leads);
        }
        shared.beat("lease");
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = tokio::time::sleep(limits::LEASE_EVERY) => {}
        }
    }
}

/// Gives every lease up, so that another replica takes over at once.
pub(crate) async fn resign_all(shared: &Shared) {
    if shared.single_writer {
        return;
    }
    for partition in 0..shared.store.partitions() {
        shared.set_leads(partition, false);
        let op = LeaseOp::Resign { owner: shared.replica.clone() };
        // Not resigned, it runs out by itself.
        let _ = shared.store.lease(partition, op).await;
    }
}
