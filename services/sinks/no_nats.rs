//! Stands where NATS would in a binary that was built without it: its settings are read, and refused with the reason.
//! It sends nothing.

use std::sync::Arc;

use stentor_engine::Sink;

use super::file::Common;

/// Whatever the file of sinks says.
pub(super) type Settings = serde::de::IgnoredAny;

/// There is none.
pub(super) fn sink(_: Common, _: Settings, _: bool) -> Result<Arc<dyn Sink>, String> {
    Err("nats: this binary was built without the feature of this name".to_owned())
}
