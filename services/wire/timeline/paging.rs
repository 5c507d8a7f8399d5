//! Sentences for acknowledgement, waiting, escalation and contact. They say what the event says and nothing more.

use stentor_core::incident::event::{
    DeliveryOutcome, EndWhy, EscalateReason, Notice, NoticeTo, PagingEvent, UnackWhy,
};
use stentor_core::incident::kinds::Phase;
use stentor_core::incident::paging::{NextStep, Step};

use super::{at, because, counted, list, plain};

pub(super) fn say(event: &PagingEvent) -> String {
    match event {
        PagingEvent::Acknowledged { .. }
        | PagingEvent::AckRenewed
        | PagingEvent::CoAcknowledged { .. }
        | PagingEvent::AckRetimed { .. }
        | PagingEvent::AckExpiryWarned { .. }
        | PagingEvent::AckExpired
        | PagingEvent::Unacknowledged { .. } => acknowledgement(event),
        PagingEvent::Snoozed { until } => format!("Snoozed until {}.", at(*until)),
        PagingEvent::SnoozeEnded { why } => format!("The snooze ended: {}.", ended(*why)),
        PagingEvent::Held { reason, note, until } => {
            format!("On hold until {}: {}{}", at(*until), plain(reason), because(note))
        }
        PagingEvent::Resumed { why } => format!("The hold ended: {}.", ended(*why)),
        PagingEvent::EscalationStarted { .. }
        | PagingEvent::Escalated { .. }
        | PagingEvent::LevelSkipped { .. }
        | PagingEvent::NobodyOnCall { .. }
        | PagingEvent::TargetGone { .. }
        | PagingEvent::EscalationArmed { .. }
        | PagingEvent::EscalationOwed
        | PagingEvent::EscalationExhausted { .. }
        | PagingEvent::ExhaustionReminded { .. } => escalation(event),
        PagingEvent::Paged { .. }
        | PagingEvent::ContactStepped { .. }
        | PagingEvent::ContactMoved { .. }
        | PagingEvent::PersonUnreachable { .. }
        | PagingEvent::Notified { .. }
        | PagingEvent::PageDelayed { .. }
        | PagingEvent::DeliveryRecorded { .. }
        | PagingEvent::Summoned { .. }
        | PagingEvent::SummonsAnswered { .. }
        | PagingEvent::SummonsReminded { .. } => contact(event),
    }
}

fn acknowledgement(event: &PagingEvent) -> String {
    match event {
        PagingEvent::Acknowledged { holder, complete: true, .. } => format!("Acknowledged by {holder}."),
        PagingEvent::Acknowledged { holder, complete: false, .. } => {
            format!("Acknowledged by {holder}; others of the level still have to.")
        }
        PagingEvent::AckRenewed => "The acknowledgement was renewed.".to_owned(),
        PagingEvent::CoAcknowledged { by } => format!("{by} acknowledged too."),
        PagingEvent::AckRetimed { terms: Some(_), not_before } => {
            format!("The acknowledgement has other terms now and lasts at least until {}.", at(*not_before))
        }
        PagingEvent::AckRetimed { terms: None, .. } => "The acknowledgement no longer expires.".to_owned(),
        PagingEvent::AckExpiryWarned { expires_at } => {
            format!("The acknowledgement expires {} unless somebody acts.", at(*expires_at))
        }
        PagingEvent::AckExpired => "The acknowledgement expired.".to_owned(),
        PagingEvent::Unacknowledged { why, .. } => format!("No longer acknowledged: {}.", given_back(*why)),
        _ => String::new(),
    }
}

