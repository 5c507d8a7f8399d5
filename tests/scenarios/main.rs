//! What Stentor promises, told as scenarios in virtual time. Each runs on SQLite and on PostgreSQL, through the real
//! services, engine and store.

mod escalation;

/// Runs each scenario on both stores.
macro_rules! on_both_stores {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                let mut world = stentor_tests::world::World::start(stentor_tests::world::Backend::Sqlite).await;
                super::$case(&mut world).await;
                world.end().await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $case() {
                let mut world = stentor_tests::world::World::start(stentor_tests::world::Backend::Postgres).await;
                super::$case(&mut world).await;
                world.end().await;
            })+
        }
    };
}
pub(crate) use on_both_stores;
