//! What a resolve needs besides silent alerts: recovery steps done, and a proof as the priority asks for it. Firing
//! alerts and the resolution code are looked at by the resolve itself.

use crate::policy::document::Verification;
use crate::refusal::Refusal;
use crate::time::Timestamp;

use crate::incident::checklist;
use crate::incident::command::Resolve;
use crate::incident::draft::Draft;
use crate::incident::kinds::FixState;
use crate::incident::work::Fix;

/// Every condition that is not met, in the order in which they are asked for.
pub(in crate::incident) fn verification_unmet(draft: &Draft<'_>, resolve: &Resolve) -> Vec<Refusal> {
    let open = checklist::open_recovery(&draft.state, false);
    let recovery = (open > 0).then_some(Refusal::RecoveryOpen { count: open });
    let proof = match draft.rules().verification {
        Verification::Required => proven(draft, resolve).err(),
        Verification::Confirm if resolve.how_verified.trim().is_empty() => Some(Refusal::FixNotVerified),
        Verification::Confirm | Verification::None => None,
    };
    recovery.into_iter().chain(proof).collect()
}

/// The newest fix that stands is verified; or it recovered by itself, somebody says why, and nothing fired for as long
/// as a fix would have had to soak.
fn proven(draft: &Draft<'_>, resolve: &Resolve) -> Result<(), Refusal> {
    let newest = draft.state.work.fixes.iter().rev().find(|(_, fix)| fix.state != FixState::RolledBack);
    if matches!(newest, Some((_, Fix { state: FixState::Verified, .. }))) {
        return Ok(());
    }
    if resolve.recovered_by_itself {
        return recovered(draft, resolve, newest.map_or(0, |(n, _)| *n));
    }
    match newest {
        Some((n, Fix { state: FixState::Applied, ready_at: Some(ready_at), .. }))
            if draft.now() < *ready_at =>
        {
            Err(Refusal::FixSoaking { fix: *n, ready_at: *ready_at })
        }
        _ => Err(Refusal::FixNotVerified),
    }
}

fn recovered(draft: &Draft<'_>, resolve: &Resolve, fix: u32) -> Result<(), Refusal> {
    if resolve.note.trim().is_empty() || draft.state.alerts.values().any(|a| a.counts_as_firing()) {
        return Err(Refusal::FixNotVerified);
    }
    let quiet_since: Option<Timestamp> =
        draft.state.alerts.values().filter(|a| !a.moved).map(|a| a.since).max();
    let ready_at = quiet_since.map(|since| since + draft.rules().soak);
    match ready_at {
        Some(ready_at) if draft.now() < ready_at => Err(Refusal::FixSoaking { fix, ready_at }),
        _ => Ok(()),
    }
}
