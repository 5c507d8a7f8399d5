//! Reads what is asked about who is on call, and what is to be changed about it. Nothing is looked up here.

use prost_types::Timestamp as Wire;
use stentor_core::id::{PersonId, ScheduleId};
use stentor_core::standing::{Command, Part, SwapRequest};
use stentor_core::time::{Duration, Timestamp};
use stentor_proto::v1;

use crate::wire::fields::{Fields, Understood};
use crate::wire::interval::Otherwise;
use crate::wire::limits;
use crate::wire::standing::{Change, change};

/// The longest interval of one schedule, and of all.
const SPAN_OF_ONE: Duration = Duration::days(366);
const SPAN_OF_ALL: Duration = Duration::days(92);

/// What is asked about an interval, or about the instant `from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// None: all of them.
    pub schedule: Option<ScheduleId>,
    /// None: everybody.
    pub person: Option<PersonId>,
    pub from: Timestamp,
    pub to: Timestamp,
    /// None: now.
    pub known: Option<Timestamp>,
    pub size: usize,
}

/// A list of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    pub schedule: Option<ScheduleId>,
    pub person: Option<PersonId>,
    /// Also those that are over.
    pub all: bool,
    pub size: usize,
}

impl Window {
    /// About an interval that is not too long.
    fn over(f: &mut Fields, schedule: &str, person: &str, (from, to): (Timestamp, Timestamp)) -> Window {
        let schedule = f.id("schedule", schedule, "schedules");
        let person = f.id("person", person, "people");
        let longest = if schedule.is_some() { SPAN_OF_ONE } else { SPAN_OF_ALL };
        if to <= from {
            f.refuse("end_time", "is not after start_time");
        } else if to.since(from) > longest {
            f.refuse("end_time", format!("is more than {longest} after start_time"));
        }
        Window { schedule, person, from, to, known: None, size: 0 }
    }

    fn finish(self, mut f: Fields, known: Option<&Wire>, page_size: i32) -> Understood<Window> {
        let (known, size) = (f.instant("known_time", known), f.page_size(page_size) as usize);
        f.finish(Window { known, size, ..self })
    }
}

pub fn shifts(r: &v1::ListShiftsRequest, now: Timestamp) -> Understood<Window> {
    let mut f = Fields::default();
    let month = Otherwise::Ahead(Duration::days(30));
    let interval = month.interval(&mut f, (r.start_time.as_ref(), r.end_time.as_ref()), now);
    Window::over(&mut f, &r.schedule, &r.person, interval).finish(f, r.known_time.as_ref(), r.page_size)
}

pub fn handovers(r: &v1::ListScheduleHandoversRequest, now: Timestamp) -> Understood<Window> {
    let mut f = Fields::default();
    let month = Otherwise::Ahead(Duration::days(30));
    let interval = month.interval(&mut f, (r.start_time.as_ref(), r.end_time.as_ref()), now);
    Window::over(&mut f, &r.schedule, &r.person, interval).finish(f, r.known_time.as_ref(), r.page_size)
}

pub fn gaps(r: &v1::ListCoverageGapsRequest, now: Timestamp) -> Understood<Window> {
    let mut f = Fields::default();
    let quarter = Otherwise::Ahead(Duration::days(90));
    let interval = quarter.interval(&mut f, (r.start_time.as_ref(), r.end_time.as_ref()), now);
    Window::over(&mut f, &r.schedule, "", interval).finish(f, r.known_time.as_ref(), r.page_size)
}

pub fn shares(r: &v1::ListOnCallSharesRequest, now: Timestamp) -> Understood<Window> {
    let mut f = Fields::default();
    let quarter = Otherwise::Back(Duration::days(90));
    let interval = quarter.interval(&mut f, (r.start_time.as_ref(), r.end_time.as_ref()), now);
    Window::over(&mut f, &r.schedule, "", interval).finish(f, r.known_time.as_ref(), r.page_size)
}

