//! Where a path of a finding stands in the source text. Best effort: a path that the text does not spell gets the
//! position of its nearest ancestor, and broken text gives no positions at all.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::finding::Finding;

/// Gives each finding without a position the line and column of its path.
pub fn locate(text: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
    if findings.iter().all(|f| f.line.is_some() || f.path.is_empty()) {
        return findings;
    }
    let Ok(root) = serde_saphyr::from_str_with_options::<Node>(text, super::parse::options()) else {
        return findings;
    };
    for finding in findings.iter_mut().filter(|f| f.line.is_none() && !f.path.is_empty()) {
        // Places in lists are written `closed[0]` by some and `closed.0` by others.
        let path = finding.path.replace('[', ".").replace(']', "");
        if let Some((line, column)) = root.position(&path) {
            finding.line = u32::try_from(line).ok();
            finding.column = u32::try_from(column).ok();
        }
    }
    findings
}

/// A document as a tree in which everything knows where it stands.
enum Node {
    Map(BTreeMap<String, (Spot, Node)>),
    List(Vec<(Spot, Node)>),
    Scalar(String),
}

type Spot = (u64, u64);

impl Node {
    /// Walks the path as far as the text has it.
    fn position(&self, path: &str) -> Option<Spot> {
        let mut at = None;
        let mut node = self;
        let mut rest = path;
        while !rest.is_empty() {
            let (spot, child, taken) = node.step(rest)?.into_parts();
            at = Some(spot);
            node = child;
            rest = rest[taken..].trim_start_matches('.');
            if !rest.is_empty() && node.step(rest).is_none() {
                break;
            }
        }
        at
    }

    /// The child that the path's start names: a key (which may contain dots), an index, or an item by its `id`.
    fn step(&self, path: &str) -> Option<Step<'_>> {
        match self {
            Node::Scalar(_) => None,
            Node::Map(entries) => {
                let names = |key: &str| {
                    path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                let (key, (spot, child)) =
                    entries.iter().filter(|(key, _)| names(key)).max_by_key(|(key, _)| key.len())?;
                Some(Step(*spot, child, key.len()))
            }
            Node::List(items) => {
                let name = path.split('.').next().unwrap_or_default();
                let by_id = items.iter().find(|(_, item)| item.id() == Some(name));
                let (spot, child) = by_id.or_else(|| items.get(name.parse::<usize>().ok()?))?;
                Some(Step(*spot, child, name.len()))
            }
        }
    }

    fn id(&self) -> Option<&str> {
        match self {
            Node::Map(entries) => match entries.get("id") {
                Some((_, Node::Scalar(id))) => Some(id),
                _ => None,
            },
            _ => None,
        }
    }
}

struct Step<'a>(Spot, &'a Node, usize);

impl<'a> Step<'a> {
    fn into_parts(self) -> (Spot, &'a Node, usize) {
        (self.0, self.1, self.2)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Scalar(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(String::new()))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(String::new()))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Spanned<Node>>()? {
            items.push(((item.referenced.line(), item.referenced.column()), item.value));
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let spot = (key.referenced.line(), key.referenced.column());
            entries.insert(key.value, (spot, map.next_value()?));
        }
        Ok(Node::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::finding::FindingCode;

    #[test]
    fn paths_are_found_by_key_by_id_and_by_nearest_ancestor() {
        let text = "a: 1\npolicies:\n  shop:\n    levels:\n      - {id: one, delay: 5m}\n      - id: two\n        delay: 6m\n";
        let spot = |path: &str| {
            let found = locate(text, vec![Finding::new(FindingCode::BadValue, path, "")]).remove(0);
            (found.line, found.column)
        };
        assert_eq!(spot("a"), (Some(1), Some(1)));
        assert_eq!(spot("policies.shop"), (Some(3), Some(3)));
        assert_eq!(spot("policies.shop.levels.one").0, Some(5));
        assert_eq!(spot("policies.shop.levels.two.delay"), (Some(7), Some(9)));
        assert_eq!(spot("policies.shop.levels.1.delay"), (Some(7), Some(9)));
        assert_eq!(spot("policies.shop.levels[1].delay"), (Some(7), Some(9)));
        assert_eq!(spot("policies.shop.nothing"), (Some(3), Some(3)));
        assert_eq!(spot("nowhere"), (None, None));
    }
}
