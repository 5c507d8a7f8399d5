//! How long a call may take: the caller's `grpc-timeout`, at most 30 s, read here and kept with the request.
//! The clock stops at the response headers, so the body of a stream is never cut.

use std::time::{Duration, Instant};

use http::HeaderMap;

use super::limits::{CALL_TIME_MAX, DEADLINE_LEAD};

/// When the caller stops waiting. Handlers find it among the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(pub Instant);

impl Deadline {
    /// The time left, zero once it has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// The time that a call has, a little less than the caller allows. A header that cannot be read counts as absent.
pub(super) fn allowed(headers: &HeaderMap) -> Duration {
    let asked = headers.get("grpc-timeout").and_then(|value| parse(value.as_bytes()));
    asked.map_or(CALL_TIME_MAX, |asked| asked.min(CALL_TIME_MAX)).saturating_sub(DEADLINE_LEAD)
}

/// At most eight digits and a unit.
fn parse(text: &[u8]) -> Option<Duration> {
    let (unit, digits) = text.split_last()?;
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let amount = digits.iter().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    match unit {
        b'H' => Some(Duration::from_secs(amount * 3600)),
        b'M' => Some(Duration::from_secs(amount * 60)),
        b'S' => Some(Duration::from_secs(amount)),
        b'm' => Some(Duration::from_millis(amount)),
        b'u' => Some(Duration::from_micros(amount)),
        b'n' => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_grpc_writes_them() {
        assert_eq!(parse(b"1H"), Some(Duration::from_secs(3600)));
        assert_eq!(parse(b"250m"), Some(Duration::from_millis(250)));
        assert_eq!(parse(b"99999999n"), Some(Duration::from_nanos(99_999_999)));
        for bad in [&b""[..], b"5", b"S", b"123456789S", b"-1S", b"1.5S", b"1s"] {
            assert_eq!(parse(bad), None, "{}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn a_caller_gets_at_most_thirty_seconds() {
        let mut headers = HeaderMap::new();
        assert_eq!(allowed(&headers), CALL_TIME_MAX - DEADLINE_LEAD);
        headers.insert("grpc-timeout", "2H".parse().unwrap());
        assert_eq!(allowed(&headers), CALL_TIME_MAX - DEADLINE_LEAD);
        headers.insert("grpc-timeout", "100m".parse().unwrap());
        assert_eq!(allowed(&headers), Duration::from_millis(95));
        headers.insert("grpc-timeout", "1m".parse().unwrap());
        assert_eq!(allowed(&headers), Duration::ZERO);
    }
}
