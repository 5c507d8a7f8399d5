//! Time as people read and write it: spans, instants, distances from now.
//! It never reads the clock; whoever renders says what now is.

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp, tz::TimeZone};
use prost_types::{Duration as ProtoDuration, Timestamp as ProtoTimestamp};

/// Now and here, as one command sees it from its beginning to its end.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    /// The instant that distances are counted from.
    pub(super) now: Timestamp,
    /// The zone in which clock times are shown.
    pub(super) zone: TimeZone,
}

impl Moment {
    /// Reads the machine's clock and zone.
    #[expect(clippy::disallowed_methods, reason = "a client tells distances from where its user is")]
    pub(super) fn present() -> Self {
        Self { now: Timestamp::now(), zone: TimeZone::system() }
    }

    /// Whole seconds from now until then; negative if it has passed.
    pub(super) fn seconds_until(&self, then: &ProtoTimestamp) -> i64 {
        then.seconds - self.now.as_second()
    }

    /// "in 4m" or "12m ago".
    pub(super) fn distance(&self, then: &ProtoTimestamp) -> String {
        match self.seconds_until(then) {
            0 => "now".to_owned(),
            ahead if ahead > 0 => format!("in {}", span(ahead)),
            past => format!("{} ago", span(-past)),
        }
    }

    /// "in 4m" or, once it has passed, "12m late".
    pub(super) fn deadline(&self, due: &ProtoTimestamp) -> String {
        match self.seconds_until(due) {
            ahead if ahead > 0 => format!("in {}", span(ahead)),
            past => format!("{} late", span(-past)),
        }
    }

    /// Day of an instant here, 2026-06-01.
    pub(super) fn day(&self, then: &ProtoTimestamp) -> String {
        self.format(then, "%Y-%m-%d")
    }

    /// Time of day of an instant here, 12:00:01.
    pub(super) fn clock(&self, then: &ProtoTimestamp) -> String {
        self.format(then, "%H:%M:%S")
    }

    /// Day and minute of an instant here, 2026-06-01 12:00; with its seconds if it has any.
    pub(super) fn minute(&self, then: &ProtoTimestamp) -> String {
        self.format(then, if then.seconds % 60 == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" })
    }

    /// Instant here with its distance: 2026-06-01 12:00:01 (4m ago).
    pub(super) fn full(&self, then: &ProtoTimestamp) -> String {
        format!("{} ({})", self.format(then, "%Y-%m-%d %H:%M:%S"), self.distance(then))
    }

    fn format(&self, then: &ProtoTimestamp, pattern: &str) -> String {
        match Timestamp::new(then.seconds, then.nanos) {
            Ok(instant) => instant.to_zoned(self.zone.clone()).strftime(pattern).to_string(),
            Err(_) => "?".to_owned(),
        }
    }
}

/// A span in its two largest units, so that it can be read at a glance: 45s, 12m, 1h 30m, 2d 4h.
pub(super) fn span(seconds: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let seconds = seconds.abs();
    let Some(first) = UNITS.iter().position(|(size, _)| seconds >= *size) else { return "0s".to_owned() };
    let (size, name) = UNITS[first];
    let mut text = format!("{}{name}", seconds / size);
    // Seconds beside many minutes would change at every look and say nothing.
    let precise = size != 60 || seconds < 600;
    if let Some((next, name)) = UNITS.get(first + 1).filter(|_| precise) {
        let rest = seconds % size / next;
        if rest > 0 {
            text.push_str(&format!(" {rest}{name}"));
        }
    }
    text
}

/// A duration of the API as a span, with its sign.
pub(super) fn duration(value: &ProtoDuration) -> String {
    let sign = if value.seconds < 0 { "-" } else { "" };
    format!("{sign}{}", span(value.seconds))
}

/// Reads a span such as 30m, 2h, 1h30m, 2d or PT15M; it is longer than zero.
pub(super) fn parse_span(text: &str) -> Result<ProtoDuration, String> {
    let wrong = || format!("`{text}` is no duration; write for example 30m, 1h30m or 2d");
    let span: Span = text.parse().map_err(|_| wrong())?;
    let length: SignedDuration =
        span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    if !length.is_positive() {
        return Err(format!("`{text}` is not longer than zero"));
    }
    Ok(ProtoDuration { seconds: length.as_secs(), nanos: length.subsec_nanos() })
}

/// An instant as given on the command line: absolute, or as a distance from now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum When {
    /// RFC 3339.
    At(Timestamp),
    /// So much later than now.
    After(ProtoDuration),
    /// So much earlier than now.
    Before(ProtoDuration),
}

