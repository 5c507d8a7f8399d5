//! Lists that are made in memory, page by page: a page begins after the key that the one before ended with.

use serde::{Deserialize, Serialize};
use stentor_engine::Engine;
use tonic::Status;

use crate::wire::page::Scope;

/// What a page is cut from.
pub(super) struct Cut<'a> {
    pub(super) engine: &'a Engine,
    pub(super) method: &'a str,
    /// Every argument but size and token.
    pub(super) arguments: &'a [&'a str],
    pub(super) token: &'a str,
    pub(super) size: usize,
}

impl Cut<'_> {
    /// The page that the token asks for, by key, and the token of the next one.
    pub(super) fn page<K, T>(&self, mut items: Vec<(K, T)>) -> Result<(Vec<T>, String), Status>
    where
        K: Ord + Serialize + for<'de> Deserialize<'de>,
    {
        let scope = Scope { secret: self.engine.secret(), method: self.method, arguments: self.arguments };
        if let Some(after) = scope.position::<K>(self.token)? {
            items.retain(|(key, _)| *key > after);
        }
        items.sort_by(|a, b| a.0.cmp(&b.0));
        let more = items.len() > self.size;
        items.truncate(self.size);
        let next = items.last().filter(|_| more).map(|(key, _)| scope.token(key)).unwrap_or_default();
        Ok((items.into_iter().map(|(_, item)| item).collect(), next))
    }
}
