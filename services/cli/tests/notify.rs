//! `stentor notify test`: what it asks for, what it shows, and what its exit code says.

use serde_json::Value;
use stentor_proto::v1::{self, TestNotificationState};

use super::fake::Fake;

fn outcome(contact: &str, state: TestNotificationState, detail: &str) -> v1::TestNotificationOutcome {
    v1::TestNotificationOutcome {
        name: "people/ana".into(),
        contact: contact.into(),
        provider: "webhook/telco".into(),
        state: state.into(),
        detail: detail.into(),
        send_duration: Some(prost_types::Duration { seconds: 0, nanos: 42_000_000 }),
    }
}

fn server(expected: [&'static str; 3], outcomes: Vec<v1::TestNotificationOutcome>) -> Fake {
    Fake::default().answer(move |request: v1::TestNotificationRequest, _| {
        assert_eq!([&*request.name, &*request.contact, &*request.address], expected);
        Ok(v1::TestNotificationResponse { outcomes: outcomes.clone() })
    })
}

#[tokio::test]
async fn what_was_taken_is_a_success_and_shown_with_the_providers_words() {
    let taken = vec![outcome("sms", TestNotificationState::Delivered, "201 Created")];
    let fake = server(["people/ana", "sms", ""], taken);

    let told = fake.run(&["notify", "test", "ana", "--contact", "sms"]).await;

    assert_eq!(told.code, 0, "{}", told.stderr);
    for part in ["sms", "webhook/telco", "delivered", "42 ms", "201 Created"] {
        assert!(told.stdout.contains(part), "{part} is not in {}", told.stdout);
    }
}

#[tokio::test]
async fn a_refusal_fails_and_is_told_in_every_form() {
    let refused = outcome("sms", TestNotificationState::Refused, "400: no such number");
    let fake = server(["people/ana", "", ""], vec![refused.clone()]);
    let told = fake.run(&["notify", "test", "people/ana", "-o", "json"]).await;
    assert_eq!(told.code, 1);
    let value: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(value[0]["detail"], "400: no such number");
    assert_eq!(value[0]["state"], "TEST_NOTIFICATION_STATE_REFUSED");

    let good = outcome("push", TestNotificationState::Delivered, "204 No Content");
    let fake = server(["people/ana", "", ""], vec![good, refused]);
    let told = fake.run(&["notify", "test", "ana"]).await;
    assert_eq!((told.code, told.stderr.contains("1 of 2 failed")), (7, true), "{}", told.stderr);
}

#[tokio::test]
async fn channels_and_providers_are_named_in_full() {
    let fake = server(["channels/room", "", ""], Vec::new());
    assert_eq!(fake.run(&["notify", "test", "channels/room"]).await.code, 0);
    let fake = server(["providers/twilio/main", "voice", "+49"], Vec::new());
    let words = ["notify", "test", "providers/twilio/main", "--contact", "voice", "--address", "+49"];
    assert_eq!(fake.run(&words).await.code, 0);
}