fn escalation(event: &PagingEvent) -> String {
    match event {
        PagingEvent::EscalationStarted { policy, next, due, .. } => {
            format!("Escalation by {policy} started: {} {}.", step(*next), at(*due))
        }
        PagingEvent::Escalated { level, level_id, round, reason, .. } => {
            let name = level_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
            // Nobody could have answered before the first level was called.
            let first = *level == 1 && *round == 1 && *reason == EscalateReason::Delay;
            let why = if first { String::new() } else { format!(": {}", called(*reason)) };
            format!("Level {level}{name}{} called{why}.", of_round(*round))
        }
        PagingEvent::LevelSkipped { level, round, .. } => {
            format!("Level {level}{} skipped: its condition does not hold.", of_round(*round))
        }
        PagingEvent::NobodyOnCall { target } => format!("Nobody is on call for {target}."),
        PagingEvent::TargetGone { person } => {
            format!("people/{person} has left the policy and is not paged.")
        }
        PagingEvent::EscalationArmed { due, next, .. } => format!("Next: {} {}.", step(*next), at(*due)),
        PagingEvent::EscalationOwed => "An escalation waits until paging goes on.".to_owned(),
        PagingEvent::EscalationExhausted { remind_at, .. } => {
            format!("Every round went unanswered; everybody is paged again {}.", at(*remind_at))
        }
        PagingEvent::ExhaustionReminded { remind_at } => {
            format!("Still unanswered; everybody is paged again {}.", at(*remind_at))
        }
        _ => String::new(),
    }
}

fn contact(event: &PagingEvent) -> String {
    match event {
        PagingEvent::Paged { person, level, via, steps, .. } => {
            let via = via.as_ref().map(|target| format!(" via {target}")).unwrap_or_default();
            let level = if *level == 0 { String::new() } else { format!(" at level {level}") };
            format!("Paged people/{person}{level}{via}{}.", by(steps))
        }
        PagingEvent::ContactStepped { person, channel, summons: false } => {
            format!("Contacting people/{person} by {channel}.")
        }
        PagingEvent::ContactStepped { person, channel, summons: true } => {
            format!("Summoning people/{person} by {channel}.")
        }
        PagingEvent::ContactMoved { person, withdrawn: true, .. } => {
            format!("people/{person} is not asked on: somebody else was called.")
        }
        PagingEvent::ContactMoved { person, steps, .. } => {
            format!("The next steps to reach people/{person} changed{}.", by(steps))
        }
        PagingEvent::PersonUnreachable { person } => format!("people/{person} cannot be reached."),
        PagingEvent::Notified { about, people, channels } => {
            let people =
                people.iter().map(|NoticeTo { person, channel }| format!("people/{person} by {channel}"));
            let told: Vec<String> = people.chain(channels.iter().map(|c| format!("channels/{c}"))).collect();
            format!("Told {}: {}.", list(&told), notice(about))
        }
        PagingEvent::PageDelayed { person, channel, until, .. } => {
            let until = at(*until);
            format!("The page to people/{person} by {channel} waits until {until}: more would be too many.")
        }
        PagingEvent::DeliveryRecorded { outcome, attempt, person, channel, detail, .. } => {
            let to = match (person, channel) {
                (Some(person), Some(channel)) => format!("people/{person} by {channel}"),
                (Some(person), None) => format!("people/{person}"),
                (None, Some(channel)) => format!("channels/{channel}"),
                (None, None) => "the other instance".to_owned(),
            };
            let attempt = if *attempt > 1 { format!(" at attempt {attempt}") } else { String::new() };
            format!("Message to {to} {}{attempt}{}.", delivered(*outcome), because(detail))
        }
        PagingEvent::Summoned { person, by: who, steps, .. } => {
            format!("{who} summoned people/{person}{}.", by(steps))
        }
        PagingEvent::SummonsAnswered { person, accepted: true } => format!("people/{person} comes."),
        PagingEvent::SummonsAnswered { person, accepted: false } => format!("people/{person} does not come."),
        PagingEvent::SummonsReminded { person } => format!("people/{person} has not answered the summons."),
        _ => String::new(),
    }
}

