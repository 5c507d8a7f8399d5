//! How much of a target one clock has used, and when it is due. A function of calendar, start and pauses; it decides
//! nothing and records nothing.

use crate::calendar::Calendar;
use crate::time::{Duration, Timestamp};

/// A stretch in which a clock stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// First paused instant.
    pub from: Timestamp,
    /// First instant that counts again; None while the pause lasts.
    pub to: Option<Timestamp>,
}

/// One clock. Every instant is rounded down to the whole second before it is used.
#[derive(Debug, Clone, Copy)]
pub struct Meter<'a> {
    /// When time counts.
    pub calendar: &'a Calendar,
    /// When the clock starts.
    pub start: Timestamp,
    /// In the order of their beginnings, as they were recorded; they may touch, overlap or begin before the start.
    pub pauses: &'a [Pause],
}

/// What a stretch of a clock's life was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalKind {
    /// It counted.
    Counted,
    /// The clock was paused, whether the calendar was open or not.
    Paused,
    /// The calendar was closed.
    Closed,
}

/// A stretch of a clock's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
    /// What it was.
    pub kind: IntervalKind,
    /// What it added to the elapsed time: its length, or zero.
    pub counted: Duration,
}

/// Beyond every instant.
const NEVER: Timestamp = Timestamp(i64::MAX);

impl<'a> Meter<'a> {
    /// Calendar time outside pauses from the start to `at`; zero before the start.
    pub fn elapsed(&self, at: Timestamp) -> Duration {
        self.running(at.whole_second())
            .map(|(from, to)| self.calendar.open_between(from, to))
            .fold(Duration::ZERO, |sum, open| Duration(sum.0 + open.0))
    }

    /// The least instant by which `target` has elapsed, a target rounded up to the whole second. That instant itself is
    /// late. None if the clock is paused and had not got so far when the pause began, or if the calendar does not open
    /// for 400 days.
    pub fn due(&self, target: Duration) -> Option<Timestamp> {
        let mut rest = Duration::seconds(ceil(target.0, 1000));
        if rest <= Duration::ZERO {
            return Some(self.start.whole_second());
        }
        for (from, to) in self.running(NEVER) {
            if to == NEVER {
                return self.calendar.advance(from, rest);
            }
            let open = self.calendar.open_between(from, to);
            if open >= rest {
                return self.calendar.advance(from, rest);
            }
            rest = Duration(rest.0 - open.0);
        }
        None
    }

    /// The instant at which `percent` of the target has elapsed, the share rounded up to the whole second.
    pub fn threshold(&self, target: Duration, percent: u32) -> Option<Timestamp> {
        self.due(Duration::seconds(ceil(target.0.saturating_mul(i64::from(percent)), 100_000)))
    }

    /// Whether the clock is paused at an instant.
    pub fn paused(&self, at: Timestamp) -> bool {
        let at = at.whole_second();
        self.pauses.iter().any(|pause| pause.from.whole_second() <= at && at < resumed(pause))
    }

    /// The clock's life up to `until`: disjoint stretches without holes. Where the clock was paused and the calendar
    /// closed, it was paused.
    pub fn explain(&self, until: Timestamp) -> Vec<Interval> {
        let until = until.whole_second();
        let mut cursor = self.start.whole_second();
        let mut life = Vec::new();
        for (from, to) in self.running(until) {
            push(&mut life, cursor, from, IntervalKind::Paused);
            cursor = from;
            for (open, close) in self.calendar.intervals(from, to) {
                push(&mut life, cursor, open, IntervalKind::Closed);
                push(&mut life, open, close, IntervalKind::Counted);
                cursor = close;
            }
            push(&mut life, cursor, to, IntervalKind::Closed);
            cursor = to;
        }
        push(&mut life, cursor, until, IntervalKind::Paused);
        life
    }

    /// The stretches of `[start, until)` outside pauses, none of them empty, with at least a pause between two.
    fn running(&self, until: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + use<'a> {
        let mut cursor = self.start.whole_second();
        let end = Pause { from: until, to: None };
        self.pauses
            .iter()
            .copied()
            .filter(|pause| pause.from.whole_second() < resumed(pause))
            .chain([end])
            .filter_map(move |pause| {
                let stretch =
                    (cursor, if pause.from == NEVER { NEVER } else { pause.from.whole_second() }.min(until));
                cursor = cursor.max(resumed(&pause));
                (stretch.0 < stretch.1).then_some(stretch)
            })
    }
}

fn resumed(pause: &Pause) -> Timestamp {
    pause.to.map_or(NEVER, Timestamp::whole_second)
}

fn push(life: &mut Vec<Interval>, from: Timestamp, to: Timestamp, kind: IntervalKind) {
    if from < to {
        let counted = if kind == IntervalKind::Counted { to.since(from) } else { Duration::ZERO };
        life.push(Interval { from, to, kind, counted });
    }
}

fn ceil(number: i64, divisor: i64) -> i64 {
    -(-number).div_euclid(divisor)
}
