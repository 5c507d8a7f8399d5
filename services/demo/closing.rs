//! The story from the fix to the review: plan, apply, verify, resolve, document, close, look at the draft.
//! It sends and waits; whether a step was seen is decided by what the server tells.

use std::time::Duration;

use stentor_proto::v1::{
    ApplyFixRequest, ChecklistField, CloseIncidentRequest, DocumentIncidentRequest, Incident, PlanFixRequest,
    PostUpdateRequest, ResolutionCode, ResolveIncidentRequest, UpdateAudience, VerifyFixRequest,
};
use tokio::time::Instant;
use tonic::Status;
use tonic_types::StatusExt;

use super::api::{by, fresh};
use super::payload::{CHECKOUT_ENDS, Present, now};
use super::run::DemoError;
use super::show::Show;
use super::step::Step;
use super::story::{BO, send};
use crate::cli::Tone;

/// Lines of the draft that are shown.
const DRAFT_LINES: usize = 14;

/// What Bo writes, field by field. The category belongs to the root cause alone.
const DOCUMENTED: [(ChecklistField, &str, &str); 9] = [
    (ChecklistField::Summary, "Checkout failed 12% of requests after release 4.2.", ""),
    (ChecklistField::WhatWasDone, "Release 4.2 was rolled back.", ""),
    (ChecklistField::RootCause, "Release 4.2 opened a connection for each request.", "software"),
    (ChecklistField::CauseEvidence, "The error ratio fell with the rollback, region by region.", ""),
    (ChecklistField::Impact, "One in eight customers could not pay.", ""),
    (ChecklistField::DetectionSource, "HighErrorRate, seconds after it began.", ""),
    (ChecklistField::Change, "Release 4.2 of checkout.", ""),
    (ChecklistField::Lessons, "Watch connections, not only errors, while a release rolls out.", ""),
    (ChecklistField::FollowUps, "Alert on open connections.", ""),
];

pub(super) async fn fixed(
    show: &mut Show<'_>,
    present: &mut Present,
    incident: &str,
) -> Result<(), DemoError> {
    show.act("A fix, verified", "A fix has to soak before it counts as verified: here for 2 s.")?;
    let name = || incident.to_owned();
    show.does("bo: stentor incident fix plan \"Roll back release 4.2\"")?;
    let description = "Roll back release 4.2".to_owned();
    let plan = PlanFixRequest { name: name(), request_id: fresh(), description, ..Default::default() };
    let planned = show.api.resolution().plan_fix(by(BO, plan)).await?.into_inner();
    show.until(Step::FixPlanned).await?;
    show.does("bo: stentor incident fix apply")?;
    let fix_number = planned.fix_number;
    let apply = ApplyFixRequest { name: name(), request_id: fresh(), fix_number, ..Default::default() };
    show.api.resolution().apply_fix(by(BO, apply)).await?;
    show.until(Step::FixApplied).await?;
    show.does("bo: stentor incident verify, too early")?;
    let verify = |request_id| VerifyFixRequest {
        name: name(),
        request_id,
        fix_number,
        passed: true,
        verification: "The error ratio is back to normal.".to_owned(),
        ..Default::default()
    };
    let early = show.api.resolution().verify_fix(by(BO, verify(fresh()))).await;
    let ready = early.err().map(|status| refused(show, &status)).transpose()?.flatten();
    send(show, present, CHECKOUT_ENDS).await?;
    show.until(Step::Cleared).await?;
    show.past(ready.unwrap_or_else(Instant::now)).await?;
    show.does("bo: stentor incident verify")?;
    show.api.resolution().verify_fix(by(BO, verify(fresh()))).await?;
    show.until(Step::FixVerified).await
}

pub(super) async fn resolved(show: &mut Show<'_>, incident: &str) -> Result<(), DemoError> {
    show.act(
        "All is quiet",
        "After 5 s without an alert the incident counts as mitigated. Resolving stays a person's word.",
    )?;
    show.until(Step::Mitigated).await?;
    show.does("bo: stentor incident resolve --code rolled-back")?;
    let request = ResolveIncidentRequest {
        name: incident.to_owned(),
        request_id: fresh(),
        code: ResolutionCode::RolledBack.into(),
        verification: "no failed payment since the rollback".to_owned(),
        ..Default::default()
    };
    show.api.resolution().resolve_incident(by(BO, request)).await?;
    show.until(Step::Resolved).await?;
    show.until(Step::ReviewDrafted).await
}

