//! What only a shared server can do to us: sessions that are killed, writers that stand still, a second replica.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use stentor_engine::store::rows::{Batch, InstanceRow};
use stentor_engine::store::{Error, Store};
use tokio::sync::watch;

use crate::harness::{Database, Place};
use crate::rows::{alert, commit, event, id, instance, moving, opening, request, version};

async fn session(db: &Database) -> PgConnection {
    let Place::Postgres { database } = &db.place else { panic!("a server was asked for") };
    PgConnection::connect(&database.url()).await.unwrap()
}

/// Waits for a level that somebody else reaches: a number that a query answers.
async fn until(conn: &mut PgConnection, sql: &str, wanted: i64) {
    loop {
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *conn).await.unwrap();
        if row.get::<i64, _>(0) >= wanted {
            return;
        }
        tokio::task::yield_now().await;
    }
}

const WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
     AND wait_event_type = 'Lock' AND query LIKE '%part_head%'";

/// Holds the head of partition 0, as a replica does that stands still in the middle of a commit.
async fn hold_head(db: &Database) -> PgConnection {
    let mut conn = session(db).await;
    sqlx::raw_sql("BEGIN; SELECT head FROM part_head WHERE p = 0 FOR UPDATE")
        .execute(&mut conn)
        .await
        .unwrap();
    conn
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_killed_in_mid_commit_leaves_an_answerable_question() {
    let db = Database::postgres().await;
    commit(&*db.store, opening(&[id(1)])).await;
    let mut holder = hold_head(&db).await;
    let store = Arc::clone(&db.store);
    let batch = Batch { requests: vec![request("r", &id(2))], ..opening(&[id(2)]) };
    let writer = tokio::spawn({
        let batch = batch.clone();
        async move { store.commit(0, batch).await }
    });
    let mut admin = session(&db).await;
    until(&mut admin, WAITING, 1).await;

    let kill =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()
                AND wait_event_type = 'Lock'";
    until(&mut admin, kill, 1).await;
    let error = writer.await.unwrap().unwrap_err();
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();

    assert!(matches!(error, Error::Unknown(_)), "{error}");
    let cause = |n: u32| (id(n), 1, event(&id(n), 1, 1).cause);
    assert_eq!(db.store.applied(0, vec![cause(1), cause(2)]).await.unwrap(), [true, false]);
    assert_eq!(commit(&*db.store, batch).await.won, [true], "the same plan goes through on a new session");
    db.end().await;
}

/// A session dies every few commits, whatever it is doing then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_killed_under_load_lose_and_double_nothing() {
    let db = Database::postgres().await;
    let mut admin = session(&db).await;
    let (store, (progress, mut seen)) = (Arc::clone(&db.store), watch::channel(0));
    let writer = tokio::spawn(async move {
        for n in 0..300 {
            write_through(&*store, n).await;
            progress.send_replace(n);
        }
    });
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%part_head%'";
    let mut killed = 0;
    for due in (0..300).step_by(7) {
        if seen.wait_for(|n| *n >= due).await.is_err() {
            break;
        }
        killed += sqlx::query(kill).fetch_one(&mut admin).await.unwrap().get::<i64, _>(0);
    }
    writer.await.unwrap();

    assert!(killed > 10, "only {killed} sessions were killed");
    assert_eq!(db.column("SELECT count(*) FROM instance WHERE version = 1").await, ["300"]);
    assert_eq!(db.column("SELECT count(*) FROM event").await, ["300"]);
    db.end().await;
}

