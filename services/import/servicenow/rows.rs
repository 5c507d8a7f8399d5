//! A line of the file as a row: columns by their names, dates in their zone, states as words. What a line says wrong is
//! refused with its number and column.

use std::collections::BTreeMap;
use std::io;

use stentor_core::incident::kinds::{HoldReason, Level3, Priority};
use stentor_core::time::Timestamp;

use crate::import::bad::Bad;
use crate::import::report::Odd;
use crate::import::text;

use super::Options;

/// Bytes of one field.
const FIELD_MAX: usize = 64 * 1024;
/// Columns of a file.
const COLUMNS_MAX: usize = 1_000;

/// Columns that are told as notes when they change, and that label the incident as it opened.
const TOLD: [&str; 14] = [
    "assignment_group",
    "contact_type",
    "location",
    "category",
    "subcategory",
    "u_symptom",
    "cmdb_ci",
    "business_service",
    "knowledge",
    "problem_id",
    "rfc",
    "vendor",
    "caused_by",
    "reassignment_count",
];

const AMBIGUOUS: (&str, &str) =
    ("ambiguous_time", "a time that the zone has twice or not at all: the first is meant, or the change");

/// A state as the log names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    New,
    Active,
    Waiting(HoldReason),
    Resolved,
    Closed,
    Cancelled,
}

/// One update.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) number: String,
    /// Absent where the log says that it does not know.
    pub(super) state: Option<State>,
    pub(super) at: Timestamp,
    pub(super) opened_at: Option<Timestamp>,
    pub(super) by: Option<String>,
    pub(super) opened_by: Option<String>,
    pub(super) caller: Option<String>,
    pub(super) assigned_to: Option<String>,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) impact: Option<Level3>,
    pub(super) urgency: Option<Level3>,
    pub(super) priority: Option<Priority>,
    pub(super) service: Option<String>,
    pub(super) updates: Option<u64>,
    pub(super) reopened: Option<u64>,
    pub(super) resolved_at: Option<Timestamp>,
    pub(super) closed_at: Option<Timestamp>,
    pub(super) made_sla: Option<bool>,
    pub(super) told: BTreeMap<&'static str, String>,
}

impl Row {
    pub(super) fn place(&self) -> String {
        format!("line {}", self.line)
    }
}

/// Reads rows one by one.
pub(super) struct Reader<'o, R> {
    csv: csv::Reader<R>,
    columns: BTreeMap<String, usize>,
    record: csv::StringRecord,
    options: &'o Options,
}

impl<'o, R: io::Read> Reader<'o, R> {
    /// Reads the header; a column without which there is no history must be there.
    pub(super) fn open(file: R, options: &'o Options) -> Result<Self, Bad> {
        let mut csv = csv::ReaderBuilder::new().from_reader(file);
        let headers = csv.headers().map_err(|e| Bad::of_csv(&e))?;
        if headers.len() > COLUMNS_MAX {
            return Err(Bad::place("line 1", format!("has more than {COLUMNS_MAX} columns")));
        }
        let mut columns = BTreeMap::new();
        for (i, name) in headers.iter().enumerate() {
            let name = name.trim_start_matches('\u{feff}').trim().to_ascii_lowercase();
            if columns.insert(name.clone(), i).is_some() {
                return Err(Bad::column(1, &name, "stands there twice"));
            }
        }
        for (other, name) in [
            ("state", "incident_state"),
            ("sys_updated_on", "sys_updated_at"),
            ("sys_created_on", "sys_created_at"),
        ] {
            if let Some(at) = columns.get(other).copied() {
                columns.entry(name.to_owned()).or_insert(at);
            }
        }
        let service_by = options.service_by.as_str();
        for name in ["number", "incident_state", "sys_updated_at", "opened_at", service_by] {
            if !columns.contains_key(name) {
                let known: Vec<&str> = columns.keys().map(String::as_str).collect();
                let why = format!("is missing; the file has {}", known.join(", "));
                return Err(Bad::column(1, name, why));
            }
        }
        Ok(Reader { csv, columns, record: csv::StringRecord::new(), options })
    }

