//! What is wrong with one entry of the policy document, and where. It names the field and a stable code; it does not
//! decide whether the document is accepted.

use std::fmt;

/// A mistake in an entry of the policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field below the entry, such as `layers.week.anchor` or `weekly.mon-fri[0]`.
    pub path: String,
    /// The stable code.
    pub code: FaultCode,
    /// One sentence for people: what was found and what would be right.
    pub message: String,
}

impl Fault {
    /// A fault at a field.
    pub fn new(path: impl Into<String>, code: FaultCode, message: impl Into<String>) -> Fault {
        Fault { path: path.into(), code, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}: {}", self.code.as_str(), self.path, self.message)
    }
}

/// Codes of faults in zones, civil times and rotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultCode {
    /// Not a name of the IANA time zone database.
    BadZone,
    /// Not a date, a civil date-time, a window or a set of weekdays.
    BadCivilTime,
    /// Not a length that a turn may have.
    BadDuration,
    /// Two entries of one list have the same id.
    DuplicateId,
    /// More or fewer entries than a list may have.
    LimitExceeded,
}

impl FaultCode {
    /// The code as lint and API show it.
    pub fn as_str(self) -> &'static str {
        match self {
            FaultCode::BadZone => "BAD_ZONE",
            FaultCode::BadCivilTime => "BAD_CIVIL_TIME",
            FaultCode::BadDuration => "BAD_DURATION",
            FaultCode::DuplicateId => "DUPLICATE_ID",
            FaultCode::LimitExceeded => "LIMIT_EXCEEDED",
        }
    }
}
