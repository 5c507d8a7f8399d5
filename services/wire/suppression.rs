//! What holds alerts back, as readers see it, and what is asked about it: matchers here, the rest in modules of its own. What
//! it does is decided by the rules.

pub mod log;
pub mod silences;
pub mod windows;

use stentor_core::silence::{Matcher, Operator};
use stentor_proto::v1;

use super::enums;
use super::fields::Fields;

/// How many there may be, and which patterns are good, is judged with the silence.
fn sets(f: &mut Fields, sets: &[v1::MatcherSet]) -> Vec<Vec<Matcher>> {
    let sets = sets.iter().enumerate();
    sets.map(|(i, set)| {
        let matchers = set.matchers.iter().enumerate();
        matchers.map(|(j, m)| matcher(f, &format!("matcher_sets[{i}].matchers[{j}]"), m)).collect()
    })
    .collect()
}

fn matcher(f: &mut Fields, place: &str, m: &v1::LabelMatcher) -> Matcher {
    let field = format!("{place}.operator");
    let operator = match m.operator {
        0 => Operator::Equal,
        given => f.word(&field, given).unwrap_or(Operator::Equal),
    };
    Matcher { label: m.label.clone(), operator, value: m.value.clone() }
}

fn matcher_set(set: &[Matcher]) -> v1::MatcherSet {
    let matchers = set.iter().map(|m| v1::LabelMatcher {
        label: m.label.clone(),
        operator: enums::match_operator(m.operator),
        value: m.value.clone(),
    });
    v1::MatcherSet { matchers: matchers.collect() }
}
