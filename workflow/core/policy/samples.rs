//! Policies and signals that tests share.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::document::Document;
use super::{Policy, SlaSubject, parse};
use crate::id::{ServiceId, TeamId};
use crate::incident::kinds::{Level3, Phase, Priority};
use crate::signal::{Signal, SignalKind};
use crate::time::Timestamp;

/// The sample policy as text.
pub(crate) const ACME: &str = super::SAMPLE;

/// The sample policy as a document.
pub(crate) fn acme() -> Document {
    parse(ACME).unwrap()
}

/// The sample policy, ready.
pub(crate) fn policy() -> Policy {
    compile(ACME)
}

/// A policy from text that is expected to be right.
pub(crate) fn compile(text: &str) -> Policy {
    let document = parse(text).unwrap_or_else(|findings| panic!("{findings:#?}"));
    Policy::compile(document, 1).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

/// 2026-06-03T10:00:00Z, a Wednesday noon in Berlin.
pub(crate) const WEDNESDAY: Timestamp = Timestamp(1_780_480_800_000);

/// An alert with these labels.
pub(crate) fn alert(labels: &[(&str, &str)]) -> Signal {
    let labels = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Signal {
        kind: SignalKind::Alert,
        key: "k".to_owned(),
        integration: "prom".into(),
        labels,
        ..report("something")
    }
}

/// A report with this title.
pub(crate) fn report(title: &str) -> Signal {
    Signal {
        kind: SignalKind::Report,
        integration: "portal".into(),
        key: String::new(),
        clear: false,
        title: title.to_owned(),
        description: String::new(),
        source: String::new(),
        severity: None,
        unmapped_severity: None,
        reporter: String::new(),
        url: String::new(),
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        values: BTreeMap::new(),
        received_at: WEDNESDAY,
        observed_at: WEDNESDAY,
        starts_at: None,
        ends_at: None,
        impact: None,
        urgency: None,
        service: None,
        category: None,
        group: String::new(),
        declare: false,
        opens_anew: false,
    }
}

/// An unacknowledged P1 of the sample's checkout.
pub(crate) fn subject() -> SlaSubject<'static> {
    static CHECKOUT: LazyLock<ServiceId> = LazyLock::new(|| "checkout".into());
    static SHOP: LazyLock<TeamId> = LazyLock::new(|| "shop".into());
    static NONE: BTreeMap<String, String> = BTreeMap::new();
    SlaSubject {
        priority: Priority::P1,
        impact: Level3::High,
        urgency: Level3::High,
        service: &CHECKOUT,
        tier: 1,
        team: &SHOP,
        category: "payments",
        labels: &NONE,
        phase: Phase::Active,
        acknowledged: false,
        hold_reason: None,
        origin: "alert",
    }
}
