//! The engine's "no" as statuses: each refusal with its reason, and every value of it in the metadata. Why something was
//! refused is not judged here.

use std::time::Duration;

use serde_json::Value;
use stentor_core::id::InstanceId;
use stentor_core::refusal::{Kind, Refusal};
use stentor_engine::Error;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::{Fault, Invalid, VIOLATIONS_MAX, cut, details, missing, plain};

/// When a store that is away is asked again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What the engine answered instead of a reply.
pub fn of_engine(error: Error) -> Status {
    match error {
        Error::Refused(refusal) => refused(&[refusal]),
        Error::RefusedAll(refusals) => refused(&refusals),
        Error::NotFound(name) => not_found(&name),
        Error::Overloaded { retry_after_ms } => {
            Fault::Overloaded { retry_after: Duration::from_millis(retry_after_ms) }.into()
        }
        Error::RateExceeded { integration, retry_after_ms } => {
            Fault::RateExceeded { integration, retry_after: Duration::from_millis(retry_after_ms) }.into()
        }
        Error::Unavailable(why) => {
            tracing::warn!(why, "the store cannot be reached");
            Fault::Unavailable { what: "the store", retry_after: RETRY_AFTER }.into()
        }
        Error::Late => Fault::Late.into(),
        Error::Internal(why) => {
            tracing::error!(why, "a command failed inside");
            Fault::Internal.into()
        }
    }
}

/// The target of a merge said no; the source's history says why.
pub fn merge_refused(target: &InstanceId) -> Status {
    let target = format!("incidents/{target}");
    let text = format!("{target} refused the merge");
    plain(Code::FailedPrecondition, "MERGE_REFUSED", &text, &[("target", &target)])
}

/// A policy document that may not become a version.
pub fn policy_rejected(violations: &[Invalid]) -> Status {
    let count = violations.len().to_string();
    let mut details = details("POLICY_REJECTED", &[("findings", &count)]);
    for violation in violations.iter().take(VIOLATIONS_MAX) {
        details.add_bad_request_violation(cut(&violation.field), cut(&violation.problem));
    }
    let first = violations.first().map_or("the document has findings", |v| v.problem.as_str());
    Status::with_error_details(Code::InvalidArgument, cut(first), details)
}

/// The first refusal gives code and reason; a dry run names them all.
fn refused(refusals: &[Refusal]) -> Status {
    let Some(first) = refusals.first() else { return Fault::Internal.into() };
    let code = match first.kind() {
        Kind::Precondition => Code::FailedPrecondition,
        Kind::Aborted => Code::Aborted,
        Kind::Invalid => Code::InvalidArgument,
        Kind::NotFound => match first {
            Refusal::Unknown { what, name } if refusals.len() == 1 => return missing(what, name),
            _ => Code::NotFound,
        },
        Kind::Exhausted => Code::ResourceExhausted,
    };
    let metadata = metadata(first);
    let metadata: Vec<(&str, &str)> = metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let mut details = details(first.reason(), &metadata);
    // One that stands alone and is no condition of a state says all in its reason.
    let alone = refusals.len() == 1 && matches!(first.kind(), Kind::NotFound | Kind::Aborted);
    for refusal in refusals.iter().take(VIOLATIONS_MAX).filter(|_| !alone) {
        violation(&mut details, refusal);
    }
    Status::with_error_details(code, cut(&first.to_string()), details)
}

/// One violation for each condition; a list of what is missing is as many conditions as it has items. The kinds that
/// have no violations of their own stand among the preconditions, so that nothing is left out.
fn violation(details: &mut ErrorDetails, refusal: &Refusal) {
    let text = cut(&refusal.to_string());
    match (refusal, refusal.kind()) {
        (Refusal::ChecklistIncomplete { missing } | Refusal::ReviewIncomplete { missing }, _) => {
            for item in missing {
                let text = format!("{item} is missing");
                details.add_precondition_failure_violation(refusal.reason(), item, text);
            }
        }
        (_, Kind::Precondition | Kind::NotFound | Kind::Aborted) => {
            details.add_precondition_failure_violation(refusal.reason(), "", text);
        }
        (_, Kind::Invalid) => {
            details.add_bad_request_violation(field(refusal), text);
        }
        (_, Kind::Exhausted) => {
            details.add_quota_failure_violation(field(refusal), text);
        }
    }
}

/// The field that a refusal speaks of, where it speaks of one.
fn field(refusal: &Refusal) -> String {
    let named = metadata(refusal).into_iter().find(|(key, _)| key == "field");
    named.map(|(_, field)| field).unwrap_or_default()
}

