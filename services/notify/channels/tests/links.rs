//! Links in messages: every channel has those of a page, none invents one, and what a provider echoes loses them.

use axum::Json;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::super::super::links::{Links, example as links};
use super::super::super::message::{Message, example};
use super::fake::{Fake, SECRET, configured};
use super::smtp_server::{FINE, Server};

fn page() -> Message {
    Message { links: links(), channel: "sms".into(), url: "https://r.example/1".into(), ..example() }
}

/// What a provider is sent.
async fn sent(name: &str, settings: &str, message: &Message) -> Fake {
    let fake = Fake::start(|_| Json(json!({"ok": true})).into_response()).await;
    configured(name, settings, &fake.url, SECRET).send(message).await.unwrap();
    fake
}

#[tokio::test]
async fn every_channel_has_a_way_to_each_link_beside_the_runbook() {
    let Links { acknowledge, escalate } = links();
    let ntfy = sent("ntfy/main", "url: 'URL'", &page()).await.only().json();
    let view = |label: &str, url: &str| json!({"action": "view", "label": label, "url": url});
    assert_eq!(ntfy["actions"], json!([view("Acknowledge", &acknowledge), view("Escalate", &escalate)]));
    assert_eq!(ntfy["click"], "https://r.example/1");

    let slack = sent("slack/acme", "url: 'URL', token_file: FILE", &page()).await.only().json();
    let buttons = slack["blocks"][3]["elements"].as_array().unwrap();
    let urls: Vec<&str> = buttons.iter().filter_map(|button| button["url"].as_str()).collect();
    assert_eq!(urls, [&*acknowledge, &*escalate, "https://r.example/1"]);
    assert_eq!((&buttons[0]["style"], &buttons[1]["style"]), (&json!("primary"), &Value::Null));

    let telegram = sent("telegram/bot", "url: 'URL', token_file: FILE", &page()).await.only().json();
    let button = |text: &str, url: &str| json!({"text": text, "url": url});
    let row = json!([button("Acknowledge", &acknowledge), button("Escalate", &escalate)]);
    assert_eq!(telegram["reply_markup"]["inline_keyboard"], json!([row]));
    assert!(telegram["text"].as_str().unwrap().ends_with("https://r.example/1"));

    let settings = "url: 'URL', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let webhook = sent("webhook/any", settings, &page()).await.only().json();
    assert_eq!(webhook["data"]["links"], json!({"acknowledge": acknowledge, "escalate": escalate}));

    let teams = Fake::start(|_| Json(json!({})).into_response()).await;
    configured("teams/room", "webhook_file: FILE", &teams.url, &teams.url).send(&page()).await.unwrap();
    let card = teams.only().json()["attachments"][0]["content"].clone();
    let titles: Vec<&str> =
        card["actions"].as_array().unwrap().iter().filter_map(|a| a["title"].as_str()).collect();
    assert_eq!(titles, ["Acknowledge", "Escalate", "Runbook"]);

    let server = Server::start(FINE).await;
    let settings = "host: 127.0.0.1, port: URL, tls: none, from: 'stentor@acme.example'";
    let mail = Message { address: "ana@acme.example".into(), ..page() };
    configured("smtp/test", settings, &server.port.to_string(), SECRET).send(&mail).await.unwrap();
    let said = server.mails().concat();
    assert!(said.contains(&format!("Acknowledge: {acknowledge}")) && said.contains(&escalate), "{said}");
}

#[tokio::test]
async fn a_text_message_gives_way_to_its_one_link_and_a_call_reads_none() {
    const SETTINGS: &str = "account: AC1, token_file: FILE, from: '+4930', url: 'URL'";
    let long = Message { text: "ü".repeat(900), ..page() };
    let said = sent("twilio/main", SETTINGS, &long).await.only().form("Body");
    assert_eq!(said.chars().count(), 320);
    assert!(said.ends_with(&format!("…\nAck: {}", links().acknowledge)), "{said}");

    let endless = Links { acknowledge: format!("https://{}", "a".repeat(200)), ..links() };
    let said = sent("twilio/main", SETTINGS, &Message { links: endless, ..long.clone() }).await;
    assert!(!said.only().form("Body").contains("https"), "half a link is none");

    let call = sent("twilio/main", SETTINGS, &Message { channel: "voice".into(), ..page() }).await;
    assert!(!call.only().form("Twiml").contains("http"));
}

#[tokio::test]
async fn a_button_that_telegram_would_refuse_is_a_line() {
    let inside = Links { acknowledge: "http://10.0.0.7/act/x".into(), escalate: String::new() };
    let said =
        sent("telegram/bot", "url: 'URL', token_file: FILE", &Message { links: inside, ..page() }).await;
    let said = said.only().json();
    assert!(said.get("reply_markup").is_none());
    assert!(said["text"].as_str().unwrap().contains("\nAcknowledge: http://10.0.0.7/act/x\n"), "{said}");
}

#[tokio::test]
async fn a_message_without_links_has_no_buttons() {
    let plain = Message { links: Links::default(), url: String::new(), ..page() };
    let ntfy = sent("ntfy/main", "url: 'URL'", &plain).await.only().json();
    let slack = sent("slack/acme", "url: 'URL', token_file: FILE", &plain).await.only().json();
    let telegram = sent("telegram/bot", "url: 'URL', token_file: FILE", &plain).await.only().json();
    assert!(ntfy.get("actions").is_none() && telegram.get("reply_markup").is_none());
    assert_eq!(slack["blocks"].as_array().unwrap().len(), 3);
}
