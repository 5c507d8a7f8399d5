//! Reads the fields of a request one by one and remembers everything that is wrong with them. It knows shapes and
//! lengths only; what exists and what is allowed is decided by the rules.

use std::collections::BTreeMap;

use stentor_core::id::{InstanceId, PersonId, is_policy_id};
use stentor_core::time::{Duration, Timestamp};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Invalid;
use super::enums::Word;
use super::limits;

/// What was understood, or everything that was not.
pub type Understood<T> = Result<T, Vec<Invalid>>;

/// The name of an instance: its id, or the number in its reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// `incidents/{id}`
    Id(InstanceId),
    /// `incidents/INC-42`
    Number(u64),
}

/// Whose clock is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    Incident(Name),
    Review(Name),
}

/// Collects problems while fields are read; every reader answers something usable even then.
#[derive(Debug, Default)]
pub struct Fields {
    problems: Vec<Invalid>,
}

impl Fields {
    /// Notes a problem.
    pub fn refuse(&mut self, field: &str, problem: impl Into<String>) {
        self.problems.push(Invalid::new(field, problem));
    }

    /// The value, unless something was wrong.
    pub fn finish<T>(self, value: T) -> Understood<T> {
        if self.problems.is_empty() { Ok(value) } else { Err(self.problems) }
    }

    /// A text of at most `max` code points, in NFC. May be empty.
    pub fn text(&mut self, field: &str, value: &str, max: usize) -> String {
        if value.contains('\0') {
            self.refuse(field, "contains a NUL character");
        }
        let text = if is_nfc(value) { value.to_owned() } else { value.nfc().collect() };
        let length = text.chars().count();
        if length > max {
            self.refuse(field, format!("has {length} characters, at most {max} are taken"));
        }
        text
    }

    /// A text that must say something.
    pub fn required(&mut self, field: &str, value: &str, max: usize) -> String {
        if value.trim().is_empty() {
            self.refuse(field, "is required");
        }
        self.text(field, value, max)
    }

    /// `{collection}/{id}` of something the policy names, or nothing.
    pub fn id<T: From<String>>(&mut self, field: &str, value: &str, collection: &str) -> Option<T> {
        if value.is_empty() {
            return None;
        }
        match value.strip_prefix(collection).and_then(|rest| rest.strip_prefix('/')) {
            Some(id) if is_policy_id(id) => Some(T::from(id.to_owned())),
            _ => {
                self.refuse(field, format!("is {value:?}, which is not {collection}/{{id}}"));
                None
            }
        }
    }

    /// `{collection}/{id}`, required.
    pub fn required_id<T: From<String>>(&mut self, field: &str, value: &str, collection: &str) -> T {
        if value.is_empty() {
            self.refuse(field, "is required");
        }
        self.id(field, value, collection).unwrap_or_else(|| T::from(String::new()))
    }

    /// A list of `people/{id}` without repetitions.
    pub fn people(&mut self, field: &str, values: &[String], max: usize) -> Vec<PersonId> {
        if values.len() > max {
            self.refuse(field, format!("has {} entries, at most {max} are taken", values.len()));
        }
        let mut people = Vec::new();
        for (i, value) in values.iter().enumerate().take(max) {
            let person = self.required_id(&format!("{field}[{i}]"), value, "people");
            if !people.contains(&person) {
                people.push(person);
            }
        }
        people
    }

    /// `{collection}/{number}` of something that is numbered from 1, required.
    pub fn numbered(&mut self, field: &str, value: &str, collection: &str) -> u64 {
        let number =
            value.strip_prefix(collection).and_then(|rest| rest.strip_prefix('/')).and_then(positive);
        match number {
            Some(number) => return number,
            None if value.is_empty() => self.refuse(field, "is required"),
            None => self.refuse(field, format!("is {value:?}, which is not {collection}/{{number}}")),
        }
        0
    }

    /// `incidents/{id}` or `incidents/INC-42`, required.
    pub fn incident(&mut self, field: &str, value: &str) -> Name {
        self.name(field, value, "incidents", "INC-")
    }

    /// `incidents/{id}/clocks/{definition}.{cycle}`, or of `reviews/{id}`, required: whose clock, and which.
    pub fn clock(&mut self, field: &str, value: &str) -> (Owner, String) {
        let (owner, clock) = value.split_once("/clocks/").unwrap_or((value, ""));
        let owner = if owner.starts_with("reviews/") {
            Owner::Review(self.review(field, owner))
        } else {
            Owner::Incident(self.incident(field, owner))
        };
        let is_named = clock.rsplit_once('.').is_some_and(|(id, n)| !id.is_empty() && positive(n).is_some());
        if !is_named && !value.is_empty() {
            self.refuse(
                field,
                format!("is {value:?}, which is not {{incident or review}}/clocks/{{definition}}.{{cycle}}"),
            );
        }
        (owner, clock.to_owned())
    }

    /// `reviews/{id}` or `reviews/REV-42`, required.
    pub fn review(&mut self, field: &str, value: &str) -> Name {
        self.name(field, value, "reviews", "REV-")
    }

