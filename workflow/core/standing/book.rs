//! The book of standing records: the fold of their log. It answers what was in force at an instant, as far as was known
//! at another; it refuses nothing.

use std::collections::BTreeMap;

use super::event::{Entry, Event, Stretch};
use super::silence::SilenceRecord;
use super::subscription::SubscriptionRecord;
use super::window::WindowRecord;
use crate::actor::Actor;
use crate::id::{PersonId, ScheduleId};
use crate::oncall::Override;
use crate::silence::{Plan, Silences};
use crate::subscription::Subscription;
use crate::time::Timestamp;

/// Who did something, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub at: Timestamp,
    pub actor: Actor,
    /// May be empty.
    pub reason: String,
}

/// An override and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverrideRecord {
    pub id: u64,
    pub schedule: ScheduleId,
    /// As it was asked for.
    pub at: Stretch,
    /// None: everyone, and also nobody.
    pub replaces: Option<PersonId>,
    pub by: PersonId,
    /// The swap that it is half of.
    pub swap: Option<u64>,
    pub created: Deed,
    pub cancelled: Option<Deed>,
}

/// Where an override stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideState {
    /// Still to come.
    Pending,
    /// In force.
    Active,
    /// Over.
    Ended,
    /// Cancelled before its end.
    Cancelled,
}

/// A swap and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapRecord {
    pub id: u64,
    pub schedule: ScheduleId,
    pub requester: PersonId,
    pub with: PersonId,
    pub gives: Stretch,
    pub takes: Stretch,
    pub requested: Deed,
    /// How it was answered or withdrawn.
    pub answered: Option<(SwapState, Deed)>,
    /// The overrides that it became.
    pub overrides: Vec<u64>,
}

/// Where a swap stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwapState {
    /// Waits for an answer.
    Open,
    Accepted,
    Declined,
    Withdrawn,
    /// One of its stretches ended before anybody answered.
    Lapsed,
}

/// All standing records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    overrides: BTreeMap<u64, OverrideRecord>,
    swaps: BTreeMap<u64, SwapRecord>,
    silences: BTreeMap<u64, SilenceRecord>,
    windows: BTreeMap<u64, WindowRecord>,
    subscriptions: BTreeMap<u64, SubscriptionRecord>,
    of: BTreeMap<ScheduleId, Vec<u64>>,
    entries: u64,
    newest: Option<Timestamp>,
}

impl OverrideRecord {
    /// First instant at which it has no effect any more.
    pub fn end(&self) -> Timestamp {
        self.cancelled.as_ref().map_or(self.at.to, |deed| self.at.to.min(deed.at))
    }

    /// Where it stands.
    pub fn state(&self, now: Timestamp) -> OverrideState {
        match &self.cancelled {
            Some(deed) if deed.at <= now => OverrideState::Cancelled,
            _ if now < self.at.from => OverrideState::Pending,
            _ if now < self.at.to => OverrideState::Active,
            _ => OverrideState::Ended,
        }
    }

    /// As a schedule wants it, as far as was known at an instant; None if nothing was.
    fn known(&self, at: Timestamp) -> Option<Override> {
        let cancelled = self.cancelled.as_ref().filter(|deed| deed.at <= at);
        (self.created.at <= at).then(|| Override {
            from: self.at.from,
            to: cancelled.map_or(self.at.to, |deed| self.at.to.min(deed.at)),
            replaces: self.replaces.clone(),
            by: self.by.clone(),
            created_at: self.created.at,
        })
    }
}

impl SwapRecord {
    /// Where it stands.
    pub fn state(&self, now: Timestamp) -> SwapState {
        match &self.answered {
            Some((state, _)) => *state,
            None if now >= self.gives.to.min(self.takes.to) => SwapState::Lapsed,
            None => SwapState::Open,
        }
    }
}

impl Book {
    /// The number that the next entry will have.
    pub fn next(&self) -> u64 {
        self.entries + 1
    }

    /// When the newest entry was made.
    pub fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// All overrides, in the order of their creation.
    pub fn overrides(&self) -> impl DoubleEndedIterator<Item = &OverrideRecord> {
        self.overrides.values()
    }

    /// All swaps, in the order of their creation.
    pub fn swaps(&self) -> impl DoubleEndedIterator<Item = &SwapRecord> {
        self.swaps.values()
    }

    /// All silences, in the order of their creation.
    pub fn silences(&self) -> impl DoubleEndedIterator<Item = &SilenceRecord> {
        self.silences.values()
    }

    /// A silence by number.
    pub fn silence(&self, id: u64) -> Option<&SilenceRecord> {
        self.silences.get(&id)
    }

    /// All maintenance windows, in the order of their creation.
    pub fn windows(&self) -> impl DoubleEndedIterator<Item = &WindowRecord> {
        self.windows.values()
    }

    /// A maintenance window by number.
    pub fn window(&self, id: u64) -> Option<&WindowRecord> {
        self.windows.get(&id)
    }

    /// All subscriptions, in the order of their creation.
    pub fn subscriptions(&self) -> impl DoubleEndedIterator<Item = &SubscriptionRecord> {
        self.subscriptions.values()
    }

    /// A subscription by number.
    pub fn subscription(&self, id: u64) -> Option<&SubscriptionRecord> {
        self.subscriptions.get(&id)
    }

    /// What decides who gets updates: every subscription that is not cancelled.
    pub fn open_subscriptions(&self) -> Vec<Subscription> {
        self.subscriptions.values().filter(|s| s.is_open()).map(|s| s.wants.clone()).collect()
    }

