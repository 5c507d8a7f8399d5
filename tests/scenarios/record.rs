//! What people and sources put on record, and how it is read back: with its author, its instant and all that was told.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{World, alert, minutes, seconds};

super::on_both_stores!(
    work_is_shown_with_its_author_and_its_instant,
    an_incident_is_named_labelled_and_ranked_anew,
    a_link_is_made_with_its_reason_and_taken_away,
    an_alert_shows_all_that_its_source_told_wherever_it_goes,
    times_are_corrected_without_touching_what_happened,
    lists_know_category_and_last_change,
);

const NAME: &str = "incidents/INC-1";

fn name() -> String {
    NAME.to_owned()
}

async fn work_is_shown_with_its_author_and_its_instant(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let evidence = v1::AddEvidenceRequest {
        name: name(),
        kind: v1::EvidenceKind::Text.into(),
        title: "pool".to_owned(),
        body: "100 of 100".to_owned(),
        ..Default::default()
    };
    world.say("ana", evidence).await;
    let statement = "the pool is full".to_owned();
    let evidence_numbers = vec![1];
    let propose =
        v1::ProposeHypothesisRequest { name: name(), statement, evidence_numbers, ..Default::default() };
    world.say("bo", propose).await;
    let task = v1::AddTaskRequest { name: name(), title: "call".to_owned(), ..Default::default() };
    world.say("ana", task).await;
    world.advance(minutes(1)).await;
    let task = v1::UpdateTaskRequest {
        name: name(),
        task_number: 1,
        title: "call the bank".to_owned(),
        state: v1::TaskState::Done.into(),
        ..Default::default()
    };
    world.say("bo", task).await;
    let judge = v1::UpdateHypothesisRequest {
        name: name(),
        hypothesis_number: 1,
        note: "graph agrees".to_owned(),
        ..Default::default()
    };
    world.say("bo", judge).await;

    let shown = world.incident("INC-1").await;
    let (task, evidence, hypothesis) = (&shown.tasks[0], &shown.evidence[0], &shown.hypotheses[0]);
    assert_eq!(task.title, "call the bank");
    assert_eq!(task.end_time.unwrap().seconds - task.create_time.unwrap().seconds, 60);
    assert_eq!((evidence.actor.as_str(), evidence.create_time.is_some()), ("people/ana", true));
    assert_eq!((hypothesis.actor.as_str(), hypothesis.note.as_str()), ("people/bo", "graph agrees"));
    assert_eq!(hypothesis.evidence_numbers, [1]);
}

async fn an_incident_is_named_labelled_and_ranked_anew(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let triage = |reason: &str| v1::TriageIncidentRequest {
        name: name(),
        priority: v1::Priority::P4.into(),
        title: "tills hang".to_owned(),
        description: "in both shops".to_owned(),
        labels: [("env", "prod"), ("region", "")].map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
        reason: reason.to_owned(),
        ..Default::default()
    };

    assert_eq!(world.refused("ana", triage("")).await, "REASON_REQUIRED");
    let shown = world.say("ana", triage("one till of nine")).await.incident.unwrap();

    assert_eq!((shown.title.as_str(), shown.description.as_str()), ("tills hang", "in both shops"));
    assert_eq!((shown.priority(), shown.labels["env"].as_str()), (v1::Priority::P4, "prod"));
    assert!(!shown.labels.contains_key("region"));
    let filter = "labels.env=prod AND NOT labels.region:*".to_owned();
    let list = v1::ListIncidentsRequest { filter, ..Default::default() };
    assert_eq!(world.say("ana", list).await.incidents.len(), 1);
}

async fn a_link_is_made_with_its_reason_and_taken_away(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.report("tills hang").await;
    let relate = |remove| v1::RelateIncidentRequest {
        name: name(),
        other: "incidents/INC-2".to_owned(),
        kind: v1::RelationKind::CausedBy.into(),
        note: "the same rack".to_owned(),
        remove,
        ..Default::default()
    };

    let linked = world.say("ana", relate(false)).await.incident.unwrap();
    let apart = world.say("ana", relate(true)).await.incident.unwrap();

    let relation = &linked.relations[0];
    assert_eq!((relation.reference.as_str(), relation.note.as_str()), ("INC-2", "the same rack"));
    assert!(apart.relations.is_empty());
    world.expect_in_order("INC-1", &["Related", "Unrelated"]).await;
}

