//! Claims about importers, each with a file in the shape of its tool.

mod hostile;
mod servicenow;
mod store;
mod tools;

use stentor_core::civil;
use stentor_core::history_log::{Action, Entry, Record, What};

use super::names::Names;
use super::report::Read;
use super::servicenow::Options;

const LOG: &str = include_str!("payloads/servicenow.csv");

fn options() -> Options {
    Options {
        zone: civil::zone("UTC").unwrap(),
        service_by: "assignment_group".to_owned(),
        names: Names::default(),
    }
}

fn servicenow(text: &str) -> Result<Read, String> {
    super::servicenow::read(text.as_bytes(), &options()).map_err(|bad| bad.to_string())
}

fn record<'r>(read: &'r Read, source_ref: &str) -> &'r Record {
    read.records.iter().find(|r| r.source_ref == source_ref).unwrap()
}

/// `01:23 people/ana acknowledge`, without the day and without what is inside.
fn line(entry: &Entry) -> String {
    let what = match &entry.what {
        What::Signal(signal) if signal.clear => "clear".to_owned(),
        What::Signal(_) => "signal".to_owned(),
        What::Fact(_) => "fact".to_owned(),
        What::Action(action) => word(action),
    };
    format!("{} {} {what}", &entry.at.to_string()[5..16], entry.who)
}

fn word(action: &Action) -> String {
    match serde_json::to_value(action).unwrap() {
        serde_json::Value::String(word) => word,
        other => other.as_object().unwrap().keys().next().unwrap().clone(),
    }
}

/// The entries but for notes and assignments.
fn told(record: &Record) -> Vec<String> {
    let lines = record.entries.iter().map(line);
    lines.filter(|l| !l.ends_with(" note") && !l.ends_with("assign_person")).collect()
}
