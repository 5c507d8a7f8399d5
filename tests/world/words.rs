//! Words of the domain for scenarios: what people and machines say, and what can be seen of it. They add nothing that
//! a client could not do.

use stentor_core::time::{Duration, Timestamp};
use stentor_proto::v1;

use super::post::{Fate, Letter};
use super::world::{START, World};

pub fn seconds(n: i64) -> Duration {
    Duration::seconds(n)
}

pub fn minutes(n: i64) -> Duration {
    Duration::seconds(60 * n)
}

pub fn hours(n: i64) -> Duration {
    Duration::hours(n)
}

/// An instant of the first day, as `10:04` or `10:04:30`.
pub fn at(clock: &str) -> Timestamp {
    let parts: Vec<i64> = clock.split(':').map(|part| part.parse().expect("a number")).collect();
    let [hour, minute] = parts[..2] else { panic!("{clock} is no time of day") };
    let second = parts.get(2).copied().unwrap_or(0);
    START + Duration::seconds((hour - 10) * 3600 + minute * 60 + second)
}

/// The time of day of an instant, with milliseconds only where there are some.
pub(crate) fn clock(at: Timestamp) -> String {
    let of_day = (at.0 - START.0) + 10 * 3_600_000;
    let (seconds, millis) = (of_day.div_euclid(1000), of_day.rem_euclid(1000));
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if millis == 0 { format!("{h:02}:{m:02}:{s:02}") } else { format!("{h:02}:{m:02}:{s:02}.{millis:03}") }
}

/// A critical alert of the sample's checkout: it opens a P1.
pub fn alert(key: &str) -> v1::AlertSignal {
    let labels = [("service", "checkout"), ("team", "payments"), ("alertname", "Errors"), ("region", "eu")];
    v1::AlertSignal {
        status: v1::SignalStatus::Firing.into(),
        dedup_key: key.to_owned(),
        title: format!("{key} is broken"),
        severity: "critical".to_owned(),
        labels: labels.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        ..Default::default()
    }
}

/// The end of an alert.
pub fn clear(key: &str) -> v1::AlertSignal {
    v1::AlertSignal { status: v1::SignalStatus::Clear.into(), ..alert(key) }
}

/// `incidents/INC-1`.
fn incident(reference: &str) -> String {
    format!("incidents/{reference}")
}

impl World {
    /// Applies a policy.
    pub async fn given_policy(&self, document: &str) -> i64 {
        let document = document.as_bytes().to_vec();
        let request = v1::ApplyPolicyRequest { document, ..Default::default() };
        self.say("ana", request).await.policy.expect("a policy").number
    }

    /// The integration `prom` says something.
    pub async fn signal(&self, alert: v1::AlertSignal) -> v1::IntakeResult {
        let request = v1::SendAlertRequest { alert: Some(alert), ..Default::default() };
        self.say("integrations/prom", request).await.result.expect("a result")
    }

    /// An alert fires; the reference of its incident.
    pub async fn alert(&self, key: &str) -> String {
        self.signal(alert(key)).await.reference
    }

    /// An alert ends.
    pub async fn clear(&self, key: &str) -> v1::IntakeResult {
        self.signal(clear(key)).await
    }

    /// A person reports something pressing about checkout; the reference of the incident.
    pub async fn report(&self, title: &str) -> String {
        let request = v1::ReportIncidentRequest {
            title: title.to_owned(),
            labels: [("service".to_owned(), "checkout".to_owned())].into(),
            impact: v1::Impact::High.into(),
            urgency: v1::Urgency::High.into(),
            ..Default::default()
        };
        self.say("rob", request).await.result.expect("a result").reference
    }

    pub async fn ack(&self, reference: &str, who: &str) -> v1::Incident {
        let request = v1::AcknowledgeIncidentRequest { name: incident(reference), ..Default::default() };
        self.say(who, request).await.incident.expect("an incident")
    }

    /// The incident in full view.
    pub async fn incident(&self, reference: &str) -> v1::Incident {
        let request = v1::GetIncidentRequest { name: incident(reference) };
        self.say("ana", request).await.incident.expect("an incident")
    }

    /// The phase in one word: `ACTIVE`.
    pub async fn phase(&self, reference: &str) -> String {
        let phase = self.incident(reference).await.phase();
        phase.as_str_name().trim_start_matches("INCIDENT_PHASE_").to_owned()
    }

    /// The history of an incident, oldest first.
    pub async fn entries(&self, reference: &str) -> Vec<v1::TimelineEntry> {
        self.entries_of(&incident(reference)).await
    }

    /// The history of an incident or a review, oldest first, read in pages.
    pub async fn entries_of(&self, parent: &str) -> Vec<v1::TimelineEntry> {
        let (mut all, mut token) = (Vec::new(), String::new());
        loop {
            let (parent, page_token) = (parent.to_owned(), token);
            let request =
                v1::ListTimelineEntriesRequest { parent, page_token, page_size: 40, ..Default::default() };
            let page = self.say("ana", request).await;
            all.extend(page.timeline_entries);
            token = page.next_page_token;
            if token.is_empty() {
                let numbers: Vec<i64> = all.iter().map(|entry| entry.number).collect();
                assert_eq!(numbers, (1..=all.len() as i64).collect::<Vec<_>>(), "numbers without a gap");
                return all;
            }
        }
    }

    /// The kinds of the events of an incident, oldest first.
    pub async fn timeline(&self, reference: &str) -> Vec<String> {
        self.entries(reference).await.into_iter().map(|entry| entry.kind).collect()
    }

    /// How often an event of this kind was recorded.
    pub async fn count(&self, reference: &str, kind: &str) -> usize {
        self.timeline(reference).await.iter().filter(|each| *each == kind).count()
    }

    /// Pages that arrived, oldest first: `10:04:00 bo push`.
    pub fn pages(&self) -> Vec<String> {
        let mut pages: Vec<Letter> = self.post.letters();
        pages.retain(|letter| letter.kind == "page" && letter.fate == Fate::Accepted);
        pages.sort_by(|a, b| (a.at, &a.to).cmp(&(b.at, &b.to)));
        pages.iter().map(Letter::to_string).collect()
    }

    /// Attempts at a destination, oldest first: `10:00:01`.
    pub fn attempts(&self, to: &str) -> Vec<String> {
        let letters = self.post.letters();
        letters.iter().filter(|letter| letter.to == to).map(|letter| clock(letter.at)).collect()
    }

    /// Asserts that exactly these pages arrived.
    #[track_caller]
    pub fn expect_pages(&self, expected: &[&str]) {
        assert_eq!(self.pages(), expected);
    }

    /// Asserts that this page arrived.
    #[track_caller]
    pub fn expect_page(&self, expected: &str) {
        let pages = self.pages();
        assert!(pages.iter().any(|page| page == expected), "{expected} is not among {pages:#?}");
    }

    /// Asserts that these events are in the history, in this order, with others between them.
    pub async fn expect_in_order(&self, reference: &str, expected: &[&str]) {
        let timeline = self.timeline(reference).await;
        let mut rest = timeline.iter();
        for kind in expected {
            assert!(rest.any(|each| each == kind), "{kind} is missing or too early in {timeline:#?}");
        }
    }
}
