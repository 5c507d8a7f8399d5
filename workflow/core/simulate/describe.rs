//! Transitions as lines: one for each effect, each event of a clock, and each step that explains them.

use std::collections::BTreeMap;

use crate::effect::EffectKind;
use crate::id::{ChannelId, EscalationPolicyId};
use crate::incident;
use crate::incident::event::{AlertEvent, EscalateReason, LifeEvent, Notice, PagingEvent, SlaEvent};
use crate::incident::paging::NextStep;
use crate::instance::Event;
use crate::policy::Policy;
use crate::policy::document::ThresholdAction;
use crate::review::{self, ReviewEvent};
use crate::time::Timestamp;

use super::line::{Kind, Line};
use super::world::Seen;

/// Describes transitions in their order; it remembers by which escalation policy each incident goes.
#[derive(Debug)]
pub(super) struct Describer<'a> {
    policy: &'a Policy,
    by: BTreeMap<usize, EscalationPolicyId>,
}

impl<'a> Describer<'a> {
    pub(super) fn new(policy: &'a Policy) -> Describer<'a> {
        Describer { policy, by: BTreeMap::new() }
    }

    /// The lines of one transition.
    pub(super) fn lines(&mut self, seen: &Seen, incident: &str) -> Vec<Line> {
        let blank = |kind: Kind, what: String| Line {
            at: seen.at.whole_second(),
            kind,
            who: String::new(),
            incident: incident.to_owned(),
            via: None,
            level: None,
            clock: None,
            percent: None,
            what,
        };
        let mut lines = Vec::new();
        for event in &seen.events {
            match event {
                Event::Incident(incident::Event::Sla(e)) => lines.push(clock(e, &blank)),
                Event::Incident(incident::Event::Paging(e)) => {
                    lines.extend(self.paging(seen.slot, e, &blank));
                }
                Event::Incident(e) => lines.extend(change(e).map(|what| blank(Kind::State, what))),
                Event::Review(review::Event::Review(e)) => lines.extend(of_review(e, &blank)),
            }
        }
        lines.extend(seen.effects.iter().filter_map(|e| self.effect(seen.slot, &e.what, &blank)));
        lines
    }

    fn effect(&self, slot: usize, what: &EffectKind, blank: &impl Fn(Kind, String) -> Line) -> Option<Line> {
        let line = |kind, who: String, via: Option<&ChannelId>, what| Line {
            who,
            via: via.cloned(),
            ..blank(kind, what)
        };
        Some(match what {
            EffectKind::Page { person, channel, level } => {
                let text = self.level(slot, *level);
                Line { level: Some(*level), ..line(Kind::Page, person.to_string(), Some(channel), text) }
            }
            EffectKind::Summons { person, channel } => {
                line(Kind::Summons, person.to_string(), Some(channel), "demands an answer".to_owned())
            }
            EffectKind::Notice { person, channel, about } => {
                line(Kind::Notice, person.to_string(), Some(channel), notice(about))
            }
            EffectKind::ChannelNotice { channel, about } => {
                line(Kind::Notice, format!("#{channel}"), None, notice(about))
            }
            EffectKind::Submit { .. } => return None,
        })
    }

    /// A level by its number: its id where it has one.
    fn level(&self, slot: usize, level: u32) -> String {
        let spec = self.by.get(&slot).and_then(|id| self.policy.escalation(id));
        let entry = spec.and_then(|s| s.levels.get((level as usize).checked_sub(1)?));
        match (entry, level) {
            (Some(entry), _) => format!("level {level} {}", entry.id),
            (None, 0) => "no level".to_owned(),
            (None, _) => format!("level {level} fallback"),
        }
    }

    fn paging(
        &mut self,
        slot: usize,
        event: &PagingEvent,
        blank: &impl Fn(Kind, String) -> Line,
    ) -> Option<Line> {
        let about = |kind, who: &str, what: String| Line { who: who.to_owned(), ..blank(kind, what) };
        Some(match event {
            PagingEvent::EscalationStarted { policy, next, due, .. } => {
                self.by.insert(slot, policy.clone());
                let level = match next {
                    NextStep::Level { level, .. } => self.level(slot, *level),
                    NextStep::Exhaust => "exhaustion".to_owned(),
                };
                blank(Kind::Level, format!("escalates by {policy}, {level} due {}", due.whole_second()))
            }
            PagingEvent::Escalated { level, round, reason, .. } => {
                let text = format!("{} called, round {round}{}", self.level(slot, *level), why(*reason));
                Line { level: Some(*level), ..blank(Kind::Level, text) }
            }
            PagingEvent::LevelSkipped { level, round, .. } => {
                let text = format!("{} skipped, round {round}", self.level(slot, *level));
                Line { level: Some(*level), ..blank(Kind::Level, text) }
            }
            PagingEvent::NobodyOnCall { target } => {
                about(Kind::Level, "", format!("nobody on call for {target}"))
            }
            PagingEvent::TargetGone { person } => {
                about(Kind::Level, person.as_str(), "is no longer in the policy".to_owned())
            }
            PagingEvent::PersonUnreachable { person } => {
                about(Kind::Level, person.as_str(), "cannot be reached".to_owned())
            }
            PagingEvent::EscalationExhausted { remind_at, .. } => {
                let next = remind_at.whole_second();
                blank(Kind::Exhausted, format!("every round unanswered, reminder due {next}"))
            }
            PagingEvent::ExhaustionReminded { remind_at } => {
                blank(Kind::Exhausted, format!("reminder, the next one due {}", remind_at.whole_second()))
            }
            other => blank(Kind::State, standing(other)?),
        })
    }
}

fn why(reason: EscalateReason) -> &'static str {
    match reason {
        EscalateReason::Delay => "",
        EscalateReason::Manual => ", by hand",
        EscalateReason::Sla => ", asked for by a clock",
        EscalateReason::Unreachable => ", nobody before could be reached",
        EscalateReason::Nobody => ", the round paged nobody",
    }
}

