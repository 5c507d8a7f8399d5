//! Subscriptions among the standing records: when one may be made or ended. Who gets which update is decided with the
//! incident.

use super::book::{Book, Deed};
use super::command::Circumstances;
use super::decide::{unknown, wrong_state};
use super::event::Event;
use crate::limits::{REASON, SUBSCRIBERS, bad, room, within};
use crate::refusal::Refusal;
use crate::subscription::{Subscription, check_subscriber};

/// Subscriptions that are not cancelled. Of one service, one team or everything there may be 500.
pub const OPEN_SUBSCRIPTIONS: usize = 10_000;

/// A subscription and what became of it. It holds until it is cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRecord {
    pub id: u64,
    pub wants: Subscription,
    /// By whom.
    pub created: Deed,
    pub cancelled: Option<Deed>,
}

impl SubscriptionRecord {
    /// Whether it holds.
    pub fn is_open(&self) -> bool {
        self.cancelled.is_none()
    }
}

/// A new subscription.
pub(super) fn create(
    book: &Book,
    cx: &Circumstances<'_>,
    wants: &Subscription,
) -> Result<Vec<Event>, Refusal> {
    check_subscriber(cx.policy, &wants.subscriber)?;
    if wants.service.is_some() && wants.team.is_some() {
        return Err(bad("scope", "is a service or a team, not both".to_owned()));
    }
    if let Some(service) = wants.service.as_ref().filter(|id| cx.policy.service(id).is_none()) {
        let name = format!("services/{service}");
        return Err(Refusal::Unknown { what: "service".to_owned(), name });
    }
    if let Some(team) = wants.team.as_ref().filter(|id| cx.policy.team(id).is_none()) {
        return Err(Refusal::Unknown { what: "team".to_owned(), name: format!("teams/{team}") });
    }
    let open = || book.subscriptions().filter(|s| s.is_open());
    if let Some(same) = open().find(|s| s.wants == *wants) {
        return Err(wrong_state("subscription", same.id, "the same"));
    }
    room(open().count(), "subscriptions", OPEN_SUBSCRIPTIONS)?;
    room(open().filter(|s| s.wants.same_scope(wants)).count(), "subscriptions", SUBSCRIBERS)?;
    let id = book.subscriptions().next_back().map_or(1, |record| record.id + 1);
    Ok(vec![Event::SubscriptionCreated { id, wants: Box::new(wants.clone()) }])
}

/// The end of a subscription. What was posted before still arrives.
pub(super) fn cancel(book: &Book, id: u64, reason: &str) -> Result<Vec<Event>, Refusal> {
    within(reason, "reason", REASON)?;
    let record = book.subscription(id).ok_or_else(|| unknown("subscription", id))?;
    if record.is_open() {
        return Ok(vec![Event::SubscriptionCancelled { id, reason: reason.to_owned() }]);
    }
    Err(wrong_state("subscription", id, "cancelled"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::id::PersonId;
    use crate::incident::kinds::{Audience, Priority};
    use crate::policy::samples;
    use crate::standing::{Command, Entry, decide};
    use crate::time::Timestamp;

    struct Log(Book);

    impl Log {
        fn ask(&mut self, command: Command) -> Result<Vec<Event>, Refusal> {
            let (policy, actor) = (samples::policy(), Actor::Person(PersonId::from("ana")));
            let cx = Circumstances { now: Timestamp(1000), actor: &actor, policy: &policy };
            let events = decide(&self.0, &cx, &command)?;
            let entry = Entry { number: self.0.next(), at: cx.now, actor, events: events.clone() };
            self.0.apply(&entry);
            Ok(events)
        }

        fn want(&mut self, subscriber: &str, service: Option<&str>) -> Result<Vec<Event>, Refusal> {
            self.ask(Command::Subscribe(wants(subscriber, service)))
        }
    }

    fn wants(subscriber: &str, service: Option<&str>) -> Subscription {
        Subscription {
            subscriber: subscriber.to_owned(),
            service: service.map(Into::into),
            team: None,
            minimum: Some(Priority::P2),
            audience: Audience::Stakeholders,
        }
    }

    #[test]
    fn a_subscription_holds_until_it_is_cancelled_and_may_then_be_made_again() {
        let mut log = Log(Book::default());
        log.want("people/bo", Some("checkout")).unwrap();
        log.want("channels/shop-room", None).unwrap();
        assert_eq!(log.want("people/bo", Some("checkout")).unwrap_err().reason(), "WRONG_STATE");
        log.ask(Command::CancelSubscription { id: 1, reason: "moved".to_owned() }).unwrap();
        let left: Vec<u64> = log.0.subscriptions().filter(|s| s.is_open()).map(|s| s.id).collect();
        assert_eq!((left, log.0.open_subscriptions().len()), (vec![2], 1));
        let again = Command::CancelSubscription { id: 1, reason: String::new() };
        assert_eq!(log.ask(again).unwrap_err().reason(), "WRONG_STATE");
        let never = Command::CancelSubscription { id: 9, reason: String::new() };
        assert_eq!(log.ask(never).unwrap_err().reason(), "UNKNOWN_RESOURCE");
        assert_eq!(log.want("people/bo", Some("checkout")).unwrap()[0].id(), 3);
    }

    #[test]
    fn whom_and_what_the_policy_does_not_have_is_refused() {
        let mut log = Log(Book::default());
        for (subscriber, service) in
            [("people/zoe", None), ("channels/gone", None), ("people/bo", Some("gone"))]
        {
            assert_eq!(
                log.want(subscriber, service).unwrap_err().reason(),
                "UNKNOWN_RESOURCE",
                "{subscriber}"
            );
        }
        assert_eq!(log.want("bo", None).unwrap_err().reason(), "INVALID_FIELD");
    }

    #[test]
    fn the_stored_form_is_stable() {
        let mut log = Log(Book::default());
        let events = log.want("people/bo", Some("checkout")).unwrap();
        let stored = serde_json::json!([{"SubscriptionCreated": {"id": 1, "wants": {
            "subscriber": "people/bo", "service": "checkout", "minimum": "P2", "audience": "STAKEHOLDERS"}}}]);
        assert_eq!(serde_json::to_value(&events).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Vec<Event>>(stored).unwrap(), events);
    }
}
