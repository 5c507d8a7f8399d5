//! The alert of a monitor. It is Stentor's own, and goes through routes, windows and rules like any other.

use std::collections::BTreeMap;

use super::Monitor;
use crate::id::HeartbeatId;
use crate::policy::document::HeartbeatSpec;
use crate::signal::{Signal, SignalKind};
use crate::time::Timestamp;

/// The integration of alerts that are Stentor's own.
const OURSELVES: &str = "stentor";

/// The key of a monitor's alert.
pub fn key(id: &HeartbeatId) -> String {
    format!("heartbeats/{id}")
}

/// The alert as it fires, or as it clears; one whose monitor is gone from the policy has no definition and can only clear.
pub fn alert(
    id: &HeartbeatId,
    m: &Monitor,
    spec: Option<&HeartbeatSpec>,
    clear: bool,
    now: Timestamp,
) -> Signal {
    let last = match m.last_at {
        Some(at) => format!("The last beat came at {at}"),
        None => format!("No beat has come since it was set up at {}", m.created_at),
    };
    let description = match spec {
        Some(spec) => format!(
            "{last}; one is expected every {}, and {} later it is missed. {} beats came in all.",
            spec.interval, spec.grace, m.beats
        ),
        None => last,
    };
    let title = spec.and_then(|spec| spec.title.clone());
    let mut labels: BTreeMap<String, String> = spec.map(|spec| spec.labels.clone()).unwrap_or_default();
    labels.insert("alertname".to_owned(), "HeartbeatMissing".to_owned());
    labels.insert("heartbeat".to_owned(), id.to_string());
    Signal {
        kind: SignalKind::Alert,
        integration: OURSELVES.into(),
        key: key(id),
        clear,
        description,
        severity: spec.map(|spec| spec.severity),
        service: spec.map(|spec| spec.service.clone()),
        starts_at: Some(now),
        labels,
        ..Signal::report(&title.unwrap_or_else(|| format!("No heartbeat of {id}")), now)
    }
}
