//! What readers see of an incident, one claim a test.

use super::*;
use serde_json::json;
use stentor_core::signal::Signal;
use stentor_engine::store::rows::AlertRecord;

/// An incident as the store has it.
fn incident(more: serde_json::Value) -> Incident {
    let mut state = json!({
        "id": "inc-1", "number": 42, "version": 7, "policy": 3, "opened_at": 1_780_000_000_123_i64, "updated_at": 1_780_000_050_000_i64,
        "origin": "Alert", "phase": "ACTIVE", "priority": "P1", "impact": "HIGH", "urgency": "HIGH",
        "category": "payments", "service": "checkout", "team": "shop", "title": "Checkout answers 500",
        "description": "All of it.", "grouping": {}, "epoch": 2, "times": {"activity": 0},
    });
    let object = state.as_object_mut().unwrap();
    object.extend(more.as_object().unwrap().clone());
    serde_json::from_value(state).unwrap()
}

fn frame(references: &BTreeMap<InstanceId, String>) -> Frame<'_> {
    static NONE: BTreeMap<u32, Signal> = BTreeMap::new();
    let alerts = Sources { records: &[], signals: &NONE };
    Frame { now: Timestamp(1_780_000_060_000), policy: None, alerts, references }
}

fn rendered(more: serde_json::Value) -> v1::Incident {
    full(&incident(more), &frame(&BTreeMap::new()))
}

#[test]
fn a_fresh_incident_shows_what_it_is() {
    let i = rendered(json!({}));
    assert_eq!(
        (i.name.as_str(), i.reference.as_str(), i.etag.as_str()),
        ("incidents/inc-1", "INC-42", "\"7\"")
    );
    assert_eq!((i.phase(), i.priority()), (v1::IncidentPhase::Active, v1::Priority::P1));
    assert_eq!(
        (i.service.as_str(), i.team.as_str(), i.policy.as_str()),
        ("services/checkout", "teams/shop", "policies/3")
    );
    assert_eq!(i.create_time, Some(prost_types::Timestamp { seconds: 1_780_000_000, nanos: 123_000_000 }));
    assert!(!i.acknowledged && !i.on_hold && !i.suppressed && i.resolution.is_none());
    assert_eq!(i.sla.unwrap().state(), v1::SlaState::None);
    assert_eq!(i.checklist.len(), 11);
}

#[test]
fn facts_are_shown_with_their_circumstances() {
    let i = rendered(json!({
        "ack": {"holder": "people/ana", "at": 1_780_000_010_000_i64, "co": ["people/bo"]},
        "hold": {"reason": "AWAITING_VENDOR", "note": "ticket 7", "since": 1000, "until": 2000},
        "suppressed": {"reason": "SILENCED", "until": 3000},
        "assignee": {"Team": "shop"},
        "relations": [{"to": "inc-0", "kind": "RECURS"}],
    }));
    let ack = i.acknowledgement.unwrap();
    assert_eq!((ack.holder.as_str(), ack.others.as_slice()), ("people/ana", &["people/bo".to_owned()][..]));
    assert_eq!(i.hold.unwrap().reason(), v1::HoldReason::AwaitingVendor);
    assert_eq!(i.suppression.unwrap().end_time.unwrap().seconds, 3);
    assert_eq!(i.assignee, "teams/shop");
    assert_eq!(i.relations[0].kind(), v1::RelationKind::Recurs);
}

#[test]
fn an_alert_shows_its_identity_in_two_parts_and_its_count() {
    let i = incident(json!({"alerts": {"1": {
        "identity": "prom:a:b", "title": "Down", "severity": "critical", "firing": true,
        "since": 1000, "attached_at": 1000, "observed_at": 1000,
    }}}));
    let heard = AlertRecord { key: "prom:a:b".to_owned(), count: 9, last_at: 5000, ..AlertRecord::default() };
    let mut signal =
        Signal { url: "https://prom.example/a".to_owned(), ..Signal::report("Down", Timestamp(1000)) };
    signal.labels.insert("region".to_owned(), "eu".to_owned());
    signal.annotations.insert("runbook".to_owned(), "restart".to_owned());
    let (references, signals) = (BTreeMap::new(), BTreeMap::from([(1, signal)]));
    let alerts = Sources { records: &[heard], signals: &signals };
    let shown = full(&i, &Frame { alerts, ..frame(&references) });
    let alert = &shown.alerts[0];
    assert_eq!(
        (alert.integration.as_str(), alert.dedup_key.as_str(), alert.count),
        ("integrations/prom", "a:b", 9)
    );
    assert_eq!((shown.firing_alert_count, shown.severity()), (1, v1::Severity::Critical));
    assert_eq!(alert.last_seen_time.unwrap().seconds, 5);
    assert_eq!((alert.labels["region"].as_str(), alert.annotations["runbook"].as_str()), ("eu", "restart"));
    assert_eq!(alert.url, "https://prom.example/a");
}

#[test]
fn the_brief_view_leaves_the_long_parts_out() {
    let references = BTreeMap::new();
    let i = basic(&incident(json!({})), &frame(&references));
    assert!(i.description.is_empty() && i.checklist.is_empty() && i.alerts.is_empty());
    assert_eq!(i.title, "Checkout answers 500");
}
