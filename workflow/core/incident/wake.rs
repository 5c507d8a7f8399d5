//! The deadlines that an incident's state holds. The earliest one is its wake-up; there are no other timers.

use crate::id::PersonId;
use crate::time::{Duration, Timestamp};

use super::Incident;
use super::clock::Clock;
use super::decide::work;
use super::kinds::Phase;

/// A deadline, in the order in which those of one instant fire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    Escalation,
    ExhaustedReminder,
    ContactStep(PersonId),
    SummonsStep(PersonId),
    AckWarning,
    AckExpiry,
    HoldEnd,
    SnoozeEnd,
    SuppressionEnd,
    PauseCap(String),
    AlertExpiry(u32),
    FlapEnd(u32),
    ClearStep,
    Closing,
    SummonsReminder(PersonId),
    Work(work::Due),
    Stale,
}

/// How long an alert must have been clear until it no longer counts as flapping.
pub(super) const FLAP_QUIET: Duration = Duration::minutes(15);

impl Incident {
    /// The earliest deadline; none once closed or cancelled with nothing left to do, and none
    /// ever for a record of another tool.
    pub fn next_wake(&self) -> Option<Timestamp> {
        if self.is_imported() {
            return None;
        }
        let sla = self.next_sla().map(|(at, _)| at);
        let others = self.deadlines().into_iter().map(|(at, _)| at).min();
        [sla, others].into_iter().flatten().min()
    }

    /// The earliest SLA mark and its clock.
    pub(super) fn next_sla(&self) -> Option<(Timestamp, &Clock)> {
        self.clocks
            .iter()
            .filter(|c| c.is_live())
            .filter_map(|c| c.next.map(|m| (m.at, c)))
            .min_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.definition.cmp(&b.1.definition)))
    }

    /// All deadlines but those of clocks' marks.
    pub(super) fn deadlines(&self) -> Vec<(Timestamp, Due)> {
        let mut due = Vec::with_capacity(8);
        if self.is_open() {
            self.paging_deadlines(&mut due);
            self.waiting_deadlines(&mut due);
            self.alert_deadlines(&mut due);
            due.extend(self.times.stale_at.map(|at| (at, Due::Stale)));
        }
        if self.phase == Phase::Resolved {
            due.extend(self.closing_at.map(|at| (at, Due::Closing)));
        }
        due.extend(work::next_due(self).map(|(at, what)| (at, Due::Work(what))));
        due
    }

    fn paging_deadlines(&self, due: &mut Vec<(Timestamp, Due)>) {
        if self.is_pageable() {
            if let Some(e) = &self.escalation {
                due.extend(e.due.map(|at| (at, Due::Escalation)));
            }
            due.extend(self.exhausted.as_ref().map(|x| (x.remind_at, Due::ExhaustedReminder)));
            for c in &self.contacts {
                due.extend(c.steps.first().map(|s| (s.at, Due::ContactStep(c.person.clone()))));
            }
        }
        for s in self.summonses.iter().filter(|s| s.accepted.is_none()) {
            due.extend(s.steps.first().map(|step| (step.at, Due::SummonsStep(s.person.clone()))));
            due.extend(s.remind_at.map(|at| (at, Due::SummonsReminder(s.person.clone()))));
        }
    }

    fn waiting_deadlines(&self, due: &mut Vec<(Timestamp, Due)>) {
        if let Some(at) = self.ack_expires_at() {
            due.push((at, Due::AckExpiry));
            due.extend(self.ack_warning_at(at).map(|w| (w, Due::AckWarning)));
        }
        due.extend(self.hold.as_ref().map(|h| (h.until, Due::HoldEnd)));
        due.extend(self.snoozed_until.map(|at| (at, Due::SnoozeEnd)));
        due.extend(self.suppressed.as_ref().and_then(|s| s.until).map(|at| (at, Due::SuppressionEnd)));
        for c in &self.clocks {
            due.extend(c.pause_cap_at.filter(|_| c.is_live()).map(|at| (at, Due::PauseCap(c.name()))));
        }
    }

    /// Five minutes before the expiry, or a quarter of the timeout if that is less; once for each expiry.
    fn ack_warning_at(&self, expires_at: Timestamp) -> Option<Timestamp> {
        let ack = self.ack.as_ref()?;
        let terms = ack.terms?;
        let timeout = if self.phase == Phase::Mitigated { terms.mitigated } else { terms.timeout };
        let lead = Duration::minutes(5).min(Duration(timeout.millis() / 4));
        (ack.warned_of != Some(expires_at)).then_some(expires_at - lead)
    }

    fn alert_deadlines(&self, due: &mut Vec<(Timestamp, Due)>) {
        for (n, a) in self.alerts.iter().filter(|(_, a)| !a.moved) {
            due.extend(a.ends_at.filter(|_| a.firing).map(|at| (at, Due::AlertExpiry(*n))));
            if a.flapping.is_some() && !a.firing {
                due.push((a.since + FLAP_QUIET, Due::FlapEnd(*n)));
            }
        }
        if self.hold.is_none() {
            due.extend(self.clear_step.map(|s| (s.at, Due::ClearStep)));
        }
    }
}
