//! Words that must not stand in the repository. Each is spelt here in two parts, so that this file may stand in it.

use crate::source::source;
use crate::tree;

const ANYWHERE: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
];

const IN_CODE: &[&str] = &[
    concat!("#[al", "low("),
    concat!("#![al", "low("),
    concat!("to", "do!("),
    concat!("unimpl", "emented!("),
];

#[test]
fn nothing_is_put_off_and_no_machine_is_named() {
    let mut found = Vec::new();
    for path in tree::files().iter().filter(|path| *path != "LICENSE") {
        for (at, line) in tree::read(path).lines().enumerate() {
            let words = ANYWHERE.iter().filter(|word| has(line, word));
            found.extend(words.map(|word| format!("{path}:{}: {word}", at + 1)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A folder counts only at the beginning of a path.
fn has(line: &str, word: &str) -> bool {
    let before = |c: char| c.is_alphanumeric() || "._-*}/".contains(c);
    line.match_indices(word)
        .any(|(at, _)| !word.starts_with('/') || !line[..at].chars().next_back().is_some_and(before))
}

#[test]
fn lints_are_answered_with_reasons() {
    let mut found = Vec::new();
    for path in tree::ending(".rs") {
        for (at, line) in source(&tree::read(path)).code.lines().enumerate() {
            let words = IN_CODE.iter().filter(|word| line.contains(*word));
            found.extend(words.map(|word| format!("{path}:{}: {word}", at + 1)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<_> = tree::ending(".rs").filter(|path| !tree::read(path).starts_with("//! ")).collect();
    assert!(silent.is_empty(), "{silent:#?}");
}