/// Commits what opens an instance, as the engine does: an unknown outcome is asked for, the rest is tried again.
async fn write_through(store: &dyn Store, n: u32) {
    loop {
        match store.commit(0, opening(&[id(n)])).await {
            Ok(done) => return assert_eq!(done.won, [true], "{n}"),
            Err(Error::Unknown(_)) if applied(store, n).await => return,
            Err(Error::Unknown(_) | Error::Transient(_) | Error::Unavailable(_)) => {
                tokio::task::yield_now().await
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Asks until the question is answered, as the engine does.
async fn applied(store: &dyn Store, n: u32) -> bool {
    loop {
        match store.applied(0, vec![(id(n), 1, event(&id(n), 1, 1).cause)]).await {
            Ok(answer) => return answer[0],
            Err(Error::Fatal(text) | Error::Data(text)) => panic!("{text}"),
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_what_was_applied_waits_for_a_live_transaction() {
    let db = Database::postgres().await;
    let mut zombie = hold_head(&db).await;
    let insert = format!(
        "UPDATE part_head SET head = head + 1 WHERE p = 0;
         INSERT INTO event (p, pos, id, first, version, at, actor, cause, data, chain)
         VALUES (0, 1, '{}', 1, 1, 0, '', '{}', '[]', '')",
        id(1),
        event(&id(1), 1, 1).cause
    );
    sqlx::raw_sql(AssertSqlSafe(insert)).execute(&mut zombie).await.unwrap();
    let store = Arc::clone(&db.store);
    let question = tokio::spawn(async move { applied(&*store, 1).await });
    until(&mut session(&db).await, WAITING, 1).await;
    assert!(!question.is_finished());

    sqlx::raw_sql("COMMIT").execute(&mut zombie).await.unwrap();

    assert!(question.await.unwrap());
    db.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_stands_still_stops_its_partition_only() {
    let db = Database::postgres().await;
    let mut holder = hold_head(&db).await;
    let store = Arc::clone(&db.store);
    let stuck = tokio::spawn(async move { store.commit(0, opening(&[id(1)])).await });
    until(&mut session(&db).await, WAITING, 1).await;

    let other = "inc_other001".to_owned();
    let done = db.store.commit(1, opening(std::slice::from_ref(&other))).await.unwrap();
    let heads = db.store.heads().await.unwrap();

    assert_eq!((done.won, done.base), (vec![true], 0));
    assert_eq!(heads.iter().map(|head| head.head).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(db.store.feed(1, 0, 1, 10).await.unwrap()[0].id, other);
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    assert_eq!(stuck.await.unwrap().unwrap().won, [true]);
    db.end().await;
}

/// The version is judged after the wait for the lock, not as it was when the statement began.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_waited_judges_the_newest_version() {
    let db = Database::postgres().await;
    commit(&*db.store, opening(&[id(1), id(2)])).await;
    let mut rival = hold_head(&db).await;
    let store = Arc::clone(&db.store);
    let late = tokio::spawn(async move {
        let mut batch = moving(&[id(1), id(2)], 1, 2);
        batch.instances.push(InstanceRow { state: "late".to_owned(), ..instance(&id(3), 0, 1) });
        commit(&*store, batch).await
    });
    let mut admin = session(&db).await;
    until(&mut admin, WAITING, 1).await;

    let change = format!(
        "UPDATE instance SET version = 2 WHERE p = 0 AND id = '{}';
         INSERT INTO instance (p, id, kind, prev_version, version, open, logic, policy, chain, state)
         VALUES (0, '{}', 'incident', 0, 1, false, 1, 1, '', 'rival'); COMMIT",
        id(1),
        id(3)
    );
    sqlx::raw_sql(AssertSqlSafe(change)).execute(&mut rival).await.unwrap();

    assert_eq!(late.await.unwrap().won, [false, true, false]);
    assert_eq!(db.store.load(vec![id(3)]).await.unwrap()[0].state, "rival");
    assert_eq!(db.store.history(id(1), 0, 10).await.unwrap().len(), 1);
    db.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_replicas_never_skip_a_version_or_a_position() {
    let db = Database::postgres().await;
    let second = db.reopened().await.unwrap();
    commit(&*db.store, opening(&[id(1)])).await;

    let mut writers = Vec::new();
    for store in [Arc::clone(&db.store), Arc::clone(&second)] {
        writers.push(tokio::spawn(async move {
            let mut won = 0;
            while won < 100 {
                let now = version(&*store, &id(1)).await;
                won += usize::from(commit(&*store, moving(&[id(1)], now, now + 1)).await.won[0]);
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }

    let history = db.store.history(id(1), 0, 1_000).await.unwrap();
    assert_eq!(history.iter().map(|row| row.version).collect::<Vec<_>>(), (1..=201).collect::<Vec<_>>());
    assert!(history.is_sorted_by_key(|row| row.pos));
    second.close().await;
    db.end().await;
}

/// Reads that are given up leave no transaction behind in the pool.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_session_stays_in_a_transaction() {
    let db = Database::postgres().await;
    for n in 0..200 {
        let patience = Duration::from_micros(n * 20);
        let read = db.store.list(stentor_engine::store::rows::ListQuery {
            kind: "incident".to_owned(),
            filter: None,
            order: vec![],
            after: None,
            limit: 10,
        });
        // Whether it was in time does not matter.
        let _ = tokio::time::timeout(patience, read).await;
        let _ = tokio::time::timeout(patience, db.store.reserve("incident", 1)).await;
    }

    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND state LIKE 'idle in transaction%'";
    assert_eq!(db.column(open).await, ["0"]);
    assert_eq!(commit(&*db.store, opening(&[id(1)])).await.won, [true]);
    db.end().await;
}

/// SQLite leaves this to its one writer, whose engine knows every holder; replicas need the database to say it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identity_has_one_holder() {
    let db = Database::postgres().await;
    let held = |n: u32| Batch { alerts: vec![alert("k", &id(n))], ..opening(&[id(n)]) };
    commit(&*db.store, held(1)).await;

    let error = db.store.commit(0, held(2)).await.unwrap_err();

    assert!(matches!(error, Error::Duplicate(_)), "{error}");
    assert_eq!(version(&*db.store, &id(2)).await, 0);
    db.end().await;
}
