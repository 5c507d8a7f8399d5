//! What can go wrong for a command, as the person at the keyboard sees it: a message and an exit code.
//! It does not retry and does not print; the client does the one, the terminal the other.

use std::{collections::BTreeMap, fmt::Write, io, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// Exit code of a command that a person interrupted.
pub const INTERRUPTED: u8 = 130;

/// Why a command did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The command line makes no sense, beyond what its grammar can tell.
    #[error("{0}")]
    Usage(String),
    /// The server refused, or could not be reached.
    #[error("{}", explain(.status))]
    Refused {
        /// What came back.
        status: Box<Status>,
        /// The id under which a change can be repeated without double effect.
        request_id: Option<String>,
    },
    /// A file or a stream could not be used.
    #[error("{what}: {source}")]
    Io {
        /// What was attempted, and on what.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The answer is there and says no, for example a policy with findings.
    #[error("{0}")]
    Negative(String),
    /// Each failure has been told already.
    #[error("{failed} of {total} failed")]
    Several {
        /// How many failed.
        failed: usize,
        /// How many were tried.
        total: usize,
        /// The code all failures share if none succeeded.
        code: u8,
    },
}

impl Failure {
    /// A failure of reading or writing, with what was attempted.
    pub(super) fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }

    /// The exit code: 1 generic, 2 usage, 3 not found, 4 credentials, 5 conflict or precondition,
    /// 6 unavailable or out of time, 7 some of several.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Refused { status, .. } => code_of(status),
            // Whoever closed the pipe, as `head` does, has seen enough.
            Self::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => 0,
            Self::Io { .. } | Self::Negative(_) => 1,
            Self::Several { failed, total, code } if failed == total => *code,
            Self::Several { .. } => 7,
        }
    }

    /// Lines for stderr: the message, then what the server told about the reason and about trying again.
    pub(super) fn report(&self) -> String {
        let mut text = format!("error: {self}");
        if let Self::Refused { status, request_id } = self {
            detail(&mut text, status, request_id.as_deref());
        }
        text
    }
}

fn explain(status: &Status) -> String {
    if timed_out(status) {
        return "no answer in time".to_owned();
    }
    if status.message().is_empty() {
        status.code().description().to_owned()
    } else {
        status.message().to_owned()
    }
}

/// A client whose own time is up sees a cancellation, because the transport has no other word for it.
pub(super) fn timed_out(status: &Status) -> bool {
    status.code() == Code::DeadlineExceeded
        || (status.code() == Code::Cancelled && status.message().contains("Timeout expired"))
}

/// The exit code for a gRPC status.
pub(super) fn code_of(status: &Status) -> u8 {
    match status.code() {
        Code::Ok => 0,
        Code::InvalidArgument | Code::OutOfRange => 2,
        Code::NotFound => 3,
        Code::Unauthenticated | Code::PermissionDenied => 4,
        Code::AlreadyExists | Code::FailedPrecondition | Code::Aborted => 5,
        Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted => 6,
        Code::Cancelled if timed_out(status) => 6,
        Code::Cancelled | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => 1,
    }
}

fn detail(text: &mut String, status: &Status, request_id: Option<&str>) {
    let details = status.get_error_details();
    let violations = violations(&details);
    // The message of an error with one violation is that violation.
    let told = violations.len() == 1 && status.message().contains(violations[0].1);
    if let Some(info) = details.error_info() {
        line(text, "reason", &info.reason);
        let fields = details.bad_request().is_some_and(|bad| !bad.field_violations.is_empty()) && !told;
        for (key, value) in info.metadata.iter().collect::<BTreeMap<_, _>>() {
            // Messages repeat these values; a list of them helps whoever has to act on them. Violations name fields
            // themselves.
            if !(fields && matches!(key.as_str(), "field" | "problem")) {
                line(text, key, value);
            }
        }
    }
    for (label, description) in violations.iter().filter(|_| !told) {
        line(text, label, description);
    }
    if let Some(delay) = details.retry_info().and_then(|retry| retry.retry_delay) {
        line(text, "retry", &format!("after {}", super::time::span(delay.as_secs().max(1) as i64)));
    }
    match status.code() {
        Code::Unauthenticated => line(text, "hint", "give a key with --key-file or STENTOR_KEY"),
        Code::Unavailable => line(text, "hint", "is the server running? See --server and STENTOR_SERVER"),
        _ => {}
    }
    if let Some(id) = request_id.filter(|_| timed_out(status) || status.code() == Code::Unavailable) {
        line(
            text,
            "hint",
            &format!("it may have been done; to repeat it without double effect: --request-id {id}"),
        );
    }
}

