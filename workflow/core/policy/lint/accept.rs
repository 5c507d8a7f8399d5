//! Which findings are accepted, and whether what is left refuses the document. Errors are never accepted by the document
//! itself.

use std::collections::BTreeSet;

use crate::policy::document::Document;
use crate::policy::finding::{Finding, FindingCode, Severity};

/// What a server that runs as a demonstration accepts beside the document's own list.
pub const ALLOW_DEMO: &str = "DEMO_POLICY@demo";

/// The findings that are not accepted. Warnings are accepted by `CODE@path` in the document or in `extra`; a
/// demonstration policy by `extra` only.
pub fn accepted(document: &Document, extra: &[String], findings: Vec<Finding>) -> Vec<Finding> {
    let here: BTreeSet<&str> = document.accept.iter().map(String::as_str).collect();
    let there: BTreeSet<&str> = extra.iter().map(String::as_str).collect();
    let keep = |finding: &Finding| {
        let key = finding.key();
        match finding.severity {
            Severity::Warning => !here.contains(key.as_str()) && !there.contains(key.as_str()),
            Severity::Error => finding.code != FindingCode::DemoPolicy || !there.contains(key.as_str()),
            Severity::Info => true,
        }
    };
    findings.into_iter().filter(keep).collect()
}

/// Whether these findings, after acceptance, refuse the document.
pub fn blocks(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity != Severity::Info)
}
