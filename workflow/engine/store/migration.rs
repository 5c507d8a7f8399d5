//! The numbered migrations that travel in the binary, and what a run of them did. It runs none itself.

use super::{Error, Result};

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) version: i64,
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

/// The steps of SQLite, in order.
pub(super) const SQLITE: &[Step] = &[
    Step { version: 1, name: "0001_start", sql: include_str!("../../../migrations/sqlite/0001_start.sql") },
    Step {
        version: 2,
        name: "0002_standing",
        sql: include_str!("../../../migrations/sqlite/0002_standing.sql"),
    },
    Step {
        version: 3,
        name: "0003_category",
        sql: include_str!("../../../migrations/sqlite/0003_category.sql"),
    },
    Step { version: 4, name: "0004_sink", sql: include_str!("../../../migrations/sqlite/0004_sink.sql") },
    Step {
        version: 5,
        name: "0005_suppression",
        sql: include_str!("../../../migrations/sqlite/0005_suppression.sql"),
    },
    Step {
        version: 6,
        name: "0006_heartbeat",
        sql: include_str!("../../../migrations/sqlite/0006_heartbeat.sql"),
    },
];

/// The steps of PostgreSQL, in order and with the same numbers.
pub(super) const POSTGRES: &[Step] = &[
    Step { version: 1, name: "0001_start", sql: include_str!("../../../migrations/postgres/0001_start.sql") },
    Step {
        version: 2,
        name: "0002_standing",
        sql: include_str!("../../../migrations/postgres/0002_standing.sql"),
    },
    Step {
        version: 3,
        name: "0003_category",
        sql: include_str!("../../../migrations/postgres/0003_category.sql"),
    },
    Step { version: 4, name: "0004_sink", sql: include_str!("../../../migrations/postgres/0004_sink.sql") },
    Step {
        version: 5,
        name: "0005_suppression",
        sql: include_str!("../../../migrations/postgres/0005_suppression.sql"),
    },
    Step {
        version: 6,
        name: "0006_heartbeat",
        sql: include_str!("../../../migrations/postgres/0006_heartbeat.sql"),
    },
];

/// What a migration did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MigrateReport {
    /// Schema before; 0 for an empty database.
    pub from: i64,
    /// Schema after.
    pub to: i64,
    /// Names of the steps applied, in order.
    pub applied: Vec<String>,
}

/// The newest schema that this binary knows.
pub(super) fn newest(steps: &[Step]) -> i64 {
    steps.last().map_or(0, |step| step.version)
}

/// Refuses a schema that asks for a newer binary: `min_schema` is the value of that name in `meta`, written by a
/// migration that older binaries would misread.
pub(super) fn refuse_newer(steps: &[Step], min_schema: Option<&str>) -> Result<()> {
    let known = newest(steps);
    let needed = match min_schema {
        None => return Ok(()),
        Some(text) => {
            text.parse::<i64>().map_err(|_| Error::Fatal(format!("meta.min_schema is {text:?}")))?
        }
    };
    if needed > known {
        return Err(Error::Fatal(format!(
            "the database asks for a binary that knows schema {needed}, this one knows {known}: use a newer stentor"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_have_the_same_steps_in_dense_order() {
        let numbers = |steps: &[Step]| steps.iter().map(|step| (step.version, step.name)).collect::<Vec<_>>();
        assert_eq!(numbers(SQLITE), numbers(POSTGRES));
        for (expected, step) in (1..).zip(SQLITE) {
            assert_eq!(step.version, expected);
        }
    }

    #[test]
    fn a_schema_marked_too_new_is_refused() {
        assert!(refuse_newer(SQLITE, None).is_ok());
        assert!(refuse_newer(SQLITE, Some("1")).is_ok());
        assert!(matches!(refuse_newer(SQLITE, Some("999")), Err(Error::Fatal(_))));
        assert!(matches!(refuse_newer(SQLITE, Some("soon")), Err(Error::Fatal(_))));
    }
}
