//! Signatures of outgoing webhooks as the Standard Webhooks specification has them, symmetric version 1.
//! It sends nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const PREFIX: &str = "whsec_";

/// Fewer bytes could be guessed, more are not allowed by the specification.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// An endpoint's secret. Its debug form tells nothing.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

/// A text that is no secret. It does not repeat the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is whsec_ and the base64 of 24 to 64 bytes")]
pub struct BadSecret;

impl std::str::FromStr for Secret {
    type Err = BadSecret;

    fn from_str(text: &str) -> Result<Secret, BadSecret> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(BadSecret)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| BadSecret)?;
        if BYTES.contains(&bytes.len()) { Ok(Secret(bytes)) } else { Err(BadSecret) }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The value of `webhook-signature` for a body sent at `timestamp` (seconds since 1970): one signature for each
/// secret, so that receivers can change theirs without a gap.
pub fn signature(secrets: &[Secret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let signed: Vec<String> = secrets.iter().map(|secret| sign(secret, id, timestamp, body)).collect();
    signed.join(" ")
}

fn sign(secret: &Secret, id: &str, timestamp: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret.0).expect("HMAC takes keys of any length");
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_specifications_own_example_is_signed_as_it_says() {
        let secret: Secret = SECRET.parse().unwrap();
        let signed =
            signature(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the other implementation judges by wall time")]
    fn another_implementation_accepts_either_of_two_secrets() {
        let old: Secret = SECRET.parse().unwrap();
        let text = format!("whsec_{}", STANDARD.encode([7_u8; 32]));
        let new: Secret = text.parse().unwrap();
        let now = jiff::Timestamp::now().as_second();
        let mut headers = http::HeaderMap::new();
        headers.insert("webhook-id", "i-1/7/0".parse().unwrap());
        headers.insert("webhook-timestamp", now.to_string().parse().unwrap());
        headers.insert("webhook-signature", signature(&[old, new], "i-1/7/0", now, b"{}").parse().unwrap());
        for secret in [SECRET, &text] {
            let webhook = standardwebhooks::Webhook::new(secret).unwrap();
            assert!(webhook.verify(b"{}", &headers).is_ok());
            assert!(webhook.verify(b"{} ", &headers).is_err());
        }
    }

    #[test]
    fn what_is_no_secret_is_refused_without_being_repeated() {
        for text in ["", "hunter2", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!"] {
            assert_eq!(text.parse::<Secret>().unwrap_err(), BadSecret, "{text}");
        }
        assert!(!"hunter2".parse::<Secret>().unwrap_err().to_string().contains("hunter2"));
        assert_eq!(format!("{:?}", SECRET.parse::<Secret>().unwrap()), "Secret(…)");
    }
}
