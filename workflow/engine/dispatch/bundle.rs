//! Pages that go within another one: which of those held back are still wanted, and what their incidents hear of it.
//! When they may go is not known here.

use std::sync::Arc;

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::incident;
use stentor_core::incident::event::DeliveryOutcome;
use stentor_core::instance::{Command, Instance};
use stentor_core::time::Timestamp;

use crate::engine::Shared;
use crate::request::Submission;
use crate::store::rows::OutboxRow;

/// A page that goes within another.
pub(super) struct Rider {
    pub(super) row: OutboxRow,
    pub(super) state: Arc<Instance>,
}

/// Those that their incidents still want; the rest is withdrawn when its own turn comes.
pub(super) async fn wanted(shared: &Shared, partition: u16, rows: Vec<OutboxRow>) -> Vec<Rider> {
    let mut riders = Vec::new();
    for row in rows {
        let id = InstanceId(row.id.clone());
        if let Ok(state) = crate::engine::state_of(shared, partition, &id).await
            && state.pending().contains_key(key(&row))
        {
            riders.push(Rider { row, state });
        }
    }
    riders
}

/// The message that carried them was accepted. If this is never recorded they go by themselves: twice rather than not.
pub(super) async fn told(shared: &Arc<Shared>, by: &OutboxRow, riders: Vec<Rider>) {
    for Rider { row, .. } in riders {
        let detail = format!("within {}", by.effect_id);
        let id = InstanceId(row.id.clone());
        super::report(shared, &id, key(&row), &row, DeliveryOutcome::Bundled, &detail).await;
    }
}

/// Tells the incident that its page waits. Nothing depends on it.
pub(super) async fn delayed(shared: &Arc<Shared>, row: &OutboxRow, until: Timestamp) {
    let command = incident::Command::RecordDelay { effect: key(row).to_owned(), until };
    let to = InstanceId(row.id.clone());
    let submission = Submission::new(to, Actor::System, Command::Incident(command));
    if let Err(error) = crate::engine::submit_system(shared, submission).await {
        tracing::warn!(effect = row.effect_id, %error, "a page waits, and its incident does not know");
    }
}

fn key(row: &OutboxRow) -> &str {
    row.effect_id.strip_prefix(&row.id).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default()
}
