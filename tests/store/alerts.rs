//! Alert rows: what is counted, who holds an identity, and when a repeat is only counted.

use stentor_engine::store::rows::{AlertRecord, AlertRow, Batch, Bump};

use crate::harness::{Database, on_both_stores};
use crate::rows::{alert, bump, commit, id, opening, request};

on_both_stores! {
    signals_add_up_and_widen_the_interval,
    the_newest_row_of_an_identity_is_found,
    an_identity_given_up_can_be_taken_in_the_same_batch,
    alerts_of_an_incident_come_in_their_order,
    repeats_count_only_while_the_alert_fires,
    a_repeat_never_shortens_an_end,
    a_request_of_a_repeat_is_remembered_only_if_it_counted,
    clears_are_forgotten_by_age_and_alerts_are_not,
}

fn record(row: &AlertRow, count: i64) -> AlertRecord {
    AlertRecord {
        key: row.key.clone(),
        id: row.id.clone(),
        n: row.n,
        held: row.held,
        firing: row.firing,
        count,
        first_at: row.first_at,
        last_at: row.last_at,
        ends_at: row.ends_at,
    }
}

async fn stored(db: &Database, rows: Vec<AlertRow>) {
    commit(&*db.store, Batch { alerts: rows, ..Batch::default() }).await;
}

async fn found(db: &Database, key: &str) -> AlertRecord {
    db.store.find_alerts(vec![key.to_owned()]).await.unwrap().remove(0)
}

async fn signals_add_up_and_widen_the_interval(db: &Database) {
    let first = alert("k", &id(1));
    let second =
        AlertRow { heard: 3, first_at: 40, last_at: 90, firing: false, ends_at: None, ..first.clone() };
    let third = AlertRow { heard: 0, first_at: 300, last_at: 300, ..first.clone() };
    for row in [first.clone(), second, third] {
        stored(db, vec![row]).await;
    }

    let expected = AlertRecord { first_at: 40, last_at: 300, ..record(&first, 4) };
    assert_eq!(found(db, "k").await, expected);
}

async fn the_newest_row_of_an_identity_is_found(db: &Database) {
    let old = AlertRow { held: false, ..alert("k", &id(1)) };
    let new = alert("k", &id(2));
    stored(db, vec![new.clone(), old, alert("other", &id(3))]).await;

    let found = db.store.find_alerts(vec!["k".to_owned(), "none".to_owned()]).await.unwrap();
    assert_eq!(found, [record(&new, 1)]);
}

async fn an_identity_given_up_can_be_taken_in_the_same_batch(db: &Database) {
    let old = alert("k", &id(1));
    stored(db, vec![old.clone()]).await;

    stored(db, vec![alert("k", &id(2)), AlertRow { held: false, heard: 0, ..old }]).await;

    assert_eq!(found(db, "k").await.id, id(2));
    assert!(!db.store.alerts_of(id(1)).await.unwrap()[0].held);
}

async fn alerts_of_an_incident_come_in_their_order(db: &Database) {
    let rows: Vec<AlertRow> =
        ["c", "a", "b"].iter().zip(1..).map(|(key, n)| AlertRow { n, ..alert(key, &id(1)) }).collect();
    stored(db, rows.iter().rev().cloned().collect()).await;

    let expected: Vec<AlertRecord> = rows.iter().map(|row| record(row, 1)).collect();
    assert_eq!(db.store.alerts_of(id(1)).await.unwrap(), expected);
}

async fn repeats_count_only_while_the_alert_fires(db: &Database) {
    let quiet = AlertRow { firing: false, ..alert("quiet", &id(1)) };
    stored(db, vec![alert("loud", &id(1)), quiet]).await;

    let bumps = vec![
        bump("quiet", &id(1), 5, 200),
        bump("loud", &id(1), 5, 200),
        bump("loud", &id(2), 5, 200),
        bump("none", &id(1), 5, 200),
    ];
    let done = commit(&*db.store, Batch { bumps, ..Batch::default() }).await;

    assert_eq!(done.bumped, [false, true, false, false]);
    let loud = found(db, "loud").await;
    assert_eq!((loud.count, loud.last_at), (6, 200));
    assert_eq!(found(db, "quiet").await.count, 1);
}

async fn a_repeat_never_shortens_an_end(db: &Database) {
    let open_ended = AlertRow { ends_at: None, ..alert("open", &id(1)) };
    stored(db, vec![alert("k", &id(1)), open_ended]).await;

    for (last_at, ends_at) in [(50, Some(400)), (60, None), (70, Some(700)), (65, Some(600))] {
        let bumps = ["k", "open"].map(|key| Bump { ends_at, ..bump(key, &id(1), 1, last_at) });
        commit(&*db.store, Batch { bumps: bumps.to_vec(), ..Batch::default() }).await;
    }

    let kept = found(db, "k").await;
    assert_eq!((kept.count, kept.last_at, kept.ends_at), (5, 100, Some(700)));
    assert_eq!(found(db, "open").await.ends_at, Some(700));
}

async fn a_request_of_a_repeat_is_remembered_only_if_it_counted(db: &Database) {
    commit(&*db.store, Batch { alerts: vec![alert("k", &id(1))], ..opening(&[id(1)]) }).await;

    let batch = Batch {
        bumps: vec![bump("none", &id(1), 1, 1), bump("k", &id(1), 1, 1)],
        bump_requests: vec![
            (0, request("missed", &id(1))),
            (1, request("heard", &id(1))),
            (1, request("heard too", &id(1))),
        ],
        ..Batch::default()
    };
    commit(&*db.store, batch).await;

    let keys = ["missed", "heard", "heard too"].map(str::to_owned).to_vec();
    let mut found: Vec<String> =
        db.store.find_requests(keys).await.unwrap().into_iter().map(|row| row.key).collect();
    found.sort();
    assert_eq!(found, ["heard", "heard too"]);
}

async fn clears_are_forgotten_by_age_and_alerts_are_not(db: &Database) {
    let clear = |key: &str, last_at| AlertRow {
        key: format!("clear/{key}"),
        first_at: last_at,
        last_at,
        ends_at: Some(7),
        ..AlertRow::default()
    };
    let old = AlertRow { first_at: 10, last_at: 10, ..alert("a", &id(1)) };
    stored(db, vec![clear("a", 10), clear("b", 20), old]).await;
    stored(db, vec![clear("b", 30)]).await;

    db.store.forget_clears(0, 30).await.unwrap();

    let keys = ["a", "b", "clear/a", "clear/b"].map(str::to_owned).to_vec();
    let mut left = db.store.find_alerts(keys).await.unwrap();
    left.sort_by(|a, b| a.key.cmp(&b.key));
    let left: Vec<_> = left.iter().map(|row| (row.key.as_str(), row.last_at)).collect();
    assert_eq!(left, [("a", 10), ("clear/b", 30)]);
}
