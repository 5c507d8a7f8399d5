//! Seals the tokens that callers carry for us: they can neither be read as promises nor be made up. What stands in a
//! token is decided in `page` and `resume`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Bytes of the authentication tag; half a SHA-256 is more than tokens need.
const TAG: usize = 16;

/// The payload with its tag in front. Kinds keep tokens of one use from another.
pub fn seal(secret: &[u8], kind: &str, payload: &[u8]) -> Vec<u8> {
    let mut sealed = tag(secret, kind, payload).to_vec();
    sealed.extend_from_slice(payload);
    sealed
}

/// The payload, if the tag is ours.
pub fn open<'a>(secret: &[u8], kind: &str, sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (given, payload) = sealed.split_at_checked(TAG)?;
    let expected = tag(secret, kind, payload);
    bool::from(subtle::ConstantTimeEq::ct_eq(given, &expected[..])).then_some(payload)
}

/// A key that opens one thing to whoever knows it: derived, so that none has to be stored.
pub fn key(secret: &[u8], kind: &str, subject: &str) -> String {
    hex::encode(tag(secret, kind, subject.as_bytes()))
}

/// Whether somebody knows the key, compared in constant time.
pub fn knows(secret: &[u8], kind: &str, subject: &str, given: &str) -> bool {
    let expected = key(secret, kind, subject);
    bool::from(subtle::ConstantTimeEq::ct_eq(given.as_bytes(), expected.as_bytes()))
}

/// SHA-256 of a message, as hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn tag(secret: &[u8], kind: &str, payload: &[u8]) -> [u8; TAG] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).expect("HMAC takes keys of every length");
    mac.update(b"stentor token\0");
    mac.update(kind.as_bytes());
    mac.update(b"\0");
    mac.update(payload);
    let full = mac.finalize().into_bytes();
    std::array::from_fn(|i| full[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_with_its_kind_and_secret_alone() {
        let sealed = seal(b"secret", "page", b"payload");
        assert_eq!(open(b"secret", "page", &sealed), Some(&b"payload"[..]));
        assert_eq!(open(b"secret", "watch", &sealed), None);
        assert_eq!(open(b"other", "page", &sealed), None);
    }

    #[test]
    fn a_key_opens_its_subject_alone() {
        let ana = key(b"secret", "feed", "people/ana");
        assert!(knows(b"secret", "feed", "people/ana", &ana));
        assert!(!knows(b"secret", "feed", "people/bo", &ana));
        assert!(!knows(b"other", "feed", "people/ana", &ana));
        assert!(!knows(b"secret", "feed", "people/ana", &ana[1..]));
    }

    #[test]
    fn a_changed_bit_anywhere_is_refused() {
        let sealed = seal(b"secret", "page", b"payload");
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 1;
            assert_eq!(open(b"secret", "page", &changed), None, "byte {i}");
        }
        assert_eq!(open(b"secret", "page", b"short"), None);
    }
}
