//! Which crate may depend on which, as the manifests say. The compiler enforces what a manifest allows; this holds the
//! manifests.

use std::collections::BTreeSet;

use crate::tree;

/// What the core may rest on. Each name here is one more thing that could make a decision depend on its surroundings,
/// so a new one needs a reason in the root manifest and a line here.
const CORE: &[&str] = &[
    "cel",
    "hex",
    "jiff",
    "regex",
    "schemars",
    "serde",
    "serde-saphyr",
    "serde_json",
    "sha2",
    "thiserror",
    "unicode-normalization",
];

/// Crates with the crates of this workspace that they may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("proto", &[]),
    ("workflow/core", &[]),
    ("workflow/engine", &["stentor-core"]),
    ("services", &["stentor-core", "stentor-engine", "stentor-proto"]),
    ("tests", &["stentor", "stentor-core", "stentor-engine", "stentor-proto"]),
];

/// The dependencies in the sections of a manifest whose names satisfy a condition.
fn dependencies(folder: &str, section: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut inside = false;
    let mut found = BTreeSet::new();
    for line in tree::read(&format!("{folder}/Cargo.toml")).lines() {
        if let Some(name) = line.strip_prefix('[') {
            inside = section(name.trim_end_matches(']'));
        } else if inside && line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let end = line.find(['.', ' ', '=']).unwrap_or(line.len());
            found.insert(line[..end].to_owned());
        }
    }
    found
}

#[test]
fn crates_name_only_crates_below_them() {
    for (folder, allowed) in ARROWS {
        let named = dependencies(folder, |section| section.ends_with("dependencies"));
        let ours: BTreeSet<_> = named.iter().filter(|name| name.starts_with("stentor")).collect();
        let allowed: BTreeSet<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        assert!(ours.iter().all(|name| allowed.contains(*name)), "{folder} depends on {ours:?}");
    }
}

#[test]
fn every_member_of_the_workspace_has_its_arrows_here() {
    let manifests = tree::files().iter().filter_map(|path| path.strip_suffix("/Cargo.toml"));
    let known: BTreeSet<&str> = ARROWS.iter().map(|(folder, _)| *folder).collect();
    assert_eq!(manifests.collect::<BTreeSet<_>>(), known);
}

#[test]
fn core_rests_on_nothing_but_what_is_listed() {
    let named = dependencies("workflow/core", |section| section == "dependencies");
    let listed: BTreeSet<String> = CORE.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(named, listed);
}
