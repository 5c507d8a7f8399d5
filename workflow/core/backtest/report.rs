//! All records of a back-test, counted. Records are added in their order; the same records and policies give the same
//! report, byte for byte.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::history_log::{Action, Record, What};
use crate::id::PersonId;
use crate::incident::Command;
use crate::time::Timestamp;

use super::compare::Compared;
use super::figures::{Breaches, Hours, Pages, Side as Figures, is_night};
use super::percentile::Spread;
use super::replay::{Dropped, PageAt, Side};
use super::version::Version;
use crate::incident::clock::Verdict;

/// Most incidents that are named for one reason; the rest is only counted.
const NAMED: usize = 50;

/// What a back-test found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    pub incidents: u64,
    /// Of these, records of other tools.
    pub imported: u64,
    /// First and last opening.
    pub from: String,
    pub to: String,
    pub baseline: Figures,
    pub candidate: Figures,
    pub pages_added: u64,
    pub pages_removed: u64,
    pub pages_moved: u64,
    pub people: BTreeMap<PersonId, Pages>,
    pub hours: Hours,
    pub definitions: BTreeMap<String, Breaches>,
    /// Incidents that differ at all, and in what they open as.
    pub differing: u64,
    pub other_priority: u64,
    pub other_service: u64,
    pub other_grouping: u64,
    /// Pages that were really decided, and how many of them the baseline repeats: its quotient is the fidelity.
    pub decided: u64,
    pub repeated: u64,
    /// Actions that the candidate refused, by action and reason.
    pub dropped: BTreeMap<String, u64>,
    /// Records that never say how they ended, and the first of them.
    pub unresolved: u64,
    pub unresolved_named: Vec<String>,
    /// What records say twice and differently, and the first such sentences.
    pub remarks: u64,
    pub remarks_named: Vec<String>,
    /// Incidents that have more than is ever replayed.
    pub cut: u64,
    #[serde(skip)]
    waits: Waits,
    #[serde(skip)]
    span: Option<(Timestamp, Timestamp)>,
}

/// Lengths in seconds, of which the spreads are made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Waits {
    page: [Vec<i64>; 2],
    acknowledged: [Vec<i64>; 2],
}

impl Report {
    /// Adds a record with both sides. `zones` tells the hour of day where a person is.
    pub fn add(
        &mut self,
        record: &Record,
        baseline: &Side,
        candidate: &Side,
        compared: &Compared,
        zones: &Version,
    ) {
        self.incidents += 1;
        self.imported += u64::from(record.imported);
        self.opened(record);
        self.side(0, baseline, zones);
        self.side(1, candidate, zones);
        self.pages(compared);
        for (name, list) in [(true, &compared.breaches_added), (false, &compared.breaches_removed)] {
            for definition in list {
                let breaches = self.definitions.entry(definition.clone()).or_default();
                *if name { &mut breaches.added } else { &mut breaches.removed } += 1;
            }
        }
        let differs = baseline.pages != candidate.pages
            || !compared.breaches_added.is_empty()
            || !compared.breaches_removed.is_empty();
        self.differing += u64::from(differs);
        self.other_priority += u64::from(compared.priority);
        self.other_service += u64::from(compared.service);
        self.other_grouping += u64::from(compared.grouping);
        self.decided += u64::from(compared.decided);
        self.repeated += u64::from(compared.repeated);
        self.cut += u64::from(baseline.cut || candidate.cut);
        for Dropped { action, reason } in &candidate.dropped {
            *self.dropped.entry(format!("{action} {reason}")).or_default() += 1;
        }
    }

    /// Makes the spreads, once every record has been added.
    pub fn finish(&mut self) {
        let spread = |lists: &[Vec<i64>; 2]| lists.each_ref().map(|list| Spread::of(list));
        [self.baseline.first_page, self.candidate.first_page] = spread(&self.waits.page);
        [self.baseline.acknowledged, self.candidate.acknowledged] = spread(&self.waits.acknowledged);
        if let Some((from, to)) = self.span {
            (self.from, self.to) = (from.whole_second().to_string(), to.whole_second().to_string());
        }
    }

    fn opened(&mut self, record: &Record) {
        if let Some(first) = record.entries.first() {
            let (from, to) = self.span.unwrap_or((first.at, first.at));
            self.span = Some((from.min(first.at), to.max(first.at)));
        }
        if !record.entries.iter().any(|entry| ends(&entry.what)) {
            self.unresolved += 1;
            if self.unresolved_named.len() < NAMED {
                self.unresolved_named.push(record.incident.clone());
            }
        }
        for remark in &record.remarks {
            self.remarks += 1;
            if self.remarks_named.len() < NAMED {
                self.remarks_named.push(format!("{}: {remark}", record.incident));
            }
        }
    }

    fn side(&mut self, which: usize, side: &Side, zones: &Version) {
        for page in &side.pages {
            let hour = zones.hour(&page.person, page.at);
            let night = u64::from(is_night(hour));
            let person = match self.people.get_mut(&page.person) {
                Some(person) => person,
                None => self.people.entry(page.person.clone()).or_default(),
            };
            if which == 0 {
                self.hours.baseline[hour] += 1;
                person.baseline += 1;
                person.night_baseline += night;
                self.baseline.pages_at_night += night;
            } else {
                self.hours.candidate[hour] += 1;
                person.candidate += 1;
                person.night_candidate += night;
                self.candidate.pages_at_night += night;
            }
        }
        let breached = side.clocks.iter().filter(|clock| clock.verdict == Verdict::Breached);
        let mut breaches = 0;
        for clock in breached {
            breaches += 1;
            let definition = self.definitions.entry(clock.definition.clone()).or_default();
            *if which == 0 { &mut definition.baseline } else { &mut definition.candidate } += 1;
        }
        self.waits.page[which].extend(side.first_page.map(|wait| wait.whole_seconds()));
        self.waits.acknowledged[which].extend(side.acknowledged.map(|wait| wait.whole_seconds()));
        let figures = if which == 0 { &mut self.baseline } else { &mut self.candidate };
        figures.pages += side.pages.len() as u64;
        figures.breaches += breaches;
        figures.exhausted += u64::from(side.exhausted > 0);
        figures.silent += u64::from(side.pages.is_empty());
        figures.acknowledgements += u64::from(side.acknowledgements);
        figures.unexplained += u64::from(side.unexplained);
        figures.dropped += side.dropped.len() as u64;
    }

    fn pages(&mut self, compared: &Compared) {
        let mut person = |page: &PageAt, count: fn(&mut Pages) -> &mut u64| {
            *count(self.people.entry(page.person.clone()).or_default()) += 1;
        };
        compared.added.iter().for_each(|page| person(page, |p| &mut p.added));
        compared.removed.iter().for_each(|page| person(page, |p| &mut p.removed));
        compared.moved.iter().for_each(|(page, _)| person(page, |p| &mut p.moved));
        self.pages_added += compared.added.len() as u64;
        self.pages_removed += compared.removed.len() as u64;
        self.pages_moved += compared.moved.len() as u64;
    }
}

/// Whether an entry ends the incident, in whatever way.
fn ends(what: &What) -> bool {
    match what {
        What::Action(Action::Resolve { .. } | Action::Cancel { .. } | Action::Close) => true,
        What::Action(Action::Command(command)) => {
            matches!(**command, Command::Resolve(_) | Command::Cancel { .. } | Command::FinishMerge { .. })
        }
        What::Signal(signal) => signal.clear,
        _ => false,
    }
}
