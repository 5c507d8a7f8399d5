//! Overrides and swaps on the sample policy: what may be asked, what comes of it, and what is remembered.

use serde_json::json;

use super::{
    Book, Circumstances, Command, Entry, Event, OPEN_PER_SCHEDULE, Part, Remark, SwapRequest, SwapState,
    decide, remarks,
};
use crate::actor::Actor;
use crate::id::PersonId;
use crate::policy::{Policy, samples};
use crate::refusal::Refusal;
use crate::time::{Duration, Timestamp};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The log of one deployment.
struct Log {
    policy: Policy,
    book: Book,
    now: Timestamp,
}

impl Log {
    /// On 2026-03-24, a Tuesday of chi's week; ana follows on the 30th, and the 29th is gus's Sunday.
    fn new() -> Log {
        Log { policy: samples::policy(), book: Book::default(), now: at("2026-03-24T10:00:00Z") }
    }

    fn ask(&mut self, actor: &str, command: Command) -> Result<Vec<Event>, Refusal> {
        let actor: Actor = actor.parse().unwrap();
        let cx = Circumstances { now: self.now, actor: &actor, policy: &self.policy };
        let events = decide(&self.book, &cx, &command)?;
        self.book.apply(&Entry { number: self.book.next(), at: self.now, actor, events: events.clone() });
        Ok(events)
    }

    fn who(&self, text: &str) -> Vec<PersonId> {
        let overrides = self.book.known(&"shop-primary".into(), self.now).1;
        self.policy.schedule(&"shop-primary".into()).unwrap().people_at(at(text), &overrides)
    }
}

fn cover(from: Option<&str>, to: &str, replaces: Option<&str>, by: &str) -> Command {
    Command::CreateOverride {
        schedule: "shop-primary".into(),
        from: from.map(at),
        to: at(to),
        replaces: replaces.map(Into::into),
        by: by.into(),
        reason: "dentist".to_owned(),
    }
}

fn swap(gives: &str, takes: &str, with: &str) -> Command {
    let part = |text: &str| Part { from: at(text), to: None };
    Command::RequestSwap(SwapRequest {
        schedule: "shop-primary".into(),
        requester: None,
        with: with.into(),
        gives: part(gives),
        takes: part(takes),
        reason: String::new(),
    })
}

#[test]
fn an_override_holds_for_its_stretch_and_never_for_the_past() {
    let mut log = Log::new();
    log.ask("people/bo", cover(Some("2026-03-20T00:00:00Z"), "2026-03-25T00:00:00Z", None, "bo")).unwrap();
    assert_eq!(log.who("2026-03-24T10:00:00Z"), ["bo".into()]);
    assert_eq!(log.who("2026-03-24T09:59:59Z"), ["chi".into()], "what has been stays");
    assert_eq!(log.who("2026-03-25T00:00:00Z"), ["chi".into()]);
}

#[test]
fn a_cancelled_override_ends_at_once_and_keeps_what_it_did() {
    let mut log = Log::new();
    log.ask("people/bo", cover(None, "2026-03-26T00:00:00Z", Some("chi"), "bo")).unwrap();
    log.now = at("2026-03-25T00:00:00Z");
    let cancel = Command::CancelOverride { id: 1, reason: "back early".to_owned() };
    log.ask("people/chi", cancel.clone()).unwrap();
    assert_eq!(log.who("2026-03-24T23:59:59Z"), ["bo".into()]);
    assert_eq!(log.who("2026-03-25T00:00:00Z"), ["chi".into()]);
    let again = log.ask("people/chi", cancel).unwrap_err();
    assert_eq!(again.reason(), "WRONG_STATE");
    let before = log.book.known(&"shop-primary".into(), at("2026-03-24T12:00:00Z")).1;
    assert_eq!(before[0].to, at("2026-03-26T00:00:00Z"), "nobody knew of the end yet");
    assert!(log.book.known(&"shop-primary".into(), at("2026-03-24T09:00:00Z")).1.is_empty());
}

