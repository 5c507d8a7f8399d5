//! What follows from a priority: time limits, gates and who decides when everything is clear. It merges defaults with the
//! document; it applies nothing.

use super::document::{ClosureProfile, Document, EscalationSpec, Verification};
use crate::incident::kinds::Priority;
use crate::time::Duration;

/// What an acknowledged incident becomes when all its alerts have cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllClearAcked {
    /// Users no longer suffer; a person verifies and resolves.
    Mitigated,
    /// It is over.
    Resolved,
}

/// What an incident that nobody ever acknowledged becomes when all its alerts have cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllClearUnacked {
    /// It waits for a person, for a day.
    Confirm,
    /// It is over.
    Resolve,
}

/// The rules of one priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriorityRules {
    /// How long an acknowledgement holds without activity; `None`: for ever.
    pub ack_timeout: Option<Duration>,
    /// The same while the incident is mitigated.
    pub ack_timeout_mitigated: Option<Duration>,
    /// The longest an acknowledgement holds whatever its holder does.
    pub ack_cap: Option<Duration>,
    pub snooze_max: Duration,
    pub hold_max: Duration,
    pub on_all_clear_acked: AllClearAcked,
    pub all_clear_unacked: AllClearUnacked,
    /// How long all alerts must stay clear before that counts.
    pub quiet_time: Duration,
    pub verification: Verification,
    /// How long a fix must have been applied before it can be verified.
    pub soak: Duration,
    pub closure: ClosureProfile,
    /// Automatic close so long after the resolve; `None`: never.
    pub close_after: Option<Duration>,
    /// Whether a resolved incident gets a review.
    pub review: bool,
    /// Whether people are paged by their `urgent` contact rules.
    pub urgent: bool,
    /// Whether anybody is paged at all.
    pub paged: bool,
}

impl PriorityRules {
    /// The rules before any document.
    pub fn defaults(priority: Priority) -> PriorityRules {
        let (h, m, d) = (Duration::hours, Duration::minutes, Duration::days);
        let (timeouts, snooze_max, hold_max) = match priority {
            Priority::P1 => (Some((m(30), h(4), h(8))), h(1), d(7)),
            Priority::P2 => (Some((h(1), h(4), h(12))), h(4), d(7)),
            Priority::P3 => (Some((h(4), h(24), h(24))), h(24), d(7)),
            Priority::P4 => (Some((h(24), h(24), h(72))), h(72), d(30)),
            Priority::P5 => (None, d(7), d(30)),
        };
        let urgent = priority <= Priority::P2;
        let (verification, soak, closure, close_after) = match priority {
            Priority::P1 | Priority::P2 => (Verification::Required, m(10), ClosureProfile::Full, None),
            Priority::P3 => (Verification::Confirm, Duration::ZERO, ClosureProfile::Short, Some(h(72))),
            Priority::P4 | Priority::P5 => {
                (Verification::None, Duration::ZERO, ClosureProfile::None, Some(h(24)))
            }
        };
        PriorityRules {
            ack_timeout: timeouts.map(|t| t.0),
            ack_timeout_mitigated: timeouts.map(|t| t.1),
            ack_cap: timeouts.map(|t| t.2),
            snooze_max,
            hold_max,
            on_all_clear_acked: if urgent { AllClearAcked::Mitigated } else { AllClearAcked::Resolved },
            all_clear_unacked: if urgent { AllClearUnacked::Confirm } else { AllClearUnacked::Resolve },
            quiet_time: m(5),
            verification,
            soak,
            closure,
            close_after,
            review: urgent,
            urgent,
            paged: priority != Priority::P5,
        }
    }

    /// The rules of a priority under a document, and under the escalation policy the incident follows.
    pub(super) fn merged(
        document: &Document,
        priority: Priority,
        escalation: Option<&EscalationSpec>,
    ) -> PriorityRules {
        let mut rules = PriorityRules::defaults(priority);
        rules.review = document.reviews.required.contains(&priority);
        if let Some(spec) = document.priorities.get(&priority) {
            rules.ack_timeout_mitigated = spec.ack_timeout_mitigated.or(rules.ack_timeout_mitigated);
            rules.ack_cap = spec.ack_cap.or(rules.ack_cap);
            rules.snooze_max = spec.snooze_max.unwrap_or(rules.snooze_max);
            rules.hold_max = spec.hold_max.unwrap_or(rules.hold_max);
            rules.quiet_time = spec.quiet_time.unwrap_or(rules.quiet_time);
            rules.verification = spec.verification.unwrap_or(rules.verification);
            rules.soak = spec.soak.unwrap_or(rules.soak);
            rules.closure = spec.closure.unwrap_or(rules.closure);
            rules.close_after = spec.close_after.or(rules.close_after);
        }
        if let Some(spec) = escalation {
            let named = spec.ack_timeout.get(priority.as_str());
            // P5 has no timeout, and a default meant for the paged priorities does not give it one.
            let general = spec.ack_timeout.get("default").filter(|_| rules.paged);
            rules.ack_timeout = named.or(general).copied().or(rules.ack_timeout);
        }
        // A zero written in the document means "for ever": there is no other way to write it.
        rules.ack_timeout = rules.ack_timeout.filter(|t| *t > Duration::ZERO);
        rules
    }
}
