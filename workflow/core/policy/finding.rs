//! What is wrong, doubtful or worth knowing about a policy document, and where. It carries findings to people; it finds
//! nothing itself.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// Refuses the document.
    Error,
    /// Refuses the document unless it is accepted by code and path.
    Warning,
    /// Never refuses anything.
    Info,
}

macro_rules! codes {
    ($($severity:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? })+) => {
        /// The closed set of reasons of a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum FindingCode { $($($(#[$doc])* #[serde(rename = $text)] $variant),+),+ }

        impl FindingCode {
            /// Every code.
            pub const ALL: &'static [FindingCode] = &[$($(FindingCode::$variant),+),+];

            /// The code as written in `accept` and in answers.
            pub const fn as_str(self) -> &'static str {
                match self { $($(FindingCode::$variant => $text),+),+ }
            }

            /// How much findings of this code weigh.
            pub const fn severity(self) -> Severity {
                match self { $($(FindingCode::$variant)|+ => Severity::$severity),+ }
            }
        }
    };
}

codes! {
    Error {
        /// The text is not YAML.
        BadSyntax = "BAD_SYNTAX",
        /// A value is not what its key asks for.
        BadValue = "BAD_VALUE",
        /// An id that is not lower-case letters, digits and inner hyphens.
        BadId = "BAD_ID",
        /// A key that must be there is absent.
        MissingKey = "MISSING_KEY",
        /// A key that means nothing here.
        UnknownKey = "UNKNOWN_KEY",
        /// A name that nothing in the document has.
        UnknownReference = "UNKNOWN_REFERENCE",
        /// The same id or key twice.
        DuplicateId = "DUPLICATE_ID",
        /// Too many, too long, too deep.
        LimitExceeded = "LIMIT_EXCEEDED",
        /// An expression that does not compile, or may not.
        BadCel = "BAD_CEL",
        /// A zone that the time zone database lacks.
        BadZone = "BAD_ZONE",
        /// Not a duration, or one outside its bounds, or days in an SLA target.
        BadDuration = "BAD_DURATION",
        /// A civil date, time, window or day that is none.
        BadCivilTime = "BAD_CIVIL_TIME",
        /// The default service does not exist.
        NoDefaultService = "NO_DEFAULT_SERVICE",
        /// Nobody to page when nobody else can be.
        LastResortEmpty = "LAST_RESORT_EMPTY",
        /// A level without targets.
        LevelEmpty = "LEVEL_EMPTY",
        /// At some instant nobody at all would be paged.
        PolicyReachesNobody = "POLICY_REACHES_NOBODY",
        /// A paged priority of a service has no escalation policy.
        ServiceWithoutEscalation = "SERVICE_WITHOUT_ESCALATION",
        /// Two inhibitions that can mute each other.
        Cycle = "CYCLE",
        /// A calendar without an open instant for too long.
        CalendarNeverOpen = "CALENDAR_NEVER_OPEN",
        /// The matrix is not three rows of three.
        MatrixIncomplete = "MATRIX_INCOMPLETE",
        /// Not one of P1 to P5.
        PriorityUnknown = "PRIORITY_UNKNOWN",
        /// The document uses demonstration delays and the server is no demonstration.
        DemoPolicy = "DEMO_POLICY",
    }
    Warning {
        /// A schedule used by a level covers nobody at some instant.
        CoverageGap = "COVERAGE_GAP",
        /// A level's condition can't hold.
        UnreachableLevel = "UNREACHABLE_LEVEL",
        /// An earlier route always wins, or the condition can't hold.
        UnreachableRoute = "UNREACHABLE_ROUTE",
        /// An earlier final rule always ends the run, or the condition can't hold.
        UnreachableRule = "UNREACHABLE_RULE",
        /// The next level is called before a person's last contact step.
        EscalationBeforeContact = "ESCALATION_BEFORE_CONTACT",
        /// The target passes before the first page.
        SlaUnreachable = "SLA_UNREACHABLE",
        /// An integration whose alerts can only reach the default service.
        AlertRoutesNowhere = "ALERT_ROUTES_NOWHERE",
        /// A discarding route without a severity condition.
        DiscardsPageable = "DISCARDS_PAGEABLE",
        /// A contact step without contact or provider.
        ContactMissing = "CONTACT_MISSING",
        /// A level that reaches channels only.
        LevelWithoutPerson = "LEVEL_WITHOUT_PERSON",
        /// Two following levels page the same person.
        SamePersonNextLevel = "SAME_PERSON_NEXT_LEVEL",
        /// An urgent priority's acknowledgement never expires.
        NoAckTimeout = "NO_ACK_TIMEOUT",
        /// An integration has an older key than it has now: one that was taken out of use would be valid again.
        KeyRevived = "KEY_REVIVED",
        /// An urgent priority waits for a calendar.
        Deferred = "DEFERRED",
        /// A calendar with closed dates has none in the coming year.
        ExpiredHolidays = "EXPIRED_HOLIDAYS",
    }
    Info {
        /// A service and priority that no incident clock watches.
        NoClock = "NO_CLOCK",
        /// A hand-off inside a change of the clocks.
        DstHandoff = "DST_HANDOFF",
        /// Nothing refers to it.
        Unused = "UNUSED",
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    pub code: FindingCode,
    /// Where in the document: keys and ids joined by dots (`escalation_policies.shop.levels.lead`). Empty: the whole.
    pub path: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// Line of the source text, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column of the source text, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

impl Finding {
    /// A finding with the severity of its code and no position in a text.
    pub fn new(code: FindingCode, path: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding {
            severity: code.severity(),
            code,
            path: path.into(),
            message: message.into(),
            line: None,
            column: None,
        }
    }

    /// How `accept` names this finding: `CODE@path`.
    pub fn key(&self) -> String {
        format!("{}@{}", self.code, self.path)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "{line}:{column}: ")?;
        }
        write!(f, "{}", self.code)?;
        if !self.path.is_empty() {
            write!(f, " at {}", self.path)?;
        }
        write!(f, ": {}", self.message)
    }
}
