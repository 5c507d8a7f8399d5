//! What the people, services and teams of another tool are called here: by a map where one is given, else by a name made
//! of theirs. Whether the policy knows the name is not asked.

use std::collections::BTreeMap;
use std::path::Path;

use stentor_core::actor::Actor;
use stentor_core::id::{PersonId, is_policy_id};

use super::bad::{Bad, ImportError};

/// Characters of an id.
const ID_MAX: usize = 63;

/// A map from their words to ours.
#[derive(Debug, Clone, Default)]
pub(super) struct Map {
    words: BTreeMap<String, String>,
}

impl Map {
    /// Reads a map: CSV without a header, `theirs,ours` a line.
    pub(super) fn load(path: &Path) -> Result<Map, ImportError> {
        let failed = |source| ImportError::File { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(failed)?;
        Map::parse(&text).map_err(|bad| ImportError::Bad { path: path.to_owned(), bad })
    }

    pub(super) fn parse(text: &str) -> Result<Map, Bad> {
        let mut words = BTreeMap::new();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(text.as_bytes());
        for record in reader.records() {
            let record = record.map_err(|e| Bad::place("map", e.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let (Some(theirs), Some(ours), 2) = (record.get(0), record.get(1), record.len()) else {
                return Err(Bad::place(format!("line {line}"), "write THEIRS,OURS"));
            };
            if !is_policy_id(ours) {
                let why = format!("{ours:?} is no id: lower-case letters, digits and hyphens");
                return Err(Bad::column(line, "2", why));
            }
            if words.insert(theirs.to_owned(), ours.to_owned()).is_some() {
                return Err(Bad::column(line, "1", format!("{theirs:?} stands there twice")));
            }
        }
        Ok(Map { words })
    }

    pub(super) fn get(&self, theirs: &str) -> Option<&str> {
        self.words.get(theirs).map(String::as_str)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// Which of our names stand for theirs.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) people: Map,
    pub(super) services: Map,
}

impl Names {
    /// A person of theirs.
    pub(super) fn person(&self, theirs: &str) -> PersonId {
        match self.people.get(theirs) {
            Some(ours) => ours.into(),
            // Of an address the part before the @ is the name.
            None => slug(theirs.split_once('@').map_or(theirs, |(name, _)| name), "u-").into(),
        }
    }

    /// A person of theirs who acts.
    pub(super) fn actor(&self, theirs: &str) -> Actor {
        Actor::Person(self.person(theirs))
    }

    /// A service of theirs: `None` where a map is given that lacks it.
    pub(super) fn service(&self, theirs: &str) -> Option<String> {
        match self.services.get(theirs) {
            Some(ours) => Some(ours.to_owned()),
            None if self.services.is_empty() && !theirs.is_empty() => Some(slug(theirs, "s-")),
            None => None,
        }
    }
}

/// An id made of a name: lower-case, hyphens for all that is no letter or digit. `prefix` goes before one that would not
/// begin with a letter.
pub(super) fn slug(name: &str, prefix: &str) -> String {
    let mut id = String::with_capacity(name.len());
    for c in name.chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => id.push(c),
            _ if !id.is_empty() && !id.ends_with('-') => id.push('-'),
            _ => {}
        }
    }
    if !id.starts_with(|c: char| c.is_ascii_lowercase()) {
        id.insert_str(0, prefix);
    }
    id.truncate(ID_MAX);
    id.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ids() {
        for (name, id) in [
            ("Beth Anglin", "beth-anglin"),
            ("149", "u-149"),
            ("  É. Ångström (Ops) ", "ngstr-m-ops"),
            ("PD/Checkout__API", "pd-checkout-api"),
            ("", "u"),
        ] {
            assert_eq!(slug(name, "u-"), id, "{name}");
            assert!(is_policy_id(&slug(name, "u-")), "{name}");
        }
        assert!(is_policy_id(&slug(&"x-".repeat(80), "u-")));
    }

    #[test]
    fn a_map_says_where_it_is_wrong() {
        let map = Map::parse("# groups\n56, checkout\n\"a, b\",front-desk\n").unwrap();
        assert_eq!((map.get("56"), map.get("a, b")), (Some("checkout"), Some("front-desk")));
        assert_eq!(Map::parse("56\n").unwrap_err().to_string(), "line 1: write THEIRS,OURS");
        let wrong = Map::parse("1,a\n2,Not An Id\n").unwrap_err().to_string();
        assert!(wrong.starts_with("line 2, column 2: "), "{wrong}");
        assert!(Map::parse("1,a\n1,b\n").unwrap_err().to_string().contains("twice"));
    }
}
