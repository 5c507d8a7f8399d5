//! Links by which a person who was paged answers without logging in: whoever has one may do one thing, once, for a day, as
//! long as the page is wanted. Whether it still is, and what follows, is decided elsewhere.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::encoding::{decode_varint, encode_varint};
use sha2::{Digest, Sha256};
use stentor_core::id::{InstanceId, PersonId};
use stentor_core::time::{Duration, Timestamp};

use super::seal;

/// The kind under which links are sealed.
const KIND: &str = "link";

/// How long a link works after its message was rendered.
const VALID: Duration = Duration::hours(24);

/// Below the public address.
const FOLDER: &str = "act";

/// Longer texts are no token of ours.
const TOKEN_CHARS_MAX: usize = 512;

/// How the engine's ids begin; the rest is sixteen bytes in hexadecimal digits.
const ID_PREFIX: &str = "inc-";

/// What a link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Acknowledge,
    Escalate,
}

impl Action {
    fn number(self) -> u64 {
        match self {
            Action::Acknowledge => 1,
            Action::Escalate => 2,
        }
    }

    fn from_number(number: u64) -> Option<Action> {
        [Action::Acknowledge, Action::Escalate].into_iter().find(|action| action.number() == number)
    }
}

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub incident: InstanceId,
    /// Who was paged, and acts.
    pub person: PersonId,
    pub action: Action,
    /// The incident's epoch: with it the page ends, and the link.
    pub epoch: u32,
    /// The level that escalation had reached.
    pub level: u32,
    /// Not from this instant on.
    pub until: Timestamp,
}

/// Why a token does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It is not one of ours.
    Unknown,
    Expired,
}

impl Link {
    /// The end of links that are rendered now; whole seconds are kept.
    pub fn end(now: Timestamp) -> Timestamp {
        (now + VALID).whole_second()
    }

    /// As it stands in an address.
    pub fn token(&self, secret: &[u8]) -> String {
        let mut payload = self.meaning();
        encode_varint(u64::try_from(self.until.0 / 1000).unwrap_or(0), &mut payload);
        URL_SAFE_NO_PAD.encode(seal::seal(secret, KIND, &payload))
    }

    /// From a token, compared in constant time.
    ///
    /// # Errors
    /// Why it does nothing.
    pub fn open(secret: &[u8], token: &str, now: Timestamp) -> Result<Link, Unusable> {
        if token.len() > TOKEN_CHARS_MAX {
            return Err(Unusable::Unknown);
        }
        let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|_| Unusable::Unknown)?;
        let payload = seal::open(secret, KIND, &sealed).ok_or(Unusable::Unknown)?;
        let link = read(payload).ok_or(Unusable::Unknown)?;
        if now < link.until { Ok(link) } else { Err(Unusable::Expired) }
    }

    /// Names what it does: links of several messages that do the same have one name, so that it is done once.
    pub fn request_id(&self) -> String {
        let digest = Sha256::digest(self.meaning());
        uuid::Builder::from_custom_bytes(std::array::from_fn(|i| digest[i])).into_uuid().to_string()
    }

    /// Everything but the end.
    fn meaning(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode_varint(self.action.number(), &mut bytes);
        encode_varint(self.epoch.into(), &mut bytes);
        encode_varint(self.level.into(), &mut bytes);
        match packed(self.incident.as_str()) {
            Some(id) => {
                encode_varint(0, &mut bytes);
                bytes.extend_from_slice(&id);
            }
            None => put(self.incident.as_str(), &mut bytes),
        }
        put(self.person.as_str(), &mut bytes);
        bytes
    }
}

/// The id as sixteen bytes, if it is one of the engine's.
fn packed(id: &str) -> Option<[u8; 16]> {
    let digits = id.strip_prefix(ID_PREFIX)?;
    let bytes: [u8; 16] = hex::decode(digits).ok()?.try_into().ok()?;
    (hex::encode(bytes) == digits).then_some(bytes)
}

fn put(text: &str, bytes: &mut Vec<u8>) {
    encode_varint(text.len() as u64, bytes);
    bytes.extend_from_slice(text.as_bytes());
}

fn read(mut payload: &[u8]) -> Option<Link> {
    let action = Action::from_number(number(&mut payload)?)?;
    let epoch = u32::try_from(number(&mut payload)?).ok()?;
    let level = u32::try_from(number(&mut payload)?).ok()?;
    let incident = match number(&mut payload)? {
        0 => format!("{ID_PREFIX}{}", hex::encode(take(&mut payload, 16)?)),
        length => text(&mut payload, length)?,
    };
    let length = number(&mut payload)?;
    let person = text(&mut payload, length)?;
    let seconds = i64::try_from(number(&mut payload)?).ok()?;
    let until = Timestamp(seconds.checked_mul(1000)?);
    let link = Link { incident: incident.into(), person: person.into(), action, epoch, level, until };
    payload.is_empty().then_some(link)
}

fn number(payload: &mut &[u8]) -> Option<u64> {
    decode_varint(payload).ok()
}

fn take<'a>(payload: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (taken, rest) = payload.split_at_checked(usize::try_from(length).ok()?)?;
    *payload = rest;
    Some(taken)
}

