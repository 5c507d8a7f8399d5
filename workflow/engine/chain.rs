//! The digest that chains an instance's history: each transition's covers the one before. It proves that nothing was
//! altered or left out since; it does not prove who wrote it.

use sha2::{Digest, Sha256};

/// What a transition's digest covers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link<'a> {
    pub(crate) version: i64,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
    pub(crate) actor: &'a str,
    pub(crate) cause: &'a str,
    /// The events, JSON.
    pub(crate) data: &'a str,
}

/// The digest after a transition, hex.
pub(crate) fn after(before: &str, link: &Link<'_>) -> String {
    let digest = Sha256::new()
        .chain_update(before)
        .chain_update(link.version.to_be_bytes())
        .chain_update(link.at.to_be_bytes())
        .chain_update(link.actor)
        .chain_update([0])
        .chain_update(link.cause)
        .chain_update([0])
        .chain_update(link.data)
        .finalize();
    hex::encode(&digest[..16])
}
