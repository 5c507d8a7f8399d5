//! Alertmanager's API v2, as Prometheus and the rulers of Loki and Mimir post to it: alerts without groups.
//! They repeat while they fire, and every repeat moves the instant at which the alert clears by itself.

use stentor_core::signal::Signal;
use stentor_core::time::Duration;

use super::read::{Alert, Entry, Heard, json};
use crate::wire::Invalid;

/// When an alert clears whose sender states no end: Alertmanager's `resolve_timeout`.
const RESOLVE_TIMEOUT: Duration = Duration::minutes(5);

/// The posted alerts as signals.
pub(super) fn read(body: &[u8], entry: &Entry<'_>) -> Result<Heard, String> {
    let alerts: Vec<Alert> = json(body)?;
    let mut heard = Heard::default();
    for (n, alert) in alerts.into_iter().enumerate() {
        heard.add(format!("[{n}]"), signal(alert, entry));
    }
    Ok(heard)
}

fn signal(alert: Alert, entry: &Entry<'_>) -> Result<Signal, Invalid> {
    let (starts_at, ends_at) = (alert.starts_at()?, alert.ends_at()?);
    if let (Some(start), Some(end)) = (starts_at, ends_at)
        && start > end
    {
        return Err(Invalid::new("endsAt", "is before startsAt"));
    }
    if alert.labels.values().all(String::is_empty) {
        return Err(Invalid::new("labels", "at least one label is required"));
    }
    let mut raw = alert.raw();
    raw.starts_at = starts_at.or(ends_at.filter(|end| *end < entry.received_at)).or(Some(entry.received_at));
    raw.ends_at = ends_at.or(Some(entry.received_at + RESOLVE_TIMEOUT));
    entry.normalise(raw)
}
