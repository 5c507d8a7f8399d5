//! What Stentor promises, told as scenarios in virtual time. Each runs on SQLite and on PostgreSQL, through the real
//! services, engine and store.

use std::time::Duration;

use stentor_tests::world::{Backend, World};

mod clocks;
mod compliance;
mod escalation;
mod feed;
mod heartbeats;
mod imports;
mod inhibitions;
mod intake;
mod jetstream;
mod kills;
mod life;
mod links;
mod maintenance;
mod notifications;
mod oncall;
mod pairs;
mod policies;
mod races;
mod record;
mod replicas;
mod requests;
mod silences;
mod sinks;
mod storms;
mod streams;
mod subscriptions;
mod suppressions;
mod throttles;

/// Runs each scenario on both stores.
macro_rules! on_both_stores {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                crate::play(stentor_tests::world::Backend::Sqlite, async |world| super::$case(world).await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $case() {
                crate::play(stentor_tests::world::Backend::Postgres, async |world| super::$case(world).await).await;
            })+
        }
    };
}
pub(crate) use on_both_stores;

/// What hangs fails, long before somebody wonders.
const PATIENCE: Duration = Duration::from_secs(50);

/// Plays a scenario in a fresh world.
async fn play(backend: Backend, scenario: impl AsyncFnOnce(&mut World)) {
    let mut world = World::start(backend).await;
    let played = tokio::time::timeout(PATIENCE, scenario(&mut world)).await;
    assert!(played.is_ok(), "the scenario hangs at {:?}: {:?}", world.now(), world.process().engine.pulse());
    world.end().await;
}
