//! Webhooks: what is sent, and what of the answer counts.

use std::time::Duration;

use axum::body::Body;
use axum::response::IntoResponse;
use http::header::RETRY_AFTER;
use http::{Response, StatusCode};
use tokio::net::TcpListener;

use super::super::super::message::example;
use super::super::super::outcome::Receipt;
use super::super::super::sender::Sender;
use super::fake::{Fake, configured, read};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SETTINGS: &str = "url: 'URL/hook?token=hunter2hunter2', secret_file: FILE";

type Answer = fn() -> Response<Body>;

async fn receiver(answer: Answer) -> (Sender, Fake) {
    let fake = Fake::start(move |_| answer()).await;
    (configured("webhook/test", SETTINGS, &fake.url, SECRET), fake)
}

fn patient(code: u16, after: &'static str) -> Response<Body> {
    (StatusCode::from_u16(code).unwrap(), [(RETRY_AFTER, after)]).into_response()
}

#[tokio::test]
async fn a_message_arrives_signed_and_the_same_in_every_attempt() {
    let (sender, fake) = receiver(|| StatusCode::NO_CONTENT.into_response()).await;
    for _ in 0..2 {
        assert_eq!(sender.send(&example()).await, Ok(Receipt { text: "204 No Content".into() }));
    }
    let seen = fake.seen();
    assert_eq!(seen[0].body, seen[1].body);
    for request in seen {
        assert_eq!((request.header("webhook-id"), &*request.path), ("i-1/7/0", "/hook?token=hunter2hunter2"));
        let verifier = standardwebhooks::Webhook::new(SECRET).unwrap();
        verifier.verify(&request.body, &request.headers).unwrap();
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (sender, fake) =
        receiver(|| (StatusCode::FOUND, [(http::header::LOCATION, "/other")]).into_response()).await;
    assert!(sender.send(&example()).await.is_err());
    assert_eq!(fake.only().path, "/hook?token=hunter2hunter2");
}

#[tokio::test]
async fn a_provider_may_ask_for_patience_in_seconds_or_by_an_instant() {
    let (sender, _) = receiver(|| patient(503, "7")).await;
    let failure = sender.send(&example()).await.unwrap_err();
    assert_eq!((failure.permanent, failure.retry_after), (false, Some(Duration::from_secs(7))));
    let (sender, _) = receiver(|| patient(429, "3600")).await;
    let failure = sender.send(&example()).await.unwrap_err();
    assert_eq!((failure.permanent, failure.retry_after), (false, Some(Duration::from_secs(3600))));
    let (sender, _) = receiver(|| patient(503, "Wed, 21 Oct 2015 07:28:00 GMT")).await;
    assert_eq!(sender.send(&example()).await.unwrap_err().retry_after, Some(Duration::ZERO));
}

#[tokio::test]
async fn a_long_answer_is_not_kept() {
    let (sender, _) =
        receiver(|| (StatusCode::BAD_GATEWAY, "no\u{1b}[31m".repeat(50_000)).into_response()).await;
    let failure = sender.send(&example()).await.unwrap_err();
    assert!(failure.text.chars().count() < 300 && !failure.text.contains('\u{1b}'), "{}", failure.text);
}

#[tokio::test]
async fn nobody_there_is_a_failure_that_may_pass() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let sender = configured("webhook/test", SETTINGS, &url, SECRET);
    let failure = sender.send(&example()).await.unwrap_err();
    assert_eq!((failure.permanent, failure.class), (false, "connect"));
    assert!(!failure.text.contains("hunter2"), "{}", failure.text);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let sender = read("webhook/test", SETTINGS, &url, SECRET).unwrap();
    let failure = sender.send(&example()).await.unwrap_err();
    assert_eq!((failure.permanent, failure.class), (false, "denied"), "{}", failure.text);
}

#[test]
fn an_address_inside_is_refused_at_the_start() {
    let refused = read("webhook/test", SETTINGS, "https://127.0.0.1", SECRET).unwrap_err().to_string();
    assert!(refused.contains("no network") && !refused.contains("hunter2"), "{refused}");
}
