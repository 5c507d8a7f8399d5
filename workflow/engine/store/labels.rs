//! Labels of a listing row as one JSON object, the same text on both databases. It does not judge names or values.

use std::collections::BTreeMap;

use super::{Error, Result};

/// The object, sorted by name.
pub(super) fn to_json(labels: &[(String, String)]) -> String {
    let object: BTreeMap<&str, &str> =
        labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    serde_json::to_string(&object).expect("a map of strings is always JSON")
}

/// The pairs, sorted by name.
pub(super) fn from_json(text: &str) -> Result<Vec<(String, String)>> {
    let object: BTreeMap<String, String> = serde_json::from_str(text)
        .map_err(|error| Error::Fatal(format!("labels in a listing row: {error}")))?;
    Ok(object.into_iter().collect())
}

/// One pair as it stands inside the object.
pub(super) fn fragment(name: &str, value: Option<&str>) -> String {
    let quoted = |text| serde_json::to_string(text).expect("a string is always JSON");
    match value {
        Some(value) => format!("{}:{}", quoted(name), quoted(value)),
        None => format!("{}:", quoted(name)),
    }
}
