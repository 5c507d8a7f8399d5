//! Restrictions as weekly windows: from a time of day, for so long, on some days. A window that is longer than a day is
//! cut at midnights; seconds of a time of day have no place.

use std::collections::BTreeMap;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY: i64 = 86_400;

/// Weekly windows, as a layer's `only` has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Windows {
    days: BTreeMap<usize, Vec<String>>,
}

impl Windows {
    /// Adds a window that begins on a day (0 is Monday) at a second of the day.
    pub(super) fn add(&mut self, day: usize, start: i64, length: i64) {
        let (mut day, mut start, mut left) = (day % 7, start, length.min(7 * DAY));
        while left > 0 {
            // Up to a day stands as it is: an end not after its start lies on the next day.
            let piece = if left <= DAY { left } else { DAY - start };
            let end = start + piece;
            let end = if end == DAY { "24:00".to_owned() } else { clock(end % DAY) };
            let window = format!("{}-{end}", clock(start));
            let windows = self.days.entry(day).or_default();
            if !windows.contains(&window) {
                windows.push(window);
            }
            left -= piece;
            start = 0;
            day = (day + 1) % 7;
        }
    }

    /// Adds a window on each day.
    pub(super) fn daily(&mut self, start: i64, length: i64) {
        (0..7).for_each(|day| self.add(day, start, length));
    }

    /// As the document writes them; `None` if there are none.
    pub(super) fn only(self) -> Option<BTreeMap<String, Vec<String>>> {
        if self.days.is_empty() {
            return None;
        }
        let same = self.days.len() == 7 && self.days.values().all(|w| Some(w) == self.days.get(&0));
        if same {
            return self.days.into_values().next().map(|w| BTreeMap::from([("daily".to_owned(), w)]));
        }
        Some(self.days.into_iter().map(|(day, windows)| (DAYS[day].to_owned(), windows)).collect())
    }
}

fn clock(second: i64) -> String {
    format!("{:02}:{:02}", second / 3600, second % 3600 / 60)
}

/// The second of the day of `20:00:00` or `20:00`, if it is a whole minute.
pub(super) fn second_of(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let fits = (0..24).contains(&hour) && (0..60).contains(&minute) && second == 0;
    fits.then_some(hour * 3600 + minute * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(add: impl FnOnce(&mut Windows)) -> String {
        let mut windows = Windows::default();
        add(&mut windows);
        let days = windows.only().unwrap_or_default().into_iter();
        days.map(|(day, w)| format!("{day} {}", w.join(" "))).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn windows_keep_their_length() {
        assert_eq!(only(|w| w.daily(8 * 3600, 9 * 3600)), "daily 08:00-17:00");
        assert_eq!(only(|w| w.add(4, 22 * 3600, 8 * 3600)), "fri 22:00-06:00");
        assert_eq!(only(|w| w.add(5, 0, 2 * DAY)), "sat 00:00-24:00, sun 00:00-24:00");
        assert_eq!(
            only(|w| w.add(4, 17 * 3600, 64 * 3600)),
            "fri 17:00-24:00, mon 00:00-09:00, sat 00:00-24:00, sun 00:00-24:00"
        );
        assert_eq!(only(|w| w.add(0, 9 * 3600, DAY)), "mon 09:00-09:00");
        assert_eq!(only(|_| {}), "");
    }

    #[test]
    fn times_of_day_are_whole_minutes() {
        assert_eq!(second_of("08:30:00"), Some(30_600));
        assert_eq!(second_of("08:30"), Some(30_600));
        for wrong in ["08:30:15", "25:00:00", "8", "", "x:y:z"] {
            assert_eq!(second_of(wrong), None, "{wrong}");
        }
    }
}
