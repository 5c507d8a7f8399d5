//! Rows for the cases: plausible, told apart by their ids, and nothing that the rules would care about.

use stentor_engine::store::Store;
use stentor_engine::store::rows::{
    AlertRow, Batch, Bump, Committed, EventRow, InstanceRow, ListingRow, OutboxRow, RequestRow,
};

/// An id in partition 0; greater numbers are younger.
pub(crate) fn id(n: u32) -> String {
    format!("inc_{n:012x}000")
}

/// The row of an instance that moves from one version to another.
pub(crate) fn instance(id: &str, prev_version: i64, version: i64) -> InstanceRow {
    InstanceRow {
        id: id.to_owned(),
        kind: "incident".to_owned(),
        prev_version,
        version,
        open: true,
        wake_at: Some(1_700_000_000_000 + version),
        open_key: None,
        logic: 1,
        policy: 3,
        chain: format!("chain-{version}"),
        state: format!("{{\"version\":{version},\"text\":\"Grüße ✓\"}}"),
    }
}

/// The transition that belongs to it.
pub(crate) fn event(id: &str, first: i64, version: i64) -> EventRow {
    let data: Vec<String> =
        (first..=version).map(|n| format!("{{\"work\":{{\"Noted\":{{\"n\":{n}}}}}}}")).collect();
    EventRow {
        pos: 0,
        id: id.to_owned(),
        first,
        version,
        at: 1_700_000_000_000 + version,
        actor: "people/ana".to_owned(),
        cause: format!("cause-{id}-{version}"),
        wake_at: Some(1_700_000_000_000 + version),
        data: format!("[{}]", data.join(",")),
        chain: format!("chain-{version}"),
    }
}

/// A batch that opens these instances at version 1.
pub(crate) fn opening(ids: &[String]) -> Batch {
    moving(ids, 0, 1)
}

/// A batch that moves these instances.
pub(crate) fn moving(ids: &[String], prev: i64, version: i64) -> Batch {
    Batch {
        instances: ids.iter().map(|id| instance(id, prev, version)).collect(),
        events: ids.iter().map(|id| event(id, prev + 1, version)).collect(),
        ..Batch::default()
    }
}

pub(crate) fn listing(id: &str, number: i64) -> ListingRow {
    ListingRow {
        id: id.to_owned(),
        kind: "incident".to_owned(),
        number,
        phase: "OPEN".to_owned(),
        priority: 3,
        service: "checkout".to_owned(),
        team: "shop".to_owned(),
        sla_state: "OK".to_owned(),
        queue_rank: 1,
        queue_at: 1_000 + number,
        title: format!("Incident {number}"),
        created_at: 1_000 + number,
        ..ListingRow::default()
    }
}

pub(crate) fn alert(key: &str, id: &str) -> AlertRow {
    AlertRow {
        key: key.to_owned(),
        id: id.to_owned(),
        n: 1,
        held: true,
        firing: true,
        heard: 1,
        first_at: 100,
        last_at: 100,
        ends_at: Some(500),
    }
}

pub(crate) fn bump(key: &str, id: &str, count: i64, last_at: i64) -> Bump {
    Bump { key: key.to_owned(), id: id.to_owned(), count, last_at, ends_at: None }
}

pub(crate) fn effect(id: &str, ordinal: u32, due_at: i64) -> OutboxRow {
    OutboxRow {
        effect_id: format!("{id}.1.{ordinal}"),
        id: id.to_owned(),
        due_at,
        attempt: 0,
        dest: "webhook/ops".to_owned(),
        payload: "{\"page\":\"ana\"}".to_owned(),
    }
}

pub(crate) fn request(key: &str, id: &str) -> RequestRow {
    RequestRow {
        key: key.to_owned(),
        id: id.to_owned(),
        version: 1,
        outcome: "{\"created\":true}".to_owned(),
        body_hash: "beef".to_owned(),
        at: 1_700_000_000_000,
    }
}

/// Commits in partition 0.
pub(crate) async fn commit(store: &dyn Store, batch: Batch) -> Committed {
    store.commit(0, batch).await.unwrap()
}

/// The version that an instance has now; 0 if there is none.
pub(crate) async fn version(store: &dyn Store, id: &str) -> i64 {
    store.load(vec![id.to_owned()]).await.unwrap().first().map_or(0, |row| row.version)
}
