//! On call from the line to the answer.

use prost_types::Timestamp;
use stentor_proto::v1;

use super::fake::Fake;

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

fn shift(people: &[&str]) -> v1::Shift {
    v1::Shift {
        schedule: "schedules/shop-primary".to_owned(),
        people: people.iter().map(|person| format!("people/{person}")).collect(),
        layer_id: "week".to_owned(),
        start_time: at(1_780_480_800),
        ..Default::default()
    }
}

#[tokio::test]
async fn who_is_on_call_is_a_line_for_each_schedule_and_a_gap_says_nobody() {
    let fake = Fake::default().answer(|request: v1::ListOnCallRequest, _| {
        assert_eq!(request.at_time, at(1_780_480_800));
        Ok(v1::ListOnCallResponse { shifts: vec![shift(&["ana", "bo"]), shift(&[])], ..Default::default() })
    });

    let outcome = fake.run(&["oncall", "who", "--at", "2026-06-03T10:00:00Z"]).await;

    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert!(lines[0].starts_with("SCHEDULE"), "{lines:?}");
    assert!(lines[1].contains("ana, bo") && lines[2].contains("nobody"), "{lines:?}");
    assert_eq!(outcome.code, 0);
}

#[tokio::test]
async fn one_schedule_is_asked_for_alone() {
    let fake = Fake::default().answer(|request: v1::GetOnCallRequest, _| {
        assert_eq!(request.schedule, "schedules/shop-primary");
        Ok(v1::GetOnCallResponse { shift: Some(shift(&["ana"])) })
    });

    let outcome = fake.run(&["oncall", "who", "--schedule", "shop-primary", "--json"]).await;

    let value: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(value["people"], serde_json::json!(["people/ana"]));
}

#[tokio::test]
async fn an_override_is_told_with_what_the_server_warns_of() {
    let fake = Fake::default().answer(|request: v1::CreateOverrideRequest, headers| {
        assert_eq!(headers["stentor-actor"], "people/bo");
        assert_eq!((request.person.as_str(), request.replaced_person.as_str()), ("people/bo", "people/chi"));
        assert!(request.start_time.is_none() && request.end_time.is_some() && !request.validate_only);
        let made = v1::Override {
            name: "overrides/7".to_owned(),
            schedule: request.schedule,
            person: request.person,
            replaced_person: request.replaced_person,
            state: v1::OverrideState::Active.into(),
            ..Default::default()
        };
        let warnings = vec!["overlaps overrides/6; the later made of the two wins".to_owned()];
        Ok(v1::CreateOverrideResponse { r#override: Some(made), warnings, replayed: false })
    });

    let line = ["oncall", "override", "create", "--schedule", "shop-primary", "--by", "bo"];
    let rest = ["--replace", "chi", "--to", "8h", "--as", "bo"];
    let outcome = fake.run(&[&line[..], &rest[..]].concat()).await;

    let expected = "warning: overlaps overrides/6; the later made of the two wins\n\
        overrides/7 created: bo replaces chi on shop-primary from - to -, active\n";
    assert_eq!((outcome.stderr.as_str(), outcome.stdout.as_str()), (expected, ""));
}

#[tokio::test]
async fn shares_are_shares_of_their_schedule() {
    let share = |schedule: &str, person: &str, hours: i64| v1::OnCallShare {
        schedule: format!("schedules/{schedule}"),
        person: format!("people/{person}"),
        on_call_duration: Some(prost_types::Duration { seconds: hours * 3600 + 1800, nanos: 0 }),
        ..Default::default()
    };
    let fake = Fake::default().answer(move |_: v1::ListOnCallSharesRequest, _| {
        let shares = vec![share("a", "ana", 74), share("a", "bo", 24), share("b", "bo", 9)];
        Ok(v1::ListOnCallSharesResponse { shares, ..Default::default() })
    });

    let outcome = fake.run(&["oncall", "fairness"]).await;

    let rows: Vec<Vec<&str>> =
        outcome.stdout.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0][..6], ["a", "ana", "74h", "30m", "75", "%"]);
    assert_eq!(rows[1][..6], ["a", "bo", "24h", "30m", "24", "%"]);
    assert_eq!(rows[2][4..6], ["100", "%"]);
}

#[tokio::test]
async fn a_calendar_is_printed_or_its_address() {
    let fake = || {
        Fake::default().answer(|request: v1::GetCalendarFeedRequest, _| {
            assert_eq!(request.name, "people/ana");
            let calendar = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned();
            Ok(v1::GetCalendarFeedResponse { path: "/calendars/people/ana/k.ics".to_owned(), calendar })
        })
    };

    let printed = fake().run(&["oncall", "ics", "--person", "ana"]).await;
    let address = fake().run(&["oncall", "ics", "--person", "ana", "--link"]).await;

    assert_eq!(printed.stdout, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\n");
    assert!(
        address.stdout.starts_with("http://") && address.stdout.ends_with("/calendars/people/ana/k.ics\n")
    );
}
