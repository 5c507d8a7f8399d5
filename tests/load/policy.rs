//! The policy of a run: the file beside this one, with as many responders as were asked for.

use std::fmt::Write;

/// The document as YAML.
pub(crate) fn text(responders: usize) -> String {
    let mut text = include_str!("policy.yaml").to_owned();
    let names = (0..responders).map(|n| format!("p{n}"));
    text.push_str("people:\n");
    let desk = ["ana", "bo"].map(|name| (name.to_owned(), "voice"));
    for (name, by) in desk.into_iter().chain(names.clone().map(|name| (name, "push"))) {
        writeln!(
            text,
            "  {name}: {{name: '{name}', contacts: {{{by}: '{name}'}}, urgent: [{by}@0s], normal: [{by}@0s]}}"
        )
        .expect("a string takes everything");
    }
    let members = names.collect::<Vec<_>>().join(", ");
    write!(
        text,
        "teams:\n  desk: {{lead: ana, members: [ana, bo]}}\n  pagers: {{lead: ana, members: [{members}]}}\n"
    )
    .expect("a string takes everything");
    text
}

#[cfg(test)]
mod tests {
    use stentor_core::policy;

    #[test]
    fn the_policy_is_accepted() {
        let document = policy::parse(&super::text(3)).unwrap();
        let findings = policy::Policy::compile(document, 1).err().unwrap_or_default();
        assert!(findings.is_empty(), "{findings:?}");
    }
}
