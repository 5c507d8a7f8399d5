//! Inhibitions that could mute each other, so that two firing alerts page nobody. It looks at pairs only, as the rule of
//! the document says.

use std::collections::BTreeMap;

use super::structure::Report;
use crate::policy::document::Document;
use crate::policy::finding::FindingCode;

pub(super) fn check(document: &Document, report: &mut Report) {
    let all = &document.inhibitions;
    for (n, a) in all.iter().enumerate() {
        for (side, labels) in [("source", &a.source), ("target", &a.target)] {
            if labels.is_empty() {
                let path = format!("inhibitions.{}.{side}", a.id);
                report.add(FindingCode::BadValue, path, "without a label it would match every alert");
            }
        }
        for b in &all[n + 1..] {
            if compatible(&a.source, &b.target) && compatible(&a.target, &b.source) {
                let message =
                    format!("{} and {} can mute each other: no alert would page anybody", a.id, b.id);
                report.add(FindingCode::Cycle, format!("inhibitions.{}", b.id), message);
            }
        }
    }
}

/// Whether one alert can match both.
fn compatible(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> bool {
    a.iter().all(|(name, value)| b.get(name).is_none_or(|other| other == value))
}
