//! JSON of any form: read by the map of the integration's policy entry, or, where there is none, as our own few fields.
//! What the formulas of a map may cost is bounded where they are compiled.

use std::sync::LazyLock;

use serde_json::Value;
use stentor_core::policy::document::MapSpec;
use stentor_core::policy::expr::{ALERTS_MAX, Mapped, Mapping, Wrong};
use stentor_core::signal::Signal;

use super::fields::Fields;
use super::read::{Entry, Heard, json, web_address};
use crate::wire::Invalid;
use crate::wire::signal::RawSignal;

/// How a body is read without a map.
static PLAIN: LazyLock<Mapping> = LazyLock::new(|| {
    let field = |name: &str| format!("has(body.{name}) ? body.{name} : ''");
    let spec = MapSpec {
        each: None,
        key: Some(field("key")),
        title: field("title"),
        description: Some(field("description")),
        status: Some(field("status")),
        severity: Some(field("severity")),
        source: Some(field("source")),
        url: Some(field("url")),
        labels: std::collections::BTreeMap::new(),
        annotations: std::collections::BTreeMap::new(),
    };
    Mapping::compile(&spec).expect("the fields of an object can be read")
});

/// The body's alerts as signals.
pub(super) fn read(body: &[u8], mapping: Option<&Mapping>, entry: &Entry<'_>) -> Result<Heard, String> {
    let body: Value = json(body)?;
    let Some(mapping) = mapping else { return plain(&body, entry) };
    let mut heard = Heard::default();
    for (n, mapped) in
        mapping.read(&body).map_err(|wrong| mapped_wrong(wrong).to_string())?.into_iter().enumerate()
    {
        heard.add(format!("[{n}]"), mapped.map_err(mapped_wrong).and_then(|mapped| signal(mapped, entry)));
    }
    Ok(heard)
}

/// An alert as a map read it.
pub(super) fn signal(mapped: Mapped, entry: &Entry<'_>) -> Result<Signal, Invalid> {
    entry.normalise(raw(mapped)?)
}

/// What a map read, before it is checked.
pub(super) fn raw(mapped: Mapped) -> Result<RawSignal, Invalid> {
    let clear = match mapped.status.as_str() {
        "" | "firing" => false,
        "clear" | "resolved" => true,
        other => {
            let other: String = other.chars().take(40).collect();
            return Err(Invalid::new("status", format!("{other:?} is not firing, clear or resolved")));
        }
    };
    Ok(RawSignal {
        clear,
        key: mapped.key,
        title: mapped.title,
        description: mapped.description,
        severity: mapped.severity,
        source: mapped.source,
        url: web_address(mapped.url),
        labels: mapped.labels,
        annotations: mapped.annotations,
        ..RawSignal::default()
    })
}

/// What a map could not read.
pub(super) fn mapped_wrong(wrong: Wrong) -> Invalid {
    Invalid::new(format!("map.{}", wrong.key), wrong.problem)
}

fn plain(body: &Value, entry: &Entry<'_>) -> Result<Heard, String> {
    let mut heard = Heard::default();
    let Value::Array(entries) = body else {
        heard.add_placed(one(body, "", entry));
        return Ok(heard);
    };
    if entries.len() > ALERTS_MAX {
        return Err(format!("{} alerts at once, at most {ALERTS_MAX} are taken", entries.len()));
    }
    for (n, body) in entries.iter().enumerate() {
        heard.add_placed(one(body, &format!("[{n}]"), entry));
    }
    Ok(heard)
}

fn one(body: &Value, place: &str, entry: &Entry<'_>) -> Result<Signal, Invalid> {
    let fields = Fields::of(body, place)?;
    let at = |wrong: Wrong| Invalid::new(fields.at(&wrong.key), wrong.problem);
    let mut read = PLAIN.read(body).map_err(at)?;
    let mapped = read.pop().expect("without a list there is one alert").map_err(at)?;
    let mapped =
        Mapped { labels: fields.texts("labels")?, annotations: fields.texts("annotations")?, ..mapped };
    let within = |invalid: Invalid| Invalid::new(fields.at(&invalid.field), invalid.problem);
    signal(mapped, entry).map_err(within)
}
