//! The rows of an incident as a record. Each row is compared with what is known so far; what it shows anew happened at
//! its instant, by whoever wrote it.

use stentor_core::actor::Actor;
use stentor_core::history_log::{Action, Entry, Fact, LoggedSignal, Record, What};
use stentor_core::incident::kinds::CancelReason;
use stentor_core::policy::document::Triage;
use stentor_core::signal::SignalKind;
use stentor_core::time::Timestamp;
use stentor_core::triage;

use crate::import::report::Odd;
use crate::import::text;

use super::rows::{Row, State};
use super::{Options, SOURCE, compare};

const NO_OPENING: (&str, &str) = ("opened_at_missing", "the first row stands for the opening");
const BEFORE_OPENING: (&str, &str) = ("before_opening", "a row older than opened_at: told at the opening");
const OUT_OF_ORDER: (&str, &str) =
    ("out_of_order", "a state older than the one before it: told at the instant of the one before");
const UNKNOWN_STATE: (&str, &str) = ("unknown_state", "the state is not known: the one before it goes on");
const UNMAPPED: (&str, &str) = ("service_unmapped", "no service: the policy's default service has it");

/// The record of an incident. `rows` has at least one.
pub(super) fn record(rows: &[Row], options: &Options, odd: &mut Odd) -> Record {
    let first = &rows[0];
    let mut story = Story {
        options,
        opened_at: first.opened_at.unwrap_or(first.at),
        state: State::New,
        state_at: first.opened_at.unwrap_or(first.at),
        entries: Vec::with_capacity(rows.len() + 2),
    };
    if first.opened_at.is_none() {
        odd.note(NO_OPENING, &first.number, first.place(), "");
    }
    story.open(first, odd);
    for (i, row) in rows.iter().enumerate() {
        story.row(i.checked_sub(1).map(|i| &rows[i]), row, odd);
    }
    let seen = compare::Seen::of(&story.entries);
    let remarks = compare::final_columns(rows, &seen, odd);
    let mut entries = story.entries;
    if let Some(made) = rows.last().and_then(|r| r.made_sla).filter(|made| !made) {
        let fact = Fact::Said { field: "made_sla".to_owned(), value: made.to_string() };
        let at = entries.iter().map(|e| e.at).max().unwrap_or(first.at);
        entries.push(Entry { at, who: Actor::System, what: What::Fact(fact) });
    }
    // Rows out of step keep their instants; those of one instant keep their order.
    entries[1..].sort_by_key(|e| e.at);
    Record {
        incident: first.number.clone(),
        source: SOURCE.to_owned(),
        source_ref: first.number.clone(),
        imported: true,
        policy: None,
        ordinal: None,
        known_until: None,
        entries,
        remarks,
    }
}

struct Story<'o> {
    options: &'o Options,
    opened_at: Timestamp,
    state: State,
    /// When the state came about.
    state_at: Timestamp,
    entries: Vec<Entry>,
}

