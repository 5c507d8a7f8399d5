//! Silences as readers see them, and what is asked about them.

use std::collections::BTreeMap;

use stentor_core::incident::Incident;
use stentor_core::standing::{Command, SilenceRecord};
use stentor_core::time::Timestamp;
use stentor_proto::v1;

use super::{matcher_set, sets};
use crate::wire::clocks::{count, instant};
use crate::wire::enums;
use crate::wire::fields::{Fields, Understood};
use crate::wire::limits;
use crate::wire::standing::{Change, change};

/// Which silences are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Only those that match them, if there are any.
    pub labels: BTreeMap<String, String>,
    pub size: usize,
}

/// A silence as it stands at an instant.
pub fn silence(s: &SilenceRecord, now: Timestamp) -> v1::Silence {
    let cancelled = s.cancelled.as_ref();
    v1::Silence {
        name: silence_name(s.id),
        matcher_sets: s.sets.iter().map(|set| matcher_set(set)).collect(),
        start_time: Some(instant(s.at.from)),
        end_time: Some(instant(s.at.to)),
        comment: s.created.reason.clone(),
        state: enums::silence_state(s.state(now)),
        create_time: Some(instant(s.created.at)),
        creator: s.created.actor.to_string(),
        cancel_time: cancelled.map(|deed| instant(deed.at)),
        canceller: cancelled.map(|deed| deed.actor.to_string()).unwrap_or_default(),
        cancel_reason: cancelled.map(|deed| deed.reason.clone()).unwrap_or_default(),
    }
}

/// An open incident with alerts that a silence would concern.
pub fn concerned(incident: &Incident, alerts: usize) -> v1::SilencedIncident {
    let firing = incident.alerts.values().filter(|a| a.counts_as_firing()).count();
    v1::SilencedIncident {
        incident: format!("incidents/{}", incident.id),
        reference: incident.reference(),
        title: incident.title.clone(),
        alert_count: count(alerts as u32),
        whole: incident.reports == 0 && alerts == firing,
    }
}

pub fn silence_name(number: u64) -> String {
    format!("silences/{number}")
}

pub fn create(r: &v1::CreateSilenceRequest) -> Understood<Change> {
    let mut f = Fields::default();
    if r.end_time.is_none() {
        f.refuse("end_time", "is required");
    }
    let command = Command::CreateSilence {
        sets: sets(&mut f, &r.matcher_sets),
        from: f.instant("start_time", r.start_time.as_ref()),
        to: f.instant("end_time", r.end_time.as_ref()).unwrap_or_default(),
        comment: f.required("comment", &r.comment, limits::REASON),
    };
    change(f, command, &r.request_id, r.validate_only)
}

pub fn cancel(r: &v1::CancelSilenceRequest) -> Understood<Change> {
    let mut f = Fields::default();
    let id = f.numbered("name", &r.name, "silences");
    let reason = f.text("reason", &r.reason, limits::REASON);
    change(f, Command::CancelSilence { id, reason }, &r.request_id, false)
}

pub fn list(r: &v1::ListSilencesRequest) -> Understood<Listed> {
    let mut f = Fields::default();
    let labels = f.labels("labels", &r.labels);
    let size = f.page_size(r.page_size) as usize;
    f.finish(Listed { labels, size })
}
