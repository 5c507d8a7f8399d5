//! What an error of SQLite means for the committer. It does not retry anything.

use super::super::Error;
use rusqlite::{ErrorCode, ffi};

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        match error {
            rusqlite::Error::SqliteFailure(failure, _) => of_code(failure, text),
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Self::Fatal(text),
            rusqlite::Error::ToSqlConversionFailure(_) | rusqlite::Error::NulError(_) => Self::Data(text),
            _ => Self::Fatal(text),
        }
    }
}

fn of_code(failure: ffi::Error, text: String) -> Error {
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OperationInterrupted => {
            Error::Transient(text)
        }
        ErrorCode::ConstraintViolation => match failure.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID => Error::Duplicate(text),
            _ => Error::Data(text),
        },
        ErrorCode::TooBig | ErrorCode::TypeMismatch | ErrorCode::ParameterOutOfRange => Error::Data(text),
        // Full and read-only may pass; SQLite has rolled the transaction back.
        ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::OutOfMemory => {
            Error::Unavailable(text)
        }
        // I/O, corruption and everything that cannot happen with our statements: the file is not to be trusted.
        _ => Error::Fatal(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: i32) -> Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).into()
    }

    #[test]
    fn each_code_has_its_consequence() {
        assert!(matches!(of(ffi::SQLITE_BUSY), Error::Transient(_)));
        assert!(matches!(of(ffi::SQLITE_CONSTRAINT_PRIMARYKEY), Error::Duplicate(_)));
        assert!(matches!(of(ffi::SQLITE_CONSTRAINT_UNIQUE), Error::Duplicate(_)));
        assert!(matches!(of(ffi::SQLITE_CONSTRAINT_CHECK), Error::Data(_)));
        assert!(matches!(of(ffi::SQLITE_FULL), Error::Unavailable(_)));
        assert!(matches!(of(ffi::SQLITE_READONLY), Error::Unavailable(_)));
        assert!(matches!(of(ffi::SQLITE_IOERR_FSYNC), Error::Fatal(_)));
        assert!(matches!(of(ffi::SQLITE_CORRUPT), Error::Fatal(_)));
    }
}
