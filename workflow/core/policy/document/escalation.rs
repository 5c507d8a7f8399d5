//! Escalation policies as written: levels, targets, fallback. Whom a target reaches is not decided here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{CalendarId, ChannelId, LevelId, PersonId, ScheduleId, TeamId};
use crate::incident::kinds::Priority;
use crate::time::Duration;

/// Who is paged in which order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalationSpec {
    /// Wait before level 1, at most 5m.
    #[serde(default)]
    pub grace: Duration,
    /// Extra rounds, 0 to 9.
    #[serde(default)]
    pub repeat: u32,
    pub levels: Vec<LevelSpec>,
    /// Paged when every round went unanswered.
    pub fallback: Vec<Target>,
    /// How often an exhausted incident pages level 1 and the fallback again.
    #[serde(default = "one_hour")]
    pub remind_every: Duration,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defer: Option<Defer>,
    /// By `P1` … `P5` or `default`.
    #[serde(default)]
    pub ack_timeout: BTreeMap<String, Duration>,
}

fn one_hour() -> Duration {
    Duration::hours(1)
}

/// Postpones level 1 to the calendar's next open instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defer {
    pub calendar: CalendarId,
    pub priorities: Vec<Priority>,
}

/// One level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelSpec {
    pub id: LevelId,
    pub targets: Vec<Target>,
    /// How long this level has before the next is called, 30s to 48h.
    pub delay: Duration,
    #[serde(default)]
    pub ack: AckMode,
    #[serde(default)]
    pub round_robin: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
}

/// Whose acknowledgement a level needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AckMode {
    #[default]
    Any,
    All,
}

/// Under which condition a level pages.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub priorities: Vec<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<CalendarId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<CalendarId>,
}

/// Whom a level or fallback reaches, written `schedule/x`, `person/x`, `team/x` or `channel/x`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    Schedule(ScheduleId),
    Person(PersonId),
    Team(TeamId),
    Channel(ChannelId),
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Schedule(id) => write!(f, "schedule/{id}"),
            Target::Person(id) => write!(f, "person/{id}"),
            Target::Team(id) => write!(f, "team/{id}"),
            Target::Channel(id) => write!(f, "channel/{id}"),
        }
    }
}

impl Serialize for Target {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Target, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.split_once('/') {
            Some(("schedule", id)) => Ok(Target::Schedule(id.into())),
            Some(("person", id)) => Ok(Target::Person(id.into())),
            Some(("team", id)) => Ok(Target::Team(id.into())),
            Some(("channel", id)) => Ok(Target::Channel(id.into())),
            _ => Err(serde::de::Error::custom(format!(
                "{text:?} is not a target: write schedule/…, person/…, team/… or channel/…"
            ))),
        }
    }
}
