//! A running measurement made from an SLA definition. Its arithmetic lives in `sla`; the instants computed there are
//! kept here, so that the next wake-up needs no policy.

use serde::{Deserialize, Serialize};

use crate::id::{CalendarId, SlaId};
use crate::policy::Policy;
use crate::policy::document::SlaKind;
use crate::sla::meter::{Meter, Pause};
use crate::time::{Duration, Timestamp};

use super::kinds::{ClockState, HoldReason, SuppressReason};

/// A clock, `clocks/{definition}.{cycle}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    pub definition: SlaId,
    pub cycle: u32,
    pub kind: SlaKind,
    pub calendar: CalendarId,
    /// Calendar time in whole seconds.
    pub target: Duration,
    pub start: Timestamp,
    pub state: ClockState,
    /// When it will have breached; absent while paused or once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// The next share of the target to be recorded, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Mark>,
    /// The last share recorded or skipped, in percent.
    #[serde(default)]
    pub recorded: u32,
    /// The due instant of the breach, once recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Timestamp>,
    /// Why its breach is excused; it stays a breach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excuse: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<PauseSpan>,
    /// When the running pause ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_cap_at: Option<Timestamp>,
    /// This hold's pause has ended by its cap and does not begin again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub capped: bool,
}

/// A share of the target and its instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub percent: u32,
    pub at: Timestamp,
}

/// A pause of a clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseSpan {
    pub from: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    pub why: PauseWhy,
}

/// Why a clock is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PauseWhy {
    Hold(HoldReason),
    Suppressed(SuppressReason),
    /// Between a resolve and its reopening.
    Resolved,
    /// By a condition of the definition.
    Condition,
}

/// How a clock ended, or that it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Met,
    /// Whether it has stopped since or not.
    Breached,
    Running,
    Cancelled,
}

impl Verdict {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::Breached => "breached",
            Verdict::Running => "running",
            Verdict::Cancelled => "cancelled",
        }
    }
}

impl Clock {
    /// How it ended.
    pub fn verdict(&self) -> Verdict {
        match (self.breached, self.state) {
            (_, ClockState::Cancelled) => Verdict::Cancelled,
            (Some(_), _) | (None, ClockState::Breached) => Verdict::Breached,
            (None, ClockState::Met) => Verdict::Met,
            (None, ClockState::Running | ClockState::Paused) => Verdict::Running,
        }
    }

    /// Running or paused: it can still breach.
    pub fn is_live(&self) -> bool {
        matches!(self.state, ClockState::Running | ClockState::Paused)
    }

    /// `{definition}.{cycle}`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.definition, self.cycle)
    }

    /// Asks the arithmetic about this clock; `None` if the policy does not know its calendar.
    pub fn measure<T>(&self, policy: &Policy, ask: impl FnOnce(&Meter<'_>) -> T) -> Option<T> {
        let calendar = policy.calendar(&self.calendar)?;
        let pauses: Vec<Pause> = self.pauses.iter().map(|p| Pause { from: p.from, to: p.to }).collect();
        Some(ask(&Meter { calendar, start: self.start, pauses: &pauses }))
    }

    /// Whether this is its name; quicker than to make it.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        let cycle = name.strip_prefix(self.definition.as_str()).and_then(|rest| rest.strip_prefix('.'));
        cycle.is_some_and(|cycle| cycle.parse() == Ok(self.cycle))
    }
}
