//! Makes ids: time-ordered, with the slot of their partition at the end. Random by design, so not in core.

use sha2::{Digest, Sha256};
use stentor_core::id::InstanceId;

use crate::slot::{self, SLOTS};

/// A new incident's id, in the slot of its service (or of whatever else decides where it belongs).
pub fn incident(place: &str) -> InstanceId {
    let time_ordered = uuid::Uuid::now_v7().simple().to_string();
    let slot = slot_for(place);
    InstanceId(format!("inc-{}{slot:03x}", &time_ordered[..29]))
}

/// The partition of the incidents of a place, without making an id.
pub(crate) fn partition_for(place: &str, partitions: u16) -> u16 {
    // Nothing is hashed where there is no choice.
    if partitions <= 1 { 0 } else { slot::partition(slot_for(place), partitions) }
}

/// The slot that a name hashes to.
fn slot_for(place: &str) -> u16 {
    let digest = Sha256::digest(place.as_bytes());
    u16::from_be_bytes([digest[0], digest[1]]) % SLOTS
}

/// A new command's id.
pub fn command() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::slot_of;

    #[test]
    fn ids_of_one_place_share_a_slot_and_sort_by_time() {
        let ids: Vec<InstanceId> = (0..100).map(|_| incident("checkout")).collect();
        assert!(ids.windows(2).all(|w| w[0].0[..16] <= w[1].0[..16]));
        assert!(ids.iter().all(|id| slot_of(id.as_str()) == slot_of(ids[0].as_str())));
        assert_ne!(ids[0], ids[1]);
    }
}
