//! Replays of stories: the same policy changes nothing, another one changes what its difference says. Whether the rules
//! are right is tested with them.

use super::*;
use crate::history_log::{Action, Entry, LoggedSignal, Record, What};
use crate::incident::command::Command;
use crate::incident::kinds::{Priority, ResolutionCode};
use crate::policy::document::Document;
use crate::policy::samples;
use crate::testing::{Story, at};
use crate::time::Duration;

fn version(change: impl FnOnce(&mut Document)) -> Version {
    let mut document = samples::acme();
    change(&mut document);
    Version::compile(document, 1).unwrap()
}

/// A critical alert that ana acknowledges after twelve minutes, when bo has been paged too.
fn late_answer() -> Record {
    let story = Story::under(samples::policy()).fires("a", "critical").until("10:12").by("ana");
    let story = story.when(Command::Acknowledge).until("10:30").clears("a").until("10:40");
    Record { known_until: Some(at("10:40")), ..story.record() }
}

/// The same in the words of another tool.
fn imported() -> Record {
    let entry = |at: crate::time::Timestamp, who: &str, what| Entry { at, who: who.parse().unwrap(), what };
    let mut report = LoggedSignal::report("payments fail");
    (report.service, report.priority) = (Some("checkout".into()), Some(Priority::P1));
    let ana = "people/someone-42";
    Record {
        incident: "INC0001".to_owned(),
        source: "servicenow".to_owned(),
        source_ref: "INC0001".to_owned(),
        imported: true,
        policy: None,
        ordinal: None,
        known_until: None,
        entries: vec![
            entry(at("10:00"), "integrations/servicenow", What::Signal(Box::new(report))),
            entry(at("10:03"), ana, What::Action(Action::Acknowledge)),
            entry(
                at("16:00"),
                ana,
                What::Action(Action::Resolve { code: Some(ResolutionCode::Fixed), note: String::new() }),
            ),
        ],
        remarks: vec!["closed twice".to_owned()],
    }
}

fn tested(records: &[Record], baseline: &Version, candidate: &Version) -> Report {
    let (overrides, mut report) = (Overrides::new(), Report::default());
    for record in records {
        let before = replay(record, baseline, &overrides, 1, None);
        let after = replay(record, candidate, &overrides, 1, None);
        report.add(record, &before, &after, &compare(record, &before, &after), candidate);
    }
    report.finish();
    report
}

#[test]
fn the_policy_it_happened_under_repeats_every_page() {
    let report = tested(&[late_answer()], &version(|_| {}), &version(|_| {}));
    assert_eq!((report.decided, report.repeated), (5, 5));
    assert_eq!(
        (report.differing, report.pages_added, report.pages_removed, report.pages_moved),
        (0, 0, 0, 0)
    );
    assert_eq!((report.baseline.pages, report.baseline.acknowledgements), (5, 1));
    assert_eq!(report.candidate.unexplained, 0);
}

#[test]
fn a_longer_delay_moves_pages_and_takes_some_away() {
    let slower = version(|d| {
        d.sla.retain(|definition| definition.id.as_str() != "p1-ack");
        d.escalation_policies.get_mut("shop").unwrap().levels[0].delay = Duration::minutes(11);
    });
    let report = tested(&[late_answer()], &version(|_| {}), &slower);
    assert_eq!(report.people["bo"].moved, 1, "{report:#?}");
    assert_eq!(report.people["bo"].removed, 1, "{report:#?}");
    assert_eq!(report.definitions["p1-ack"].removed, 1, "{report:#?}");
    assert_eq!(report.candidate.first_page, Spread { n: 1, p50: 0, p90: 0, max: 0 });
}

#[test]
fn an_answer_by_someone_who_was_not_paged_is_unexplained() {
    let other = version(|d| {
        let first = &mut d.escalation_policies.get_mut("shop").unwrap().levels[0];
        first.targets = vec![crate::policy::document::Target::Person("bo".into())];
    });
    let report = tested(&[late_answer()], &version(|_| {}), &other);
    assert_eq!((report.baseline.unexplained, report.candidate.unexplained), (0, 1), "{report:#?}");
}

#[test]
fn another_tools_resolve_counts_as_it_stands_and_its_clocks_are_lines() {
    let (overrides, version) = (Overrides::new(), version(|_| {}));
    let side = replay(&imported(), &version, &overrides, 1, None);
    assert_eq!(side.dropped, []);
    let lines: Vec<String> = side.clocks.iter().map(ClockLine::csv).collect();
    assert_eq!(
        lines,
        [
            "INC0001,INC0001,p1-ack,1,2026-06-03T10:00:00Z,2026-06-03T10:03:00Z,180,2026-06-03T10:05:00Z,met",
            "INC0001,INC0001,p1-resolve,1,2026-06-03T10:00:00Z,2026-06-03T16:00:00Z,21600,2026-06-03T14:00:00Z,breached",
        ]
    );
}

#[test]
fn what_is_refused_is_counted_and_what_never_ended_is_named() {
    let mut record = imported();
    record.entries[2].what = What::Action(Action::Wake);
    let report = tested(&[record], &version(|_| {}), &version(|_| {}));
    assert_eq!(report.dropped["wake NOT_SNOOZED"], 1);
    assert_eq!(report.unresolved_named, ["INC0001"]);
    assert_eq!(report.remarks_named, ["INC0001: closed twice"]);
}

#[test]
fn a_report_says_the_same_each_time() {
    let once = || {
        let report = tested(
            &[late_answer(), imported()],
            &version(|_| {}),
            &version(|d| {
                d.escalation_policies.get_mut("shop").unwrap().levels[0].delay = Duration::minutes(1);
            }),
        );
        (serde_json::to_string(&report).unwrap(), summary(&report))
    };
    assert_eq!(once(), once());
    assert!(once().1.contains("fidelity: 100.0 %"), "{}", once().1);
}
