//! Maintenance windows as readers see them, and what is asked about them.

use std::collections::BTreeSet;

use stentor_core::id::ServiceId;
use stentor_core::silence::{Mode, Plan, Weekly};
use stentor_core::standing::{Command, Stretch, WindowRecord};
use stentor_core::time::Timestamp;
use stentor_proto::v1;

use super::{matcher_set, sets};
use crate::wire::clocks::instant;
use crate::wire::enums;
use crate::wire::fields::{Fields, Understood};
use crate::wire::limits;
use crate::wire::standing::{Change, change};

/// Which windows are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Only those that may cover its alerts.
    pub service: Option<ServiceId>,
    pub size: usize,
}

/// A window as it stands at an instant.
pub fn window(w: &WindowRecord, now: Timestamp) -> v1::MaintenanceWindow {
    let (plan, cancelled) = (&w.plan, w.cancelled.as_ref());
    let (state, occurrence) = w.state(now);
    v1::MaintenanceWindow {
        name: window_name(w.id),
        services: plan.services.iter().map(|id| format!("services/{id}")).collect(),
        matcher_sets: plan.sets.iter().map(|set| matcher_set(set)).collect(),
        start_time: Some(instant(plan.at.from)),
        end_time: Some(instant(plan.at.to)),
        weekly_zone: plan.weekly.as_ref().map(|weekly| weekly.zone.clone()).unwrap_or_default(),
        weekly_until_time: plan.weekly.as_ref().and_then(|weekly| weekly.until).map(instant),
        mode: enums::maintenance_mode(plan.mode),
        comment: w.created.reason.clone(),
        state: enums::window_state(state),
        occurrence_start_time: occurrence.map(|at| instant(at.from)),
        occurrence_end_time: occurrence.map(|at| instant(at.to)),
        create_time: Some(instant(w.created.at)),
        creator: w.created.actor.to_string(),
        cancel_time: cancelled.map(|deed| instant(deed.at)),
        canceller: cancelled.map(|deed| deed.actor.to_string()).unwrap_or_default(),
        cancel_reason: cancelled.map(|deed| deed.reason.clone()).unwrap_or_default(),
    }
}

pub fn window_name(number: u64) -> String {
    format!("maintenanceWindows/{number}")
}

/// Reads what is to be planned; it begins now unless it says otherwise.
pub fn create(r: &v1::CreateMaintenanceWindowRequest, now: Timestamp) -> Understood<Change> {
    let mut f = Fields::default();
    if r.end_time.is_none() {
        f.refuse("end_time", "is required");
    }
    let until = f.instant("weekly_until_time", r.weekly_until_time.as_ref());
    let zone = f.text("weekly_zone", &r.weekly_zone, limits::WORD);
    if zone.is_empty() && until.is_some() {
        f.refuse("weekly_until_time", "needs weekly_zone");
    }
    let at = Stretch {
        from: f.instant("start_time", r.start_time.as_ref()).unwrap_or(now),
        to: f.instant("end_time", r.end_time.as_ref()).unwrap_or_default(),
    };
    let plan = Plan {
        at,
        weekly: (!zone.is_empty()).then_some(Weekly { zone, until }),
        services: services(&mut f, &r.services),
        sets: sets(&mut f, &r.matcher_sets),
        mode: f.required_word("mode", r.mode, Mode::Hold),
    };
    let comment = f.required("comment", &r.comment, limits::REASON);
    change(f, Command::CreateWindow { plan, comment }, &r.request_id, r.validate_only)
}

fn services(f: &mut Fields, names: &[String]) -> BTreeSet<ServiceId> {
    let names = names.iter().enumerate();
    names.map(|(i, name)| f.required_id(&format!("services[{i}]"), name, "services")).collect()
}

pub fn cancel(r: &v1::CancelMaintenanceWindowRequest) -> Understood<Change> {
    let mut f = Fields::default();
    let id = f.numbered("name", &r.name, "maintenanceWindows");
    let reason = f.text("reason", &r.reason, limits::REASON);
    change(f, Command::CancelWindow { id, reason }, &r.request_id, false)
}

pub fn list(r: &v1::ListMaintenanceWindowsRequest) -> Understood<Listed> {
    let mut f = Fields::default();
    let service = f.id("service", &r.service, "services");
    let size = f.page_size(r.page_size) as usize;
    f.finish(Listed { service, size })
}