    fn name(&mut self, field: &str, value: &str, collection: &str, prefix: &str) -> Name {
        let id = value.strip_prefix(collection).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
        match id.strip_prefix(prefix).map(positive) {
            Some(Some(number)) => return Name::Number(number),
            None if is_instance_id(id) => return Name::Id(id.into()),
            _ if value.is_empty() => self.refuse(field, "is required"),
            _ => self.refuse(
                field,
                format!(
                    "is {value:?}, which is neither {collection}/{{id}} nor {collection}/{prefix}{{number}}"
                ),
            ),
        }
        Name::Number(0)
    }

    /// `policies/{number}`, or nothing; `policies/current` is nothing too.
    pub fn policy(&mut self, field: &str, value: &str) -> Option<u64> {
        if value.is_empty() || value == "policies/current" {
            return None;
        }
        let number = value.strip_prefix("policies/").and_then(positive);
        if number.is_none() {
            self.refuse(field, format!("is {value:?}, which is not policies/{{number}}"));
        }
        number
    }

    /// A version in quotes, or nothing.
    pub fn etag(&mut self, value: &str) -> Option<u64> {
        if value.is_empty() {
            return None;
        }
        let version = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(positive);
        if version.is_none() {
            self.refuse("etag", format!("is {value}, which is not a version in quotes like \"42\""));
        }
        version
    }

    /// A UUID in its usual spelling, or nothing.
    pub fn request_id(&mut self, value: &str) -> Option<String> {
        if value.is_empty() {
            return None;
        }
        match uuid::Uuid::try_parse(value) {
            Ok(id) if value.len() == 36 => Some(id.to_string()),
            _ => {
                self.refuse("request_id", "is not a UUID");
                None
            }
        }
    }

    /// A word of a closed set, or nothing. Unknown numbers are refused.
    pub fn word<W: Word>(&mut self, field: &str, value: i32) -> Option<W> {
        if value == 0 {
            return None;
        }
        let word = W::from_wire(value);
        if word.is_none() {
            self.refuse(field, format!("has a value that cannot be asked for: {value}"));
        }
        word
    }

    /// A word of a closed set, required; the fallback only stands in until the request is refused.
    pub fn required_word<W: Word>(&mut self, field: &str, value: i32, fallback: W) -> W {
        if value == 0 {
            self.refuse(field, "is required");
        }
        self.word(field, value).unwrap_or(fallback)
    }

    /// A number that counts from 1, required.
    pub fn number(&mut self, field: &str, value: i32) -> u32 {
        match u32::try_from(value) {
            Ok(n) if n > 0 => n,
            _ => {
                self.refuse(field, "is required and counts from 1");
                0
            }
        }
    }

    /// Numbers that count from 1.
    pub fn numbers(&mut self, field: &str, values: &[i32]) -> Vec<u32> {
        if values.len() > limits::LIST {
            self.refuse(field, format!("has {} entries, at most {} are taken", values.len(), limits::LIST));
        }
        let listed = values.iter().enumerate().take(limits::LIST);
        listed.map(|(i, value)| self.number(&format!("{field}[{i}]"), *value)).collect()
    }

    /// Labels by name; an empty value stands for a label to take away.
    pub fn labels(&mut self, field: &str, values: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        if values.len() > limits::LABELS {
            self.refuse(field, format!("has {} entries, at most {} are taken", values.len(), limits::LABELS));
        }
        let listed = values.iter().take(limits::LABELS);
        let read = listed.map(|(name, value)| {
            let place = format!("{field}[{name}]");
            let name = self.required(field, name, limits::LABEL_NAME);
            (name, self.text(&place, value, limits::LABEL_VALUE))
        });
        read.collect()
    }

    /// A length of time above zero, or nothing. Parts of a millisecond are cut.
    pub fn duration(&mut self, field: &str, value: Option<&prost_types::Duration>) -> Option<Duration> {
        let value = value?;
        let millis = value.seconds.checked_mul(1000).map(|ms| ms + i64::from(value.nanos / 1_000_000));
        match millis {
            Some(ms) if ms > 0 && ms <= limits::LONGEST.0 && (0..1_000_000_000).contains(&value.nanos) => {
                Some(Duration(ms))
            }
            _ => {
                self.refuse(field, format!("is not a duration between 1ms and {}", limits::LONGEST));
                None
            }
        }
    }

    /// An instant between 2000 and 2100, or nothing. Parts of a millisecond are cut.
    pub fn instant(&mut self, field: &str, value: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
        let value = value?;
        let at = Timestamp(
            value.seconds.saturating_mul(1000).saturating_add(i64::from(value.nanos.div_euclid(1_000_000))),
        );
        if (0..1_000_000_000).contains(&value.nanos) && at >= limits::EARLIEST && at < limits::LATEST {
            return Some(at);
        }
        self.refuse(field, "is not an instant between 2000-01-01 and 2100-01-01");
        None
    }

    /// The size of a page: absent means the default, too much means the most.
    pub fn page_size(&mut self, value: i32) -> u32 {
        match u32::try_from(value) {
            Ok(0) => limits::PAGE,
            Ok(n) => n.min(limits::PAGE_MAX),
            Err(_) => {
                self.refuse("page_size", "is negative");
                limits::PAGE
            }
        }
    }
}

/// A whole number above zero in plain digits, so that every number has one spelling.
fn positive(digits: &str) -> Option<u64> {
    let plain = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// Ids of instances are opaque, but short and plain.
fn is_instance_id(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !id.is_empty() && id.len() <= 64 && id.bytes().all(plain)
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
