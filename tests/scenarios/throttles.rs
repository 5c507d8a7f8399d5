//! How often a person is paged: what is beyond it waits, goes together, and is never lost.

use stentor_core::policy::SAMPLE;
use stentor_tests::world::{Fate, World, minutes, seconds};

super::on_both_stores!(
    pages_beyond_the_rate_wait_and_go_together,
    what_is_acknowledged_while_it_waits_is_not_told,
    a_page_that_carries_others_and_fails_loses_none_of_them,
);

/// Ana, who is on call for checkout, is paged by push once a minute at most; three incidents open within 20 seconds.
async fn given_three_incidents_at_once(world: &mut World) {
    let narrow = SAMPLE.replace("providers:", "page_rates: {push: {per_minute: 1}}\nproviders:");
    world.given_policy(&narrow).await;
    for title in ["nobody can pay", "all carts are empty", "the search is down"] {
        world.report(title).await;
        world.advance(seconds(10)).await;
    }
}

/// Asserts that exactly these pages arrived by push.
#[track_caller]
fn expect_pushes(world: &World, expected: &[&str]) {
    let pages: Vec<String> = world.pages().into_iter().filter(|page| page.ends_with("push")).collect();
    assert_eq!(pages, expected);
}

/// How the deliveries of an incident's pages by push ended.
async fn deliveries(world: &World, reference: &str) -> Vec<String> {
    let entries = world.entries(reference).await;
    let recorded = entries.into_iter().filter(|entry| entry.kind == "DeliveryRecorded");
    recorded.map(|entry| entry.summary).filter(|text| text.contains("people/ana by push")).collect()
}

async fn pages_beyond_the_rate_wait_and_go_together(world: &mut World) {
    given_three_incidents_at_once(world).await;
    expect_pushes(world, &["10:00:00 ana push"]);
    assert_eq!(world.count("INC-2", "PageDelayed").await, 1, "50 s are worth telling");

    world.advance(minutes(1)).await;

    expect_pushes(world, &["10:00:00 ana push", "10:01:00 ana push"]);
    assert_eq!(deliveries(world, "INC-2").await, ["Message to people/ana by push was sent: taken."]);
    let third = deliveries(world, "INC-3").await;
    assert_eq!(third.len(), 1);
    assert!(third[0].starts_with("Message to people/ana by push was told within another one"), "{third:?}");
}

async fn what_is_acknowledged_while_it_waits_is_not_told(world: &mut World) {
    given_three_incidents_at_once(world).await;
    world.ack("INC-2", "bo").await;
    world.ack("INC-3", "bo").await;
    world.advance(minutes(1)).await;
    expect_pushes(world, &["10:00:00 ana push"]);
    assert!(deliveries(world, "INC-2").await.is_empty());
}

async fn a_page_that_carries_others_and_fails_loses_none_of_them(world: &mut World) {
    given_three_incidents_at_once(world).await;
    world.post.next("ana push", Fate::Failed, 1);
    world.advance(minutes(1)).await;
    expect_pushes(world, &["10:00:00 ana push", "10:01:01 ana push"]);
    world.restart().await;
    world.advance(minutes(1)).await;
    assert_eq!(deliveries(world, "INC-2").await.len(), 1);
    assert_eq!(deliveries(world, "INC-3").await.len(), 1);
}
