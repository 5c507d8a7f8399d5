//! One event as signals: by the integration's map, or by its attributes. An event's source and id name its delivery, so
//! that the same event twice is heard once.

use serde_json::Value;
use stentor_core::policy::expr::Mapping;
use stentor_core::time::Timestamp;

use crate::intake::sink::Sent;
use crate::intake::webhook::fields::{Fields, filled};
use crate::intake::webhook::generic;
use crate::intake::webhook::read::{Entry, Heard, instant, web_address};
use crate::wire::Invalid;
use crate::wire::signal::RawSignal;

/// Last words of a type that say that it is over.
const CLEAR: [&str; 6] = ["resolved", "cleared", "closed", "recovered", "ok", "ended"];

/// Last words of a type that say that it begins; the type without them is the same as that of the end.
const FIRING: [&str; 6] = ["firing", "triggered", "opened", "raised", "failed", "started"];

/// Attributes that are told by themselves, or say nothing about the problem.
const TOLD: [&str; 9] =
    ["specversion", "id", "source", "type", "subject", "time", "data", "data_base64", "datacontenttype"];

/// Adds what an event says.
pub(super) fn hear(
    event: &Value,
    place: &str,
    mapping: Option<&Mapping>,
    entry: &Entry<'_>,
    heard: &mut Heard,
) {
    let known = Fields::of(event, place).and_then(|fields| Ok((Attributes::read(&fields)?, fields)));
    let (attributes, fields) = match known {
        Ok(known) => known,
        Err(invalid) => return heard.add_placed(Err(invalid)),
    };
    let raws = match mapping {
        None => vec![attributes.raw(&fields)],
        Some(mapping) => match mapping.read(event) {
            Ok(read) => read
                .into_iter()
                .map(|one| one.map_err(generic::mapped_wrong).and_then(generic::raw))
                .collect(),
            Err(wrong) => vec![Err(generic::mapped_wrong(wrong))],
        },
    };
    for (n, raw) in raws.into_iter().enumerate() {
        let raw = raw.map(|raw| RawSignal { observed_at: attributes.time, ..raw });
        match raw.and_then(|raw| entry.normalise(raw)) {
            Ok(signal) => heard.signals.push(Sent { signal, delivery: Some(attributes.delivery(n)) }),
            Err(invalid) if place.is_empty() => heard.problems.push(invalid),
            Err(invalid) => heard.problems.push(invalid.within(place)),
        }
    }
}

/// What every event has.
struct Attributes {
    id: String,
    source: String,
    kind: String,
    subject: String,
    time: Option<Timestamp>,
}

impl Attributes {
    fn read(event: &Fields<'_>) -> Result<Attributes, Invalid> {
        let version = event.required("specversion")?;
        if version != "1.0" {
            let version: String = version.chars().take(10).collect();
            return Err(Invalid::new(
                event.at("specversion"),
                format!("{version:?} is not known, only \"1.0\""),
            ));
        }
        Ok(Attributes {
            id: event.required("id")?,
            source: event.required("source")?,
            kind: event.required("type")?,
            subject: event.text("subject")?,
            time: instant(&event.at("time"), Some(&event.text("time")?))?,
        })
    }

    /// Source and id together are unique, says the protocol.
    fn delivery(&self, n: usize) -> String {
        format!("{}\0{}\0{n}", self.source, self.id)
    }

    /// The type without the word that says begin or end, and whether it is the end.
    fn problem(&self) -> (&str, bool) {
        let Some((problem, last)) = self.kind.rsplit_once('.') else { return (&self.kind, false) };
        let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(last));
        match (is(&CLEAR), is(&FIRING)) {
            (true, _) => (problem, true),
            (_, true) => (problem, false),
            _ => (&self.kind, false),
        }
    }

    /// The alert of an event without a map. Its labels (type, source, subject) are its identity.
    fn raw(&self, event: &Fields<'_>) -> Result<RawSignal, Invalid> {
        let data = event.value("data").and_then(|data| Fields::of(data, event.at("data")).ok());
        let said = |names: &[&str]| {
            let own = event.first(names);
            let data = data.as_ref().filter(|_| own.is_empty()).map(|data| data.first(names));
            data.unwrap_or(own)
        };
        let (problem, ends) = self.problem();
        let status = said(&["status"]);
        let title = said(&["title", "summary", "message"]);
        let plain = format!("{} {}", self.kind, self.subject);
        let mut annotations = event.shown();
        annotations.retain(|name, _| !TOLD.contains(&name.as_str()));
        annotations.extend(data.as_ref().map(Fields::shown).unwrap_or_default());
        Ok(RawSignal {
            clear: ends || matches!(status.as_str(), "clear" | "resolved"),
            title: if title.is_empty() { plain.trim().to_owned() } else { title },
            description: said(&["description"]),
            severity: said(&["severity"]),
            source: self.source.clone(),
            url: web_address(said(&["url"])),
            labels: filled([
                ("type", problem.to_owned()),
                ("source", self.source.clone()),
                ("subject", self.subject.clone()),
            ]),
            annotations: annotations.into_iter().take(64).collect(),
            ..RawSignal::default()
        })
    }
}
