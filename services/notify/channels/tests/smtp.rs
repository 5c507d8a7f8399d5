//! E-mail: the session and the mail that a server sees, and at which step which answer counts.

use std::time::{Duration, Instant};

use super::super::super::message::{Message, example};
use super::super::super::outcome::Receipt;
use super::super::super::sender::Sender;
use super::fake::{SECRET, configured, read};
use super::smtp_server::{FINE, Server, Twist};

const SETTINGS: &str = "host: 127.0.0.1, port: URL, tls: none, from: 'Stentor <stentor@acme.example>'";
const LOGIN: &str = "username: pager, password_file: FILE";

fn sender(server: &Server) -> Sender {
    configured("smtp/test", &format!("{SETTINGS}, {LOGIN}"), &server.port.to_string(), SECRET)
}

fn mail() -> Message {
    Message { address: "ana@acme.example".into(), ..example() }
}

#[tokio::test]
async fn a_mail_is_handed_over_with_login_and_taken_when_its_last_line_is() {
    let server = Server::start(FINE).await;
    let receipt = sender(&server).send(&mail()).await;
    assert_eq!(receipt, Ok(Receipt { text: "250 2.0.0 queued as 4711".into() }));
    let commands = server.commands();
    let (hello, rest) = commands.split_first().unwrap();
    assert!(hello.starts_with("EHLO "), "{hello}");
    let expected = [
        "AUTH PLAIN AHBhZ2VyAGh1bnRlcjItaHVudGVyMg==",
        "MAIL FROM:<stentor@acme.example>",
        "RCPT TO:<ana@acme.example>",
        "DATA",
        "QUIT",
    ];
    assert_eq!(rest, expected);
}

#[tokio::test]
async fn a_mail_says_what_it_is_about() {
    let server = Server::start(FINE).await;
    let url = "https://runbooks.acme.example/checkout".to_owned();
    sender(&server).send(&Message { url, ..mail() }).await.unwrap();
    let expected = "\
From: Stentor <stentor@acme.example>
To: ana@acme.example
Date: Mon, 01 Jun 2026 12:00:00 +0000
Message-ID: <i-1/7/0@acme.example>
In-Reply-To: <incident.i-1@acme.example>
References: <incident.i-1@acme.example>
Subject: [P1] INC-42 Checkout down
Auto-Submitted: auto-generated
Content-Transfer-Encoding: 7bit

[P1] INC-42 Checkout down

Incident: INC-42 Checkout down
Priority: P1
Service: checkout
Phase: ACTIVE
Link: https://runbooks.acme.example/checkout
";
    assert_eq!(server.mails()[0], expected);
}

#[tokio::test]
async fn attempts_are_one_mail_and_mails_of_an_incident_one_thread() {
    let server = Server::start(FINE).await;
    let sender = sender(&server);
    let next = Message { id: "i-1/9/2".into(), exercise: true, ..mail() };
    for message in [&mail(), &mail(), &next] {
        sender.send(message).await.unwrap();
    }
    let mails = server.mails();
    assert_eq!(mails[0], mails[1]);
    assert!(mails[2].contains("Message-ID: <i-1/9/2@acme.example>"), "{}", mails[2]);
    assert!(mails[2].contains("Subject: [EXERCISE] [P1] INC-42"), "{}", mails[2]);
    for mail in mails {
        assert!(mail.contains("References: <incident.i-1@acme.example>"), "{mail}");
    }
}

#[tokio::test]
async fn what_a_title_says_stays_in_the_subject_and_what_a_text_says_in_the_body() {
    let server = Server::start(FINE).await;
    let message = Message {
        title: "Zahlung gestört\r\nBcc: eve@evil.example".into(),
        text: "one\r\n.\r\nMAIL FROM:<eve@evil.example>".into(),
        ..mail()
    };
    sender(&server).send(&message).await.unwrap();
    let mails = server.mails();
    let (headers, body) = mails[0].split_once("\n\n").unwrap();
    assert!(!headers.contains("\nBcc:") && body.contains("\n..\n"), "{}", mails[0]);
    assert_eq!(server.commands().iter().filter(|line| line.starts_with("MAIL")).count(), 1);
}

#[tokio::test]
async fn at_every_step_5xx_is_final_and_all_else_may_pass() {
    let steps = ["", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."];
    let answers = [
        ("451 4.3.0 later", false, "status"),
        ("550 5.1.1 never", true, "status"),
        ("", false, "connect"),
        ("-", false, "timeout"),
    ];
    for at in steps {
        for (answer, permanent, class) in answers {
            let server = Server::start(Twist { at, answer }).await;
            let began = Instant::now();
            let failure = sender(&server).send(&mail()).await.unwrap_err();
            let got = (failure.permanent, failure.class);
            assert_eq!(got, (permanent, class), "{answer:?} at {at:?}: {}", failure.text);
            assert!(!failure.text.contains(SECRET) && began.elapsed() < Duration::from_secs(5));
        }
    }
}

#[tokio::test]
async fn who_has_the_mail_may_forget_to_say_good_bye() {
    for answer in ["", "-", "550 stay"] {
        let server = Server::start(Twist { at: "QUIT", answer }).await;
        assert!(sender(&server).send(&mail()).await.is_ok(), "{answer:?}");
        assert_eq!(server.mails().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_repeats_the_login_does_not_put_it_into_the_timeline() {
    let echo = "535 no: AHBhZ2VyAGh1bnRlcjItaHVudGVyMg== is hunter2-hunter2";
    let server = Server::start(Twist { at: "AUTH", answer: echo }).await;
    let failure = sender(&server).send(&mail()).await.unwrap_err();
    assert!(failure.text.ends_with("no: … is …"), "{}", failure.text);
    assert!(!format!("{:?}", sender(&server)).contains(SECRET));
}

#[tokio::test]
async fn what_is_no_mailbox_is_never_tried_again() {
    let server = Server::start(FINE).await;
    for address in ["", "ana", "ana@acme.example>\r\nRCPT TO:<eve@evil.example"] {
        let message = Message { address: address.into(), ..example() };
        let failure = sender(&server).send(&message).await.unwrap_err();
        assert_eq!((failure.permanent, failure.class), (true, "address"), "{address}");
    }
    assert!(server.commands().is_empty());
}

#[tokio::test]
async fn a_server_without_starttls_gets_neither_login_nor_mail() {
    let server = Server::start(FINE).await;
    let settings = format!("host: 127.0.0.1, port: URL, from: stentor@acme.example, {LOGIN}");
    let sender = configured("smtp/test", &settings, &server.port.to_string(), SECRET);
    let failure = sender.send(&mail()).await.unwrap_err();
    assert_eq!((failure.permanent, failure.class), (true, "request"), "{}", failure.text);
    assert!(server.commands().iter().all(|line| !line.starts_with("AUTH") && !line.starts_with("MAIL")));
}

#[tokio::test]
async fn a_server_inside_is_not_called_unless_its_network_is_named() {
    let server = Server::start(FINE).await;
    let settings = "host: localhost, port: URL, from: stentor@acme.example";
    let sender = read("smtp/test", settings, &server.port.to_string(), SECRET).unwrap();
    let failure = sender.send(&mail()).await.unwrap_err();
    assert_eq!((failure.permanent, failure.class), (false, "denied"), "{}", failure.text);
    assert!(server.commands().is_empty());
}
