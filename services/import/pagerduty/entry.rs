//! What one log entry of PagerDuty means: an action of a person, a signal of a machine, or a fact that followed. Kinds
//! that have no place here are told as what the tool says.

use serde_json::Value;
use stentor_core::actor::Actor;
use stentor_core::history_log::{Action, Fact, LoggedSignal, What};
use stentor_core::incident::kinds::{Level3, Priority, ResolutionCode};
use stentor_core::signal::SignalKind;

use crate::import::bad::Bad;
use crate::import::names::Names;
use crate::import::report::Odd;
use crate::import::snapshot::{Object, Story};
use crate::import::text;

use super::{Dated, SOURCE};

const SNOOZE_LENGTH: (&str, &str) = ("snooze_without_end", "snoozed, but until when is not recorded");
const OTHER_KIND: (&str, &str) =
    ("entry_not_mapped", "a kind of entry without a counterpart: kept as a fact");

/// The incident as its trigger tells it.
pub(super) fn opening(incident: &str, dated: &Dated, names: &Names) -> Result<Story, Bad> {
    let entry = &dated.entry;
    let who = actor(entry, names)?;
    let summary = entry.text("incident.summary")?.or(entry.text("incident.title")?);
    let summary = summary.or(entry.text("event_details.description")?).or(entry.text("summary")?);
    let title = text::title(&without_number(&summary.unwrap_or_else(|| format!("Incident {incident}"))));
    let service = entry.text("service.summary")?.or(entry.text("incident.service.summary")?);
    let details = entry.text("event_details.description")?.or(entry.text("channel.summary")?);
    let urgency = match entry.text("incident.urgency")?.as_deref() {
        Some("high") => Some(Level3::High),
        Some("low") => Some(Level3::Low),
        _ => None,
    };
    let priority = entry.text("incident.priority.summary")?.and_then(|p| Priority::parse(&p));
    let key = entry.text("incident.incident_key")?.or(entry.text("channel.incident_key")?);
    let alert = LoggedSignal::alert(SOURCE, &key.unwrap_or_else(|| incident.to_owned()), &title);
    let mut signal = LoggedSignal {
        description: text::description(&details.unwrap_or_default()),
        urgency: urgency.filter(|_| priority.is_none()),
        priority,
        service: service.and_then(|s| names.service(&s)).map(Into::into),
        declare: true,
        opens_anew: true,
        ..alert
    };
    if let Actor::Person(person) = &who {
        signal.kind = SignalKind::Report;
        signal.key = String::new();
        signal.reporter = person.to_string();
    }
    for (label, path) in [("incident_number", "incident.incident_number"), ("channel", "channel.type")] {
        if let Some(value) = entry.text(path)? {
            signal.labels.insert(label.to_owned(), text::label(&value));
        }
    }
    Ok(Story::open(SOURCE, incident, dated.at, who, signal))
}

