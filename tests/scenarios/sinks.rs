//! The event stream: a webhook hears of everything in order, whatever it answered before and whoever sends, and one
//! that is dead holds up nobody else.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use stentor_core::policy::SAMPLE;
use stentor_core::time::Timestamp;
use stentor_proto::v1::{self, SinkState};
use stentor_tests::support::hook::Hook;
use stentor_tests::world::{Backend, Process, World, minutes};

super::on_both_stores!(
    every_event_comes_once_and_in_order_although_the_receiver_failed,
    a_kill_in_the_middle_leaves_no_gap,
    a_receiver_that_is_gone_is_left_alone_until_it_is_resumed,
    a_receiver_that_fails_for_days_is_given_up_as_announced,
    a_receiver_that_hangs_delays_no_other_and_no_commit,
    a_sink_that_left_the_file_is_idle_and_can_be_forgotten,
);

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Begins to send to webhooks, from the oldest event on.
async fn export(process: &Process, sinks: &[(&str, &Hook)]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sinks.yaml");
    let lines = sinks
        .iter()
        .map(|(name, hook)| format!("{name}: {{webhook: {{url: '{}'}}, from: start}}\n", hook.url));
    std::fs::write(&path, lines.collect::<String>()).unwrap();
    let sinks = stentor::sinks::load(Some(&path), true).unwrap();
    let engine = process.engine.clone();
    process.inside(async move { engine.export(sinks).await.unwrap() }).await;
}

