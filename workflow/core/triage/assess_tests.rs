//! Claims about triage.

use proptest::prelude::*;

use super::*;
use crate::policy::samples;

fn with_severity(severity: Severity) -> Signal {
    Signal { severity: Some(severity), ..samples::alert(&[]) }
}

#[test]
fn defaults_come_from_tier_and_severity() {
    let policy = samples::policy();
    let of = |severity, service: &str| {
        let found = assess(&policy, &with_severity(severity), &service.into());
        (found.impact, found.urgency, found.priority)
    };
    use {Level3::*, Priority::*};
    assert_eq!(of(Severity::Critical, "checkout"), (High, High, P1));
    assert_eq!(of(Severity::Error, "checkout"), (High, Medium, P2));
    assert_eq!(of(Severity::Warning, "checkout"), (High, Low, P3));
    assert_eq!(of(Severity::Info, "checkout"), (High, Low, P5));
    assert_eq!(of(Severity::Critical, "front-desk"), (Low, High, P3));
    let report = assess(&policy, &samples::report("door"), &"front-desk".into());
    assert_eq!((report.urgency, report.priority, report.declare), (Medium, P4, false));
    assert_eq!(report.category, UNCATEGORISED);
}

#[test]
fn information_with_a_stated_urgency_is_triaged_by_the_matrix() {
    let policy = samples::policy();
    let mut signal = with_severity(Severity::Info);
    signal.urgency = Some(Level3::High);
    assert_eq!(assess(&policy, &signal, &"checkout".into()).priority, Priority::P1);
    signal.urgency = None;
    signal.labels.insert("team".to_owned(), "payments".to_owned());
    assert_eq!(assess(&policy, &signal, &"checkout".into()).priority, Priority::P3, "a rule sets the impact");
}

#[test]
fn what_the_caller_stated_beats_the_defaults_and_loses_to_a_rule() {
    let policy = samples::policy();
    let mut signal = samples::report("payment fails");
    signal.impact = Some(Level3::Low);
    signal.urgency = Some(Level3::Low);
    signal.category = Some("access".to_owned());
    let found = assess(&policy, &signal, &"front-desk".into());
    assert_eq!((found.impact, found.urgency), (Level3::High, Level3::Low));
    assert_eq!((found.category.as_str(), found.rules), ("payments", vec!["payments".into()]));
    signal.title = "badge".to_owned();
    let found = assess(&policy, &signal, &"front-desk".into());
    assert_eq!((found.impact, found.category.as_str()), (Level3::Low, "access"));
    signal.category = Some("gardening".to_owned());
    assert_eq!(assess(&policy, &signal, &"front-desk".into()).category, UNCATEGORISED);
}

#[test]
fn every_matching_rule_applies_and_the_first_to_set_a_field_keeps_it() {
    let rules = r#"  rules:
    - {id: one, when: 'true', set: {urgency: LOW, labels: {a: "1"}}}
    - {id: lost, when: 'signal.labels["gone"] == "x"', set: {impact: LOW}}
    - {id: two, when: 'service.tier == 1 && service.team == "shop"', set: {urgency: HIGH, impact: MEDIUM, labels: {a: "2", b: "2"}, assignee: bo}, final: true}
    - {id: three, when: 'true', set: {declare: true}}
"#;
    let start = samples::ACME.find("  rules:").unwrap();
    let end = samples::ACME.find("inhibitions:").unwrap();
    let text = format!("{}{rules}{}", &samples::ACME[..start], &samples::ACME[end..]);
    let found = assess(&samples::compile(&text), &samples::alert(&[]), &"checkout".into());
    assert_eq!((found.impact, found.urgency, found.declare), (Level3::Medium, Level3::Low, false));
    assert_eq!(
        found.labels.into_iter().collect::<Vec<_>>(),
        [("a".into(), "1".into()), ("b".into(), "2".into())]
    );
    assert_eq!(found.assignee, Some("bo".into()));
    assert_eq!(found.rules, vec!["one".into(), "two".into()]);
    assert_eq!(found.failed.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), ["lost"]);
}

fn levels() -> impl Strategy<Value = Level3> {
    proptest::sample::select(Level3::ALL)
}

proptest! {
    /// The default matrix is the sum, so more impact or more urgency never makes an incident less important.
    #[test]
    fn the_default_matrix_is_the_sum_and_monotone(impact in levels(), urgency in levels()) {
        let triage = Triage::default();
        let found = priority(&triage, impact, urgency);
        prop_assert_eq!(found, Priority::ALL[impact as usize + urgency as usize]);
        for other in Level3::ALL.iter().filter(|other| **other <= impact) {
            prop_assert!(priority(&triage, *other, urgency) <= found);
        }
        for other in Level3::ALL.iter().filter(|other| **other <= urgency) {
            prop_assert!(priority(&triage, impact, *other) <= found);
        }
    }

    /// A stated level is taken as stated when no rule speaks, whatever tier and severity say.
    #[test]
    fn stated_levels_decide_when_no_rule_speaks(
        impact in levels(), urgency in levels(), severity in proptest::sample::select(Severity::ALL),
        service in proptest::sample::select(vec!["checkout", "front-desk"]),
    ) {
        let policy = samples::policy();
        let mut signal = with_severity(severity);
        (signal.impact, signal.urgency) = (Some(impact), Some(urgency));
        let found = assess(&policy, &signal, &service.into());
        prop_assert_eq!((found.impact, found.urgency), (impact, urgency));
        prop_assert_eq!(found.priority, priority(&policy.document().triage, impact, urgency));
    }
}
