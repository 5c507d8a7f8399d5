//! Two servers on one PostgreSQL: each tick fires once, each page is sent once, and what one is told stops the other.

use std::time::{Duration, Instant};

use stentor_core::policy::SAMPLE;
use stentor_engine::store::rows::{Batch, Claim};
use stentor_engine::store::{self, OpenOptions};
use stentor_proto::v1;
use stentor_tests::world::{Backend, Fate, Process, World, alert, at};

/// Longer than a lease lives.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until both servers have come to rest in a state that the scenario wants.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn pair() -> (World, Process) {
    let world = World::start(Backend::Postgres).await;
    world.given_policy(SAMPLE).await;
    let second = world.replica("second").await;
    (world, second)
}

async fn fires(process: &Process, key: &str) -> v1::IntakeResult {
    let request = v1::SendAlertRequest { alert: Some(alert(key)), ..Default::default() };
    process.ask("integrations/prom", request).await.unwrap().result.unwrap()
}

async fn kinds(process: &Process, kind: &str) -> usize {
    let parent = "incidents/INC-1".to_owned();
    let request = v1::ListTimelineEntriesRequest { parent, page_size: 1000, ..Default::default() };
    let entries = process.ask("ana", request).await.unwrap().timeline_entries;
    entries.iter().filter(|entry| entry.kind == kind).count()
}

#[tokio::test]
async fn a_page_decided_by_a_replica_that_does_not_lead_is_sent_at_once_and_once() {
    let (world, second) = pair().await;

    let begun = Instant::now();
    assert_eq!(fires(&second, "a").await.reference, "INC-1");
    until("the page", async || !world.attempts("ana push").is_empty()).await;
    assert!(begun.elapsed() < Duration::from_secs(3), "the leader hears of it by the feed");
    until("the result", async || kinds(&second, "DeliveryRecorded").await == 1).await;

    assert_eq!(world.attempts("ana push").len(), 1);
    second.stop().await;
    world.end().await;
}

#[tokio::test]
async fn each_level_fires_once_and_an_acknowledgement_at_either_stops_the_pages() {
    let (world, second) = pair().await;
    fires(world.process(), "a").await;
    until("the first page", async || kinds(&second, "DeliveryRecorded").await == 1).await;

    for (time, pages) in [("10:01", 2), ("10:03", 3), ("10:04", 4)] {
        world.clock.set(at(time));
        until(time, async || kinds(&second, "DeliveryRecorded").await == pages).await;
    }
    assert_eq!(kinds(&second, "Escalated").await, 2);
    let ack = v1::AcknowledgeIncidentRequest { name: "incidents/INC-1".to_owned(), ..Default::default() };
    second.ask("bo", ack).await.unwrap();
    world.clock.set(at("10:20"));
    world.settle().await;

    assert_eq!(kinds(&second, "Escalated").await, 2);
    assert_eq!(
        world.pages(),
        ["10:00:00 ana push", "10:01:00 ana sms", "10:03:00 ana voice", "10:04:00 bo push"]
    );
    second.stop().await;
    world.end().await;
}

