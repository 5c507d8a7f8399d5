//! Datadog's webhooks: the body is a template of the user's, and this reads the one that we publish.
//! Who fills it in differently is better served by a JSON integration with a map.

use serde_json::Value;
use stentor_core::signal::Signal;

use super::fields::{Fields, filled, tags};
use super::read::{Entry, Heard, json, web_address};
use crate::wire::Invalid;
use crate::wire::signal::RawSignal;

/// What Datadog calls an alert type, or a monitor's priority, in our words.
const SEVERITIES: [(&str, &str); 8] = [
    ("error", "error"),
    ("warning", "warning"),
    ("success", "info"),
    ("P1", "critical"),
    ("P2", "error"),
    ("P3", "warning"),
    ("P4", "info"),
    ("P5", "info"),
];

/// The one alert of a body.
pub(super) fn read(body: &[u8], entry: &Entry<'_>) -> Result<Heard, String> {
    let body: Value = json(body)?;
    let mut heard = Heard::default();
    heard.add_placed(signal(&body, entry));
    Ok(heard)
}

fn signal(body: &Value, entry: &Entry<'_>) -> Result<Signal, Invalid> {
    let alert = Fields::of(body, "")?;
    let transition = alert.required("transition")?;
    // Of several groups of one monitor each has a cycle of its own, from its first trigger to its recovery.
    let key = alert.first(&["cycle", "aggreg_key", "alert_id"]);
    if key.is_empty() {
        return Err(Invalid::new("cycle", "is required"));
    }
    let priority = alert.text("priority")?;
    let stated = match priority.starts_with('P') {
        true => priority.clone(),
        false => alert.text("alert_type")?,
    };
    let mut labels = tags(alert.text("tags")?.split(','));
    labels.extend(filled([
        ("monitor", alert.text("alert_id")?),
        ("host", alert.text("host")?),
        ("scope", alert.text("scope")?),
    ]));
    entry.normalise(RawSignal {
        // Every other transition (Triggered, Warn, No Data, Renotify and their repetitions) says that it goes on.
        clear: transition.eq_ignore_ascii_case("recovered"),
        key,
        title: alert.text("title")?,
        description: alert.text("body")?,
        severity: entry.severity(&stated, &SEVERITIES),
        source: alert.text("host")?,
        url: web_address(alert.text("link")?),
        annotations: filled([("transition", transition), ("priority", priority)]),
        labels,
        ..RawSignal::default()
    })
}
