//! What people ask of standing records, and what a decision on it may know. Nothing is decided here.

use crate::actor::Actor;
use crate::id::{PersonId, ScheduleId};
use crate::policy::Policy;
use crate::silence::{Matcher, Plan};
use crate::subscription::Subscription;
use crate::time::Timestamp;

/// A part of a schedule as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Any instant of the shift that is meant; where the part begins, but not before now.
    pub from: Timestamp,
    /// First instant after it; None: the end of the shift that holds at `from`.
    pub to: Option<Timestamp>,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Lets somebody take over for a while.
    CreateOverride {
        schedule: ScheduleId,
        /// None, and every instant before now: now. Nobody is made to have been on call.
        from: Option<Timestamp>,
        to: Timestamp,
        /// None: everyone, and also nobody.
        replaces: Option<PersonId>,
        by: PersonId,
        reason: String,
    },
    /// Ends an override now. What it did before stays.
    CancelOverride { id: u64, reason: String },
    /// Asks for an exchange.
    RequestSwap(SwapRequest),
    /// Agrees to it: the two overrides come into being.
    AcceptSwap { id: u64 },
    /// Does not agree to it.
    DeclineSwap { id: u64, reason: String },
    /// Takes the request back.
    WithdrawSwap { id: u64, reason: String },
    /// Has alerts page nobody for a while.
    CreateSilence {
        /// One of these sets must match, and in it every matcher.
        sets: Vec<Vec<Matcher>>,
        /// None, and every instant before now: now.
        from: Option<Timestamp>,
        to: Timestamp,
        comment: String,
    },
    /// Ends a silence now.
    CancelSilence { id: u64, reason: String },
    /// Plans maintenance. One that does not repeat begins now at the earliest.
    CreateWindow { plan: Plan, comment: String },
    /// Ends a window now, and all its repetitions.
    CancelWindow { id: u64, reason: String },
    /// Wants status updates.
    Subscribe(Subscription),
    /// Wants no more of them.
    CancelSubscription { id: u64, reason: String },
}

/// An exchange of parts of one schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapRequest {
    pub schedule: ScheduleId,
    /// None: who asks.
    pub requester: Option<PersonId>,
    pub with: PersonId,
    /// What the requester would be relieved of.
    pub gives: Part,
    /// What the requester would do instead.
    pub takes: Part,
    pub reason: String,
}

/// What a decision may know besides the book.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Never before the last entry of the book.
    pub now: Timestamp,
    pub actor: &'a Actor,
    /// The newest version.
    pub policy: &'a Policy,
}
