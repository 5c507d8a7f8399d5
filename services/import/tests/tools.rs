//! PagerDuty, Opsgenie, Grafana OnCall and Jira: what their files keep is told, what they do not keep is remarked.

use stentor_core::history_log::What;
use stentor_core::incident::kinds::{Level3, Priority};
use stentor_core::signal::SignalKind;

use super::{line, record, told};
use crate::import::names::Names;
use crate::import::report::Read;
use crate::import::{jira, oncall, opsgenie, pagerduty};

fn lines(read: &Read, source_ref: &str) -> Vec<String> {
    record(read, source_ref).entries.iter().map(line).collect()
}

#[test]
fn pagerduty_entries_are_told_oldest_first() {
    let read = pagerduty::read(include_str!("payloads/pagerduty.json"), &Names::default()).unwrap();

    let expected = [
        "05-01T08:00 integrations/pagerduty signal",
        "05-01T08:00 integrations/pagerduty fact",
        "05-01T08:01 integrations/pagerduty fact",
        "05-01T08:04 people/ana-ruiz acknowledge",
        "05-01T08:10 people/ana-ruiz snooze",
        "05-01T08:50 people/ana-ruiz note",
        "05-01T09:10 people/ana-ruiz resolve",
    ];
    assert_eq!(lines(&read, "PT4KHLK"), expected);
    let What::Signal(signal) = &record(&read, "PT4KHLK").entries[0].what else { panic!("no signal") };
    assert_eq!((signal.kind, signal.key.as_str()), (SignalKind::Alert, "srv01/fire"));
    assert_eq!((signal.title.as_str(), signal.urgency), ("The server is on fire.", Some(Level3::High)));
    assert_eq!(signal.service, Some("checkout-api".into()));
    assert_eq!(read.odd.count("trigger_missing"), 1, "when PEARLY began is not known");
    assert_eq!(read.records.len(), 1);
}

#[test]
fn opsgenie_counts_from_the_creation() {
    let read = opsgenie::read(include_str!("payloads/opsgenie.json"), &Names::default()).unwrap();

    let expected = [
        "04-20T13:08 integrations/opsgenie signal",
        "04-20T13:10 people/ana acknowledge",
        "04-20T14:08 integrations/opsgenie resolve",
    ];
    assert_eq!(lines(&read, "70413a06-38d6-4c85-92b8-5ebc900d42e2"), expected);
    assert_eq!(
        lines(&read, "70413a06-38d6-4c85-92b8-5ebc900d42e3").len(),
        1,
        "when it closed is not recorded"
    );
    for kind in ["ack_time_missing", "close_time_missing", "snooze_without_start", "still_open"] {
        assert_eq!(read.odd.count(kind), 1, "{kind}");
    }
}

#[test]
fn oncall_alert_groups_without_a_person_were_cleared_by_their_source() {
    let read = oncall::read(include_str!("payloads/oncall.json"), &Names::default()).unwrap();

    let expected = [
        "05-19T12:37 integrations/oncall signal",
        "05-19T12:39 people/ucgeixi1mr1nz acknowledge",
        "05-19T13:37 integrations/oncall clear",
        "05-19T13:37 integrations/oncall resolve",
    ];
    assert_eq!(lines(&read, "I68T24C13IFW1"), expected);
    assert_eq!(read.odd.count("silence_without_end"), 1);
    assert_eq!(read.odd.count("still_open"), 1);
}

#[test]
fn jira_keeps_both_ends_and_the_comments() {
    let zone = stentor_core::civil::zone("UTC").unwrap();
    let file = include_str!("payloads/jira.csv");
    let read = jira::read(file.as_bytes(), &zone, "Project key", &Names::default()).unwrap();

    let expected =
        ["03-05T15:07 people/ana-ruiz signal", "03-05T15:20 people/bo note", "03-05T16:00 system resolve"];
    assert_eq!(lines(&read, "DESK-1"), expected);
    let What::Signal(signal) = &record(&read, "DESK-1").entries[0].what else { panic!("no signal") };
    assert_eq!(
        (signal.priority, signal.service.as_ref().map(|s| s.as_str())),
        (Some(Priority::P2), Some("desk"))
    );
    assert_eq!(told(record(&read, "DESK-2")), ["03-06T09:00 people/chi signal"]);
    for kind in ["still_open", "waiting_without_start", "priority_not_mapped", "comment_without_date"] {
        assert_eq!(read.odd.count(kind), 1, "{kind}");
    }
    let why = jira::read(file.replace("05/Mar/24 3:07 PM", "soon").as_bytes(), &zone, "x", &Names::default());
    assert!(why.err().unwrap().to_string().starts_with("line 2, column created: \"soon\" is no date"));
}
