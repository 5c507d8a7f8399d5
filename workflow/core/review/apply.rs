//! The fold: what each event makes of a review. Total and silent: whatever could be refused was refused before.

use std::collections::BTreeMap;

use crate::effect::Effect;
use crate::id::InstanceId;
use crate::incident::clock::Clock;
use crate::incident::kinds::ClockState;
use crate::instance::Meta;
use crate::time::{Duration, Timestamp};

use super::command::Opening;
use super::effects;
use super::event::{Event, ReviewEvent};
use super::section::{Section, SectionText, Written};
use super::state::{ActionItem, Amendment, ItemState, Meeting, Phase, Review};

/// A review on which no person did anything for so long gets a reminder.
pub(super) const QUIET: Duration = Duration::days(7);

/// The state after the opening event; `None` if the event opens nothing.
pub fn open(event: &Event, id: &InstanceId, meta: &Meta<'_>) -> Option<Review> {
    match event {
        Event::Review(ReviewEvent::ReviewOpened { policy, opening }) => {
            let mut state = opened(opening, *policy, id, meta);
            finish(&mut state, event, meta);
            Some(state)
        }
        Event::Review(_) => None,
    }
}

/// Folds an event into the state.
pub fn apply(state: &mut Review, event: &Event, meta: &Meta<'_>) {
    step(state, event, meta);
}

/// Folds an event and returns the effects that it asks for, which are pending from now on.
pub(super) fn step(state: &mut Review, event: &Event, meta: &Meta<'_>) -> Vec<Effect> {
    let Event::Review(e) = event;
    fold(state, e, meta);
    finish(state, event, meta)
}

/// What every event does, whatever it says.
pub(super) fn finish(state: &mut Review, event: &Event, meta: &Meta<'_>) -> Vec<Effect> {
    state.version = meta.n;
    state.updated_at = meta.at;
    if state.phase == Phase::Published {
        state.remind_at = None;
    } else if meta.actor.is_person() {
        state.remind_at = Some(meta.at + QUIET);
    }
    let wanted = effects::of(event, meta.n, state);
    effects::await_settlement(state, &wanted);
    wanted
}

fn opened(opening: &Opening, policy: u64, id: &InstanceId, meta: &Meta<'_>) -> Review {
    let mut review = Review {
        id: id.clone(),
        number: opening.number,
        version: meta.n,
        policy,
        review_of: opening.incident.clone(),
        title: opening.title.clone(),
        reason: opening.reason.clone(),
        priority: opening.priority,
        service: opening.service.clone(),
        team: opening.team.clone(),
        subject: opening.subject.clone(),
        author: opening.author.clone(),
        phase: Phase::Draft,
        opened_at: meta.at,
        updated_at: meta.at,
        published_at: None,
        remind_at: Some(meta.at + QUIET),
        sections: BTreeMap::new(),
        meeting: None,
        items: BTreeMap::new(),
        amendments: Vec::new(),
        clocks: Vec::new(),
        pending: BTreeMap::new(),
    };
    draft(&mut review, &opening.sections);
    review
}

fn draft(state: &mut Review, sections: &[(Section, String)]) {
    for (section, text) in sections {
        state.sections.entry(*section).or_default().draft.clone_from(text);
    }
}

