//! Heartbeat monitors as readers see them, and what is asked about them.

use stentor_core::heartbeat::HeartbeatState;
use stentor_core::id::HeartbeatId;
use stentor_core::time::Timestamp;
use stentor_engine::Heartbeat;
use stentor_proto::v1;

use super::clocks::instant;
use super::enums::{self, Word};
use super::fields::{Fields, Understood};
use super::limits;

/// A pause that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pausing {
    pub id: HeartbeatId,
    pub reason: String,
    pub until: Option<Timestamp>,
}

/// A monitor.
pub fn heartbeat(h: &Heartbeat) -> v1::HeartbeatMonitor {
    let (m, pause) = (&h.monitor, h.monitor.pause.as_ref());
    v1::HeartbeatMonitor {
        name: format!("heartbeats/{}", h.id),
        state: enums::heartbeat_state(m.state()),
        service: format!("services/{}", h.spec.service),
        severity: enums::severity(h.spec.severity),
        interval_seconds: h.spec.interval.whole_seconds(),
        grace_seconds: h.spec.grace.whole_seconds(),
        create_time: Some(instant(m.created_at)),
        last_beat_time: m.last_at.map(instant),
        beat_count: i64::try_from(m.beats).unwrap_or(i64::MAX),
        due_time: m.due.map(instant),
        missing_time: m.missing.map(instant),
        pause_reason: pause.map(|pause| pause.reason.clone()).unwrap_or_default(),
        pauser: pause.map(|pause| pause.by.to_string()).unwrap_or_default(),
        integration: h.spec.integration.as_ref().map(|id| format!("integrations/{id}")).unwrap_or_default(),
    }
}

/// The monitor that a request names.
pub fn named(name: &str) -> Understood<HeartbeatId> {
    let mut f = Fields::default();
    let id = f.required_id("name", name, "heartbeats");
    f.finish(id)
}

pub fn pause(r: &v1::PauseHeartbeatRequest) -> Understood<Pausing> {
    let mut f = Fields::default();
    let id = f.required_id("name", &r.name, "heartbeats");
    let reason = f.required("reason", &r.reason, limits::REASON);
    let until = f.instant("end_time", r.end_time.as_ref());
    f.finish(Pausing { id, reason, until })
}

/// Which state is listed, and how many.
pub fn list(r: &v1::ListHeartbeatsRequest) -> Understood<(Option<HeartbeatState>, usize)> {
    let mut f = Fields::default();
    let state = HeartbeatState::from_wire(r.state);
    if state.is_none() && r.state != 0 {
        f.refuse("state", format!("has an unknown value: {}", r.state));
    }
    let size = f.page_size(r.page_size) as usize;
    f.finish((state, size))
}
