//! Both sides of one record beside each other: which pages are the same, which moved, which came and went.

use std::collections::BTreeSet;

use crate::history_log::{Fact, Record, What};
use crate::id::PersonId;
use crate::time::Duration;

use super::replay::{PageAt, Side};
use crate::incident::clock::Verdict;

/// A page that was really decided so much later than the replay says is the same page: real deadlines are served late.
const TOLERANCE: Duration = Duration::seconds(5);

/// What differs between the sides of one record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    pub added: Vec<PageAt>,
    pub removed: Vec<PageAt>,
    /// Before and after: the same person, another instant or channel.
    pub moved: Vec<(PageAt, PageAt)>,
    /// Definitions of clocks that breach under the candidate only, and under the baseline only.
    pub breaches_added: Vec<String>,
    pub breaches_removed: Vec<String>,
    pub priority: bool,
    pub service: bool,
    pub grouping: bool,
    /// Pages that were really decided, and how many of them the baseline repeats.
    pub decided: u32,
    pub repeated: u32,
}

/// Compares the sides of a record.
pub fn compare(record: &Record, baseline: &Side, candidate: &Side) -> Compared {
    let mut compared = Compared {
        priority: baseline.priority != candidate.priority,
        service: baseline.service != candidate.service,
        grouping: baseline.groups != candidate.groups,
        ..Compared::default()
    };
    pages(baseline, candidate, &mut compared);
    breaches(baseline, candidate, &mut compared);
    fidelity(record, baseline, &mut compared);
    compared
}

fn pages(baseline: &Side, candidate: &Side, compared: &mut Compared) {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    // Both are sorted: what stands in both is the same page.
    while i < baseline.pages.len() || j < candidate.pages.len() {
        match (baseline.pages.get(i), candidate.pages.get(j)) {
            (Some(a), Some(b)) if a == b => (i, j) = (i + 1, j + 1),
            (Some(a), Some(b)) if a < b => {
                before.push(a);
                i += 1;
            }
            (Some(a), None) => {
                before.push(a);
                i += 1;
            }
            (_, Some(b)) => {
                after.push(b);
                j += 1;
            }
            (None, None) => break,
        }
    }
    let people: BTreeSet<&PersonId> = before.iter().chain(&after).map(|page| &page.person).collect();
    for person in people {
        let mut was = before.iter().filter(|page| page.person == *person);
        let mut is = after.iter().filter(|page| page.person == *person);
        loop {
            match (was.next(), is.next()) {
                (Some(a), Some(b)) => compared.moved.push(((*a).clone(), (*b).clone())),
                (Some(a), None) => compared.removed.push((*a).clone()),
                (None, Some(b)) => compared.added.push((*b).clone()),
                (None, None) => break,
            }
        }
    }
}

fn breaches(baseline: &Side, candidate: &Side, compared: &mut Compared) {
    let of = |side: &Side| -> BTreeSet<(String, u32)> {
        let breached = side.clocks.iter().filter(|clock| clock.verdict == Verdict::Breached);
        breached.map(|clock| (clock.definition.clone(), clock.cycle)).collect()
    };
    let (before, after) = (of(baseline), of(candidate));
    compared.breaches_added = after.difference(&before).map(|(name, _)| name.clone()).collect();
    compared.breaches_removed = before.difference(&after).map(|(name, _)| name.clone()).collect();
}

/// How many of the pages that were really decided the baseline decides again.
fn fidelity(record: &Record, baseline: &Side, compared: &mut Compared) {
    let mut left: Vec<&PageAt> = baseline.pages.iter().collect();
    for entry in &record.entries {
        let What::Fact(Fact::Paged { person, channel, .. }) = &entry.what else { continue };
        compared.decided += 1;
        let same = left.iter().position(|page| {
            page.person == *person
                && page.channel == *channel
                && page.at <= entry.at
                && entry.at.since(page.at) <= TOLERANCE
        });
        if let Some(same) = same {
            left.swap_remove(same);
            compared.repeated += 1;
        }
    }
}
