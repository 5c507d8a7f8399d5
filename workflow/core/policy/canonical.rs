//! One text for one content: JSON with sorted keys and no spaces, and its SHA-256. Two documents with the same canonical
//! text are the same policy, whatever they looked like when written.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::document::Document;

/// The canonical text of a document.
pub fn canonical_json(document: &Document) -> String {
    let value = serde_json::to_value(document).expect("a document has only text keys and finite numbers");
    let mut text = String::new();
    write(&value, &mut text);
    text
}

/// SHA-256 of the canonical text, in lower-case hexadecimal digits.
pub fn content_hash(document: &Document) -> String {
    hex::encode(Sha256::digest(canonical_json(document).as_bytes()))
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            // Sorted here, because whether the map is sorted by itself depends on features of other crates.
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            text.push('{');
            for (n, (key, value)) in entries.into_iter().enumerate() {
                if n > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::super::samples;
    use super::*;

    #[test]
    fn the_hash_is_of_the_content_and_not_of_its_spelling() {
        let document = samples::acme();
        let json = parse(&canonical_json(&document)).unwrap();
        assert_eq!(content_hash(&document), content_hash(&json));
        assert_eq!(content_hash(&document).len(), 64);
        let mut other = document.clone();
        other.organisation.name.push('!');
        assert_ne!(content_hash(&document), content_hash(&other));
    }

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let mut text = String::new();
        write(&serde_json::json!({"b": [{"z": 1, "a": "x\"y"}], "a": null}), &mut text);
        assert_eq!(text, r#"{"a":null,"b":[{"a":"x\"y","z":1}]}"#);
    }
}
