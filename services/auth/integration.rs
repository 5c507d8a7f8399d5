//! Keys of integrations. They are derived from one secret of the deployment, so that none has to be stored
//! and a webhook's address stays the same over restarts and replicas.

use hmac::{Hmac, KeyInit, Mac};
use rand::RngCore;
use sha2::Sha256;
use stentor_core::id::IntegrationId;

/// Characters of a key: what PagerDuty's clients accept as a routing key.
const KEY_CHARS: usize = 32;

/// The key of an integration: hexadecimal, 128 bits.
pub fn integration_key(secret: &str, id: &IntegrationId) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(b"integration:");
    mac.update(id.as_str().as_bytes());
    let mut key = hex::encode(mac.finalize().into_bytes());
    key.truncate(KEY_CHARS);
    key
}

/// The deployment's secret. `keep` stores the candidate unless there is one already and returns the stored one,
/// so that replicas that start together agree.
pub async fn deployment_secret<F, E>(keep: impl FnOnce(String) -> F) -> Result<String, E>
where
    F: Future<Output = Result<String, E>>,
{
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    keep(hex::encode(bytes)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_start_of_an_hmac_and_differs_by_integration() {
        let key = integration_key("00ff", &"prom".into());
        // printf 'integration:prom' | openssl dgst -sha256 -hmac 00ff
        assert_eq!(key, "9ea4c4919a770b85fe1e27f7be287c54");
        assert_ne!(key, integration_key("00ff", &"pd".into()));
        assert_ne!(key, integration_key("00fe", &"prom".into()));
    }
}
