//! Standing records through the door: changed one at a time, read as a whole.

use std::sync::Arc;

use stentor_core::policy::Policy;
use stentor_core::refusal::Refusal;
use stentor_core::standing::Book;
use stentor_core::time::Timestamp;

use super::Engine;
use crate::error::Error;
use crate::standing::{StandingReply, StandingSubmission};

impl Engine {
    /// Decides a change of standing records by the newest policy and answers after its commit. On this replica it
    /// decides from then on who is paged, on the others as soon as they have read it.
    ///
    /// # Errors
    /// See [`Error`]. After [`Error::Unavailable`] the change may have happened; a repeat with the same request id finds
    /// out.
    pub async fn change_standing(&self, submission: StandingSubmission) -> Result<StandingReply, Error> {
        let shared = &self.shared;
        shared.check_failed()?;
        if shared.stopping.is_cancelled() {
            return Err(Error::Unavailable("shutting down".to_owned()));
        }
        let newest = shared.policies.newest().ok_or(Refusal::NoPolicy)?;
        let (store, clock) = (shared.store.as_ref(), shared.clock.as_ref());
        let reply = shared.standing.submit(store, clock, &newest.policy, &submission).await;
        shared.heed_silences();
        reply
    }

    /// All standing records.
    ///
    /// # Errors
    /// What the store says.
    pub async fn standing(&self) -> Result<Arc<Book>, Error> {
        if !self.shared.single_writer {
            // Another replica may have changed them a moment ago.
            self.shared.load_standing().await?;
        }
        Ok(self.shared.standing.book())
    }

    /// The policy that was the newest at an instant; None before the first one.
    ///
    /// # Errors
    /// What the store says.
    pub async fn policy_at(&self, at: Timestamp) -> Result<Option<Arc<Policy>>, Error> {
        let versions = self.policy_versions().await?;
        Ok(versions.into_iter().rev().find(|version| version.at <= at).map(|version| version.policy))
    }
}
