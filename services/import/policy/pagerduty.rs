//! PagerDuty's users, schedules, escalation policies and services: from pages of its API, or from the resources that
//! `terraform show -json` lists. Both are read by the same names, because one is made of the other.
//!
//! Reading order: this file (what is what), `people`, `schedule`, `escalation`.

mod escalation;
mod people;
mod schedule;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::import::bad::Bad;
use crate::import::snapshot::Object;

use super::draft::Draft;

/// Things of one export, by what they are.
#[derive(Debug, Default)]
struct Export {
    things: BTreeMap<&'static str, Vec<Object>>,
}

/// What is read, as the API and as Terraform name it.
const KINDS: [(&str, &str); 5] = [
    ("users", "pagerduty_user"),
    ("teams", "pagerduty_team"),
    ("schedules", "pagerduty_schedule"),
    ("escalation_policies", "pagerduty_escalation_policy"),
    ("services", "pagerduty_service"),
];

/// What has no counterpart as a whole.
const OTHERS: [&str; 9] = [
    "business_services",
    "extensions",
    "maintenance_windows",
    "rulesets",
    "event_orchestrations",
    "response_plays",
    "incident_workflows",
    "overrides",
    "tags",
];

pub(super) fn read(contents: &[String], draft: &mut Draft) -> Result<(), Bad> {
    let mut export = Export::default();
    for content in contents {
        for document in serde_json::Deserializer::from_str(content).into_iter::<Value>() {
            let document =
                document.map_err(|e| Bad::place(format!("line {}", e.line()), format!("no JSON: {e}")))?;
            export.take(&document, draft)?;
        }
    }
    people::users(export.of("users"), draft)?;
    people::teams(export.of("teams"), export.of("users"), draft)?;
    schedule::schedules(export.of("schedules"), draft)?;
    escalation::policies(export.of("escalation_policies"), export.of("services"), draft)?;
    escalation::services(export.of("services"), draft)
}

impl Export {
    fn of(&self, kind: &str) -> &[Object] {
        self.things.get(kind).map_or(&[], Vec::as_slice)
    }

    fn take(&mut self, document: &Value, draft: &mut Draft) -> Result<(), Bad> {
        let wrong =
            || Bad::place("the export", "is neither pages of the API nor the output of terraform show -json");
        let page = document.as_object().ok_or_else(wrong)?;
        let mut found = false;
        for (kind, _) in KINDS {
            let Some(items) = page.get(kind) else { continue };
            found = true;
            let items = items.as_array().ok_or_else(|| Bad::field("the export", kind, "is no array"))?;
            items.iter().try_for_each(|item| self.add(kind, item))?;
        }
        for kind in OTHERS {
            if page.get(kind).and_then(Value::as_array).is_some_and(|items| !items.is_empty()) {
                found = true;
                draft.leave(kind, "have no counterpart in a policy");
            }
        }
        for module in ["values", "planned_values"] {
            if let Some(root) = page.get(module).and_then(|v| v.get("root_module")) {
                found = true;
                self.module(root, draft)?;
            }
        }
        if found { Ok(()) } else { Err(wrong()) }
    }

    /// Resources of a Terraform module and of those in it.
    fn module(&mut self, module: &Value, draft: &mut Draft) -> Result<(), Bad> {
        for resource in module.get("resources").and_then(Value::as_array).into_iter().flatten() {
            let kind = resource.get("type").and_then(Value::as_str).unwrap_or_default();
            let known = KINDS.iter().find(|(_, name)| *name == kind);
            match (known, resource.get("values")) {
                (Some((kind, _)), Some(values)) => self.add(kind, values)?,
                _ if kind.starts_with("pagerduty_") => draft.leave(kind, "has no counterpart in a policy"),
                _ => {}
            }
        }
        let children = module.get("child_modules").and_then(Value::as_array).into_iter().flatten();
        children.into_iter().try_for_each(|child| self.module(child, draft))
    }

    fn add(&mut self, kind: &'static str, item: &Value) -> Result<(), Bad> {
        let things = self.things.entry(kind).or_default();
        let place = format!("{kind}[{}]", things.len());
        match item {
            Value::Object(map) => things.push(Object::new(place, map.clone())),
            _ => return Err(Bad::place(place, "is no object")),
        }
        Ok(())
    }
}

/// The objects of whichever of two names is there: the API's, or Terraform's.
fn either(object: &Object, api: &str, terraform: &str) -> Result<Vec<Object>, Bad> {
    if object.at(api).is_some() { object.list(api) } else { object.list(terraform) }
}

/// The ids in a list of references, of texts, or of objects that hold a reference.
fn ids(object: &Object, path: &str) -> Vec<String> {
    let items = object.at(path).and_then(Value::as_array).into_iter().flatten();
    let id = |item: &Value| -> Option<String> {
        let inner = item.get("user").unwrap_or(item);
        inner.as_str().or_else(|| inner.get("id")?.as_str()).map(str::to_owned)
    };
    items.filter_map(id).collect()
}
