//! Attempts against a receiver on the loopback that answers as each test asks.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::IntoResponse;
use http::{HeaderName, Response};
use tokio::net::TcpListener;

use super::super::message::example;
use super::super::net::Net;
use super::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

type Answer = fn() -> Response<Body>;
type Seen = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A receiver that answers every request alike.
async fn receiver(answer: Answer) -> (Sender, Seen) {
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    let app = Router::new().fallback(move |headers: HeaderMap, body: Bytes| async move {
        log.lock().unwrap().push((headers, body));
        answer()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let webhook = Webhook::new(url, vec![SECRET.parse().unwrap()], Egress::new(Net::LOOPBACK)).unwrap();
    (Sender::Webhook(webhook), seen)
}

fn status(code: u16) -> Response<Body> {
    StatusCode::from_u16(code).unwrap().into_response()
}

fn patient(code: u16, after: &'static str) -> Response<Body> {
    (StatusCode::from_u16(code).unwrap(), [(RETRY_AFTER, after)]).into_response()
}

#[tokio::test]
async fn a_message_arrives_signed_and_the_same_in_every_attempt() {
    let (sender, seen) = receiver(|| status(204)).await;
    for _ in 0..2 {
        assert_eq!(sender.send(&example()).await, Ok(Receipt { text: "204 No Content".into() }));
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].1, seen[1].1);
    for (headers, body) in seen.iter() {
        assert_eq!(headers["webhook-id"], "i-1/7/0");
        standardwebhooks::Webhook::new(SECRET).unwrap().verify(body, headers).unwrap();
    }
}

#[tokio::test]
async fn only_2xx_is_success_and_4xx_will_not_get_better() {
    let cases: [(Answer, bool); 7] = [
        (|| status(302), false),
        (|| status(400), true),
        (|| status(404), true),
        (|| status(408), false),
        (|| status(410), true),
        (|| status(429), false),
        (|| status(500), false),
    ];
    for (answer, permanent) in cases {
        let (sender, _) = receiver(answer).await;
        let failure = sender.send(&example()).await.unwrap_err();
        assert_eq!((failure.permanent, failure.class), (permanent, "status"), "{}", failure.text);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = || (StatusCode::FOUND, [(HeaderName::from_static("location"), "/other")]).into_response();
    let (sender, seen) = receiver(elsewhere).await;
    assert!(sender.send(&example()).await.is_err());
    assert_eq!(seen.lock().unwrap().len(), 1);
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
    let url = format!("http://{}/hook?token=hunter2", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let webhook = Webhook::new(url, Vec::new(), Egress::new(Net::LOOPBACK)).unwrap();
    let failure = Sender::Webhook(webhook).send(&example()).await.unwrap_err();
    assert_eq!((failure.permanent, failure.class), (false, "connect"));
    assert!(!failure.text.contains("hunter2"), "{}", failure.text);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port()).parse().unwrap();
    let webhook = Webhook::new(url, Vec::new(), Egress::default()).unwrap();
    let failure = Sender::Webhook(webhook).send(&example()).await.unwrap_err();
    assert_eq!(failure.class, "denied", "{}", failure.text);
}

#[test]
fn an_address_inside_is_refused_at_the_start() {
    let refused = Webhook::new("https://127.0.0.1/".parse().unwrap(), Vec::new(), Egress::default());
    assert!(refused.unwrap_err().contains("no network"));
}
