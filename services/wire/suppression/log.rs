//! The suppression log as readers see it, and what is asked about it.

use stentor_core::incident::kinds::SuppressReason;
use stentor_core::inhibition::Inhibited;
use stentor_core::silence::Silenced;
use stentor_core::time::Timestamp;
use stentor_engine::{Cause, Reasons, Suppressed, Suppression};
use stentor_proto::v1;
use stentor_proto::v1::SuppressionReason as Reason;

use super::silences::silence_name;
use super::windows::window_name;
use crate::wire::clocks::{count, instant};
use crate::wire::enums;
use crate::wire::fields::{Fields, Name, Understood};

/// Which entries are listed.
#[derive(Debug, Clone)]
pub struct Listed {
    pub incident: Option<Name>,
    pub reasons: Option<Reasons>,
    pub since: Option<Timestamp>,
    pub size: usize,
}

pub fn list(r: &v1::ListSuppressionsRequest) -> Understood<Listed> {
    let mut f = Fields::default();
    let incident = (!r.incident.is_empty()).then(|| f.incident("incident", &r.incident));
    let reasons = reasons(&mut f, r.reason);
    let since = f.instant("since_time", r.since_time.as_ref());
    let size = f.page_size(r.page_size) as usize;
    f.finish(Listed { incident, reasons, since, size })
}

fn reasons(f: &mut Fields, asked: i32) -> Option<Reasons> {
    let held = match Reason::try_from(asked) {
        Ok(Reason::Unspecified) => return None,
        Ok(Reason::RouteDiscard) => return Some(Reasons::Discarded),
        Ok(Reason::MaintenanceDrop) => return Some(Reasons::Dropped),
        Ok(Reason::Silenced) => SuppressReason::Silenced,
        Ok(Reason::Inhibited) => SuppressReason::Inhibited,
        Ok(Reason::Transient) => SuppressReason::Transient,
        Ok(Reason::NotPaged) => SuppressReason::NotPaged,
        Ok(Reason::MaintenanceHold) => SuppressReason::MaintenanceHold,
        Ok(Reason::MaintenanceMute) => SuppressReason::MaintenanceMute,
        Ok(Reason::MaintenanceCollect) => SuppressReason::MaintenanceCollect,
        Ok(Reason::Cleared | Reason::Merging) | Err(_) => {
            f.refuse("reason", format!("has a value that cannot be asked for: {asked}"));
            return None;
        }
    };
    Some(Reasons::Held(held))
}

/// An entry.
pub fn suppression(s: &Suppression) -> v1::SuppressionEntry {
    let start_time = Some(instant(s.from));
    match &s.what {
        Suppressed::Held { incident, alert, reason, silenced, inhibited, until } => {
            let of = incident.incident();
            let attached = alert.and_then(|n| of?.alerts.get(&n));
            let title = attached.map(|a| &a.title).or_else(|| Some(&of?.title));
            let by = |window: bool| silenced.iter().filter(move |s| s.window.is_some() == window);
            v1::SuppressionEntry {
                incident: of.map(|i| format!("incidents/{}", i.id)).unwrap_or_default(),
                reference: of.map(|i| i.reference()).unwrap_or_default(),
                alert: alert.map(count).unwrap_or_default(),
                identity: attached.map(|a| a.identity.clone()).unwrap_or_default(),
                title: title.cloned().unwrap_or_default(),
                service: of.map(|i| format!("services/{}", i.service)).unwrap_or_default(),
                reason: enums::suppression(*reason),
                silences: by(false).map(|s: &Silenced| silence_name(s.number)).collect(),
                maintenance_windows: by(true).map(|s| window_name(s.number)).collect(),
                inhibitions: inhibited.iter().map(inhibition).collect(),
                start_time,
                planned_end_time: until.map(instant),
                end_time: s.ended.map(instant),
                ..v1::SuppressionEntry::default()
            }
        }
        Suppressed::Refused { refused, heard, last } => {
            let (reason, route, window) = match &refused.cause {
                Cause::Route(route) => (Reason::RouteDiscard, route.to_string(), None),
                Cause::Window(number) => (Reason::MaintenanceDrop, String::new(), Some(window_name(*number))),
            };
            v1::SuppressionEntry {
                identity: refused.identity.clone(),
                title: refused.title.clone(),
                service: format!("services/{}", refused.service),
                reason: reason.into(),
                maintenance_windows: window.into_iter().collect(),
                route,
                start_time,
                end_time: Some(instant(*last)),
                signal_count: *heard,
                ..v1::SuppressionEntry::default()
            }
        }
    }
}

fn inhibition(i: &Inhibited) -> v1::SuppressionInhibition {
    v1::SuppressionInhibition {
        inhibition: i.rule.to_string(),
        source_identity: i.source.clone(),
        source_incident: format!("incidents/{}", i.incident),
    }
}
