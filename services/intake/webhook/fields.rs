//! Fields of a JSON object that others wrote: texts, tables and lists, with errors that name the field. It is lenient
//! with scalars, so that an alert is not lost because a number came without quotes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::wire::Invalid;

/// Most entries taken into a table for people; what is beyond would have the alert refused.
const TABLE_MAX: usize = 60;

/// Longest name of an entry.
const NAME_CHARS_MAX: usize = 128;

/// An object and its place in the body.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    entries: &'a Map<String, Value>,
    place: String,
}

impl<'a> Fields<'a> {
    /// The object that a value is. `place` is empty for the body itself.
    pub(super) fn of(value: &'a Value, place: impl Into<String>) -> Result<Fields<'a>, Invalid> {
        let place = place.into();
        match value {
            Value::Object(entries) => Ok(Fields { entries, place }),
            _ if place.is_empty() => Err(Invalid::new("body", "is not a JSON object")),
            _ => Err(Invalid::new(place, "is not an object")),
        }
    }

    /// The full name of a field.
    pub(super) fn at(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    /// A field that is there and not null.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.entries.get(name).filter(|value| !value.is_null())
    }

    /// A text; empty if the field is absent.
    pub(super) fn text(&self, name: &str) -> Result<String, Invalid> {
        match self.value(name).map(scalar) {
            None => Ok(String::new()),
            Some(Some(text)) => Ok(text),
            Some(None) => Err(Invalid::new(self.at(name), "is not a text")),
        }
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &str) -> Result<String, Invalid> {
        match self.text(name)? {
            text if text.trim().is_empty() => Err(Invalid::new(self.at(name), "is required")),
            text => Ok(text),
        }
    }

    /// The first of these texts that is there; what is no text counts as absent.
    pub(super) fn first(&self, names: &[&str]) -> String {
        let texts = names.iter().filter_map(|name| self.value(name).and_then(scalar));
        texts.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default()
    }

    /// An object; `None` if the field is absent.
    pub(super) fn object(&self, name: &str) -> Result<Option<Fields<'a>>, Invalid> {
        self.value(name).map(|value| Fields::of(value, self.at(name))).transpose()
    }

    /// An object that must be there.
    pub(super) fn within(&self, name: &str) -> Result<Fields<'a>, Invalid> {
        self.object(name)?.ok_or_else(|| Invalid::new(self.at(name), "is required"))
    }

    /// A list; empty if the field is absent.
    pub(super) fn list(&self, name: &str) -> Result<&'a [Value], Invalid> {
        match self.value(name) {
            None => Ok(&[]),
            Some(Value::Array(entries)) => Ok(entries),
            Some(_) => Err(Invalid::new(self.at(name), "is not a list")),
        }
    }

    /// A table of texts, scalars written as such; empty if the field is absent. These become labels.
    pub(super) fn texts(&self, name: &str) -> Result<BTreeMap<String, String>, Invalid> {
        let Some(object) = self.object(name)? else { return Ok(BTreeMap::new()) };
        let mut texts = BTreeMap::new();
        for (key, value) in object.entries.iter().filter(|(_, value)| !value.is_null()) {
            let text = scalar(value).ok_or_else(|| Invalid::new(object.at(key), "is not a text"))?;
            texts.insert(key.clone(), text);
        }
        Ok(texts)
    }

    /// Every entry as a text for people, nested ones as JSON, as many as fit.
    pub(super) fn shown(&self) -> BTreeMap<String, String> {
        let entries = self.entries.iter().filter(|(name, value)| !value.is_null() && is_name(name));
        let text = |value: &Value| scalar(value).unwrap_or_else(|| value.to_string());
        entries.take(TABLE_MAX).map(|(name, value)| (name.clone(), text(value))).collect()
    }
}

/// A scalar as a text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// `name:value` of a list of tags as labels; a tag without a value is there with the value `true`.
pub(super) fn tags<'t>(tags: impl IntoIterator<Item = &'t str>) -> BTreeMap<String, String> {
    let pairs = tags.into_iter().map(str::trim).filter(|tag| !tag.is_empty());
    let pairs = pairs.map(|tag| tag.split_once(':').unwrap_or((tag, "true")));
    pairs
        .filter(|(name, _)| is_name(name))
        .take(TABLE_MAX)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Entries that have something to say.
pub(super) fn filled<const N: usize>(entries: [(&str, String); N]) -> BTreeMap<String, String> {
    let there = entries.into_iter().filter(|(_, value)| !value.is_empty());
    there.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && !name.contains('\0')
}
