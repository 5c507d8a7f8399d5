//! The law of inhibition, held against its plain wording, for any rules, alerts and order of events. What a mark does is
//! told with the incident.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::id::{InstanceId, RuleId};
use crate::incident::Incident;
use crate::incident::kinds::{Phase, Priority};
use crate::policy::document::Inhibition;
use crate::testing::{Story, alert};

type Labels = BTreeMap<String, String>;

fn labels(of: &[(&str, &str)]) -> Labels {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn rule(id: &str, source: Labels, target: Labels, equal: &[&str]) -> Inhibition {
    let equal = equal.iter().map(|name| (*name).to_owned()).collect();
    Inhibition { id: RuleId::from(id), source, target, equal }
}

fn region_down() -> Firing {
    let (source, target) = (labels(&[("alertname", "Down")]), labels(&[("severity", "warning")]));
    Firing::new(Rules::new(&[rule("region-down", source, target, &["region"])]))
}

/// An open incident with one alert, or one whose alert does not fire.
fn incident(n: usize, fires: bool) -> Incident {
    let signal = alert(&format!("a{n}"), "critical");
    let story = Story::where_policy(|p| p.sla.clear()).opened(signal, Phase::Active, Priority::P4);
    let mut incident = story.incident_state().clone();
    incident.id = InstanceId::from(format!("inc-{n}").as_str());
    incident.alerts.values_mut().for_each(|a| a.firing = fires);
    incident
}

fn put(firing: &mut Firing, n: usize, fires: bool, labels: &Labels) {
    firing.put(&incident(n, fires), &[(1, labels.clone())].into());
}

fn by(firing: &Firing, n: usize, labels: &Labels) -> Vec<String> {
    firing
        .holding(labels, &alert(&format!("a{n}"), "critical").identity())
        .into_iter()
        .map(|i| i.rule.0)
        .collect()
}

#[test]
fn a_source_holds_back_targets_with_the_same_labels_for_as_long_as_it_fires() {
    let mut firing = region_down();
    let down = labels(&[("alertname", "Down"), ("region", "eu")]);
    let slow = labels(&[("severity", "warning"), ("region", "eu")]);
    put(&mut firing, 1, true, &down);
    assert_eq!(by(&firing, 2, &slow), ["region-down"]);
    assert!(by(&firing, 2, &labels(&[("severity", "warning"), ("region", "us")])).is_empty());
    assert!(
        by(&firing, 2, &labels(&[("severity", "warning")])).is_empty(),
        "a label that is missing is not the same"
    );
    assert!(by(&firing, 2, &labels(&[("severity", "critical"), ("region", "eu")])).is_empty());
    put(&mut firing, 1, false, &down);
    assert!(by(&firing, 2, &slow).is_empty());
}

#[test]
fn a_source_without_the_label_inhibits_nothing() {
    let mut firing = region_down();
    put(&mut firing, 1, true, &labels(&[("alertname", "Down")]));
    assert!(by(&firing, 2, &labels(&[("severity", "warning")])).is_empty());
}

#[test]
fn no_alert_inhibits_itself_nor_do_two_that_are_on_both_sides() {
    let mut firing = region_down();
    let both = labels(&[("alertname", "Down"), ("severity", "warning"), ("region", "eu")]);
    put(&mut firing, 1, true, &both);
    assert!(by(&firing, 1, &both).is_empty());
    assert!(by(&firing, 2, &both).is_empty(), "somebody has to be paged");
    assert_eq!(by(&firing, 2, &labels(&[("severity", "warning"), ("region", "eu")])), ["region-down"]);
}

#[test]
fn targets_that_fire_already_are_due_when_a_source_comes_and_when_the_last_one_goes() {
    let mut firing = region_down();
    let (down, slow) = (
        labels(&[("alertname", "Down"), ("region", "eu")]),
        labels(&[("severity", "warning"), ("region", "eu")]),
    );
    put(&mut firing, 1, true, &slow);
    assert!(firing.take_due().is_empty());
    put(&mut firing, 2, true, &down);
    let due = firing.take_due();
    assert_eq!((due.len(), due[0].id.as_str(), due[0].alerts[0].1.len()), (1, "inc-1", 1));
    assert!(!firing.is_touched());

    // It is marked now, and a second source comes and goes.
    let mut marked = incident(1, true);
    marked.alerts.get_mut(&1).unwrap().inhibited.clone_from(&due[0].alerts[0].1);
    firing.put(&marked, &BTreeMap::new());
    put(&mut firing, 3, true, &down);
    put(&mut firing, 2, false, &down);
    assert!(firing.take_due().is_empty(), "another one goes on firing");
    put(&mut firing, 3, false, &down);
    assert_eq!(firing.take_due()[0].alerts, [(1, Vec::new())]);
    firing.put(&incident(1, true), &BTreeMap::new());
    assert!(!firing.is_busy());
}

#[test]
fn an_older_state_changes_nothing_unless_the_newer_one_is_in_doubt() {
    let mut firing = region_down();
    let (down, slow) = (
        labels(&[("alertname", "Down"), ("region", "eu")]),
        labels(&[("severity", "warning"), ("region", "eu")]),
    );
    put(&mut firing, 1, true, &down);
    let mut older = incident(1, false);
    older.version -= 1;
    firing.put(&older, &BTreeMap::new());
    assert_eq!(by(&firing, 2, &slow), ["region-down"]);
    firing.doubt(&older.id);
    firing.put(&older, &BTreeMap::new());
    assert!(by(&firing, 2, &slow).is_empty());

    // While states are read, what ended is not brought back by what was read before.
    firing.reading(true);
    put(&mut firing, 1, false, &down);
    older.alerts.values_mut().for_each(|a| a.firing = true);
    firing.put(&older, &[(1, down)].into());
    assert!(by(&firing, 2, &slow).is_empty());
    firing.reading(false);
    assert_eq!(firing.incidents().count(), 0);
}

fn some() -> impl Strategy<Value = Labels> {
    let pair = || (proptest::sample::select(vec!["a", "b", "c"]), proptest::sample::select(vec!["x", "y"]));
    let owned = |of: Vec<(&str, &str)>| labels(&of);
    proptest::collection::vec(pair(), 0..4).prop_map(owned)
}

fn rules() -> impl Strategy<Value = Vec<Inhibition>> {
    let equal = proptest::sample::subsequence(vec!["a", "b", "c"], 0..3);
    let one = (some(), some(), equal);
    let numbered = |all: Vec<(Labels, Labels, Vec<&str>)>| {
        let all = all.into_iter().enumerate();
        all.map(|(n, (source, target, equal))| rule(&format!("r{n}"), source, target, &equal)).collect()
    };
    proptest::collection::vec(one, 0..4).prop_map(numbered)
}

/// The rule as it is told: nothing is looked up, everything compared with everything.
fn held(rules: &[Inhibition], alerts: &BTreeMap<usize, Labels>, n: usize) -> Vec<String> {
    let fits =
        |side: &Labels, of: &Labels| !side.is_empty() && side.iter().all(|(k, v)| of.get(k) == Some(v));
    let target = &alerts[&n];
    let inhibits = |rule: &Inhibition, m: usize, source: &Labels| {
        let same =
            rule.equal.iter().all(|name| source.get(name).is_some() && source.get(name) == target.get(name));
        let both = |of: &Labels| fits(&rule.source, of) && fits(&rule.target, of);
        n != m
            && fits(&rule.source, source)
            && fits(&rule.target, target)
            && same
            && !(both(source) && both(target))
    };
    let holding = rules.iter().filter(|rule| alerts.iter().any(|(m, source)| inhibits(rule, *m, source)));
    holding.map(|rule| rule.id.0.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_looked_up_is_what_comparing_every_pair_says(
        rules in rules(),
        steps in proptest::collection::vec((0..5_usize, any::<bool>(), some()), 1..20),
    ) {
        let mut firing = Firing::new(Rules::new(&rules));
        let mut alerts: BTreeMap<usize, Labels> = BTreeMap::new();
        let mut incidents: BTreeMap<usize, Incident> = BTreeMap::new();
        for (n, fires, labels) in steps {
            let before = incidents.remove(&n).map(|i| i.alerts[&1].inhibited.clone()).unwrap_or_default();
            let mut now = incident(n, fires);
            now.alerts.get_mut(&1).unwrap().inhibited = before;
            firing.put(&now, &[(1, labels.clone())].into());
            if fires { alerts.insert(n, labels) } else { alerts.remove(&n) };
            incidents.insert(n, now);
            // Incidents that are due put their marks right, as if they had been told.
            for due in firing.take_due() {
                let of = incidents.values_mut().find(|i| i.id == due.id).unwrap();
                for (alert, inhibited) in due.alerts {
                    of.alerts.get_mut(&alert).unwrap().inhibited = inhibited;
                }
                firing.put(of, &BTreeMap::new());
            }
            for n in alerts.keys() {
                let wanted = held(&rules, &alerts, *n);
                prop_assert_eq!(&by(&firing, *n, &alerts[n]), &wanted);
                let marked: Vec<&str> =
                    incidents[n].alerts[&1].inhibited.iter().map(|i| i.rule.as_str()).collect();
                prop_assert_eq!(marked, wanted);
            }
            prop_assert!(!firing.is_touched(), "marks that are right stay as they are");
        }
    }
}
