//! Whether somebody is there at every instant of the coming weeks, and whether the next level asks somebody else. It
//! knows the rotation only: overrides come and go after the policy is applied.

use super::structure::Report;
use super::view::{Stretch, View};
use crate::id::PersonId;
use crate::policy::document::{EscalationSpec, LevelSpec, Target};
use crate::policy::finding::FindingCode;
use crate::time::Timestamp;

/// An interval of time.
type Span = (Timestamp, Timestamp);

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for id in view.schedules() {
        let Some(schedule) = view.policy.schedule(id) else { continue };
        let gaps = schedule.gaps(view.at, view.until(), &[]);
        if !gaps.is_empty() {
            let message = format!("nobody is on call {}", list(&gaps));
            report.add(FindingCode::CoverageGap, format!("schedules.{id}"), message);
        }
    }
    for (id, spec) in &view.document().escalation_policies {
        let path = format!("escalation_policies.{id}");
        reaches_nobody(view, &path, spec, report);
        let pairs = spec.levels.iter().zip(spec.levels.iter().skip(1));
        for (this, next) in pairs.filter(|(this, next)| meet(this, next)) {
            if let Some((at, person)) = shared(view, this, next) {
                let message =
                    format!("from {at} on, {person} is paged by {} and then again by {}", this.id, next.id);
                report.add(FindingCode::SamePersonNextLevel, format!("{path}.levels.{}", next.id), message);
            }
        }
    }
}

/// The first gaps in words, and how many more there are.
fn list(gaps: &[Span]) -> String {
    let mut words: Vec<String> = gaps.iter().take(3).map(|(from, to)| format!("{from} to {to}")).collect();
    if gaps.len() > 3 {
        words.push(format!("{} more", gaps.len() - 3));
    }
    words.join(", ")
}

/// Levels with a condition may be skipped, so only unconditional ones and the fallback can be relied on.
fn reaches_nobody(view: &View<'_>, path: &str, spec: &EscalationSpec, report: &mut Report) {
    let relied = spec.levels.iter().filter(|level| level.when.is_none()).flat_map(|level| &level.targets);
    let mut open: Vec<Span> = vec![(view.at, view.until())];
    for target in relied.chain(&spec.fallback) {
        open = without(&open, &view.stretches(target));
        if open.is_empty() {
            return;
        }
    }
    let message = format!("no level that always applies and no fallback has a person {}", list(&open));
    report.add(FindingCode::PolicyReachesNobody, path, message);
}

/// The parts of `open` that no stretch with a person covers; both in order of time.
fn without(open: &[Span], covered: &[Stretch<'_>]) -> Vec<Span> {
    let mut left = Vec::new();
    for (mut from, to) in open.iter().copied() {
        for (start, end, people) in covered {
            if people.is_empty() || *end <= from || *start >= to {
                continue;
            }
            if *start > from {
                left.push((from, *start));
            }
            from = from.max(*end);
        }
        if from < to {
            left.push((from, to));
        }
    }
    left
}

/// Whether an incident can pass through both levels.
fn meet(this: &LevelSpec, next: &LevelSpec) -> bool {
    let (Some(a), Some(b)) = (&this.when, &next.when) else { return true };
    let by_priority = a.priorities.is_empty()
        || b.priorities.is_empty()
        || a.priorities.iter().any(|priority| b.priorities.contains(priority));
    let apart = a.open.is_some() && a.open == b.closed || a.closed.is_some() && a.closed == b.open;
    by_priority && !apart
}

/// The first instant at which one person is paged by both levels.
fn shared(view: &View<'_>, this: &LevelSpec, next: &LevelSpec) -> Option<(Timestamp, PersonId)> {
    let pairs = this.targets.iter().flat_map(|a| next.targets.iter().map(move |b| (a, b)));
    pairs.filter_map(|(a, b)| overlap(view, a, b)).min_by_key(|(at, _)| *at)
}

fn overlap(view: &View<'_>, a: &Target, b: &Target) -> Option<(Timestamp, PersonId)> {
    let (a, b) = (view.stretches(a), view.stretches(b));
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let ((from_a, to_a, people_a), (from_b, to_b, people_b)) = (a[i], b[j]);
        let from = from_a.max(from_b);
        if from < to_a.min(to_b)
            && let Some(person) = people_a.iter().find(|person| people_b.contains(person))
        {
            return Some((from, person.clone()));
        }
        if to_a <= to_b {
            i += 1;
        } else {
            j += 1;
        }
    }
    None
}
