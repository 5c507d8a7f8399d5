//! `stentor import policy`: schedules and escalation policies of another tool as a document of ours, and a list of what
//! has no counterpart. What cannot be carried over is listed, never approximated in silence.
//!
//! Reading order: `draft` (the document as it grows), `windows` (restrictions as weekly windows), then one folder for
//! each tool.

mod draft;
mod oncall;
mod pagerduty;
mod windows;

use std::path::Path;

use serde_json::json;
use stentor_core::civil;
use stentor_core::policy::document::Document;
use stentor_core::policy::{Policy, locate, parse};

use crate::cli::import::{PolicyArgs, PolicyImport};
use crate::cli::{Format, GlobalArgs, Terminal};

use super::bad::{Bad, ImportError};
use super::file;
use super::progress::Progress;

use draft::{Draft, Left};

/// A tool's reader: the content of its files, into a draft.
type Reader = fn(&[String], &mut Draft) -> Result<(), Bad>;

/// Reads exports and writes the document to stdout, the list to stderr; in JSON both are one answer.
pub(super) fn run(
    what: &PolicyImport,
    global: &GlobalArgs,
    terminal: &mut Terminal,
) -> Result<(), ImportError> {
    let (args, reader): (&PolicyArgs, Reader) = match what {
        PolicyImport::Pagerduty(args) => (args, pagerduty::read),
        PolicyImport::Oncall(args) => (args, oncall::read),
    };
    if civil::zone(&args.zone).is_none() {
        return Err(ImportError::Use(format!("--zone {}: there is no such time zone", args.zone)));
    }
    let progress = Progress::new();
    let contents =
        args.files.iter().map(|path| file::text(path, &progress)).collect::<Result<Vec<_>, _>>()?;
    progress.end();
    let path = args.files.first().cloned().unwrap_or_default();
    let (document, left) = convert(reader, &contents, &args.organisation, &args.zone)
        .map_err(|bad| ImportError::Bad { path: path.clone(), bad })?;
    let text = written(&document, &path)?;
    if matches!(global.format(), Format::Json | Format::Jsonl | Format::Name) {
        let answer = json!({"policy": document, "not_carried_over": left});
        let answer = serde_json::to_string_pretty(&answer).unwrap_or_default();
        return terminal.show(&answer).map_err(ImportError::Answer);
    }
    terminal.show(text.trim_end()).map_err(ImportError::Answer)?;
    for item in &left {
        terminal.say(&format!("not carried over: {}: {}", item.what, item.why));
    }
    for finding in findings(&text) {
        terminal.say(&finding);
    }
    Ok(())
}

/// Reads exports into a document.
fn convert(
    reader: Reader,
    contents: &[String],
    organisation: &str,
    zone: &str,
) -> Result<(Document, Vec<Left>), Bad> {
    let mut draft = Draft::new(organisation, zone);
    reader(contents, &mut draft)?;
    draft.finish()
}

/// The document as text that our parser takes.
fn written(document: &Document, path: &Path) -> Result<String, ImportError> {
    let text = serde_saphyr::to_string(document).map_err(|e| ImportError::Use(e.to_string()))?;
    parse(&text).map(|_| text).map_err(|found| {
        let why = found.first().map(ToString::to_string).unwrap_or_default();
        ImportError::Bad { path: path.to_owned(), bad: Bad::place("the document made of it", why) }
    })
}

/// What refuses the document although it parses: names that the export left open.
fn findings(text: &str) -> Vec<String> {
    let Ok(document) = parse(text) else { return Vec::new() };
    match Policy::compile(document, 0) {
        Ok(_) => Vec::new(),
        Err(found) => locate(text, found).iter().map(|f| format!("to be mended: {f}")).collect(),
    }
}

#[cfg(test)]
mod tests;
