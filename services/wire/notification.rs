//! Tests of notification: what is to be tried, and what came of it. Nothing is sent here.

use std::time::Duration;

use stentor_core::id::{ChannelId, PersonId};
use stentor_proto::v1;

use super::fields::{Fields, Understood};
use super::limits;

/// What is to be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// All contacts of a person, or one.
    Person { person: PersonId, contact: Option<ChannelId> },
    /// A shared channel.
    Channel(ChannelId),
    /// A provider, with an address of the caller's.
    Provider { provider: String, contact: String, address: String },
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Delivered,
    Refused,
    Failed,
}

/// One attempt, over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    pub contact: String,
    pub provider: String,
    pub verdict: Verdict,
    pub detail: String,
    pub took: Duration,
}

/// What a request wants to be tried.
pub fn target(request: &v1::TestNotificationRequest) -> Understood<Target> {
    let mut f = Fields::default();
    let contact = f.text("contact", &request.contact, limits::WORD);
    let address = f.text("address", &request.address, limits::TITLE);
    let provider = request.name.strip_prefix("providers/").filter(|name| name.contains('/'));
    if provider.is_none() && !address.is_empty() {
        f.refuse("address", "goes with a provider only");
    }
    let target = match provider {
        Some(provider) => Target::Provider { provider: provider.to_owned(), contact, address },
        None if request.name.starts_with("channels/") => {
            if !contact.is_empty() {
                f.refuse("contact", "does not go with a channel");
            }
            Target::Channel(f.required_id("name", &request.name, "channels"))
        }
        None => Target::Person {
            person: f.required_id("name", &request.name, "people"),
            contact: Some(contact).filter(|contact| !contact.is_empty()).map(ChannelId),
        },
    };
    f.finish(target)
}

/// An outcome as the API tells of it.
pub fn outcome(name: &str, tried: Tried) -> v1::TestNotificationOutcome {
    let state = match tried.verdict {
        Verdict::Delivered => v1::TestNotificationState::Delivered,
        Verdict::Refused => v1::TestNotificationState::Refused,
        Verdict::Failed => v1::TestNotificationState::Failed,
    };
    v1::TestNotificationOutcome {
        name: name.to_owned(),
        contact: tried.contact,
        provider: tried.provider,
        state: state.into(),
        detail: tried.detail,
        send_duration: prost_types::Duration::try_from(tried.took).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(name: &str, contact: &str, address: &str) -> Result<Target, Vec<String>> {
        let [name, contact, address] = [name, contact, address].map(str::to_owned);
        target(&v1::TestNotificationRequest { name, contact, address })
            .map_err(|wrong| wrong.into_iter().map(|invalid| invalid.field).collect())
    }

    #[test]
    fn a_name_says_what_is_tried() {
        let person = |contact: Option<&str>| Target::Person {
            person: "ana".into(),
            contact: contact.map(ChannelId::from),
        };
        assert_eq!(understood("people/ana", "", ""), Ok(person(None)));
        assert_eq!(understood("people/ana", "sms", ""), Ok(person(Some("sms"))));
        assert_eq!(understood("channels/room", "", ""), Ok(Target::Channel("room".into())));
        let provider = Target::Provider {
            provider: "twilio/main".into(),
            contact: "voice".into(),
            address: "+49".into(),
        };
        assert_eq!(understood("providers/twilio/main", "voice", "+49"), Ok(provider));
    }

    #[test]
    fn what_does_not_go_together_is_named() {
        assert_eq!(understood("", "", ""), Err(vec!["name".into()]));
        assert_eq!(understood("providers/twilio", "", ""), Err(vec!["name".into()]));
        assert_eq!(understood("people/ana", "", "+49"), Err(vec!["address".into()]));
        assert_eq!(understood("channels/room", "sms", ""), Err(vec!["contact".into()]));
    }
}
