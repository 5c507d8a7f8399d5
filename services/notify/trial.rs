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

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::post;
    use stentor_core::policy::parse;
    use tokio::net::TcpListener;

    use super::super::providers::Providers;
    use super::*;

    /// A policy by whose people each contact goes to a provider of its own.
    fn policy() -> Policy {
        let text = stentor_core::policy::SAMPLE
            .replace("push: webhook/pusher, sms: webhook/telco", "push: webhook/good, sms: webhook/bad")
            .replace("voice: webhook/telco, email: smtp/main", "voice: webhook/busy, email: smtp/absent");
        Policy::compile(parse(&text).unwrap(), 1).unwrap()
    }

    /// Answers 204, 400 or 503, and keeps what it was told.
    async fn carrier() -> (Carrier, std::sync::Arc<std::sync::Mutex<Vec<serde_json::Value>>>) {
        let heard = std::sync::Arc::<std::sync::Mutex<Vec<serde_json::Value>>>::default();
        let log = std::sync::Arc::clone(&heard);
        let good = post(move |body: axum::Json<serde_json::Value>| async move {
            log.lock().unwrap().push(body.0);
            http::StatusCode::NO_CONTENT
        });
        let status = |status: http::StatusCode| post(move || async move { (status, "no such device") });
        let app = Router::new()
            .route("/good", good)
            .route("/bad", status(http::StatusCode::BAD_REQUEST))
            .route("/busy", status(http::StatusCode::SERVICE_UNAVAILABLE));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("providers.yaml");
        let entry = |name: &str| {
            format!(
                "webhook/{name}: {{url: '{url}/{name}', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, \
                 allow: [127.0.0.0/8]}}\n"
            )
        };
        std::fs::write(&path, ["good", "bad", "busy"].map(entry).concat()).unwrap();
        (Carrier::new(Providers::load(Some(&path), false).unwrap(), None), heard)
    }

    async fn tried(carrier: &Carrier, target: &Target) -> Result<Vec<Tried>, Unknown> {
        let by = Actor::Person("bo".into());
        run(carrier, &policy(), target, &by, Timestamp(1_780_315_200_000)).await
    }

    #[tokio::test]
    async fn each_contact_is_tried_once_and_its_outcome_told_with_the_reason() {
        let (carrier, heard) = carrier().await;
        let target = Target::Person { person: "ana".into(), contact: None };
        let tried = tried(&carrier, &target).await.unwrap();
        let told: Vec<_> = tried.iter().map(|one| (&*one.contact, &*one.provider, one.verdict)).collect();
        assert_eq!(
            told,
            [
                ("email", "smtp/absent", Verdict::Refused),
                ("push", "webhook/good", Verdict::Delivered),
                ("sms", "webhook/bad", Verdict::Refused),
                ("voice", "webhook/busy", Verdict::Failed),
            ]
        );
        assert_eq!(tried[0].detail, "the provider smtp/absent is not configured");
        assert_eq!(tried[2].detail, "400 Bad Request: no such device");
        let heard = heard.lock().unwrap();
        assert_eq!((heard.len(), heard[0]["type"].as_str()), (1, Some("notification.test")));
        let data = &heard[0]["data"];
        assert_eq!((data["kind"].as_str(), data["address"].as_str()), (Some("test"), Some("ana-1")));
        let text = data["text"].as_str().unwrap();
        assert!(text.starts_with("[TEST] ") && text.contains("people/bo"), "{text}");
        assert!(data.get("links").is_none() && data["incident"] == "");
    }

    #[tokio::test]
    async fn a_provider_is_tried_with_any_address_if_the_policy_names_it() {
        let (carrier, heard) = carrier().await;
        let target = |provider: &str| Target::Provider {
            provider: provider.into(),
            contact: "push".into(),
            address: "new-phone".into(),
        };
        assert_eq!(tried(&carrier, &target("webhook/good")).await.unwrap()[0].verdict, Verdict::Delivered);
        assert_eq!(heard.lock().unwrap()[0]["data"]["address"], "new-phone");
        assert_eq!(tried(&carrier, &target("webhook/other")).await.unwrap_err().kind, "provider");
    }
}
