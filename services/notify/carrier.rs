//! The engine's way out: an effect becomes a message, rendered from the newest state, and goes to the provider that the
//! policy names. When to try again is the engine's business.

use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use opentelemetry::context::FutureExt;
use stentor_core::effect::EffectKind;
use stentor_core::id::{ChannelId, PersonId};
use stentor_core::incident::event::Notice;
use stentor_core::instance::Instance;
use stentor_core::policy::Policy;
use stentor_core::time::Duration;

use stentor_engine::{Delivery, Engine, Sent};

use super::links::Links;
use super::message::{Kind, Message};
use super::outcome::{Failure, Receipt};
use super::providers::Providers;
use super::sender::Sender;
use super::words;
use crate::telemetry::{Metrics, Spans};
use crate::wire::link::PublicUrl;

/// Carries effects to people.
pub struct Carrier {
    providers: Providers,
    /// Where links lead; without it messages carry none.
    public: Option<PublicUrl>,
    metrics: OnceLock<Arc<Metrics>>,
    spans: OnceLock<Arc<Spans>>,
    /// Set once the engine runs: addresses come from its newest policy.
    engine: OnceLock<Engine>,
}

impl std::fmt::Debug for Carrier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Carrier")
    }
}

impl Carrier {
    /// A carrier to these providers, whose pages carry links below the public address if there is one.
    pub fn new(providers: Providers, public: Option<PublicUrl>) -> Carrier {
        Carrier {
            providers,
            public,
            metrics: OnceLock::new(),
            spans: OnceLock::new(),
            engine: OnceLock::new(),
        }
    }

    /// Tells the carrier whose effects it carries, and where to count them.
    pub fn attach(&self, engine: Engine, metrics: Arc<Metrics>, spans: Option<Arc<Spans>>) {
        // Attached twice it keeps the first: there is one engine in a process.
        let _ = self.engine.set(engine);
        let _ = self.metrics.set(metrics);
        let _ = spans.map(|spans| self.spans.set(spans));
    }

    async fn carry(&self, delivery: Delivery) -> Sent {
        let Some(policy) = self.engine.get().and_then(Engine::policy) else {
            return Sent::Failed { why: "no policy is applied".to_owned(), retry_after: None };
        };
        let Some(route) = route(&policy, &delivery.what) else {
            return Sent::Refused {
                why: "nobody of this name, or no such contact, in the newest policy".to_owned(),
            };
        };
        let Some(sender) = self.providers.sender(&route.provider) else {
            return Sent::Refused { why: format!("the provider {} is not configured", route.provider) };
        };
        let message = Message { links: self.links(&delivery), ..message(&delivery, route) };
        match self.hand_over(sender, &message).await {
            Ok(receipt) => Sent::Accepted { detail: receipt.text },
            Err(failure) if failure.permanent => Sent::Refused { why: failure.text },
            Err(failure) => Sent::Failed {
                why: failure.text,
                retry_after: failure.retry_after.map(|d| Duration(d.as_millis() as i64)),
            },
        }
    }

    /// One attempt of a message that nothing happened for; none if the provider is not configured.
    pub(super) async fn try_out(
        &self,
        provider: &str,
        message: &Message,
    ) -> Option<Result<Receipt, Failure>> {
        Some(self.hand_over(self.providers.sender(provider)?, message).await)
    }

    /// One attempt, counted. What the provider says is told further, so no link may stand in it.
    async fn hand_over(&self, sender: &Sender, message: &Message) -> Result<Receipt, Failure> {
        let outcome = sender.send(message).await;
        self.count(sender.name(), &outcome);
        let hide = |text| message.links.hide(text);
        outcome
            .map(|receipt| Receipt { text: hide(receipt.text) })
            .map_err(|failure| Failure { text: hide(failure.text), ..failure })
    }

    fn links(&self, delivery: &Delivery) -> Links {
        match (&self.public, self.engine.get(), &*delivery.state) {
            (Some(public), Some(engine), Instance::Incident(i)) => {
                Links::of(public, engine.secret(), i, &delivery.what, delivery.now)
            }
            _ => Links::default(),
        }
    }

    fn count(&self, channel: &'static str, outcome: &Result<Receipt, Failure>) {
        if let Some(metrics) = self.metrics.get() {
            match outcome {
                Ok(_) => metrics.delivery(channel, "sent", ""),
                Err(failure) => metrics.delivery(channel, "failed", failure.class),
            }
        }
    }
}

