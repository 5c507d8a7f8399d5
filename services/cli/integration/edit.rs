//! A policy's text with one integration more, or with another key of one. Text is put in and nothing is written anew, so
//! that comments and order stay; whether it came out right is checked by reading both texts.

use stentor_core::policy::document::{Document, Integration, IntegrationKey, IntegrationKind};
use stentor_core::policy::parse;

/// What could not be put in, for people.
pub(super) type Wrong = String;

/// A section of the text: the line of its key, and the line after its last entry.
struct Section {
    head: usize,
    end: usize,
}

/// The text with a new integration and, with a service, a route for what no other route takes of it.
pub(super) fn create(
    text: &str,
    id: &str,
    kind: IntegrationKind,
    service: Option<&str>,
) -> Result<String, Wrong> {
    let mut wanted = document(text)?;
    if wanted.integrations.contains_key(id) {
        return Err(format!("integrations.{id} is there already"));
    }
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    append(&mut lines, "integrations", &format!("{id}: {{kind: {}}}", kind.as_str()))?;
    wanted.integrations.insert(id.into(), Integration::plain(kind));
    let routes = wanted.routes.len();
    if let Some(service) = service {
        let route = format!("- {{id: {id}, when: 'signal.integration == \"{id}\"', service: {service}}}");
        append(&mut lines, "routes", &route)?;
    }
    let text = joined(&lines);
    let mut found = document(&text)?;
    found.routes.truncate(routes);
    same(&found, &wanted)?;
    Ok(text)
}

/// The text with another key of an integration.
pub(super) fn rotate(text: &str, id: &str, key: IntegrationKey) -> Result<String, Wrong> {
    let mut wanted = document(text)?;
    let entry = wanted.integrations.get_mut(id).ok_or(format!("there is no integrations.{id}"))?;
    entry.key = Some(key);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let section = section(&lines, "integrations").ok_or_else(by_hand)?;
    let name = format!("{id}:");
    let entry = (section.head + 1..section.end).find(|&n| lines[n].trim_start().starts_with(&name));
    let entry = entry.ok_or_else(by_hand)?;
    let written = format!("key: {}", flow(key));
    let after = lines[entry].trim_start()[name.len()..].trim().to_owned();
    if after.starts_with('{') {
        lines[entry] = in_braces(&lines[entry], &written).ok_or_else(by_hand)?;
    } else if after.is_empty() || after.starts_with('#') {
        in_block(&mut lines, entry, section.end, written);
    } else {
        return Err(by_hand());
    }
    let text = joined(&lines);
    same(&document(&text)?, &wanted)?;
    Ok(text)
}

/// The key as it is written in one line.
pub(super) fn flow(key: IntegrationKey) -> String {
    match key.old_until {
        Some(until) => format!("{{generation: {}, old_until: \"{until}\"}}", key.generation),
        None => format!("{{generation: {}}}", key.generation),
    }
}

fn document(text: &str) -> Result<Document, Wrong> {
    let first = |found: Vec<stentor_core::policy::Finding>| found.into_iter().next();
    parse(text).map_err(|found| match first(found) {
        Some(finding) => format!("the policy would be none: {finding}"),
        None => by_hand(),
    })
}

fn same(found: &Document, wanted: &Document) -> Result<(), Wrong> {
    if found == wanted { Ok(()) } else { Err(by_hand()) }
}

fn by_hand() -> Wrong {
    "the policy is written in a way that cannot be edited from here; edit it by hand and apply it".to_owned()
}

/// Where a section of block style is.
fn section(lines: &[String], name: &str) -> Option<Section> {
    let key = format!("{name}:");
    let head = lines.iter().position(|line| line.starts_with(&key))?;
    let rest = lines[head][key.len()..].trim();
    if !(rest.is_empty() || rest.starts_with('#')) {
        return None;
    }
    let mut end = head + 1;
    for (n, line) in lines.iter().enumerate().skip(head + 1) {
        let inside = line.starts_with(' ') || line.starts_with("- ");
        if inside && !line.trim().is_empty() {
            end = n + 1;
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            break;
        }
    }
    Some(Section { head, end })
}

/// Puts an entry behind the last one of a section, which is made if it is not there.
fn append(lines: &mut Vec<String>, name: &str, entry: &str) -> Result<(), Wrong> {
    if let Some(head) = lines.iter().position(|line| {
        let rest = line.strip_prefix(name).and_then(|rest| rest.strip_prefix(':'));
        matches!(rest.map(str::trim), Some("{}" | "[]"))
    }) {
        lines[head] = format!("{name}:");
    }
    if !lines.iter().any(|line| line.starts_with(&format!("{name}:"))) {
        lines.extend([String::new(), format!("{name}:")]);
    }
    let section = section(lines, name).ok_or_else(by_hand)?;
    let inside = &lines[section.head + 1..section.end];
    let first = inside.iter().find(|line| !line.trim().is_empty() && !line.trim().starts_with('#'));
    let indent = first.map_or(2, |line| width(line));
    lines.insert(section.end, format!("{}{entry}", " ".repeat(indent)));
    Ok(())
}

