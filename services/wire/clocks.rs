//! SLA clocks as readers see them: elapsed and remaining time are computed at the instant of reading. What a clock does
//! when it is due is not known here.

use stentor_core::id::CalendarId;
use stentor_core::incident::as_of::{Reading, Stretch};
use stentor_core::incident::clock::{Clock, PauseWhy};
use stentor_core::incident::kinds::{ClockState, SlaState};
use stentor_core::policy::Policy;
use stentor_core::sla::meter::IntervalKind;
use stentor_core::time::{Duration, Timestamp};
use stentor_proto::v1;

use super::enums;

/// A share of the target, in percent, from which on a clock is at risk.
const AT_RISK: u32 = 75;

/// A clock under its owner's name, `incidents/{id}` or `reviews/{id}`.
pub fn clock(owner: &str, clock: &Clock, policy: Option<&Policy>, now: Timestamp) -> v1::Clock {
    let elapsed = elapsed(clock, policy, now);
    v1::Clock {
        name: name(owner, clock),
        sla_definition: format!("slaDefinitions/{}", clock.definition),
        cycle: count(clock.cycle),
        kind: enums::clock_kind(clock.kind),
        state: enums::clock_state(clock),
        calendar: format!("calendars/{}", clock.calendar),
        target_duration: Some(duration(clock.target)),
        start_time: Some(instant(clock.start)),
        due_time: clock.due.map(instant),
        end_time: clock.stopped_at.map(instant),
        elapsed_duration: elapsed.map(duration),
        remaining_duration: elapsed.map(|e| duration(Duration(clock.target.0 - e.0))),
        breached: clock.breached.is_some(),
        breach_time: clock.breached.map(instant),
        pause_reason: paused_by(clock),
        warned_percent: count(clock.recorded),
        excuse: clock.excuse.clone().unwrap_or_default(),
    }
}

/// All live clocks in one line.
pub fn summary(owner: &str, clocks: &[Clock]) -> v1::SlaSummary {
    let first = decisive(clocks);
    v1::SlaSummary {
        state: enums::sla_state(worst(clocks)),
        clock: first.map(|c| name(owner, c)).unwrap_or_default(),
        due_time: first.and_then(at_stake).map(instant),
    }
}

/// The worst state among the live clocks.
pub fn worst(clocks: &[Clock]) -> SlaState {
    let state = |clock: &Clock| match clock.state {
        ClockState::Running if clock.breached.is_some() => SlaState::Overdue,
        ClockState::Running if clock.recorded >= AT_RISK => SlaState::AtRisk,
        ClockState::Running => SlaState::Ok,
        ClockState::Paused => SlaState::Paused,
        ClockState::Met | ClockState::Breached | ClockState::Cancelled => SlaState::None,
    };
    clocks.iter().map(state).min().unwrap_or(SlaState::None)
}

/// The running clock that was breached first, else the one that is due first.
pub fn decisive(clocks: &[Clock]) -> Option<&Clock> {
    let running = clocks.iter().filter(|c| c.state == ClockState::Running);
    running.filter(|c| at_stake(c).is_some()).min_by_key(|c| (c.breached.is_none(), at_stake(c)))
}

/// Earliest due instant of the running clocks, breached ones included.
pub fn next_due(clocks: &[Clock]) -> Option<Timestamp> {
    clocks.iter().filter(|c| c.state == ClockState::Running).filter_map(at_stake).min()
}

/// The instant that a clock missed, else the one it must not miss.
pub fn at_stake(clock: &Clock) -> Option<Timestamp> {
    clock.breached.or(clock.due)
}

/// Calendar time that a clock has counted; nothing if its calendar is not known.
pub fn elapsed(clock: &Clock, policy: Option<&Policy>, now: Timestamp) -> Option<Duration> {
    clock.measure(policy?, |meter| meter.elapsed(clock.stopped_at.unwrap_or(now)))
}

/// A clock as of an instant, with every stretch of its life.
pub fn reading(
    owner: &str,
    reading: &Reading,
    policy: Option<&Policy>,
    at: Timestamp,
) -> v1::GetClockResponse {
    let stretches = policy.map(|policy| reading.explain(policy, at)).unwrap_or_default();
    let calendar = policy.and_then(|policy| policy.calendar(&reading.clock.calendar));
    v1::GetClockResponse {
        clock: Some(clock(owner, &reading.clock, policy, at)),
        read_time: Some(instant(at)),
        policy: format!("policies/{}", reading.policy),
        calendar_open: calendar.is_some_and(|calendar| calendar.is_open(at)),
        intervals: stretches.iter().map(stretch).collect(),
    }
}

fn stretch(stretch: &Stretch) -> v1::ClockInterval {
    let kind = match stretch.interval.kind {
        IntervalKind::Counted => v1::ClockIntervalKind::Counted,
        IntervalKind::Paused => v1::ClockIntervalKind::Paused,
        IntervalKind::Closed => v1::ClockIntervalKind::Closed,
    };
    v1::ClockInterval {
        start_time: Some(instant(stretch.interval.from)),
        end_time: Some(instant(stretch.interval.to)),
        kind: kind.into(),
        counted_duration: Some(duration(stretch.interval.counted)),
        total_duration: Some(duration(stretch.total)),
        event: stretch.since.event.to_owned(),
        event_number: i64::try_from(stretch.since.n).unwrap_or(i64::MAX),
        pause_reason: waits_for(stretch.since.why),
    }
}

/// `{owner}/clocks/{definition}.{cycle}`.
pub fn name(owner: &str, clock: &Clock) -> String {
    format!("{owner}/clocks/{}", clock.name())
}

fn paused_by(clock: &Clock) -> i32 {
    let running = clock.pauses.last().filter(|p| p.to.is_none() && clock.state == ClockState::Paused);
    waits_for(running.map(|p| p.why))
}

fn waits_for(why: Option<PauseWhy>) -> i32 {
    match why {
        Some(PauseWhy::Hold(reason)) => enums::hold_reason(reason),
        Some(PauseWhy::Suppressed(_) | PauseWhy::Resolved | PauseWhy::Condition) | None => 0,
    }
}

/// An instant on the wire.
pub fn instant(at: Timestamp) -> prost_types::Timestamp {
    let nanos = i32::try_from(at.0.rem_euclid(1000) * 1_000_000).expect("below a thousand million");
    prost_types::Timestamp { seconds: at.seconds(), nanos }
}

/// A length of time on the wire. A negative one has both parts negative.
pub fn duration(length: Duration) -> prost_types::Duration {
    let nanos = i32::try_from((length.0 % 1000) * 1_000_000).expect("below a thousand million");
    prost_types::Duration { seconds: length.0 / 1000, nanos }
}

/// A count on the wire.
pub fn count(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// The calendar that never closes.
pub fn is_always(calendar: &CalendarId) -> bool {
    calendar.as_str() == "always"
}
