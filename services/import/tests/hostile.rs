//! Files that are wrong: refused whole, with the line and the column.

use super::{LOG, servicenow};
use crate::import::names::Names;

fn refusal(text: &str) -> String {
    servicenow(text).err().unwrap()
}

#[test]
fn a_missing_column_is_named() {
    let why = refusal(&LOG.replace("sys_updated_at", "changed"));
    assert!(why.starts_with("line 1, column sys_updated_at: is missing; the file has active, "), "{why}");
    let why = refusal("");
    assert!(why.starts_with("line 1, column number: is missing"), "{why}");
    let why = refusal(&LOG.replace("incident_state", "number"));
    assert_eq!(why, "line 1, column number: stands there twice");
}

#[test]
fn a_bad_date_is_named_with_its_line_and_column() {
    let why = refusal(&LOG.replacen("29/2/2016 08:53", "30/2/2016 08:53", 1));
    assert!(why.starts_with("line 3, column sys_updated_at: \"30/2/2016 08:53\" is no date"), "{why}");
    let why = refusal(&LOG.replacen("29/2/2016 01:23,Phone", "?,Phone", 1));
    assert_eq!(why, "line 2, column sys_updated_at: is empty");
}

#[test]
fn an_unknown_word_is_named_with_its_line_and_column() {
    for (from, to, expected) in [
        ("0000045,Resolved", "0000045,Frozen", "line 3, column incident_state: \"Frozen\" is no state"),
        ("0000045,Resolved", "0000045,On Hold", "line 3, column hold_reason: \"\" is no reason"),
        (",2,2,3,56,", ",x,2,3,56,", "line 2, column impact: \"x\" is none of"),
        (",2,2,3,56,", ",2,2,9,56,", "line 2, column priority: \"9\" is none of"),
        ("true,0,0,0,true", "true,0,0,-1,true", "line 2, column sys_mod_count: \"-1\" is no count"),
        ("true,0,0,0,true", "true,0,0,0,maybe", "line 2, column made_sla: \"maybe\" is neither"),
        ("0000045,New", ",New", "line 2, column number: is empty"),
    ] {
        let why = refusal(&LOG.replacen(from, to, 1));
        assert!(why.starts_with(expected), "{why}");
    }
}

#[test]
fn a_huge_field_is_refused() {
    let why = refusal(&LOG.replacen("Phone", &"x".repeat(70_000), 1));
    assert_eq!(why, "line 2, column contact_type: has 70000 bytes, at most 65536 are read");
}

#[test]
fn a_torn_line_is_refused() {
    let torn: String = LOG.lines().take(3).map(|l| format!("{}\n", &l[..l.len() - 40])).collect();
    let torn = torn.replacen(&torn[..torn.find('\n').unwrap()], LOG.lines().next().unwrap(), 1);
    let why = refusal(&torn);
    assert!(why.starts_with("line 2: has "), "{why}");
    let mut bytes = LOG.as_bytes().to_vec();
    let at = LOG.find("Phone").unwrap();
    bytes[at] = 0xff;
    let bad = crate::import::servicenow::read(bytes.as_slice(), &super::options()).err().unwrap();
    assert_eq!(bad.to_string(), "line 2, column 15: is no UTF-8 text");
}

#[test]
fn a_wrong_json_names_record_and_field() {
    let names = Names::default();
    let opsgenie = include_str!("payloads/opsgenie.json");
    for (from, to, expected) in [
        ("\"status\": \"open\"", "\"status\": \"ajar\"", "data[2], status: \"ajar\" is neither"),
        ("\"P5\"", "\"P9\"", "data[1], priority: \"P9\" is none of"),
        ("2024-04-21T13:08:31Z", "yesterday", "data[1], createdAt: \"yesterday\" is no RFC 3339 instant"),
        ("\"ackTime\": 90000", "\"ackTime\": -1", "data[0], report.ackTime: is no count"),
        ("\"message\": \"Slow\",", "", "data[2], message: is missing"),
        ("\"message\": \"Slow\",", "\"message\": {},", "data[2], message: is no text"),
        ("\"snoozed\": true,", "\"snoozed\": true,,", "line 14: no JSON"),
    ] {
        let text = opsgenie.replacen(from, to, 1);
        assert_ne!(text, opsgenie, "{from}");
        let why = crate::import::opsgenie::read(&text, &names).err().unwrap().to_string();
        assert!(why.starts_with(expected), "{why}");
    }
    let pagerduty = include_str!("payloads/pagerduty.json").replacen("\"id\": \"PT4KHLK\", ", "", 1);
    let why = crate::import::pagerduty::read(&pagerduty, &names).err().unwrap().to_string();
    assert_eq!(why, "log_entries[0], incident.id: is missing");
    let oncall = include_str!("payloads/oncall.json").replacen("\"silenced\"", "\"odd\"", 1);
    let why = crate::import::oncall::read(&oncall, &names).err().unwrap().to_string();
    assert!(why.starts_with("results[1], state: \"odd\""), "{why}");
    assert_eq!(
        crate::import::oncall::read(" ", &names).err().unwrap().to_string(),
        "line 1: the file is empty"
    );
    assert_eq!(
        crate::import::oncall::read("[1]", &names).err().unwrap().to_string(),
        "results[0]: is no object"
    );
}
