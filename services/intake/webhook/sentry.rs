//! Sentry's webhooks of internal integrations: issue and metric alerts fire, resolved issues clear. Other news of an issue
//! (created, assigned, commented) page nobody: who wants to be paged makes an alert rule.

use serde_json::Value;
use stentor_core::signal::Signal;

use super::fields::{Fields, filled, scalar};
use super::read::{Entry, Heard, instant, json, web_address};
use crate::wire::Invalid;
use crate::wire::signal::RawSignal;

/// Sentry's levels that are called otherwise here.
const SEVERITIES: [(&str, &str); 2] = [("fatal", "critical"), ("debug", "info")];

/// What the body of a resource says; nothing where it is no news of an alert.
pub(super) fn read(body: &[u8], resource: &str, entry: &Entry<'_>) -> Result<Heard, String> {
    let body: Value = json(body)?;
    read_resource(&body, resource, entry).map_err(|invalid| invalid.to_string())
}

fn read_resource(body: &Value, resource: &str, entry: &Entry<'_>) -> Result<Heard, Invalid> {
    let body = Fields::of(body, "")?;
    let mut heard = Heard::default();
    let action = body.text("action")?;
    match (resource, action.as_str()) {
        ("", _) => return Err(Invalid::new("Sentry-Hook-Resource", "is missing in the headers")),
        ("event_alert", _) => heard.add_placed(event_alert(&body.within("data")?, entry)),
        ("metric_alert", "critical" | "warning" | "resolved") => {
            heard.add_placed(metric_alert(&body.within("data")?, &action, entry));
        }
        ("issue", "resolved" | "archived" | "ignored") => {
            let key = issue_key(&body.within("data")?.within("issue")?.required("id")?);
            heard.add_placed(entry.normalise(RawSignal { clear: true, key, ..RawSignal::default() }));
        }
        _ => {}
    }
    Ok(heard)
}

/// An issue alert: what fires is the issue, however many of its events match the rule.
fn event_alert(data: &Fields<'_>, entry: &Entry<'_>) -> Result<Signal, Invalid> {
    let event = data.within("event")?;
    let issue = event.required("issue_id")?;
    let mut labels = event_tags(&event)?;
    labels.extend(filled([
        ("project", event.first(&["project_slug", "project_name", "project"])),
        ("environment", event.first(&["environment"])),
        ("release", event.first(&["release"])),
        ("platform", event.first(&["platform"])),
        ("rule", data.first(&["triggered_rule"])),
    ]));
    entry.normalise(RawSignal {
        key: issue_key(&issue),
        title: event.first(&["title", "message", "culprit"]),
        description: event.first(&["message", "culprit"]),
        severity: entry.severity(&event.first(&["level"]), &SEVERITIES),
        source: event.first(&["culprit", "location"]),
        url: web_address(event.first(&["web_url", "issue_url"])),
        observed_at: instant("datetime", Some(&event.first(&["datetime"]))).unwrap_or_default(),
        labels,
        ..RawSignal::default()
    })
}

fn metric_alert(data: &Fields<'_>, action: &str, entry: &Entry<'_>) -> Result<Signal, Invalid> {
    let alert = data.within("metric_alert")?;
    let id = alert.required("id")?;
    let rule = alert.object("alert_rule")?;
    let rule_name = rule.map(|rule| rule.first(&["name"])).unwrap_or_default();
    let projects: Vec<String> = alert.list("projects")?.iter().filter_map(scalar).collect();
    let title = [data.first(&["description_title"]), alert.first(&["title"]), rule_name.clone()];
    entry.normalise(RawSignal {
        clear: action == "resolved",
        key: format!("metric:{id}"),
        title: title.into_iter().find(|title| !title.is_empty()).unwrap_or_default(),
        description: data.first(&["description_text"]),
        severity: entry.severity(action, &SEVERITIES),
        url: web_address(data.first(&["web_url"])),
        labels: filled([("project", projects.join(",")), ("rule", rule_name)]),
        starts_at: instant("date_started", Some(&alert.first(&["date_started"]))).unwrap_or_default(),
        ..RawSignal::default()
    })
}

fn issue_key(id: &str) -> String {
    format!("issue:{id}")
}

/// Sentry writes tags as pairs.
fn event_tags(event: &Fields<'_>) -> Result<std::collections::BTreeMap<String, String>, Invalid> {
    let pairs = event.list("tags")?.iter().filter_map(|pair| match pair.as_array()?.as_slice() {
        [name, value] => Some(format!("{}:{}", scalar(name)?.replace(':', "_"), scalar(value)?)),
        _ => None,
    });
    let pairs: Vec<String> = pairs.take(50).collect();
    Ok(super::fields::tags(pairs.iter().map(String::as_str)))
}
