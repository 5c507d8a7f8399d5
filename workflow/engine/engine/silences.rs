//! What a silence would do, asked before it is made. It reads; the silence itself is a standing record.

use std::sync::Arc;

use stentor_core::instance::Instance;
use stentor_core::silence::{Matcher, compile};

use crate::error::Error;
use crate::{signals, sweep};

use super::Engine;

impl Engine {
    /// The open incidents with alerts that fire now and that matchers match, and how many of them, in the order of the
    /// incidents' references. Every open incident is read for it.
    ///
    /// # Errors
    /// `INVALID_FIELD` if the matchers are no good; what the store says.
    pub async fn alerts_matching(&self, sets: &[Vec<Matcher>]) -> Result<Vec<(Arc<Instance>, usize)>, Error> {
        let matchers = compile(sets)?;
        let (mut found, mut after) = (Vec::new(), 0);
        while let Some(page) = sweep::open_page(&self.shared, &mut after).await? {
            for state in page {
                let Some(incident) = state.incident() else { continue };
                let firing: Vec<u32> = sweep::firing(incident).map(|(n, _)| n).collect();
                let told = signals::of(&self.shared, incident, &firing).await?;
                let count = told.values().filter(|signal| matchers.matches(&signal.labels)).count();
                if count > 0 {
                    found.push((state, count));
                }
            }
        }
        Ok(found)
    }
}