#[test]
fn what_makes_no_sense_is_refused_at_its_field() {
    let mut log = Log::new();
    let field = |refusal: Refusal| match refusal {
        Refusal::BadField { field, .. } => field,
        other => other.reason().to_owned(),
    };
    let cases = [
        (cover(None, "2026-03-24T10:00:00Z", None, "bo"), "end_time"),
        (cover(Some("2026-03-26T00:00:00Z"), "2026-03-25T00:00:00Z", None, "bo"), "end_time"),
        (cover(None, "2027-03-26T10:00:00Z", None, "bo"), "end_time"),
        (cover(None, "2026-03-25T00:00:00Z", Some("bo"), "bo"), "by"),
        (cover(None, "2026-03-25T00:00:00Z", None, "nobody"), "UNKNOWN_RESOURCE"),
        (cover(None, "2026-03-25T00:00:00Z", Some("nobody"), "bo"), "UNKNOWN_RESOURCE"),
        (Command::CancelOverride { id: 7, reason: String::new() }, "UNKNOWN_RESOURCE"),
        (swap("2026-03-30T12:00:00Z", "2026-03-25T12:00:00Z", "bo"), "take.start_time"),
        (swap("2026-03-25T12:00:00Z", "2026-04-07T12:00:00Z", "bo"), "give.start_time"),
        (swap("2026-03-30T12:00:00Z", "2026-03-25T12:00:00Z", "ana"), "person"),
    ];
    for (command, expected) in cases {
        assert_eq!(field(log.ask("people/ana", command.clone()).unwrap_err()), expected, "{command:?}");
    }
    assert_eq!(log.book, Book::default());
}

#[test]
fn a_schedule_has_so_many_open_overrides_and_no_more() {
    let mut log = Log::new();
    for _ in 0..OPEN_PER_SCHEDULE {
        log.ask("people/bo", cover(None, "2026-03-25T00:00:00Z", None, "bo")).unwrap();
    }
    let command = cover(None, "2026-03-26T00:00:00Z", None, "ana");
    assert_eq!(log.ask("people/bo", command.clone()).unwrap_err().reason(), "LIMIT_REACHED");
    log.now = at("2026-03-25T00:00:00Z");
    assert!(log.ask("people/bo", command).is_ok(), "those that are over do not count");
}

#[test]
fn a_swap_becomes_two_overrides_once_the_other_person_agrees() {
    let mut log = Log::new();
    log.ask("people/ana", swap("2026-03-31T12:00:00Z", "2026-04-07T12:00:00Z", "bo")).unwrap();
    assert_eq!(log.who("2026-04-01T12:00:00Z"), ["ana".into()], "asking changes nothing");
    let accept = Command::AcceptSwap { id: 1 };
    assert_eq!(log.ask("people/ana", accept.clone()).unwrap_err().reason(), "NOT_YOURS");
    assert_eq!(log.ask("bots/tool", accept.clone()).unwrap_err().reason(), "NOT_YOURS");
    assert_eq!(log.ask("people/bo", accept.clone()).unwrap().len(), 3);
    assert_eq!(log.who("2026-03-31T11:00:00Z"), ["ana".into()]);
    assert_eq!(log.who("2026-04-01T12:00:00Z"), ["bo".into()]);
    assert_eq!(log.who("2026-04-08T12:00:00Z"), ["ana".into()]);
    assert_eq!(log.book.swap(1).unwrap().overrides, [1, 2]);
    assert_eq!(log.ask("people/bo", accept).unwrap_err().reason(), "WRONG_STATE");
}

