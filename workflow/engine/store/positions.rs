//! Positions in the feed by partition as one JSON object, the same text on both databases. It does not judge them.

use std::collections::BTreeMap;

use super::{Error, Result};

/// The object.
pub(super) fn to_json(positions: &BTreeMap<u16, i64>) -> String {
    serde_json::to_string(positions).expect("a map of numbers is always JSON")
}

/// The positions.
pub(super) fn from_json(text: &str) -> Result<BTreeMap<u16, i64>> {
    serde_json::from_str(text).map_err(|error| Error::Fatal(format!("positions of a sink: {error}")))
}
