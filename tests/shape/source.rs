//! A Rust source taken apart into code and string literals. It knows only as much of the language as that takes:
//! comments, strings, characters, and where the tests at the end of a file begin.

/// A source without its comments.
pub(crate) struct Source {
    /// The code, line by line as in the file, with every comment and the inside of every string left out.
    pub(crate) code: String,
    /// String literals with the number of the line they begin on.
    pub(crate) strings: Vec<(usize, String)>,
}

/// Takes a source apart.
pub(crate) fn source(text: &str) -> Source {
    let mut out = Source { code: String::with_capacity(text.len()), strings: Vec::new() };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block(rest),
            '"' => string(rest, &mut out, 0),
            'r' if raw(rest).is_some() && !ends_in_word(&out.code) => {
                string(rest, &mut out, raw(rest).unwrap_or(0) + 1)
            }
            '\'' => {
                let len = character(rest);
                out.code.push_str(if len > 1 { "' '" } else { "'" });
                len
            }
            _ => {
                out.code.push(c);
                c.len_utf8()
            }
        };
        let taken = &rest[..len];
        if c == '/' && len > 1 {
            out.code.extend(taken.chars().filter(|c| *c == '\n'));
        }
        rest = &rest[len..];
    }
    out
}

/// The source without the tests that stand below its code.
pub(crate) fn without_tests(text: &str) -> &str {
    text.find("\n#[cfg(test)]\nmod tests {").map_or(text, |at| &text[..at])
}

fn ends_in_word(code: &str) -> bool {
    code.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_') && !code.ends_with('b')
}

/// The number of hashes of a raw string that begins here.
fn raw(rest: &str) -> Option<usize> {
    let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
    rest[1 + hashes..].starts_with('"').then_some(hashes)
}

fn block(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Notes the string that begins here, plain (`hashes` 0) or raw (one more than its hashes); returns its length.
fn string(rest: &str, out: &mut Source, hashes: usize) -> usize {
    let line = out.code.matches('\n').count() + 1;
    let (open, close) = match hashes {
        0 => (1, "\"".to_owned()),
        n => (n + 1, format!("\"{}", "#".repeat(n - 1))),
    };
    let mut at = open;
    while at < rest.len() && !rest[at..].starts_with(&close) {
        let escaped = hashes == 0 && rest[at..].starts_with('\\');
        at += if escaped { 1 } else { 0 };
        at += rest[at..].chars().next().map_or(1, char::len_utf8);
    }
    let inside = &rest[open..at.min(rest.len())];
    out.strings.push((line, inside.to_owned()));
    out.code.push('"');
    out.code.extend(inside.chars().filter(|c| *c == '\n'));
    out.code.push('"');
    (at + close.len()).min(rest.len())
}

/// The length of a character literal, or 1 for the tick of a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(1, |at| at + 4),
        Some(_) => match chars.next() {
            Some((at, '\'')) => at + 1,
            _ => 1,
        },
        None => 1,
    }
}

#[test]
fn comments_and_strings_are_told_from_code() {
    let text =
        "let a = \"se\\\"lect\"; // it's\nlet b = r#\"x\"y\"#; /* \"no\" */ let c: &'a str = '\\''; '\"'";
    let found = source(text);
    assert_eq!(found.code, "let a = \"\"; \nlet b = \"\";  let c: &'a str = ' '; ' '");
    assert_eq!(found.strings, [(1, "se\\\"lect".to_owned()), (2, "x\"y".to_owned())]);
}
