//! What can be shown of a condition without any signal: that it never holds, or what it answers when a few fields are
//! known. It serves the linter; no decision about an incident rests on it.

use super::fast::{Fast, Text};
use super::field::Field;

impl Fast {
    /// Whether no facts at all make it hold.
    pub(super) fn never(&self) -> bool {
        match self {
            Fast::Const(value) => !value,
            Fast::OneOf(_, values) => values.is_empty(),
            Fast::Any(parts) => parts.iter().all(Fast::never),
            Fast::All(parts) => parts.iter().any(Fast::never) || contradict(parts),
            Fast::Not(inner) => matches!(**inner, Fast::Const(true)),
            _ => false,
        }
    }

    /// The answer when some text fields are known; `None` where it depends on more.
    pub(super) fn given<'k>(&self, known: &dyn Fn(Field) -> Option<&'k str>) -> Option<bool> {
        let read = |text: &Text| match text {
            Text::Field(field) => known(*field),
            Text::Label(_) | Text::Entry(..) => None,
        };
        match self {
            Fast::Const(value) => Some(*value),
            Fast::Is(text, value) => Some(read(text)? == value),
            Fast::OneOf(text, values) => {
                let text = read(text)?;
                Some(values.iter().any(|value| value == text))
            }
            Fast::Contains(text, part) => Some(read(text)?.contains(part.as_str())),
            Fast::StartsWith(text, part) => Some(read(text)?.starts_with(part.as_str())),
            Fast::EndsWith(text, part) => Some(read(text)?.ends_with(part.as_str())),
            Fast::Not(inner) => inner.given(known).map(|value| !value),
            Fast::All(parts) => all(parts.iter().map(|part| part.given(known))),
            Fast::Any(parts) => {
                all(parts.iter().map(|part| part.given(known).map(|value| !value))).map(|none| !none)
            }
            _ => None,
        }
    }
}

/// "And" over answers of which some are unknown.
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

/// Whether two parts demand different values of one text.
fn contradict(parts: &[Fast]) -> bool {
    let demands: Vec<(&Text, &String)> = parts
        .iter()
        .filter_map(|part| match part {
            Fast::Is(text, value) => Some((text, value)),
            _ => None,
        })
        .collect();
    demands.iter().enumerate().any(|(n, (text, value))| {
        demands[n + 1..].iter().any(|(other, demanded)| text == other && value != demanded)
    })
}
