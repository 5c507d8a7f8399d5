//! Which partition an instance belongs to, read from its id alone. It does not choose the slot of a new instance.

/// Number of slots that an id can carry: 12 bits, its last three hex digits.
pub const SLOTS: u16 = 4096;

/// The slot in an id: its last three hex digits. An id without them is in slot 0.
pub fn slot_of(id: &str) -> u16 {
    let digits = id.len().checked_sub(3).and_then(|at| id.get(at..)).unwrap_or("");
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return 0;
    }
    u16::from_str_radix(digits, 16).unwrap_or(0)
}

/// The partition of an instance among `partitions`, which is a power of two up to [`SLOTS`].
pub fn partition_of(id: &str, partitions: u16) -> u16 {
    partition(slot_of(id), partitions)
}

/// The partition of a slot.
pub(crate) fn partition(slot: u16, partitions: u16) -> u16 {
    slot % partitions.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_hex_digits_name_the_slot() {
        assert_eq!(slot_of("inc_0190a5c3e8f07b1fa2"), 0xfa2);
        assert_eq!(slot_of("FFF"), 4095);
    }

    #[test]
    fn an_id_without_a_slot_is_in_slot_zero() {
        for id in ["", "1f", "incident", "x+1f", "a\u{e9}1"] {
            assert_eq!(slot_of(id), 0, "{id}");
        }
    }

    #[test]
    fn more_partitions_split_partitions_without_mixing_them() {
        for slot in 0..SLOTS {
            let id = format!("inc_{slot:03x}");
            assert_eq!(partition_of(&id, 8) % 4, partition_of(&id, 4));
            assert_eq!(partition_of(&id, 1), 0);
        }
    }
}
