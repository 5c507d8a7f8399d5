//! The JSON Schema of the policy document, for editors: keys, words and forms as they are typed while somebody writes.
//! What needs the whole document to be judged is the linter's.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::document::{ContactStep, Document, Target};
use crate::time::Duration;

/// The schema, JSON Schema 2020-12.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Document);
    schema.insert("title".to_owned(), "Stentor policy".into());
    schema.into()
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time: 90s, 5m, 1h30m, 7d (a day is exactly 24 hours).",
            "type": "string",
            "pattern": "^([0-9]+(ms|s|m|h|d))+$",
        })
    }
}

impl JsonSchema for Target {
    fn schema_name() -> Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Whom a level reaches: schedule/x, person/x, team/x or channel/x.",
            "type": "string",
            "pattern": "^(schedule|person|team|channel)/.+$",
        })
    }
}

impl JsonSchema for ContactStep {
    fn schema_name() -> Cow<'static, str> {
        "ContactStep".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A step of a contact rule, channel@wait: push@0s.",
            "type": "string",
            "pattern": "^.+@([0-9]+(ms|s|m|h|d))+$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{DEMO, SAMPLE};

    fn errors(text: &str) -> Vec<String> {
        let document: Value = serde_saphyr::from_str(text).unwrap();
        let (root, mut errors) = (schema(), Vec::new());
        judge(&root, &root, &document, "", &mut errors);
        errors
    }

    /// As much of JSON Schema as the schema uses; a word that it does not know fails the test.
    fn judge(root: &Value, schema: &Value, value: &Value, at: &str, errors: &mut Vec<String>) {
        let Some(words) = schema.as_object() else {
            return if schema == &Value::Bool(false) {
                errors.push(format!("{at}: nothing may be here"))
            };
        };
        let fits = |schema: &Value| {
            let mut errors = Vec::new();
            judge(root, schema, value, at, &mut errors);
            errors.is_empty()
        };
        for (word, says) in words {
            let holds = match word.as_str() {
                "$schema" | "$defs" | "title" | "description" | "default" | "format" => true,
                "properties" | "additionalProperties" => true,
                "$ref" => fits(root.pointer(says.as_str().unwrap().trim_start_matches('#')).unwrap()),
                "anyOf" | "oneOf" => says.as_array().unwrap().iter().any(fits),
                "enum" => says.as_array().unwrap().contains(value),
                "const" => says == value,
                "type" => is_of(says, value),
                "pattern" => value
                    .as_str()
                    .is_none_or(|text| regex::Regex::new(says.as_str().unwrap()).unwrap().is_match(text)),
                "minimum" => value.as_i64().is_none_or(|n| n >= says.as_i64().unwrap()),
                "maximum" => value.as_i64().is_none_or(|n| n <= says.as_i64().unwrap()),
                "required" => value.as_object().is_none_or(|map| {
                    says.as_array().unwrap().iter().all(|key| map.contains_key(key.as_str().unwrap()))
                }),
                "items" => {
                    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                        judge(root, says, item, &format!("{at}/{n}"), errors);
                    }
                    true
                }
                other => panic!("the schema says {other:?}"),
            };
            if !holds {
                errors.push(format!("{at}: {word} {says}, not {value}"));
            }
        }
        for (key, inner) in value.as_object().into_iter().flatten() {
            let own = words.get("properties").and_then(|of| of.get(key));
            if let Some(schema) = own.or(words.get("additionalProperties")) {
                judge(root, schema, inner, &format!("{at}/{key}"), errors);
            }
        }
    }

    fn is_of(kind: &Value, value: &Value) -> bool {
        let is = |kind: &str| match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            other => panic!("the schema says {other:?}"),
        };
        match kind {
            Value::Array(kinds) => kinds.iter().any(|kind| is(kind.as_str().unwrap())),
            kind => is(kind.as_str().unwrap()),
        }
    }

    #[test]
    fn the_sample_policies_are_valid() {
        assert_eq!(errors(SAMPLE), [] as [String; 0]);
        assert_eq!(errors(DEMO), [] as [String; 0]);
    }

    #[test]
    fn what_the_parser_refuses_for_its_shape_the_schema_refuses_too() {
        for (right, wrong) in [
            ("delay: 5m", "delay: soon"),
            ("repeat: 1", "repeats: 1"),
            ("schedule/shop-primary", "shop-primary"),
            ("push@0s", "push"),
            ("do: escalate", "do: shout"),
        ] {
            assert!(SAMPLE.contains(right), "{right}");
            assert!(!errors(&SAMPLE.replacen(right, wrong, 1)).is_empty(), "{wrong}");
        }
    }
}
