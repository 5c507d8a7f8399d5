//! How long files and functions may be. It counts lines; whether a split follows the idea is for readers to judge.

use crate::source::{source, without_tests};
use crate::tree;

const MEDIAN_MAX: usize = 150;
const PERCENTILE_95_MAX: usize = 400;
const FILE_MAX: usize = 500;
const FUNCTION_MAX: usize = 70;
const README_MAX: usize = 150;

fn lengths() -> Vec<(usize, &'static str)> {
    let sources = tree::ending(".rs").chain(tree::ending(".proto"));
    let mut lengths: Vec<_> = sources.map(|path| (tree::read(path).lines().count(), path.as_str())).collect();
    lengths.sort_unstable();
    lengths
}

#[test]
fn files_are_short() {
    let lengths = lengths();
    let (median, _) = lengths[lengths.len() / 2];
    let (percentile, at) = lengths[lengths.len() * 95 / 100];
    let long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > FILE_MAX).collect();
    assert!(long.is_empty(), "over {FILE_MAX} lines: {long:?}");
    assert!(median <= MEDIAN_MAX, "the median is {median} lines");
    assert!(percentile <= PERCENTILE_95_MAX, "the 95th percentile is {percentile} lines ({at})");
}

#[test]
fn the_readme_is_short() {
    let lines = tree::read("README.md").lines().count();
    assert!((1..=README_MAX).contains(&lines), "README.md has {lines} lines");
}

#[test]
fn functions_fit_on_a_screen() {
    let mut long = Vec::new();
    for path in tree::ending(".rs") {
        let code = source(&tree::read(path)).code;
        for (line, lines) in functions(&code) {
            if lines > FUNCTION_MAX {
                long.push(format!("{path}:{line} has {lines} lines"));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn modules_that_list_others_hold_no_code() {
    let full: Vec<_> = tree::ending("/lib.rs")
        .filter(|path| functions(&source(without_tests(&tree::read(path))).code).next().is_some())
        .collect();
    assert!(full.is_empty(), "{full:?}");
}

/// Each function with a body: the line it begins on, and how many it has.
fn functions(code: &str) -> impl Iterator<Item = (usize, usize)> {
    let lines: Vec<String> = code.lines().map(str::to_owned).collect();
    (0..lines.len()).filter_map(move |at| {
        let line = lines[at].trim_start();
        let word = line.split([' ', '(']).find(|w| !is_qualifier(w))?;
        (word == "fn").then(|| length(&lines[at..]))?.map(|lines| (at + 1, lines))
    })
}

fn is_qualifier(word: &str) -> bool {
    word.starts_with("pub")
        || word.ends_with(')')
        || matches!(word, "async" | "const" | "unsafe" | "extern" | "crate)" | "super)" | "in")
}

/// The number of lines up to the brace that closes the first one; `None` for a declaration without a body.
fn length(lines: &[String]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, line) in lines.iter().enumerate() {
        for c in line.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 1 => return Some(at + 1),
                '}' => depth = depth.checked_sub(1)?,
                ';' if depth == 0 => return None,
                _ => {}
            }
        }
    }
    None
}

#[test]
fn functions_are_measured_from_their_first_line_to_their_last() {
    let code =
        "pub(crate) async fn a(\n  x: u8,\n) {\n  if x > 1 { }\n}\nfn b();\nfn c() { }\nlet fnord = 1;";
    assert_eq!(functions(code).collect::<Vec<_>>(), [(1, 5), (7, 1)]);
}
