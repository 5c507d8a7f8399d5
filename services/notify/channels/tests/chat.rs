//! The channels over HTTP beside webhooks: what each provider is sent, and what of its answer counts.

use std::time::Duration;

use axum::body::Body;
use axum::response::IntoResponse;
use http::{Response, StatusCode};
use serde_json::json;

use super::super::super::message::{Kind, Message, example};
use super::super::super::outcome::Receipt;
use super::super::super::sender::Sender;
use super::fake::{Fake, SECRET, configured, read};

/// A sender whose provider answers with a status and a JSON body.
async fn sender(name: &str, settings: &str, status: u16, body: serde_json::Value) -> (Sender, Fake) {
    let answer = move || (StatusCode::from_u16(status).unwrap(), axum::Json(body.clone())).into_response();
    let fake = Fake::start(move |_| -> Response<Body> { answer() }).await;
    (configured(name, settings, &fake.url, SECRET), fake)
}

fn hook(path: &str) -> Message {
    Message {
        address: path.to_owned(),
        text: "a <b> & *c*\nd".into(),
        url: "https://r.example/1".into(),
        ..example()
    }
}

#[tokio::test]
async fn ntfy_gets_the_topic_and_a_priority_that_wakes() {
    let (ntfy, fake) = sender("ntfy/main", "url: 'URL', token_file: FILE", 200, json!({"id": "x"})).await;
    ntfy.send(&hook("ana-phone")).await.unwrap();
    let seen = fake.only();
    assert_eq!((&*seen.path, seen.header("authorization")), ("/", &*format!("Bearer {SECRET}")));
    let said = seen.json();
    assert_eq!((said["topic"].as_str(), said["priority"].as_u64()), (Some("ana-phone"), Some(5)));
    assert_eq!(said["click"], "https://r.example/1");

    let wrong = ntfy.send(&hook("../admin")).await.unwrap_err();
    assert_eq!((wrong.permanent, wrong.class), (true, "address"));
}

#[tokio::test]
async fn slack_gets_blocks_without_markup_of_ours_and_says_in_the_body_whether_it_took_them() {
    let good = json!({"ok": true, "ts": "1.2"});
    let (slack, fake) = sender("slack/acme", "url: 'URL/api', token_file: FILE", 200, good).await;
    assert_eq!(slack.send(&hook("C1")).await, Ok(Receipt { text: "ok, 1.2".into() }));
    let seen = fake.only();
    assert_eq!(seen.path, "/api/chat.postMessage");
    let said = seen.json();
    assert_eq!(said["channel"], "C1");
    assert_eq!(said["blocks"][1]["text"]["text"], "a &lt;b&gt; &amp; *c*\nd");
    assert_eq!(said["blocks"][3]["elements"][0]["url"], "https://r.example/1");

    for (error, permanent) in [("channel_not_found", true), ("ratelimited", false), ("internal_error", false)]
    {
        let answer = json!({"ok": false, "error": error});
        let (slack, _fake) = sender("slack/acme", "url: 'URL', token_file: FILE", 200, answer).await;
        let failure = slack.send(&hook("C1")).await.unwrap_err();
        assert_eq!((failure.permanent, failure.class), (permanent, "answer"), "{error}");
        assert!(failure.text.contains(error), "{}", failure.text);
    }
}

#[tokio::test]
async fn a_webhook_of_slack_or_teams_is_a_secret_and_takes_a_card() {
    for (name, status) in [("slack/room", 200), ("teams/room", 202)] {
        let fake = Fake::start(move |_| (StatusCode::from_u16(status).unwrap(), "ok").into_response()).await;
        let secret = format!("{}/services/hunter2hunter2", fake.url);
        let sender = configured(name, "webhook_file: FILE", &fake.url, &secret);
        sender.send(&hook("")).await.unwrap();
        assert_eq!(fake.only().path, "/services/hunter2hunter2");
        assert!(!format!("{sender:?}").contains("hunter2"));
    }
    let fake = Fake::start(|_| StatusCode::ACCEPTED.into_response()).await;
    let teams = configured("teams/room", "webhook_file: FILE", &fake.url, &fake.url);
    teams.send(&hook("")).await.unwrap();
    let card = fake.only().json()["attachments"][0]["content"].clone();
    assert_eq!(card["body"][1]["text"], "a <b> & \\*c\\*\nd");
    assert_eq!(card["actions"][0]["url"], "https://r.example/1");
}

#[tokio::test]
async fn a_text_full_of_escapes_is_cut_between_them_and_fits_a_block_of_slack() {
    let (slack, fake) = sender("slack/acme", "url: 'URL', token_file: FILE", 200, json!({"ok": true})).await;
    slack.send(&Message { text: "&".repeat(4000), ..hook("C1") }).await.unwrap();
    let said = fake.only().json();
    let text = said["blocks"][1]["text"]["text"].as_str().unwrap();
    assert!(text.chars().count() <= 3000 && text.chars().count() > 2900, "{}", text.chars().count());
    assert!(text.ends_with("&amp;…"), "{text}");
}

