//! What differs between two documents, by id, in words for people. It says nothing of what the difference means for
//! running incidents.

use serde::Serialize;
use serde_json::Value;

use super::document::Document;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Keys and ids joined by dots.
    pub path: String,
    /// The value before; `None`: it is new.
    pub before: Option<String>,
    /// The value after; `None`: it is gone.
    pub after: Option<String>,
}

/// The differences from `old` to `new`, in the order of their paths. Entries of lists that have an `id` are compared by
/// it; other lists are compared as a whole. A list with other order of the same ids is one change of its order.
pub fn diff(old: &Document, new: &Document) -> Vec<Change> {
    let value =
        |document| serde_json::to_value(document).expect("a document has only text keys and finite numbers");
    let mut changes = Vec::new();
    compare("", Some(&value(old)), Some(&value(new)), &mut changes);
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

fn compare(path: &str, old: Option<&Value>, new: Option<&Value>, changes: &mut Vec<Change>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                compare(&join(path, key), a.get(key), b.get(key), changes);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) if by_id(a) && by_id(b) => {
            let (before, after): (Vec<&str>, Vec<&str>) = (ids(a), ids(b));
            for id in &before {
                compare(&join(path, id), item(a, id), item(b, id), changes);
            }
            for id in after.iter().filter(|id| !before.contains(id)) {
                compare(&join(path, id), None, item(b, id), changes);
            }
            let common = |ids: &[&str], other: &[&str]| -> Vec<String> {
                ids.iter().filter(|id| other.contains(id)).map(|id| (*id).to_owned()).collect()
            };
            let (was, is) = (common(&before, &after), common(&after, &before));
            if was != is {
                let path = join(path, "order");
                changes.push(Change { path, before: Some(was.join(", ")), after: Some(is.join(", ")) });
            }
        }
        (old, new) => changes.push(Change {
            path: path.to_owned(),
            before: old.and_then(words),
            after: new.and_then(words),
        }),
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn id(value: &Value) -> Option<&str> {
    value.get("id").and_then(Value::as_str)
}

fn by_id(items: &[Value]) -> bool {
    items.iter().all(|item| id(item).is_some())
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().filter_map(id).collect()
}

fn item<'a>(items: &'a [Value], wanted: &str) -> Option<&'a Value> {
    items.iter().find(|item| id(item) == Some(wanted))
}

/// A value as a person would write it on one line.
fn words(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(words).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let mut entries: Vec<(&String, String)> =
                map.iter().filter_map(|(key, value)| Some((key, words(value)?))).collect();
            entries.sort();
            let entries: Vec<String> =
                entries.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::time::Duration;

    #[test]
    fn a_changed_delay_is_one_change_named_by_ids() {
        let old = samples::acme();
        let mut new = old.clone();
        assert_eq!(diff(&old, &new), []);
        new.escalation_policies.get_mut("shop").unwrap().levels[1].delay = Duration::minutes(7);
        let expected = Change {
            path: "escalation_policies.shop.levels.secondary.delay".to_owned(),
            before: Some("10m".to_owned()),
            after: Some("7m".to_owned()),
        };
        assert_eq!(diff(&old, &new), [expected]);
    }

    #[test]
    fn what_comes_and_goes_has_one_side_and_order_is_a_change_of_its_own() {
        let old = samples::acme();
        let mut new = old.clone();
        new.people.remove("hal");
        new.sla.swap(0, 1);
        let changes = diff(&old, &new);
        assert_eq!(changes.len(), 2, "{changes:?}");
        assert_eq!((changes[0].path.as_str(), changes[0].after.as_ref()), ("people.hal", None));
        assert!(changes[0].before.as_deref().unwrap().contains("name: Hal Ito"));
        assert_eq!(changes[1].path, "sla.order");
    }
}
