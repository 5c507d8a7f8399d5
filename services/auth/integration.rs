//! Keys of integrations. They are derived from one secret of the deployment, so that none has to be stored
//! and a webhook's address stays the same over restarts and replicas.

use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use rand::RngCore;
use sha2::Sha256;
use stentor_core::id::{IntegrationId, is_policy_id};

/// Characters of a key: what PagerDuty's clients accept as a routing key.
const KEY_CHARS: usize = 32;

/// The first key of an integration: hexadecimal, 128 bits.
pub fn integration_key(secret: &str, id: &IntegrationId) -> String {
    integration_key_of(secret, id, 1)
}

/// The key of an integration in a generation from 1 on.
pub(super) fn integration_key_of(secret: &str, id: &IntegrationId, generation: u32) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(b"integration:");
    mac.update(id.as_str().as_bytes());
    generation_of(&mut mac, generation);
    let mut key = hex::encode(mac.finalize().into_bytes());
    key.truncate(KEY_CHARS);
    key
}

/// What the sender of an integration signs with, if it signs: hexadecimal, 256 bits. It differs from the key, which is
/// part of an address and so gets into logs.
pub fn signing_secret(secret: &str, id: &IntegrationId, generation: u32) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(b"signing:");
    mac.update(id.as_str().as_bytes());
    generation_of(&mut mac, generation);
    hex::encode(mac.finalize().into_bytes())
}

/// The first generation is derived from the id alone. No id has a colon.
fn generation_of(mac: &mut Hmac<Sha256>, generation: u32) {
    if generation > 1 {
        mac.update(format!(":{generation}").as_bytes());
    }
}

/// The secrets of the sender's own choice: the lines of the file in `folder` that is named as the integration. None
/// without such a file. It is read each time, so that a secret can be changed, or two be valid, without a restart.
pub(super) fn chosen_secrets(folder: &Path, id: &IntegrationId) -> std::io::Result<Option<Vec<String>>> {
    // Policies have no other ids; it is asked again because this one becomes a path.
    if !is_policy_id(id.as_str()) {
        return Ok(None);
    }
    match std::fs::read_to_string(folder.join(id.as_str())) {
        Ok(text) => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            Ok(Some(lines.map(str::to_owned).collect()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
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
    fn a_signing_secret_is_derived_and_gives_way_to_a_file() {
        let id = "hub".into();
        let derived = signing_secret("00ff", &id, 1);
        assert!(derived.len() == 64 && !derived.starts_with(&integration_key("00ff", &id)));
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(chosen_secrets(folder.path(), &id).unwrap(), None);
        std::fs::write(folder.path().join("hub"), "new\n\n old \n").unwrap();
        assert_eq!(chosen_secrets(folder.path(), &id).unwrap().unwrap(), ["new", "old"]);
        assert_eq!(chosen_secrets(folder.path(), &"../hub".into()).unwrap(), None);
    }

    #[test]
    fn a_key_is_the_start_of_an_hmac_and_differs_by_integration() {
        let key = integration_key("00ff", &"prom".into());
        // printf 'integration:prom' | openssl dgst -sha256 -hmac 00ff
        assert_eq!(key, "9ea4c4919a770b85fe1e27f7be287c54");
        assert_ne!(key, integration_key("00ff", &"pd".into()));
        assert_ne!(key, integration_key_of("00ff", &"prom".into(), 2));
        assert_ne!(key, integration_key("00fe", &"prom".into()));
    }
}
