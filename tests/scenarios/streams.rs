//! Alerts that come in one stream: each is answered, in order, and none ends the stream for the others.

use futures::{StreamExt, stream};
use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_proto::v1::intake_service_client::IntakeServiceClient;
use stentor_proto::v1::stream_alerts_response::Answer;
use stentor_tests::world::{World, alert, as_actor, clear};

super::on_both_stores!(
    each_alert_is_answered_in_order_after_its_commit,
    a_bad_alert_gets_its_error_and_the_next_ones_are_heard,
    what_is_sent_again_under_its_request_id_is_heard_once,
    a_stream_of_thousands_is_taken_whole,
);

fn message(number: i64, alert: v1::AlertSignal) -> v1::StreamAlertsRequest {
    v1::StreamAlertsRequest { number, alert: Some(alert), ..Default::default() }
}

/// Sends all of them and reads until the server has nothing more to say.
async fn send(world: &World, messages: Vec<v1::StreamAlertsRequest>) -> Vec<v1::StreamAlertsResponse> {
    let request = as_actor("integrations/prom", stream::iter(messages));
    let routes = world.process().routes();
    let sending = world.process().inside(async move {
        let answers = IntakeServiceClient::new(routes).stream_alerts(request).await.unwrap().into_inner();
        answers.map(|answer| answer.unwrap()).collect::<Vec<_>>().await
    });
    let answers = sending.await;
    world.settle().await;
    answers
}

fn outcome(answer: &v1::StreamAlertsResponse) -> (i64, String) {
    let said = match answer.answer.as_ref().unwrap() {
        Answer::Result(result) => {
            result.outcome().as_str_name().trim_start_matches("INTAKE_OUTCOME_").to_owned()
        }
        Answer::Error(error) => format!("{} {}", error.code, error.reason),
    };
    (answer.number, said)
}

async fn each_alert_is_answered_in_order_after_its_commit(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let sent = vec![
        message(10, alert("a")),
        message(11, alert("b")),
        message(12, alert("a")),
        message(13, clear("b")),
        message(14, clear("never")),
    ];
    let answers = send(world, sent).await;
    let said: Vec<_> = answers.iter().map(outcome).collect();
    let expected = [(10, "CREATED"), (11, "JOINED"), (12, "REPEATED"), (13, "RESOLVED"), (14, "RESOLVED")];
    assert_eq!(said, expected.map(|(number, word)| (number, word.to_owned())));
    world.crash().await;
    assert_eq!(world.incident("INC-1").await.alert_count, 2);
    world.expect_page("10:00:00 ana push");
}

async fn a_bad_alert_gets_its_error_and_the_next_ones_are_heard(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let untitled = v1::AlertSignal { title: String::new(), ..alert("a") };
    let elsewhere =
        v1::StreamAlertsRequest { integration: "integrations/ghost".to_owned(), ..message(3, alert("c")) };
    let nothing = v1::StreamAlertsRequest { number: 2, ..Default::default() };
    let answers = send(world, vec![message(1, untitled), nothing, elsewhere, message(4, alert("a"))]).await;
    let said: Vec<_> = answers.iter().map(outcome).collect();
    assert_eq!(said[3], (4, "CREATED".to_owned()));
    let Some(Answer::Error(error)) = &answers[0].answer else { panic!("{said:?}") };
    assert_eq!(error.code, 3);
    assert!(error.field_violations[0].starts_with("alert.title: "), "{error:?}");
    assert!(said[1].1.starts_with("3 ") && !said[2].1.starts_with('C'), "{said:?}");
}

async fn what_is_sent_again_under_its_request_id_is_heard_once(world: &mut World) {
    const ID: &str = "0198c1b2-0000-7000-8000-000000000001";
    world.given_policy(SAMPLE).await;
    let named = |number| v1::StreamAlertsRequest { request_id: ID.to_owned(), ..message(number, alert("a")) };
    let first = send(world, vec![named(1)]).await;
    let second = send(world, vec![named(1)]).await;
    assert_eq!([outcome(&first[0]).1, outcome(&second[0]).1], ["CREATED", "REPLAYED"]);
}

async fn a_stream_of_thousands_is_taken_whole(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let sent = (0..2000).map(|n| message(n, alert(&format!("k{}", n % 500)))).collect();
    let answers = send(world, sent).await;
    let numbers: Vec<i64> = answers.iter().map(|answer| answer.number).collect();
    assert_eq!(numbers, (0..2000).collect::<Vec<_>>());
    assert_eq!(world.incident("INC-1").await.alert_count, 500);
}
