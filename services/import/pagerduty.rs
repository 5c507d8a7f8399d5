//! PagerDuty's log entries, as its API lists them: each says what happened to an incident, when and by whom. They are
//! grouped by incident; an incident whose trigger is not among them is left out, for when it began is not known.
//!
//! Reading order: `entry` (one entry's meaning), then this file (their order and grouping).

mod entry;

use std::collections::HashMap;

use stentor_core::time::Timestamp;

use super::bad::Bad;
use super::names::Names;
use super::report::Read;
use super::snapshot::{Object, objects};

pub(super) const SOURCE: &str = "pagerduty";

const NO_TRIGGER: (&str, &str) =
    ("trigger_missing", "no trigger entry: when it began is not known, so it is left out");
const NEVER_RESOLVED: (&str, &str) = ("never_resolved", "no resolve entry: there is no resolution time");

/// An entry with its instant.
struct Dated {
    at: Timestamp,
    kind: String,
    entry: Object,
}

pub(super) fn read(content: &str, names: &Names) -> Result<Read, Bad> {
    let mut read = Read::default();
    let mut order: Vec<String> = Vec::new();
    let mut groups: HashMap<String, Vec<Dated>> = HashMap::new();
    for entry in objects(content, "log_entries")? {
        read.rows += 1;
        let incident = entry.need("incident.id")?;
        let at = entry.need_instant("created_at")?;
        let kind = entry.need("type")?;
        let group = groups.entry(incident.clone()).or_insert_with(|| {
            order.push(incident);
            Vec::new()
        });
        group.push(Dated { at, kind: kind.trim_end_matches("_reference").to_owned(), entry });
    }
    for incident in order {
        let mut entries = groups.remove(&incident).unwrap_or_default();
        // The API lists the newest first; what happened at one instant then stands in reverse too.
        if entries.first().map(|e| e.at) > entries.last().map(|e| e.at) {
            entries.reverse();
        }
        entries.sort_by_key(|e| e.at);
        let Some(begin) = entries.iter().position(|e| e.kind == "trigger_log_entry") else {
            read.odd.note(NO_TRIGGER, &incident, entries.first().map_or("", |e| e.entry.place.as_str()), "");
            continue;
        };
        let mut story = entry::opening(&incident, &entries[begin], names)?;
        for (i, dated) in entries.iter().enumerate() {
            if i != begin {
                entry::told(&mut story, dated, names, &mut read.odd)?;
            }
        }
        if !entries.iter().any(|e| e.kind == "resolve_log_entry") {
            read.odd.note(NEVER_RESOLVED, &incident, entries[begin].entry.place.clone(), "");
        }
        let record = story.finish(&mut read.odd);
        read.records.push(record);
    }
    Ok(read)
}
