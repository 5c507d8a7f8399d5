//! The one place that makes gRPC statuses: every "no" of Stentor, with its code, reason and details.
//! It knows nothing of why something was refused beyond what the refusal itself says.

mod engine;

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::Invalid;

pub use engine::{merge_refused, of_engine, policy_rejected};

/// The domain of every reason.
pub const DOMAIN: &str = "stentor.dev";

/// Violations named in one answer: details travel in a trailer of a few kilobytes.
const VIOLATIONS_MAX: usize = 20;

/// Characters of a text that comes from outside.
const TEXT_CHARS_MAX: usize = 200;

/// What the shell around the rules cannot do for a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The call carries no credentials.
    CredentialsMissing,
    /// The call carries credentials that nobody has.
    CredentialsUnknown,
    /// The caller's role may not call this.
    Forbidden { method: String, role: &'static str },
    /// The caller names an actor that it may not be.
    ActorRefused { actor: String },
    /// There is more work than capacity; nothing was begun.
    Overloaded { retry_after: Duration },
    /// An integration sends more than its rate.
    RateExceeded { integration: String, retry_after: Duration },
    /// The store or the workflow role cannot be reached, or the server is about to end.
    Unavailable { what: &'static str, retry_after: Duration },
    /// The deadline passed. The commit may have happened.
    Late,
    /// What is named does not exist, or not for this caller.
    NotFound { kind: &'static str, name: String },
    /// A watch token is older than the feed.
    TokenExpired,
    /// A cursor lies beyond the feed: the store lost its tail in a failover.
    FeedRewound { generation: u64 },
    /// A watcher reads more slowly than things change.
    WatcherSlow,
    /// A server still sends to the sink that is to be forgotten.
    SinkDriven { server: String },
    /// Nobody answers to this name here.
    Unimplemented { method: String },
    /// A mistake of ours. What it was stands in the log, not in the answer.
    Internal,
}

impl From<Fault> for Status {
    fn from(fault: Fault) -> Status {
        match fault {
            Fault::CredentialsMissing => plain(
                Code::Unauthenticated,
                "CREDENTIALS_MISSING",
                "no credentials: send authorization: Bearer KEY",
                &[],
            ),
            Fault::CredentialsUnknown => {
                plain(Code::Unauthenticated, "CREDENTIALS_UNKNOWN", "these credentials are unknown", &[])
            }
            Fault::Forbidden { method, role } => plain(
                Code::PermissionDenied,
                "METHOD_FORBIDDEN",
                &format!("{role} may not call {method}"),
                &[("method", &method), ("role", role)],
            ),
            Fault::ActorRefused { actor } => {
                let actor = cut(&actor);
                let text = format!("the caller may not act as {actor:?}");
                plain(Code::PermissionDenied, "ACTOR_FORBIDDEN", &text, &[("actor", &actor)])
            }
            Fault::Overloaded { retry_after } => {
                retry(Code::Unavailable, "OVERLOADED", "too much at once", &[], retry_after)
            }
            Fault::RateExceeded { integration, retry_after } => {
                let text = format!("integration {integration} sends more than its rate");
                let metadata = [("integration", integration.as_str())];
                let mut details = details("INTAKE_RATE", &metadata);
                details.set_retry_info(Some(retry_after));
                details.add_quota_failure_violation(format!("integrations/{integration}"), text.clone());
                Status::with_error_details(Code::ResourceExhausted, text, details)
            }
            Fault::Unavailable { what, retry_after } => {
                let text = format!("{what} is unavailable");
                retry(Code::Unavailable, "UNAVAILABLE", &text, &[("what", what)], retry_after)
            }
            Fault::NotFound { kind, name } => missing(kind, &name),
            Fault::SinkDriven { server } => {
                let server = cut(&server);
                let text = format!("the server {server:?} sends to this sink: take it out of its file first");
                plain(Code::FailedPrecondition, "SINK_DRIVEN", &text, &[("server", &server)])
            }
            other => without_details(other),
        }
    }
}

/// The faults that say all in their reason.
fn without_details(fault: Fault) -> Status {
    match fault {
        Fault::Late => plain(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline passed", &[]),
        Fault::TokenExpired => plain(
            Code::FailedPrecondition,
            "RESUME_TOKEN_EXPIRED",
            "the resume token is too old: list again, then watch",
            &[],
        ),
        Fault::FeedRewound { generation } => {
            let generation = generation.to_string();
            let text = format!("the feed ends before this token; its generation is now {generation}");
            plain(Code::DataLoss, "FEED_REWOUND", &text, &[("generation", &generation)])
        }
        Fault::WatcherSlow => {
            let text = "too slow for what changes: resume with the last token";
            retry(Code::ResourceExhausted, "WATCHER_SLOW", text, &[], Duration::from_secs(1))
        }
        Fault::Unimplemented { method } => {
            let method = cut(&method);
            let text = format!("{method} does not exist");
            plain(Code::Unimplemented, "METHOD_UNKNOWN", &text, &[("method", &method)])
        }
        _ => plain(Code::Internal, "INTERNAL", "something went wrong inside; the log says what", &[]),
    }
}

impl From<Invalid> for Status {
    fn from(invalid: Invalid) -> Status {
        invalid_fields(&[invalid])
    }
}

/// INVALID_ARGUMENT that names each field, at most twenty of them.
pub fn invalid_fields(fields: &[Invalid]) -> Status {
    let first = fields.first().map_or_else(|| "the request is malformed".to_owned(), ToString::to_string);
    let field = fields.first().map_or("", |invalid| invalid.field.as_str());
    let problem = fields.first().map_or_else(String::new, |invalid| cut(&invalid.problem));
    let mut details = details(reason_of(field), &[("field", field), ("problem", &problem)]);
    for invalid in fields.iter().take(VIOLATIONS_MAX) {
        details.add_bad_request_violation(cut(&invalid.field), cut(&invalid.problem));
    }
    Status::with_error_details(Code::InvalidArgument, cut(&first), details)
}

/// Arguments of lists and streams have a reason of their own, so that a client can drop a token and begin anew.
fn reason_of(field: &str) -> &'static str {
    match field {
        "filter" => "FILTER_INVALID",
        "order_by" => "ORDER_INVALID",
        "page_token" => "PAGE_TOKEN_INVALID",
        "resume_token" => "RESUME_TOKEN_INVALID",
        _ => "INVALID_FIELD",
    }
}

/// NOT_FOUND for a resource: `SERVICE_UNKNOWN` for kind `service`.
fn missing(kind: &str, name: &str) -> Status {
    let name = cut(name);
    let reason = format!("{}_UNKNOWN", kind.to_uppercase().replace([' ', '-'], "_"));
    let text = format!("{kind} {name:?} does not exist");
    let mut details = details(&reason, &[("name", &name)]);
    details.set_resource_info(kind, name, "", "does not exist");
    Status::with_error_details(Code::NotFound, text, details)
}

fn details(reason: &str, metadata: &[(&str, &str)]) -> ErrorDetails {
    let metadata: HashMap<String, String> =
        metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    ErrorDetails::with_error_info(reason, DOMAIN, metadata)
}

fn plain(code: Code, reason: &str, text: &str, metadata: &[(&str, &str)]) -> Status {
    Status::with_error_details(code, text, details(reason, metadata))
}

/// With RetryInfo, and the pushback that gRPC clients obey by themselves.
fn retry(code: Code, reason: &str, text: &str, metadata: &[(&str, &str)], after: Duration) -> Status {
    let mut details = details(reason, metadata);
    details.set_retry_info(Some(after));
    let mut status = Status::with_error_details(code, text, details);
    status.metadata_mut().insert("grpc-retry-pushback-ms", (after.as_millis() as u64).into());
    status
}

/// Texts from outside are shortened: an answer is no place to store them.
fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_fault() -> Vec<(Fault, Code, &'static str)> {
        let second = Duration::from_secs(1);
        let name = String::from("x");
        vec![
            (Fault::CredentialsMissing, Code::Unauthenticated, "CREDENTIALS_MISSING"),
            (Fault::CredentialsUnknown, Code::Unauthenticated, "CREDENTIALS_UNKNOWN"),
            (
                Fault::Forbidden { method: name.clone(), role: "an integration" },
                Code::PermissionDenied,
                "METHOD_FORBIDDEN",
            ),
            (Fault::ActorRefused { actor: name.clone() }, Code::PermissionDenied, "ACTOR_FORBIDDEN"),
            (Fault::Overloaded { retry_after: second }, Code::Unavailable, "OVERLOADED"),
            (
                Fault::RateExceeded { integration: name.clone(), retry_after: second },
                Code::ResourceExhausted,
                "INTAKE_RATE",
            ),
            (Fault::Unavailable { what: "the store", retry_after: second }, Code::Unavailable, "UNAVAILABLE"),
            (Fault::Late, Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
            (
                Fault::NotFound { kind: "escalation policy", name: name.clone() },
                Code::NotFound,
                "ESCALATION_POLICY_UNKNOWN",
            ),
            (Fault::TokenExpired, Code::FailedPrecondition, "RESUME_TOKEN_EXPIRED"),
            (Fault::FeedRewound { generation: 2 }, Code::DataLoss, "FEED_REWOUND"),
            (Fault::WatcherSlow, Code::ResourceExhausted, "WATCHER_SLOW"),
            (Fault::Unimplemented { method: name }, Code::Unimplemented, "METHOD_UNKNOWN"),
            (Fault::Internal, Code::Internal, "INTERNAL"),
        ]
    }

    #[test]
    fn every_fault_has_its_code_and_a_reason_of_our_domain() {
        for (fault, code, reason) in every_fault() {
            let status = Status::from(fault.clone());
            let info = status.get_details_error_info().unwrap();
            assert_eq!(
                (status.code(), info.reason.as_str(), info.domain.as_str()),
                (code, reason, DOMAIN),
                "{fault:?}"
            );
        }
    }

    #[test]
    fn what_may_be_retried_says_when() {
        let status = Status::from(Fault::Overloaded { retry_after: Duration::from_millis(1500) });
        assert_eq!(status.get_details_retry_info().unwrap().retry_delay, Some(Duration::from_millis(1500)));
        assert_eq!(status.metadata().get("grpc-retry-pushback-ms").unwrap(), "1500");
        let status = Status::from(Fault::RateExceeded {
            integration: "prom".into(),
            retry_after: Duration::from_secs(2),
        });
        assert!(status.get_details_retry_info().is_some() && status.get_details_quota_failure().is_some());
    }

    #[test]
    fn what_does_not_exist_is_named() {
        let status = Status::from(Fault::NotFound { kind: "service", name: "checkout".into() });
        let resource = status.get_details_resource_info().unwrap();
        assert_eq!(
            (resource.resource_type.as_str(), resource.resource_name.as_str()),
            ("service", "checkout")
        );
        assert_eq!(status.get_details_error_info().unwrap().metadata["name"], "checkout");
    }

    #[test]
    fn invalid_fields_are_violations_and_their_texts_are_bounded() {
        let fields: Vec<Invalid> =
            (0..30).map(|n| Invalid::new("title", "ü".repeat(5000)).within(format!("alerts[{n}]"))).collect();
        let status = invalid_fields(&fields);
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(violations.len(), VIOLATIONS_MAX);
        assert_eq!(violations[3].field, "alerts[3].title");
        assert!(status.details().len() < 12_000, "{} bytes", status.details().len());
    }

    #[test]
    fn an_internal_error_tells_nothing_of_the_inside() {
        let status = Status::from(Fault::Internal);
        assert!(
            !status.message().contains("sql") && status.get_details_error_info().unwrap().metadata.is_empty()
        );
    }
}