/// Every violation: what it concerns, and what is wrong with it.
fn violations(details: &ErrorDetails) -> Vec<(&str, &str)> {
    let fields = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
    let conditions =
        details.precondition_failure().map(|list| list.violations.as_slice()).unwrap_or_default();
    let quotas = details.quota_failure().map(|list| list.violations.as_slice()).unwrap_or_default();
    let fields = fields.iter().map(|v| (v.field.as_str(), v.description.as_str()));
    let conditions = conditions.iter().map(|v| (v.r#type.as_str(), v.description.as_str()));
    let quotas = quotas.iter().map(|v| (v.subject.as_str(), v.description.as_str()));
    fields.chain(conditions).chain(quotas).collect()
}

fn line(text: &mut String, label: &str, value: &str) {
    write!(text, "\n  {label}: {value}").expect("a string takes every text");
}

/// How long the server asks to wait before another try, if it says so.
pub(super) fn retry_delay(status: &Status) -> Option<Duration> {
    status.get_error_details().retry_info().and_then(|retry| retry.retry_delay)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_status_has_its_exit_code() {
        let table = [
            (Code::InvalidArgument, 2),
            (Code::OutOfRange, 2),
            (Code::NotFound, 3),
            (Code::Unauthenticated, 4),
            (Code::PermissionDenied, 4),
            (Code::AlreadyExists, 5),
            (Code::FailedPrecondition, 5),
            (Code::Aborted, 5),
            (Code::Unavailable, 6),
            (Code::DeadlineExceeded, 6),
            (Code::ResourceExhausted, 6),
            (Code::Cancelled, 1),
            (Code::Unknown, 1),
            (Code::Unimplemented, 1),
            (Code::Internal, 1),
            (Code::DataLoss, 1),
        ];
        for (code, expected) in table {
            assert_eq!(code_of(&Status::new(code, "no")), expected, "{code:?}");
        }
    }

    #[test]
    fn a_client_out_of_time_counts_as_a_deadline() {
        let status = Status::cancelled("Timeout expired");

        assert_eq!(code_of(&status), 6);
        assert_eq!(explain(&status), "no answer in time");
    }

    #[test]
    fn some_of_several_is_7_and_all_of_them_share_their_code() {
        assert_eq!(Failure::Several { failed: 1, total: 3, code: 5 }.exit_code(), 7);
        assert_eq!(Failure::Several { failed: 3, total: 3, code: 5 }.exit_code(), 5);
    }

    #[test]
    fn a_report_names_reason_violations_and_when_to_try_again() {
        let mut details = ErrorDetails::with_error_info(
            "INTAKE_RATE",
            "stentor.dev",
            [("limit".to_owned(), "10".to_owned())],
        );
        details.add_bad_request_violation("alert.title", "is empty");
        details.set_retry_info(Some(Duration::from_secs(90)));
        let status = Status::with_error_details(Code::ResourceExhausted, "too many", details);

        let text = Failure::Refused { status: Box::new(status), request_id: None }.report();

        assert_eq!(
            text,
            "error: too many\n  reason: INTAKE_RATE\n  limit: 10\n  alert.title: is empty\n  retry: after 1m 30s"
        );
    }

    #[test]
    fn one_condition_is_told_once_and_several_are_listed() {
        let refused = |conditions: &[(&str, &str)]| {
            let mut details = ErrorDetails::with_error_info(conditions[0].0, "stentor.dev", HashMap::new());
            for (reason, text) in conditions {
                details.add_precondition_failure_violation(*reason, "", *text);
            }
            let status = Status::with_error_details(Code::FailedPrecondition, conditions[0].1, details);
            Failure::Refused { status: Box::new(status), request_id: None }.report()
        };
        let (alerts, fix) = (("ALERTS_FIRING", "2 alerts are firing"), ("FIX_NOT_VERIFIED", "not verified"));

        assert_eq!(refused(&[alerts]), "error: 2 alerts are firing\n  reason: ALERTS_FIRING");
        assert_eq!(
            refused(&[alerts, fix]),
            "error: 2 alerts are firing\n  reason: ALERTS_FIRING\n  ALERTS_FIRING: 2 alerts are firing\n  \
             FIX_NOT_VERIFIED: not verified"
        );
    }

    #[test]
    fn after_a_deadline_a_change_tells_how_to_repeat_it_safely() {
        let status = Box::new(Status::deadline_exceeded("late"));

        let text = Failure::Refused { status, request_id: Some("7f".to_owned()) }.report();

        assert!(text.ends_with("--request-id 7f"), "{text}");
    }
}