fn fold(state: &mut Review, event: &ReviewEvent, meta: &Meta<'_>) {
    match event {
        ReviewEvent::ReviewRedrafted { sections } => draft(state, sections),
        ReviewEvent::ReviewPutToWait => {
            state.phase = Phase::Waiting;
            state.meeting = None;
        }
        ReviewEvent::ReviewResumed { priority } => {
            state.phase = Phase::Draft;
            state.priority = *priority;
        }
        ReviewEvent::SectionEdited { section, text } => {
            let written = text.clone().map_or(Written::Drafted, Written::Edited);
            write(state.sections.entry(*section).or_default(), written, meta);
        }
        ReviewEvent::SectionWaived { section, reason } => {
            write(state.sections.entry(*section).or_default(), Written::Waived(reason.clone()), meta);
        }
        ReviewEvent::MeetingRecorded { held_at, attendees, notes } => {
            let (attendees, notes) = (attendees.clone(), notes.clone());
            meet(state, Meeting::Held { at: *held_at, attendees, notes });
        }
        ReviewEvent::MeetingWaived { reason } => {
            meet(state, Meeting::Waived { reason: reason.clone(), by: meta.actor.clone() });
        }
        ReviewEvent::ReviewPublished => {
            state.phase = Phase::Published;
            state.published_at = Some(meta.at);
        }
        ReviewEvent::ReviewAmended { text } => {
            state.amendments.push(Amendment { text: text.clone(), by: meta.actor.clone(), at: meta.at });
        }
        ReviewEvent::ActionItemAdded { .. }
        | ReviewEvent::ActionItemChanged { .. }
        | ReviewEvent::ActionItemReminded { .. } => item(state, event, meta),
        ReviewEvent::ReviewReminded { next } => state.remind_at = Some(*next),
        ReviewEvent::DeliveryRecorded { effect, .. } => {
            state.pending.remove(effect);
        }
        ReviewEvent::ReviewOpened { .. } | ReviewEvent::Notified { .. } => {}
        _ => clock(state, event, meta.at),
    }
}

fn write(section: &mut SectionText, written: Written, meta: &Meta<'_>) {
    section.written = written;
    section.by = Some(meta.actor.clone());
    section.at = Some(meta.at);
}

fn meet(state: &mut Review, meeting: Meeting) {
    state.meeting = Some(meeting);
    state.phase = Phase::MeetingHeld;
}

fn item(state: &mut Review, event: &ReviewEvent, meta: &Meta<'_>) {
    match event {
        ReviewEvent::ActionItemAdded { n, title, description, owner, due, reminder } => {
            let item = ActionItem {
                title: title.clone(),
                description: description.clone(),
                owner: owner.clone(),
                due: *due,
                state: ItemState::Open,
                created_at: meta.at,
                ended_at: None,
                clock: None,
                reminder: *reminder,
            };
            state.items.insert(*n, item);
        }
        ReviewEvent::ActionItemChanged { n, state: now, title, owner, due, reminder } => {
            if let Some(item) = state.items.get_mut(n) {
                item.title.clone_from(title);
                item.owner.clone_from(owner);
                item.due = *due;
                item.state = now.clone();
                item.reminder = *reminder;
                item.ended_at = now.is_ended().then_some(meta.at);
            }
        }
        ReviewEvent::ActionItemReminded { n, next, .. } => {
            if let Some(item) = state.items.get_mut(n) {
                item.reminder = *next;
            }
        }
        _ => {}
    }
}

fn clock(state: &mut Review, event: &ReviewEvent, now: Timestamp) {
    match event {
        ReviewEvent::SlaStarted { item: Some(n), clock } => {
            if let Some(item) = state.items.get_mut(n) {
                item.clock = Some((**clock).clone());
            }
        }
        ReviewEvent::SlaStarted { item: None, clock } => state.clocks.push((**clock).clone()),
        ReviewEvent::SlaWarned { clock, percent, next, .. } => with(state, clock, |c| {
            c.recorded = *percent;
            c.next = *next;
        }),
        ReviewEvent::SlaBreached { clock, due } => with(state, clock, |c| {
            c.recorded = c.recorded.max(100);
            c.breached = Some(*due);
            c.due = None;
        }),
        ReviewEvent::SlaStopped { clock, at, met } => with(state, clock, |c| {
            c.state = if *met { ClockState::Met } else { ClockState::Breached };
            end(c, *at);
        }),
        ReviewEvent::SlaCancelled { clock, .. } => with(state, clock, |c| {
            c.state = ClockState::Cancelled;
            end(c, now);
        }),
        ReviewEvent::SlaExcused { clock, reason } => with(state, clock, |c| c.excuse = Some(reason.clone())),
        _ => {}
    }
}

fn end(clock: &mut Clock, at: Timestamp) {
    clock.stopped_at = Some(at);
    clock.due = None;
    clock.next = None;
}

fn with(state: &mut Review, name: &str, change: impl FnOnce(&mut Clock)) {
    let of_items = state.items.values_mut().filter_map(|i| i.clock.as_mut());
    if let Some(clock) = state.clocks.iter_mut().chain(of_items).find(|c| c.name() == name) {
        change(clock);
    }
}
