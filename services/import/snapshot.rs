//! A record built from a few instants that a tool keeps of each incident, and the JSON in which tools export them. It
//! puts entries in order; what an instant means is said by who calls it.

use serde_json::Value;
use stentor_core::actor::Actor;
use stentor_core::history_log::{Action, Entry, LoggedSignal, Record, What};
use stentor_core::time::Timestamp;

use super::bad::Bad;
use super::report::Odd;
use super::text;

const BEFORE_OPENING: (&str, &str) = ("before_opening", "older than the opening: told at the opening");

/// A record as it grows.
#[derive(Debug)]
pub(super) struct Story {
    record: Record,
}

impl Story {
    pub(super) fn open(
        source: &str,
        source_ref: &str,
        at: Timestamp,
        who: Actor,
        signal: LoggedSignal,
    ) -> Story {
        let opening = Entry { at, who, what: What::Signal(Box::new(signal)) };
        Story {
            record: Record {
                incident: source_ref.to_owned(),
                source: source.to_owned(),
                source_ref: source_ref.to_owned(),
                imported: true,
                policy: None,
                ordinal: None,
                known_until: None,
                entries: vec![opening],
                remarks: Vec::new(),
            },
        }
    }

    pub(super) fn tell(&mut self, at: Timestamp, who: Actor, what: What) {
        self.record.entries.push(Entry { at, who, what });
    }

    pub(super) fn act(&mut self, at: Timestamp, who: Actor, action: Action) {
        self.tell(at, who, What::Action(action));
    }

    /// Something that the tool says and that cannot be told at an instant.
    pub(super) fn remark(
        &mut self,
        odd: &mut Odd,
        kind: (&'static str, &'static str),
        place: &str,
        text: &str,
    ) {
        odd.note(kind, &self.record.source_ref, place, text);
        self.record.remarks.push(text.to_owned());
    }

    /// In order of the instants; those of one instant as they were told.
    pub(super) fn finish(mut self, odd: &mut Odd) -> Record {
        let opened_at = self.record.entries[0].at;
        for entry in self.record.entries.iter_mut().filter(|e| e.at < opened_at) {
            let said = format!("{} is before {opened_at}", entry.at);
            odd.note(BEFORE_OPENING, &self.record.source_ref, "", said);
            entry.at = opened_at;
        }
        self.record.entries[1..].sort_by_key(|e| e.at);
        self.record
    }
}

/// An object of an export, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) place: String,
    value: serde_json::Map<String, Value>,
}

/// The objects of an export: pages of the API under `key`, one after the other or in an array; an array of objects; or an
/// object a line.
pub(super) fn objects(text: &str, key: &str) -> Result<Vec<Object>, Bad> {
    let mut found = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let document =
            document.map_err(|e| Bad::place(format!("line {}", e.line()), format!("no JSON: {e}")))?;
        collect(document, key, &mut found, 0)?;
    }
    if found.is_empty() && text.trim().is_empty() {
        return Err(Bad::place("line 1", "the file is empty"));
    }
    Ok(found)
}

fn collect(value: Value, key: &str, found: &mut Vec<Object>, depth: usize) -> Result<(), Bad> {
    let place = format!("{key}[{}]", found.len());
    match value {
        Value::Array(items) if depth < 3 => {
            items.into_iter().try_for_each(|v| collect(v, key, found, depth + 1))
        }
        Value::Object(mut page) if page.contains_key(key) && depth < 3 => match page.remove(key) {
            Some(inner @ Value::Array(_)) => collect(inner, key, found, depth + 1),
            _ => Err(Bad::field(place, key, "is no array")),
        },
        Value::Object(value) => {
            found.push(Object { place, value });
            Ok(())
        }
        _ => Err(Bad::place(place, "is no object")),
    }
}

impl Object {
    pub(super) fn new(place: String, value: serde_json::Map<String, Value>) -> Object {
        Object { place, value }
    }

    /// The objects of an array, which may be absent.
    pub(super) fn list(&self, path: &str) -> Result<Vec<Object>, Bad> {
        let Some(value) = self.at(path) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| self.bad(path, "is no array"))?;
        let object = |(i, item): (usize, &Value)| {
            let place = format!("{}.{path}[{i}]", self.place);
            match item {
                Value::Object(map) => Ok(Object::new(place, map.clone())),
                _ => Err(Bad::place(place, "is no object")),
            }
        };
        items.iter().enumerate().map(object).collect()
    }

    /// A whole number that may be absent; a text of digits is one too.
    pub(super) fn number(&self, path: &str) -> Result<Option<i64>, Bad> {
        match self.at(path) {
            None => Ok(None),
            Some(Value::Number(n)) => {
                n.as_i64().map(Some).ok_or_else(|| self.bad(path, "is no whole number"))
            }
            Some(Value::String(s)) if s.is_empty() || s == "null" => Ok(None),
            Some(Value::String(s)) => s.parse().map(Some).map_err(|_| self.bad(path, "is no whole number")),
            Some(_) => Err(self.bad(path, "is no whole number")),
        }
    }

    /// A value by its path, `incident.id`; nothing where it is absent or null.
    pub(super) fn at(&self, path: &str) -> Option<&Value> {
        let mut parts = path.split('.');
        let first = self.value.get(parts.next()?)?;
        let found = parts.try_fold(first, |value, part| value.get(part))?;
        (!found.is_null()).then_some(found)
    }

    /// A text that may be absent; a number is read as text.
    pub(super) fn text(&self, path: &str) -> Result<Option<String>, Bad> {
        match self.at(path) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|t| !t.trim().is_empty())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(self.bad(path, "is no text")),
        }
    }

    /// A text that must be there.
    pub(super) fn need(&self, path: &str) -> Result<String, Bad> {
        self.text(path)?.ok_or_else(|| self.bad(path, "is missing"))
    }

    /// An instant that may be absent.
    pub(super) fn instant(&self, path: &str) -> Result<Option<Timestamp>, Bad> {
        let Some(said) = self.text(path)? else { return Ok(None) };
        text::instant(&said).map(Some).map_err(|why| self.bad(path, &why))
    }

    /// An instant that must be there.
    pub(super) fn need_instant(&self, path: &str) -> Result<Timestamp, Bad> {
        self.instant(path)?.ok_or_else(|| self.bad(path, "is missing"))
    }

    pub(super) fn bad(&self, path: &str, why: &str) -> Bad {
        Bad::field(self.place.clone(), path, why)
    }
}
