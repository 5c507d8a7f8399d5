//! The story up to the fix: alerts, incidents, pages, an escalation, a warning, an acknowledgement.
//! It sends and waits; whether a step was seen is decided by what the server tells.

use stentor_proto::v1::AcknowledgeIncidentRequest;

use super::api::{by, fresh};
use super::closing;
use super::payload::{CHECKOUT_FAILS, CHECKOUT_SPREADS, Captured, Present, SEARCH_ENDS, SEARCH_FAILS, now};
use super::run::DemoError;
use super::show::Show;
use super::step::Step;
use crate::cli::Tone;

/// Who answers in the end.
pub(super) const BO: &str = "people/bo";

/// Tells it all.
pub(super) async fn tell(show: &mut Show<'_>, present: &mut Present) -> Result<(), DemoError> {
    let incident = alerts(show, present).await?;
    nobody_answers(show).await?;
    acknowledged(show, &incident).await?;
    closing::fixed(show, present, &incident).await?;
    closing::resolved(show, &incident).await?;
    closing::closed(show, &incident).await?;
    closing::reviewed(show, &incident).await
}

/// Sends a captured body as Alertmanager does.
pub(super) async fn send(
    show: &mut Show<'_>,
    present: &mut Present,
    captured: Captured,
) -> Result<(), DemoError> {
    show.does(&format!("Alertmanager sends: {}", captured.about))?;
    show.api.alertmanager(present.body(captured, now())).await
}

/// Returns the name of the incident that the story follows.
async fn alerts(show: &mut Show<'_>, present: &mut Present) -> Result<String, DemoError> {
    show.act(
        "An alert becomes an incident",
        "Two alerts of one failure open one incident; rules triage it, and who is on call is paged.",
    )?;
    send(show, present, CHECKOUT_FAILS).await?;
    for step in [Step::Opened, Step::Triaged, Step::Paged, Step::Delivered] {
        show.until(step).await?;
    }
    show.act(
        "More alerts, no more noise",
        "What is sent again changes nothing, what belongs together joins, what does not opens its own incident.",
    )?;
    send(show, present, CHECKOUT_FAILS).await?;
    send(show, present, SEARCH_FAILS).await?;
    show.until(Step::Separated).await?;
    send(show, present, CHECKOUT_SPREADS).await?;
    show.until(Step::Grouped).await?;
    let name = show.seen.main().unwrap_or_default().to_owned();
    let incident = show.api.incident(&name).await?;
    let heard = incident.alerts.iter().map(|alert| alert.count).max().unwrap_or_default();
    show.seen.heard(heard);
    let text = format!(
        "   {} has {} alerts; the first was heard {heard} times, and nobody was paged again for it.",
        incident.reference,
        incident.alerts.len()
    );
    show.say(&text, Tone::Good)?;
    send(show, present, SEARCH_ENDS).await?;
    Ok(name)
}

async fn nobody_answers(show: &mut Show<'_>) -> Result<(), DemoError> {
    show.act(
        "Nobody answers",
        "Each level has its delay. Ana is called by push, then voice; after 5 s it is Bo's turn.",
    )?;
    show.until(Step::Escalated).await?;
    show.act(
        "The clock warns",
        "A P1 is to be acknowledged within 16 s. At three quarters of that, the team's lead is told.",
    )?;
    show.until(Step::Warned).await
}

async fn acknowledged(show: &mut Show<'_>, incident: &str) -> Result<(), DemoError> {
    show.act("Bo acknowledges", "Paging ends, the clock stops, and Bo takes command.")?;
    show.does("bo: stentor incident ack")?;
    let request =
        AcknowledgeIncidentRequest { name: incident.to_owned(), request_id: fresh(), ..Default::default() };
    show.api.resolution().acknowledge_incident(by(BO, request)).await?;
    show.until(Step::Acknowledged).await
}
