//! Versions of the policy, findings and differences as readers see them. What a finding means is decided by the linter.

use stentor_core::incident::Incident;
use stentor_core::policy::document::Document;
use stentor_core::policy::{Change, Finding, Severity, content_hash};
use stentor_core::refusal::Refusal;
use stentor_core::simulate::Moved;
use stentor_engine::PolicyVersion;
use stentor_proto::v1;

use super::Invalid;
use super::clocks::instant;
use super::fields::{Fields, Understood};
use super::limits;

/// A request to apply, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The document as written.
    pub source: String,
    pub expected: Option<u64>,
    /// Warnings accepted by the request, `CODE@path`.
    pub accept: Vec<String>,
    pub validate_only: bool,
    pub migrate: v1::PolicyMigration,
}

/// Reads it.
pub fn application(request: v1::ApplyPolicyRequest) -> Understood<Application> {
    let mut f = Fields::default();
    if request.document.is_empty() {
        f.refuse("document", "is required");
    }
    let source = String::from_utf8(request.document).unwrap_or_else(|_| {
        f.refuse("document", "is not UTF-8");
        String::new()
    });
    let expected = u64::try_from(request.expected_version);
    if expected.is_err() {
        f.refuse("expected_version", "is negative");
    }
    if request.accept.len() > limits::LIST || request.accept.iter().any(|a| !a.contains('@')) {
        f.refuse("accept", "is a list of CODE@path");
    }
    let migrate = v1::PolicyMigration::try_from(request.migrate).unwrap_or_else(|_| {
        f.refuse("migrate", format!("has a value that cannot be asked for: {}", request.migrate));
        v1::PolicyMigration::None
    });
    f.text("comment", &request.comment, limits::REASON);
    f.request_id(&request.request_id);
    f.finish(Application {
        source,
        expected: expected.ok().filter(|n| *n > 0),
        accept: request.accept,
        validate_only: request.validate_only,
        migrate,
    })
}

/// A version without its document.
pub fn basic(version: &PolicyVersion, current: u64) -> v1::Policy {
    let number = version.policy.number();
    v1::Policy {
        name: format!("policies/{number}"),
        number: i64::try_from(number).unwrap_or(i64::MAX),
        digest: version.policy.hash().to_owned(),
        organisation: version.policy.document().organisation.name.clone(),
        actor: version.actor.to_string(),
        apply_time: Some(instant(version.at)),
        comment: String::new(),
        current: number == current,
        document: Vec::new(),
    }
}

/// A version with its document.
pub fn full(version: &PolicyVersion, current: u64) -> v1::Policy {
    v1::Policy { document: version.source.as_bytes().to_vec(), ..basic(version, current) }
}

/// What would be applied.
pub fn preview(document: &Document) -> v1::Policy {
    v1::Policy {
        digest: content_hash(document),
        organisation: document.organisation.name.clone(),
        ..v1::Policy::default()
    }
}

/// Findings, worst first; `left` are those that nobody accepted.
pub fn findings(mut all: Vec<Finding>, left: &[Finding]) -> Vec<v1::Finding> {
    all.sort_by(|a, b| (a.severity, a.line, &a.path).cmp(&(b.severity, b.line, &b.path)));
    let finding = |f: Finding| v1::Finding {
        severity: severity(f.severity).into(),
        code: f.code.to_string(),
        accepted: !left.iter().any(|l| l.code == f.code && l.path == f.path),
        line: position(f.line),
        column: position(f.column),
        path: f.path,
        message: f.message,
    };
    all.into_iter().map(finding).collect()
}

/// Findings that refuse a document, as violations of it: where they are, then what they say.
pub fn violations(left: &[Finding]) -> Vec<Invalid> {
    let blocking = left.iter().filter(|f| f.severity != Severity::Info);
    blocking
        .map(|f| Invalid::new(format!("document.{}", f.path).trim_end_matches('.'), f.to_string()))
        .collect()
}

/// What moving an incident does, or why it does not move.
pub fn moved(incident: &Incident, preview: Result<Moved, Refusal>) -> v1::PolicyMove {
    let (moved, refusal) = match preview {
        Ok(moved) => (moved, String::new()),
        Err(refusal) => (Moved::default(), refusal.reason().to_owned()),
    };
    v1::PolicyMove {
        incident: format!("incidents/{}", incident.id),
        reference: incident.reference(),
        from_policy: format!("policies/{}", incident.policy),
        pages: moved.pages.iter().map(|(person, channel)| format!("people/{person} {channel}")).collect(),
        breached_clocks: moved.breached,
        started_clocks: moved.started,
        cancelled_clocks: moved.cancelled,
        next_escalation_time: moved.next.map(instant),
        refusal,
    }
}

/// Differences by path.
pub fn changes(changes: Vec<Change>) -> Vec<v1::PolicyChange> {
    let change = |c: Change| {
        let kind = match (&c.before, &c.after) {
            (None, _) => v1::PolicyChangeKind::Added,
            (Some(_), None) => v1::PolicyChangeKind::Removed,
            (Some(_), Some(_)) => v1::PolicyChangeKind::Changed,
        };
        v1::PolicyChange {
            kind: kind.into(),
            path: c.path,
            before_json: c.before.unwrap_or_default(),
            after_json: c.after.unwrap_or_default(),
        }
    };
    changes.into_iter().map(change).collect()
}

fn severity(severity: Severity) -> v1::FindingSeverity {
    match severity {
        Severity::Error => v1::FindingSeverity::Error,
        Severity::Warning => v1::FindingSeverity::Warning,
        Severity::Info => v1::FindingSeverity::Info,
    }
}

fn position(n: Option<u32>) -> i32 {
    n.and_then(|n| i32::try_from(n).ok()).unwrap_or(0)
}
