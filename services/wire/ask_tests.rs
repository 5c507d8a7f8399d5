//! Which incident and which version a request means, one claim a test.

use super::*;
use stentor_core::incident::kinds::Priority;

fn asker(actor: Actor) -> Asker {
    Asker { actor, now: Timestamp(1_780_000_000_000), newest_policy: 4 }
}

fn ana() -> Asker {
    asker(Actor::Person("ana".into()))
}

fn fields(understood: Understood<Ask>) -> Vec<String> {
    understood.err().unwrap_or_default().into_iter().map(|invalid| invalid.field).collect()
}

const NAME: &str = "incidents/INC-42";

#[test]
fn a_note_goes_behind_its_command_and_an_empty_one_nowhere() {
    let request = v1::AcknowledgeIncidentRequest {
        name: NAME.to_owned(),
        note: "looking".to_owned(),
        ..Default::default()
    };
    let (commands, main) = request.understand(&ana()).unwrap().commands();
    assert_eq!((main, &commands[0]), (0, &Command::Acknowledge));
    assert!(matches!(&commands[1], Command::Work(WorkCommand::AddNote { text, .. }) if text == "looking"));
    let request = v1::AcknowledgeIncidentRequest { name: NAME.to_owned(), ..Default::default() };
    assert_eq!(request.understand(&ana()).unwrap().commands().0.len(), 1);
}

#[test]
fn a_dry_run_is_the_command_alone() {
    let request = v1::CloseIncidentRequest {
        name: NAME.to_owned(),
        note: "done".to_owned(),
        validate_only: true,
        ..Default::default()
    };
    assert_eq!(request.understand(&ana()).unwrap().commands(), (vec![Command::Close], 0));
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let request = v1::ResolveIncidentRequest {
        name: "INC-42".to_owned(),
        etag: "7".to_owned(),
        request_id: "x".to_owned(),
        self_recovered: true,
        ..Default::default()
    };
    let mut wrong = fields(request.understand(&ana()));
    wrong.sort();
    assert_eq!(wrong, ["code", "etag", "name", "note", "request_id"]);
}

#[test]
fn people_answer_their_own_summonses_and_platforms_name_the_person() {
    let request = |person: &str| v1::AnswerSummonsRequest {
        name: NAME.to_owned(),
        person: person.to_owned(),
        ..Default::default()
    };
    let platform = asker(Actor::Integration("chat".into()));
    assert_eq!(fields(request("people/bo").understand(&ana())), ["person"]);
    assert_eq!(fields(request("").understand(&platform)), ["person"]);
    let ask = request("people/bo").understand(&platform).unwrap();
    assert_eq!(ask.actor, Some(Actor::Person("bo".into())));
}

#[test]
fn the_absence_of_a_field_stands_for_the_caller_or_the_newest_policy() {
    let request =
        v1::AssignRoleRequest { name: NAME.to_owned(), role: "scribe".to_owned(), ..Default::default() };
    let ask = request.understand(&ana()).unwrap();
    assert!(matches!(ask.command, Command::Work(WorkCommand::AssignRole { to, .. }) if to.as_str() == "ana"));
    let request = v1::MoveIncidentPolicyRequest { name: NAME.to_owned(), ..Default::default() };
    assert_eq!(request.understand(&ana()).unwrap().command, Command::MovePolicy { to: 4, expected: None });
}

