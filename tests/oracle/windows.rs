//! Windows of days: by weekday, on holidays, on special days; over midnight, touching, overlapping, in the small hours
//! in which clocks are moved.

use std::collections::BTreeMap;

use crate::lots::Lots;
use crate::seconds::Seconds;
use crate::walk::{DAY, MINUTE, Walk, weekday};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Start and end in minutes since midnight, the end up to 24 h after the start.
pub(crate) type Minutes = (i64, i64);

fn window(lots: &mut Lots) -> Minutes {
    let mut time = || match lots.of(0, 4) {
        0 => lots.of(0, 16) * 15,
        1 => lots.of(84, 96) * 15,
        2 => lots.of(0, 24) * 60,
        _ => lots.of(0, 1440),
    };
    let (start, end) = (time(), time());
    (start, if end <= start { end + 1440 } else { end })
}

/// Windows by weekday, Monday first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Week([Vec<Minutes>; 7]);

impl Week {
    /// Office hours, nights, or anything.
    pub(crate) fn draw(lots: &mut Lots) -> Week {
        let mut week = Week::default();
        match lots.of(0, 5) {
            0 => week.0[..5].iter_mut().for_each(|day| day.push((540, 1020))),
            1 => week.0.iter_mut().for_each(|day| day.push((1320, 1800))),
            _ => {
                for _ in 0..lots.of(1, 5) {
                    let (day, windows) = (lots.of(0, 8) as usize, [window(lots), window(lots)]);
                    let windows = &windows[..lots.of(1, 3) as usize];
                    match week.0.get_mut(day) {
                        Some(of_day) => of_day.extend(windows),
                        None => week.0.iter_mut().for_each(|of_day| of_day.extend(windows)),
                    }
                }
            }
        }
        week
    }

    pub(crate) fn spec(&self) -> BTreeMap<String, Vec<String>> {
        let days = DAYS.iter().zip(&self.0).filter(|(_, windows)| !windows.is_empty());
        days.map(|(day, windows)| ((*day).to_owned(), texts(windows))).collect()
    }

    /// The windows of a day that has none of its own.
    pub(crate) fn of(&self, day: i64) -> &[Minutes] {
        &self.0[weekday(day)]
    }
}

/// Windows as the policy writes them.
pub(crate) fn texts(windows: &[Minutes]) -> Vec<String> {
    let time = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let end = |minutes: i64| if minutes == 1440 { "24:00".to_owned() } else { time(minutes % 1440) };
    windows.iter().map(|window| format!("{}-{}", time(window.0), end(window.1))).collect()
}

/// Some days' own windows by number of the day; none: closed.
pub(crate) fn special(lots: &mut Lots, first: i64, days: i64) -> BTreeMap<i64, Vec<Minutes>> {
    let count = lots.of(0, 4);
    (0..count)
        .map(|_| (lots.of(first, first + days), (0..lots.of(0, 3)).map(|_| window(lots)).collect()))
        .collect()
}

/// The seconds that lie in a window. A window belongs to the day on which it begins; a start is the first occurrence
/// of its time, an end the last.
pub(crate) fn open<'a>(
    walk: &Walk,
    from: i64,
    minutes: i64,
    windows: impl Fn(i64) -> &'a [Minutes],
) -> Seconds {
    let mut seconds = Seconds::new(from, minutes);
    for day in walk.day(from) - 2..=walk.day(seconds.to() - 1) + 1 {
        for (start, end) in windows(day) {
            let start = walk.shows(day * DAY + start * MINUTE).0;
            let end = walk.shows(day * DAY + end * MINUTE).1;
            seconds.mark(start, end, true);
        }
    }
    seconds
}
