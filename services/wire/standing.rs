//! What is to be changed about standing records, understood: a command with its request id. Which kinds of records there
//! are is read elsewhere.

use stentor_core::standing::Command;

use super::fields::{Fields, Understood};

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub command: Command,
    /// The caller's request id.
    pub request: Option<String>,
    pub validate_only: bool,
}

pub(super) fn change(
    mut f: Fields,
    command: Command,
    request_id: &str,
    validate_only: bool,
) -> Understood<Change> {
    let request = f.request_id(request_id);
    f.finish(Change { command, request, validate_only })
}

/// Reads the number in `{collection}/{number}`.
pub fn number(name: &str, collection: &str) -> Understood<u64> {
    let mut f = Fields::default();
    let number = f.numbered("name", name, collection);
    f.finish(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_behind_its_collection() {
        assert_eq!(number("overrides/7", "overrides"), Ok(7));
        for wrong in ["", "7", "overrides/", "overrides/07", "overrides/0", "swaps/7", "overrides/x"] {
            let problems = number(wrong, "overrides").unwrap_err();
            assert_eq!(problems.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(), ["name"], "{wrong}");
        }
    }
}