impl stentor_engine::Sender for Carrier {
    fn send(&self, delivery: Delivery) -> BoxFuture<'_, Sent> {
        let Some(spans) = self.spans.get() else { return Box::pin(self.carry(delivery)) };
        Box::pin(async move {
            let context = spans.delivery(&delivery);
            let sent = self.carry(delivery).with_context(context.clone()).await;
            spans.delivered(&context, &sent);
            sent
        })
    }
}

/// Which provider, and where it finds whom.
struct Route {
    provider: String,
    channel: String,
    address: String,
    person: String,
}

fn route(policy: &Policy, what: &EffectKind) -> Option<Route> {
    let to_person = |person: &PersonId, channel: &ChannelId| {
        Some(Route {
            provider: policy.document().providers.get(channel)?.clone(),
            channel: channel.to_string(),
            address: policy.person(person)?.contacts.get(channel)?.clone(),
            person: person.to_string(),
        })
    };
    match what {
        EffectKind::Page { person, channel, .. }
        | EffectKind::Summons { person, channel }
        | EffectKind::Notice { person, channel, .. } => to_person(person, channel),
        EffectKind::ChannelNotice { channel, .. } => {
            let shared = policy.document().channels.get(channel)?;
            let provider = policy.document().providers.get(&shared.kind)?.clone();
            let (channel, address) = (shared.kind.to_string(), shared.address.clone());
            Some(Route { provider, channel, address, person: String::new() })
        }
        EffectKind::Submit { .. } => None,
    }
}

fn message(delivery: &Delivery, route: Route) -> Message {
    let (kind, about): (Kind, Option<&Notice>) = match &delivery.what {
        EffectKind::Page { .. } => (Kind::Page, None),
        EffectKind::Summons { .. } | EffectKind::Submit { .. } => (Kind::Summon, None),
        EffectKind::Notice { about, .. } | EffectKind::ChannelNotice { about, .. } => {
            (Kind::Notice, Some(about))
        }
    };
    let level = match &delivery.what {
        EffectKind::Page { level, .. } => *level,
        _ => 0,
    };
    let blank = Message {
        id: delivery.id.clone(),
        kind,
        at: delivery.now,
        person: route.person,
        channel: route.channel,
        address: route.address,
        incident: String::new(),
        reference: String::new(),
        title: String::new(),
        priority: String::new(),
        phase: String::new(),
        service: String::new(),
        level,
        round: 0,
        text: String::new(),
        url: String::new(),
        links: Links::default(),
        exercise: false,
    };
    match &*delivery.state {
        Instance::Incident(i) => Message {
            incident: format!("incidents/{}", i.id),
            reference: i.reference(),
            title: i.title.clone(),
            priority: i.priority.to_string(),
            phase: i.phase.to_string(),
            service: i.service.to_string(),
            round: i.escalation.as_ref().map_or(0, |e| e.round),
            text: words::of_incident(i, kind, about, delivery.now) + &words::also(&delivery.also),
            url: i.runbooks.first().cloned().unwrap_or_default(),
            exercise: i.exercise,
            ..blank
        },
        Instance::Review(r) => Message {
            incident: format!("incidents/{}", r.review_of),
            reference: r.reference(),
            title: r.title.clone(),
            priority: r.priority.to_string(),
            service: r.service.to_string(),
            text: words::of_review(r, about),
            ..blank
        },
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::super::links;
    use super::super::message::example;
    use super::*;

    #[tokio::test]
    async fn what_a_provider_echoes_is_told_further_without_links() {
        let echo = |body: String| async move { (http::StatusCode::BAD_REQUEST, body) };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(echo)).await });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("providers.yaml");
        std::fs::write(&path, format!("ntfy/echo: {{url: '{url}', allow: [127.0.0.0/8]}}\n")).unwrap();
        let carrier = Carrier::new(Providers::load(Some(&path), false).unwrap(), None);

        let message = Message { links: links::example(), address: "ana".into(), ..example() };
        let failure = carrier.try_out("ntfy/echo", &message).await.unwrap().unwrap_err();

        assert!(failure.text.contains("/act/…"), "{}", failure.text);
        assert!(!failure.text.contains("ACKNOWLEDGE-") && !failure.text.contains("ESCALATE-"));
    }
}