/// An entry `id: {…}` of one line with the key in it, in place of the one that was there.
fn in_braces(line: &str, written: &str) -> Option<String> {
    let open = line.find('{')?;
    let (head, mut rest) = (line[..=open].to_owned(), line[open + 1..].to_owned());
    if let Some(from) = rest.find("key: {") {
        let to = from + rest[from..].find('}')? + 1;
        let tail = rest[to..].trim_start();
        let tail = tail.strip_prefix(',').map_or(tail, str::trim_start).to_owned();
        let before = rest[..from].to_owned();
        rest = if tail.starts_with('}') {
            format!("{}{tail}", before.trim_end().trim_end_matches(','))
        } else {
            format!("{before}{tail}")
        };
    }
    // An entry without a kind is none, so something follows.
    Some(format!("{head}{written}, {}", rest.trim_start()))
}

/// The same of an entry whose keys stand below it.
fn in_block(lines: &mut Vec<String>, entry: usize, end: usize, written: String) {
    let own = width(&lines[entry]);
    let blank = |line: &String| line.trim().is_empty() || line.trim().starts_with('#');
    let below: Vec<usize> =
        (entry + 1..end).take_while(|&n| blank(&lines[n]) || width(&lines[n]) > own).collect();
    let first = below.iter().copied().find(|&n| !blank(&lines[n]));
    let indent = first.map_or(own + 2, |n| width(&lines[n]));
    let written = format!("{}{written}", " ".repeat(indent));
    let old = below.into_iter().find(|&n| width(&lines[n]) == indent && lines[n].trim().starts_with("key:"));
    match old {
        Some(n) => lines[n] = written,
        None => lines.insert(entry + 1, written),
    }
}

fn width(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn joined(lines: &[String]) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use stentor_core::policy::{SAMPLE, diff};

    use super::*;

    fn key(generation: u32, until: Option<&str>) -> IntegrationKey {
        IntegrationKey { generation, old_until: until.map(|until| until.parse().unwrap()) }
    }

    fn paths(before: &str, after: &str) -> Vec<String> {
        let changes = diff(&parse(before).unwrap(), &parse(after).unwrap());
        changes.into_iter().map(|change| change.path).collect()
    }

    #[test]
    fn a_new_integration_changes_its_own_lines_and_keeps_the_rest() {
        let text = create(SAMPLE, "pd", IntegrationKind::Pagerduty, Some("checkout")).unwrap();
        assert!(text.contains("\n  portal: {kind: native}\n  pd: {kind: pagerduty}\n"), "{text}");
        let left: Vec<&str> = text.lines().filter(|line| !SAMPLE.lines().any(|old| old == *line)).collect();
        assert_eq!(left.len(), 2, "{left:?}");
        assert_eq!(text.lines().count(), SAMPLE.lines().count() + 2);
        assert!(create(SAMPLE, "prom", IntegrationKind::Json, None).unwrap_err().contains("already"));
    }

    #[test]
    fn a_section_that_is_not_there_or_empty_is_made() {
        let from = SAMPLE.find("integrations:").unwrap();
        let to = from + SAMPLE[from..].find("routes:").unwrap();
        for section in ["", "integrations: {}\n"] {
            let without = format!("{}{section}{}", &SAMPLE[..from], &SAMPLE[to..]);
            let text = create(&without, "hub", IntegrationKind::Github, None).unwrap();
            assert_eq!(parse(&text).unwrap().integrations.len(), 1);
        }
    }

    #[test]
    fn what_is_no_block_is_left_to_its_author() {
        let flow =
            SAMPLE.replace("  portal: {kind: native}", "  portal: {kind: native,\n    ignore_labels: []}");
        assert!(create(&flow, "hub", IntegrationKind::Github, None).is_ok());
        let json = serde_json::to_string(&parse(SAMPLE).unwrap()).unwrap();
        assert!(create(&json, "hub", IntegrationKind::Github, None).is_err());
    }

    #[test]
    fn a_key_is_written_and_replaced_in_either_style() {
        let until = Some("2026-06-03T10:00:00Z");
        for id in ["prom", "portal"] {
            let once = rotate(SAMPLE, id, key(2, until)).unwrap();
            let twice = rotate(&once, id, key(3, None)).unwrap();
            assert_eq!(twice.lines().count(), once.lines().count());
            assert_eq!(parse(&twice).unwrap().integrations[id].key, Some(key(3, None)));
            assert!(!paths(SAMPLE, &once).is_empty());
            assert!(paths(SAMPLE, &once).iter().all(|path| path.starts_with(&format!("integrations.{id}"))));
        }
        assert!(rotate(SAMPLE, "ghost", key(2, None)).is_err());
    }
}
