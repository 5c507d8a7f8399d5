//! One batch, one statement: no round trip while the head's lock is held, and nothing half open if the client dies.
//! It decides nothing; the parts of the statement see one snapshot and talk to each other through RETURNING only.

use std::collections::HashSet;
use std::sync::LazyLock;

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row};

use super::super::rows::{AlertRow, Batch, Committed, InstanceRow, ListingRow, RequestRow};
use super::super::{Error, Result, labels};
use super::numbered::numbered;

type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// The names of the parameters in the order in which `bind_all` binds them.
const PARAMETERS: &[&str] = &[
    "p",
    "n",
    "check",
    "rel_id",
    "rel_key",
    "i_id",
    "i_kind",
    "i_prev",
    "i_version",
    "i_open",
    "i_wake",
    "i_key",
    "i_logic",
    "i_policy",
    "i_chain",
    "i_state",
    "e_id",
    "e_first",
    "e_version",
    "e_at",
    "e_actor",
    "e_cause",
    "e_wake",
    "e_data",
    "e_chain",
    "e_ours",
    "l_id",
    "l_kind",
    "l_number",
    "l_phase",
    "l_priority",
    "l_service",
    "l_team",
    "l_assignee",
    "l_acknowledged",
    "l_suppressed",
    "l_on_hold",
    "l_exhausted",
    "l_level",
    "l_sla",
    "l_due",
    "l_rank",
    "l_queue_at",
    "l_title",
    "l_created",
    "l_exercise",
    "l_subject",
    "l_labels",
    "l_category",
    "l_ours",
    "a_key",
    "a_id",
    "a_n",
    "a_held",
    "a_firing",
    "a_heard",
    "a_first",
    "a_last",
    "a_ends",
    "a_ours",
    "b_key",
    "b_id",
    "b_count",
    "b_last",
    "b_ends",
    "o_effect",
    "o_id",
    "o_due",
    "o_attempt",
    "o_dest",
    "o_payload",
    "o_ours",
    "g_effect",
    "g_attempt",
    "g_id",
    "c_effect",
    "c_attempt",
    "c_next",
    "q_key",
    "q_id",
    "q_version",
    "q_outcome",
    "q_hash",
    "q_at",
    "q_ours",
    "q_bump_key",
    "q_bump_id",
];

/// Everything waits for `h`, the head's row lock: nothing is locked before it, and after it ON CONFLICT, UPDATE and
/// DELETE judge the newest version of a row. `ours` marks rows of the batch's own instances, which lose with them.
/// Keys are released before they are taken, and effects removed before they are claimed, because the latter read the
/// former's output.
static COMMIT: LazyLock<String> = LazyLock::new(|| numbered(include_str!("commit.sql"), PARAMETERS));

/// The statement as the server gets it, for tests of its plan.
pub(super) fn text() -> &'static str {
    &COMMIT
}

/// Commits a batch, see [`super::super::Store::commit`].
pub(super) async fn commit(conn: &mut PgConnection, partition: u16, batch: &Batch) -> Result<Committed> {
    let query = bind_all(sqlx::query(AssertSqlSafe(COMMIT.as_str())), partition, batch);
    let rows = query.fetch_all(conn).await?;
    let mut base = None;
    let (mut won, mut bumped, mut claimed, mut at) =
        (HashSet::new(), HashSet::new(), HashSet::new(), Vec::new());
    for row in &rows {
        let (what, a): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        match what {
            "base" => base = Some(row.try_get(3)?),
            "won" => drop(won.insert(a)),
            "bumped" => drop(bumped.insert((a, row.try_get::<&str, _>(2)?))),
            "claimed" => drop(claimed.insert(a)),
            _ => at.push((a, row.try_get::<i64, _>(3)?)),
        }
    }
    let base = base.ok_or_else(|| Error::Fatal(format!("partition {partition} has no head")))?;
    let version = |id: &String| at.iter().find(|(found, _)| found == id).map_or(0, |(_, version)| *version);
    Ok(Committed {
        base,
        won: batch.instances.iter().map(|row| won.contains(row.id.as_str())).collect(),
        bumped: batch.bumps.iter().map(|row| bumped.contains(&(row.key.as_str(), row.id.as_str()))).collect(),
        claimed: batch.claims.iter().map(|row| claimed.contains(row.effect_id.as_str())).collect(),
        at: batch.checks.iter().map(version).collect(),
    })
}