fn clock(event: &SlaEvent, blank: &impl Fn(Kind, String) -> Line) -> Line {
    let (name, percent, what, at) = match event {
        SlaEvent::SlaStarted { clock } => {
            let due = clock.due.map(|due| format!(", due {due}")).unwrap_or_default();
            let what = format!("started, target {} of {}{due}", clock.target, clock.calendar);
            (clock.name(), None, what, None)
        }
        SlaEvent::SlaMoved { clock } => (clock.name(), None, format!("moved, target {}", clock.target), None),
        SlaEvent::SlaPaused { clock, .. } => (clock.clone(), None, "paused".to_owned(), None),
        SlaEvent::SlaResumed { clock, due, .. } => {
            let due = due.map(|due| format!(", due {due}")).unwrap_or_default();
            (clock.clone(), None, format!("resumed{due}"), None)
        }
        SlaEvent::SlaWarned { clock, percent, at, action, skipped, .. } => {
            let what = format!("{percent} %{}{}", if *skipped { ", long past" } else { "" }, asks(*action));
            (clock.clone(), Some(*percent), what, (!skipped).then_some(*at))
        }
        SlaEvent::SlaBreached { clock, due, action, at_attach, .. } => {
            let late = if *at_attach { format!(" since {due}") } else { String::new() };
            (
                clock.clone(),
                Some(100),
                format!("breached{late}{}", asks(*action)),
                (!at_attach).then_some(*due),
            )
        }
        SlaEvent::SlaStopped { clock, met, .. } => {
            let verdict = if *met { "met" } else { "stopped late" };
            (clock.clone(), None, verdict.to_owned(), None)
        }
        SlaEvent::SlaExcused { clock, reason } => (clock.clone(), None, format!("excused: {reason}"), None),
        SlaEvent::SlaCancelled { clock, why } => {
            (clock.clone(), None, format!("cancelled: {}", words(why)), None)
        }
    };
    let line = blank(Kind::Clock, format!("{name} {what}"));
    let at = at.map_or(line.at, Timestamp::whole_second);
    Line { at, clock: Some(name), percent, ..line }
}

fn asks(action: Option<ThresholdAction>) -> &'static str {
    match action {
        Some(ThresholdAction::Escalate) => ", escalates",
        Some(ThresholdAction::Notify) => ", notifies",
        None => "",
    }
}

/// What a change of the incident is called; `None` if other lines tell it.
fn change(event: &incident::Event) -> Option<String> {
    Some(match event {
        incident::Event::Life(e) => return life(e),
        incident::Event::Alert(AlertEvent::Suppressed { reason, until }) => {
            let until = until.map(|at| format!(" until {}", at.whole_second())).unwrap_or_default();
            format!("nobody is paged{until}: {reason}")
        }
        incident::Event::Alert(AlertEvent::Released { .. }) => "released".to_owned(),
        incident::Event::Alert(AlertEvent::AllCleared { .. }) => "all clear".to_owned(),
        _ => return None,
    })
}

