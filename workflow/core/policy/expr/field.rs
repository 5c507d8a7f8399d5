//! The names that conditions may use, in one table: what they are called, what type they have and where they exist.
//! Their values come from `facts`.

/// Where a condition stands, which decides what it can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A route: `signal`.
    Route,
    /// A triage rule: `signal`, `service` and `open`.
    Rule,
    /// An SLA definition: `incident`.
    Sla,
    /// A map of an integration: `body`.
    Body,
}

/// Types that the checker tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    Int,
    Double,
    Text,
    Instant,
    Length,
    /// Map from text to text.
    Texts,
    /// Map from text to double.
    Doubles,
    /// Map from calendar to bool.
    Calendars,
    /// `signal`, `service` or `incident` itself.
    Object,
    List,
    /// Anything: known only when evaluated.
    Any,
}

impl Type {
    pub(super) fn name(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Double => "double",
            Type::Text => "string",
            Type::Instant => "timestamp",
            Type::Length => "duration",
            Type::Texts | Type::Doubles | Type::Calendars => "map",
            Type::Object => "object",
            Type::List => "list",
            Type::Any => "anything",
        }
    }
}

macro_rules! fields {
    ($($name:literal $variant:ident $type:ident),+ $(,)?) => {
        /// A field of `signal`, `service` or `incident`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field { $($variant),+ }

        impl Field {
            /// The field of a qualified name such as `signal.title`.
            pub(super) fn parse(name: &str) -> Option<Field> {
                match name { $($name => Some(Field::$variant),)+ _ => None }
            }

            /// The qualified name.
            #[cfg(test)]
            pub(super) fn name(self) -> &'static str {
                match self { $(Field::$variant => $name),+ }
            }

            pub(super) fn kind(self) -> Type {
                match self { $(Field::$variant => Type::$type),+ }
            }
        }

        #[cfg(test)]
        pub(super) const ALL: &[Field] = &[$(Field::$variant),+];
    };
}

fields! {
    "signal.kind" SignalKind Text,
    "signal.title" SignalTitle Text,
    "signal.description" SignalDescription Text,
    "signal.integration" SignalIntegration Text,
    "signal.source" SignalSource Text,
    "signal.severity" SignalSeverity Text,
    "signal.reporter" SignalReporter Text,
    "signal.url" SignalUrl Text,
    "signal.labels" SignalLabels Texts,
    "signal.annotations" SignalAnnotations Texts,
    "signal.values" SignalValues Doubles,
    "signal.received_at" SignalReceivedAt Instant,
    "signal.starts_at" SignalStartsAt Instant,
    "signal.impact" SignalImpact Text,
    "signal.urgency" SignalUrgency Text,
    "signal.service" SignalService Text,
    "service.id" ServiceId Text,
    "service.tier" ServiceTier Int,
    "service.team" ServiceTeam Text,
    "service.labels" ServiceLabels Texts,
    "incident.priority" IncidentPriority Text,
    "incident.impact" IncidentImpact Text,
    "incident.urgency" IncidentUrgency Text,
    "incident.service" IncidentService Text,
    "incident.tier" IncidentTier Int,
    "incident.team" IncidentTeam Text,
    "incident.category" IncidentCategory Text,
    "incident.labels" IncidentLabels Texts,
    "incident.phase" IncidentPhase Text,
    "incident.acknowledged" IncidentAcknowledged Bool,
    "incident.hold_reason" IncidentHoldReason Text,
    "incident.origin" IncidentOrigin Text,
}

/// The objects, which a bare name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Object {
    Signal,
    Service,
    Incident,
    /// `open["calendar"]`.
    Open,
    /// What `label("x")` looks into: a missing label is the empty text.
    Label,
}

/// The hidden name that `label(…)` is rewritten to; no expression can spell it.
pub(super) const LABEL: &str = "@label";
/// What a map reads.
pub(super) const BODY: &str = "body";
/// The hidden prefix of compiled patterns that `matches()` is rewritten to.
pub(super) const PATTERN: &str = "@pattern";

impl Object {
    pub(super) fn parse(name: &str) -> Option<Object> {
        match name {
            "signal" => Some(Object::Signal),
            "service" => Some(Object::Service),
            "incident" => Some(Object::Incident),
            "open" => Some(Object::Open),
            LABEL => Some(Object::Label),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Object::Signal => "signal",
            Object::Service => "service",
            Object::Incident => "incident",
            Object::Open => "open",
            Object::Label => LABEL,
        }
    }

    /// Whether a condition of this scope can name it.
    pub(super) fn within(self, scope: Scope) -> bool {
        match self {
            Object::Signal => matches!(scope, Scope::Route | Scope::Rule),
            Object::Service | Object::Open => scope == Scope::Rule,
            Object::Incident => scope == Scope::Sla,
            Object::Label => scope != Scope::Body,
        }
    }

    /// A field of this object.
    pub(super) fn field(self, name: &str) -> Option<Field> {
        let mut qualified = String::with_capacity(32);
        qualified.push_str(self.name());
        qualified.push('.');
        qualified.push_str(name);
        Field::parse(&qualified)
    }
}
