//! Jira Service Management's CSV export of issues: one row an issue, with when it was created and resolved, and its
//! comments. It keeps no instants of the states in between, so none are told.

use std::collections::BTreeMap;
use std::io;

use jiff::tz::TimeZone;
use stentor_core::actor::Actor;
use stentor_core::history_log::{Action, LoggedSignal, Record};
use stentor_core::incident::kinds::Priority;
use stentor_core::time::Timestamp;

use super::bad::Bad;
use super::names::Names;
use super::report::{Odd, Read};
use super::snapshot::Story;
use super::text;

pub(super) const SOURCE: &str = "jira";

/// Bytes of one field.
const FIELD_MAX: usize = 1 << 20;

const AMBIGUOUS: (&str, &str) =
    ("ambiguous_time", "a time that the zone has twice or not at all: the first is meant, or the change");
const STILL_OPEN: (&str, &str) = ("still_open", "no resolution in the export: there is no resolution time");
const WAITING: (&str, &str) =
    ("waiting_without_start", "waits in the export, but since when is not recorded");
const PRIORITY: (&str, &str) =
    ("priority_not_mapped", "a priority without a counterpart: left to the policy");
const COMMENT: (&str, &str) =
    ("comment_without_date", "a comment whose date cannot be read: kept as a remark");

/// A row with its columns; some names stand there several times.
struct Row<'a> {
    line: u64,
    columns: &'a BTreeMap<String, Vec<usize>>,
    record: csv::StringRecord,
}

pub(super) fn read(
    file: impl io::Read,
    zone: &TimeZone,
    service_by: &str,
    names: &Names,
) -> Result<Read, Bad> {
    let mut csv = csv::ReaderBuilder::new().from_reader(file);
    let headers = csv.headers().map_err(|e| Bad::of_csv(&e))?.clone();
    let mut columns: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, name) in headers.iter().enumerate() {
        let name = name.trim_start_matches('\u{feff}').trim().to_ascii_lowercase();
        columns.entry(name).or_default().push(i);
    }
    for name in ["issue key", "summary", "created", "resolved"] {
        if !columns.contains_key(name) {
            let known: Vec<&str> = columns.keys().map(String::as_str).collect();
            return Err(Bad::column(1, name, format!("is missing; the file has {}", known.join(", "))));
        }
    }
    let mut read = Read::default();
    let mut record = csv::StringRecord::new();
    while csv.read_record(&mut record).map_err(|e| Bad::of_csv(&e))? {
        read.rows += 1;
        let line = record.position().map_or(0, csv::Position::line);
        let row = Row { line, columns: &columns, record: record.clone() };
        row.check()?;
        let told = issue(&row, zone, service_by, names, &mut read.odd)?;
        read.records.push(told);
    }
    Ok(read)
}

fn issue(
    row: &Row<'_>,
    zone: &TimeZone,
    service_by: &str,
    names: &Names,
    odd: &mut Odd,
) -> Result<Record, Bad> {
    let key = row.get("issue key").ok_or_else(|| row.bad("issue key", "is empty"))?;
    let created = row.instant("created", key, zone, odd)?.ok_or_else(|| row.bad("created", "is empty"))?;
    let service = row.get(&service_by.to_ascii_lowercase()).or_else(|| row.get("project key"));
    let reporter = row.get("reporter").unwrap_or_default();
    let mut signal = LoggedSignal {
        description: text::description(row.get("description").unwrap_or_default()),
        source: SOURCE.to_owned(),
        reporter: text::title(reporter),
        priority: row.get("priority").and_then(|said| priority(said, key, row, odd)),
        service: service.and_then(|s| names.service(s)).map(Into::into),
        declare: true,
        ..LoggedSignal::report(&text::title(row.get("summary").unwrap_or(key)))
    };
    for name in ["issue type", "project key", "component/s", "components", "request type", "assignee"] {
        if let Some(value) = row.get(name) {
            signal.labels.insert(name.replace([' ', '/'], "_"), text::label(value));
        }
    }
    let who = if reporter.is_empty() { Actor::Integration(SOURCE.into()) } else { names.actor(reporter) };
    let mut story = Story::open(SOURCE, key, created, who, signal);
    for comment in row.all("comment") {
        comments(&mut story, comment, row, zone, names, odd);
    }
    match row.instant("resolved", key, zone, odd)? {
        Some(at) => story.act(at, Actor::System, Action::Resolve { code: None, note: resolution(row) }),
        None => odd.note(STILL_OPEN, key, row.place(), row.get("status").unwrap_or_default()),
    }
    let status = row.get("status").unwrap_or_default().to_ascii_lowercase();
    if status.starts_with("waiting") || status.starts_with("pending") {
        let said = format!("{status} since an instant that is not recorded");
        story.remark(odd, WAITING, &row.place(), &said);
    }
    Ok(story.finish(odd))
}

fn resolution(row: &Row<'_>) -> String {
    row.get("resolution").map(|r| format!("resolution: {r}")).unwrap_or_default()
}

/// `date;author;text`, as the export writes comments.
fn comments(story: &mut Story, comment: &str, row: &Row<'_>, zone: &TimeZone, names: &Names, odd: &mut Odd) {
    let mut parts = comment.splitn(3, ';');
    let (date, author, said) = (parts.next(), parts.next(), parts.next());
    let dated = date.and_then(|d| text::civil(d, zone).ok()).zip(author.zip(said));
    match dated {
        Some(((at, _), (author, said))) => {
            story.act(at, names.actor(author), Action::Note { text: text::note(said) });
        }
        None => {
            let said = format!("a comment without a date: {}", text::title(comment));
            story.remark(odd, COMMENT, &row.place(), &said);
        }
    }
}

/// Jira's usual words, and P1 to P5.
fn priority(said: &str, key: &str, row: &Row<'_>, odd: &mut Odd) -> Option<Priority> {
    let known = match said.to_ascii_lowercase().as_str() {
        "highest" | "blocker" | "critical" => Some(Priority::P1),
        "high" | "major" => Some(Priority::P2),
        "medium" | "normal" => Some(Priority::P3),
        "low" | "minor" => Some(Priority::P4),
        "lowest" | "trivial" => Some(Priority::P5),
        _ => Priority::parse(&said.to_ascii_uppercase()),
    };
    if known.is_none() {
        odd.note(PRIORITY, key, row.place(), said);
    }
    known
}

impl Row<'_> {
    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let at = self.columns.get(name).into_iter().flatten();
        at.filter_map(|i| self.record.get(*i)).map(str::trim).filter(|v| !v.is_empty())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    fn instant(
        &self,
        name: &str,
        key: &str,
        zone: &TimeZone,
        odd: &mut Odd,
    ) -> Result<Option<Timestamp>, Bad> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let (at, ambiguous) = text::civil(value, zone).map_err(|why| self.bad(name, &why))?;
        if ambiguous {
            odd.note(AMBIGUOUS, key, self.place(), format!("{name} {value}"));
        }
        Ok(Some(at))
    }

    fn check(&self) -> Result<(), Bad> {
        let long = |at: &&usize| self.record.get(**at).is_some_and(|v| v.len() > FIELD_MAX);
        match self.columns.iter().find(|(_, at)| at.iter().any(|i| long(&i))) {
            Some((name, _)) => Err(self.bad(name, &format!("has more than {FIELD_MAX} bytes"))),
            None => Ok(()),
        }
    }

    fn place(&self) -> String {
        format!("line {}", self.line)
    }

    fn bad(&self, column: &str, why: &str) -> Bad {
        Bad::column(self.line, column, why)
    }
}