fn bind_all<'q>(query: Statement<'q>, partition: u16, batch: &'q Batch) -> Statement<'q> {
    let ours: HashSet<&str> = batch.instances.iter().map(|row| row.id.as_str()).collect();
    let ours = |id: &str| ours.contains(id);
    let query = query.bind(partition as i16).bind(batch.events.len() as i64).bind(&batch.checks);
    let query = query
        .bind(column(&batch.released_keys, |row| row.0.as_str()))
        .bind(column(&batch.released_keys, |row| row.1.as_str()));
    let query = bind_instances(query, &batch.instances);
    let query = bind_events(query, batch, ours);
    let query = bind_listings(query, &batch.listings, ours);
    let query = bind_alerts(query, &batch.alerts, ours);
    let query = bind_outbox(query, batch, ours);
    bind_requests(query, batch, ours)
}

fn column<'q, R, T>(rows: &'q [R], value: impl Fn(&'q R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Keys are checked row by row, so rows without one go first: they may release what a later row takes.
fn bind_instances<'q>(query: Statement<'q>, rows: &'q [InstanceRow]) -> Statement<'q> {
    let mut rows: Vec<&InstanceRow> = rows.iter().collect();
    rows.sort_by_key(|row| row.open_key.is_some());
    let text =
        |value: fn(&'q InstanceRow) -> &'q str| rows.iter().map(|row| value(row)).collect::<Vec<&str>>();
    let number = |value: fn(&InstanceRow) -> i64| rows.iter().map(|row| value(row)).collect::<Vec<i64>>();
    query
        .bind(text(|row| &row.id))
        .bind(text(|row| &row.kind))
        .bind(number(|row| row.prev_version))
        .bind(number(|row| row.version))
        .bind(rows.iter().map(|row| row.open).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.wake_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.open_key.as_deref()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.logic).collect::<Vec<_>>())
        .bind(number(|row| row.policy))
        .bind(text(|row| &row.chain))
        .bind(text(|row| &row.state))
}

fn bind_events<'q>(query: Statement<'q>, batch: &'q Batch, ours: impl Fn(&str) -> bool) -> Statement<'q> {
    let rows = &batch.events;
    query
        .bind(column(rows, |row| row.id.as_str()))
        .bind(column(rows, |row| row.first))
        .bind(column(rows, |row| row.version))
        .bind(column(rows, |row| row.at))
        .bind(column(rows, |row| row.actor.as_str()))
        .bind(column(rows, |row| row.cause.as_str()))
        .bind(column(rows, |row| row.wake_at))
        .bind(column(rows, |row| row.data.as_str()))
        .bind(column(rows, |row| row.chain.as_str()))
        .bind(column(rows, |row| ours(&row.id)))
}

fn bind_listings<'q>(
    query: Statement<'q>,
    rows: &'q [ListingRow],
    ours: impl Fn(&str) -> bool,
) -> Statement<'q> {
    query
        .bind(column(rows, |row| row.id.as_str()))
        .bind(column(rows, |row| row.kind.as_str()))
        .bind(column(rows, |row| row.number))
        .bind(column(rows, |row| row.phase.as_str()))
        .bind(column(rows, |row| row.priority))
        .bind(column(rows, |row| row.service.as_str()))
        .bind(column(rows, |row| row.team.as_str()))
        .bind(column(rows, |row| row.assignee.as_str()))
        .bind(column(rows, |row| row.acknowledged))
        .bind(column(rows, |row| row.suppressed))
        .bind(column(rows, |row| row.on_hold))
        .bind(column(rows, |row| row.exhausted))
        .bind(column(rows, |row| row.level))
        .bind(column(rows, |row| row.sla_state.as_str()))
        .bind(column(rows, |row| row.next_due_at))
        .bind(column(rows, |row| row.queue_rank))
        .bind(column(rows, |row| row.queue_at))
        .bind(column(rows, |row| row.title.as_str()))
        .bind(column(rows, |row| row.created_at))
        .bind(column(rows, |row| row.exercise))
        .bind(column(rows, |row| row.subject.as_str()))
        .bind(column(rows, |row| labels::to_json(&row.labels)))
        .bind(column(rows, |row| row.category.as_str()))
        .bind(column(rows, |row| ours(&row.id)))
}