    /// What decides who is silenced: every silence that ends after an instant, and every window that may hold after it or
    /// was cancelled. `before` has some compiled already.
    pub fn silences_after(&self, after: Timestamp, before: &Silences) -> Silences {
        let mut silences = Silences::default();
        for record in self.silences.values().filter(|record| record.at.to > after) {
            match record.cancelled {
                Some(_) => silences.add_cancelled(record.id),
                None => silences.add(record.id, record.at, &record.sets, before),
            }
        }
        for record in self.windows.values() {
            let cancelled = record.cancelled.is_some();
            if cancelled || record.is_open(after) {
                silences.add_window(record.id, &record.plan, cancelled, before);
            }
        }
        silences
    }

    /// An override by number.
    pub fn override_of(&self, id: u64) -> Option<&OverrideRecord> {
        self.overrides.get(&id)
    }

    /// A swap by number.
    pub fn swap(&self, id: u64) -> Option<&SwapRecord> {
        self.swaps.get(&id)
    }

    /// The overrides of a schedule as they were known at an instant, in the order of their creation, each with its
    /// number. Those that had no effect are among them.
    pub fn known(&self, schedule: &ScheduleId, at: Timestamp) -> (Vec<u64>, Vec<Override>) {
        let records = self.of.get(schedule).into_iter().flatten().filter_map(|id| self.overrides.get(id));
        records.filter_map(|record| Some((record.id, record.known(at)?))).unzip()
    }

    /// What decides who is paged: every override that ends after an instant, by schedule.
    pub fn in_force(&self, after: Timestamp) -> BTreeMap<ScheduleId, Vec<Override>> {
        let now = Timestamp(i64::MAX);
        let schedules = self.of.keys().map(|schedule| {
            let mut overrides = self.known(schedule, now).1;
            overrides.retain(|o| o.from < o.to && o.to > after);
            (schedule.clone(), overrides)
        });
        schedules.filter(|(_, overrides)| !overrides.is_empty()).collect()
    }

    /// Takes the next entry of the log. What it names and the book does not know is passed over.
    pub fn apply(&mut self, entry: &Entry) {
        self.entries = entry.number;
        self.newest = Some(entry.at);
        for event in &entry.events {
            self.apply_event(event, entry);
        }
    }

    fn apply_event(&mut self, event: &Event, entry: &Entry) {
        let deed =
            |reason: &str| Deed { at: entry.at, actor: entry.actor.clone(), reason: reason.to_owned() };
        match event {
            Event::OverrideCreated { id, schedule, at, replaces, by, reason, swap } => {
                let record = OverrideRecord {
                    id: *id,
                    schedule: schedule.clone(),
                    at: *at,
                    replaces: replaces.clone(),
                    by: by.clone(),
                    swap: *swap,
                    created: deed(reason),
                    cancelled: None,
                };
                self.overrides.insert(*id, record);
                self.of.entry(schedule.clone()).or_default().push(*id);
                if let Some(swap) = swap.and_then(|swap| self.swaps.get_mut(&swap)) {
                    swap.overrides.push(*id);
                }
            }
            Event::OverrideCancelled { id, reason } => {
                let cancelled = self.overrides.get_mut(id).map(|record| &mut record.cancelled);
                cancel(cancelled, deed(reason));
            }
            Event::SwapRequested { id, schedule, requester, with, gives, takes, reason } => {
                let record = SwapRecord {
                    id: *id,
                    schedule: schedule.clone(),
                    requester: requester.clone(),
                    with: with.clone(),
                    gives: *gives,
                    takes: *takes,
                    requested: deed(reason),
                    answered: None,
                    overrides: Vec::new(),
                };
                self.swaps.insert(*id, record);
            }
            Event::SwapAccepted { id } => self.answer(*id, SwapState::Accepted, deed("")),
            Event::SwapDeclined { id, reason } => self.answer(*id, SwapState::Declined, deed(reason)),
            Event::SwapWithdrawn { id, reason } => self.answer(*id, SwapState::Withdrawn, deed(reason)),
            Event::SilenceCreated { id, sets, at, comment } => {
                let (sets, created) = (sets.clone(), deed(comment));
                let record = SilenceRecord { id: *id, sets, at: *at, created, cancelled: None };
                self.silences.insert(*id, record);
            }
            Event::WindowCreated { id, plan, comment } => {
                let (plan, created) = (Plan::clone(plan), deed(comment));
                self.windows.insert(*id, WindowRecord { id: *id, plan, created, cancelled: None });
            }
            Event::WindowCancelled { id, reason } => {
                let cancelled = self.windows.get_mut(id).map(|record| &mut record.cancelled);
                cancel(cancelled, deed(reason));
            }
            Event::SilenceCancelled { id, reason } => {
                let cancelled = self.silences.get_mut(id).map(|record| &mut record.cancelled);
                cancel(cancelled, deed(reason));
            }
            Event::SubscriptionCreated { id, wants } => {
                let (wants, created) = (Subscription::clone(wants), deed(""));
                self.subscriptions
                    .insert(*id, SubscriptionRecord { id: *id, wants, created, cancelled: None });
            }
            Event::SubscriptionCancelled { id, reason } => {
                let cancelled = self.subscriptions.get_mut(id).map(|record| &mut record.cancelled);
                cancel(cancelled, deed(reason));
            }
        }
    }

    fn answer(&mut self, id: u64, state: SwapState, deed: Deed) {
        if let Some(swap) = self.swaps.get_mut(&id) {
            swap.answered = Some((state, deed));
        }
    }
}

/// Notes the end of a record, if there is one.
fn cancel(cancelled: Option<&mut Option<Deed>>, deed: Deed) {
    if let Some(cancelled) = cancelled {
        *cancelled = Some(deed);
    }
}
