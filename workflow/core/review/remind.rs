//! Who hears of an action item, and when: the owner at three quarters and at its due instant, the lead of the team
//! after three days, lead and author every week from the seventh on. Notices wait until the team's calendar is open.

use crate::calendar::Calendar;
use crate::incident::event::Notice;
use crate::sla::meter::Meter;
use crate::time::{Duration, Timestamp};

use super::apply::QUIET;
use super::clocks::calendar;
use super::event::ReviewEvent;
use super::state::{Phase, Reminder, Stage};
use super::transition::Transition;

/// After so long the lead hears of an overdue action item.
const OVERDUE: Duration = Duration::days(3);

/// How often lead and author hear of it from then on.
const WEEK: Duration = Duration::days(7);

/// The first notice about an action item with this due instant that is still to come.
pub(super) fn first(t: &Transition<'_>, created_at: Timestamp, due: Timestamp) -> Option<Reminder> {
    let hours = hours(t);
    let meter = Meter { calendar: &hours, start: created_at, pauses: &[] };
    let warning = meter.threshold(meter.elapsed(due), 75).filter(|at| t.now() < *at && *at < due);
    Some(match warning {
        Some(at) => Reminder { at, stage: Stage::Warning },
        None => Reminder { at: open_at(&hours, due), stage: Stage::Due },
    })
}

/// Everything of this kind that is due, oldest first.
pub(super) fn fire(t: &mut Transition<'_>) {
    while let Some((reminder, n)) = earliest(t).filter(|(r, _)| r.at <= t.now()) {
        remind(t, n, reminder);
    }
    if let Some(at) = t.state.remind_at.filter(|at| *at <= t.now() && t.state.phase != Phase::Published) {
        let missed = t.now().since(at).millis() / QUIET.millis();
        t.emit(ReviewEvent::ReviewReminded { next: at + Duration(QUIET.millis() * (missed + 1)) });
        let person = t.state.author.clone().or_else(|| t.lead());
        t.notify(Notice::Stale, person.iter());
    }
}

fn earliest(t: &Transition<'_>) -> Option<(Reminder, u32)> {
    let all = t.state.items.iter().filter_map(|(n, item)| Some((item.reminder?, *n)));
    all.min_by_key(|(reminder, n)| (reminder.at, *n))
}

fn remind(t: &mut Transition<'_>, n: u32, reminder: Reminder) {
    let item = t.state.items.get(&n);
    let owner = item.and_then(|i| i.owner.clone());
    let next = item.and_then(|i| i.due).map(|due| after(t, reminder.stage, due));
    t.emit(ReviewEvent::ActionItemReminded { n, stage: reminder.stage, next });
    let people = match reminder.stage {
        Stage::Warning | Stage::Due => [owner.or_else(|| t.lead()), None],
        Stage::Overdue => [t.lead(), None],
        Stage::Weekly => [t.lead(), t.state.author.clone()],
    };
    let about = match reminder.stage {
        Stage::Warning => Notice::ActionItemDue { item: n, percent: 75 },
        Stage::Due => Notice::ActionItemDue { item: n, percent: 100 },
        Stage::Overdue | Stage::Weekly => Notice::ActionItemOverdue { item: n },
    };
    t.notify(about, people.iter().flatten());
}

/// The notice that follows one of this stage. After an outage weeks are not made up for.
fn after(t: &Transition<'_>, stage: Stage, due: Timestamp) -> Reminder {
    let hours = hours(t);
    let (stage, at) = match stage {
        Stage::Warning => (Stage::Due, due),
        Stage::Due => (Stage::Overdue, due + OVERDUE),
        Stage::Overdue => (Stage::Weekly, due + WEEK),
        Stage::Weekly => {
            let weeks = t.now().since(due).millis() / WEEK.millis();
            (Stage::Weekly, due + Duration(WEEK.millis() * (weeks + 1)))
        }
    };
    Reminder { at: open_at(&hours, at), stage }
}

fn hours(t: &Transition<'_>) -> Calendar {
    let team = t.cx.policy.team(&t.state.team);
    calendar(t.cx.policy, team.and_then(|team| team.calendar.as_ref()))
}

fn open_at(hours: &Calendar, at: Timestamp) -> Timestamp {
    hours.next_open(at).unwrap_or(at)
}