impl Story<'_> {
    fn open(&mut self, row: &Row, odd: &mut Odd) {
        let names = &self.options.names;
        let who = match &row.opened_by {
            Some(by) => names.actor(by),
            None => Actor::Integration(SOURCE.into()),
        };
        let title = row.title.as_deref().map_or_else(|| format!("Incident {}", row.number), text::title);
        let service = row.service.as_deref().and_then(|s| names.services.get(s));
        if service.is_none() && !names.services.is_empty() {
            let theirs = row.service.as_deref().unwrap_or("unknown");
            let said = format!("{} {theirs}", self.options.service_by);
            odd.note(UNMAPPED, &row.number, row.place(), said);
        }
        let by_matrix = matrix_agrees(row);
        let signal = LoggedSignal {
            kind: SignalKind::Report,
            description: row.description.as_deref().map(text::description).unwrap_or_default(),
            source: SOURCE.to_owned(),
            reporter: row.caller.as_deref().map(text::title).unwrap_or_default(),
            labels: row.told.iter().map(|(k, v)| ((*k).to_owned(), text::label(v))).collect(),
            impact: row.impact.filter(|_| by_matrix),
            urgency: row.urgency.filter(|_| by_matrix),
            priority: row.priority.filter(|_| !by_matrix),
            service: service.map(Into::into),
            category: row.told.get("category").map(|c| text::label(c)),
            declare: true,
            ..LoggedSignal::report(&title)
        };
        self.entries.push(Entry { at: self.opened_at, who, what: What::Signal(Box::new(signal)) });
    }

    /// What a row shows that the one before it did not.
    fn row(&mut self, before: Option<&Row>, row: &Row, odd: &mut Odd) {
        if row.at < self.opened_at {
            let said = format!("written {}, opened {}", row.at, self.opened_at);
            odd.note(BEFORE_OPENING, &row.number, row.place(), said);
        }
        if row.state.is_none() {
            odd.note(UNKNOWN_STATE, &row.number, row.place(), "");
        }
        let at = row.at.max(self.opened_at);
        let told = self.entries.len();
        let reopens = self.ended() && row.state.is_some_and(|s| !ends(s));
        if !reopens {
            self.assessed(before, row, at);
        }
        self.moved(row, at, odd);
        if reopens {
            self.assessed(before, row, at);
        }
        self.assigned(before, row, at);
        let changes = changes(before, row);
        if !changes.is_empty() || self.entries.len() == told && before.is_some() {
            let said = if changes.is_empty() { "updated".to_owned() } else { changes };
            self.tell(row, at, Action::Note { text: text::note(&said) });
        }
    }

    fn ended(&self) -> bool {
        ends(self.state)
    }

    fn tell(&mut self, row: &Row, at: Timestamp, action: Action) {
        let who = match &row.by {
            Some(by) => self.options.names.actor(by),
            None => Actor::System,
        };
        self.entries.push(Entry { at, who, what: What::Action(action) });
    }

    /// Priority, category and service.
    fn assessed(&mut self, before: Option<&Row>, row: &Row, at: Timestamp) {
        let Some(before) = before else { return };
        let graded = (row.impact, row.urgency) != (before.impact, before.urgency);
        let by_matrix = matrix_agrees(row);
        let impact = row.impact.filter(|_| graded && by_matrix);
        let urgency = row.urgency.filter(|_| graded && by_matrix);
        let category = changed(before.told.get("category"), row.told.get("category")).map(|c| text::label(c));
        let service = changed(before.service.as_ref(), row.service.as_ref())
            .and_then(|s| self.options.names.services.get(s))
            .map(Into::into);
        if impact.is_some() || urgency.is_some() || category.is_some() || service.is_some() {
            self.tell(row, at, Action::Triage { category, impact, urgency, service, priority: None });
        }
        if let Some(priority) = row.priority.filter(|p| Some(*p) != before.priority && !(graded && by_matrix))
        {
            self.tell(row, at, Action::SetPriority { priority });
        }
    }

    fn assigned(&mut self, before: Option<&Row>, row: &Row, at: Timestamp) {
        let was = before.and_then(|b| b.assigned_to.as_ref());
        if let Some(person) = changed(was, row.assigned_to.as_ref()) {
            let person = self.options.names.person(person);
            self.tell(row, at, Action::AssignPerson { person, page: false });
        }
    }

    /// The state. A state that is new ends the one before it; nothing in between is made up.
    fn moved(&mut self, row: &Row, at: Timestamp, odd: &mut Odd) {
        let Some(to) = row.state.filter(|to| *to != self.state) else { return };
        if at < self.state_at {
            let said = format!("written {at}, the state before {}", self.state_at);
            odd.note(OUT_OF_ORDER, &row.number, row.place(), said);
        }
        let at = at.max(self.state_at);
        let from = std::mem::replace(&mut self.state, to);
        self.state_at = at;
        for action in between(from, to) {
            self.tell(row, at, action);
        }
    }
}

/// What leads from a state to another.
fn between(from: State, to: State) -> Vec<Action> {
    let reopen = (ends(from) && !(from == State::Resolved && to == State::Closed)).then_some(Action::Reopen);
    let resume = matches!(from, State::Waiting(_)).then_some(Action::Resume).filter(|_| !ends(to));
    let arrive = match to {
        State::New if from == State::Active => Some(Action::Unacknowledge),
        State::Active if from == State::New => Some(Action::Acknowledge),
        State::New | State::Active => None,
        State::Waiting(reason) => Some(Action::Hold { reason, length: None }),
        State::Resolved => Some(Action::Resolve { code: None, note: String::new() }),
        State::Closed => Some(Action::Close),
        State::Cancelled => Some(Action::Cancel { reason: CancelReason::NotAnIncident }),
    };
    reopen.into_iter().chain(resume).chain(arrive).collect()
}

fn ends(state: State) -> bool {
    matches!(state, State::Resolved | State::Closed | State::Cancelled)
}

/// Whether the stated priority is that of the usual matrix; where it is not, the priority alone is told.
fn matrix_agrees(row: &Row) -> bool {
    match (row.impact, row.urgency, row.priority) {
        (Some(impact), Some(urgency), Some(priority)) => {
            triage::priority(&Triage::default(), impact, urgency) == priority
        }
        (_, _, priority) => priority.is_none(),
    }
}

/// The new value, if there is one and it is another.
fn changed<'v>(before: Option<&String>, now: Option<&'v String>) -> Option<&'v String> {
    now.filter(|now| Some(*now) != before)
}

/// The columns that no entry of their own tells: before → after.
fn changes(before: Option<&Row>, row: &Row) -> String {
    let Some(before) = before else { return String::new() };
    let mut said = Vec::new();
    for (name, value) in &row.told {
        let was = before.told.get(name);
        if *name != "category" && was != Some(value) {
            said.push(format!("{name} {} → {value}", was.map_or("?", String::as_str)));
        }
    }
    said.join(", ")
}
