//! Claims about records told again: at their instants, by their people, without a page and without a deadline.

use crate::history_log::{Record, read};
use crate::incident::kinds::{HoldReason, Level3, Phase, Priority};
use crate::incident::state::Origin;
use crate::incident::{self, Event, Incident};
use crate::instance::Meta;
use crate::policy::{Policy, parse, samples};
use crate::refusal::Refusal;
use crate::testing::Story;

use super::{Place, Retold, retell};

fn record(entries: &str) -> Record {
    let opening = concat!(
        r#"{"at":"2016-02-29T01:16:00Z","who":"people/u-8","signal":{"kind":"report","title":"Printer","#,
        r#""impact":"MEDIUM","urgency":"HIGH","service":"checkout","declare":true}}"#,
    );
    let entries = if entries.is_empty() { opening.to_owned() } else { format!("{opening},{entries}") };
    let line = format!(
        r#"{{"incident":"45","source":"servicenow","source_ref":"45","imported":true,"entries":[{entries}]}}"#
    );
    read(1, &line).unwrap()
}

fn entry(at: &str, what: &str) -> String {
    format!(r#"{{"at":"2016-02-29T{at}:00Z","who":"people/ana","action":{what}}}"#)
}

fn entries(all: &[(&str, &str)]) -> Record {
    record(&all.iter().map(|(at, what)| entry(at, what)).collect::<Vec<_>>().join(","))
}

fn told(record: &Record) -> Retold {
    retell(record, &Place { id: "inc-1".into(), number: 7, policy: None }).unwrap()
}

fn names(retold: &Retold) -> Vec<String> {
    retold.transitions.iter().flat_map(|t| t.events.iter().map(Event::name)).collect()
}

#[test]
fn a_record_is_told_at_its_instants_by_its_people() {
    let record = entries(&[
        ("02:00", r#""acknowledge""#),
        ("03:00", r#"{"hold":{"reason":"AWAITING_VENDOR"}}"#),
        ("05:00", r#""resume""#),
        ("06:00", r#"{"resolve":{}}"#),
        ("07:00", r#""close""#),
    ]);

    let retold = told(&record);

    let expected = ["Reported", "Triaged", "Acknowledged", "Held", "Resumed", "Resolved", "Closed"];
    assert_eq!(names(&retold), expected);
    let instants: Vec<String> = retold.transitions.iter().map(|t| t.at.to_string()).collect();
    assert_eq!(instants[0], "2016-02-29T01:16:00Z");
    assert_eq!(instants[1..], ["02", "03", "05", "06", "07"].map(|h| format!("2016-02-29T{h}:00:00Z")));
    assert!(retold.transitions[1..].iter().all(|t| t.actor.to_string() == "people/ana"));
    let state = &retold.state;
    assert_eq!((state.phase, state.origin, state.number), (Phase::Closed, Origin::Import, 7));
    assert_eq!((state.impact, state.urgency, state.priority), (Level3::Medium, Level3::High, Priority::P2));
    assert_eq!(state.labels["import_ref"], "45");
    assert!(retold.left.is_empty());
}

#[test]
fn folding_the_history_gives_the_state() {
    let record = entries(&[("02:00", r#""acknowledge""#), ("02:00", r#"{"note":{"text":"x"}}"#)]);
    let retold = told(&record);
    let mut state: Option<Incident> = None;

    for t in &retold.transitions {
        for (n, event) in (t.first..).zip(&t.events) {
            let meta = Meta { n, at: t.at, actor: &t.actor };
            match &mut state {
                Some(state) => incident::apply(state, event, &meta),
                None => state = incident::open(event, &"inc-1".into(), &meta),
            }
        }
    }

    assert_eq!(state.as_ref(), Some(&retold.state));
    assert_eq!(retold.state.version, 4);
    assert_eq!(retold.transitions.len(), 3, "an entry is a transition");
}

#[test]
fn what_is_imported_pages_nobody_and_wakes_nobody() {
    let paged = concat!(
        r#"{"at":"2016-02-29T01:20:00Z","who":"system","#,
        r#""fact":{"paged":{"person":"ana","channel":"sms","level":1}}}"#,
    );
    for rest in [String::new(), paged.to_owned(), entry("03:00", r#"{"snooze":{"length":"2h"}}"#)] {
        let retold = told(&record(&rest));

        assert!(retold.state.is_open());
        assert_eq!(retold.state.next_wake(), None);
        assert!(!retold.state.is_pageable());
        assert!(retold.state.pending.is_empty());
    }
}

#[test]
fn a_hold_without_a_length_lasts_until_it_is_ended() {
    let hold = r#"{"hold":{"reason":"AWAITING_REPORTER"}}"#;
    let retold = told(&entries(&[("02:00", hold), ("03:00", r#"{"note":{"text":"x"}}"#)]));
    let held = retold.state.hold.as_ref().unwrap();
    assert_eq!(held.reason, HoldReason::AwaitingReporter);
    assert_eq!(held.until.to_string(), "2016-02-29T03:00:00Z");

    let again = r#"{"hold":{"reason":"AWAITING_VENDOR"}}"#;
    let retold = told(&entries(&[("02:00", hold), ("04:00", again), ("05:00", r#"{"resolve":{}}"#)]));
    let expected = ["Reported", "Triaged", "Acknowledged", "Held", "Resumed", "Held", "Resolved"];
    assert_eq!(names(&retold), expected);
    assert_eq!(retold.state.hold, None);
}

#[test]
fn what_was_closed_unresolved_stays_unresolved() {
    let retold = told(&entries(&[("02:00", r#""close""#)]));
    assert_eq!(retold.state.phase, Phase::Closed);
    assert_eq!(retold.state.times.resolved, None);
    assert_eq!(retold.state.resolution, None);
}

#[test]
fn what_has_no_place_is_left_out_and_named() {
    let resolve = r#"{"resolve":{}}"#;
    let retold = told(&entries(&[("02:00", resolve), ("03:00", r#""acknowledge""#), ("04:00", resolve)]));
    let left: Vec<&str> = retold.left.iter().map(|l| l.what.as_str()).collect();
    assert_eq!(left, ["acknowledge", "resolve"]);
    assert_eq!(retold.state.times.resolved.unwrap().to_string(), "2016-02-29T02:00:00Z");
}

#[test]
fn a_reopened_record_is_open_and_ends_by_its_last_resolve() {
    let resolve = r#"{"resolve":{}}"#;
    let retold = told(&entries(&[("02:00", resolve), ("03:00", r#""reopen""#), ("04:00", resolve)]));
    assert_eq!(retold.state.times.reopened.unwrap().to_string(), "2016-02-29T03:00:00Z");
    assert_eq!(retold.state.times.resolved.unwrap().to_string(), "2016-02-29T04:00:00Z");
}

#[test]
fn remarks_stand_at_the_end() {
    let mut record = entries(&[("02:00", r#"{"resolve":{}}"#)]);
    record.remarks = vec!["resolved_at says otherwise".to_owned()];
    let retold = told(&record);
    assert_eq!(names(&retold).last().unwrap(), "NoteAdded");
    assert_eq!(retold.transitions.last().unwrap().at, retold.state.times.resolved.unwrap());
}

#[test]
fn an_alert_clears_and_fires_again() {
    let signal = |at: &str, clear: bool| {
        let clear = if clear { r#","clear":true"# } else { "" };
        format!(
            concat!(
                r#"{{"at":"2016-02-29T{}:00Z","who":"integrations/pagerduty","signal":"#,
                r#"{{"kind":"alert","integration":"pagerduty","key":"k"{}}}}}"#,
            ),
            at, clear
        )
    };
    let all = [signal("01:00", false), signal("02:00", true), signal("03:00", false), signal("04:00", false)];
    let line = format!(
        r#"{{"incident":"a","source":"pagerduty","source_ref":"a","imported":true,"entries":[{}]}}"#,
        all.join(",")
    );
    let retold = told(&read(1, &line).unwrap());
    assert_eq!(names(&retold), ["Alerted", "Triaged", "AlertCleared", "AllCleared", "AlertRefired"]);
    assert_eq!(retold.left.len(), 1, "a repeat is no event");
}

#[test]
fn the_policy_gives_service_and_team_their_places() {
    let document = parse(crate::policy::DEMO).unwrap();
    let policy = Policy::compile(document, 3).unwrap();
    let place = Place { id: "inc-1".into(), number: 1, policy: Some(&policy) };

    let mut record = entries(&[]);
    let known = retell(&record, &place).unwrap().state;
    assert!(policy.service(&known.service).is_some());
    assert_eq!(known.policy, 3);

    if let crate::history_log::What::Signal(signal) = &mut record.entries[0].what {
        signal.service = Some("nowhere".into());
    }
    let unknown = retell(&record, &place).unwrap().state;
    assert_eq!(unknown.service, policy.document().organisation.default_service);
    assert_eq!(unknown.team, policy.service(&unknown.service).unwrap().team);
}

#[test]
fn what_is_imported_refuses_every_command() {
    let events = told(&entries(&[])).transitions.into_iter().flat_map(|t| t.events);
    let events: Vec<_> = events.map(crate::instance::Event::Incident).collect();

    for command in [incident::Command::Acknowledge, incident::Command::Tick { heard: Vec::new() }] {
        let story = Story::under(samples::policy()).given(events.clone());
        story.when(command).refused(Refusal::IncidentImported);
    }
}
