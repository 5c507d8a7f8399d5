//! How many SLA clocks kept what they promised, by period. A clock is counted once, where the first of its stop and its
//! breach lies. Nothing here decides: the clocks say themselves how they ended.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::id::SlaId;
use crate::incident::Incident;
use crate::incident::clock::{Clock, Verdict};
use crate::incident::kinds::{Phase, Priority, ResolutionCode};
use crate::instance::Instance;
use crate::policy::document::SlaKind;
use crate::time::Timestamp;

mod periods;
#[cfg(test)]
mod tests;

pub use periods::Period;

/// Most periods of one answer.
pub const PERIODS: usize = 400;

/// What the clocks of a definition are told apart by, besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Nothing,
    Service,
    Team,
    Priority,
}

/// Which line a clock belongs to: the number of its period, its definition, and what it is told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    period: usize,
    definition: SlaId,
    group: String,
}

/// One line: clocks of a definition that ended, or breached, within a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub from: Timestamp,
    pub to: Timestamp,
    pub definition: SlaId,
    pub kind: SlaKind,
    /// An id or a priority; empty if nothing was to be told apart.
    pub group: String,
    pub met: u32,
    pub breached: u32,
    /// Of these, how many are excused: nobody's failure, and still not kept.
    pub excused: u32,
    /// Cancelled within the period: neither met nor breached.
    pub cancelled: u32,
}

/// The tally of an interval.
#[derive(Debug)]
pub struct Compliance {
    /// Where each period begins.
    starts: Vec<Timestamp>,
    to: Timestamp,
    group: Group,
    lines: BTreeMap<Key, (SlaKind, [u32; 4])>,
}

impl Compliance {
    /// An empty tally of `[from, to)`, in periods that begin at midnight in `zone`. `None` if there are more than
    /// [`PERIODS`] of them.
    pub fn of(
        (from, to): (Timestamp, Timestamp),
        period: Period,
        zone: &TimeZone,
        group: Group,
    ) -> Option<Compliance> {
        let starts = periods::starts(period, zone, (from, to), PERIODS)?;
        Some(Compliance { starts, to, group, lines: BTreeMap::new() })
    }

    /// Counts the clocks of an incident or a review.
    pub fn count(&mut self, state: &Instance) {
        match state {
            Instance::Incident(i) if counts(i) => {
                let group = self.group_of(&i.service.0, &i.team.0, i.priority);
                i.clocks.iter().for_each(|clock| self.add(clock, &group));
            }
            Instance::Incident(_) => {}
            Instance::Review(r) => {
                let group = self.group_of(&r.service.0, &r.team.0, r.priority);
                r.all_clocks().for_each(|clock| self.add(clock, &group));
            }
        }
    }

    fn group_of(&self, service: &str, team: &str, priority: Priority) -> String {
        match self.group {
            Group::Nothing => String::new(),
            Group::Service => service.to_owned(),
            Group::Team => team.to_owned(),
            Group::Priority => priority.as_str().to_owned(),
        }
    }

    fn add(&mut self, clock: &Clock, group: &str) {
        let place = match clock.verdict() {
            Verdict::Met => 0,
            Verdict::Breached => 1,
            Verdict::Cancelled => 2,
            Verdict::Running => return,
        };
        let ended = [clock.stopped_at, clock.breached.filter(|_| place == 1)].into_iter().flatten().min();
        let Some(at) = ended.filter(|at| *at < self.to) else { return };
        let Some(period) = self.starts.partition_point(|start| *start <= at).checked_sub(1) else { return };
        let key = Key { period, definition: clock.definition.clone(), group: group.to_owned() };
        let counts = self.lines.entry(key).or_insert((clock.kind, [0; 4]));
        counts.1[place] += 1;
        counts.1[3] += u32::from(place == 1 && clock.excuse.is_some());
    }

    /// The lines, by period, definition and group. Where nothing was counted there is none.
    pub fn lines(&self) -> Vec<Line> {
        let end = |period: usize| self.starts.get(period + 1).copied().unwrap_or(self.to);
        let line = |(key, (kind, [met, breached, cancelled, excused])): (&Key, &(SlaKind, [u32; 4]))| Line {
            from: self.starts[key.period],
            to: end(key.period),
            definition: key.definition.clone(),
            kind: *kind,
            group: key.group.clone(),
            met: *met,
            breached: *breached,
            excused: *excused,
            cancelled: *cancelled,
        };
        self.lines.iter().map(line).collect()
    }
}

/// Exercises, false alarms, merged incidents and those that were nobody's failure prove nothing about a promise.
fn counts(incident: &Incident) -> bool {
    let code = incident.resolution.as_ref().map(|r| r.code);
    !incident.exercise
        && !incident.is_imported()
        && incident.phase != Phase::Cancelled
        && !matches!(code, Some(ResolutionCode::Transient | ResolutionCode::Maintenance))
}