async fn sink(process: &Process, name: &str) -> v1::Sink {
    let sinks = process.ask("ana", v1::ListSinksRequest {}).await.unwrap().sinks;
    sinks.into_iter().find(|sink| sink.name == format!("sinks/{name}")).unwrap()
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

/// The same without what came again.
fn first_times(ids: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    ids.iter().filter(|id| seen.insert(*id)).cloned().collect()
}

/// Moves the clock to where the sink is tried again.
async fn wait_for_next(world: &World, name: &str) -> Timestamp {
    let next = sink(world.process(), name).await.next_attempt_time.unwrap();
    let next = Timestamp(next.seconds * 1000 + i64::from(next.nanos) / 1_000_000);
    world.clock.set(next);
    next
}

async fn every_event_comes_once_and_in_order_although_the_receiver_failed(world: &mut World) {
    let hook = Hook::start(|n| if n == 3 { 500 } else { 200 }).await.unwrap();
    world.given_policy(SAMPLE).await;
    export(world.process(), &[("hook", &hook)]).await;
    world.alert("a").await;

    until("the failure", async || sink(world.process(), "hook").await.failure_count == 1).await;
    let waiting = sink(world.process(), "hook").await;
    assert_eq!(
        (waiting.state(), waiting.last_error.as_str()),
        (SinkState::Waiting, "500 Internal Server Error")
    );
    assert!(waiting.lag_count > 0 && waiting.oldest_event_time.is_some());
    let before = world.now();
    let next = wait_for_next(world, "hook").await;
    assert!((5_000..=5_500).contains(&next.since(before).millis()), "{}", next.since(before));
    world.ack("INC-1", "ana").await;

    let all = told(world).await;
    until("the rest", async || hook.accepted().len() >= all.len()).await;
    assert_eq!(hook.accepted(), all);
    until("the position", async || sink(world.process(), "hook").await.lag_count == 0).await;
    assert_eq!(sink(world.process(), "hook").await.state(), SinkState::Active);
    let last = hook.calls().pop().unwrap();
    assert_eq!(last.header("content-type"), "application/cloudevents+json; charset=utf-8");
    assert_eq!(last.header("webhook-id"), last.body["id"]);
    assert_eq!(last.body["specversion"], "1.0");
}

async fn a_kill_in_the_middle_leaves_no_gap(world: &mut World) {
    let hook = Hook::start(|n| if n < 2 { 200 } else { 0 }).await.unwrap();
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    export(world.process(), &[("hook", &hook)]).await;
    until("the third event", async || hook.calls().len() == 3).await;

    world.crash().await;
    world.ack("INC-1", "ana").await;
    hook.answer(|_| 204);
    export(world.process(), &[("hook", &hook)]).await;

    let all = told(world).await;
    until("the rest", async || first_times(&hook.accepted()).len() == all.len()).await;
    assert_eq!(first_times(&hook.accepted()), all);

    // What was accepted and kept does not come again.
    until("the position", async || sink(world.process(), "hook").await.lag_count == 0).await;
    let count = hook.calls().len();
    world.restart().await;
    export(world.process(), &[("hook", &hook)]).await;
    let name = "incidents/INC-1".to_owned();
    let note = v1::AddNoteRequest { name, text: "hello".to_owned(), ..Default::default() };
    world.say("ana", note).await;
    let all = told(world).await;
    until("the note", async || first_times(&hook.accepted()).len() == all.len()).await;
    assert_eq!(hook.accepted()[count..], all[all.len() - (hook.accepted().len() - count)..]);
}

async fn a_receiver_that_is_gone_is_left_alone_until_it_is_resumed(world: &mut World) {
    let hook = Hook::start(|n| if n == 1 { 410 } else { 200 }).await.unwrap();
    world.given_policy(SAMPLE).await;
    export(world.process(), &[("hook", &hook)]).await;
    world.alert("a").await;

    until("the end", async || sink(world.process(), "hook").await.state() == SinkState::Disabled).await;
    assert_eq!(sink(world.process(), "hook").await.last_error, "410 Gone");
    world.advance(minutes(2)).await;
    let calls = hook.calls().len();
    let resume = v1::ResumeSinkRequest { name: "sinks/hook".to_owned() };
    let resumed = world.say("ana", resume).await.sink.unwrap();
    assert_eq!(resumed.state(), SinkState::Active);

    let all = told(world).await;
    until("the rest", async || first_times(&hook.accepted()).len() == all.len()).await;
    assert_eq!(first_times(&hook.accepted()), all);
    assert!(calls <= 2 + 16, "{calls}");
    let nobody = v1::ResumeSinkRequest { name: "sinks/nobody".to_owned() };
    assert_eq!(world.refused("ana", nobody).await, "SINK_UNKNOWN");
}

async fn a_receiver_that_fails_for_days_is_given_up_as_announced(world: &mut World) {
    let hook = Hook::start(|_| 503).await.unwrap();
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.ack("INC-1", "ana").await;
    export(world.process(), &[("hook", &hook)]).await;

    let mut waits = Vec::new();
    for attempt in 1..=9 {
        until("an attempt", async || sink(world.process(), "hook").await.failure_count == attempt).await;
        let before = world.process().engine.now();
        waits.push(wait_for_next(world, "hook").await.since(before).millis() / 1000);
    }
    until("the end", async || sink(world.process(), "hook").await.state() == SinkState::Disabled).await;
    assert_eq!(hook.calls().len(), 10);
    let stated = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
    let jittered =
        waits.iter().zip(stated).all(|(wait, stated)| (stated..=stated + stated / 10).contains(wait));
    assert!(jittered, "{waits:?}");
}

async fn a_receiver_that_hangs_delays_no_other_and_no_commit(world: &mut World) {
    let (dead, live) = (Hook::start(|_| 0).await.unwrap(), Hook::start(|_| 200).await.unwrap());
    world.given_policy(SAMPLE).await;
    export(world.process(), &[("dead", &dead), ("live", &live)]).await;
    world.alert("a").await;
    until("the hanging call", async || !dead.calls().is_empty()).await;

    let begun = Instant::now();
    world.ack("INC-1", "ana").await;
    let all = told(world).await;
    until("everything", async || live.accepted().len() == all.len()).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(live.accepted(), all);
    assert_eq!(dead.calls().len(), 1);
}

async fn a_sink_that_left_the_file_is_idle_and_can_be_forgotten(world: &mut World) {
    let hook = Hook::start(|_| 200).await.unwrap();
    world.given_policy(SAMPLE).await;
    export(world.process(), &[("hook", &hook)]).await;
    until("a driver", async || sink(world.process(), "hook").await.state() == SinkState::Active).await;
    let forget = v1::DeleteSinkRequest { name: "sinks/hook".to_owned() };
    assert_eq!(world.refused("ana", forget.clone()).await, "SINK_DRIVEN");

    world.restart().await;
    assert_eq!(sink(world.process(), "hook").await.state(), SinkState::Idle);
    world.say("ana", forget.clone()).await;
    assert!(world.say("ana", v1::ListSinksRequest {}).await.sinks.is_empty());
    assert_eq!(world.refused("ana", forget).await, "SINK_UNKNOWN");
}

#[tokio::test]
async fn of_two_servers_one_sends_and_the_other_goes_on_when_it_ends() {
    let hook = Hook::start(|_| 200).await.unwrap();
    let mut world = World::start(Backend::Postgres).await;
    world.given_policy(SAMPLE).await;
    let second = world.replica("second").await;
    export(world.process(), &[("hook", &hook)]).await;
    export(&second, &[("hook", &hook)]).await;
    world.alert("a").await;
    let all = told(&world).await;
    until("everything", async || hook.accepted().len() >= all.len()).await;
    assert_eq!(hook.accepted(), all, "each once");

    until("the position", async || sink(&second, "hook").await.lag_count == 0).await;
    world.kill();
    let ack = v1::AcknowledgeIncidentRequest { name: "incidents/INC-1".to_owned(), ..Default::default() };
    second.ask("bo", ack).await.unwrap();
    let more = || hook.accepted().split_off(all.len());
    until("the acknowledgement", async || !more().is_empty()).await;
    assert_eq!(more()[0].rsplit('/').next().unwrap(), (all.len() + 1).to_string());
    assert_eq!(sink(&second, "hook").await.server, "second");
    second.stop().await;
    world.revive().await;
    world.end().await;
}
