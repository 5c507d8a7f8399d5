//! GitHub's webhooks: workflow runs that fail fire and clear with the next success, security alerts fire until they are
//! fixed or dismissed. Everything else that GitHub tells is answered and left.

use serde_json::Value;
use stentor_core::signal::Signal;

use super::fields::{Fields, filled};
use super::read::{Entry, Heard, instant, json, web_address};
use crate::wire::Invalid;
use crate::wire::signal::RawSignal;

/// Severities of advisories that are called otherwise here.
const SEVERITIES: [(&str, &str); 4] =
    [("high", "error"), ("medium", "warning"), ("moderate", "warning"), ("low", "info")];

/// What the body of an event says; nothing where it is no news of an alert.
pub(super) fn read(body: &[u8], event: &str, entry: &Entry<'_>) -> Result<Heard, String> {
    let body: Value = json(body)?;
    read_event(&body, event, entry).map_err(|invalid| invalid.to_string())
}

fn read_event(body: &Value, event: &str, entry: &Entry<'_>) -> Result<Heard, Invalid> {
    let body = Fields::of(body, "")?;
    let mut heard = Heard::default();
    let action = body.text("action")?;
    let signal = match (event, action.as_str()) {
        ("", _) => return Err(Invalid::new("X-GitHub-Event", "is missing in the headers")),
        ("workflow_run", "completed") => workflow_run(&body, entry),
        ("dependabot_alert" | "code_scanning_alert" | "secret_scanning_alert", _) => {
            security_alert(&body, event, &action, entry)
        }
        _ => Ok(None),
    };
    match signal {
        Ok(None) => {}
        Ok(Some(signal)) => heard.add_placed(Ok(signal)),
        Err(invalid) => heard.add_placed(Err(invalid)),
    }
    Ok(heard)
}

/// One alert for each workflow and branch. Runs of pull requests are their authors' business.
fn workflow_run(body: &Fields<'_>, entry: &Entry<'_>) -> Result<Option<Signal>, Invalid> {
    let run = body.within("workflow_run")?;
    let clear = match run.text("conclusion")?.as_str() {
        "failure" | "timed_out" | "startup_failure" => false,
        "success" => true,
        _ => return Ok(None),
    };
    if matches!(run.text("event")?.as_str(), "pull_request" | "pull_request_target") {
        return Ok(None);
    }
    let repository = body.within("repository")?.required("full_name")?;
    let (workflow, branch) = (run.required("workflow_id")?, run.text("head_branch")?);
    let name = run.first(&["name", "display_title"]);
    let signal = RawSignal {
        clear,
        key: short(format!("workflow:{repository}:{workflow}:{branch}")),
        title: format!("{name} failed on {branch} of {repository}"),
        description: run.first(&["display_title"]),
        source: repository.clone(),
        url: web_address(run.first(&["html_url"])),
        observed_at: instant("updated_at", Some(&run.first(&["updated_at"]))).unwrap_or_default(),
        labels: filled([
            ("repository", repository),
            ("workflow", name),
            ("branch", branch),
            ("trigger", run.first(&["event"])),
        ]),
        annotations: filled([
            ("commit", run.first(&["head_sha"])),
            ("conclusion", run.first(&["conclusion"])),
            ("attempt", run.first(&["run_attempt"])),
        ]),
        ..RawSignal::default()
    };
    entry.normalise(signal).map(Some)
}

fn security_alert(
    body: &Fields<'_>,
    event: &str,
    action: &str,
    entry: &Entry<'_>,
) -> Result<Option<Signal>, Invalid> {
    let clear = match action {
        "created" | "reopened" | "reopened_by_user" | "reintroduced" | "auto_reopened" => false,
        "fixed" | "dismissed" | "auto_dismissed" | "closed_by_user" | "resolved" | "revoked" => true,
        _ => return Ok(None),
    };
    let alert = body.within("alert")?;
    let repository = body.within("repository")?.required("full_name")?;
    let number = alert.required("number")?;
    let (advisory, rule) = (alert.object("security_advisory")?, alert.object("rule")?);
    let of = |fields: &Option<Fields<'_>>, names: &[&str]| {
        fields.as_ref().map(|fields| fields.first(names)).unwrap_or_default()
    };
    let either = |a: String, b: String| if a.is_empty() { b } else { a };
    let what = either(of(&advisory, &["summary"]), of(&rule, &["description", "name"]));
    let what = either(what, alert.first(&["secret_type_display_name", "secret_type"]));
    let severity = either(of(&advisory, &["severity"]), of(&rule, &["security_severity_level", "severity"]));
    let kind = event.trim_end_matches("_alert").replace('_', " ");
    let signal = RawSignal {
        clear,
        key: short(format!("{event}:{repository}:{number}")),
        title: format!("{repository}: {}", either(what, format!("{kind} alert {number}"))),
        description: of(&advisory, &["description"]),
        severity: entry.severity(&severity, &SEVERITIES),
        source: repository.clone(),
        url: web_address(alert.first(&["html_url"])),
        observed_at: instant("updated_at", Some(&alert.first(&["updated_at"]))).unwrap_or_default(),
        labels: filled([("repository", repository), ("alert", kind)]),
        ..RawSignal::default()
    };
    entry.normalise(signal).map(Some)
}

/// A key that is not refused for the length of a branch's name.
fn short(key: String) -> String {
    if key.chars().count() <= 255 { key } else { super::signature::delivery(key.as_bytes()) }
}
