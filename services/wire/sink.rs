//! Sinks of the event stream as the API tells of them. Whether one is to be given up is decided by the engine.

use stentor_core::time::Timestamp;
use stentor_engine::SinkStatus;
use stentor_proto::v1;

use super::clocks::instant;
use super::fields::{Fields, Understood};

/// The id of the sink that a request names.
pub fn named(name: &str) -> Understood<String> {
    let mut f = Fields::default();
    let id = f.required_id("name", name, "sinks");
    f.finish(id)
}

/// A sink at an instant.
pub fn sink(status: SinkStatus) -> v1::Sink {
    let row = status.row;
    let some = |at: i64| (at > 0).then(|| instant(Timestamp(at)));
    let state = if row.disabled_at > 0 {
        v1::SinkState::Disabled
    } else if row.owner.is_none() {
        v1::SinkState::Idle
    } else if row.failures > 0 {
        v1::SinkState::Waiting
    } else {
        v1::SinkState::Active
    };
    let waits = state == v1::SinkState::Waiting;
    v1::Sink {
        name: format!("sinks/{}", row.name),
        state: state.into(),
        lag_count: status.behind,
        oldest_event_time: status.oldest.map(instant),
        accept_time: some(row.accepted_at),
        failure_count: i32::try_from(row.failures).unwrap_or(i32::MAX),
        last_error: row.error,
        last_error_time: some(row.error_at),
        next_attempt_time: some(row.next_at).filter(|_| waits),
        disable_time: some(row.disabled_at),
        server: row.owner.unwrap_or_default(),
    }
}
