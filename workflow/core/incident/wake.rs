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
    MarkEnd(u32),
    PauseCap(String),
    AlertExpiry(u32),
    FlapEnd(u32),
    ClearStep,
    StormDigest,
    Closing,
    SummonsReminder(PersonId),
    Work(work::Due),
    Stale,
}

impl Due {
    /// The word that telemetry has for it.
    fn word(&self) -> &'static str {
        match self {
            Due::Escalation => "escalation",
            Due::ExhaustedReminder => "exhausted",
            Due::ContactStep(_) => "contact",
            Due::SummonsStep(_) | Due::SummonsReminder(_) => "summons",
            Due::AckWarning | Due::AckExpiry => "acknowledgement",
            Due::HoldEnd => "hold",
            Due::SnoozeEnd => "snooze",
            Due::SuppressionEnd | Due::MarkEnd(_) => "suppression",
            Due::PauseCap(_) => "pause",
            Due::AlertExpiry(_) | Due::FlapEnd(_) | Due::ClearStep => "alert",
            Due::StormDigest => "storm",
            Due::Closing => "closing",
            Due::Work(_) => "work",
            Due::Stale => "stale",
        }
    }
}

/// Hears of a deadline: its instant, if there is one, and what makes it.
type Tell<'a> = &'a mut dyn FnMut(Option<Timestamp>, &dyn Fn() -> Due);

/// How long an alert must have been clear until it no longer counts as flapping.
pub(super) const FLAP_QUIET: Duration = Duration::minutes(15);

/// How often a storm that goes on is told of.
const STORM_DIGEST: Duration = Duration::minutes(10);

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl Incident {
    /// The earliest deadline; none once closed or cancelled with nothing left to do, and none
    /// ever for a record of another tool.
    pub fn next_wake(&self) -> Option<Timestamp> {
        if self.is_imported() {
            return None;
        }
        let mut first = self.next_sla().map(|(at, _)| at);
        self.deadlines(&mut |at, _| first = earlier(first, at));
        first
    }

    /// The earliest SLA mark and its clock.
    pub(super) fn next_sla(&self) -> Option<(Timestamp, &Clock)> {
        self.clocks
            .iter()
            .filter(|c| c.is_live())
            .filter_map(|c| c.next.map(|m| (m.at, c)))
            .min_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.definition.cmp(&b.1.definition)))
    }

    /// The first deadline up to an instant, clocks' marks left out.
    pub(super) fn first_due(&self, upto: Timestamp) -> Option<(Timestamp, Due)> {
        let mut first = None;
        self.deadlines(&mut |at, what| {
            if let Some(at) = at.filter(|at| *at <= upto) {
                let this = (at, what());
                if first.as_ref().is_none_or(|first| this < *first) {
                    first = Some(this);
                }
            }
        });
        first
    }

    /// What the earliest deadline up to an instant is for, one word.
    pub(crate) fn due_kind(&self, upto: Timestamp) -> &'static str {
        let mark = self.next_sla().map(|(at, _)| at).filter(|at| *at <= upto);
        match self.first_due(upto) {
            Some((at, due)) if mark.is_none_or(|mark| at < mark) => due.word(),
            _ if mark.is_some() => "sla",
            _ => "none",
        }
    }

    /// Tells all deadlines but those of clocks' marks. Which one it is, is made only for those who ask: nearly always the
    /// instant is all that counts.
    fn deadlines(&self, tell: Tell<'_>) {
        if self.is_open() {
            self.paging_deadlines(tell);
            self.waiting_deadlines(tell);
            self.alert_deadlines(tell);
            tell(self.times.stale_at, &|| Due::Stale);
        }
        tell(self.closing_at.filter(|_| self.phase == Phase::Resolved), &|| Due::Closing);
        if let Some((at, what)) = work::next_due(self) {
            tell(Some(at), &|| Due::Work(what.clone()));
        }
    }

    fn paging_deadlines(&self, tell: Tell<'_>) {
        if self.is_pageable() {
            tell(self.escalation.as_ref().and_then(|e| e.due), &|| Due::Escalation);
            tell(self.exhausted.as_ref().map(|x| x.remind_at), &|| Due::ExhaustedReminder);
            for c in &self.contacts {
                tell(c.steps.first().map(|s| s.at), &|| Due::ContactStep(c.person.clone()));
            }
        }
        for s in self.summonses.iter().filter(|s| s.accepted.is_none()) {
            tell(s.steps.first().map(|step| step.at), &|| Due::SummonsStep(s.person.clone()));
            tell(s.remind_at, &|| Due::SummonsReminder(s.person.clone()));
        }
    }

    fn waiting_deadlines(&self, tell: Tell<'_>) {
        if let Some(at) = self.ack_expires_at() {
            tell(Some(at), &|| Due::AckExpiry);
            tell(self.ack_warning_at(at), &|| Due::AckWarning);
        }
        tell(self.hold.as_ref().map(|h| h.until), &|| Due::HoldEnd);
        tell(self.snoozed_until, &|| Due::SnoozeEnd);
        tell(self.suppressed.as_ref().and_then(|s| s.until), &|| Due::SuppressionEnd);
        for c in self.clocks.iter().filter(|c| c.is_live()) {
            tell(c.pause_cap_at, &|| Due::PauseCap(c.name()));
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

    fn alert_deadlines(&self, tell: Tell<'_>) {
        for (n, a) in self.alerts.iter().filter(|(_, a)| !a.moved) {
            tell(a.ends_at.filter(|_| a.firing), &|| Due::AlertExpiry(*n));
            let marked_until =
                a.silenced.iter().filter_map(|s| s.until).min().filter(|_| a.counts_as_firing());
            tell(marked_until, &|| Due::MarkEnd(*n));
            let flaps = a.flapping.is_some() && !a.firing;
            tell(flaps.then_some(a.since + FLAP_QUIET), &|| Due::FlapEnd(*n));
        }
        tell(self.storm.filter(|s| !s.over).map(|s| s.told_at + STORM_DIGEST), &|| Due::StormDigest);
        tell(self.clear_step.map(|s| s.at).filter(|_| self.hold.is_none()), &|| Due::ClearStep);
    }
}
