//! Resume tokens of the streams: one feed position for each partition, and the generation of the feed that they belong
//! to. Whether the feed still reaches back so far is not known here.

use std::collections::BTreeMap;

use prost::encoding::{decode_varint, encode_varint};

use super::{Invalid, seal};

/// The kind under which resume tokens are sealed.
const KIND: &str = "watch";

/// Grows when positions lose their meaning for every token that is out there.
pub const GENERATION: u64 = 1;

/// More partitions than any store has.
const PARTITIONS_MAX: u64 = 4_096;

/// How far somebody has read, by partition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor(pub BTreeMap<u16, i64>);

/// A token of another generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outdated;

impl Cursor {
    /// The position in a partition.
    pub fn position(&self, partition: u16) -> i64 {
        self.0.get(&partition).copied().unwrap_or(0)
    }

    /// Moves on; positions never go back.
    pub fn advance(&mut self, partition: u16, position: i64) {
        let at = self.0.entry(partition).or_default();
        *at = (*at).max(position);
    }

    /// As a token.
    pub fn token(&self, secret: &[u8]) -> Vec<u8> {
        let mut payload = Vec::new();
        encode_varint(GENERATION, &mut payload);
        encode_varint(self.0.len() as u64, &mut payload);
        for (partition, position) in &self.0 {
            encode_varint(u64::from(*partition), &mut payload);
            encode_varint(u64::try_from(*position).unwrap_or(0), &mut payload);
        }
        seal::seal(secret, KIND, &payload)
    }

    /// From a token that we gave out.
    pub fn parse(secret: &[u8], token: &[u8]) -> Result<Result<Cursor, Outdated>, Invalid> {
        let refused = || Invalid::new("resume_token", "is not a token of this server");
        let mut payload = seal::open(secret, KIND, token).ok_or_else(refused)?;
        let mut next = || decode_varint(&mut payload).map_err(|_| refused());
        if next()? != GENERATION {
            return Ok(Err(Outdated));
        }
        let count = next()?;
        let mut positions = BTreeMap::new();
        for _ in 0..count.min(PARTITIONS_MAX) {
            let partition = u16::try_from(next()?).map_err(|_| refused())?;
            positions.insert(partition, i64::try_from(next()?).map_err(|_| refused())?);
        }
        Ok(Ok(Cursor(positions)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_token() {
        let cursor = Cursor(BTreeMap::from([(0, 0), (1, 42), (300, i64::MAX)]));
        assert_eq!(Cursor::parse(b"s", &cursor.token(b"s")), Ok(Ok(cursor)));
    }

    #[test]
    fn a_token_that_is_not_ours_is_refused() {
        let mut token = Cursor::default().token(b"s");
        assert_eq!(Cursor::parse(b"other", &token).unwrap_err().field, "resume_token");
        *token.last_mut().unwrap() ^= 1;
        assert_eq!(Cursor::parse(b"s", &token).unwrap_err().field, "resume_token");
        assert_eq!(Cursor::parse(b"s", b"").unwrap_err().field, "resume_token");
    }

    #[test]
    fn a_token_of_another_generation_is_outdated() {
        let mut payload = Vec::new();
        encode_varint(GENERATION + 1, &mut payload);
        assert_eq!(Cursor::parse(b"s", &seal::seal(b"s", KIND, &payload)), Ok(Err(Outdated)));
    }

    #[test]
    fn a_cursor_never_goes_back() {
        let mut cursor = Cursor::default();
        cursor.advance(3, 10);
        cursor.advance(3, 9);
        assert_eq!(cursor.position(3), 10);
    }
}
