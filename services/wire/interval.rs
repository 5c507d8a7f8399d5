//! Intervals whose edges may be left out. How long one may be is for who asks to say.

use prost_types::Timestamp as Wire;
use stentor_core::time::{Duration, Timestamp};

use super::fields::Fields;

/// Where an interval lies if its edges are not named.
#[derive(Debug, Clone, Copy)]
pub enum Otherwise {
    /// So long from its start, which is now.
    Ahead(Duration),
    /// So long up to its end, which is now.
    Back(Duration),
    /// Up to now, and so long if it has no start.
    Since(Duration),
}

/// The edges of an interval as they came.
pub type Edges<'a> = (Option<&'a Wire>, Option<&'a Wire>);

impl Otherwise {
    /// The interval that was asked for; an edge that cannot be read is refused.
    pub fn interval(&self, f: &mut Fields, edges: Edges<'_>, now: Timestamp) -> (Timestamp, Timestamp) {
        let (start, end) = (f.instant("start_time", edges.0), f.instant("end_time", edges.1));
        match self {
            Otherwise::Ahead(length) => {
                let from = start.unwrap_or(now);
                (from, end.unwrap_or(from + *length))
            }
            Otherwise::Back(length) => {
                let to = end.unwrap_or_else(|| start.map_or(now, |start| start + *length));
                (start.unwrap_or(to - *length), to)
            }
            Otherwise::Since(length) => {
                let to = end.unwrap_or(now);
                (start.unwrap_or(to - *length), to)
            }
        }
    }
}
