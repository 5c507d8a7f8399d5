//! One batch, one transaction, table by table with prepared one-row statements. It decides nothing: who loses is a
//! matter of versions, and a constraint that breaks undoes the whole batch.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::super::rows::{
    AlertRow, Batch, Bump, Claim, Committed, EventRow, Gone, InstanceRow, ListingRow, OutboxRow, RequestRow,
};
use super::super::{Result, labels};

/// Commits a batch, see [`super::super::Store::commit`].
pub(super) fn commit(conn: &mut Connection, batch: &Batch) -> Result<Committed> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let at = versions(&tx, &batch.checks)?;
    let base = take_positions(&tx, batch.events.len())?;
    release_keys(&tx, &batch.released_keys)?;
    let won = write_instances(&tx, &batch.instances)?;
    let ids = |wanted| {
        let rows = batch.instances.iter().zip(&won).filter(move |(_, won)| **won == wanted);
        rows.map(|(row, _)| row.id.as_str()).collect::<HashSet<_>>()
    };
    let lost = ids(false);
    let keep = |id: &str| lost.is_empty() || !lost.contains(id);
    append_events(&tx, base, batch.events.iter(), keep)?;
    write_listings(&tx, batch.listings.iter().filter(|row| keep(&row.id)))?;
    write_alerts(&tx, batch.alerts.iter().filter(|row| keep(&row.id)).collect())?;
    let bumped = bump(&tx, &batch.bumps)?;
    if !batch.gone.is_empty() {
        let winners = ids(true);
        let happens = |row: &&Gone| row.id.is_empty() || winners.contains(row.id.as_str());
        remove_effects(&tx, batch.gone.iter().filter(happens))?;
    }
    let claimed = claim(&tx, &batch.claims)?;
    add_effects(&tx, batch.outbox.iter().filter(|row| keep(&row.id)))?;
    let of_bumps = batch.bump_requests.iter().filter(|(bump, _)| bumped.get(*bump) == Some(&true));
    let requests = batch.requests.iter().filter(|row| keep(&row.id));
    remember_requests(&tx, requests.chain(of_bumps.map(|(_, row)| row)))?;
    tx.commit()?;
    Ok(Committed { base, won, bumped, claimed, at })
}

/// Versions before this batch.
fn versions(tx: &Transaction<'_>, ids: &[String]) -> Result<Vec<i64>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = tx.prepare_cached("SELECT version FROM instance WHERE id = ?1")?;
    let mut version = |id| statement.query_row([id], |row| row.get(0)).optional();
    ids.iter().map(|id| Ok(version(id)?.unwrap_or(0))).collect()
}

/// Moves the head, or only reads it where nothing is appended: a batch that writes nothing then costs no sync.
fn take_positions(tx: &Transaction<'_>, count: usize) -> Result<i64> {
    if count == 0 {
        let mut statement = tx.prepare_cached("SELECT head FROM part_head WHERE p = 0")?;
        return Ok(statement.query_row([], |row| row.get(0))?);
    }
    let mut statement =
        tx.prepare_cached("UPDATE part_head SET head = head + ?1 WHERE p = 0 RETURNING head - ?1")?;
    Ok(statement.query_row([count as i64], |row| row.get(0))?)
}

fn release_keys(tx: &Transaction<'_>, keys: &[(String, String)]) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let mut statement =
        tx.prepare_cached("UPDATE instance SET open_key = NULL WHERE id = ?1 AND open_key = ?2")?;
    for (id, key) in keys {
        statement.execute([id, key])?;
    }
    Ok(())
}

const CREATE: &str =
    "INSERT INTO instance (id, kind, version, open, wake_at, open_key, logic, policy, chain, state)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING";

const REPLACE: &str =
    "UPDATE instance SET kind = ?2, version = ?3, open = ?4, wake_at = ?5, open_key = ?6, logic = ?7, policy = ?8,
            chain = ?9, state = ?10
     WHERE id = ?1 AND version = ?11";

/// Writes the rows whose version still stands. Keys are checked row by row, so rows without one go first: they may
/// release what a later row takes.
fn write_instances(tx: &Transaction<'_>, rows: &[InstanceRow]) -> Result<Vec<bool>> {
    let mut won = vec![false; rows.len()];
    if rows.is_empty() {
        return Ok(won);
    }
    let (mut create, mut replace) = (tx.prepare_cached(CREATE)?, tx.prepare_cached(REPLACE)?);
    for holds_key in [false, true] {
        for (row, won) in rows.iter().zip(&mut won).filter(|(row, _)| row.open_key.is_some() == holds_key) {
            let InstanceRow {
                id, kind, version, open, wake_at, open_key, logic, policy, chain, state, ..
            } = row;
            let written = match row.prev_version {
                0 => create.execute(params![
                    id, kind, version, open, wake_at, open_key, logic, policy, chain, state
                ])?,
                prev => replace.execute(params![
                    id, kind, version, open, wake_at, open_key, logic, policy, chain, state, prev
                ])?,
            };
            *won = written == 1;
        }
    }
    Ok(won)
}