/// Tells an entry.
pub(super) fn told(story: &mut Story, dated: &Dated, names: &Names, odd: &mut Odd) -> Result<(), Bad> {
    let entry = &dated.entry;
    let who = actor(entry, names)?;
    let what = match dated.kind.as_str() {
        "acknowledge_log_entry" => What::Action(Action::Acknowledge),
        "unacknowledge_log_entry" => What::Action(Action::Unacknowledge),
        "resolve_log_entry" => {
            let code = (!who.is_person()).then_some(ResolutionCode::Recovered);
            What::Action(Action::Resolve { code, note: String::new() })
        }
        "annotate_log_entry" => {
            let note = entry.text("channel.summary")?.or(entry.text("channel.content")?);
            let note = note.or(entry.text("summary")?).unwrap_or_default();
            What::Action(Action::Note { text: text::note(&note) })
        }
        "snooze_log_entry" => match snoozed_until(entry)? {
            Some(until) => What::Action(Action::Snooze { length: until.since(dated.at) }),
            None => {
                let said = format!("snoozed at {} until an instant that is not recorded", dated.at);
                story.remark(odd, SNOOZE_LENGTH, &entry.place, &said);
                return Ok(());
            }
        },
        "assign_log_entry" | "reassign_log_entry" if who.is_person() => match assignee(entry) {
            Some(name) => {
                let person = names.person(&name);
                What::Action(Action::AssignPerson { person, page: true })
            }
            None => said(dated)?,
        },
        "escalate_log_entry" if who.is_person() => What::Action(Action::Escalate { to_level: None }),
        "priority_change_log_entry" => match priority(entry)? {
            Some(priority) => What::Action(Action::SetPriority { priority }),
            None => said(dated)?,
        },
        "notify_log_entry" => notified(entry, names)?.map_or_else(|| said(dated), Ok)?,
        "trigger_log_entry"
        | "assign_log_entry"
        | "escalate_log_entry"
        | "repeat_escalation_path_log_entry"
        | "exhaust_escalation_path_log_entry" => said(dated)?,
        other => {
            odd.note(OTHER_KIND, story_ref(entry)?.as_str(), entry.place.clone(), other.to_owned());
            said(dated)?
        }
    };
    story.tell(dated.at, who, what);
    Ok(())
}

fn story_ref(entry: &Object) -> Result<String, Bad> {
    entry.need("incident.id")
}

/// What the tool says, in its words.
fn said(dated: &Dated) -> Result<What, Bad> {
    let kind = dated.kind.trim_end_matches("_log_entry").to_owned();
    let value = dated.entry.text("summary")?.unwrap_or_default();
    Ok(What::Fact(Fact::Said { field: kind, value: text::note(&value) }))
}

/// A page that was sent to a person.
fn notified(entry: &Object, names: &Names) -> Result<Option<What>, Bad> {
    let person = entry.text("user.summary")?.or(entry.text("user.id")?);
    let channel = entry.text("channel.notification.type")?.or(entry.text("channel.type")?);
    Ok(person.zip(channel).map(|(person, channel)| {
        let channel = crate::import::names::slug(&channel, "c-").into();
        What::Fact(Fact::Paged { person: names.person(&person), channel, level: 0 })
    }))
}

/// Who did it: a person, or PagerDuty and its integrations.
fn actor(entry: &Object, names: &Names) -> Result<Actor, Bad> {
    let kind = entry.text("agent.type")?.unwrap_or_default();
    if !kind.starts_with("user") {
        return Ok(Actor::Integration(SOURCE.into()));
    }
    let name = entry.text("agent.summary")?.or(entry.text("agent.name")?).or(entry.text("agent.id")?);
    let name = name.ok_or_else(|| entry.bad("agent", "is a user without a name"))?;
    Ok(names.actor(&name))
}

fn assignee(entry: &Object) -> Option<String> {
    let list = entry.at("assignees").or_else(|| entry.at("assigned_users"))?.as_array()?;
    let first = list.first()?;
    first.get("summary").or_else(|| first.get("name"))?.as_str().map(str::to_owned)
}

/// The end of a snooze: the change that is announced with it.
fn snoozed_until(entry: &Object) -> Result<Option<stentor_core::time::Timestamp>, Bad> {
    let announced = entry.at("changed_actions").and_then(Value::as_array).into_iter().flatten();
    let at = announced.filter_map(|a| a.get("at")?.as_str()).next();
    match at {
        Some(at) => text::instant(at).map(Some).map_err(|why| entry.bad("changed_actions.at", &why)),
        None => Ok(None),
    }
}

fn priority(entry: &Object) -> Result<Option<Priority>, Bad> {
    let said = entry.text("priority.summary")?.or(entry.text("event_details.new_priority")?);
    Ok(said.or(entry.text("channel.new_priority.summary")?).and_then(|p| Priority::parse(&p)))
}

/// `[#1234] The server is on fire.` without its number.
fn without_number(summary: &str) -> String {
    let rest = summary.strip_prefix("[#").and_then(|s| s.split_once("] "));
    rest.map_or(summary, |(_, rest)| rest).to_owned()
}
