//! The triage queue as readers see it: what breaches next, and who has it. Which incidents are in it, and in which
//! order, is the listing's business.

use stentor_core::incident::Incident;
use stentor_core::policy::Policy;
use stentor_core::time::{Duration, Timestamp};
use stentor_engine::store::rows::{Column, Filter, Op, Value};
use stentor_proto::v1;

use super::clocks::{self, count, duration, instant};
use super::fields::{Fields, Understood};
use super::{enums, incident};

/// The order of the queue.
pub const ORDER: [(Column, bool); 3] =
    [(Column::QueueRank, false), (Column::QueueAt, false), (Column::Number, false)];

/// Reads a request for the queue: which incidents, and how many of them.
pub fn query(request: &v1::ListTriageQueueRequest) -> Understood<(Filter, u32)> {
    let mut f = Fields::default();
    let size = f.page_size(request.page_size);
    let service: Option<String> = f.id("service", &request.service, "services");
    let team: Option<String> = f.id("team", &request.team, "teams");
    let is = |column, op, text: &str| Filter::Compare(column, op, Value::Text(text.to_owned()));
    let no = |column| Filter::Compare(column, Op::Eq, Value::Bool(false));
    let mut all = vec![no(Column::Suppressed), no(Column::Exercise)];
    all.extend(["RESOLVED", "CLOSED", "CANCELLED"].map(|phase| is(Column::Phase, Op::Ne, phase)));
    all.extend(service.map(|id| is(Column::Service, Op::Eq, &id)));
    all.extend(team.map(|id| is(Column::Team, Op::Eq, &id)));
    f.finish((Filter::All(all), size))
}

/// One incident in the queue.
pub fn entry(i: &Incident, policy: Option<&Policy>, now: Timestamp) -> v1::TriageQueueEntry {
    let name = incident::name(&i.id);
    let clock = clocks::decisive(&i.clocks);
    let group = match clock {
        Some(clock) if clock.breached.is_some() => v1::TriageQueueGroup::Breached,
        Some(_) => v1::TriageQueueGroup::Due,
        None => v1::TriageQueueGroup::NoClock,
    };
    let remaining = clock.and_then(|c| clocks::elapsed(c, policy, now).map(|e| Duration(c.target.0 - e.0)));
    v1::TriageQueueEntry {
        reference: i.reference(),
        title: i.title.clone(),
        phase: enums::phase(i.phase),
        priority: enums::priority(i.priority),
        service: format!("services/{}", i.service),
        team: format!("teams/{}", i.team),
        group: group.into(),
        clock: clock.map(|c| clocks::name(&name, c)).unwrap_or_default(),
        clock_kind: clock.map(|c| enums::clock_kind(c.kind)).unwrap_or_default(),
        due_time: clock.and_then(clocks::at_stake).map(instant),
        remaining_duration: remaining.map(duration),
        holder: incident::holder(i),
        assignee: i.assignee.as_ref().map(incident::assignee).unwrap_or_default(),
        level: i.escalation.as_ref().map_or(0, |e| count(e.level)),
        next_escalation_time: incident::next_escalation(i).filter(|_| i.is_pageable()).map(instant),
        create_time: Some(instant(i.opened_at)),
        incident: name,
    }
}
