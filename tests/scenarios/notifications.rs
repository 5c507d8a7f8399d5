//! Trying out ways to people: every contact once, what the policy does not have is named, and nothing is recorded.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1::{TestNotificationRequest, TestNotificationState};
use stentor_tests::world::World;
use tonic::Code;

super::on_both_stores!(a_test_goes_to_every_contact_and_leaves_no_trace);

fn test(name: &str, contact: &str) -> TestNotificationRequest {
    TestNotificationRequest { name: name.to_owned(), contact: contact.to_owned(), ..Default::default() }
}

async fn a_test_goes_to_every_contact_and_leaves_no_trace(world: &mut World) {
    let without = world.ask("ana", test("people/ana", "")).await.unwrap_err();
    assert_eq!(without.code, Code::FailedPrecondition);
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let before = world.entries("INC-1").await.len();

    let all = world.say("bo", test("people/ana", "")).await.outcomes;
    let one = world.say("bo", test("people/ana", "sms")).await.outcomes;
    let room = world.say("bo", test("channels/shop-room", "")).await.outcomes;

    let contacts: Vec<&str> = all.iter().map(|outcome| outcome.contact.as_str()).collect();
    assert_eq!(contacts, ["email", "push", "sms", "voice"]);
    for outcome in all.iter().chain(&one).chain(&room) {
        assert_eq!(outcome.state(), TestNotificationState::Delivered, "{outcome:?}");
        assert_eq!(outcome.detail, "shown on the console");
    }
    assert_eq!((one.len(), one[0].provider.as_str()), (1, "webhook/telco"));
    assert_eq!((room[0].name.as_str(), room[0].contact.as_str()), ("channels/shop-room", "slack"));
    let unknown = [
        (test("people/zoe", ""), "PERSON_UNKNOWN"),
        (test("people/bo", "sms"), "CONTACT_UNKNOWN"),
        (test("channels/shop", ""), "CHANNEL_UNKNOWN"),
        (test("providers/twilio/main", "sms"), "PROVIDER_UNKNOWN"),
        (test("ana", ""), "INVALID_FIELD"),
    ];
    for (request, reason) in unknown {
        assert_eq!(world.refused("ana", request.clone()).await, reason, "{request:?}");
    }
    assert_eq!(world.entries("INC-1").await.len(), before);
    world.expect_pages(&["10:00:00 ana push"]);
}