/// Every value of a refusal under its own name.
fn metadata(refusal: &Refusal) -> Vec<(String, String)> {
    let Ok(Value::Object(variant)) = serde_json::to_value(refusal) else { return Vec::new() };
    let values = variant.into_iter().next().map(|(_, values)| values);
    let Some(Value::Object(values)) = values else { return Vec::new() };
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Array(items) => items
            .into_iter()
            .map(|i| i.as_str().map_or(i.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(","),
        other => other.to_string(),
    };
    values.into_iter().map(|(key, value)| (key, cut(&text(value)))).collect()
}

/// `INCIDENT_UNKNOWN` for `incidents/…` and whatever the engine calls an incident, and so on.
fn not_found(name: &str) -> Status {
    let kind = match name.split(['/', '-', ' ']).next().unwrap_or_default() {
        "reviews" | "review" | "rev" | "REV" => "review",
        "policies" | "policy" => "policy",
        "alerts" | "alert" => "alert",
        "sinks" => "sink",
        _ => "incident",
    };
    missing(kind, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_its_reason_and_its_values() {
        let status = of_engine(Error::Refused(Refusal::LevelMoved { expected: 1, level: 2, round: 1 }));
        let info = status.get_details_error_info().unwrap();
        assert_eq!((status.code(), info.reason.as_str()), (Code::Aborted, "LEVEL_MOVED"));
        assert_eq!((info.metadata["expected"].as_str(), info.metadata["level"].as_str()), ("1", "2"));
    }

    #[test]
    fn a_dry_run_names_every_unmet_condition() {
        let all = vec![Refusal::AlertsFiring { count: 2 }, Refusal::FixNotVerified];
        let status = of_engine(Error::RefusedAll(all));
        let violations = status.get_details_precondition_failure().unwrap().violations;
        assert_eq!(status.get_details_error_info().unwrap().reason, "ALERTS_FIRING");
        assert_eq!(
            violations.iter().map(|v| v.r#type.as_str()).collect::<Vec<_>>(),
            ["ALERTS_FIRING", "FIX_NOT_VERIFIED"]
        );
    }

    #[test]
    fn each_item_that_a_checklist_lacks_is_a_violation_of_its_own() {
        let missing = vec!["SUMMARY".to_owned(), "LESSONS".to_owned()];
        let all = vec![Refusal::ChecklistIncomplete { missing }, Refusal::TasksOpen { count: 1 }];
        let violations =
            of_engine(Error::RefusedAll(all)).get_details_precondition_failure().unwrap().violations;
        let told: Vec<_> = violations.iter().map(|v| (v.r#type.as_str(), v.subject.as_str())).collect();
        assert_eq!(
            told,
            [("CHECKLIST_INCOMPLETE", "SUMMARY"), ("CHECKLIST_INCOMPLETE", "LESSONS"), ("TASKS_OPEN", "")]
        );
    }

    #[test]
    fn a_dry_run_names_conditions_of_every_kind() {
        let unknown = Refusal::Unknown { what: "service".to_owned(), name: "x".to_owned() };
        let moved = Refusal::LevelMoved { expected: 1, level: 2, round: 1 };
        let reason = Refusal::ReasonRequired { field: "reason".to_owned() };
        let status = of_engine(Error::RefusedAll(vec![unknown, moved, reason]));
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(status.get_details_precondition_failure().unwrap().violations.len(), 2);
        assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "reason");
    }

    #[test]
    fn a_missing_reason_is_a_violation_of_its_field() {
        let status = of_engine(Error::Refused(Refusal::ReasonRequired { field: "reason".to_owned() }));
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "reason");
    }

    #[test]
    fn what_does_not_exist_has_the_reason_of_its_kind() {
        let reason = |error| of_engine(error).get_details_error_info().unwrap().reason;
        assert_eq!(reason(Error::NotFound("INC-7".to_owned())), "INCIDENT_UNKNOWN");
        assert_eq!(reason(Error::NotFound("reviews/7".to_owned())), "REVIEW_UNKNOWN");
        let unknown = Refusal::Unknown { what: "task".to_owned(), name: "7".to_owned() };
        assert_eq!(reason(Error::Refused(unknown)), "TASK_UNKNOWN");
    }

    #[test]
    fn the_inside_stays_inside() {
        assert!(!of_engine(Error::Internal("sql".to_owned())).message().contains("sql"));
    }
}
