//! Keys that a document would make valid again. It compares two documents and derives no key.

use crate::policy::document::Document;
use crate::policy::finding::{Finding, FindingCode};

/// Integrations whose key would be an older one than it is. Keys are changed because somebody learned them, so going
/// back to an earlier document must not bring them back unseen.
pub fn revived_keys(current: &Document, next: &Document) -> Vec<Finding> {
    let older = next.integrations.iter().filter_map(|(id, entry)| {
        let (now, then) = (current.integrations.get(id)?.generation(), entry.generation());
        let message =
            || format!("its key is of generation {now}, and the older one of {then} would be valid again");
        (then < now).then(|| Finding::new(FindingCode::KeyRevived, format!("integrations.{id}"), message()))
    });
    older.collect()
}

#[cfg(test)]
mod tests {
    use crate::policy::document::IntegrationKey;
    use crate::policy::{SAMPLE, parse};

    use super::*;

    #[test]
    fn going_back_to_an_older_key_is_a_finding_and_going_on_is_none() {
        let old = parse(SAMPLE).unwrap();
        let mut new = old.clone();
        new.integrations.get_mut("prom").unwrap().key =
            Some(IntegrationKey { generation: 2, old_until: None });
        assert_eq!(revived_keys(&old, &new), []);
        let found = revived_keys(&new, &old);
        assert_eq!((found[0].code, found[0].path.as_str()), (FindingCode::KeyRevived, "integrations.prom"));
    }
}
