//! Lists that are made in memory, page by page: a page begins after the key that the one before ended with.

use serde::{Deserialize, Serialize};
use stentor_engine::Engine;
use tonic::Status;

use crate::wire::page::Scope;

/// What a page is cut from.
pub(crate) struct Cut<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) method: &'a str,
    /// Every argument but size and token.
    pub(crate) arguments: &'a [&'a str],
    pub(crate) token: &'a str,
    pub(crate) size: usize,
}

/// A key that sorts later numbers first.
pub(crate) fn newest_first(number: u64) -> i64 {
    -i64::try_from(number).unwrap_or(i64::MAX)
}

impl Cut<'_> {
    /// The page that the token asks for, by key, and the token of the next one.
    pub(crate) fn page<K, T>(&self, mut items: Vec<(K, T)>) -> Result<(Vec<T>, String), Status>
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
