//! Grafana OnCall's users, shifts, schedules, escalation chains and integrations, from pages of its API. Its pages do
//! not say what they list, so each object is known by the fields that only its kind has.
//!
//! Reading order: this file (what is what), `people`, `shift`, `chain`.

mod chain;
mod people;
mod shift;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::import::bad::Bad;
use crate::import::snapshot::Object;

use super::draft::Draft;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    User,
    Rule,
    Shift,
    Schedule,
    Chain,
    Step,
    Integration,
    Route,
    Team,
}

/// Things of one export, by what they are.
#[derive(Debug, Default)]
struct Export {
    things: BTreeMap<Thing, Vec<Object>>,
}

pub(super) fn read(contents: &[String], draft: &mut Draft) -> Result<(), Bad> {
    let mut export = Export::default();
    for content in contents {
        for document in serde_json::Deserializer::from_str(content).into_iter::<Value>() {
            let document =
                document.map_err(|e| Bad::place(format!("line {}", e.line()), format!("no JSON: {e}")))?;
            export.take(&document, draft, 0)?;
        }
    }
    people::users(export.of(Thing::User), export.of(Thing::Rule), draft)?;
    people::teams(export.of(Thing::Team), export.of(Thing::User), draft)?;
    shift::schedules(export.of(Thing::Schedule), export.of(Thing::Shift), draft)?;
    chain::chains(export.of(Thing::Chain), export.of(Thing::Step), draft)?;
    chain::services(export.of(Thing::Integration), export.of(Thing::Route), draft)
}

impl Export {
    fn of(&self, thing: Thing) -> &[Object] {
        self.things.get(&thing).map_or(&[], Vec::as_slice)
    }

    /// A page (`results`), pages by any name, an array, or an object.
    fn take(&mut self, value: &Value, draft: &mut Draft, depth: usize) -> Result<(), Bad> {
        match value {
            Value::Array(items) if depth < 4 => items.iter().try_for_each(|v| self.take(v, draft, depth + 1)),
            Value::Object(map) if !map.contains_key("id") && depth < 4 => {
                let inner = map.values().filter(|v| v.is_array() || v.is_object());
                inner.into_iter().try_for_each(|v| self.take(v, draft, depth + 1))
            }
            Value::Object(map) => {
                let Some(thing) = thing(map) else {
                    let id = map.get("id").and_then(Value::as_str).unwrap_or_default();
                    draft.leave(format!("object {id}"), "is of no kind that is known");
                    return Ok(());
                };
                let things = self.things.entry(thing).or_default();
                let place = format!("{}[{}]", word(thing), things.len());
                things.push(Object::new(place, map.clone()));
                Ok(())
            }
            _ => Err(Bad::place("the export", "is no page of the API")),
        }
    }
}

fn thing(map: &serde_json::Map<String, Value>) -> Option<Thing> {
    let has = |key: &str| map.contains_key(key);
    Some(match () {
        () if has("username") => Thing::User,
        () if has("user_id") && has("position") => Thing::Rule,
        () if has("escalation_chain_id") && has("type") && has("position") && !has("routing_regex") => {
            Thing::Step
        }
        () if has("integration_id") && (has("routing_regex") || has("escalation_chain_id")) => Thing::Route,
        () if has("default_route") || has("link") && has("type") => Thing::Integration,
        () if has("shifts") || has("ical_url_primary") || has("ical_url_overrides") => Thing::Schedule,
        () if has("start") && has("duration") && has("type") => Thing::Shift,
        () if has("name") && has("team_id") => Thing::Chain,
        () if has("name") => Thing::Team,
        () => return None,
    })
}

fn word(thing: Thing) -> &'static str {
    match thing {
        Thing::User => "users",
        Thing::Rule => "personal_notification_rules",
        Thing::Shift => "on_call_shifts",
        Thing::Schedule => "schedules",
        Thing::Chain => "escalation_chains",
        Thing::Step => "escalation_policies",
        Thing::Integration => "integrations",
        Thing::Route => "routes",
        Thing::Team => "teams",
    }
}

/// The texts of an array.
fn texts(object: &Object, path: &str) -> Vec<String> {
    let items = object.at(path).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}
