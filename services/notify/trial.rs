//! Trying out a way to people with a message that says it is a test. One attempt each, side by side; nothing of it is
//! recorded in any history.

use std::time::Instant;

use futures::future::join_all;
use stentor_core::actor::Actor;
use stentor_core::id::{ChannelId, PersonId};
use stentor_core::policy::Policy;
use stentor_core::time::Timestamp;

use super::carrier::Carrier;
use super::links::Links;
use super::message::{Kind, Message};
use crate::wire::notification::{Target, Tried, Verdict};

/// Something that the policy does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) kind: &'static str,
    pub(super) name: String,
}

/// One way to be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Way {
    person: String,
    contact: String,
    /// None: the policy names none for this kind.
    provider: Option<String>,
    address: String,
}

/// Tries every way to the target, at once.
pub(super) async fn run(
    carrier: &Carrier,
    policy: &Policy,
    target: &Target,
    by: &Actor,
    now: Timestamp,
) -> Result<Vec<Tried>, Unknown> {
    let ways = ways(policy, target)?;
    Ok(join_all(ways.into_iter().map(|way| attempt(carrier, way, by, now))).await)
}

fn ways(policy: &Policy, target: &Target) -> Result<Vec<Way>, Unknown> {
    match target {
        Target::Person { person, contact } => of_person(policy, person, contact.as_ref()),
        Target::Channel(id) => {
            let channel = policy.document().channels.get(id);
            let channel = channel.ok_or_else(|| unknown("channel", format!("channels/{id}")))?;
            Ok(vec![Way {
                person: String::new(),
                contact: channel.kind.to_string(),
                provider: policy.document().providers.get(&channel.kind).cloned(),
                address: channel.address.clone(),
            }])
        }
        Target::Provider { provider, contact, address } => {
            if !policy.document().providers.values().any(|known| known == provider) {
                return Err(unknown("provider", format!("providers/{provider}")));
            }
            Ok(vec![Way {
                person: String::new(),
                contact: contact.clone(),
                provider: Some(provider.clone()),
                address: address.clone(),
            }])
        }
    }
}

fn of_person(policy: &Policy, id: &PersonId, only: Option<&ChannelId>) -> Result<Vec<Way>, Unknown> {
    let person = policy.person(id).ok_or_else(|| unknown("person", format!("people/{id}")))?;
    let wanted = person.contacts.iter().filter(|(kind, _)| only.is_none_or(|only| only == *kind));
    let ways: Vec<Way> = wanted
        .map(|(kind, address)| Way {
            person: id.to_string(),
            contact: kind.to_string(),
            provider: policy.document().providers.get(kind).cloned(),
            address: address.clone(),
        })
        .collect();
    if ways.is_empty() {
        let name = only.map_or_else(|| format!("people/{id}"), |only| format!("people/{id} {only}"));
        return Err(unknown("contact", name));
    }
    Ok(ways)
}

fn unknown(kind: &'static str, name: String) -> Unknown {
    Unknown { kind, name }
}

async fn attempt(carrier: &Carrier, way: Way, by: &Actor, now: Timestamp) -> Tried {
    let begun = Instant::now();
    let (verdict, detail) = match &way.provider {
        None => (Verdict::Refused, format!("the policy names no provider for {}", way.contact)),
        Some(provider) => match carrier.try_out(provider, &message(&way, by, now)).await {
            None => (Verdict::Refused, format!("the provider {provider} is not configured")),
            Some(Ok(receipt)) => (Verdict::Delivered, receipt.text),
            Some(Err(failure)) if failure.permanent => (Verdict::Refused, failure.text),
            Some(Err(failure)) => (Verdict::Failed, failure.text),
        },
    };
    let (contact, provider) = (way.contact, way.provider.unwrap_or_default());
    Tried { contact, provider, verdict, detail, took: begun.elapsed() }
}

fn message(way: &Way, by: &Actor, now: Timestamp) -> Message {
    Message {
        id: format!("test/{}", uuid::Uuid::new_v4()),
        kind: Kind::Test,
        at: now,
        person: way.person.clone(),
        channel: way.contact.clone(),
        address: way.address.clone(),
        incident: String::new(),
        reference: String::new(),
        title: "A test message of Stentor".to_owned(),
        priority: String::new(),
        phase: String::new(),
        service: String::new(),
        level: 0,
        round: 0,
        text: format!(
            "[TEST] This is a test message of Stentor, asked for by {by}. Nothing has happened, and there is nothing \
             to do."
        ),
        url: String::new(),
        links: Links::default(),
        exercise: false,
    }
}