async fn an_alert_shows_all_that_its_source_told_wherever_it_goes(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let told = |key: &str, region: &str| {
        let mut told = alert(key);
        told.labels.insert("region".to_owned(), region.to_owned());
        told.annotations.insert("dashboard".to_owned(), format!("board {key}"));
        told.url = format!("https://prom.acme.example/{key}");
        told
    };
    world.signal(told("a", "eu")).await;
    world.signal(told("b", "eu")).await;
    world.signal(told("c", "us")).await;

    let first = world.incident("INC-1").await;
    let boards = |i: &v1::Incident| -> Vec<String> {
        i.alerts.iter().map(|a| a.annotations["dashboard"].clone()).collect()
    };
    assert_eq!(boards(&first), ["board a", "board b"]);
    assert_eq!(first.alerts[1].url, "https://prom.acme.example/b");
    assert_eq!(first.alerts[1].labels["region"], "eu");

    let merge =
        v1::MergeIncidentRequest { name: "incidents/INC-2".to_owned(), target: name(), ..Default::default() };
    world.say("ana", merge).await;
    assert_eq!(boards(&world.incident("INC-1").await), ["board a", "board b", "board c"]);

    let split = v1::SplitIncidentRequest { name: name(), alert_numbers: vec![2, 3], ..Default::default() };
    let split = world.say("ana", split).await;
    assert_eq!(boards(&split.split_incident.unwrap()), ["board b", "board c"]);
}

async fn times_are_corrected_without_touching_what_happened(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.advance(minutes(30)).await;
    let mitigate = v1::MitigateIncidentRequest { name: name(), ..Default::default() };
    let mitigated = world.say("ana", mitigate).await.incident.unwrap().times.unwrap().mitigate_time.unwrap();
    let really = prost_types::Timestamp { seconds: mitigated.seconds - 600, nanos: 0 };
    let correct = |resolve_time| v1::CorrectIncidentTimesRequest {
        name: name(),
        mitigate_time: Some(really),
        resolve_time,
        reason: "the graph says so".to_owned(),
        ..Default::default()
    };

    assert_eq!(world.refused("ana", correct(Some(really))).await, "NOT_RESOLVED");
    let corrected = world.say("ana", correct(None)).await.incident.unwrap();

    assert_eq!(corrected.times.unwrap().mitigate_time, Some(really));
}

async fn lists_know_category_and_last_change(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.report("tills hang").await;
    let since = world.now();
    world.advance(minutes(1)).await;
    let note = v1::AddNoteRequest { name: name(), text: "looking".to_owned(), ..Default::default() };
    world.say("ana", note).await;
    let triage = v1::TriageIncidentRequest {
        name: "incidents/INC-2".to_owned(),
        category: "hardware".to_owned(),
        ..Default::default()
    };
    world.say("ana", triage).await;
    world.advance(minutes(1)).await;
    let found = async |filter: String, order_by: &str| {
        let order_by = order_by.to_owned();
        let list = v1::ListIncidentsRequest { filter, order_by, ..Default::default() };
        let found = world.say("ana", list).await.incidents;
        found.into_iter().map(|i| i.reference).collect::<Vec<_>>()
    };

    assert_eq!(found("category=hardware".to_owned(), "").await, ["INC-2"]);
    assert_eq!(found(format!("update_time>\"{since}\" AND category!=hardware"), "").await, ["INC-1"]);
    assert!(found(format!("update_time<=\"{since}\""), "").await.is_empty());
    world.advance(seconds(1)).await;
    world.ack("INC-1", "ana").await;
    assert_eq!(found(String::new(), "update_time desc").await, ["INC-1", "INC-2"]);
}
