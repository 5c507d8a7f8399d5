//! `stentor import`: reads a tool's file whole, then writes its log or stores it batch by batch. A file that is wrong
//! anywhere stores nothing.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use stentor_core::civil;
use stentor_core::history_log::{self, Action, Record, What};
use stentor_core::id::ServiceId;
use stentor_engine::import::{BATCH, Importer};
use stentor_engine::store::{self, OpenOptions};

use crate::cli::import::{FileArgs, ImportCommand, LogArgs};
use crate::cli::{GlobalArgs, Terminal};
use crate::migrate;

use super::bad::{Bad, ImportError};
use super::names::{Map, Names};
use super::progress::Progress;
use super::report::{Read, Report, Stored};
use super::{file, jira, oncall, opsgenie, pagerduty, policy, servicenow, table};

/// Entries that do not fit the phase that their history has reached.
const NO_PLACE: (&str, &str) =
    ("entry_without_place", "an entry that the phase reached has no place for: not stored");

/// Does what the command line asks for.
pub(crate) async fn run(
    command: ImportCommand,
    global: &GlobalArgs,
    terminal: &mut Terminal,
) -> Result<(), ImportError> {
    let progress = Progress::new();
    let (source, args, read) = match &command {
        ImportCommand::Servicenow(args) => {
            let options = servicenow::Options {
                zone: zone(&args.zone)?,
                service_by: args.service_by.trim().to_ascii_lowercase(),
                names: names(&args.file)?,
            };
            let path = &args.file.to.file;
            let read = servicenow::read(file::open(path, &progress)?, &options);
            (servicenow::SOURCE, &args.file.to, read)
        }
        ImportCommand::Jira(args) => {
            let (path, names) = (&args.file.to.file, names(&args.file)?);
            let content = file::open(path, &progress)?;
            (jira::SOURCE, &args.file.to, jira::read(content, &zone(&args.zone)?, &args.service_by, &names))
        }
        ImportCommand::Pagerduty(args) => {
            (pagerduty::SOURCE, &args.to, pagerduty::read(&text(args, &progress)?, &names(args)?))
        }
        ImportCommand::Opsgenie(args) => {
            (opsgenie::SOURCE, &args.to, opsgenie::read(&text(args, &progress)?, &names(args)?))
        }
        ImportCommand::Oncall(args) => {
            (oncall::SOURCE, &args.to, oncall::read(&text(args, &progress)?, &names(args)?))
        }
        ImportCommand::Policy(what) => return policy::run(what, global, terminal),
        ImportCommand::Log(args) => ("log", args, log(&file::text(&args.file, &progress)?)),
    };
    let read = read.map_err(|bad| ImportError::Bad { path: args.file.clone(), bad })?;
    let report = deliver(source, args, read, &progress).await?;
    progress.end();
    table::show(&report, global, terminal).map_err(ImportError::Answer)
}

/// Writes the log, stores, or neither.
async fn deliver(
    source: &'static str,
    args: &LogArgs,
    mut read: Read,
    progress: &Progress,
) -> Result<Report, ImportError> {
    let mut stored = None;
    if let Some(path) = &args.log {
        write_log(path, &read.records).map_err(|source| ImportError::File { path: path.clone(), source })?;
    } else if !args.dry_run {
        stored = Some(keep(args, &mut read, progress).await?);
    }
    let resolves =
        |r: &&Record| !r.entries.iter().any(|e| matches!(&e.what, What::Action(Action::Resolve { .. })));
    Ok(Report {
        source,
        rows: read.rows,
        incidents: read.records.len(),
        entries: read.records.iter().map(|r| r.entries.len()).sum(),
        without_resolution: read.records.iter().filter(resolves).count(),
        store: stored,
        oddities: read.odd.into_list(),
    })
}

async fn keep(args: &LogArgs, read: &mut Read, progress: &Progress) -> Result<Stored, ImportError> {
    let options = OpenOptions { replica: "stentor-import".to_owned(), ..OpenOptions::default() };
    let store = store::open(&migrate::address(&args.store)?, options).await?;
    let importer = Importer::open(Arc::clone(&store)).await?;
    if let Some(policy) = importer.policy() {
        unknown_services(read, |service| policy.service(service).is_some());
    }
    progress.storing(read.records.len());
    let mut sum = Stored::default();
    for batch in read.records.chunks(BATCH) {
        let taken = importer.take(batch).await?;
        sum.stored += taken.stored;
        sum.unchanged += taken.known;
        sum.differing += taken.differing.len();
        for source_ref in &taken.differing {
            let said = "stored before with another history; left as it was";
            read.odd.note(DIFFERING, source_ref, "", said);
        }
        for (source_ref, left) in &taken.left {
            read.odd.note(NO_PLACE, source_ref, "", format!("{} at {}", left.what, left.at));
        }
        progress.advance(batch.len());
    }
    store.close().await;
    Ok(sum)
}

const DIFFERING: (&str, &str) = (
    "stored_differently",
    "imported before from another file, with other services or people: left as it was",
);

/// Services that the policy lacks; its default service has their incidents.
fn unknown_services(read: &mut Read, known: impl Fn(&ServiceId) -> bool) {
    for record in &read.records {
        if let Some(What::Signal(signal)) = record.entries.first().map(|e| &e.what)
            && let Some(service) = signal.service.as_ref().filter(|s| !known(s))
        {
            read.odd.note(UNKNOWN_SERVICE, &record.source_ref, "", service.to_string());
        }
    }
}

const UNKNOWN_SERVICE: (&str, &str) =
    ("service_unknown", "the policy lacks the service: its default service has the incident");

fn write_log(path: &Path, records: &[Record]) -> std::io::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    for record in records {
        file.write_all(history_log::write(record).as_bytes())?;
    }
    file.flush()
}

/// A log in the neutral form.
fn log(content: &str) -> Result<Read, Bad> {
    let mut read = Read::default();
    for (line, text) in (1..).zip(content.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let record = history_log::read(line, text).map_err(|e| Bad::place(format!("line {line}"), e.why))?;
        read.rows += record.entries.len() as u64;
        read.records.push(record);
    }
    Ok(read)
}

fn text(args: &FileArgs, progress: &Progress) -> Result<String, ImportError> {
    file::text(&args.to.file, progress)
}

fn names(args: &FileArgs) -> Result<Names, ImportError> {
    let load = |path: &Option<std::path::PathBuf>| path.as_deref().map(Map::load).transpose();
    Ok(Names {
        people: load(&args.person_map)?.unwrap_or_default(),
        services: load(&args.service_map)?.unwrap_or_default(),
    })
}

fn zone(name: &str) -> Result<TimeZone, ImportError> {
    let unknown =
        || ImportError::Use(format!("--zone {name}: there is no such time zone; write UTC or Europe/Berlin"));
    civil::zone(name).ok_or_else(unknown)
}
