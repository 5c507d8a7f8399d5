//! The versions of the policy, compiled once and shared. Which version an instance is decided by stands in its state.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use stentor_core::actor::Actor;
use stentor_core::policy::document::Document;
use stentor_core::policy::{Policy, canonical_json};
use stentor_core::time::Timestamp;

use crate::error::Error;
use crate::store::rows::PolicyRow;
use crate::store::{self, Store};

/// A version as it was applied.
#[derive(Debug, Clone)]
pub struct PolicyVersion {
    pub policy: Arc<Policy>,
    /// The text that was applied.
    pub source: Arc<str>,
    pub at: Timestamp,
    pub actor: String,
}

/// All versions in use.
#[derive(Debug, Default)]
pub struct Policies {
    versions: RwLock<BTreeMap<u64, PolicyVersion>>,
}

impl Policies {
    /// The newest version.
    pub fn newest(&self) -> Option<PolicyVersion> {
        self.read().last_key_value().map(|(_, v)| v.clone())
    }

    /// The newest version's policy.
    pub(crate) fn newest_policy(&self) -> Option<Arc<Policy>> {
        self.read().last_key_value().map(|(_, v)| Arc::clone(&v.policy))
    }

    /// A version by number.
    pub fn get(&self, number: u64) -> Option<PolicyVersion> {
        self.read().get(&number).cloned()
    }

    /// All versions, oldest first.
    pub fn all(&self) -> Vec<PolicyVersion> {
        self.read().values().cloned().collect()
    }

    /// Reads versions that are newer than the newest known.
    ///
    /// # Errors
    /// The store's, or [`Error::Internal`] if a stored version no longer compiles.
    pub async fn load(&self, store: &dyn Store) -> Result<(), Error> {
        let after = self.read().last_key_value().map_or(0, |(n, _)| *n as i64);
        for row in store.policies(after).await? {
            self.add(&row)?;
        }
        Ok(())
    }

    /// Adds a version after the newest one.
    ///
    /// # Errors
    /// [`stentor_core::refusal::Refusal::PolicyMoved`] if another version came first or `expected` is not the newest.
    pub async fn apply(
        &self,
        store: &dyn Store,
        actor: &Actor,
        document: Document,
        source: String,
        expected: Option<u64>,
        now: Timestamp,
    ) -> Result<u64, Error> {
        self.load(store).await?;
        let newest = self.newest();
        let current = newest.as_ref().map_or(0, |v| v.policy.number());
        if expected.is_some_and(|e| e != current) {
            return Err(stentor_core::refusal::Refusal::PolicyMoved { current }.into());
        }
        let text = canonical_json(&document);
        let policy = Policy::compile(document, current + 1).map_err(|findings| {
            Error::Internal(format!("the policy has {} errors that were not found before", findings.len()))
        })?;
        if newest.is_some_and(|v| v.policy.hash() == policy.hash()) {
            return Ok(current);
        }
        let row = PolicyRow {
            number: current as i64 + 1,
            hash: policy.hash().to_owned(),
            at: now.0,
            actor: actor.to_string(),
            document: text,
            source,
        };
        match store.add_policy(row.clone()).await {
            Ok(()) => {}
            Err(store::Error::Conflict(_)) => {
                self.load(store).await?;
                let current = self.newest().map_or(0, |v| v.policy.number());
                return Err(stentor_core::refusal::Refusal::PolicyMoved { current }.into());
            }
            Err(e) => return Err(e.into()),
        }
        self.add(&row)?;
        Ok(current + 1)
    }

    fn add(&self, row: &PolicyRow) -> Result<(), Error> {
        let broken = |text: String| Error::Internal(format!("policy {}: {text}", row.number));
        let document: Document = serde_json::from_str(&row.document).map_err(|e| broken(e.to_string()))?;
        let policy = Policy::compile(document, row.number as u64)
            .map_err(|f| broken(f.first().map(|f| f.message.clone()).unwrap_or_default()))?;
        let version = PolicyVersion {
            policy: Arc::new(policy),
            source: row.source.clone().into(),
            at: Timestamp(row.at),
            actor: row.actor.clone(),
        };
        self.versions.write().unwrap_or_else(PoisonError::into_inner).insert(row.number as u64, version);
        Ok(())
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<u64, PolicyVersion>> {
        self.versions.read().unwrap_or_else(PoisonError::into_inner)
    }
}
