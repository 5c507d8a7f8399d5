//! What somebody who makes an override may not have meant. Nothing here is a reason to refuse it.

use super::book::{Book, OverrideRecord};
use crate::id::PersonId;
use crate::policy::Policy;
use crate::time::Timestamp;

/// Worth telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The person is not on call at any instant of it, so that it changes nothing as things stand.
    NobodyReplaced(PersonId),
    /// Another override of the schedule holds at the same time; the later one wins.
    Overlaps(u64),
}

/// What is remarkable about an override of the book, at the instant of its creation.
pub fn remarks(book: &Book, policy: &Policy, record: &OverrideRecord, now: Timestamp) -> Vec<Remark> {
    let (ids, overrides) = book.known(&record.schedule, now);
    let (from, to) = (record.at.from, record.end());
    let others = || ids.iter().zip(&overrides).filter(|(id, _)| **id != record.id);
    let mut remarks = Vec::new();
    if let (Some(replaced), Some(schedule)) = (&record.replaces, policy.schedule(&record.schedule)) {
        let others: Vec<_> = others().map(|(_, o)| o.clone()).collect();
        if !schedule.shifts(from, to, &others).iter().any(|shift| shift.people.contains(replaced)) {
            remarks.push(Remark::NobodyReplaced(replaced.clone()));
        }
    }
    let overlapping = others().filter(|(_, o)| o.from < to && o.to > from && o.from < o.to);
    remarks.extend(overlapping.map(|(id, _)| Remark::Overlaps(*id)));
    remarks
}
