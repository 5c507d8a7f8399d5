//! What a command makes of an incident. One transition goes in three steps: clocks' marks that are due are recorded,
//! the command is decided, then every other due deadline fires; so a late timer robs nobody, and nobody un-breaches.
//!
//! Reading order: `open` and `hear` (signals), `marks` (silences, inhibitions), `triage`, `ack`, `levels` and `contact` (paging), `ending`, `link`,
//! `delivery`, `deadlines`, `clocks`, `settle`; the work of people stands in `work` and its neighbours.

mod ack;
mod clear;
mod clocks;
mod contact;
mod deadlines;
mod delivery;
mod ending;
mod escalate;
mod hear;
mod levels;
mod link;
mod marks;
mod notify;
mod open;
mod policy_move;
mod priority;
mod settle;
mod storm;
mod triage;
pub(super) mod work;

use crate::context::Context;
use crate::instance::Decision;
use crate::refusal::Refusal;

use super::Incident;
use super::command::Command;
use super::draft::Draft;

/// Decides a command on an incident, or opens one.
///
/// # Errors
/// The refusal that the rules give. It changes nothing.
pub fn decide(state: Option<&Incident>, command: &Command, cx: &Context<'_>) -> Result<Decision, Refusal> {
    let Some(state) = state else { return open::decide(command, cx) };
    if state.is_imported() {
        return Err(Refusal::IncidentImported);
    }
    let mut draft = Draft::new(state.clone(), cx);
    clocks::record_due(&mut draft);
    dispatch(&mut draft, command)?;
    deadlines::fire(&mut draft);
    Ok(draft.finish())
}

/// Everything that stands against a command, in the order in which [`decide`] meets it; empty if it would go through.
/// For those who ask before they try: a decision itself stops at the first.
pub fn refusals(state: Option<&Incident>, command: &Command, cx: &Context<'_>) -> Vec<Refusal> {
    let Some(state) = state else { return open::decide(command, cx).err().into_iter().collect() };
    if state.is_imported() {
        return vec![Refusal::IncidentImported];
    }
    let mut draft = Draft::new(state.clone(), cx);
    clocks::record_due(&mut draft);
    match unmet(&draft, command) {
        unmet if unmet.is_empty() => dispatch(&mut draft, command).err().into_iter().collect(),
        unmet => unmet,
    }
}

/// The conditions of commands that can fail in more than one way at once.
fn unmet(draft: &Draft<'_>, command: &Command) -> Vec<Refusal> {
    match command {
        Command::Triage(wanted) => triage::triage_unmet(draft, wanted),
        Command::CorrectTimes(correction) => link::correction_unmet(draft, correction),
        Command::Resolve(resolve) => ending::resolve_unmet(draft, resolve),
        Command::Reopen { reason } => ending::reopen_unmet(draft, reason),
        Command::Close => ending::close_unmet(draft),
        Command::Cancel { note, .. } => ending::cancel_unmet(draft, note),
        Command::Merge { into, into_exercise, .. } => link::merge_unmet(draft, into, *into_exercise),
        Command::Escalate { expected_level, to_level, .. } => {
            escalate::escalate_unmet(draft, *expected_level, *to_level)
        }
        _ => Vec::new(),
    }
}

fn dispatch(draft: &mut Draft<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::Hear(prepared) => hear::hear(draft, prepared),
        Command::Tick { heard } => {
            draft.heard.clone_from(heard);
            Ok(())
        }
        Command::Recheck { labels, inhibited } => {
            marks::recheck(draft, labels);
            marks::reinhibit(draft, inhibited);
            Ok(())
        }
        Command::Declare => triage::declare(draft),
        Command::Triage(wanted) => triage::triage(draft, wanted),
        Command::SetPriority { priority, reason } => triage::set_priority(draft, *priority, reason),
        Command::Assign { to, page } => triage::assign(draft, to, *page),
        Command::Acknowledge => ack::acknowledge(draft),
        Command::Unacknowledge => ack::unacknowledge(draft),
        Command::Release { note } => ack::release(draft, note),
        Command::Snooze { length } => ack::snooze(draft, *length),
        Command::Wake => ack::wake(draft),
        Command::Hold { reason, note, length } => ack::hold(draft, *reason, note, *length),
        Command::Resume => ack::resume(draft),
        Command::Escalate { expected_level, to_level, .. } => {
            escalate::escalate(draft, *expected_level, *to_level)
        }
        Command::Summon { people, note } => escalate::summon(draft, people, note),
        Command::AnswerSummons { accepted } => escalate::answer(draft, *accepted),
        Command::ClearAlert { n } => clear::by_person(draft, *n),
        Command::RecordDelay { effect, until } => {
            delivery::delayed(draft, effect, *until);
            Ok(())
        }
        Command::RecordDelivery { effect, attempt, outcome, detail } => {
            delivery::record(draft, effect, *attempt, *outcome, detail)
        }
        Command::Work(command) => work::decide(draft, command),
        _ => dispatch_ends(draft, command),
    }
}

fn dispatch_ends(draft: &mut Draft<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::Mitigate { how } => ending::mitigate(draft, how),
        Command::Relapse { reason } => ending::relapse(draft, reason),
        Command::Resolve(resolve) => ending::resolve(draft, resolve),
        Command::Reopen { reason } => ending::reopen(draft, reason),
        Command::Close => ending::close(draft),
        Command::Cancel { reason, note } => ending::cancel(draft, *reason, note),
        Command::Merge { into, into_exercise, raise_priority } => {
            link::merge(draft, into, *into_exercise, *raise_priority)
        }
        Command::Absorb { .. } => link::absorb(draft, command),
        Command::FinishMerge { into, refused } => {
            link::finish_merge(draft, into, refused.as_deref());
            Ok(())
        }
        Command::Split { to, alerts, reports, .. } => link::split(draft, to, alerts, *reports, command),
        Command::Relate { to, kind, note, remove: false } => link::relate(draft, to, *kind, note),
        Command::Relate { to, kind, note, remove: true } => link::unrelate(draft, to, *kind, note),
        Command::LinkReview { review, published } => link::review(draft, review, *published),
        Command::MovePolicy { to, expected } => policy_move::move_policy(draft, *to, *expected),
        Command::CorrectTimes(correction) => link::correct_times(draft, correction),
        Command::Excuse { clock, reason } => clocks::excuse(draft, clock, reason),
        // The other half of a split is asked to open only once; asked again, it is there already.
        _ => Ok(()),
    }
}
