//! Past incidents as records of a history log, read from a store page by page. It needs no running engine and changes
//! nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stentor_core::history_log::{Past, Record, record_of};
use stentor_core::id::ScheduleId;
use stentor_core::oncall::Override;
use stentor_core::policy::document::Document;
use stentor_core::time::Timestamp;

use crate::error::Error;
use crate::feed::{Transition, transition};
use crate::standing::Standing;
use crate::store::Store;
use crate::store::rows::{Column, Filter, ListQuery, Op, Value};

/// Most transitions of one incident that are read: as many as an incident may have events.
const TRANSITIONS_MAX: u32 = 20_000;

/// Which incidents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// Opened at this instant or later.
    pub from: Option<Timestamp>,
    /// Opened before this instant.
    pub to: Option<Timestamp>,
}

/// Where a page ended: our own incidents come first, then those of other tools, each by their numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub imported: bool,
    pub number: i64,
}

/// Records in the order of the cursor.
#[derive(Debug, Default)]
pub struct Page {
    pub records: Vec<Record>,
    /// Where to go on; `None` at the end.
    pub next: Option<Cursor>,
}

/// Records of the incidents that come after `after`; exercises have none. `now` is until when those that are not over
/// are known.
///
/// # Errors
/// What the store says, or [`Error::Internal`] if a history cannot be read.
pub async fn page(
    store: &dyn Store,
    span: Span,
    after: Cursor,
    limit: u32,
    now: Timestamp,
) -> Result<Page, Error> {
    let compare = |column, op, value| Filter::Compare(column, op, Value::Int(value));
    let mut filters = vec![
        Filter::Compare(Column::Exercise, Op::Eq, Value::Bool(false)),
        compare(Column::Number, Op::Gt, after.number),
    ];
    filters.extend(span.from.map(|at| compare(Column::CreatedAt, Op::Ge, at.0)));
    filters.extend(span.to.map(|at| compare(Column::CreatedAt, Op::Lt, at.0)));
    let query = ListQuery {
        kind: if after.imported { "imported" } else { "incident" }.to_owned(),
        filter: Some(Filter::All(filters)),
        order: vec![(Column::Number, false)],
        after: None,
        limit,
    };
    let rows = store.list(query).await?;
    let next = match rows.last().filter(|_| rows.len() == limit as usize) {
        Some(row) => Some(Cursor { number: row.number, ..after }),
        None => (!after.imported).then_some(Cursor { imported: true, number: 0 }),
    };
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        let history = store.history(row.id, 0, TRANSITIONS_MAX).await?;
        let history: Vec<Transition> = history.iter().map(transition).collect::<Result<_, Error>>()?;
        let past: Vec<Past<'_>> =
            history.iter().map(|t| Past { at: t.at, actor: &t.actor, events: &t.events }).collect();
        records.extend(record_of(&past, now));
    }
    Ok(Page { records, next })
}

/// Every override there is, cancelled ones left out.
///
/// # Errors
/// What the store says, or [`Error::Internal`] if a row cannot be read.
pub async fn overrides(store: &dyn Store) -> Result<BTreeMap<ScheduleId, Vec<Override>>, Error> {
    let standing = Standing::default();
    standing.load(store).await?;
    Ok(standing.book().in_force(Timestamp(i64::MIN)))
}

/// Documents of the policy's versions, by number.
///
/// # Errors
/// What the store says, or [`Error::Internal`] if a document cannot be read.
pub async fn policies(store: &dyn Store) -> Result<BTreeMap<u64, Document>, Error> {
    let rows = store.policies(0).await?;
    let read = |row: &crate::store::rows::PolicyRow| {
        let document = serde_json::from_str(&row.document);
        let document = document.map_err(|e| Error::Internal(format!("policy {}: {e}", row.number)))?;
        Ok((row.number as u64, document))
    };
    rows.iter().map(read).collect()
}
