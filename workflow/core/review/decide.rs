//! What may happen to a review, and when it is refused. Clocks are recorded before a command and everything else that
//! is due fires after it, so that a late timer takes nothing from a person.

mod items;
mod sections;

use crate::context::Context;
use crate::instance::Decision;
use crate::limits;
use crate::refusal::Refusal;

use super::clocks;
use super::command::{Command, Opening};
use super::event::ReviewEvent;
use super::remind;
use super::state::{Phase, Review};
use super::transition::Transition;

/// Decides a command. A refusal changes nothing.
///
/// # Errors
/// The [`Refusal`] that the rules give; [`Refusal::Unknown`] if there is no review and the command opens none.
pub fn decide(state: Option<&Review>, command: &Command, cx: &Context<'_>) -> Result<Decision, Refusal> {
    let unknown = || Refusal::Unknown { what: "review".to_owned(), name: cx.id.to_string() };
    let Some(state) = state else {
        return match command {
            Command::Open(opening) => open(opening, cx).ok_or_else(unknown),
            _ => Err(unknown()),
        };
    };
    let mut t = Transition::new(state.clone(), cx);
    let passed = clocks::record(&mut t);
    run(&mut t, command)?;
    clocks::tell(&mut t, passed);
    remind::fire(&mut t);
    Ok(t.finish())
}

fn open(opening: &Opening, cx: &Context<'_>) -> Option<Decision> {
    let policy = cx.policy.number();
    let mut t =
        Transition::begin(ReviewEvent::ReviewOpened { policy, opening: Box::new(opening.clone()) }, cx)?;
    clocks::start(&mut t);
    Some(t.finish())
}

fn run(t: &mut Transition<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::Open(opening) => {
            resume(t, opening);
            Ok(())
        }
        Command::Wait => {
            wait(t);
            Ok(())
        }
        Command::Redraft { sections } => sections::redraft(t, sections),
        Command::EditSection { section, text } => sections::edit(t, *section, text),
        Command::WaiveSection { section, reason } => sections::waive(t, *section, reason),
        Command::RecordMeeting { held_at, attendees, notes } => sections::meet(t, *held_at, attendees, notes),
        Command::WaiveMeeting { reason } => sections::waive_meeting(t, reason),
        Command::Publish => publish(t),
        Command::Amend { text } => sections::amend(t, text),
        Command::AddActionItem { title, description, owner, due } => {
            items::add(t, title, description, owner.as_ref(), *due)
        }
        Command::UpdateActionItem { n, state, title, owner, due } => {
            let change = items::Change {
                state: state.as_ref(),
                title: title.as_deref(),
                owner: owner.as_ref(),
                due: *due,
            };
            items::update(t, *n, &change)
        }
        Command::ExcuseReviewBreach { clock, reason } => clocks::excuse(t, clock, reason),
        Command::TickReview => Ok(()),
        Command::RecordReviewDelivery { effect, attempt, outcome, detail } => {
            if t.state.pending.contains_key(effect) {
                let (effect, detail) = (effect.clone(), detail.clone());
                let (outcome, attempt) = (*outcome, *attempt);
                t.emit(ReviewEvent::DeliveryRecorded { effect, outcome, attempt, detail });
            }
            Ok(())
        }
    }
}

/// The incident is resolved again, or somebody asks for a review that is there: only one that waits goes on.
fn resume(t: &mut Transition<'_>, opening: &Opening) {
    if t.state.phase != Phase::Waiting {
        return;
    }
    t.emit(ReviewEvent::ReviewResumed { priority: opening.priority });
    if !opening.sections.is_empty() {
        t.emit(ReviewEvent::ReviewRedrafted { sections: opening.sections.clone() });
    }
    clocks::start(t);
}

/// A published review stays published: what the reopened incident teaches is amended.
fn wait(t: &mut Transition<'_>) {
    if matches!(t.state.phase, Phase::Draft | Phase::MeetingHeld) {
        clocks::cancel_all(t);
        t.emit(ReviewEvent::ReviewPutToWait);
    }
}

fn publish(t: &mut Transition<'_>) -> Result<(), Refusal> {
    require_writable(t)?;
    let missing = missing(&t.state);
    if !missing.is_empty() {
        return Err(Refusal::ReviewIncomplete { missing });
    }
    t.emit(ReviewEvent::ReviewPublished);
    clocks::stop_all(t);
    Ok(())
}

/// What publishing asks for and the review lacks. Action items fill the section about them.
fn missing(state: &Review) -> Vec<String> {
    let settled = |section: &super::Section| {
        let written = state.sections.get(section).is_some_and(|s| s.is_settled());
        written || (*section == super::Section::Actions && !state.items.is_empty())
    };
    let sections = super::Section::ALL.iter().filter(|s| !settled(s)).map(|s| s.to_string());
    let meeting = state.meeting.is_none().then(|| "MEETING".to_owned());
    let items = state.items.iter().filter(|(_, item)| !item.state.is_ended()).flat_map(|(n, item)| {
        let owner = item.owner.is_none().then(|| format!("ACTION_ITEM_{n}_OWNER"));
        owner.into_iter().chain(item.due.is_none().then(|| format!("ACTION_ITEM_{n}_DUE")))
    });
    sections.chain(meeting).chain(items).collect()
}

/// Refuses while the incident is reopened, and once the review is frozen.
fn require_writable(t: &Transition<'_>) -> Result<(), Refusal> {
    match t.state.phase {
        Phase::Published => Err(Refusal::ReviewPublished),
        Phase::Waiting => Err(Refusal::ReviewState { state: t.state.phase.as_str().to_owned() }),
        Phase::Draft | Phase::MeetingHeld => Ok(()),
    }
}

/// Refuses a person who is not in the newest policy.
fn require_person(t: &Transition<'_>, person: &crate::id::PersonId) -> Result<(), Refusal> {
    match t.cx.newest.person(person) {
        Some(_) => Ok(()),
        None => Err(Refusal::Unknown { what: "person".to_owned(), name: person.to_string() }),
    }
}

/// Refuses an instant that is still to come.
fn require_past(t: &Transition<'_>, at: crate::time::Timestamp, field: &str) -> Result<(), Refusal> {
    if at <= t.now() { Ok(()) } else { Err(limits::bad(field, "is still to come".to_owned())) }
}

#[cfg(test)]
mod item_tests;
#[cfg(test)]
mod tests;