#[test]
fn a_swap_is_declined_by_one_side_withdrawn_by_the_other_or_lapses() {
    let mut log = Log::new();
    for _ in 0..3 {
        log.ask("people/ana", swap("2026-03-31T12:00:00Z", "2026-04-07T12:00:00Z", "bo")).unwrap();
    }
    let decline = |id| Command::DeclineSwap { id, reason: "away".to_owned() };
    let withdraw = |id| Command::WithdrawSwap { id, reason: String::new() };
    assert_eq!(log.ask("people/ana", decline(1)).unwrap_err().reason(), "NOT_YOURS");
    log.ask("people/bo", decline(1)).unwrap();
    assert_eq!(log.ask("people/bo", withdraw(2)).unwrap_err().reason(), "NOT_YOURS");
    log.ask("people/ana", withdraw(2)).unwrap();
    log.now = at("2026-04-30T00:00:00Z");
    assert_eq!(log.ask("people/bo", Command::AcceptSwap { id: 3 }).unwrap_err().reason(), "WRONG_STATE");
    let states: Vec<SwapState> = log.book.swaps().map(|swap| swap.state(log.now)).collect();
    assert_eq!(states, [SwapState::Declined, SwapState::Withdrawn, SwapState::Lapsed]);
}

#[test]
fn people_ask_for_themselves_and_tools_for_anybody() {
    let mut log = Log::new();
    let asked = |requester: Option<&str>| match swap("2026-03-31T12:00:00Z", "2026-04-07T12:00:00Z", "bo") {
        Command::RequestSwap(request) => {
            Command::RequestSwap(SwapRequest { requester: requester.map(Into::into), ..request })
        }
        other => other,
    };
    assert_eq!(log.ask("people/chi", asked(Some("ana"))).unwrap_err().reason(), "NOT_YOURS");
    assert_eq!(log.ask("bots/tool", asked(None)).unwrap_err().reason(), "INVALID_FIELD");
    log.ask("bots/tool", asked(Some("ana"))).unwrap();
    assert_eq!(log.book.swap(1).unwrap().requester, "ana".into());
}

#[test]
fn only_what_can_still_page_is_in_force() {
    let mut log = Log::new();
    log.ask("people/bo", cover(None, "2026-03-25T00:00:00Z", None, "bo")).unwrap();
    log.ask("people/bo", cover(Some("2026-04-01T00:00:00Z"), "2026-04-02T00:00:00Z", None, "bo")).unwrap();
    log.ask("people/bo", Command::CancelOverride { id: 2, reason: String::new() }).unwrap();
    let after = |at: Timestamp| log.book.in_force(at).values().map(Vec::len).sum::<usize>();
    assert_eq!(after(log.now), 1, "one was cancelled before it began");
    assert_eq!(after(at("2026-03-25T00:00:00Z") - Duration(1)), 1);
    assert_eq!(after(at("2026-03-25T00:00:00Z")), 0);
}

#[test]
fn an_override_that_changes_nothing_or_meets_another_one_is_remarkable() {
    let mut log = Log::new();
    let later = cover(Some("2026-04-06T00:00:00Z"), "2026-04-06T06:00:00Z", Some("ana"), "gus");
    log.ask("people/bo", cover(None, "2026-03-25T00:00:00Z", Some("chi"), "bo")).unwrap();
    log.ask("people/bo", cover(None, "2026-03-26T00:00:00Z", Some("ana"), "gus")).unwrap();
    log.ask("people/bo", later).unwrap();
    let told = |id| remarks(&log.book, &log.policy, log.book.override_of(id).unwrap(), log.now);
    assert_eq!(told(1), [Remark::Overlaps(2)]);
    assert_eq!(told(2), [Remark::NobodyReplaced("ana".into()), Remark::Overlaps(1)]);
    assert_eq!(told(3), []);
}

#[test]
fn the_stored_form_is_stable() {
    let mut log = Log::new();
    let events = log.ask("people/bo", cover(None, "2026-03-25T00:00:00Z", Some("chi"), "bo")).unwrap();
    let stored = json!([{"OverrideCreated": {"id": 1, "schedule": "shop-primary",
        "at": {"from": 1_774_346_400_000_i64, "to": 1_774_396_800_000_i64},
        "replaces": "chi", "by": "bo", "reason": "dentist"}}]);
    assert_eq!(serde_json::to_value(&events).unwrap(), stored);
    assert_eq!(serde_json::from_value::<Vec<Event>>(stored).unwrap(), events);
}