/// Rows that give an identity up go before rows that take it, as with open keys.
fn bind_alerts<'q>(query: Statement<'q>, rows: &'q [AlertRow], ours: impl Fn(&str) -> bool) -> Statement<'q> {
    let mut rows: Vec<&AlertRow> = rows.iter().collect();
    rows.sort_by_key(|row| row.held);
    query
        .bind(rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.n).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.held).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.firing).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.heard).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.first_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.last_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.ends_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| ours(&row.id)).collect::<Vec<_>>())
}

/// Repeats, effects, removals and claims.
fn bind_outbox<'q>(query: Statement<'q>, batch: &'q Batch, ours: impl Fn(&str) -> bool) -> Statement<'q> {
    query
        .bind(column(&batch.bumps, |row| row.key.as_str()))
        .bind(column(&batch.bumps, |row| row.id.as_str()))
        .bind(column(&batch.bumps, |row| row.count))
        .bind(column(&batch.bumps, |row| row.last_at))
        .bind(column(&batch.bumps, |row| row.ends_at))
        .bind(column(&batch.outbox, |row| row.effect_id.as_str()))
        .bind(column(&batch.outbox, |row| row.id.as_str()))
        .bind(column(&batch.outbox, |row| row.due_at))
        .bind(column(&batch.outbox, |row| row.attempt))
        .bind(column(&batch.outbox, |row| row.dest.as_str()))
        .bind(column(&batch.outbox, |row| row.payload.as_str()))
        .bind(column(&batch.outbox, |row| ours(&row.id)))
        .bind(column(&batch.gone, |row| row.effect_id.as_str()))
        .bind(column(&batch.gone, |row| row.attempt))
        .bind(column(&batch.gone, |row| row.id.as_str()))
        .bind(column(&batch.claims, |row| row.effect_id.as_str()))
        .bind(column(&batch.claims, |row| row.attempt))
        .bind(column(&batch.claims, |row| row.next_at))
}

/// Requests of commands, then those of repeats, which hang on their repeat and on nothing else.
fn bind_requests<'q>(query: Statement<'q>, batch: &'q Batch, ours: impl Fn(&str) -> bool) -> Statement<'q> {
    let of_commands = batch.requests.iter().map(|row| (row, None));
    let of_bumps =
        batch.bump_requests.iter().filter_map(|(bump, row)| Some((row, Some(batch.bumps.get(*bump)?))));
    let (rows, bumps): (Vec<&RequestRow>, Vec<_>) = of_commands.chain(of_bumps).unzip();
    let guarded = rows.iter().zip(&bumps).map(|(row, bump)| bump.is_none() && ours(&row.id));
    query
        .bind(rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.version).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.outcome.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.body_hash.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.at).collect::<Vec<_>>())
        .bind(guarded.collect::<Vec<_>>())
        .bind(bumps.iter().map(|bump| bump.map(|bump| bump.key.as_str())).collect::<Vec<_>>())
        .bind(bumps.iter().map(|bump| bump.map(|bump| bump.id.as_str())).collect::<Vec<_>>())
}
