//! Signatures over the raw bytes of a body: HMAC-SHA256, compared in constant time. Which header holds one, and what it
//! is written like, is known to the protocols.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Whether a signature in hexadecimal was made of these bytes with one of the secrets.
pub(super) fn is_signed(body: &[u8], signature: &str, secrets: &[String]) -> bool {
    let Ok(claimed) = hex::decode(signature.trim()) else { return false };
    secrets.iter().any(|secret| {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
        let mut mac = mac.expect("HMAC takes keys of any length");
        mac.update(body);
        mac.verify_slice(&claimed).is_ok()
    })
}

/// A delivery by its content. The delivery ids of these protocols stand in headers that are not signed, so that
/// who copied a request could give it another one; the bytes that are signed cannot be changed.
pub(super) fn delivery(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_is_accepted_and_nothing_else() {
        let secrets = ["other".to_owned(), "It's a Secret to Everybody".to_owned()];
        let good = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(is_signed(b"Hello, World!", good, &secrets));
        assert!(!is_signed(b"Hello, World!", good, &secrets[..1]));
        assert!(!is_signed(b"Hello, World?", good, &secrets));
        assert!(!is_signed(b"Hello, World!", good, &[]));
        for bad in ["", "zz", &good[..62], "00"] {
            assert!(!is_signed(b"Hello, World!", bad, &secrets), "{bad}");
        }
    }
}