fn life(event: &LifeEvent) -> Option<String> {
    Some(match event {
        LifeEvent::Triaged(t) => format!("{} {} for {}", t.priority, t.category, t.service),
        LifeEvent::PriorityChanged { from, to, .. } => format!("{from} becomes {to}"),
        LifeEvent::Declared => "declared".to_owned(),
        LifeEvent::Assigned { to, .. } => match to {
            incident::state::Assignee::Person(p) => format!("assigned to {p}"),
            incident::state::Assignee::Team(t) => format!("assigned to team {t}"),
        },
        LifeEvent::Mitigated { .. } => "mitigated".to_owned(),
        LifeEvent::Relapsed { .. } => "relapsed".to_owned(),
        LifeEvent::Resolved { code, .. } => format!("resolved: {code}"),
        LifeEvent::AutoResolved { code } => format!("resolved by itself: {code}"),
        LifeEvent::Reopened { .. } => "reopened".to_owned(),
        LifeEvent::Closed { .. } => "closed".to_owned(),
        LifeEvent::Cancelled { reason, .. } => format!("cancelled: {reason}"),
        LifeEvent::Merged { .. } => "merged".to_owned(),
        LifeEvent::Unrouted => "no route wants it: the default service has it".to_owned(),
        _ => return None,
    })
}

/// What stands between the incident and its escalation.
fn standing(event: &PagingEvent) -> Option<String> {
    Some(match event {
        PagingEvent::Acknowledged { holder, complete, .. } => {
            let part = if *complete { "" } else { ", others still have to" };
            format!("acknowledged by {}{part}", short(&holder.to_string()))
        }
        PagingEvent::AckExpired => "the acknowledgement expired".to_owned(),
        PagingEvent::Unacknowledged { why, .. } => format!("unacknowledged: {}", words(why)),
        PagingEvent::Snoozed { until } => format!("snoozed until {}", until.whole_second()),
        PagingEvent::SnoozeEnded { .. } => "the snooze ended".to_owned(),
        PagingEvent::Held { reason, until, .. } => {
            format!("on hold until {}: {reason}", until.whole_second())
        }
        PagingEvent::Resumed { .. } => "the hold ended".to_owned(),
        PagingEvent::SummonsAnswered { person, accepted } => {
            format!("{person} {}", if *accepted { "comes" } else { "does not come" })
        }
        _ => return None,
    })
}

/// A review's clocks are told as an incident's.
fn of_review(event: &ReviewEvent, blank: &impl Fn(Kind, String) -> Line) -> Option<Line> {
    let event = event.clone();
    Some(match event {
        ReviewEvent::ReviewOpened { .. } => blank(Kind::State, "the review opens".to_owned()),
        ReviewEvent::SlaStarted { clock: of, .. } => clock(&SlaEvent::SlaStarted { clock: of }, blank),
        ReviewEvent::SlaWarned { clock: of, percent, at, next } => {
            clock(&SlaEvent::SlaWarned { clock: of, percent, at, next, action: None, skipped: false }, blank)
        }
        ReviewEvent::SlaBreached { clock: of, due } => clock(
            &SlaEvent::SlaBreached { clock: of, due, next: None, action: None, at_attach: false },
            blank,
        ),
        _ => return None,
    })
}

fn notice(about: &Notice) -> String {
    match about {
        Notice::OpenedQuietly => "opened, pages nobody".to_owned(),
        Notice::LevelCalled { level } => format!("level {level} called"),
        Notice::AckExpires { at } => format!("the acknowledgement ends at {}", at.whole_second()),
        Notice::SlaWarned { clock, percent } => format!("{clock} at {percent} %"),
        Notice::SlaBreached { clocks } => format!("breached: {}", clocks.join(", ")),
        Notice::SummonsUnanswered { person } => format!("{person} has not answered the summons"),
        other => words(other),
    }
}

/// A variant's name in words: `AckEnded` is `ack ended`.
fn words(value: &impl std::fmt::Debug) -> String {
    let name = format!("{value:?}");
    let name = name.split([' ', '{', '(']).next().unwrap_or_default();
    let mut text = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.extend(c.to_lowercase());
    }
    text
}

fn short(actor: &str) -> &str {
    actor.strip_prefix("people/").unwrap_or(actor)
}
