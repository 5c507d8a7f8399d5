//! Grafana's unified alerting: Alertmanager's group with values, and links to silence, dashboard and panel.
//! The group's state, title and message are summaries of what the alerts say, and not used.

use std::collections::BTreeMap;

use serde_json::Value;
use stentor_core::signal::Signal;

use super::fields::{Fields, filled};
use super::read::{Entry, Heard, described, instant, json, web_address};
use crate::wire::Invalid;
use crate::wire::signal::RawSignal;

/// The group's alerts as signals that share the group's key.
pub(super) fn read(body: &[u8], entry: &Entry<'_>) -> Result<Heard, String> {
    let body: Value = json(body)?;
    read_group(&body, entry).map_err(|invalid| invalid.to_string())
}

fn read_group(body: &Value, entry: &Entry<'_>) -> Result<Heard, Invalid> {
    let group = Fields::of(body, "")?;
    if group.value("alerts").is_none() {
        return Err(Invalid::new("alerts", "is required"));
    }
    let key = group.text("groupKey")?;
    let mut heard = Heard::default();
    for (n, alert) in group.list("alerts")?.iter().enumerate() {
        heard.add_placed(signal(alert, &format!("alerts[{n}]"), &key, entry));
    }
    if group.value("truncatedAlerts").and_then(Value::as_u64).is_some_and(|count| count > 0) {
        tracing::warn!(integration = %entry.id, "Grafana left alerts out");
    }
    Ok(heard)
}

fn signal(alert: &Value, place: &str, group: &str, entry: &Entry<'_>) -> Result<Signal, Invalid> {
    let alert = Fields::of(alert, place)?;
    let clear = match alert.text("status")?.as_str() {
        "firing" => false,
        "resolved" => true,
        other => {
            let problem = format!("{other:?} is neither firing nor resolved");
            return Err(Invalid::new(alert.at("status"), problem));
        }
    };
    let (labels, mut annotations) = (alert.texts("labels")?, alert.texts("annotations")?);
    let time = |name: &str| {
        let text = alert.text(name)?;
        instant(&alert.at(name), Some(&text))
    };
    let (starts_at, ends_at) = (time("startsAt")?, time("endsAt")?);
    let raw = described(&labels, &annotations);
    annotations.extend(filled([
        ("silence_url", alert.first(&["silenceURL"])),
        ("dashboard_url", alert.first(&["dashboardURL"])),
        ("panel_url", alert.first(&["panelURL"])),
        ("image_url", alert.first(&["imageURL"])),
    ]));
    let raw = RawSignal {
        clear,
        starts_at,
        // As with Alertmanager: a firing alert whose end has come while its group waited is over.
        ends_at: if clear { None } else { ends_at },
        url: web_address(alert.first(&["generatorURL", "panelURL", "dashboardURL"])),
        values: values(&alert),
        group: group.to_owned(),
        labels,
        annotations,
        ..raw
    };
    entry.normalise(raw).map_err(|invalid| invalid.within(place))
}

/// The numbers that the rule looked at; Grafana writes null where a query gave none.
fn values(alert: &Fields<'_>) -> BTreeMap<String, f64> {
    let Some(Value::Object(values)) = alert.value("values") else { return BTreeMap::new() };
    values.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).take(64).collect()
}
