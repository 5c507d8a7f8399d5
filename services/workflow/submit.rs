//! The door for server processes without the workflow role: commands as the rules know them, in a JSON envelope. Its
//! form belongs to the server's version and is no public contract.

use serde::{Deserialize, Serialize};
use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::instance::{Answer, Command};
use stentor_core::refusal::Refusal;
use stentor_engine::{Engine, Error, RequestId, Submission, To};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::Call;
use crate::wire::Invalid;
use crate::wire::status;

/// What comes in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    to: Destination,
    actor: Actor,
    command: Command,
    #[serde(default)]
    request: Option<Remembered>,
    #[serde(default)]
    expected_version: Option<u64>,
    #[serde(default)]
    validate_only: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Destination {
    Instance(InstanceId),
    New(InstanceId),
    Signal,
}

#[derive(Deserialize)]
struct Remembered {
    key: String,
    body_hash: String,
}

/// What goes out.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Committed { id: InstanceId, version: Option<u64>, answer: Answer, replayed: bool },
    Refused(Vec<Refusal>),
}

pub(super) async fn command(
    engine: &Engine,
    request: Request<v1::SubmitCommandRequest>,
) -> Result<Response<v1::SubmitCommandResponse>, Status> {
    let (call, request) = Call::open("SubmitCommand", request)?;
    let envelope: Envelope = serde_json::from_slice(&request.command)
        .map_err(|problem| Invalid::new("command", format!("is no envelope: {problem}")))?;
    let outcome = match engine.submit(envelope.submission(&call)).await {
        Ok(reply) => Outcome::Committed {
            id: reply.id,
            version: reply.state.map(|state| state.version()),
            answer: reply.answer,
            replayed: reply.replayed,
        },
        Err(Error::Refused(refusal)) => Outcome::Refused(vec![refusal]),
        Err(Error::RefusedAll(refusals)) => Outcome::Refused(refusals),
        Err(other) => return Err(status::of_engine(other)),
    };
    let outcome =
        serde_json::to_vec(&outcome).map_err(|e| status::of_engine(Error::Internal(e.to_string())))?;
    Ok(Response::new(v1::SubmitCommandResponse { outcome }))
}

impl Envelope {
    fn submission(self, call: &Call) -> Submission {
        Submission {
            to: match self.to {
                Destination::Instance(id) => To::Instance(id),
                Destination::New(id) => To::New(id),
                Destination::Signal => To::Signal,
            },
            actor: self.actor,
            command: self.command,
            request: self.request.map(|r| RequestId { key: r.key, body_hash: r.body_hash }),
            expected_version: self.expected_version,
            deadline: Some(call.deadline),
            validate_only: self.validate_only,
        }
    }
}
