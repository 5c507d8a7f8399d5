//! Alertmanager's webhook, version 4: a group of alerts, each with its own status.
//! The group's status and Alertmanager's fingerprints are not used: the former is a summary, the latter depend on
//! labels that the policy may ignore.

use serde::Deserialize;
use stentor_core::signal::Signal;

use super::read::{Alert, Entry, Heard, json};
use crate::wire::Invalid;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    version: String,
    #[serde(default)]
    group_key: String,
    #[serde(default)]
    truncated_alerts: u64,
    alerts: Vec<Alert>,
}

/// The group's alerts as signals that share the group's key.
pub(super) fn read(body: &[u8], entry: &Entry<'_>) -> Result<Heard, String> {
    let group: Group = json(body)?;
    if group.version != "4" {
        return Err(format!("version {:?} of the webhook is not known, only \"4\"", group.version));
    }
    if group.truncated_alerts > 0 {
        tracing::warn!(integration = %entry.id, count = group.truncated_alerts, "Alertmanager left alerts out");
    }
    let mut heard = Heard::default();
    for (n, alert) in group.alerts.into_iter().enumerate() {
        heard.add(format!("alerts[{n}]"), signal(alert, &group.group_key, entry));
    }
    Ok(heard)
}

fn signal(alert: Alert, group: &str, entry: &Entry<'_>) -> Result<Signal, Invalid> {
    let clear = match alert.status.as_str() {
        "firing" => false,
        "resolved" => true,
        other => return Err(Invalid::new("status", format!("{other:?} is neither firing nor resolved"))),
    };
    let starts_at = alert.starts_at()?;
    // Firing alerts carry no end; a group that waited may deliver one whose end has come meanwhile.
    let ends_at = if clear { None } else { alert.ends_at()? };
    let mut raw = alert.raw();
    raw.clear = clear;
    raw.starts_at = starts_at;
    raw.ends_at = ends_at;
    raw.group = group.to_owned();
    entry.normalise(raw)
}