#[test]
fn a_root_cause_is_stored_with_its_category_or_as_unknown() {
    let request = |category: &str, unknown| v1::DocumentIncidentRequest {
        name: NAME.to_owned(),
        field: v1::ChecklistField::RootCause.into(),
        text: "a full disk".to_owned(),
        category: category.to_owned(),
        unknown,
        ..Default::default()
    };
    let text = |request: v1::DocumentIncidentRequest| match request.understand(&ana()).unwrap().command {
        Command::Work(WorkCommand::Document { text, .. }) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(text(request("capacity", false)), "capacity: a full disk");
    assert_eq!(text(request("", true)), "unknown: a full disk");
    assert_eq!(fields(request("", false).understand(&ana())), ["category"]);
    assert_eq!(fields(request("capacity", true).understand(&ana())), ["category"]);
}

#[test]
fn a_hold_ends_in_the_future_and_an_update_promises_a_sane_time() {
    let end_time = Some(prost_types::Timestamp { seconds: 1_779_999_999, nanos: 0 });
    let reason = v1::HoldReason::Scheduled.into();
    let hold = v1::HoldIncidentRequest { name: NAME.to_owned(), reason, end_time, ..Default::default() };
    assert_eq!(fields(hold.understand(&ana())), ["end_time"]);
    let update = v1::PostUpdateRequest {
        name: NAME.to_owned(),
        audience: v1::UpdateAudience::Public.into(),
        text: "better".to_owned(),
        next_update_duration: Some(prost_types::Duration { seconds: 60, nanos: 0 }),
        ..Default::default()
    };
    assert_eq!(fields(update.understand(&ana())), ["next_update_duration"]);
}

#[test]
fn merged_is_no_reason_to_cancel_and_a_code_is_not_documented_by_hand() {
    let reason = v1::CancelReason::Merged.into();
    let cancel = v1::CancelIncidentRequest { name: NAME.to_owned(), reason, ..Default::default() };
    assert_eq!(fields(cancel.understand(&ana())), ["reason"]);
    let field = v1::ChecklistField::ResolutionCode.into();
    let waive = v1::WaiveChecklistItemRequest { name: NAME.to_owned(), field, ..Default::default() };
    assert_eq!(fields(waive.understand(&ana())), ["field"]);
}

#[test]
fn evidence_is_bounded_in_bytes_and_a_link_is_an_address() {
    let request = |kind: v1::EvidenceKind, body: String| v1::AddEvidenceRequest {
        name: NAME.to_owned(),
        kind: kind.into(),
        title: "Traces".to_owned(),
        body,
        ..Default::default()
    };
    assert_eq!(fields(request(v1::EvidenceKind::Link, "see there".to_owned()).understand(&ana())), ["body"]);
    let long = "ü".repeat(limits::EVIDENCE_BYTES / 2 + 1);
    assert_eq!(fields(request(v1::EvidenceKind::Text, long).understand(&ana())), ["body"]);
}

#[test]
fn a_triage_states_only_what_is_named_and_an_empty_label_is_one_to_take_away() {
    let request = v1::TriageIncidentRequest {
        name: NAME.to_owned(),
        priority: v1::Priority::P2.into(),
        title: "tills hang".to_owned(),
        labels: [("env", "prod"), ("pod", "")].map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
        ..Default::default()
    };
    let Command::Triage(wanted) = request.understand(&ana()).unwrap().command else { panic!("no triage") };
    assert_eq!((wanted.priority, wanted.title.as_deref()), (Some(Priority::P2), Some("tills hang")));
    assert_eq!((wanted.category, wanted.description, wanted.impact), (None, None, None));
    assert_eq!(wanted.labels["pod"], "");
    let labels = (0..=limits::LABELS).map(|n| (format!("l{n}"), String::new())).collect();
    let many = v1::TriageIncidentRequest { name: NAME.to_owned(), labels, ..Default::default() };
    assert_eq!(fields(many.understand(&ana())), ["labels"]);
}

#[test]
fn who_asks_before_they_try_need_not_know_the_code() {
    let request = v1::ResolveIncidentRequest {
        name: NAME.to_owned(),
        self_recovered: true,
        validate_only: true,
        ..Default::default()
    };
    let Command::Resolve(resolve) = request.understand(&ana()).unwrap().command else { panic!("no resolve") };
    assert_eq!((resolve.code, resolve.recovered_by_itself), (None, true));
}
