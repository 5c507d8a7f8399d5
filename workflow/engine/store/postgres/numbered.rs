//! Turns names of parameters into numbers, so that a statement with many of them can be read. It does not bind.

/// Replaces each `$name` by the number of the name in `names`, which is the order of binding. Panics on a name that
/// is not there, which the first test that runs the statement shows.
pub(super) fn numbered(text: &str, names: &[&str]) -> String {
    let mut sql = String::with_capacity(text.len());
    let mut parts = text.split('$');
    sql.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        let place = names.iter().position(|known| *known == name).expect("every parameter is listed");
        sql.push_str(&format!("${}{rest}", place + 1));
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_their_places() {
        let sql =
            numbered("a = $one AND b = ANY($two::text[]) OR c > $one_more", &["one", "one_more", "two"]);
        assert_eq!(sql, "a = $1 AND b = ANY($3::text[]) OR c > $2");
    }
}
