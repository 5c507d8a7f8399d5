//! Answers that were given before: the state as it was then, folded from the history up to that version.

use std::sync::Arc;

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::instance::{Answer, Event, Instance, Meta, apply};
use stentor_core::refusal::Refusal;
use stentor_core::time::Timestamp;

use crate::engine::Shared;
use crate::error::Error;
use crate::limits;
use crate::store::rows::RequestRow;

use super::work::{Done, What, Work};

/// Gives the first answer again, or refuses a request id that was used for something else.
pub(super) async fn answer(shared: Arc<Shared>, work: Box<Work>, row: RequestRow) {
    let reused = work.request.as_ref().is_some_and(|r| r.body_hash != row.body_hash);
    let result = if reused { Err(Refusal::RequestIdReused.into()) } else { first(&shared, row).await };
    work.answer(result);
}

async fn first(shared: &Shared, row: RequestRow) -> Result<Done, Error> {
    let state = state_at(shared, &row).await?;
    let what = serde_json::from_str(&row.outcome).unwrap_or(What::Answer(Answer::Done));
    Ok(Done { id: Some(row.id.into()), state, what, replayed: true })
}

async fn state_at(shared: &Shared, row: &RequestRow) -> Result<Option<Arc<Instance>>, Error> {
    let id = InstanceId(row.id.clone());
    let mut state = None;
    let mut after = 0;
    while after < row.version {
        let page = shared.store.history(row.id.clone(), after, limits::OUTBOX_PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.version;
        for transition in page.iter().take_while(|t| t.version <= row.version) {
            fold(&mut state, &id, transition)?;
        }
    }
    Ok(state.map(Arc::new))
}

/// Folds a row of the history into a state.
pub(crate) fn fold(
    state: &mut Option<Instance>,
    id: &InstanceId,
    row: &crate::store::rows::EventRow,
) -> Result<(), Error> {
    let broken =
        |e: String| Error::Internal(format!("the history of {id} cannot be read at {}: {e}", row.first));
    let events: Vec<Event> = serde_json::from_str(&row.data).map_err(|e| broken(e.to_string()))?;
    let actor: Actor = row.actor.parse().map_err(|e: stentor_core::actor::BadActor| broken(e.to_string()))?;
    for (i, event) in events.iter().enumerate() {
        let meta = Meta { n: row.first as u64 + i as u64, at: Timestamp(row.at), actor: &actor };
        apply(state, event, id, &meta);
    }
    Ok(())
}
