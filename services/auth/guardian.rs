//! Finds out who calls and whether the table lets them, from the headers alone.
//! Keys are compared as digests under a pepper of this process, so that time tells nothing about a key.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use rand::RngCore;
use sha2::Sha256;
use stentor_core::actor::Actor;
use stentor_core::id::IntegrationId;
use subtle::ConstantTimeEq;

use super::integration::{chosen_secrets, integration_key_of, signing_secret};
use super::key::AdminKey;
use super::principal::{Principal, Role};
use super::table::{Access, Table};
use crate::wire::directory::Keys;
use crate::wire::status::Fault;

/// The metadata by which an administrator's tool says for whom it acts.
const ACTOR: &str = "stentor-actor";

/// Who acts when nothing else is said.
const DEFAULT_ACTOR: &str = "admin";

type Digest = [u8; 32];

/// Knows the keys.
pub struct Guardian {
    table: Table,
    /// Keyed once: most of the work of a digest would be keying it.
    pepper: Hmac<Sha256>,
    /// Absent in dev, where nobody needs one.
    admin: Option<Digest>,
    default: Arc<Principal>,
    secret: String,
    /// Where the secrets are that senders chose themselves.
    chosen: Option<PathBuf>,
    integrations: RwLock<HashMap<Digest, Arc<Principal>>>,
    /// Valid generations of the keys of integrations, the newest first; one without an entry has its first key.
    generations: RwLock<HashMap<IntegrationId, Vec<u32>>>,
}

impl Guardian {
    /// Asks everyone for credentials.
    pub fn strict(key: &AdminKey, secret: String) -> Guardian {
        let mut guardian = Guardian::new("admin", secret);
        guardian.admin = Some(guardian.digest(key.expose()));
        guardian
    }

    /// Takes everyone on the loopback for an administrator; the key `dev` is the integration `dev`.
    pub fn dev(secret: String) -> Guardian {
        let guardian = Guardian::new("dev", secret);
        guardian.set_integrations([]);
        guardian
    }

    fn new(credential: &str, secret: String) -> Guardian {
        let mut pepper = [0_u8; 32];
        rand::rng().fill_bytes(&mut pepper);
        let default = Principal::admin(credential, Actor::Person(DEFAULT_ACTOR.into()));
        Guardian {
            table: Table::new(),
            pepper: Hmac::new_from_slice(&pepper).expect("HMAC takes keys of any length"),
            admin: None,
            default: Arc::new(default),
            secret,
            chosen: None,
            integrations: RwLock::default(),
            generations: RwLock::default(),
        }
    }

    /// Replaces the integrations that have keys, each by its first.
    pub fn set_integrations(&self, ids: impl IntoIterator<Item = IntegrationId>) {
        self.set_generations(ids.into_iter().map(|id| (id, vec![1])));
    }

