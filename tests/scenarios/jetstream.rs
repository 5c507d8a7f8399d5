//! The event stream into a real NATS server: JetStream has every event once and in order, whichever end was killed.

use std::time::{Duration, Instant};

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{Config, Stream};
use stentor_core::policy::SAMPLE;
use stentor_proto::v1::{self, SinkState};
use stentor_tests::support::nats::Nats;
use stentor_tests::world::World;

super::on_both_stores!(
    a_stream_has_every_event_once_and_in_order_although_both_ends_were_killed,
    without_a_stream_nothing_is_lost_and_the_listing_says_why,
);

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Begins to send to JetStream, from the oldest event on.
async fn export(world: &World, nats: &Nats) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sinks.yaml");
    std::fs::write(&path, format!("bus: {{nats: {{servers: ['{}']}}, from: start}}\n", nats.url)).unwrap();
    let sinks = stentor::sinks::load(Some(&path), true).unwrap();
    let engine = world.process().engine.clone();
    world.process().inside(async move { engine.export(sinks).await.unwrap() }).await;
}

async fn bus(world: &World) -> v1::Sink {
    let mut sinks = world.process().ask("ana", v1::ListSinksRequest {}).await.unwrap().sinks;
    assert_eq!(sinks.len(), 1, "{sinks:?}");
    sinks.remove(0)
}

async fn resume(world: &World) {
    world.say("ana", v1::ResumeSinkRequest { name: "sinks/bus".to_owned() }).await;
}

/// The stream that takes everything of ours, made if it is not there.
async fn stream(nats: &Nats) -> Stream {
    let context = async_nats::jetstream::new(async_nats::connect(&nats.url).await.unwrap());
    let config =
        Config { name: "EVENTS".to_owned(), subjects: vec!["stentor.>".to_owned()], ..Config::default() };
    context.get_or_create_stream(config).await.unwrap()
}

async fn messages(nats: &Nats) -> Vec<StreamMessage> {
    let mut stream = stream(nats).await;
    let count = stream.info().await.unwrap().state.messages;
    let mut messages = Vec::new();
    for sequence in 1..=count {
        messages.push(stream.get_raw_message(sequence).await.unwrap());
    }
    messages
}

fn id(message: &StreamMessage) -> String {
    message.headers.get("Nats-Msg-Id").unwrap().to_string()
}

/// The ids of everything that happened to the incident, in order.
async fn told(world: &World) -> Vec<String> {
    let entries = world.entries("INC-1").await;
    let id = |entry: &v1::TimelineEntry| {
        let rest = entry.name.strip_prefix("incidents/").unwrap();
        rest.replace("/timelineEntries/", "/")
    };
    entries.iter().map(id).collect()
}

async fn has(nats: &Nats, all: &[String]) {
    until("every event", async || messages(nats).await.len() >= all.len()).await;
    let ids: Vec<String> = messages(nats).await.iter().map(id).collect();
    assert_eq!(ids, all);
}

async fn a_stream_has_every_event_once_and_in_order_although_both_ends_were_killed(world: &mut World) {
    let mut nats = Nats::start().await;
    stream(&nats).await;
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    export(world, &nats).await;
    has(&nats, &told(world).await).await;

    nats.kill();
    world.ack("INC-1", "ana").await;
    until("the failure", async || bus(world).await.failure_count > 0).await;
    world.crash().await;
    nats.revive().await;
    export(world, &nats).await;
    resume(world).await;
    let all = told(world).await;
    has(&nats, &all).await;

    let last = messages(&nats).await.pop().unwrap();
    let body: serde_json::Value = serde_json::from_slice(&last.payload).unwrap();
    assert_eq!((last.subject.as_str(), &body["type"]), (body["type"].as_str().unwrap(), &body["type"]));
    assert_eq!(body["id"].as_str(), all.last().map(String::as_str));
    let kind = last.headers.get("Content-Type").unwrap().to_string();
    assert_eq!(kind, "application/cloudevents+json; charset=utf-8");
}

async fn without_a_stream_nothing_is_lost_and_the_listing_says_why(world: &mut World) {
    let nats = Nats::start().await;
    world.given_policy(SAMPLE).await;
    export(world, &nats).await;
    world.alert("a").await;

    until("the failure", async || bus(world).await.failure_count > 0).await;
    let waiting = bus(world).await;
    assert_eq!(waiting.state(), SinkState::Waiting);
    assert!(waiting.last_error.starts_with("no stream takes stentor.incident."), "{}", waiting.last_error);

    stream(&nats).await;
    resume(world).await;
    has(&nats, &told(world).await).await;
    until("the position", async || bus(world).await.lag_count == 0).await;
}
