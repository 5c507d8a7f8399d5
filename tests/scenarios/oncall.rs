//! Who is on call, and who takes over for a while: what people change beside the policy decides at once who is paged,
//! is never lost, and can be asked for as of any instant.

use prost_types::Timestamp;
use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{World, alert, hours, minutes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

super::on_both_stores!(
    an_override_decides_who_is_paged_until_it_is_cancelled,
    an_override_survives_a_crash_and_a_repeat_makes_no_second_one,
    a_swap_takes_effect_when_the_other_person_accepts_it,
    the_past_is_answered_as_it_was_known,
    wrong_requests_are_refused_field_by_field,
    shifts_hand_overs_and_shares_are_listed_page_by_page,
    a_calendar_is_served_to_whoever_knows_its_address,
);

/// Ten o'clock of the first day, so much later.
fn later(minutes: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: 1_780_480_800 + 60 * minutes, nanos: 0 })
}

fn cover(by: &str, minutes: i64) -> v1::CreateOverrideRequest {
    v1::CreateOverrideRequest {
        schedule: "schedules/shop-primary".to_owned(),
        end_time: later(minutes),
        replaced_person: "people/ana".to_owned(),
        person: format!("people/{by}"),
        reason: "dentist".to_owned(),
        ..Default::default()
    }
}

async fn on_call(world: &World, at: Option<Timestamp>, known: Option<Timestamp>) -> Vec<String> {
    let schedule = "schedules/shop-primary".to_owned();
    let request = v1::GetOnCallRequest { schedule, at_time: at, known_time: known };
    world.say("ana", request).await.shift.unwrap().people
}