    /// Replaces the integrations that have keys: those of the current policy, each with the generations of its keys
    /// that are valid now, the newest first.
    pub fn set_generations(&self, valid: impl IntoIterator<Item = (IntegrationId, Vec<u32>)>) {
        let (mut keys, mut known) = (HashMap::new(), HashMap::new());
        for (id, generations) in valid {
            let principal = Arc::new(Principal::integration(&id));
            for generation in &generations {
                let key = self.digest(&integration_key_of(&self.secret, &id, *generation));
                keys.insert(key, Arc::clone(&principal));
            }
            known.insert(id, generations);
        }
        if self.is_dev() {
            keys.insert(self.digest("dev"), Arc::new(Principal::integration(&"dev".into())));
        }
        *self.generations.write().unwrap_or_else(PoisonError::into_inner) = known;
        *self.integrations.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Looks for signing secrets in files of this folder before it derives them.
    #[must_use]
    pub fn with_chosen_secrets(self, folder: Option<PathBuf>) -> Guardian {
        Guardian { chosen: folder, ..self }
    }

    /// The keys of an integration, to be shown to an administrator.
    pub fn keys(&self, id: &IntegrationId, generation: u32) -> Keys {
        let key = integration_key_of(&self.secret, id, generation);
        Keys { key, signing: signing_secret(&self.secret, id, generation) }
    }

    /// What an integration's sender may have signed with: the lines of its file, else the derived secret.
    ///
    /// # Errors
    /// The file is there and cannot be read; then nothing may pass for signed.
    pub fn signing_secrets(&self, id: &IntegrationId) -> std::io::Result<Vec<String>> {
        let chosen = self.chosen.as_ref().map(|folder| chosen_secrets(folder, id)).transpose()?.flatten();
        let derived = || {
            let known = self.generations.read().unwrap_or_else(PoisonError::into_inner);
            let generations = known.get(id).cloned().unwrap_or_else(|| vec![1]);
            generations.into_iter().map(|generation| signing_secret(&self.secret, id, generation)).collect()
        };
        Ok(chosen.unwrap_or_else(derived))
    }

    /// The integration that a key in a webhook's address or body belongs to.
    pub fn integration(&self, key: &str) -> Option<Arc<Principal>> {
        let digest = self.digest(key);
        self.integrations.read().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned()
    }

    /// Who calls the RPC at `path`, or why they may not.
    pub fn admit(&self, path: &str, headers: &HeaderMap) -> Result<Arc<Principal>, Fault> {
        let access = self.table.access(path);
        if access == Access::Open {
            return Ok(Arc::clone(&self.default));
        }
        let principal = self.identify(headers)?;
        if !principal.role.may(access) {
            let method = path.trim_start_matches('/').to_owned();
            return Err(Fault::Forbidden { method, role: principal.role.as_str() });
        }
        acting(principal, headers)
    }

    fn identify(&self, headers: &HeaderMap) -> Result<Arc<Principal>, Fault> {
        let Some(value) = headers.get(AUTHORIZATION) else {
            return if self.is_dev() {
                Ok(Arc::clone(&self.default))
            } else {
                Err(Fault::CredentialsMissing)
            };
        };
        let key = bearer(value.as_bytes()).ok_or(Fault::CredentialsUnknown)?;
        if let Some(principal) = self.integration(key) {
            return Ok(principal);
        }
        let digest = self.digest(key);
        let known = match &self.admin {
            Some(admin) => bool::from(admin.ct_eq(&digest)),
            // A key left over in somebody's environment does no harm where none is needed.
            None => true,
        };
        if known { Ok(Arc::clone(&self.default)) } else { Err(Fault::CredentialsUnknown) }
    }

    fn is_dev(&self) -> bool {
        self.admin.is_none()
    }

    fn digest(&self, key: &str) -> Digest {
        let mut mac = self.pepper.clone();
        mac.update(key.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// `Bearer KEY`, the scheme in any case.
fn bearer(value: &[u8]) -> Option<&str> {
    let (scheme, key) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
}

/// An administrator may act for a person or as a bot; others only for themselves.
fn acting(principal: Arc<Principal>, headers: &HeaderMap) -> Result<Arc<Principal>, Fault> {
    let Some(value) = headers.get(ACTOR) else { return Ok(principal) };
    let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
    let actor = text.parse::<Actor>().ok();
    let allowed = actor.as_ref().is_some_and(|actor| match &principal.role {
        Role::Admin => matches!(actor, Actor::Person(_) | Actor::Bot(_)),
        Role::Responder | Role::Integration(_) => *actor == principal.actor,
    });
    match actor.filter(|_| allowed) {
        Some(actor) if actor == principal.actor => Ok(principal),
        Some(actor) => Ok(Arc::new(Principal::admin(&principal.credential, actor))),
        None => Err(Fault::ActorRefused { actor: text }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "/stentor.v1.IntakeService/ReportIncident";
    const SEND: &str = "/stentor.v1.IntakeService/SendAlert";
    const ACK: &str = "/stentor.v1.ResolutionService/AcknowledgeIncident";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn strict() -> (tempfile::TempDir, AdminKey, Guardian) {
        let folder = tempfile::tempdir().unwrap();
        let key = AdminKey::load_or_make(&folder.path().join("admin.key")).unwrap();
        let guardian = Guardian::strict(&key, "secret".into());
        guardian.set_integrations(["prom".into()]);
        (folder, key, guardian)
    }

    #[test]
    fn without_credentials_only_health_is_open() {
        let (_folder, _, guardian) = strict();
        let none = HeaderMap::new();
        assert!(guardian.admit("/grpc.health.v1.Health/Check", &none).is_ok());
        for path in [ACK, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "/made.Up/Thing"] {
            assert_eq!(guardian.admit(path, &none), Err(Fault::CredentialsMissing), "{path}");
        }
    }

    #[test]
    fn unknown_credentials_are_refused_whatever_their_form() {
        let (_folder, _, guardian) = strict();
        for value in ["Bearer nobody", "Bearer ", "Basic YTpi", "Bearer dev", "nonsense"] {
            let refused = guardian.admit(ACK, &headers(&[("authorization", value)]));
            assert_eq!(refused, Err(Fault::CredentialsUnknown), "{value}");
        }
    }

    #[test]
    fn the_admin_key_acts_for_people_and_bots_but_never_for_machines() {
        let (_folder, key, guardian) = strict();
        let value = format!("bearer {}", key.expose());
        let admitted =
            |actor: &str| guardian.admit(ACK, &headers(&[("authorization", &value), (ACTOR, actor)]));
        let plain = guardian.admit(ACK, &headers(&[("authorization", &value)])).unwrap();
        assert_eq!(plain.actor, Actor::Person("admin".into()));
        assert_eq!(admitted("people/ana").unwrap().actor, Actor::Person("ana".into()));
        assert_eq!(admitted("bots/overdue").unwrap().actor, Actor::Bot("overdue".into()));
        for actor in ["system", "integrations/prom", "ana", ""] {
            assert_eq!(admitted(actor), Err(Fault::ActorRefused { actor: actor.into() }));
        }
    }

    #[test]
    fn an_integration_sends_signals_and_nothing_else() {
        let (_folder, _, guardian) = strict();
        let value = format!("Bearer {}", guardian.keys(&"prom".into(), 1).key);
        let headers = headers(&[("authorization", &value)]);
        let principal = guardian.admit(SEND, &headers).unwrap();
        assert_eq!(principal.role, Role::Integration("prom".into()));
        assert!(matches!(guardian.admit(ACK, &headers), Err(Fault::Forbidden { .. })));
        assert!(guardian.admit("/made.Up/Thing", &headers).is_err());
    }

    #[test]
    fn a_key_ends_with_its_integration() {
        let (_folder, _, guardian) = strict();
        let key = guardian.keys(&"prom".into(), 1).key;
        assert!(guardian.integration(&key).is_some());
        guardian.set_integrations(["other".into()]);
        assert!(guardian.integration(&key).is_none());
        assert!(guardian.integration("dev").is_none());
    }

    #[test]
    fn a_rotated_key_is_valid_beside_the_new_one_as_long_as_it_is_said_to_be() {
        let (_folder, _, guardian) = strict();
        let id = || IntegrationId::from("prom");
        let [old, new] = [1, 2].map(|generation| guardian.keys(&id(), generation));
        assert!(guardian.integration(&new.key).is_none());
        guardian.set_generations([(id(), vec![2, 1])]);
        assert!(guardian.integration(&new.key).is_some() && guardian.integration(&old.key).is_some());
        assert_eq!(guardian.signing_secrets(&id()).unwrap(), [new.signing.clone(), old.signing]);
        guardian.set_generations([(id(), vec![2])]);
        assert!(guardian.integration(&new.key).is_some() && guardian.integration(&old.key).is_none());
        assert_eq!(guardian.signing_secrets(&id()).unwrap(), [new.signing]);
    }

    #[test]
    fn dev_needs_no_credentials_and_knows_the_key_dev() {
        let guardian = Guardian::dev("secret".into());
        let principal = guardian.admit(REPORT, &headers(&[(ACTOR, "people/bo")])).unwrap();
        assert_eq!((&principal.actor, principal.credential.as_str()), (&Actor::Person("bo".into()), "dev"));
        assert_eq!(guardian.integration("dev").unwrap().role, Role::Integration("dev".into()));
    }
}
