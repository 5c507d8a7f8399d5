//! From text to document: YAML, and JSON as the part of YAML that it is. Shape only: references, expressions and civil
//! times are looked at later.

use serde_saphyr::Error;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, Options};

use super::document::Document;
use super::finding::{Finding, FindingCode};

/// Largest document in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Reads a document. Errors carry line and column where the parser knows them; only the first is reported, because
/// what follows a broken shape is guesswork.
pub fn parse(text: &str) -> Result<Document, Vec<Finding>> {
    if text.len() > MAX_BYTES {
        let message = format!("the document has {} bytes, at most {MAX_BYTES} are taken", text.len());
        return Err(vec![Finding::new(FindingCode::LimitExceeded, "", message)]);
    }
    let document: Document =
        serde_saphyr::from_str_with_options(text, options()).map_err(|e| vec![finding(&e)])?;
    if document.stentor != 1 {
        let message = format!("format {} is not known, this is format 1", document.stentor);
        return Err(super::locate::locate(
            text,
            vec![Finding::new(FindingCode::BadValue, "stentor", message)],
        ));
    }
    Ok(document)
}

/// Hard limits: a document may be large, but neither deep nor made of aliases.
pub(super) fn options() -> Options {
    let mut limits = serde_saphyr::options::AliasLimits::default();
    limits.max_total_replayed_events = 100_000;
    limits.max_replay_stack_depth = 8;
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 32,
            max_documents: 1,
            max_nodes: 1_000_000,
            max_events: 2_000_000,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_merge_keys: 0,
            max_total_scalar_bytes: MAX_BYTES,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        alias_limits: limits,
        strict_booleans: true,
        with_snippet: false,
    }
}

fn finding(error: &Error) -> Finding {
    let error = match error {
        Error::WithSnippet { error, .. } => error.as_ref(),
        other => other,
    };
    let message = plain(&error.to_string());
    let mut finding = Finding::new(code(error, &message), "", message);
    if let Some(at) = error.location() {
        finding.line = u32::try_from(at.line()).ok();
        finding.column = u32::try_from(at.column()).ok();
    }
    finding
}

fn code(error: &Error, message: &str) -> FindingCode {
    match error {
        Error::SerdeUnknownField { .. } => FindingCode::UnknownKey,
        Error::SerdeMissingField { .. } => FindingCode::MissingKey,
        Error::DuplicateMappingKey { .. } => FindingCode::DuplicateId,
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => FindingCode::LimitExceeded,
        Error::SerdeUnknownVariant { expected, .. } if expected.contains(&"P1") => {
            FindingCode::PriorityUnknown
        }
        _ if message.contains("duration") => FindingCode::BadDuration,
        Error::SerdeUnknownVariant { .. }
        | Error::SerdeInvalidType { .. }
        | Error::SerdeInvalidValue { .. }
        | Error::SerdeInvalidLength { .. }
        | Error::InvalidScalar { .. }
        | Error::InvalidBooleanStrict { .. }
        | Error::NullIntoString { .. }
        | Error::Message { .. } => FindingCode::BadValue,
        _ => FindingCode::BadSyntax,
    }
}

/// The parser's sentence without the position, which the finding carries by itself.
fn plain(message: &str) -> String {
    let mut text = message.lines().next().unwrap_or_default();
    if let Some(rest) = text.strip_prefix("error: ") {
        text = rest;
    }
    if let Some(at) = text.rfind(" at line ") {
        text = &text[..at];
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str =
        "stentor: 1\norganisation: {name: A, zone: UTC, default_service: a, last_resort: [ana]}\n";

    fn first(text: &str) -> Finding {
        parse(text).unwrap_err().remove(0)
    }

    #[test]
    fn a_small_document_is_read_and_json_of_the_same_shape_too() {
        let yaml = parse(SMALL).unwrap();
        let json = parse(&serde_json::to_string_pretty(&yaml).unwrap()).unwrap();
        assert_eq!(yaml, json);
    }

    #[test]
    fn an_unknown_key_is_named_with_line_and_column() {
        let found = first(&format!("{SMALL}teams:\n  shop: {{lead: ana, members: [], colour: red}}\n"));
        assert_eq!((found.code, found.line), (FindingCode::UnknownKey, Some(4)), "{found}");
        assert!(found.column.is_some() && found.message.contains("colour"), "{found}");
    }

    #[test]
    fn a_bad_duration_is_named_with_its_line() {
        let text = format!("{SMALL}routes:\n  - {{id: a, transient_hold: soon}}\n");
        let found = first(&text);
        assert_eq!((found.code, found.line), (FindingCode::BadDuration, Some(4)), "{found}");
    }

    #[test]
    fn days_in_an_sla_target_are_a_bad_duration() {
        let text = format!(
            "{SMALL}sla:\n  - {{id: a, kind: resolve, match: 'true', target: 1d, calendar: always}}\n"
        );
        let found = first(&text);
        assert_eq!((found.code, found.line), (FindingCode::BadDuration, Some(4)), "{found}");
    }

    #[test]
    fn what_is_broken_gets_its_own_code() {
        let with = |rest: &str| first(&format!("{SMALL}{rest}"));
        assert_eq!(with("teams: [\n").code, FindingCode::BadSyntax);
        assert_eq!(with("people: {a: {name: A}, a: {name: B}}\n").code, FindingCode::DuplicateId);
        assert_eq!(with("services: {a: {team: t, escalation: {}}}\n").code, FindingCode::MissingKey);
        assert_eq!(with("reviews: {required: [P6]}\n").code, FindingCode::PriorityUnknown);
        assert_eq!(with("services: {a: {team: t, tier: one, escalation: {}}}\n").code, FindingCode::BadValue);
        assert_eq!(
            first("stentor: 2\norganisation: {name: A, zone: UTC, default_service: a, last_resort: []}\n")
                .line,
            Some(1)
        );
        assert_eq!(first(&" ".repeat(MAX_BYTES + 1)).code, FindingCode::LimitExceeded);
    }

    #[test]
    fn alias_bombs_and_deep_nesting_are_refused() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for n in 1..12 {
            let line = vec![format!("*a{}", n - 1); 10].join(", ");
            bomb.push_str(&format!("a{n}: &a{n} [{line}]\n"));
        }
        assert!(parse(&bomb).is_err());
        let listed = format!("{SMALL}accept: [{}]\n", vec!["*x"; 10_000].join(", "));
        assert!(parse(&listed).is_err());
        let deep = format!("{SMALL}accept: {}{}\n", "[".repeat(5_000), "]".repeat(5_000));
        assert!(parse(&deep).is_err());
    }
}
