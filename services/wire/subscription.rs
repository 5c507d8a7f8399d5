//! Standing subscriptions as readers see them, and what is asked about them.

use stentor_core::actor::Actor;
use stentor_core::incident::kinds::Audience;
use stentor_core::standing::{Command, SubscriptionRecord};
use stentor_core::subscription::Subscription;
use stentor_proto::v1;

use super::clocks::instant;
use super::enums;
use super::fields::{Fields, Understood};
use super::limits;
use super::standing::{Change, change};

/// A subscription.
pub fn subscription(s: &SubscriptionRecord) -> v1::Subscription {
    let cancelled = s.cancelled.as_ref();
    let named = |collection: &str, id: Option<&str>| id.map(|id| format!("{collection}/{id}"));
    v1::Subscription {
        name: name(s.id),
        subscriber: s.wants.subscriber.clone(),
        service: named("services", s.wants.service.as_ref().map(|id| id.as_str())).unwrap_or_default(),
        team: named("teams", s.wants.team.as_ref().map(|id| id.as_str())).unwrap_or_default(),
        least_priority: s.wants.minimum.map(enums::priority).unwrap_or_default(),
        audience: enums::audience(s.wants.audience),
        create_time: Some(instant(s.created.at)),
        creator: s.created.actor.to_string(),
        cancel_time: cancelled.map(|deed| instant(deed.at)),
        canceller: cancelled.map(|deed| deed.actor.to_string()).unwrap_or_default(),
        cancel_reason: cancelled.map(|deed| deed.reason.clone()).unwrap_or_default(),
    }
}

pub fn name(number: u64) -> String {
    format!("subscriptions/{number}")
}

/// Whom a request is about; nobody if it is empty.
pub(super) fn subscriber(f: &mut Fields, value: &str) -> Option<String> {
    match value.split_once('/') {
        None if value.is_empty() => None,
        Some((collection @ ("people" | "teams" | "channels"), _)) => {
            let id: Option<String> = f.id("subscriber", value, collection);
            Some(format!("{collection}/{}", id.unwrap_or_default()))
        }
        _ => {
            f.refuse("subscriber", "is none of people/{id}, teams/{id} and channels/{id}");
            None
        }
    }
}

pub fn create(r: &v1::CreateSubscriptionRequest, caller: &Actor) -> Understood<Change> {
    let mut f = Fields::default();
    let wants = Subscription {
        subscriber: subscriber(&mut f, &r.subscriber).unwrap_or_else(|| caller.to_string()),
        service: f.id("service", &r.service, "services"),
        team: f.id("team", &r.team, "teams"),
        minimum: f.word("least_priority", r.least_priority),
        audience: f.word("audience", r.audience).unwrap_or(Audience::Stakeholders),
    };
    change(f, Command::Subscribe(wants), &r.request_id, r.validate_only)
}

pub fn cancel(r: &v1::CancelSubscriptionRequest) -> Understood<Change> {
    let mut f = Fields::default();
    let id = f.numbered("name", &r.name, "subscriptions");
    let reason = f.text("reason", &r.reason, limits::REASON);
    change(f, Command::CancelSubscription { id, reason }, &r.request_id, false)
}

/// Whose subscriptions are listed, and how many.
pub fn list(r: &v1::ListSubscriptionsRequest) -> Understood<(Option<String>, usize)> {
    let mut f = Fields::default();
    let of = subscriber(&mut f, &r.subscriber);
    let size = f.page_size(r.page_size) as usize;
    f.finish((of, size))
}