#[tokio::test]
async fn telegram_asks_for_patience_in_its_body_and_its_token_is_never_repeated() {
    let busy = json!({"ok": false, "error_code": 429, "description": format!("slow down, {SECRET}"),
        "parameters": {"retry_after": 7}});
    let (telegram, fake) = sender("telegram/bot", "url: 'URL', token_file: FILE", 429, busy).await;
    let failure = telegram.send(&hook("-100")).await.unwrap_err();
    assert_eq!((failure.permanent, failure.retry_after), (false, Some(Duration::from_secs(7))));
    assert!(!failure.text.contains(SECRET) && failure.text.contains("slow down"), "{}", failure.text);
    let seen = fake.only();
    assert_eq!(seen.path, format!("/bot{SECRET}/sendMessage"));
    assert_eq!(
        (&seen.json()["chat_id"], &seen.json()["disable_notification"]),
        (&json!("-100"), &json!(false))
    );

    let (telegram, _fake) =
        sender("telegram/bot", "url: 'URL', token_file: FILE", 200, json!({"ok": true})).await;
    assert!(telegram.send(&hook("-100")).await.is_ok());
    let (telegram, _fake) = sender("telegram/bot", "url: 'URL', token_file: FILE", 200, json!({})).await;
    assert!(telegram.send(&hook("-100")).await.is_err(), "not what Telegram says");
}

#[tokio::test]
async fn twilio_sends_short_texts_and_calls_those_whose_contact_is_voice() {
    const SETTINGS: &str = "account: AC1, token_file: FILE, from: '+4930', url: 'URL'";
    let (twilio, fake) = sender("twilio/main", SETTINGS, 201, json!({"sid": "SM1"})).await;
    let long = Message { channel: "sms".into(), text: "ü".repeat(900), ..hook("+491510001") };
    twilio.send(&long).await.unwrap();
    twilio.send(&Message { channel: "voice".into(), ..hook("+491510001") }).await.unwrap();
    let seen = fake.seen();
    assert_eq!(seen[0].path, "/2010-04-01/Accounts/AC1/Messages.json");
    assert!(seen[0].header("authorization").starts_with("Basic "));
    let text = seen[0].form("Body");
    assert_eq!((text.chars().count(), text.ends_with('…')), (320, true));
    assert_eq!((seen[0].form("To"), seen[0].form("From")), ("+491510001".to_owned(), "+4930".to_owned()));
    assert_eq!(seen[1].path, "/2010-04-01/Accounts/AC1/Calls.json");
    let said = "<Say>a &lt;b&gt; &amp; *c* d</Say>";
    assert_eq!(seen[1].form("Twiml"), format!("<Response>{said}<Pause length=\"1\"/>{said}</Response>"));
}

#[tokio::test]
async fn pagerduty_gets_one_alert_for_an_incident_and_its_end() {
    let taken = json!({"status": "success"});
    let (pagerduty, fake) =
        sender("pagerduty/ops", "routing_key_file: FILE, url: 'URL/v2/enqueue'", 202, taken).await;
    pagerduty.send(&hook("")).await.unwrap();
    pagerduty.send(&Message { kind: Kind::Notice, phase: "RESOLVED".into(), ..hook("") }).await.unwrap();
    let [first, last] = [0, 1].map(|i| fake.seen()[i].json());
    assert_eq!((&first["event_action"], &last["event_action"]), (&json!("trigger"), &json!("resolve")));
    assert_eq!((&first["dedup_key"], &last["dedup_key"]), (&json!("i-1"), &json!("i-1")));
    assert_eq!((&first["payload"]["severity"], &first["routing_key"]), (&json!("critical"), &json!(SECRET)));
    assert!(last.get("payload").is_none());
}

#[tokio::test]
async fn of_every_status_only_success_counts_and_only_what_may_pass_is_tried_again() {
    const PROVIDERS: [(&str, &str); 4] = [
        ("ntfy/main", "url: 'URL'"),
        ("telegram/bot", "url: 'URL', token_file: FILE"),
        ("twilio/main", "account: AC1, token_file: FILE, from: '+4930', url: 'URL'"),
        ("pagerduty/ops", "routing_key_file: FILE, url: 'URL'"),
    ];
    for (name, settings) in PROVIDERS {
        for status in (200..600).step_by(7).chain([301, 400, 404, 408, 429, 500, 503]) {
            let (sender, _fake) = sender(name, settings, status, json!({"ok": true})).await;
            let outcome = sender.send(&Message { address: "ana".into(), ..example() }).await;
            match status {
                200..300 => assert!(outcome.is_ok(), "{name} {status} {outcome:?}"),
                _ => {
                    let lasting = (400..500).contains(&status) && status != 408 && status != 429;
                    assert_eq!(outcome.unwrap_err().permanent, lasting, "{name} {status}");
                }
            }
        }
    }
}

#[test]
fn a_mistake_in_settings_names_the_provider_and_shows_no_secret() {
    let cases = [
        ("slack/a", "url: 'https://slack.com/api'", "either a token_file or a webhook_file"),
        ("slack/b", "token_file: FILE, webhook_file: FILE", "either a token_file or a webhook_file"),
        ("teams/a", "webhook_file: FILE", "url: "),
        ("telegram/a", "url: 'https://x.example'", "missing field `token_file`"),
        ("twilio/a", "account: AC1, token_file: FILE", "missing field `from`"),
        ("ntfy/a", "url: 'http://10.0.0.1'", "url: "),
        ("pagerduty/a", "routing_key: x", "unknown field `routing_key`"),
    ];
    for (name, settings, expected) in cases {
        let error = read(name, settings, "", SECRET).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(expected), "{error:?} lacks {expected:?}");
        assert!(!error.contains(SECRET), "{error}");
    }
}
