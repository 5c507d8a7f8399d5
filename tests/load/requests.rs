//! The requests that callers send: as long as those of real users, each one different. It sends nothing.

use std::collections::BTreeMap;

use stentor_proto::v1::{AlertSignal, Impact, ReportIncidentRequest, SignalStatus, Urgency};
use uuid::Uuid;

/// Services that reports are about; the first one also takes what nobody names.
const SERVICES: [&str; 4] = ["shop", "search", "orders", "desk"];

/// A P2 report.
pub(crate) fn report(n: u64, services: u64, request_id: String) -> ReportIncidentRequest {
    let service = SERVICES[(n % services) as usize % SERVICES.len()];
    ReportIncidentRequest {
        title: format!("Customers cannot complete their payment, ticket {n}"),
        description: "Since about ten minutes some customers get an error after entering their card. A second \
                      attempt works for most of them. Support has had a dozen calls so far; all of them use the \
                      mobile app."
            .to_owned(),
        reporter: format!("support-agent-{}", n % 50),
        service: format!("services/{service}"),
        impact: Impact::High.into(),
        urgency: Urgency::Medium.into(),
        labels: labels([("channel", "phone"), ("region", "eu-central")]),
        request_id,
        ..ReportIncidentRequest::default()
    }
}

/// A firing alert. Of the class `paged` it goes to the responders.
pub(crate) fn alert(key: String, class: &str, n: u64) -> AlertSignal {
    AlertSignal {
        status: SignalStatus::Firing.into(),
        title: format!("Disk of node-{} will fill within four hours [{n}]", n % 500),
        description: "The volume /var/lib/data is at 91 % and grows by 2 % an hour.".to_owned(),
        severity: "page".to_owned(),
        source: format!("node-{}", n % 500),
        labels: labels([("alertname", "DiskWillFill"), ("team", "platform"), ("class", class)]),
        url: "https://prometheus.example.com/graph?g0.expr=disk".to_owned(),
        dedup_key: key,
        ..AlertSignal::default()
    }
}

/// The number in an alert's title.
pub(crate) fn number_in(body: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, after) = text.split_once("four hours [")?;
    after.split_once(']')?.0.parse().ok()
}

/// A new request id, or none.
pub(crate) fn request_id(wanted: bool) -> String {
    if wanted { Uuid::now_v7().to_string() } else { String::new() }
}

fn labels<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
