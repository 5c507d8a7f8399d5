//! The sections of a review and where the text of each comes from. What the draft says is not known here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::time::Timestamp;

/// A section, in the order in which a review shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Section {
    Summary,
    Impact,
    Timeline,
    Detection,
    Response,
    RootCause,
    WentWell,
    WentBadly,
    Lucky,
    Lessons,
    Actions,
}

impl Section {
    /// Every section, in order.
    pub const ALL: &'static [Section] = &[
        Section::Summary,
        Section::Impact,
        Section::Timeline,
        Section::Detection,
        Section::Response,
        Section::RootCause,
        Section::WentWell,
        Section::WentBadly,
        Section::Lucky,
        Section::Lessons,
        Section::Actions,
    ];

    /// The word as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Section::Summary => "SUMMARY",
            Section::Impact => "IMPACT",
            Section::Timeline => "TIMELINE",
            Section::Detection => "DETECTION",
            Section::Response => "RESPONSE",
            Section::RootCause => "ROOT_CAUSE",
            Section::WentWell => "WENT_WELL",
            Section::WentBadly => "WENT_BADLY",
            Section::Lucky => "LUCKY",
            Section::Lessons => "LESSONS",
            Section::Actions => "ACTIONS",
        }
    }

    /// Its heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Section::Summary => "Summary",
            Section::Impact => "Impact",
            Section::Timeline => "Timeline",
            Section::Detection => "Detection",
            Section::Response => "Response",
            Section::RootCause => "Root cause and contributing factors",
            Section::WentWell => "What went well",
            Section::WentBadly => "What went badly",
            Section::Lucky => "Where we were lucky",
            Section::Lessons => "Lessons",
            Section::Actions => "Actions",
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A section's text and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SectionText {
    /// What the history says; drafting anew replaces it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub draft: String,
    #[serde(default)]
    pub written: Written,
    /// Who edited or waived it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// What people made of a section.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Written {
    /// Nothing: the draft stands.
    #[default]
    Drafted,
    /// Their text stands, whatever the draft says.
    Edited(String),
    /// It may stay empty, for this reason.
    Waived(String),
}

impl SectionText {
    /// The text that stands.
    pub fn text(&self) -> &str {
        match &self.written {
            Written::Edited(text) => text,
            Written::Drafted | Written::Waived(_) => &self.draft,
        }
    }

    /// Whether it has a text or may do without one.
    pub fn is_settled(&self) -> bool {
        matches!(self.written, Written::Waived(_)) || !self.text().trim().is_empty()
    }
}
