//! Grafana OnCall's alert groups, as its API lists them: when one came, was acknowledged and was resolved, and by whom.
//! A silence is kept without its end, so it is remarked, not told.

use stentor_core::actor::Actor;
use stentor_core::history_log::{Action, LoggedSignal, What};
use stentor_core::time::Timestamp;

use super::bad::Bad;
use super::names::Names;
use super::report::Read;
use super::snapshot::{Object, Story, objects};
use super::text;

pub(super) const SOURCE: &str = "oncall";

const SILENCED: (&str, &str) = ("silence_without_end", "silenced, but until when is not recorded");
const RESOLVED: (&str, &str) =
    ("resolve_time_missing", "resolved, but when is not recorded: no resolution time");
const STILL_OPEN: (&str, &str) = ("still_open", "not resolved in the export");

pub(super) fn read(content: &str, names: &Names) -> Result<Read, Bad> {
    let mut read = Read::default();
    for group in objects(content, "results")? {
        read.rows += 1;
        let story = story(&group, names, &mut read)?;
        let record = story.finish(&mut read.odd);
        read.records.push(record);
    }
    Ok(read)
}

fn story(group: &Object, names: &Names, read: &mut Read) -> Result<Story, Bad> {
    let id = group.need("id")?;
    let created = group.need_instant("created_at")?;
    let title = group.text("title")?.unwrap_or_else(|| format!("Alert group {id}"));
    let integration = group.text("integration_id")?;
    let mut signal = LoggedSignal {
        service: integration.as_deref().and_then(|i| names.service(i)).map(Into::into),
        declare: true,
        ..LoggedSignal::alert(SOURCE, &id, &text::title(&title))
    };
    for (label, path) in
        [("integration_id", "integration_id"), ("route_id", "route_id"), ("team_id", "team_id")]
    {
        if let Some(value) = group.text(path)? {
            signal.labels.insert(label.to_owned(), text::label(&value));
        }
    }
    for label in group.at("labels").and_then(|l| l.as_array()).into_iter().flatten() {
        let name = |part: &str| label.get(part)?.get("name")?.as_str();
        if let (Some(key), Some(value)) = (name("key"), name("value")) {
            signal.labels.insert(text::label(key), text::label(value));
        }
    }
    let mut story = Story::open(SOURCE, &id, created, Actor::Integration(SOURCE.into()), signal.clone());
    if let Some(at) = group.instant("acknowledged_at")? {
        story.act(at, actor(group, "acknowledged_by", names)?, Action::Acknowledge);
    }
    let place = group.place.as_str();
    if let Some(at) = group.instant("silenced_at")? {
        let said = format!("silenced at {at}, until an instant that is not recorded");
        story.remark(&mut read.odd, SILENCED, place, &said);
    }
    let state = group.text("state")?.unwrap_or_default();
    match (state.as_str(), group.instant("resolved_at")?) {
        (_, Some(at)) => resolve(&mut story, at, actor(group, "resolved_by", names)?, signal),
        ("resolved", None) => {
            story.remark(&mut read.odd, RESOLVED, place, "resolved at an instant that is not recorded");
        }
        ("" | "new" | "firing" | "alerting" | "acknowledged" | "silenced", None) => {
            read.odd.note(STILL_OPEN, &id, place, "");
        }
        (other, None) => return Err(group.bad("state", &format!("{other:?} is no state that is known"))),
    }
    Ok(story)
}

/// Without a person it was the source that said "over".
fn resolve(story: &mut Story, at: Timestamp, who: Actor, signal: LoggedSignal) {
    if !who.is_person() {
        let clear = LoggedSignal { clear: true, ..signal };
        story.tell(at, who.clone(), What::Signal(Box::new(clear)));
    }
    story.act(at, who, Action::Resolve { code: None, note: String::new() });
}

fn actor(group: &Object, path: &str, names: &Names) -> Result<Actor, Bad> {
    Ok(match group.text(path)? {
        Some(person) => names.actor(&person),
        None => Actor::Integration(SOURCE.into()),
    })
}
