//! Ids that cannot be mistaken for one another. Policy ids are chosen by people, instance ids are made by the engine;
//! neither is generated here.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                $name(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> $name {
                $name(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}

ids! {
    /// Any instance: an incident or a review.
    InstanceId,
    /// A person of the policy.
    PersonId,
    /// A team of the policy.
    TeamId,
    /// A service of the policy.
    ServiceId,
    /// A schedule of the policy.
    ScheduleId,
    /// An escalation policy: one entry of the policy, not the policy itself.
    EscalationPolicyId,
    /// A level of an escalation policy.
    LevelId,
    /// A calendar of the policy; `always` is built in.
    CalendarId,
    /// An SLA definition.
    SlaId,
    /// An integration: where signals come from.
    IntegrationId,
    /// A heartbeat monitor of the policy.
    HeartbeatId,
    /// A channel of the policy, e.g. a chat room; also the key of a person's contact (`push`, `sms`).
    ChannelId,
    /// A route, rule or inhibition.
    RuleId,
}

/// Whether a text may be an id that people choose: `[a-z]([a-z0-9-]{0,61}[a-z0-9])?`.
pub fn is_policy_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    match bytes {
        [] => false,
        [first] => first.is_ascii_lowercase(),
        [first, middle @ .., last] => {
            first.is_ascii_lowercase()
                && bytes.len() <= 63
                && middle.iter().all(inner)
                && *last != b'-'
                && inner(last)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_policy_id;

    #[test]
    fn ids_are_lower_case_words_with_inner_hyphens() {
        for good in ["a", "shop", "p1-ack", "a1", &"a".repeat(63)] {
            assert!(is_policy_id(good), "{good}");
        }
        for bad in ["", "1a", "-a", "a-", "A", "a_b", "ä", &"a".repeat(64)] {
            assert!(!is_policy_id(bad), "{bad}");
        }
    }
}