#[tokio::test]
async fn an_override_made_at_one_replica_decides_at_the_other_and_none_is_lost() {
    let (world, second) = pair().await;
    let cover = |replaced: &str, by: &str| v1::CreateOverrideRequest {
        schedule: "schedules/shop-primary".to_owned(),
        end_time: Some(prost_types::Timestamp { seconds: 1_780_480_800 + 3600, nanos: 0 }),
        replaced_person: format!("people/{replaced}"),
        person: format!("people/{by}"),
        ..Default::default()
    };
    let pending: Vec<_> = (0..20)
        .map(|n| {
            let process = if n % 2 == 0 { world.process() } else { &second };
            process.begin_ask("bo", cover("hal", "bo"))
        })
        .collect();
    let mut names = Vec::new();
    for made in pending {
        names.push(made.await.unwrap().unwrap().r#override.unwrap().name);
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 20, "each has a number of its own: {names:?}");

    second.ask("chi", cover("ana", "chi")).await.unwrap();
    let get = v1::GetOverrideRequest { name: "overrides/21".to_owned() };
    assert!(world.process().ask("chi", get).await.is_ok(), "a read sees what the other replica wrote");
    fires(world.process(), "a").await;
    until("the page", async || !world.attempts("chi sms").is_empty()).await;
    assert!(world.attempts("ana push").is_empty());
    second.stop().await;
    world.end().await;
}

#[tokio::test]
async fn a_receiver_that_fails_first_gets_one_success_for_each_id() {
    let (world, second) = pair().await;
    world.post.next("ana push", Fate::Failed, 1);
    fires(&second, "a").await;
    until("the first attempt", async || world.attempts("ana push").len() == 1).await;
    world.settle().await;
    world.clock.set(at("10:00:01"));
    until("the second attempt", async || kinds(&second, "DeliveryRecorded").await == 1).await;

    let letters = world.post.letters();
    let fates: Vec<Fate> = letters.iter().filter(|l| l.to == "ana push").map(|l| l.fate).collect();
    assert_eq!(fates, [Fate::Failed, Fate::Accepted]);
    second.stop().await;
    world.end().await;
}

#[tokio::test]
async fn when_the_leader_dies_the_other_takes_over_deadlines_and_pages() {
    let (mut world, second) = pair().await;
    fires(world.process(), "a").await;
    until("the first page", async || kinds(&second, "DeliveryRecorded").await == 1).await;

    world.kill();
    world.clock.set(at("10:01:01"));
    until("the second step", async || world.attempts("ana sms").len() == 1).await;
    until("its result", async || kinds(&second, "DeliveryRecorded").await == 2).await;

    second.stop().await;
    world.revive().await;
    world.end().await;
}

#[tokio::test]
async fn an_effect_that_another_process_has_claimed_goes_on_when_that_claim_ends() {
    let world = World::start(Backend::Postgres).await;
    world.given_policy(SAMPLE).await;
    world.post.next("ana push", Fate::Failed, 1);
    world.alert("a").await;

    // The first server waits to try again; another one, seen by nobody, takes the effect meanwhile and dies.
    let effect_id = world.post.letters()[0].id.clone();
    let options = OpenOptions { partitions: 1, replica: "ghost".to_owned(), ..OpenOptions::default() };
    let store = store::open(&world.address(), options).await.unwrap();
    let claim = Claim { effect_id, attempt: 1, next_at: at("10:00:30").0 };
    let committed = store.commit(0, Batch { claims: vec![claim], ..Batch::default() }).await.unwrap();
    assert_eq!(committed.claimed, [true]);
    world.advance_to(at("10:00:40")).await;

    assert_eq!(world.attempts("ana push"), ["10:00:00", "10:00:30"]);
    world.end().await;
}

#[tokio::test]
async fn a_silence_made_at_one_replica_holds_back_what_the_other_would_send() {
    let (world, second) = pair().await;
    fires(world.process(), "a").await;
    until("the page", async || !world.attempts("ana push").is_empty()).await;

    let matchers = vec![v1::LabelMatcher {
        label: "service".to_owned(),
        value: "checkout".to_owned(),
        ..Default::default()
    }];
    let request = v1::CreateSilenceRequest {
        matcher_sets: vec![v1::MatcherSet { matchers }],
        end_time: Some(prost_types::Timestamp { seconds: at("12:00").0 / 1000, nanos: 0 }),
        comment: "a drill".to_owned(),
        ..Default::default()
    };
    second.ask("ana", request).await.unwrap();
    until("the mark", async || kinds(world.process(), "AlertMarked").await == 1).await;
    let mut other = alert("b");
    other.labels.insert("region".to_owned(), "us".to_owned());
    let request = v1::SendAlertRequest { alert: Some(other), ..Default::default() };
    let taken = world.process().ask("integrations/prom", request).await.unwrap().result.unwrap();
    assert_eq!(taken.suppression_reason(), v1::SuppressionReason::Silenced);
    second.stop().await;
    world.end().await;
}

#[tokio::test]
async fn a_beat_at_either_counts_and_its_absence_is_told_once() {
    let (world, second) = pair().await;
    let monitor = "heartbeats: {nightly: {service: checkout, interval: 1h, severity: critical}}";
    world.given_policy(&format!("{SAMPLE}\n{monitor}\n")).await;
    let beat = || v1::SendHeartbeatRequest { name: "heartbeats/nightly".to_owned() };
    world.clock.set(at("10:30"));
    until("the beat", async || second.ask("integrations/prom", beat()).await.is_ok()).await;
    world.clock.set(at("11:00"));
    world.settle().await;
    second.settle().await;
    assert!(world.pages().is_empty(), "the other replica's beat counts: {:?}", world.pages());

    world.clock.set(at("11:30"));
    until("the page", async || !world.attempts("ana push").is_empty()).await;
    until("its result", async || kinds(&second, "DeliveryRecorded").await == 1).await;
    second.ask("integrations/prom", beat()).await.unwrap();

    until("the clear", async || kinds(world.process(), "AlertCleared").await == 1).await;
    assert_eq!(world.attempts("ana push").len(), 1);
    second.stop().await;
    world.end().await;
}