impl When {
    /// The instant in the API's form, seen from now.
    pub(super) fn from(self, now: Timestamp) -> ProtoTimestamp {
        let base = |instant: Timestamp| ProtoTimestamp {
            seconds: instant.as_second(),
            nanos: instant.subsec_nanosecond(),
        };
        match self {
            Self::At(instant) => base(instant),
            Self::After(length) => ProtoTimestamp { seconds: now.as_second() + length.seconds, nanos: 0 },
            Self::Before(length) => ProtoTimestamp { seconds: now.as_second() - length.seconds, nanos: 0 },
        }
    }
}

/// Reads 2026-06-01T12:00:00Z, now, 30m (from now) or -30m (ago).
pub(super) fn parse_when(text: &str) -> Result<When, String> {
    if text == "now" {
        return Ok(When::Before(ProtoDuration::default()));
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(When::At(instant));
    }
    let parsed = match text.strip_prefix('-') {
        Some(past) => parse_span(past).map(When::Before),
        None => parse_span(text).map(When::After),
    };
    parsed.map_err(|_| format!("`{text}` is no instant; write 2026-06-01T12:00:00Z, now, 30m or -30m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment() -> Moment {
        Moment { now: "2026-06-01T12:00:00Z".parse().unwrap(), zone: TimeZone::UTC }
    }

    fn after(seconds: i64) -> ProtoTimestamp {
        ProtoTimestamp { seconds: moment().now.as_second() + seconds, nanos: 0 }
    }

    #[test]
    fn spans_show_their_two_largest_units() {
        let table = [
            (0, "0s"),
            (45, "45s"),
            (90, "1m 30s"),
            (725, "12m"),
            (3_600, "1h"),
            (5_400, "1h 30m"),
            (187_200, "2d 4h"),
            (-60, "1m"),
        ];
        for (seconds, expected) in table {
            assert_eq!(span(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn distances_look_both_ways() {
        assert_eq!(moment().distance(&after(240)), "in 4m");
        assert_eq!(moment().distance(&after(-725)), "12m ago");
        assert_eq!(moment().distance(&after(0)), "now");
    }

    #[test]
    fn a_deadline_is_late_from_its_own_instant_on() {
        assert_eq!(moment().deadline(&after(1)), "in 1s");
        assert_eq!(moment().deadline(&after(0)), "0s late");
        assert_eq!(moment().deadline(&after(-3_600)), "1h late");
    }

    #[test]
    fn instants_are_shown_in_the_readers_zone() {
        let berlin = Moment { zone: TimeZone::get("Europe/Berlin").unwrap(), ..moment() };

        assert_eq!(berlin.full(&after(-60)), "2026-06-01 13:59:00 (1m ago)");
    }

    #[test]
    fn spans_are_read_in_the_ways_people_write_them() {
        for (text, seconds) in
            [("90s", 90), ("30m", 1_800), ("1h30m", 5_400), ("2d", 172_800), ("PT15M", 900)]
        {
            assert_eq!(parse_span(text).unwrap().seconds, seconds, "{text}");
        }
        for text in ["", "soon", "0s", "-5m", "12"] {
            assert!(parse_span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn instants_are_absolute_or_seen_from_now() {
        let now = moment().now;
        assert_eq!(parse_when("30m").unwrap().from(now), after(1_800));
        assert_eq!(parse_when("-30m").unwrap().from(now), after(-1_800));
        assert_eq!(parse_when("now").unwrap().from(now), after(0));
        assert_eq!(parse_when("2026-06-01T14:00:00+02:00").unwrap().from(now), after(0));
        assert!(parse_when("tomorrow").is_err());
    }
}
