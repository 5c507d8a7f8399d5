//! Histories of other tools are kept and shown, and nothing ever follows from them.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{World, minutes};

super::on_both_stores!(
    an_imported_incident_pages_nobody_and_takes_no_command,
    importing_again_changes_nothing,
    a_record_that_cannot_be_read_stores_none,
);

const OPEN: &str = concat!(
    r#"{"incident":"42","source":"servicenow","source_ref":"42","imported":true,"entries":["#,
    r#"{"at":"2026-06-01T08:00:00Z","who":"people/rob","signal":{"kind":"report","title":"Slow","#,
    r#""impact":"HIGH","urgency":"HIGH","service":"checkout","declare":true}}]}"#,
);

fn closed() -> String {
    let rest = concat!(
        r#"{"at":"2026-06-01T09:00:00Z","who":"people/bo","action":"acknowledge"},"#,
        r#"{"at":"2026-06-01T10:00:00Z","who":"people/bo","action":{"resolve":{}}},"#,
        r#"{"at":"2026-06-01T11:00:00Z","who":"people/bo","action":"close"}]}"#,
    );
    OPEN.replace("\"42\"", "\"43\"").replace("}}]}", &format!("}}}},{rest}"))
}

fn import(records: &[&str]) -> v1::ImportIncidentsRequest {
    v1::ImportIncidentsRequest { records: records.iter().map(|r| (*r).to_owned()).collect() }
}

async fn listed(world: &World, imported: bool) -> Vec<String> {
    let request = v1::ListIncidentsRequest { imported, ..Default::default() };
    let answer = world.say("ana", request).await;
    answer.incidents.into_iter().map(|i| i.reference).collect()
}

async fn an_imported_incident_pages_nobody_and_takes_no_command(world: &mut World) {
    world.given_policy(SAMPLE).await;

    let answer = world.say("ana", import(&[OPEN, &closed()])).await;

    assert_eq!((answer.stored_count, answer.unchanged_count), (2, 0));
    world.advance(minutes(24 * 60)).await;
    world.crash().await;
    world.advance(minutes(8 * 24 * 60)).await;
    assert!(world.post.letters().is_empty(), "somebody was told");
    let incident = world.incident("INC-1").await;
    assert_eq!(incident.origin(), v1::IncidentOrigin::Import);
    assert_eq!(incident.phase(), v1::IncidentPhase::Active);
    assert!(incident.clocks.is_empty());
    assert_eq!(incident.escalation.and_then(|e| e.next_due_time), None);
    assert_eq!(listed(world, false).await, Vec::<String>::new());
    assert_eq!(listed(world, true).await.len(), 2);
    let acknowledge =
        |n: u32| v1::AcknowledgeIncidentRequest { name: format!("incidents/INC-{n}"), ..Default::default() };
    assert_eq!(world.refused("ana", acknowledge(1)).await, "INCIDENT_IMPORTED");
    assert_eq!(world.refused("ana", acknowledge(2)).await, "INCIDENT_IMPORTED");
}

async fn importing_again_changes_nothing(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.say("ana", import(&[OPEN, &closed()])).await;
    let before = world.incident("INC-2").await;

    let again = world.say("ana", import(&[OPEN, &closed()])).await;
    let other = world.say("ana", import(&[&closed().replace("T10:00", "T10:30")])).await;

    assert_eq!((again.stored_count, again.unchanged_count), (0, 2));
    assert_eq!(other.differing_refs, ["43"]);
    assert_eq!(world.incident("INC-2").await, before);
}

async fn a_record_that_cannot_be_read_stores_none(world: &mut World) {
    world.given_policy(SAMPLE).await;
    assert_eq!(world.refused("ana", import(&[OPEN, "{}"])).await, "INVALID_FIELD");
    assert_eq!(world.refused("ana", import(&[])).await, "INVALID_FIELD");
    assert_eq!(listed(world, true).await, Vec::<String>::new());
}
