//! Stakeholders: they hear of updates and of the end, each once, and never because somebody is to act.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{Fate, World, minutes, seconds};
use tonic::Code;

super::on_both_stores!(
    who_subscribed_to_a_service_hears_each_update_once,
    who_cancelled_hears_no_more,
    a_subscription_outlives_a_restart_and_a_failed_message_is_tried_again,
    what_nobody_has_cannot_subscribe,
);

async fn subscribe(world: &World, who: &str, service: &str, least: v1::Priority) -> v1::Subscription {
    let request = v1::CreateSubscriptionRequest {
        subscriber: who.to_owned(),
        service: service.to_owned(),
        least_priority: least.into(),
        ..Default::default()
    };
    world.say("ana", request).await.subscription.expect("a subscription")
}

async fn update(world: &World, text: &str, audience: v1::UpdateAudience) {
    let request = v1::PostUpdateRequest {
        name: "incidents/INC-1".to_owned(),
        text: text.to_owned(),
        audience: audience.into(),
        ..Default::default()
    };
    world.say("ana", request).await;
    world.settle().await;
}

/// Notices that somebody got.
fn heard(world: &World, to: &str) -> usize {
    let letters = world.post.letters().into_iter();
    letters.filter(|l| l.kind.ends_with("notice") && l.to == to && l.fate == Fate::Accepted).count()
}

async fn who_subscribed_to_a_service_hears_each_update_once(world: &mut World) {
    world.given_policy(SAMPLE).await;
    subscribe(world, "people/hal", "services/checkout", v1::Priority::P2).await;
    subscribe(world, "people/hal", "", v1::Priority::Unspecified).await;
    subscribe(world, "people/gus", "services/front-desk", v1::Priority::Unspecified).await;
    subscribe(world, "channels/shop-room", "services/checkout", v1::Priority::P1).await;
    world.report("nobody can pay").await;
    world.ack("INC-1", "ana").await;
    let (hal, room) = (heard(world, "hal voice") + heard(world, "hal email"), heard(world, "shop-room"));

    update(world, "we look into it", v1::UpdateAudience::Internal).await;
    assert_eq!(heard(world, "hal voice") + heard(world, "hal email"), hal, "it was not for stakeholders");
    update(world, "a payment provider is down", v1::UpdateAudience::Stakeholders).await;

    assert_eq!(heard(world, "hal voice") + heard(world, "hal email"), hal + 1);
    assert_eq!(heard(world, "shop-room"), room + 1);
    assert_eq!(heard(world, "gus email") + heard(world, "gus sms"), 0, "it is another service");
}

async fn who_cancelled_hears_no_more(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let made = subscribe(world, "people/hal", "services/checkout", v1::Priority::Unspecified).await;
    world.report("nobody can pay").await;
    let cancel =
        v1::CancelSubscriptionRequest { name: made.name, reason: "moved".to_owned(), ..Default::default() };
    world.say("hal", cancel.clone()).await;
    let before = heard(world, "hal email") + heard(world, "hal voice");
    update(world, "a payment provider is down", v1::UpdateAudience::Public).await;
    assert_eq!(heard(world, "hal email") + heard(world, "hal voice"), before);
    assert_eq!(world.refused("hal", cancel).await, "WRONG_STATE");
    assert!(world.say("ana", v1::ListSubscriptionsRequest::default()).await.subscriptions.is_empty());
}

async fn a_subscription_outlives_a_restart_and_a_failed_message_is_tried_again(world: &mut World) {
    world.given_policy(SAMPLE).await;
    subscribe(world, "channels/shop-room", "services/checkout", v1::Priority::Unspecified).await;
    world.report("nobody can pay").await;
    world.ack("INC-1", "ana").await;
    world.crash().await;
    world.post.next("shop-room", Fate::Failed, 1);
    let before = heard(world, "shop-room");
    update(world, "a payment provider is down", v1::UpdateAudience::Stakeholders).await;
    assert_eq!(heard(world, "shop-room"), before);
    world.advance(minutes(1)).await;
    assert_eq!(heard(world, "shop-room"), before + 1);
    world.advance(seconds(30)).await;
    assert_eq!(heard(world, "shop-room"), before + 1);
}

async fn what_nobody_has_cannot_subscribe(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let ask = |subscriber: &str, service: &str, team: &str| v1::CreateSubscriptionRequest {
        subscriber: subscriber.to_owned(),
        service: service.to_owned(),
        team: team.to_owned(),
        ..Default::default()
    };
    for (request, code) in [
        (ask("people/zoe", "", ""), Code::NotFound),
        (ask("people/ana", "services/none", ""), Code::NotFound),
        (ask("people/ana", "services/checkout", "teams/shop"), Code::InvalidArgument),
        (ask("ana", "", ""), Code::InvalidArgument),
    ] {
        assert_eq!(world.ask("ana", request.clone()).await.unwrap_err().code, code, "{request:?}");
    }
    let same = ask("people/ana", "services/checkout", "");
    world.say("ana", same.clone()).await;
    assert_eq!(world.refused("ana", same).await, "WRONG_STATE");
}
