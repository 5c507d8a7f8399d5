//! `stentor import`: reads a tool's file whole, then writes its log or stores it batch by batch. A file that is wrong
//! anywhere stores nothing.

use std::io::{BufWriter, Write};
use std::path::Path;

use jiff::tz::TimeZone;
use stentor_core::civil;
use stentor_core::history_log::{self, Action, Record, What};

use crate::cli::import::{FileArgs, ImportCommand, LogArgs};
use crate::cli::{GlobalArgs, Terminal};

use super::bad::{Bad, ImportError};
use super::names::{Map, Names};
use super::progress::Progress;
use super::report::{Read, Report};
use super::{file, jira, keep, oncall, opsgenie, pagerduty, policy, servicenow, table};

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
    let report = deliver(source, args, global, read, &progress).await?;
    progress.end();
    table::show(&report, global, terminal).map_err(ImportError::Answer)
}

/// Writes the log, stores, or neither.
async fn deliver(
    source: &'static str,
    args: &LogArgs,
    global: &GlobalArgs,
    mut read: Read,
    progress: &Progress,
) -> Result<Report, ImportError> {
    let mut stored = None;
    if let Some(path) = &args.log {
        write_log(path, &read.records).map_err(|source| ImportError::File { path: path.clone(), source })?;
    } else if !args.dry_run {
        stored = Some(keep::keep(args, global, &mut read, progress).await?);
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