async fn an_override_decides_who_is_paged_until_it_is_cancelled(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let made = world.say("chi", cover("chi", 120)).await;
    assert_eq!(made.r#override.unwrap().name, "overrides/1");
    assert_eq!(made.warnings, [""; 0]);

    world.alert("a").await;
    world.expect_page("10:00:00 chi sms");
    assert!(world.attempts("ana push").is_empty());

    world.advance(minutes(2)).await;
    let cancel = v1::CancelOverrideRequest { name: "overrides/1".to_owned(), ..Default::default() };
    let cancelled = world.say("ana", cancel.clone()).await.r#override.unwrap();
    assert_eq!(
        (cancelled.state(), cancelled.canceller.as_str()),
        (v1::OverrideState::Cancelled, "people/ana")
    );
    assert_eq!(world.refused("ana", cancel).await, "WRONG_STATE");
    let mut elsewhere = alert("b");
    elsewhere.labels.insert("region".to_owned(), "us".to_owned());
    assert_eq!(world.signal(elsewhere).await.reference, "INC-2");
    world.expect_page("10:02:00 ana push");
}

async fn an_override_survives_a_crash_and_a_repeat_makes_no_second_one(world: &mut World) {
    const ID: &str = "0198c1b2-0000-7000-8000-000000000001";
    world.given_policy(SAMPLE).await;
    let request = v1::CreateOverrideRequest { request_id: ID.to_owned(), ..cover("chi", 60) };
    let first = world.say("chi", request.clone()).await;
    world.crash().await;
    let second = world.say("chi", request.clone()).await;

    assert_eq!([first.replayed, second.replayed], [false, true]);
    assert_eq!(first.r#override, second.r#override);
    let other = v1::CreateOverrideRequest { person: "people/bo".to_owned(), ..request };
    assert_eq!(world.refused("chi", other).await, "REQUEST_ID_REUSED");
    let listed = world.say("ana", v1::ListOverridesRequest::default()).await.overrides;
    assert_eq!(listed.len(), 1);
    assert_eq!(on_call(world, None, None).await, ["people/chi"]);
    let request = v1::GetScheduleRequest { name: "schedules/shop-primary".to_owned(), ..Default::default() };
    assert_eq!(world.say("ana", request).await.schedule.unwrap().on_call_people, ["people/chi"]);
    world.advance(minutes(60)).await;
    assert_eq!(on_call(world, None, None).await, ["people/ana"]);
}

async fn a_swap_takes_effect_when_the_other_person_accepts_it(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let part = |minutes| Some(v1::ShiftPart { start_time: later(minutes), end_time: None });
    let week = 7 * 24 * 60;
    let request = v1::RequestSwapRequest {
        schedule: "schedules/shop-primary".to_owned(),
        person: "people/bo".to_owned(),
        give: part(60),
        take: part(week),
        ..Default::default()
    };
    let asked = world.say("ana", request.clone()).await.swap.unwrap();
    assert_eq!((asked.name.as_str(), asked.state()), ("swaps/1", v1::SwapState::Open));
    assert_eq!(on_call(world, later(60), None).await, ["people/ana"]);
    let accept = || v1::AcceptSwapRequest { name: "swaps/1".to_owned(), ..Default::default() };
    assert_eq!(world.refused("ana", accept()).await, "NOT_YOURS");

    let accepted = world.say("bo", accept()).await.swap.unwrap();

    assert_eq!(accepted.overrides, ["overrides/1", "overrides/2"]);
    assert_eq!(on_call(world, later(59), None).await, ["people/ana"]);
    assert_eq!(on_call(world, later(60), None).await, ["people/bo"]);
    assert_eq!(on_call(world, later(week), None).await, ["people/ana"]);
    assert_eq!(world.refused("ana", request).await, "INVALID_FIELD", "ana has given that away");
    assert!(world.say("bo", v1::ListSwapsRequest::default()).await.swaps.is_empty());
    let all = v1::ListSwapsRequest { show_ended: true, ..Default::default() };
    assert_eq!(world.say("bo", all).await.swaps, [accepted]);
}

async fn the_past_is_answered_as_it_was_known(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.advance(hours(1)).await;
    world.say("chi", cover("chi", 240)).await;
    world.advance(hours(1)).await;

    assert_eq!(on_call(world, later(120), later(59)).await, ["people/ana"], "nobody knew of it then");
    assert_eq!(on_call(world, later(120), later(60)).await, ["people/chi"]);
    assert_eq!(on_call(world, later(59), None).await, ["people/ana"], "it changes nothing that was");
    let schedule = "schedules/shop-primary".to_owned();
    let before = v1::GetOnCallRequest { schedule, known_time: later(-1), ..Default::default() };
    assert_eq!(world.refused("ana", before).await, "NO_POLICY");
}

async fn wrong_requests_are_refused_field_by_field(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let invalid = [
        v1::CreateOverrideRequest { end_time: None, ..cover("chi", 60) },
        v1::CreateOverrideRequest { end_time: later(-1), ..cover("chi", 60) },
        v1::CreateOverrideRequest { schedule: "shop-primary".to_owned(), ..cover("chi", 60) },
        v1::CreateOverrideRequest { request_id: "7".to_owned(), ..cover("chi", 60) },
        cover("ana", 60),
    ];
    for request in invalid {
        assert_eq!(world.refused("chi", request).await, "INVALID_FIELD");
    }
    let schedule = "schedules/nowhere".to_owned();
    assert_eq!(
        world
            .refused("chi", v1::CreateOverrideRequest { schedule: schedule.clone(), ..cover("chi", 60) })
            .await,
        "SCHEDULE_UNKNOWN"
    );
    assert_eq!(world.refused("chi", cover("nobody", 60)).await, "PERSON_UNKNOWN");
    let at = v1::GetOnCallRequest { schedule, ..Default::default() };
    assert_eq!(world.refused("chi", at).await, "SCHEDULE_UNKNOWN");
    let long = v1::ListShiftsRequest { end_time: later(93 * 24 * 60), ..Default::default() };
    assert_eq!(world.refused("chi", long).await, "INVALID_FIELD");
    let name = "overrides/1".to_owned();
    assert_eq!(world.refused("chi", v1::GetOverrideRequest { name }).await, "OVERRIDE_UNKNOWN");
    let dry = v1::CreateOverrideRequest { validate_only: true, ..cover("chi", 60) };
    assert_eq!(world.say("chi", dry).await.r#override.unwrap().name, "overrides/1");
    assert!(world.say("chi", v1::ListOverridesRequest::default()).await.overrides.is_empty());
}

async fn shifts_hand_overs_and_shares_are_listed_page_by_page(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let schedule = "schedules/shop-primary".to_owned();
    let (mut token, mut people) = (String::new(), Vec::new());
    loop {
        let request = v1::ListShiftsRequest {
            schedule: schedule.clone(),
            end_time: later(14 * 24 * 60),
            page_size: 2,
            page_token: token,
            ..Default::default()
        };
        let answer = world.say("ana", request).await;
        people.extend(answer.shifts.into_iter().flat_map(|shift| shift.people));
        token = answer.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let expected = ["ana", "gus", "ana", "bo", "hal", "bo", "chi"].map(|id| format!("people/{id}"));
    assert_eq!(people, expected);

    let request = v1::ListScheduleHandoversRequest { person: "people/gus".to_owned(), ..Default::default() };
    let overs = world.say("ana", request).await.handovers;
    assert_eq!(overs[0].coming_people, ["people/gus"]);
    assert_eq!(overs[0].handover_time.unwrap().to_string(), "2026-06-06T22:00:00Z");
    let request = v1::ListCoverageGapsRequest::default();
    assert!(world.say("ana", request).await.gaps.is_empty());
    let request = v1::ListOnCallSharesRequest {
        schedule,
        start_time: later(0),
        end_time: later(21 * 24 * 60),
        ..Default::default()
    };
    let shares = world.say("ana", request).await.shares;
    let nights: i32 = shares.iter().map(|share| share.night_count).sum();
    assert_eq!(nights, 21);
    let who =
        world.say("ana", v1::ListOnCallRequest { person: "people/bo".to_owned(), ..Default::default() });
    let who: Vec<String> = who.await.shifts.into_iter().map(|shift| shift.schedule).collect();
    assert_eq!(who, ["schedules/shop-secondary"]);
}

/// What the server answers over HTTP: its head and its body.
async fn fetch(world: &World, path: &str, header: &str) -> (String, String) {
    let engine = world.process().engine.clone();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move { axum::serve(listener, stentor::oncall::routes(engine)).await });
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    served.abort();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

async fn a_calendar_is_served_to_whoever_knows_its_address(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let feed = |name: &str| v1::GetCalendarFeedRequest { name: name.to_owned() };
    let answer = world.say("ana", feed("people/chi")).await;

    let (head, body) = fetch(world, &answer.path, "").await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/calendar; charset=utf-8"), "{head}");
    assert_eq!(body, answer.calendar);
    assert!(body.contains("UID:schedules/shop-primary/shifts/2026-06-15T07:00:00Z\r\n"), "{body}");
    assert!(!body.contains("(Ana Ruiz)"), "{body}");
    let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let (head, body) = fetch(world, &answer.path, &format!("If-None-Match: {etag}\r\n")).await;
    assert!(head.starts_with("HTTP/1.1 304") && body.is_empty(), "{head}");

    world.say("chi", cover("chi", 60)).await;
    let (head, body) = fetch(world, &answer.path, &format!("If-None-Match: {etag}\r\n")).await;
    assert!(head.starts_with("HTTP/1.1 200") && body.contains("overrides/1"), "{head}");
    for wrong in [
        answer.path.replace("chi", "bo"),
        answer.path.replace(".ics", ""),
        "/calendars/people/chi/0.ics".into(),
    ] {
        assert!(fetch(world, &wrong, "").await.0.starts_with("HTTP/1.1 404"), "{wrong}");
    }
    assert_eq!(world.refused("ana", feed("people/nobody")).await, "PERSON_UNKNOWN");
}