    /// The next row.
    pub(super) fn next(&mut self, odd: &mut Odd) -> Result<Option<Row>, Bad> {
        if !self.csv.read_record(&mut self.record).map_err(|e| Bad::of_csv(&e))? {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        if let Some((name, i)) = self.columns.iter().find(|(_, i)| self.record[**i].len() > FIELD_MAX) {
            let why = format!("has {} bytes, at most {FIELD_MAX} are read", self.record[*i].len());
            return Err(Bad::column(line, name, why));
        }
        let number = self.get("number").ok_or_else(|| Bad::column(line, "number", "is empty"))?.to_owned();
        let at = self.instant(line, &number, "sys_updated_at", odd)?;
        let at = at.ok_or_else(|| Bad::column(line, "sys_updated_at", "is empty"))?;
        let text = |name| self.get(name).map(str::to_owned);
        Ok(Some(Row {
            line,
            state: self.state(line)?,
            at,
            opened_at: self.instant(line, &number, "opened_at", odd)?,
            by: text("sys_updated_by"),
            opened_by: text("opened_by"),
            caller: text("caller_id"),
            assigned_to: text("assigned_to"),
            title: text("short_description"),
            description: text("description"),
            impact: self.level(line, "impact")?,
            urgency: self.level(line, "urgency")?,
            priority: self.priority(line)?,
            service: text(&self.options.service_by),
            updates: self.count(line, "sys_mod_count")?,
            reopened: self.count(line, "reopen_count")?,
            resolved_at: self.instant(line, &number, "resolved_at", odd)?,
            closed_at: self.instant(line, &number, "closed_at", odd)?,
            made_sla: self.flag(line, "made_sla")?,
            told: TOLD.iter().filter_map(|name| Some((*name, text(name)?))).collect(),
            number,
        }))
    }

    /// A value, unless the log does not know it.
    fn get(&self, name: &str) -> Option<&str> {
        let value = self.record.get(*self.columns.get(name)?)?.trim();
        (!value.is_empty() && value != "?").then_some(value)
    }

    fn instant(&self, line: u64, number: &str, name: &str, odd: &mut Odd) -> Result<Option<Timestamp>, Bad> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let (at, ambiguous) =
            text::civil(value, &self.options.zone).map_err(|why| Bad::column(line, name, why))?;
        if ambiguous {
            odd.note(AMBIGUOUS, number, format!("line {line}"), format!("{name} {value}"));
        }
        Ok(Some(at))
    }

    fn state(&self, line: u64) -> Result<Option<State>, Bad> {
        let Some(value) = self.get("incident_state") else { return Ok(None) };
        let held = self.get("hold_reason").unwrap_or_default();
        Ok(Some(match value.to_ascii_lowercase().as_str() {
            "-100" => return Ok(None),
            "new" | "1" => State::New,
            "active" | "in progress" | "2" => State::Active,
            "on hold" | "3" => State::Waiting(reason(&held.to_ascii_lowercase()).ok_or_else(|| {
                Bad::column(line, "hold_reason", format!("{held:?} is no reason that is known"))
            })?),
            "resolved" | "6" => State::Resolved,
            "closed" | "7" => State::Closed,
            "canceled" | "cancelled" | "8" => State::Cancelled,
            other => State::Waiting(reason(other).ok_or_else(|| {
                let known = "New, Active, Awaiting …, Resolved, Closed, Canceled and -100 are known";
                Bad::column(line, "incident_state", format!("{value:?} is no state: {known}"))
            })?),
        }))
    }

    fn level(&self, line: u64, name: &str) -> Result<Option<Level3>, Bad> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let level = match value.as_bytes().first() {
            Some(b'1') => Level3::High,
            Some(b'2') => Level3::Medium,
            Some(b'3') => Level3::Low,
            _ => return Err(Bad::column(line, name, format!("{value:?} is none of 1, 2 and 3"))),
        };
        Ok(Some(level))
    }

    fn priority(&self, line: u64) -> Result<Option<Priority>, Bad> {
        let Some(value) = self.get("priority") else { return Ok(None) };
        let index = value.as_bytes().first().map_or(0, |b| b.wrapping_sub(b'1'));
        let priority = Priority::ALL.get(usize::from(index)).copied();
        let wrong = || Bad::column(line, "priority", format!("{value:?} is none of 1 to 5"));
        priority.map(Some).ok_or_else(wrong)
    }

    fn count(&self, line: u64, name: &str) -> Result<Option<u64>, Bad> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.parse().map(Some).map_err(|_| Bad::column(line, name, format!("{value:?} is no count")))
    }

    fn flag(&self, line: u64, name: &str) -> Result<Option<bool>, Bad> {
        match self.get(name) {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(other) => Err(Bad::column(line, name, format!("{other:?} is neither true nor false"))),
        }
    }
}

/// What is waited for; a user and a caller are our reporter.
fn reason(text: &str) -> Option<HoldReason> {
    Some(match text {
        "awaiting user info" | "awaiting caller" | "awaiting user" => HoldReason::AwaitingReporter,
        "awaiting vendor" => HoldReason::AwaitingVendor,
        "awaiting change" => HoldReason::AwaitingChange,
        "awaiting problem" => HoldReason::AwaitingProblem,
        "awaiting evidence" => HoldReason::AwaitingEvidence,
        _ => return None,
    })
}
