//! Page tokens: where a page ended, bound to the arguments that it was made for. They carry no right to see anything.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stentor_engine::store::rows::{Column, ListingRow, Value};

use super::Invalid;
use super::seal;

/// The kind under which page tokens are sealed.
const KIND: &str = "page";

/// What a token is bound to: the method and every argument but size and token.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    pub secret: &'a [u8],
    pub method: &'a str,
    pub arguments: &'a [&'a str],
}

/// Where the page before ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark<T> {
    /// Hash of the scope.
    s: String,
    /// Position.
    p: T,
}

impl Scope<'_> {
    /// A token for the page after this position.
    pub fn token<T: Serialize>(&self, position: T) -> String {
        let mark = Mark { s: self.hash(), p: position };
        let payload = serde_json::to_vec(&mark).expect("positions are plain data");
        URL_SAFE_NO_PAD.encode(seal::seal(self.secret, KIND, &payload))
    }

    /// The position in a token; nothing for the first page.
    pub fn position<T: for<'de> Deserialize<'de>>(&self, token: &str) -> Result<Option<T>, Invalid> {
        if token.is_empty() {
            return Ok(None);
        }
        let refused = || Invalid::new("page_token", "is not a token of this list");
        let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|_| refused())?;
        let payload = seal::open(self.secret, KIND, &sealed).ok_or_else(refused)?;
        let mark: Mark<T> = serde_json::from_slice(payload).map_err(|_| refused())?;
        if mark.s == self.hash() {
            Ok(Some(mark.p))
        } else {
            Err(Invalid::new("page_token", "was made for other arguments"))
        }
    }

    fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for part in std::iter::once(&self.method).chain(self.arguments) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hex::encode(&hash.finalize()[..12])
    }
}

/// A position in a list: the values of its sort keys, then the id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    keys: Vec<Key>,
    id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Bool(bool),
    Int(i64),
    Text(String),
}

impl Position {
    /// The position of a row under an order.
    pub fn of(row: &ListingRow, order: &[(Column, bool)]) -> Position {
        let keys = order.iter().map(|(column, descending)| key(row, *column, *descending)).collect();
        Position { keys, id: row.id.clone() }
    }

    /// As the store wants it.
    pub fn after(self) -> (Vec<Value>, String) {
        let value = |key| match key {
            Key::Bool(b) => Value::Bool(b),
            Key::Int(n) => Value::Int(n),
            Key::Text(text) => Value::Text(text),
        };
        (self.keys.into_iter().map(value).collect(), self.id)
    }
}

/// The value that the store sorts by. Absent instants sort last in either direction.
fn key(row: &ListingRow, column: Column, descending: bool) -> Key {
    let absent = if descending { -i64::MAX } else { i64::MAX };
    match column {
        Column::Id => Key::Text(row.id.clone()),
        Column::Number => Key::Int(row.number),
        Column::Phase => Key::Text(row.phase.clone()),
        Column::Priority => Key::Int(row.priority.into()),
        Column::Service => Key::Text(row.service.clone()),
        Column::Team => Key::Text(row.team.clone()),
        Column::Assignee => Key::Text(row.assignee.clone()),
        Column::Acknowledged => Key::Bool(row.acknowledged),
        Column::Suppressed => Key::Bool(row.suppressed),
        Column::OnHold => Key::Bool(row.on_hold),
        Column::Exhausted => Key::Bool(row.exhausted),
        Column::Level => Key::Int(row.level.into()),
        Column::SlaState => Key::Text(row.sla_state.clone()),
        Column::NextDueAt => Key::Int(row.next_due_at.unwrap_or(absent)),
        Column::QueueRank => Key::Int(row.queue_rank.into()),
        Column::QueueAt => Key::Int(row.queue_at),
        Column::CreatedAt => Key::Int(row.created_at),
        Column::UpdatedAt => Key::Int(row.updated_at),
        Column::Exercise => Key::Bool(row.exercise),
        Column::Subject => Key::Text(row.subject.clone()),
        Column::Category => Key::Text(row.category.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope<'a>(method: &'a str, arguments: &'a [&'a str]) -> Scope<'a> {
        Scope { secret: b"secret", method, arguments }
    }

    #[test]
    fn a_token_gives_its_position_back() {
        let row = ListingRow { id: "a".to_owned(), priority: 2, created_at: 7, ..ListingRow::default() };
        let order = [(Column::Priority, false), (Column::NextDueAt, true), (Column::CreatedAt, true)];
        let list = scope("ListIncidents", &["priority=P1"]);
        let position: Option<Position> = list.position(&list.token(Position::of(&row, &order))).unwrap();
        let values = vec![Value::Int(2), Value::Int(-i64::MAX), Value::Int(7)];
        assert_eq!(position.unwrap().after(), (values, "a".to_owned()));
    }

    #[test]
    fn no_token_is_the_first_page() {
        assert_eq!(scope("ListIncidents", &[]).position::<u64>(""), Ok(None));
    }

    #[test]
    fn a_token_of_other_arguments_is_refused() {
        let token = scope("ListIncidents", &["a", "b"]).token(1);
        for other in [scope("ListIncidents", &["ab", ""]), scope("ListReviews", &["a", "b"])] {
            assert_eq!(other.position::<u64>(&token).unwrap_err().problem, "was made for other arguments");
        }
    }

    #[test]
    fn a_token_that_was_tampered_with_is_refused() {
        let list = scope("ListIncidents", &[]);
        let token = list.token(1);
        let mut changed = token.clone().into_bytes();
        changed[30] = if changed[30] == b'A' { b'B' } else { b'A' };
        for bad in
            [String::from_utf8(changed).unwrap(), token[..20].to_owned(), "§".to_owned(), "x".to_owned()]
        {
            assert_eq!(list.position::<u64>(&bad).unwrap_err().field, "page_token", "{bad}");
        }
    }
}