pub(super) async fn closed(show: &mut Show<'_>, incident: &str) -> Result<(), DemoError> {
    show.act(
        "Closing needs the whole story",
        "An incident is closed when its checklist is complete, not before.",
    )?;
    show.does("bo: stentor incident close")?;
    let close =
        || CloseIncidentRequest { name: incident.to_owned(), request_id: fresh(), ..Default::default() };
    if let Err(status) = show.api.resolution().close_incident(by(BO, close())).await {
        refused(show, &status)?;
    }
    show.does("bo: stentor incident document, field by field, and a final update")?;
    let times = show.api.incident(incident).await?;
    for (field, text, category) in DOCUMENTED {
        let request = document(&times, field, text, category);
        show.api.resolution().document_incident(by(BO, request)).await?;
    }
    let update = PostUpdateRequest {
        name: incident.to_owned(),
        request_id: fresh(),
        audience: UpdateAudience::Stakeholders.into(),
        text: "Checkout works again; release 4.2 is rolled back.".to_owned(),
        r#final: true,
        ..Default::default()
    };
    show.api.resolution().post_update(by(BO, update)).await?;
    show.until(Step::Documented).await?;
    show.does("bo: stentor incident close")?;
    show.api.resolution().close_incident(by(BO, close())).await?;
    show.until(Step::Closed).await
}

fn document(
    incident: &Incident,
    field: ChecklistField,
    text: &str,
    category: &str,
) -> DocumentIncidentRequest {
    let times = incident.times.unwrap_or_default();
    let impact = field == ChecklistField::Impact;
    DocumentIncidentRequest {
        name: incident.name.clone(),
        request_id: fresh(),
        field: field.into(),
        text: text.to_owned(),
        category: category.to_owned(),
        impact_start_time: times.detect_time.filter(|_| impact),
        impact_end_time: times.mitigate_time.filter(|_| impact),
        ..Default::default()
    }
}

pub(super) async fn reviewed(show: &mut Show<'_>, incident: &str) -> Result<(), DemoError> {
    show.act(
        "The review is drafted already",
        "From the history, each line with the number of the event behind it.",
    )?;
    let name = show.api.incident(incident).await?.review;
    let review = show.api.review(&name).await?;
    let mut lines = review.sections.iter().filter(|section| !section.text.is_empty()).flat_map(|section| {
        let kind = section.kind().as_str_name().trim_start_matches("REVIEW_SECTION_KIND_");
        let heading = format!("## {}{}", &kind[..1], kind[1..].to_lowercase().replace('_', " "));
        std::iter::once(heading).chain(section.text.lines().map(str::to_owned)).collect::<Vec<_>>()
    });
    for line in lines.by_ref().take(DRAFT_LINES) {
        let tone = if line.starts_with('#') { Tone::Strong } else { Tone::Plain };
        show.say(&format!("   {line}"), tone)?;
    }
    let left = lines.count();
    show.say(&format!("   ... {left} more lines"), Tone::Dim)
}

/// Shows a refusal and ticks it off; returns when the server says it would no longer refuse.
fn refused(show: &mut Show<'_>, status: &Status) -> Result<Option<Instant>, DemoError> {
    let info = status.get_error_details().error_info().cloned();
    let reason = info.as_ref().map(|info| info.reason.clone()).unwrap_or_default();
    show.seen.refused(&reason);
    show.say(&format!("     refused, {reason}: {}", status.message()), Tone::Warn)?;
    let ready = info.and_then(|info| info.metadata.get("ready_at")?.parse::<i64>().ok());
    let present = now().as_millisecond();
    let left = ready.map(|at| Duration::from_millis(u64::try_from(at - present).unwrap_or_default()));
    Ok(left.map(|left| Instant::now() + left + CLOCK_GRAIN))
}

/// Past the instant itself: the server's clock has this grain.
const CLOCK_GRAIN: Duration = Duration::from_millis(5);