pub fn one(r: &v1::GetOnCallRequest, now: Timestamp) -> Understood<(ScheduleId, Window)> {
    let mut f = Fields::default();
    let schedule: ScheduleId = f.required_id("schedule", &r.schedule, "schedules");
    let at = f.instant("at_time", r.at_time.as_ref()).unwrap_or(now);
    let window = Window { schedule: None, person: None, from: at, to: at, known: None, size: 0 };
    Ok((schedule, window.finish(f, r.known_time.as_ref(), 0)?))
}

pub fn many(r: &v1::ListOnCallRequest, now: Timestamp) -> Understood<Window> {
    let mut f = Fields::default();
    let person = f.id("person", &r.person, "people");
    let at = f.instant("at_time", r.at_time.as_ref()).unwrap_or(now);
    let window = Window { schedule: None, person, from: at, to: at, known: None, size: 0 };
    window.finish(f, r.known_time.as_ref(), r.page_size)
}

pub fn overrides(r: &v1::ListOverridesRequest) -> Understood<Records> {
    records(&r.schedule, &r.person, r.show_ended, r.page_size)
}

pub fn swaps(r: &v1::ListSwapsRequest) -> Understood<Records> {
    records(&r.schedule, &r.person, r.show_ended, r.page_size)
}

fn records(schedule: &str, person: &str, all: bool, page_size: i32) -> Understood<Records> {
    let mut f = Fields::default();
    let schedule = f.id("schedule", schedule, "schedules");
    let person = f.id("person", person, "people");
    let size = f.page_size(page_size) as usize;
    f.finish(Records { schedule, person, all, size })
}

pub fn create(r: &v1::CreateOverrideRequest) -> Understood<Change> {
    let mut f = Fields::default();
    if r.end_time.is_none() {
        f.refuse("end_time", "is required");
    }
    let command = Command::CreateOverride {
        schedule: f.required_id("schedule", &r.schedule, "schedules"),
        from: f.instant("start_time", r.start_time.as_ref()),
        to: f.instant("end_time", r.end_time.as_ref()).unwrap_or_default(),
        replaces: f.id("replaced_person", &r.replaced_person, "people"),
        by: f.required_id("person", &r.person, "people"),
        reason: f.text("reason", &r.reason, limits::REASON),
    };
    change(f, command, &r.request_id, r.validate_only)
}

pub fn cancel(r: &v1::CancelOverrideRequest) -> Understood<Change> {
    let mut f = Fields::default();
    let id = f.numbered("name", &r.name, "overrides");
    let reason = f.text("reason", &r.reason, limits::REASON);
    change(f, Command::CancelOverride { id, reason }, &r.request_id, false)
}

pub fn request(r: &v1::RequestSwapRequest) -> Understood<Change> {
    let mut f = Fields::default();
    let command = Command::RequestSwap(SwapRequest {
        schedule: f.required_id("schedule", &r.schedule, "schedules"),
        requester: f.id("requester", &r.requester, "people"),
        with: f.required_id("person", &r.person, "people"),
        gives: part(&mut f, "give", r.give.as_ref()),
        takes: part(&mut f, "take", r.take.as_ref()),
        reason: f.text("reason", &r.reason, limits::REASON),
    });
    change(f, command, &r.request_id, r.validate_only)
}

fn part(f: &mut Fields, field: &str, part: Option<&v1::ShiftPart>) -> Part {
    let start = part.and_then(|part| part.start_time.as_ref());
    if start.is_none() {
        f.refuse(&format!("{field}.start_time"), "is required");
    }
    Part {
        from: f.instant(&format!("{field}.start_time"), start).unwrap_or_default(),
        to: f.instant(&format!("{field}.end_time"), part.and_then(|part| part.end_time.as_ref())),
    }
}

pub fn accept(r: &v1::AcceptSwapRequest) -> Understood<Change> {
    let mut f = Fields::default();
    let id = f.numbered("name", &r.name, "swaps");
    change(f, Command::AcceptSwap { id }, &r.request_id, false)
}

