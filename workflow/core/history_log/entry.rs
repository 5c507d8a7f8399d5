//! A past incident as a list of timed entries: what came in, what somebody did, what is known besides. Whether an action
//! was allowed is not known here.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::{ChannelId, PersonId, ServiceId, SlaId, TeamId};
use crate::incident;
use crate::incident::kinds::{Audience, CancelReason, HoldReason, Level3, Priority, ResolutionCode};
use crate::time::{Duration, Timestamp};

use super::signal::LoggedSignal;

/// The label of an imported incident that names the tool it comes from.
pub const LABEL_SOURCE: &str = "import_source";
/// The label of an imported incident that holds its id in that tool.
pub const LABEL_REF: &str = "import_ref";

/// How the note of an imported incident begins that keeps its record's remarks, separated by `; `.
pub const REMARK: &str = "From the import: ";

/// A past incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// How the incident is called in results: unique in its log (`INC-42`, or the other tool's number).
    pub incident: String,
    /// The tool the record comes from: `servicenow`, `pagerduty`, …; `stentor` for the store's own.
    pub source: String,
    /// The incident's id in that tool.
    pub source_ref: String,
    /// Another tool's record: its resolves and closes passed that tool's gates, not ours, and count as they stand.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
    /// The policy version that the incident opened under, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<u64>,
    /// Its place in the round robin of its escalation policy, where it took one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<u64>,
    /// Until when the record tells everything; absent: until its last entry.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_instant")]
    pub known_until: Option<Timestamp>,
    pub entries: Vec<Entry>,
    /// What the record says twice and differently, or never says: sentences for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// Something that happened at an instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    #[serde(with = "instant")]
    pub at: Timestamp,
    pub who: Actor,
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// Something came in.
    Signal(Box<LoggedSignal>),
    /// Somebody did something: it is done again at the same instant under any policy.
    Action(Action),
    /// Something is known to have followed: compared with, never done again.
    Fact(Fact),
}

/// What somebody did. Lengths are those asked for; absent ones are the longest that the policy allows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    Acknowledge,
    Unacknowledge,
    /// Ends a suppression.
    Release,
    Declare,
    Snooze {
        length: Duration,
    },
    /// Ends a snooze.
    Wake,
    Hold {
        reason: HoldReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        length: Option<Duration>,
    },
    /// Ends a hold.
    Resume,
    /// To a level, from 1; absent: the next one.
    Escalate {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_level: Option<u32>,
    },
    AssignPerson {
        person: PersonId,
        /// Whether the person is paged for it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        page: bool,
    },
    AssignTeam {
        team: TeamId,
    },
    /// Absent fields stay as they are.
    Triage {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impact: Option<Level3>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        urgency: Option<Level3>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ServiceId>,
        /// Stated by the person; absent: the matrix decides.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        priority: Option<Priority>,
    },
    SetPriority {
        priority: Priority,
    },
    Mitigate,
    Relapse,
    Resolve {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<ResolutionCode>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    Reopen,
    Close,
    Cancel {
        reason: CancelReason,
    },
    Note {
        text: String,
    },
    Update {
        audience: Audience,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_in: Option<Duration>,
    },
    /// A command in the form in which the rules take it: what the words above cannot say.
    Command(Box<incident::Command>),
}

/// What is known to have followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fact {
    /// A page was decided.
    Paged { person: PersonId, channel: ChannelId, level: u32 },
    /// A clock breached.
    Breached { definition: SlaId, cycle: u32 },
    /// The incident was moved to another version of the policy.
    PolicyMoved { to: u64 },
    /// Anything else that the other tool says, in its words.
    Said { field: String, value: String },
}

/// An instant as RFC 3339 text.
pub(crate) mod instant {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::time::Timestamp;

    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(at)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(|e| de::Error::custom(format!("{text:?} is not an RFC 3339 instant: {e}")))
    }
}

/// An instant as RFC 3339 text, or nothing.
pub(crate) mod optional_instant {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::time::Timestamp;

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Instant(#[serde(with = "super::instant")] Timestamp);

    pub(crate) fn serialize<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        at.map(Instant).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<Instant>::deserialize(from)?.map(|i| i.0))
    }
}
