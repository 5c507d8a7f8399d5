//! Prose that names files: the map in the README is the tree, and what any page names is there. Whether a page says
//! the truth about what it names is for readers to judge.

use std::collections::BTreeSet;

use crate::tree;

/// Folders whose direct contents the map lists completely.
const COMPLETE: &[&str] = &["", "workflow/core/", "workflow/engine/", "services/"];

/// Files that the map may leave out: manifests, and what every crate has.
fn is_plain(name: &str) -> bool {
    name.starts_with('.') || ["Cargo.toml", "Cargo.lock", "clippy.toml", "lib.rs", "build.rs"].contains(&name)
}

/// The paths in the README's map. A line begins with names, two spaces end them, and its indentation says in which
/// folder they lie.
fn map() -> Vec<String> {
    let readme = tree::read("README.md");
    let section = readme.split("\n## ").find(|s| s.starts_with("Map\n")).expect("the README has a map");
    let block = section.split("```").nth(1).expect("the map is a block");
    let mut folders: Vec<(usize, String)> = Vec::new();
    let mut paths = Vec::new();
    for line in block.lines().skip(1).filter(|line| !line.trim().is_empty()) {
        let depth = line.len() - line.trim_start().len();
        folders.retain(|(at, _)| *at < depth);
        let parent = folders.last().map_or(String::new(), |(_, path)| path.clone());
        let names = line.trim_start().split("  ").next().unwrap_or_default();
        for name in names.split(' ') {
            paths.push(format!("{parent}{name}"));
        }
        if names.ends_with('/') {
            folders.push((depth, paths.last().cloned().unwrap_or_default()));
        }
    }
    assert!(paths.len() > 20, "the map has only {} paths", paths.len());
    paths
}

#[test]
fn what_the_map_names_exists() {
    let absent: Vec<_> = map().into_iter().filter(|path| !tree::exists(path)).collect();
    assert!(absent.is_empty(), "{absent:#?}");
}

#[test]
fn the_map_leaves_nothing_out() {
    let named: BTreeSet<String> = map().into_iter().collect();
    let mut missing = BTreeSet::new();
    for folder in COMPLETE {
        for rest in tree::files().iter().filter_map(|path| path.strip_prefix(folder)) {
            let (name, is_folder) = rest.split_once('/').map_or((rest, false), |(name, _)| (name, true));
            let path = format!("{folder}{name}{}", if is_folder { "/" } else { "" });
            let below = named.iter().any(|known| known.starts_with(&path));
            // A module with a folder of its own is named once.
            let other = format!("{}/", path.trim_end_matches(".rs"));
            let twin = format!("{}.rs", path.trim_end_matches('/'));
            if !is_plain(name) && !below && !named.contains(&other) && !named.contains(&twin) {
                missing.insert(path);
            }
        }
    }
    assert!(missing.is_empty(), "the README's map lacks {missing:#?}");
}

/// What stands between backticks and looks like a path of ours.
fn named_in(text: &str) -> Vec<String> {
    let outside: Vec<&str> = text.split("```").step_by(2).collect();
    let quoted = outside.iter().flat_map(|part| part.split('`').skip(1).step_by(2)).map(str::to_owned);
    let tops: BTreeSet<&str> =
        tree::files().iter().filter_map(|path| path.split_once('/')).map(|(top, _)| top).collect();
    let is_path = |text: &str| {
        let top = text.split('/').next().unwrap_or_default();
        !text.contains([' ', '<', '*', '{', '…']) && text.contains('/') && tops.contains(top)
            || text.ends_with(".rs") && !text.contains([' ', '<', '*'])
    };
    quoted.filter(|text| is_path(text)).collect()
}

#[test]
fn what_pages_name_exists() {
    let mut absent = Vec::new();
    for page in tree::ending(".md") {
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        for path in named_in(&tree::read(page)) {
            if !tree::exists(&path) && !tree::exists(&format!("{folder}/{path}")) {
                absent.push(format!("{page}: {path}"));
            }
        }
    }
    assert!(absent.is_empty(), "{}", absent.join("\n"));
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut broken = Vec::new();
    for page in tree::ending(".md") {
        let text = tree::read(page);
        let folder = page.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.contains(':') && !tree::exists(&format!("{folder}{target}")) {
                broken.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
