//! What is wrong with a request's field. It travels as a field violation; the code it gets is not known here.

/// A field that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Invalid {
    /// Path of the field as the caller wrote it: `alerts[3].title`.
    pub field: String,
    pub problem: String,
}

impl Invalid {
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Invalid {
        Invalid { field: field.into(), problem: problem.into() }
    }

    /// The same problem, seen from the message that holds this one: `title` in `alerts[3]` is `alerts[3].title`.
    #[must_use]
    pub fn within(self, parent: impl std::fmt::Display) -> Invalid {
        Invalid { field: format!("{parent}.{}", self.field), problem: self.problem }
    }
}
