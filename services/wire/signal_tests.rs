//! What normalisation promises, one claim a test.

use stentor_core::policy::document::{IntegrationKind, SeverityMap};

use super::*;

const NOW: Timestamp = Timestamp(1_780_000_000_000);

fn integration() -> Integration {
    Integration { ignore_labels: vec!["replica".into()], ..Integration::plain(IntegrationKind::Native) }
}

fn raw(labels: &[(&str, &str)]) -> RawSignal {
    let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    RawSignal { title: "Checkout down".into(), labels, ..RawSignal::default() }
}

fn normal(raw: RawSignal) -> Signal {
    normalise(raw, &"prom".into(), &integration(), NOW).unwrap()
}

fn refused(raw: RawSignal) -> String {
    normalise(raw, &"prom".into(), &integration(), NOW).unwrap_err().field
}

#[test]
fn a_fingerprint_ignores_replicas_and_empty_labels_and_nothing_else() {
    let one = normal(raw(&[("alertname", "A"), ("replica", "a"), ("zone", "")]));
    let other = normal(raw(&[("alertname", "A"), ("replica", "b")]));
    assert_eq!(one.key, other.key);
    assert_eq!(one.key.len(), 64);
    assert!(!one.labels.contains_key("zone") && one.labels.contains_key("replica"));
    assert_ne!(one.key, normal(raw(&[("alertname", "B")])).key);
    assert_ne!(normal(raw(&[("a", "bc")])).key, normal(raw(&[("ab", "c")])).key);
}

#[test]
fn a_stated_key_wins_and_without_labels_one_is_made() {
    assert_eq!(normal(RawSignal { key: "disk/db-1".into(), ..raw(&[("a", "b")]) }).key, "disk/db-1");
    let made = normal(raw(&[]));
    assert!(!made.key.is_empty() && made.key != normal(raw(&[])).key);
}

#[test]
fn an_unknown_severity_never_lowers_urgency_silently() {
    let stated = normal(RawSignal { severity: "CRITICAL".into(), ..raw(&[("severity", "info")]) });
    assert_eq!((stated.severity, stated.unmapped_severity), (Some(Severity::Critical), None));
    let unknown = normal(raw(&[("severity", "none")]));
    assert_eq!((unknown.severity, unknown.unmapped_severity), (Some(Severity::Error), Some("none".into())));
    assert_eq!(normal(raw(&[])).severity, Some(Severity::Error));
}

#[test]
fn an_integration_maps_severities_of_its_own_label() {
    let map = SeverityMap {
        label: "level".into(),
        map: [("page".to_owned(), Severity::Critical)].into(),
        otherwise: Severity::Warning,
    };
    let integration = Integration { severity: Some(map), ..integration() };
    let severity = |labels: &[(&str, &str)]| {
        normalise(raw(labels), &"prom".into(), &integration, NOW).unwrap().severity.unwrap()
    };
    assert_eq!(severity(&[("level", "page"), ("severity", "info")]), Severity::Critical);
    assert_eq!(severity(&[("level", "info")]), Severity::Info);
    assert_eq!(severity(&[("level", "odd")]), Severity::Warning);
}

#[test]
fn a_clock_far_ahead_counts_as_now() {
    let observed = |at| normal(RawSignal { observed_at: Some(at), ..raw(&[]) }).observed_at;
    assert_eq!(observed(NOW + Duration::minutes(6)), NOW);
    assert_eq!(observed(NOW + Duration::minutes(5)), NOW + Duration::minutes(5));
    assert_eq!(observed(NOW - Duration::days(1)), NOW - Duration::days(1));
}

#[test]
fn an_end_that_has_come_is_a_clear() {
    let until = |at| normal(RawSignal { ends_at: Some(at), ..raw(&[]) });
    assert!(until(NOW).clear && until(NOW).ends_at.is_none());
    let later = until(NOW + Duration::seconds(1));
    assert!(!later.clear && later.ends_at.is_some());
}

#[test]
fn texts_are_cut_and_marked_and_stored_in_one_form() {
    let long = normal(RawSignal { title: "ä".repeat(300), ..raw(&[("v", &"x".repeat(2000))]) });
    assert_eq!((long.title.chars().count(), long.title.ends_with('…')), (250, true));
    assert_eq!(long.labels["v"].chars().count(), 1024);
    let odd = normal(RawSignal { title: "Cafe\u{301}\n\u{0}down".into(), ..raw(&[]) });
    assert_eq!(odd.title, "Café \u{FFFD}down");
}

#[test]
fn cutting_a_label_does_not_merge_two_alerts() {
    let long = |end: &str| normal(raw(&[("v", &format!("{}{end}", "x".repeat(2000)))]));
    assert_eq!(long("a").labels, long("b").labels);
    assert_ne!(long("a").key, long("b").key);
}

#[test]
fn what_cannot_be_shortened_is_refused_by_field() {
    assert_eq!(refused(RawSignal { key: "k".repeat(256), ..raw(&[]) }), "dedup_key");
    assert_eq!(refused(RawSignal { url: "javascript:alert(1)".into(), ..raw(&[]) }), "url");
    assert_eq!(refused(RawSignal { title: " ".into(), ..raw(&[]) }), "title");
    assert_eq!(
        refused(RawSignal { values: [("v".to_owned(), f64::NAN)].into(), ..raw(&[]) }),
        "values[\"v\"]"
    );
    let many: Vec<(String, String)> = (0..65).map(|n| (format!("l{n}"), "v".to_owned())).collect();
    assert_eq!(refused(RawSignal { labels: many.into_iter().collect(), ..raw(&[]) }), "labels");
    assert_eq!(refused(RawSignal { starts_at: Some(Timestamp(0)), ..raw(&[]) }), "start_time");
    assert_eq!(refused(RawSignal { ends_at: Some(Timestamp(i64::MAX)), ..raw(&[]) }), "end_time");
}

#[test]
fn a_clear_needs_no_title_and_a_report_no_key() {
    let clear = normal(RawSignal { title: String::new(), clear: true, ..raw(&[("a", "b")]) });
    assert!(clear.clear);
    let report = normal(RawSignal { report: true, ..raw(&[("severity", "critical")]) });
    assert_eq!((report.kind, report.key.as_str(), report.severity), (SignalKind::Report, "", None));
}
