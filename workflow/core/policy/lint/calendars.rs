//! Calendars whose holidays have run out, and hand-offs that fall into a change of the clocks. Both are right as they
//! stand and surprise people.

use jiff::tz::TimeZone;

use super::structure::Report;
use super::view::View;
use crate::civil::{self, Wall};
use crate::policy::document::LayerSpec;
use crate::policy::finding::FindingCode;
use crate::time::{Duration, Timestamp};

const HOLIDAYS_AHEAD: Duration = Duration::days(365);
const HANDOFFS_AHEAD: Duration = Duration::days(400);

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (id, spec) in &view.document().calendars {
        let Some(zone) = civil::zone(&spec.zone) else { continue };
        let days: Vec<Timestamp> = spec
            .closed
            .iter()
            .filter_map(|date| Some(civil::first(&zone, civil::parse_wall(&format!("{date}T00:00"))?)))
            .collect();
        let ahead = |day: &Timestamp| *day + Duration::days(1) > view.at && *day < view.at + HOLIDAYS_AHEAD;
        if !days.is_empty() && !days.iter().any(ahead) {
            let message = "none of its closed dates lies in the coming year";
            report.add(FindingCode::ExpiredHolidays, format!("calendars.{id}.closed"), message);
        }
    }
    for (id, spec) in &view.document().schedules {
        let Some(zone) = civil::zone(&spec.zone) else { continue };
        for layer in &spec.layers {
            if let Some(at) = handoff_in_change(&zone, layer, view.at) {
                let message = format!("a hand-off falls into the change of the clocks at {at}");
                report.add(FindingCode::DstHandoff, format!("schedules.{id}.layers.{}", layer.id), message);
            }
        }
    }
}

/// The first change of the clocks in the coming year whose gap or fold holds a hand-off of the layer.
fn handoff_in_change(zone: &TimeZone, layer: &LayerSpec, at: Timestamp) -> Option<Timestamp> {
    let anchor = civil::parse_wall(&layer.anchor)?;
    let turn: Wall = layer.turn.whole_seconds();
    if turn <= 0 {
        return None;
    }
    let end = (at + HANDOFFS_AHEAD).to_jiff();
    let changes = zone.following(at.to_jiff()).take_while(|change| change.timestamp() < end);
    for change in changes {
        let instant = change.timestamp().as_second();
        let after = instant + i64::from(change.offset().seconds());
        let just_before = jiff::Timestamp::from_second(instant - 1).ok()?;
        let before = instant + i64::from(zone.to_offset(just_before).seconds());
        let (low, high) = (before.min(after), before.max(after));
        // The first hand-off at or after the beginning of the gap or fold.
        let steps = (low - anchor).div_euclid(turn) + i64::from((low - anchor).rem_euclid(turn) != 0);
        if anchor + steps * turn < high {
            return Some(Timestamp::from_seconds(instant));
        }
    }
    None
}