fn text(payload: &mut &[u8], length: u64) -> Option<String> {
    String::from_utf8(take(payload, length)?.to_vec()).ok()
}

/// Where people reach this deployment: what links begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

/// An address that links cannot begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write an address such as https://stentor.example.com, without a user, a query or a fragment")]
pub struct BadUrl;

impl FromStr for PublicUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<PublicUrl, BadUrl> {
        let url: reqwest::Url = text.parse().map_err(|_| BadUrl)?;
        let web = matches!(url.scheme(), "https" | "http") && url.has_host();
        let plain = url.username().is_empty() && url.password().is_none();
        if !web || !plain || url.query().is_some() || url.fragment().is_some() {
            return Err(BadUrl);
        }
        Ok(PublicUrl(url.as_str().trim_end_matches('/').to_owned()))
    }
}

impl PublicUrl {
    /// Whether links would travel in the clear, beyond this machine.
    pub fn is_in_the_clear(&self) -> bool {
        let near = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        self.0.starts_with("http://") && !near.iter().any(|start| self.0.starts_with(start))
    }

    /// The address of a link.
    pub fn link(&self, token: &str) -> String {
        format!("{self}/{FOLDER}/{token}")
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_780_480_800_123);

    fn link(id: &str) -> Link {
        let (incident, person) = (id.into(), "ana".into());
        Link { incident, person, action: Action::Escalate, epoch: 3, level: 300, until: Link::end(NOW) }
    }

    #[test]
    fn a_link_survives_its_token_whatever_the_form_of_its_id() {
        for id in ["inc-0190a5c3e8f07b1fa2aabbccddeeff01", "i-1", "inc-0190A5C3E8F07B1FA2AABBCCDDEEFF01"] {
            let token = link(id).token(b"s");
            assert_eq!(Link::open(b"s", &token, NOW), Ok(link(id)), "{id}");
            assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{token}");
        }
        let token = link("inc-0190a5c3e8f07b1fa2aabbccddeeff01").token(b"s");
        assert!(token.len() <= 64, "{} characters go into a text message", token.len());
    }

    #[test]
    fn a_changed_character_anywhere_is_unknown() {
        let token = link("i-1").token(b"s");
        for i in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[i] = if changed[i] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(Link::open(b"s", &changed, NOW), Err(Unusable::Unknown), "character {i}");
        }
        for other in ["", "act", &token[1..], &format!("{token}="), &format!("{token}AA"), &"A".repeat(600)] {
            assert_eq!(Link::open(b"s", other, NOW), Err(Unusable::Unknown), "{other}");
        }
    }

    #[test]
    fn another_secret_or_another_kind_of_seal_is_unknown() {
        let token = link("i-1").token(b"s");
        assert_eq!(Link::open(b"other", &token, NOW), Err(Unusable::Unknown));
        let mut payload = link("i-1").meaning();
        encode_varint(u64::MAX >> 20, &mut payload);
        let page = URL_SAFE_NO_PAD.encode(seal::seal(b"s", "page", &payload));
        assert_eq!(Link::open(b"s", &page, NOW), Err(Unusable::Unknown));
    }

    #[test]
    fn a_link_works_for_a_day_and_not_a_second_longer() {
        let token = link("i-1").token(b"s");
        let end = Link::end(NOW);
        assert_eq!(end, Timestamp(1_780_480_800_000 + 24 * 3_600_000));
        assert!(Link::open(b"s", &token, Timestamp(end.0 - 1)).is_ok());
        assert_eq!(Link::open(b"s", &token, end), Err(Unusable::Expired));
    }

    #[test]
    fn what_does_the_same_has_one_name_and_everything_else_another() {
        let one = link("i-1");
        let later = Link { until: Timestamp(one.until.0 + 60_000), ..one.clone() };
        assert_eq!(one.request_id(), later.request_id());
        assert_eq!(one.request_id().len(), 36);
        let others = [
            Link { action: Action::Acknowledge, ..one.clone() },
            Link { epoch: 4, ..one.clone() },
            Link { level: 1, ..one.clone() },
            Link { person: "bo".into(), ..one.clone() },
            link("i-2"),
        ];
        for other in others {
            assert_ne!(one.request_id(), other.request_id(), "{other:?}");
        }
    }

    #[test]
    fn a_public_address_may_have_a_path_and_nothing_after_it() {
        let link = |text: &str| text.parse::<PublicUrl>().map(|url| url.link("T"));
        let clear = |text: &str| text.parse::<PublicUrl>().is_ok_and(|url| url.is_in_the_clear());
        assert!(clear("http://a.example") && !clear("https://a.example") && !clear("http://localhost:7117"));
        assert_eq!(link("https://a.example"), Ok("https://a.example/act/T".to_owned()));
        assert_eq!(
            link("http://10.0.0.1:7117/stentor/"),
            Ok("http://10.0.0.1:7117/stentor/act/T".to_owned())
        );
        for bad in [
            "",
            "a.example",
            "ftp://a.example",
            "https://a:b@c.example",
            "https://a.example/?x",
            "mailto:a@b",
        ] {
            assert_eq!(link(bad), Err(BadUrl), "{bad}");
        }
    }
}
