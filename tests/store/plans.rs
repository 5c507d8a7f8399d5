//! The plans of the statements that run all the time: each walks its index, with and without statistics.

use stentor_engine::store::rows::Batch;
use stentor_engine::store::{postgres, sqlite};

use crate::harness::Database;
use crate::rows::{commit, effect, id, opening};

async fn fill(db: &Database) {
    for thousand in 0..5 {
        let ids: Vec<String> = (0..1_000).map(|n| id(thousand * 1_000 + n)).collect();
        let outbox = ids.iter().map(|id| effect(id, 1, 1_700_000_000_000)).collect();
        commit(&*db.store, Batch { outbox, ..opening(&ids) }).await;
    }
}

#[tokio::test]
async fn sqlite_walks_an_index_for_every_frequent_statement() {
    let db = Database::sqlite().await;
    for statistics in ["", "ANALYZE"] {
        for (name, sql, index) in sqlite::frequent_statements() {
            let plan = db.column_of(3, &format!("EXPLAIN QUERY PLAN {sql}")).await.join("\n");
            assert!(plan.contains(index), "{name} does not use {index}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{name} sorts: {plan}");
            assert!(!plan.contains("SCAN"), "{name} scans: {plan}");
        }
        fill(&db).await;
        db.execute(statistics).await;
    }
    db.end().await;
}

/// Generic plans under the settings of the store's own sessions, on empty tables and on full ones.
#[tokio::test]
async fn postgres_walks_an_index_for_every_frequent_statement() {
    let db = Database::postgres().await;
    for statistics in ["", "ANALYZE"] {
        for (name, sql, index) in postgres::frequent_statements() {
            let plan = db.generic_plan(sql).await;
            assert!(plan.contains(index), "{name} does not use {index}: {plan}");
            assert!(!plan.contains("Seq Scan"), "{name} scans: {plan}");
            assert!(!plan.contains("Hash Join"), "{name} hashes: {plan}");
            assert!(name == "commit" || !plan.contains("Sort"), "{name} sorts: {plan}");
        }
        fill(&db).await;
        db.execute(statistics).await;
    }
    db.end().await;
}
