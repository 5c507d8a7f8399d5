//! What a real Alertmanager sent, moved to the present.
//! Nothing but the times of the alerts is changed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

/// A captured request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Captured {
    /// What is in it, for the reader.
    pub(super) about: &'static str,
    text: &'static str,
}

macro_rules! captured {
    ($name:ident, $file:literal, $about:literal) => {
        pub(super) const $name: Captured =
            Captured { about: $about, text: include_str!(concat!("payloads/", $file)) };
    };
}

captured!(CHECKOUT_FAILS, "002-alertmanager-webhook.json", "HighErrorRate of checkout, two instances");
captured!(CHECKOUT_SPREADS, "008-alertmanager-webhook.json", "HighErrorRate of checkout, three instances");
captured!(CHECKOUT_ENDS, "016-alertmanager-webhook.json", "HighErrorRate of checkout is over");
captured!(SEARCH_FAILS, "010-alertmanager-webhook.json", "HighErrorRate of search");
captured!(SEARCH_ENDS, "012-alertmanager-webhook.json", "HighErrorRate of search is over");
captured!(DISK_FILLS, "005-alertmanager-webhook.json", "DiskWillFill of orders-db");

/// The wall clock, which Alertmanager reads too.
#[expect(clippy::disallowed_methods, reason = "a sender of alerts has no engine to ask")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// Remembers when each alert began, so that it goes on beginning then.
#[derive(Debug, Default)]
pub(super) struct Present {
    began: BTreeMap<String, Timestamp>,
}

impl Present {
    /// The body as Alertmanager would send it now.
    pub(super) fn body(&mut self, captured: Captured, now: Timestamp) -> String {
        let request: Value = serde_json::from_str(captured.text).expect("a captured request is JSON");
        let mut body = request["body"].clone();
        for alert in body["alerts"].as_array_mut().into_iter().flatten() {
            let fingerprint = alert["fingerprint"].as_str().unwrap_or_default().to_owned();
            let began = *self.began.entry(fingerprint).or_insert(now);
            alert["startsAt"] = Value::from(began.to_string());
            if alert["status"] == "resolved" {
                alert["endsAt"] = Value::from(now.to_string());
            }
        }
        body.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alerts(body: &str) -> Vec<Value> {
        serde_json::from_str::<Value>(body).unwrap()["alerts"].as_array().unwrap().clone()
    }

    #[test]
    fn an_alert_begins_once_and_ends_now() {
        let mut present = Present::default();
        let (first, later) = (Timestamp::from_second(100).unwrap(), Timestamp::from_second(160).unwrap());

        present.body(CHECKOUT_FAILS, first);
        let ended = alerts(&present.body(CHECKOUT_ENDS, later));

        assert_eq!(ended[0]["startsAt"], first.to_string());
        assert_eq!(ended[0]["endsAt"], later.to_string());
    }

    #[test]
    fn a_firing_alert_keeps_its_open_end_and_its_labels() {
        let body = Present::default().body(SEARCH_FAILS, Timestamp::from_second(100).unwrap());

        assert_eq!(alerts(&body)[0]["endsAt"], "0001-01-01T00:00:00Z");
        assert_eq!(alerts(&body)[0]["labels"]["service"], "search");
    }
}
