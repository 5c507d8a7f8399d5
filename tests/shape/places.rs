//! Where things may stand: SQL in the store, generated types in the services, statuses in one module, clocks and chance
//! outside the core, services apart from each other.

use crate::source::{source, without_tests};
use crate::tree;

/// Sources under a folder that are not tests, with their code.
fn code_under(folder: &str) -> Vec<(&'static str, String)> {
    let sources = tree::ending(".rs").filter(|path| path.starts_with(folder) && !tree::is_test(path));
    sources.map(|path| (path.as_str(), source(without_tests(&tree::read(path))).code)).collect()
}

/// Lines on which one of these words stands by itself.
fn lines_with(path: &str, code: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, line) in code.lines().enumerate() {
        for word in words.iter().filter(|word| has_word(line, word)) {
            found.push(format!("{path}:{}: {word}", at + 1));
        }
    }
    found
}

fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(part);
        let after = word.ends_with(part) && line[at + word.len()..].chars().next().is_some_and(part);
        !before && !after
    })
}

fn assert_none(found: Vec<String>, why: &str) {
    assert!(found.is_empty(), "{why}:\n{}", found.join("\n"));
}

const STORE: &str = "workflow/engine/store/";

/// How statements begin.
const STATEMENTS: &[&str] = &[
    "select ",
    "insert into ",
    "insert or ",
    "update ",
    "delete from ",
    "create table ",
    "alter table ",
    "pragma ",
];

fn is_statement(text: &str) -> bool {
    let text = text.trim_start().to_lowercase();
    let begins = STATEMENTS.iter().any(|word| text.starts_with(word));
    begins
        && (!text.starts_with("select ") || text.contains(" from "))
        && (!text.starts_with("update ") || text.contains(" set "))
}

#[test]
fn sql_stands_in_the_store_alone() {
    let mut found = Vec::new();
    for (path, code) in code_under("") {
        if path.starts_with(STORE) {
            continue;
        }
        found.extend(lines_with(path, &code, &["rusqlite", "sqlx"]));
        let strings = source(without_tests(&tree::read(path))).strings;
        let statements = strings.iter().filter(|(_, text)| is_statement(text));
        found.extend(statements.map(|(line, text)| format!("{path}:{line}: {text}")));
    }
    let folders = [STORE, "migrations/"];
    found.extend(tree::ending(".sql").filter(|path| !folders.iter().any(|f| path.starts_with(f))).cloned());
    assert_none(found, "SQL outside the store");
}

#[test]
fn statements_are_recognised() {
    assert!(is_statement("select id\n from instance"));
    assert!(is_statement(" UPDATE part_head SET head = 1"));
    assert!(!is_statement("select a service"));
    assert!(!is_statement("update the incident"));
}

#[test]
fn generated_types_stay_in_proto_and_services() {
    let words = ["prost", "tonic", "stentor_proto", "prost_types", "tonic_types"];
    let found = code_under("workflow/").into_iter().flat_map(|(path, code)| lines_with(path, &code, &words));
    assert_none(found.collect(), "types of the wire inside");
}

/// Functions that make a status.
const STATUSES: &[&str] = &[
    "Status::new(",
    "Status::with_details(",
    "Status::with_metadata(",
    "Status::with_details_and_metadata(",
    "Status::with_error_details(",
    "Status::with_error_details_vec(",
    "Status::ok(",
    "Status::cancelled(",
    "Status::unknown(",
    "Status::invalid_argument(",
    "Status::deadline_exceeded(",
    "Status::not_found(",
    "Status::already_exists(",
    "Status::permission_denied(",
    "Status::resource_exhausted(",
    "Status::failed_precondition(",
    "Status::aborted(",
    "Status::out_of_range(",
    "Status::unimplemented(",
    "Status::internal(",
    "Status::unavailable(",
    "Status::data_loss(",
    "Status::unauthenticated(",
];

/// The command line and the demonstration are at the other end of the wire: they receive statuses, and make one when
/// no answer came.
const CLIENTS: &[&str] = &["services/cli/", "services/demo/"];

#[test]
fn one_module_makes_statuses() {
    let mut found = Vec::new();
    for (path, code) in code_under("services/") {
        if !path.starts_with("services/wire/status") && !CLIENTS.iter().any(|client| path.starts_with(client))
        {
            found.extend(lines_with(path, &code, STATUSES));
        }
    }
    assert_none(found, "statuses made outside services/wire/status.rs");
}

const SERVICES: &[&str] = &["intake", "triage", "resolution", "review", "workflow", "policy"];

#[test]
fn services_do_not_name_each_other() {
    let mut found = Vec::new();
    for service in SERVICES {
        let folder = format!("services/{service}/");
        let sources = code_under(&folder);
        assert!(!sources.is_empty(), "there is no service {service}");
        for (path, code) in sources {
            let others = SERVICES.iter().filter(|other| other != &service);
            let named = others.filter(|other| names(&code, other));
            found.extend(named.map(|other| format!("{path} names {other}")));
        }
    }
    assert_none(found, "services meet in the engine, not in each other");
}

/// Whether code names a module of the crate's root, alone or in a list.
fn names(code: &str, module: &str) -> bool {
    let alone = format!("crate::{module}");
    let lists = code.match_indices("crate::{").map(|(at, _)| {
        let rest = &code[at..];
        &rest[..rest.find(';').unwrap_or(rest.len())]
    });
    let parts: Vec<&str> = lists.flat_map(|list| list.split(['{', ',', ' ', '\n'])).collect();
    has_word(code, &alone)
        || parts.iter().any(|part| part.trim_end_matches('}').split("::").next() == Some(module))
}

/// What would let two runs of one decision differ.
const IMPURE: &[&str] = &[
    "SystemTime",
    "std::time",
    "now()",
    "rand",
    "tokio",
    "sqlx",
    "rusqlite",
    "tonic",
    "prost",
    "HashMap",
    "HashSet",
    "std::fs",
    "std::env",
    "std::net",
    "std::thread",
    "std::io",
    "std::process",
];

#[test]
fn core_has_no_clock_no_chance_and_no_io() {
    let mut found = Vec::new();
    for (path, code) in code_under("workflow/core/") {
        // The instant that a context or a draft carries is asked for by the same word as a clock.
        let code = code.replace("fn now()", "").replace(".now()", "");
        found.extend(lines_with(path, &code, IMPURE));
    }
    assert_none(found, "impure");
}

#[test]
fn every_rpc_is_in_the_table_of_who_may_call_it() {
    let table = source(&tree::read("services/auth/table.rs")).strings;
    let mut missing = Vec::new();
    for path in tree::ending(".proto") {
        for line in tree::read(path).lines() {
            let Some(rpc) = line.trim_start().strip_prefix("rpc ") else { continue };
            let name = rpc.split('(').next().unwrap_or_default().trim();
            if !table.iter().any(|(_, text)| text == name) {
                missing.push(format!("{path}: {name}"));
            }
        }
    }
    assert_none(missing, "nobody said who may call these");
}
