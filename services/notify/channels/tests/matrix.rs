//! Every channel over HTTP against every way in which a receiver can answer or fail: a message counts as taken only after 2xx.
//! What is done about a failure is the engine's business, and tested there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::super::super::message::{Message, example};
use super::super::super::outcome::Failure;
use super::super::super::sender::Sender;
use super::fake::{SECRET, configured};

const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Name, settings, what a file of it holds, and whether only its words say that a message was taken.
const CHANNELS: [(&str, &str, &str, bool); 9] = [
    ("webhook/x", "url: 'URL', secret_file: FILE", WEBHOOK_SECRET, false),
    ("ntfy/x", "url: 'URL', token_file: FILE", SECRET, false),
    ("slack/x", "url: 'URL', token_file: FILE", SECRET, true),
    ("slack/room", "webhook_file: FILE", "URL", true),
    ("teams/x", "webhook_file: FILE", "URL", false),
    ("telegram/x", "url: 'URL', token_file: FILE", SECRET, true),
    ("twilio/sms", "account: AC1, token_file: FILE, from: '+4930', url: 'URL'", SECRET, false),
    ("twilio/voice", "account: AC1, token_file: FILE, from: '+4930', url: 'URL'", SECRET, false),
    ("pagerduty/x", "routing_key_file: FILE, url: 'URL'", SECRET, false),
];

/// What is done once the bytes are out.
#[derive(Clone, Copy)]
enum Then {
    Close,
    Reset,
    Hang,
}

/// Takes requests at an address of its own, and does with each connection what `answer` says.
async fn receiver(answer: impl Fn() -> (Vec<u8>, Then) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            read_request(&mut stream).await;
            let (bytes, then) = answer();
            // A client that has heard enough may leave in the middle.
            let _ = stream.write_all(&bytes).await;
            match then {
                Then::Close => {}
                Then::Reset => stream.set_zero_linger().unwrap(),
                Then::Hang => open.push(stream),
            }
        }
    });
    url
}

/// Reads head and body, so that closing the connection does not take the answer along.
async fn read_request(stream: &mut TcpStream) {
    let (mut seen, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&seen).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return;
            }
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(read) => seen.extend_from_slice(&piece[..read]),
        }
    }
}

fn channel(name: &str, settings: &str, secret: &str, url: &str) -> (Sender, Message) {
    let sender = configured(name, settings, url, &secret.replace("URL", url));
    let kind = name.rsplit('/').next().unwrap_or_default().to_owned();
    (sender, Message { address: "ana".into(), channel: kind, ..example() })
}

/// What counts as yes in a channel's words.
fn yes(name: &str) -> &'static str {
    if name == "slack/room" { "ok" } else { r#"{"ok":true}"# }
}

/// The failure of each channel against the same receiver.
async fn failures(answer: impl Fn(&str) -> (Vec<u8>, Then)) -> Vec<(&'static str, Failure, Duration)> {
    let attempts = CHANNELS.map(|(name, settings, secret, _)| {
        let (bytes, then) = answer(yes(name));
        async move {
            let url = receiver(move || (bytes.clone(), then)).await;
            let (sender, message) = channel(name, settings, secret, &url);
            let began = Instant::now();
            (name, sender.send(&message).await.expect_err(name), began.elapsed())
        }
    });
    join_all(attempts).await
}

#[tokio::test]
async fn of_all_statuses_only_2xx_counts_and_only_4xx_without_patience_is_final() {
    let channels = CHANNELS.map(|(name, settings, secret, words)| async move {
        let status = Arc::new(AtomicU16::new(0));
        let said = Arc::clone(&status);
        let url = receiver(move || {
            let status = said.load(Ordering::SeqCst);
            let body = if status < 200 || matches!(status, 204 | 304) { "" } else { yes(name) };
            let head = format!("HTTP/1.1 {status} Word\r\nconnection: close\r\nlocation: /other");
            let length = format!("content-length: {}", body.len());
            (format!("{head}\r\n{length}\r\n\r\n{body}").into_bytes(), Then::Close)
        })
        .await;
        let (sender, message) = channel(name, settings, secret, &url);
        for code in 100..600 {
            status.store(code, Ordering::SeqCst);
            let outcome = sender.send(&message).await;
            let silent = words && code == 204;
            assert_eq!(outcome.is_ok(), (200..300).contains(&code) && !silent, "{name} {code} {outcome:?}");
            if let Err(failure) = outcome {
                let last = (400..500).contains(&code) && code != 408 && code != 429;
                assert_eq!(failure.permanent, last, "{name} {code} {failure:?}");
            }
        }
    });
    join_all(channels).await;
}

#[tokio::test]
async fn a_receiver_that_resets_hangs_or_stops_within_the_head_has_not_taken_it() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-le";
    let cases: [(&[u8], Then, &str); 5] = [
        (b"", Then::Close, "connect"),
        (b"", Then::Reset, "connect"),
        (b"", Then::Hang, "timeout"),
        (half, Then::Reset, "connect"),
        (half, Then::Hang, "timeout"),
    ];
    for (bytes, then, class) in cases {
        for (name, failure, took) in failures(|_| (bytes.to_vec(), then)).await {
            assert_eq!((failure.permanent, failure.class), (false, class), "{name} {failure:?}");
            assert!(took < Duration::from_secs(5), "{name} {took:?}");
        }
    }
}

#[tokio::test]
async fn whatever_follows_a_bad_status_it_stays_one() {
    let head = "HTTP/1.1 502 Word\r\ncontent-length: 9000000\r\n\r\n";
    for (rest, then) in [(10, Then::Close), (10, Then::Hang), (9_000_000, Then::Close)] {
        let answer = |_: &str| ([head.as_bytes(), &vec![b'x'; rest]].concat(), then);
        for (name, failure, _) in failures(answer).await {
            assert_eq!((failure.permanent, failure.class), (false, "status"), "{name} {failure:?}");
            assert!(failure.text.chars().count() < 300, "{name} {}", failure.text);
        }
    }
}

#[tokio::test]
async fn after_200_half_an_answer_is_enough_only_where_words_do_not_count() {
    for then in [Then::Close, Then::Reset, Then::Hang] {
        let attempts = CHANNELS.map(|(name, settings, secret, words)| async move {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{";
            let url = receiver(move || (head.into(), then)).await;
            let (sender, message) = channel(name, settings, secret, &url);
            let outcome = sender.send(&message).await;
            match outcome {
                Ok(receipt) => assert!(!words, "{name} {receipt:?}"),
                Err(failure) => assert!(words && !failure.permanent, "{name} {failure:?}"),
            }
        });
        join_all(attempts).await;
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_ends_the_attempt_before_anything_is_said() {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let (listener, acceptor) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TlsAcceptor::from(Arc::new(tls)));
    let url = format!("https://{}", listener.local_addr().unwrap());
    let met = tokio::spawn(async move {
        let mut met = Vec::new();
        for _ in CHANNELS {
            let (stream, _) = listener.accept().await.unwrap();
            met.push(acceptor.accept(stream).await.is_ok());
        }
        met
    });
    for (name, settings, secret, _) in CHANNELS {
        let (sender, message) = channel(name, settings, secret, &url);
        let failure = sender.send(&message).await.expect_err(name);
        assert_eq!((failure.permanent, failure.class), (false, "connect"), "{name} {failure:?}");
        assert!(!failure.text.contains(SECRET), "{name} {}", failure.text);
    }
    assert_eq!(met.await.unwrap(), [false; CHANNELS.len()]);
}
