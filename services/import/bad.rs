//! Why an import failed, said so that the place in the file can be found. Nothing was stored when a file is refused.

use std::path::PathBuf;

/// A value that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}{}{field}: {why}", if field.is_empty() { "" } else { ", " })]
pub(crate) struct Bad {
    /// `line 12` or `log_entries[3]`.
    pub place: String,
    /// The column or field; empty if the place as a whole is wrong.
    pub field: String,
    pub why: String,
}

impl Bad {
    /// A value in a CSV file.
    pub(super) fn column(line: u64, column: &str, why: impl Into<String>) -> Bad {
        Bad { place: format!("line {line}"), field: format!("column {column}"), why: why.into() }
    }

    /// A value in a JSON document.
    pub(super) fn field(place: impl Into<String>, field: &str, why: impl Into<String>) -> Bad {
        Bad { place: place.into(), field: field.to_owned(), why: why.into() }
    }

    /// A line or a record as a whole.
    pub(super) fn place(place: impl Into<String>, why: impl Into<String>) -> Bad {
        Bad { place: place.into(), field: String::new(), why: why.into() }
    }
}

impl Bad {
    /// What the CSV reader complains of, without what it says of bytes and records.
    pub(super) fn of_csv(error: &csv::Error) -> Bad {
        let place = format!("line {}", error.position().map_or(1, csv::Position::line));
        match error.kind() {
            csv::ErrorKind::Io(error) => Bad::place("the file", error.to_string()),
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                Bad::place(place, format!("has {len} columns, the header has {expected_len}"))
            }
            csv::ErrorKind::Utf8 { err, .. } => {
                Bad::field(place, &format!("column {}", err.field() + 1), "is no UTF-8 text")
            }
            _ => Bad::place(place, error.to_string()),
        }
    }
}

/// An import failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path}: {bad}", path = path.display())]
    Bad { path: PathBuf, bad: Bad },
    #[error("{0}")]
    Use(String),
    #[error(transparent)]
    Database(#[from] crate::migrate::DatabaseError),
    #[error("the store cannot be used: {0}")]
    Store(#[from] stentor_engine::store::Error),
    #[error("the import stopped: {0}; run it again, what is stored already is not stored twice")]
    Engine(#[from] stentor_engine::Error),
    #[error("{0}")]
    Server(String),
    #[error("the answer cannot be written: {0}")]
    Answer(std::io::Error),
}
