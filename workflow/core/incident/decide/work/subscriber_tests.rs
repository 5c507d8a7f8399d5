//! Who gets a status update, and who is told of the end: subscribers of the incident, and standing ones.

use crate::incident::command::{Command, Resolve, WorkCommand};
use crate::incident::event::{Event, Notice, PagingEvent};
use crate::incident::kinds::{Audience, CancelReason, Phase, Priority, ResolutionCode};
use crate::instance;
use crate::subscription::Subscription;
use crate::testing::Story;

fn own(subscriber: &str, audience: Audience) -> WorkCommand {
    WorkCommand::Subscribe { subscriber: subscriber.to_owned(), audience }
}

/// Of everything; the tests narrow it.
fn standing(subscriber: &str, audience: Audience) -> Subscription {
    Subscription { subscriber: subscriber.to_owned(), service: None, team: None, minimum: None, audience }
}

fn update(audience: Audience) -> WorkCommand {
    WorkCommand::PostUpdate { text: "we are on it".to_owned(), audience, next_in: None }
}

fn resolve() -> Command {
    Command::Resolve(Box::new(Resolve {
        code: Some(ResolutionCode::Recovered),
        note: "went away".to_owned(),
        how_verified: "looked".to_owned(),
        recovered_by_itself: true,
        ..Resolve::default()
    }))
}

fn story(subscriptions: Vec<Subscription>) -> Story {
    let mut story = Story::incident(Phase::Active, Priority::P3);
    story.subscriptions = subscriptions;
    story
}

/// Whom the history has told what, in order: `gus` or `#shop-room`.
fn told(story: &Story, wanted: &Notice) -> Vec<String> {
    let of = story.history.iter().filter_map(|(_, event)| match event {
        instance::Event::Incident(Event::Paging(PagingEvent::Notified { about, people, channels }))
            if about == wanted =>
        {
            let people = people.iter().map(|to| to.person.to_string());
            Some(people.chain(channels.iter().map(|c| format!("#{c}"))).collect::<Vec<_>>())
        }
        _ => None,
    });
    of.flatten().collect()
}

const FIRST: Notice = Notice::Update { update: 1 };
const RESOLVED: Notice = Notice::Over { phase: Phase::Resolved };

#[test]
fn whoever_subscribed_in_several_ways_gets_an_update_once() {
    let wants = vec![
        standing("people/gus", Audience::Internal),
        Subscription { service: Some("checkout".into()), ..standing("people/gus", Audience::Public) },
        standing("channels/shop-room", Audience::Public),
    ];
    let story = story(wants)
        .when(own("people/gus", Audience::Stakeholders))
        .when(own("channels/shop-room", Audience::Public))
        .when(update(Audience::Public));
    assert_eq!(told(&story, &FIRST), ["gus", "#shop-room"]);
    let updates = story.effects.len();
    assert_eq!(updates, 2, "one message for each: {:?}", story.effects);
}

#[test]
fn a_standing_subscription_is_of_a_service_a_team_or_everything_and_of_what_is_urgent_enough() {
    let gus = || standing("people/gus", Audience::Internal);
    let cases = [
        (gus(), true),
        (Subscription { service: Some("checkout".into()), ..gus() }, true),
        (Subscription { service: Some("front-desk".into()), ..gus() }, false),
        (Subscription { team: Some("shop".into()), ..gus() }, true),
        (Subscription { team: Some("desk".into()), ..gus() }, false),
        (Subscription { minimum: Some(Priority::P3), ..gus() }, true),
        (Subscription { minimum: Some(Priority::P2), ..gus() }, false),
        (standing("people/gus", Audience::Stakeholders), false),
    ];
    for (wants, gets) in cases {
        let story = story(vec![wants.clone()]).when(update(Audience::Internal));
        assert_eq!(!told(&story, &FIRST).is_empty(), gets, "{wants:?}");
    }
}

#[test]
fn who_was_told_hears_of_the_end_and_nobody_else() {
    let wants = vec![standing("people/gus", Audience::Stakeholders), standing("people/bo", Audience::Public)];
    let story = story(wants).when(update(Audience::Stakeholders)).when(resolve());
    assert_eq!(told(&story, &RESOLVED), ["gus"]);
    let quiet = self::story(vec![standing("people/gus", Audience::Internal)]).when(resolve());
    assert_eq!(told(&quiet, &RESOLVED), Vec::<String>::new(), "nobody had posted anything");
}

#[test]
fn the_incidents_own_subscribers_hear_of_the_end_also_without_an_update() {
    let subscribed = |audience| story(Vec::new()).when(own("people/gus", audience));
    assert_eq!(told(&subscribed(Audience::Stakeholders).when(resolve()), &RESOLVED), ["gus"]);
    assert_eq!(told(&subscribed(Audience::Public).when(resolve()), &RESOLVED), Vec::<String>::new());
    let cancel = Command::Cancel { reason: CancelReason::FalseAlarm, note: "a test".to_owned() };
    let over = Notice::Over { phase: Phase::Cancelled };
    assert_eq!(told(&subscribed(Audience::Internal).when(cancel), &over), ["gus"]);
}
