//! What arrives at a committer, and what goes back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::incident::Prepared;
use stentor_core::instance::{Answer, Command, Instance};
use stentor_core::time::Timestamp;
use tokio::sync::oneshot;

use crate::error::Error;
use crate::observe::Origin;
use crate::request::RequestId;
use crate::store::rows::Claim;

/// Something to do.
#[derive(Debug)]
pub(crate) enum Item {
    Command(Box<Work>),
    Claim(Claiming),
    /// Asks whether this loop still commits.
    Canary(oneshot::Sender<()>),
}

impl Item {
    /// Answers with an error.
    pub(crate) fn refuse(self, e: Error) {
        match self {
            Item::Command(work) => work.answer(Err(e)),
            // Whoever waits finds that nobody will answer.
            Item::Claim(_) | Item::Canary(_) => {}
        }
    }
}

/// A command with everything that its decision and its answer need.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) payload: Payload,
    pub(crate) actor: Actor,
    pub(crate) request: Option<RequestId>,
    pub(crate) expected_version: Option<u64>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) validate_only: bool,
    /// Names the command in the history, and its origin behind it.
    pub(crate) cause: String,
    /// The span that it comes from.
    pub(crate) origin: Option<Origin>,
    /// For a deadline: its instant, which the transition is not earlier than.
    pub(crate) due: Option<Timestamp>,
    pub(crate) tries: u32,
    pub(crate) reply: Answers,
}

/// Where the answer to a command goes.
#[derive(Debug)]
pub(crate) enum Answers {
    One(oneshot::Sender<Result<Done, Error>>),
    /// A place among the answers of commands that came together.
    Among(Arc<Together>, usize),
}

/// The answers of commands that came together, sent when the last one is in.
#[derive(Debug)]
pub(crate) struct Together {
    answers: Mutex<Collected>,
}

#[derive(Debug)]
struct Collected {
    results: Vec<Result<Done, Error>>,
    missing: usize,
    reply: Option<oneshot::Sender<Vec<Result<Done, Error>>>>,
}

impl Together {
    /// Waits for so many answers.
    pub(crate) fn new(count: usize) -> (Arc<Together>, oneshot::Receiver<Vec<Result<Done, Error>>>) {
        let (reply, answers) = oneshot::channel();
        let lost = || Err(Error::Unavailable("shutting down".to_owned()));
        let results = std::iter::repeat_with(lost).take(count).collect();
        let collected = Collected { results, missing: count, reply: Some(reply) };
        (Arc::new(Together { answers: Mutex::new(collected) }), answers)
    }

    fn put(&self, place: usize, result: Result<Done, Error>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.results[place] = result;
        answers.missing -= 1;
        if answers.missing == 0
            && let Some(reply) = answers.reply.take()
        {
            // A caller who left does not matter.
            let _ = reply.send(std::mem::take(&mut answers.results));
        }
    }
}

/// What to decide, and on what.
#[derive(Debug)]
pub(crate) enum Payload {
    /// A command to an instance; it may open it if it does not exist.
    To { id: InstanceId, command: Command, may_open: bool },
    /// A signal to wherever it belongs.
    Signal(Heed),
}

/// A signal with its identity, made once.
#[derive(Debug)]
pub(crate) struct Heed {
    pub(crate) prepared: Arc<Prepared>,
    /// Empty for a report.
    pub(crate) identity: String,
}

impl Heed {
    pub(crate) fn new(prepared: Prepared) -> Heed {
        let key = &prepared.signal.key;
        let identity = if key.is_empty() { String::new() } else { prepared.signal.identity() };
        Heed { prepared: Arc::new(prepared), identity }
    }
}

/// The answer to a command.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) id: Option<InstanceId>,
    pub(crate) state: Option<Arc<Instance>>,
    pub(crate) what: What,
    pub(crate) replayed: bool,
}

/// What the answer says.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) enum What {
    Answer(Answer),
    Discarded,
    Dropped,
    Forgotten,
}

/// A dispatcher that wants to send an effect.
#[derive(Debug)]
pub(crate) struct Claiming {
    pub(crate) instance: InstanceId,
    /// The effect's key inside the instance.
    pub(crate) key: String,
    pub(crate) claim: Claim,
    pub(crate) reply: oneshot::Sender<Claimed>,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claimed {
    /// It is ours until its lease ends.
    Ours,
    /// The state does not want it any more.
    Unwanted,
    /// The outbox has it otherwise than it was read: another process had it, or may have.
    Changed,
}

impl Work {
    /// Sends the answer; a caller who left does not matter.
    pub(crate) fn answer(self: Box<Self>, result: Result<Done, Error>) {
        match self.reply {
            Answers::One(reply) => drop(reply.send(result)),
            Answers::Among(together, place) => together.put(place, result),
        }
    }
}
