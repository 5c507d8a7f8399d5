//! Writing a review: its sections, its meeting, and what is added once it is frozen.

use crate::id::PersonId;
use crate::limits;
use crate::refusal::Refusal;
use crate::time::Timestamp;

use super::{require_past, require_person, require_writable};
use crate::review::event::ReviewEvent;
use crate::review::section::{Section, SectionText, Written};
use crate::review::state::Phase;
use crate::review::transition::Transition;

/// Takes over what the history says now. What people wrote or waived stays.
pub(super) fn redraft(t: &mut Transition<'_>, sections: &[(Section, String)]) -> Result<(), Refusal> {
    require_writable(t)?;
    let is_new = |(section, text): &&(Section, String)| {
        t.state.sections.get(section).map_or("", |s| s.draft.as_str()) != text.as_str()
    };
    let changed: Vec<(Section, String)> = sections.iter().filter(is_new).cloned().collect();
    if !changed.is_empty() {
        t.emit(ReviewEvent::ReviewRedrafted { sections: changed });
    }
    Ok(())
}

pub(super) fn edit(t: &mut Transition<'_>, section: Section, text: &str) -> Result<(), Refusal> {
    require_writable(t)?;
    limits::within(text, "text", limits::NOTE)?;
    let text = (!text.trim().is_empty()).then(|| text.to_owned());
    let written = text.clone().map_or(Written::Drafted, Written::Edited);
    let known = t.state.sections.get(&section).unwrap_or(&EMPTY);
    if known.written != written {
        t.emit(ReviewEvent::SectionEdited { section, text });
    }
    Ok(())
}

static EMPTY: SectionText =
    SectionText { draft: String::new(), written: Written::Drafted, by: None, at: None };

pub(super) fn waive(t: &mut Transition<'_>, section: Section, reason: &str) -> Result<(), Refusal> {
    require_writable(t)?;
    limits::reason(reason, "reason")?;
    t.emit(ReviewEvent::SectionWaived { section, reason: reason.to_owned() });
    Ok(())
}

/// A meeting recorded again replaces what was recorded.
pub(super) fn meet(
    t: &mut Transition<'_>,
    held_at: Timestamp,
    attendees: &[PersonId],
    notes: &str,
) -> Result<(), Refusal> {
    require_writable(t)?;
    require_past(t, held_at, "held_at")?;
    if attendees.is_empty() {
        return Err(limits::bad("attendees", "must not be empty".to_owned()));
    }
    attendees.iter().try_for_each(|person| require_person(t, person))?;
    limits::within(notes, "notes", limits::NOTE)?;
    let (attendees, notes) = (attendees.to_vec(), notes.to_owned());
    t.emit(ReviewEvent::MeetingRecorded { held_at, attendees, notes });
    Ok(())
}

pub(super) fn waive_meeting(t: &mut Transition<'_>, reason: &str) -> Result<(), Refusal> {
    require_writable(t)?;
    limits::reason(reason, "reason")?;
    t.emit(ReviewEvent::MeetingWaived { reason: reason.to_owned() });
    Ok(())
}

pub(super) fn amend(t: &mut Transition<'_>, text: &str) -> Result<(), Refusal> {
    if t.state.phase != Phase::Published {
        return Err(Refusal::ReviewState { state: t.state.phase.as_str().to_owned() });
    }
    limits::required(text, "text", limits::NOTE)?;
    limits::room(t.state.amendments.len(), "amendments", limits::OF_EACH)?;
    t.emit(ReviewEvent::ReviewAmended { text: text.to_owned() });
    Ok(())
}
