//! What an error of PostgreSQL or of the way to it means for the committer. It does not retry anything.

use super::super::Error;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let text = error.to_string();
        match &error {
            sqlx::Error::Database(database) => of_state(database.code().as_deref().unwrap_or("XX000"), text),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Unavailable(text),
            sqlx::Error::Encode(_) | sqlx::Error::InvalidArgument(_) => Self::Data(text),
            // The connection broke: what was sent may have arrived.
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Self::Unknown(text),
            _ => Self::Fatal(text),
        }
    }
}

fn of_state(state: &str, text: String) -> Error {
    let text = format!("{state}: {text}");
    match state {
        // Serialization failure, deadlock, lock not available, statement timeout, transaction already failed.
        "40001" | "40P01" | "55P03" | "57014" | "25P02" => Error::Transient(text),
        "23505" | "23P01" => Error::Duplicate(text),
        // The end of the session or of the server may come between the commit and its answer.
        "40003" | "57P01" | "57P02" | "57P05" => Error::Unknown(text),
        // A demoted primary, a server that starts, a privilege that is being changed.
        "25006" | "57P03" => Error::Unavailable(text),
        _ => match &state[..2.min(state.len())] {
            "08" => Error::Unknown(text),
            "21" | "22" | "23" | "54" => Error::Data(text),
            // No room, no memory, no connection; trouble of the host.
            "53" | "58" => Error::Unavailable(text),
            _ => Error::Fatal(text),
        },
    }
}

/// The class of an error of something that wrote nothing: nothing about it can be unknown.
pub(super) fn reading(error: sqlx::Error) -> Error {
    match Error::from(error) {
        Error::Unknown(text) => Error::Unavailable(text),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_consequence() {
        let of = |state| of_state(state, String::new());
        for state in ["40001", "40P01", "55P03", "57014"] {
            assert!(matches!(of(state), Error::Transient(_)), "{state}");
        }
        for state in ["23514", "22021", "22P05", "21000", "54000"] {
            assert!(matches!(of(state), Error::Data(_)), "{state}");
        }
        for state in ["08006", "57P01", "40003"] {
            assert!(matches!(of(state), Error::Unknown(_)), "{state}");
        }
        for state in ["25006", "53100", "53300", "57P03"] {
            assert!(matches!(of(state), Error::Unavailable(_)), "{state}");
        }
        for state in ["42P01", "XX001", "28P01", "3"] {
            assert!(matches!(of(state), Error::Fatal(_)), "{state}");
        }
        assert!(matches!(of("23505"), Error::Duplicate(_)));
    }

    #[test]
    fn a_connection_lost_while_reading_hides_nothing() {
        let lost = || sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into());
        assert!(matches!(Error::from(lost()), Error::Unknown(_)));
        assert!(matches!(reading(lost()), Error::Unavailable(_)));
    }
}