/// Losers leave a hole in the positions; a cursor needs order, not density.
fn append_events<'a>(
    tx: &Transaction<'_>,
    base: i64,
    rows: impl Iterator<Item = &'a EventRow>,
    keep: impl Fn(&str) -> bool,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO event (pos, id, first, version, at, actor, cause, wake_at, data, chain)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    for (pos, row) in (base + 1..).zip(rows) {
        if keep(&row.id) {
            statement.execute(params![
                pos,
                row.id,
                row.first,
                row.version,
                row.at,
                row.actor,
                row.cause,
                row.wake_at,
                row.data,
                row.chain
            ])?;
        }
    }
    Ok(())
}

/// Kind and number never change. Were they set again all the same, SQLite would write their index again, too: a fifth of
/// the pages of a commit of many scattered deadlines.
fn write_listings<'a>(tx: &Transaction<'_>, rows: impl Iterator<Item = &'a ListingRow>) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO listing (id, kind, number, phase, priority, service, team, assignee, acknowledged, suppressed,
                on_hold, exhausted, level, sla_state, next_due_at, queue_rank, queue_at, title, created_at, exercise,
                subject, labels, category)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
                ?23)
         ON CONFLICT (id) DO UPDATE SET phase = ?4, priority = ?5, service = ?6, team = ?7,
                assignee = ?8, acknowledged = ?9, suppressed = ?10, on_hold = ?11, exhausted = ?12, level = ?13,
                sla_state = ?14, next_due_at = ?15, queue_rank = ?16, queue_at = ?17, title = ?18, created_at = ?19,
                exercise = ?20, subject = ?21, labels = ?22, category = ?23",
    )?;
    for row in rows {
        statement.execute(params![
            row.id,
            row.kind,
            row.number,
            row.phase,
            row.priority,
            row.service,
            row.team,
            row.assignee,
            row.acknowledged,
            row.suppressed,
            row.on_hold,
            row.exhausted,
            row.level,
            row.sla_state,
            row.next_due_at,
            row.queue_rank,
            row.queue_at,
            row.title,
            row.created_at,
            row.exercise,
            row.subject,
            labels::to_json(&row.labels),
            row.category,
        ])?;
    }
    Ok(())
}

/// Rows that give an identity up go before rows that take it, as with open keys.
fn write_alerts(tx: &Transaction<'_>, mut rows: Vec<&AlertRow>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by_key(|row| row.held);
    let mut statement = tx.prepare_cached(
        "INSERT INTO alert (key, id, n, held, firing, count, first_at, last_at, ends_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (key, id) DO UPDATE SET n = excluded.n, held = excluded.held, firing = excluded.firing,
                count = count + excluded.count, first_at = min(first_at, excluded.first_at),
                last_at = max(last_at, excluded.last_at), ends_at = excluded.ends_at",
    )?;
    for row in rows {
        statement.execute(params![
            row.key,
            row.id,
            row.n,
            row.held,
            row.firing,
            row.heard,
            row.first_at,
            row.last_at,
            row.ends_at
        ])?;
    }
    Ok(())
}

fn bump(tx: &Transaction<'_>, rows: &[Bump]) -> Result<Vec<bool>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = tx.prepare_cached(
        "UPDATE alert SET count = count + ?3, last_at = max(last_at, ?4),
                ends_at = coalesce(max(ends_at, ?5), ends_at, ?5)
         WHERE key = ?1 AND id = ?2 AND firing = 1",
    )?;
    rows.iter()
        .map(|row| Ok(statement.execute(params![row.key, row.id, row.count, row.last_at, row.ends_at])? == 1))
        .collect()
}

fn remove_effects<'a>(tx: &Transaction<'_>, rows: impl Iterator<Item = &'a Gone>) -> Result<()> {
    let mut statement =
        tx.prepare_cached("DELETE FROM outbox WHERE effect_id = ?1 AND attempt = coalesce(?2, attempt)")?;
    for row in rows {
        statement.execute(params![row.effect_id, row.attempt])?;
    }
    Ok(())
}

/// After the removals, so that an effect that this very batch makes unwanted is not claimed by it.
fn claim(tx: &Transaction<'_>, rows: &[Claim]) -> Result<Vec<bool>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = tx.prepare_cached(
        "UPDATE outbox SET attempt = attempt + 1, due_at = ?3 WHERE effect_id = ?1 AND attempt = ?2",
    )?;
    rows.iter()
        .map(|row| Ok(statement.execute(params![row.effect_id, row.attempt, row.next_at])? == 1))
        .collect()
}

fn add_effects<'a>(tx: &Transaction<'_>, rows: impl Iterator<Item = &'a OutboxRow>) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO outbox (effect_id, id, due_at, attempt, dest, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for row in rows {
        statement.execute(params![row.effect_id, row.id, row.due_at, row.attempt, row.dest, row.payload])?;
    }
    Ok(())
}

fn remember_requests<'a>(tx: &Transaction<'_>, rows: impl Iterator<Item = &'a RequestRow>) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO request (key, id, version, outcome, body_hash, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for row in rows {
        statement.execute(params![row.key, row.id, row.version, row.outcome, row.body_hash, row.at])?;
    }
    Ok(())
}