fn given_back(why: UnackWhy) -> &'static str {
    match why {
        UnackWhy::Requested => "it was given back",
        UnackWhy::SnoozeEnded => "the snooze ended",
        UnackWhy::Escalated => "it escalated",
        UnackWhy::PriorityRaised => "the priority rose",
        UnackWhy::Assigned => "it was assigned to somebody else",
    }
}

fn ended(why: EndWhy) -> &'static str {
    match why {
        EndWhy::Elapsed => "its time came",
        EndWhy::Requested => "somebody asked",
        EndWhy::Overtaken => "something else overtook it",
        EndWhy::Answered => "the reporter answered",
    }
}

/// The first round goes without saying.
fn of_round(round: u32) -> String {
    if round > 1 { format!(" of round {round}") } else { String::new() }
}

fn called(reason: EscalateReason) -> &'static str {
    match reason {
        EscalateReason::Delay => "nobody had answered in time",
        EscalateReason::Manual => "somebody asked",
        EscalateReason::Sla => "a clock asked",
        EscalateReason::Unreachable => "nobody of the level before could be reached",
        EscalateReason::Nobody => "the round before had paged nobody",
    }
}

fn step(next: NextStep) -> String {
    match next {
        NextStep::Level { level, round } => format!("level {level}{} is due", of_round(round)),
        NextStep::Exhaust => "the last round ends".to_owned(),
    }
}

fn by(steps: &[Step]) -> String {
    let channels: Vec<&str> = steps.iter().map(|s| s.channel.as_str()).collect();
    if channels.is_empty() { String::new() } else { format!(" by {}", channels.join(", then ")) }
}

pub(super) fn delivered(outcome: DeliveryOutcome) -> &'static str {
    match outcome {
        DeliveryOutcome::Sent => "was sent",
        DeliveryOutcome::Bundled => "was told within another one",
        DeliveryOutcome::Failed => "failed",
        DeliveryOutcome::Cancelled => "was no longer wanted",
        DeliveryOutcome::InFlight => "was already on its way when it was no longer wanted",
    }
}

pub(super) fn notice(about: &Notice) -> String {
    match about {
        Notice::OpenedQuietly => "it opened and pages nobody".to_owned(),
        Notice::LevelCalled { level } => format!("level {level} was called"),
        Notice::AckExpires { at: end } => format!("the acknowledgement expires {}", at(*end)),
        Notice::AckEnded => "the acknowledgement ended".to_owned(),
        Notice::Storm { over: false, .. } => "an alert storm".to_owned(),
        Notice::Storm { over: true, .. } => "the end of the alert storm".to_owned(),
        Notice::StillMuted => "it still fires after the maintenance that muted it".to_owned(),
        Notice::Cleared => "everything cleared".to_owned(),
        Notice::Refired => "an alert fires again".to_owned(),
        Notice::SlaWarned { clock, percent } => format!("clock {clock} has used {percent}%"),
        Notice::SlaBreached { clocks } => {
            format!("{} breached: {}", counted(clocks.len(), "clock"), clocks.join(", "))
        }
        Notice::Assigned => "it was assigned".to_owned(),
        Notice::Stale => "nothing has happened for days".to_owned(),
        Notice::DocumentIt => "it waits to be documented".to_owned(),
        Notice::TaskOverdue { task } => format!("task {task} is overdue"),
        Notice::SummonsUnanswered { person } => format!("people/{person} has not answered"),
        Notice::ActionItemDue { item, percent } => {
            format!("action item {item} has used {percent}% of its time")
        }
        Notice::ActionItemOverdue { item } => format!("action item {item} is overdue"),
        Notice::Update { update } => format!("update {update}"),
        Notice::Over { phase: Phase::Resolved } => "it is resolved".to_owned(),
        Notice::Over { .. } => "it was cancelled".to_owned(),
        Notice::Merged => "it was merged".to_owned(),
        Notice::ReopenedFor => "it is open again".to_owned(),
    }
}