pub fn decline(r: &v1::DeclineSwapRequest) -> Understood<Change> {
    let mut f = Fields::default();
    let id = f.numbered("name", &r.name, "swaps");
    let reason = f.text("reason", &r.reason, limits::REASON);
    change(f, Command::DeclineSwap { id, reason }, &r.request_id, false)
}

pub fn withdraw(r: &v1::WithdrawSwapRequest) -> Understood<Change> {
    let mut f = Fields::default();
    let id = f.numbered("name", &r.name, "swaps");
    let reason = f.text("reason", &r.reason, limits::REASON);
    change(f, Command::WithdrawSwap { id, reason }, &r.request_id, false)
}

/// Whose calendar is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Schedule(ScheduleId),
    Person(PersonId),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Subject::Schedule(id) => write!(f, "schedules/{id}"),
            Subject::Person(id) => write!(f, "people/{id}"),
        }
    }
}

/// Reads `schedules/{id}` or `people/{id}`.
pub fn subject(name: &str) -> Understood<Subject> {
    let mut f = Fields::default();
    let subject = if name.starts_with("people/") {
        Subject::Person(f.required_id("name", name, "people"))
    } else {
        Subject::Schedule(f.required_id("name", name, "schedules"))
    };
    f.finish(subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_780_480_800_000);

    fn after(days: i64) -> Option<Wire> {
        Some(Wire { seconds: NOW.seconds() + days * 86_400, nanos: 0 })
    }

    fn problems<T: std::fmt::Debug>(understood: Understood<T>) -> Vec<String> {
        understood.unwrap_err().into_iter().map(|invalid| invalid.field).collect()
    }

    #[test]
    fn an_interval_that_is_not_named_lies_where_it_is_of_use() {
        let ahead = handovers(&v1::ListScheduleHandoversRequest::default(), NOW).unwrap();
        assert_eq!((ahead.from, ahead.to), (NOW, NOW + Duration::days(30)));
        let back = shares(&v1::ListOnCallSharesRequest::default(), NOW).unwrap();
        assert_eq!((back.from, back.to), (NOW - Duration::days(90), NOW));
        let request = v1::ListOnCallSharesRequest { start_time: after(10), ..Default::default() };
        let given = shares(&request, NOW).unwrap();
        assert_eq!((given.from, given.to), (NOW + Duration::days(10), NOW + Duration::days(100)));
    }

    #[test]
    fn one_schedule_may_be_asked_about_for_longer_than_all() {
        let request = |schedule: &str, days| v1::ListShiftsRequest {
            schedule: schedule.to_owned(),
            end_time: after(days),
            ..Default::default()
        };
        assert!(shifts(&request("schedules/shop", 366), NOW).is_ok());
        assert_eq!(problems(shifts(&request("schedules/shop", 367), NOW)), ["end_time"]);
        assert!(shifts(&request("", 92), NOW).is_ok());
        assert_eq!(problems(shifts(&request("", 93), NOW)), ["end_time"]);
        assert_eq!(problems(shifts(&request("", 0), NOW)), ["end_time"]);
    }

    #[test]
    fn every_wrong_field_of_a_swap_is_named() {
        let part = v1::ShiftPart { start_time: None, end_time: Some(Wire { seconds: 1, nanos: 0 }) };
        let request = v1::RequestSwapRequest {
            schedule: "shop".to_owned(),
            give: Some(part),
            request_id: "7".to_owned(),
            ..Default::default()
        };
        let expected =
            ["schedule", "person", "give.start_time", "give.end_time", "take.start_time", "request_id"];
        assert_eq!(problems(super::request(&request)), expected);
    }

    #[test]
    fn a_calendar_is_of_a_person_or_a_schedule() {
        assert_eq!(subject("people/ana"), Ok(Subject::Person("ana".into())));
        assert_eq!(problems(subject("teams/shop")), ["name"]);
    }
}
