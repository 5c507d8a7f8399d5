//! Commands that need an incident's whole history: the draft of a review is generated from it when the review opens.

use std::str::FromStr;
use std::sync::Arc;

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::incident;
use stentor_core::instance::{Command, Event};
use stentor_core::review;
use stentor_core::time::Timestamp;

use crate::engine::Shared;
use crate::error::Error;
use crate::limits;

/// The command with what its sender could not know.
pub(super) async fn complete(shared: &Arc<Shared>, command: &Command) -> Command {
    let Command::Review(review::Command::Open(opening)) = command else { return command.clone() };
    match sections(shared, &opening.incident).await {
        Ok(sections) => {
            let opening = review::Opening { sections, ..(**opening).clone() };
            Command::Review(review::Command::Open(Box::new(opening)))
        }
        Err(e) => {
            // The review opens without a draft rather than not at all; it can be drafted again.
            tracing::warn!(incident = %opening.incident, error = %e, "the review could not be drafted");
            command.clone()
        }
    }
}

/// The review's sections as the history tells them.
pub(crate) async fn sections(
    shared: &Arc<Shared>,
    id: &InstanceId,
) -> Result<Vec<(review::Section, String)>, Error> {
    let partition = crate::slot::partition_of(id.as_str(), shared.store.partitions());
    let state = crate::engine::state_of(shared, partition, id).await?;
    let incident = state.incident().ok_or_else(|| Error::NotFound(id.to_string()))?;
    let history = history(shared, id).await?;
    Ok(review::draft::draft(incident, &history))
}

async fn history(
    shared: &Shared,
    id: &InstanceId,
) -> Result<Vec<(u64, Timestamp, Actor, incident::Event)>, Error> {
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let page = shared.store.history(id.0.clone(), after, limits::OUTBOX_PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.version;
        for row in &page {
            let transition = crate::feed::transition(row)?;
            let actor = Actor::from_str(&row.actor).unwrap_or(Actor::System);
            for (i, event) in transition.events.iter().enumerate() {
                if let Event::Incident(event) = event {
                    all.push((transition.first + i as u64, transition.at, actor.clone(), event.clone()));
                }
            }
        }
    }
}
