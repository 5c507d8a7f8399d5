//! People, teams, calendars and schedules as written. Civil times and zones are texts here; `calendar` and `oncall`
//! give them their meaning.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{CalendarId, ChannelId, PersonId};
use crate::time::Duration;

/// A shared channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// A key of `providers`.
    pub kind: ChannelId,
    pub address: String,
}

/// A person and how to reach them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub name: String,
    /// Address by kind of contact.
    #[serde(default)]
    pub contacts: BTreeMap<ChannelId, String>,
    /// `channel@wait`, for P1 and P2.
    #[serde(default)]
    pub urgent: Vec<ContactStep>,
    /// `channel@wait`, for P3 and P4 and for notices.
    #[serde(default)]
    pub normal: Vec<ContactStep>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// IANA zone; absent: the organisation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// A person's quiet hours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// Civil windows `22:00-07:00` in the person's zone, every day.
    pub hours: Vec<String>,
    /// Replaces `normal` in these hours.
    pub normal: Vec<ContactStep>,
}

/// One step of a contact rule, written `push@30s`: the channel, and the wait since the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactStep {
    pub channel: ChannelId,
    pub wait: Duration,
}

impl Serialize for ContactStep {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}@{}", self.channel, self.wait))
    }
}

impl<'de> Deserialize<'de> for ContactStep {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<ContactStep, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (channel, wait) = text.split_once('@').ok_or_else(|| {
            serde::de::Error::custom(format!("{text:?} is not a contact step: write channel@wait"))
        })?;
        let wait = wait.parse().map_err(serde::de::Error::custom)?;
        Ok(ContactStep { channel: channel.into(), wait })
    }
}

/// A team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Team {
    pub lead: PersonId,
    pub members: Vec<PersonId>,
    /// Working hours, for action items; absent: `always`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarId>,
}

/// When a calendar is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarSpec {
    pub zone: String,
    /// `mon-fri: ["09:00-17:00"]`, `sat: [...]`, `daily: [...]`; an end not after its start is on the next day.
    pub weekly: BTreeMap<String, Vec<String>>,
    /// Dates `2026-12-25` whose windows do not exist.
    #[serde(default)]
    pub closed: Vec<String>,
    /// Dates with windows of their own.
    #[serde(default)]
    pub special: BTreeMap<String, Vec<String>>,
}

/// Who is on call when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleSpec {
    pub zone: String,
    /// A later layer wins where it covers, unless its mode is `add`.
    pub layers: Vec<LayerSpec>,
}

/// A rotation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerSpec {
    pub id: String,
    /// Slots in order; each is one person or a list on call together.
    pub members: Vec<Slot>,
    /// `1h 2h 3h 4h 6h 8h 12h`, or days.
    pub turn: Duration,
    /// Civil date-time of turn 0: `2026-01-05T09:00`.
    pub anchor: String,
    /// Weekly civil windows outside which the layer covers nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    pub mode: LayerMode,
}

/// One slot of a rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Slot {
    One(PersonId),
    Together(Vec<PersonId>),
}

/// How a layer meets those listed before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LayerMode {
    #[default]
    Replace,
    Add,
}
