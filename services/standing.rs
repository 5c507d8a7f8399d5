//! Standing records over the API: a change that was understood is submitted. What may be changed is decided by the rules.

use stentor_core::standing::Event;
use stentor_engine::{Engine, StandingReply, StandingSubmission};
use tonic::Status;

use crate::call::Call;
use crate::wire::fields::Understood;
use crate::wire::standing::Change;
use crate::wire::status;

/// Submits what was asked for.
pub(crate) async fn change(
    engine: &Engine,
    call: &Call,
    asked: Understood<Change>,
) -> Result<StandingReply, Status> {
    let Change { command, request, validate_only } = asked.map_err(|wrong| status::invalid_fields(&wrong))?;
    let submission = StandingSubmission {
        actor: call.actor().clone(),
        command,
        request: call.request(request.as_ref()),
        validate_only,
    };
    engine.change_standing(submission).await.map_err(status::of_engine)
}

/// The number of what a change was about.
pub(crate) fn id_of(reply: &StandingReply) -> u64 {
    reply.events.first().map_or(0, Event::id)
}
