//! Opsgenie's alerts, as its API lists them. It keeps when an alert was acknowledged and closed as milliseconds since it
//! was created; what it keeps without an instant is remarked, not told.

use stentor_core::actor::Actor;
use stentor_core::history_log::{Action, LoggedSignal};
use stentor_core::incident::kinds::Priority;
use stentor_core::time::Duration;

use super::bad::Bad;
use super::names::Names;
use super::report::Read;
use super::snapshot::{Object, Story, objects};
use super::text;

pub(super) const SOURCE: &str = "opsgenie";

const ACK_TIME: (&str, &str) = ("ack_time_missing", "acknowledged, but when is not recorded");
const CLOSE_TIME: (&str, &str) =
    ("close_time_missing", "closed, but when is not recorded: no resolution time");
const SNOOZED: (&str, &str) = ("snooze_without_start", "snoozed, but since when is not recorded");
const STILL_OPEN: (&str, &str) = ("still_open", "open in the export");

pub(super) fn read(content: &str, names: &Names) -> Result<Read, Bad> {
    let mut read = Read::default();
    for alert in objects(content, "data")? {
        read.rows += 1;
        let story = story(&alert, names, &mut read)?;
        let record = story.finish(&mut read.odd);
        read.records.push(record);
    }
    Ok(read)
}

fn story(alert: &Object, names: &Names, read: &mut Read) -> Result<Story, Bad> {
    let id = alert.need("id")?;
    let created = alert.need_instant("createdAt")?;
    let key = alert.text("alias")?.unwrap_or_else(|| id.clone());
    let priority = alert.text("priority")?;
    let priority = priority
        .map(|p| {
            Priority::parse(&p).ok_or_else(|| alert.bad("priority", &format!("{p:?} is none of P1 to P5")))
        })
        .transpose()?;
    let integration = alert.text("integration.name")?;
    let service = alert.text("entity")?.or(alert.text("ownerTeamId")?).or(integration.clone());
    let mut signal = LoggedSignal {
        description: text::description(&alert.text("description")?.unwrap_or_default()),
        source: alert.text("source")?.map(|s| text::label(&s)).unwrap_or_default(),
        priority,
        service: service.and_then(|s| names.service(&s)).map(Into::into),
        declare: true,
        ..LoggedSignal::alert(SOURCE, &key, &text::title(&alert.need("message")?))
    };
    for tag in alert.at("tags").and_then(|t| t.as_array()).into_iter().flatten().filter_map(|t| t.as_str()) {
        let (name, value) = tag.split_once(':').unwrap_or((tag, "true"));
        signal.labels.insert(text::label(name.trim()), text::label(value.trim()));
    }
    let who = Actor::Integration(SOURCE.into());
    let mut story = Story::open(SOURCE, &id, created, who, signal);
    let after = |path: &str| -> Result<Option<Duration>, Bad> {
        match alert.at(path) {
            None => Ok(None),
            Some(value) => {
                let millis = value.as_i64().filter(|ms| *ms >= 0);
                millis
                    .map(|ms| Some(Duration(ms)))
                    .ok_or_else(|| alert.bad(path, "is no count of milliseconds"))
            }
        }
    };
    let place = alert.place.as_str();
    let acknowledged = alert.at("acknowledged").and_then(|a| a.as_bool()).unwrap_or(false);
    match after("report.ackTime")? {
        Some(length) => {
            story.act(created + length, actor(alert, "report.acknowledgedBy", names)?, Action::Acknowledge);
        }
        None if acknowledged => {
            story.remark(&mut read.odd, ACK_TIME, place, "acknowledged at an instant that is not recorded");
        }
        None => {}
    }
    if alert.at("snoozed").and_then(|s| s.as_bool()) == Some(true) {
        story.remark(&mut read.odd, SNOOZED, place, "snoozed since an instant that is not recorded");
    }
    let status = alert.need("status")?;
    match (status.as_str(), after("report.closeTime")?) {
        ("closed", Some(length)) => {
            let resolve = Action::Resolve { code: None, note: String::new() };
            story.act(created + length, actor(alert, "report.closedBy", names)?, resolve);
        }
        ("closed", None) => {
            story.remark(&mut read.odd, CLOSE_TIME, place, "closed at an instant that is not recorded");
        }
        ("open", _) => read.odd.note(STILL_OPEN, &id, place, ""),
        (other, _) => return Err(alert.bad("status", &format!("{other:?} is neither open nor closed"))),
    }
    Ok(story)
}

/// People have addresses there; everything else is a machine.
fn actor(alert: &Object, path: &str, names: &Names) -> Result<Actor, Bad> {
    Ok(match alert.text(path)? {
        Some(name) if name.contains('@') || names.people.get(&name).is_some() => names.actor(&name),
        Some(_) => Actor::Integration(SOURCE.into()),
        None => Actor::System,
    })
}
