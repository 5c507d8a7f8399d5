//! The wall clock of a zone over some weeks, found by looking at it again and again. What is kept is in which stretches
//! it ran evenly; where it shows a time is searched among those.

use jiff::tz::TimeZone;

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 3600;
pub(crate) const DAY: i64 = 86_400;

/// Some weeks of a zone.
pub(crate) struct Walk {
    /// First and last second and by how much the wall clock is ahead of UTC in between, in order and without holes.
    stretches: Vec<(i64, i64, i64)>,
}

impl Walk {
    /// Looks at the clock once a minute, and once a second in the minutes in which it was moved.
    pub(crate) fn new(zone: &TimeZone, from: i64, to: i64) -> Walk {
        let mut walk = Walk { stretches: Vec::new() };
        let mut before = None;
        for minute in (from..to).step_by(MINUTE as usize) {
            let ahead = ahead(zone, minute);
            if before.is_some_and(|before| before != ahead) {
                (minute - MINUTE + 1..minute).for_each(|second| walk.saw(second, self::ahead(zone, second)));
            }
            walk.saw(minute, ahead);
            walk.stretches.last_mut().expect("something was seen").1 = minute;
            before = Some(ahead);
        }
        walk.stretches.last_mut().expect("something was seen").1 = to - 1;
        walk
    }

    fn saw(&mut self, second: i64, ahead: i64) {
        match self.stretches.last_mut() {
            Some(last) if last.2 == ahead => last.1 = second,
            Some(last) => {
                last.1 = second - 1;
                self.stretches.push((second, second, ahead));
            }
            None => self.stretches.push((second, second, ahead)),
        }
    }

    /// The civil day at a second, by number since 1970.
    pub(crate) fn day(&self, second: i64) -> i64 {
        let stretch = self.stretches.iter().find(|s| (s.0..=s.1).contains(&second));
        (second + stretch.expect("the walk passed there").2).div_euclid(DAY)
    }

    /// First and last second at which the wall clock shows a time; where it jumps over it, the second after the jump.
    pub(crate) fn shows(&self, wall: i64) -> (i64, i64) {
        let seen: Vec<i64> = self
            .stretches
            .iter()
            .filter_map(|(from, to, ahead)| {
                Some(wall - ahead).filter(|second| (*from..=*to).contains(second))
            })
            .collect();
        if let (Some(first), Some(last)) = (seen.first(), seen.last()) {
            return (*first, *last);
        }
        let jump = self
            .stretches
            .windows(2)
            .find(|pair| pair[0].1 + pair[0].2 < wall && wall < pair[1].0 + pair[1].2);
        let after = jump.expect("the walk passed there")[1].0;
        (after, after)
    }
}

fn ahead(zone: &TimeZone, second: i64) -> i64 {
    let shown = zone.to_datetime(jiff::Timestamp::from_second(second).expect("within jiff's years"));
    let date = shown.date();
    // Days since 1970 by counting, as calendars are taught: years, leap days, days of the year.
    let years = i64::from(date.year()) - 1;
    let days = years * 365 + years / 4 - years / 100 + years / 400 + i64::from(date.day_of_year()) - 719_163;
    let of_day =
        i64::from(shown.hour()) * HOUR + i64::from(shown.minute()) * MINUTE + i64::from(shown.second());
    days * DAY + of_day - second
}

/// The weekday of a day: 0 is Monday.
pub(crate) fn weekday(day: i64) -> usize {
    // 1970-01-05 was a Monday.
    (day - 4).rem_euclid(7) as usize
}

/// A day as the policy writes it.
pub(crate) fn date(day: i64) -> String {
    let at = jiff::Timestamp::from_second(day * DAY).expect("within jiff's years");
    TimeZone::UTC.to_datetime(at).date().to_string()
}
