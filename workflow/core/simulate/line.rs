//! A line of a simulation, and the table that teams keep as a golden file: the same lines give the same bytes, whatever
//! the machine, the release or the number of the policy version.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::history_log::instant;
use crate::id::ChannelId;
use crate::time::Timestamp;

/// What a line is about. The order is that of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Somebody of the scenario did something, or was refused.
    Action,
    /// A clock started, reached a share of its target, breached, paused, stopped, …
    Clock,
    /// All rounds went unanswered; reminders of it.
    Exhausted,
    /// A level was called or skipped.
    Level,
    /// Somebody is informed.
    Notice,
    /// Somebody is paged through one contact.
    Page,
    /// A signal of the scenario came in.
    Signal,
    /// The incident changed: phase, priority, acknowledgement, hold, …
    State,
    /// Somebody is summoned through one contact.
    Summons,
}

impl Kind {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Action => "action",
            Kind::Clock => "clock",
            Kind::Exhausted => "exhausted",
            Kind::Level => "level",
            Kind::Notice => "notice",
            Kind::Page => "page",
            Kind::Signal => "signal",
            Kind::State => "state",
            Kind::Summons => "summons",
        }
    }
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Whole seconds.
    #[serde(with = "instant")]
    pub at: Timestamp,
    pub kind: Kind,
    /// A person's id, a shared channel with `#`, or another actor; empty if it concerns nobody in particular.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub who: String,
    /// `INC-1`, `INC-2`, … in the order of opening, and their reviews.
    pub incident: String,
    /// The kind of contact of a page, a summons or a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<ChannelId>,
    /// The level of a page, or the level called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// The clock, `{definition}.{cycle}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// The share of the clock's target that was reached; 100 is the breach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u32>,
    /// In words.
    pub what: String,
}

/// The lines as text: UTC, whole seconds, one line each, line feeds, a final one. Lines are expected in their order.
pub fn table(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        let who = if line.who.is_empty() { "-" } else { &line.who };
        let via = line.via.as_ref().map(|via| format!("{via}, ")).unwrap_or_default();
        // Fixed widths: a longer name elsewhere does not move every line of a golden file.
        let _ = writeln!(
            text,
            "{}  {:<9}  {who:<18}  {}  {via}{}",
            line.at,
            line.kind.as_str(),
            line.incident,
            line.what
        );
    }
    text
}
