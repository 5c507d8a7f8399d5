//! The closed sets of words that describe an incident. Their order is their meaning where they have one.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word as stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value for a word, if it is one.
            pub fn parse(text: &str) -> Option<$name> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

words! {
    /// Position in the incident's life. *Open* is before `Resolved`.
    Phase {
        /// Seen, not yet declared an incident.
        Triage = "TRIAGE",
        /// Declared.
        Active = "ACTIVE",
        /// Users no longer suffer.
        Mitigated = "MITIGATED",
        /// The fix is verified.
        Resolved = "RESOLVED",
        /// Documented.
        Closed = "CLOSED",
        /// A false alarm, or merged.
        Cancelled = "CANCELLED",
    }
    /// How soon somebody must act; P1 first.
    Priority {
        /// Critical.
        P1 = "P1",
        /// High.
        P2 = "P2",
        /// Moderate.
        P3 = "P3",
        /// Low.
        P4 = "P4",
        /// Planning: pages nobody.
        P5 = "P5",
    }
    /// A level of impact or urgency.
    Level3 {
        /// Highest.
        High = "HIGH",
        /// Between.
        Medium = "MEDIUM",
        /// Lowest.
        Low = "LOW",
    }
    /// What the sender of a signal thinks of it, worst first.
    Severity {
        /// Worst.
        Critical = "critical",
        /// Bad.
        Error = "error",
        /// Suspicious.
        Warning = "warning",
        /// For information.
        Info = "info",
    }
    /// Why an incident is on hold.
    HoldReason {
        /// The reporter owes an answer.
        AwaitingReporter = "AWAITING_REPORTER",
        /// A vendor owes something.
        AwaitingVendor = "AWAITING_VENDOR",
        /// A change is on its way.
        AwaitingChange = "AWAITING_CHANGE",
        /// A problem record must be solved first.
        AwaitingProblem = "AWAITING_PROBLEM",
        /// Evidence is missing.
        AwaitingEvidence = "AWAITING_EVIDENCE",
        /// Work is planned for later.
        Scheduled = "SCHEDULED",
    }
    /// Why nobody is paged for an incident.
    SuppressReason {
        /// All its alerts are silenced.
        Silenced = "SILENCED",
        /// All its alerts are inhibited by another alert.
        Inhibited = "INHIBITED",
        /// Held for a moment, in case it clears by itself.
        Transient = "TRANSIENT",
        /// Its priority pages nobody.
        NotPaged = "NOT_PAGED",
        /// A maintenance window holds it.
        MaintenanceHold = "MAINTENANCE_HOLD",
        /// A maintenance window mutes it.
        MaintenanceMute = "MAINTENANCE_MUTE",
        /// A maintenance window collects it.
        MaintenanceCollect = "MAINTENANCE_COLLECT",
        /// Everything cleared and nobody had acknowledged.
        Cleared = "CLEARED",
        /// It is being merged into another.
        Merging = "MERGING",
    }
    /// How an incident ended.
    ResolutionCode {
        /// The cause was removed.
        Fixed = "FIXED",
        /// A workaround serves.
        Workaround = "WORKAROUND",
        /// The change was undone.
        RolledBack = "ROLLED_BACK",
        /// It went away by itself and stayed away.
        Recovered = "RECOVERED",
        /// Somebody else's system, and they fixed it.
        External = "EXTERNAL",
        /// The cause of another incident.
        DuplicateCause = "DUPLICATE_CAUSE",
        /// Nothing was wrong.
        NoFaultFound = "NO_FAULT_FOUND",
        /// It cleared and nobody ever confirmed.
        ClearedUnconfirmed = "CLEARED_UNCONFIRMED",
        /// It cleared before anyone was to be paged.
        Transient = "TRANSIENT",
        /// Planned work.
        Maintenance = "MAINTENANCE",
    }
    /// Why an incident was cancelled by a person, a merge or the end of its drill.
    CancelReason {
        /// Nothing happened.
        FalseAlarm = "FALSE_ALARM",
        /// Something else than an incident.
        NotAnIncident = "NOT_AN_INCIDENT",
        /// A test.
        Test = "TEST",
        /// Merged into another incident.
        Merged = "MERGED",
        /// Its drill ended.
        DrillEnded = "DRILL_ENDED",
    }
    /// How two incidents are related.
    RelationKind {
        /// Somehow.
        Related = "RELATED",
        /// This one was caused by the other.
        CausedBy = "CAUSED_BY",
        /// This one is the other one again.
        Recurs = "RECURS",
        /// This one is the other one seen twice.
        DuplicateOf = "DUPLICATE_OF",
    }
    /// Who a status update is for; later includes earlier.
    Audience {
        /// Responders.
        Internal = "INTERNAL",
        /// Those who depend on the service.
        Stakeholders = "STAKEHOLDERS",
        /// Everybody.
        Public = "PUBLIC",
    }
    /// Life of a fix.
    FixState {
        /// Intended.
        Planned = "PLANNED",
        /// Done, not yet proven.
        Applied = "APPLIED",
        /// Proven.
        Verified = "VERIFIED",
        /// Did not help.
        Failed = "FAILED",
        /// Undone.
        RolledBack = "ROLLED_BACK",
    }
    /// Life of a task or an action item.
    TaskState {
        /// Not begun.
        Open = "OPEN",
        /// Begun.
        InProgress = "IN_PROGRESS",
        /// Finished.
        Done = "DONE",
        /// Given up (a task) or declined (an action item).
        Dropped = "DROPPED",
    }
    /// Life of a hypothesis.
    HypothesisState {
        /// Said.
        Proposed = "PROPOSED",
        /// Being tested.
        Testing = "TESTING",
        /// Right.
        Confirmed = "CONFIRMED",
        /// Wrong.
        Rejected = "REJECTED",
    }
    /// A clock's state.
    ClockState {
        /// Counting.
        Running = "RUNNING",
        /// Held by a pause.
        Paused = "PAUSED",
        /// Stopped in time.
        Met = "MET",
        /// Stopped late.
        Breached = "BREACHED",
        /// No longer asked for.
        Cancelled = "CANCELLED",
    }
    /// The worst of an incident's live clocks, worst first.
    SlaState {
        /// Breached and running.
        Overdue = "OVERDUE",
        /// Three quarters are gone.
        AtRisk = "AT_RISK",
        /// In time.
        Ok = "OK",
        /// All live clocks are paused.
        Paused = "PAUSED",
        /// No live clock.
        None = "NONE",
    }
}
