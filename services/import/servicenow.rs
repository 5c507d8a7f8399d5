//! ServiceNow's event log: a CSV file in which each row is the incident after one update. A change happened when the
//! first row was written that shows it; what the final columns say besides is compared, never used.
//!
//! Reading order: `rows` (a line becomes a row), `history` (the rows of an incident become a record), `compare` (what
//! the file says twice and differently).

mod compare;
mod history;
mod rows;

use std::collections::HashMap;
use std::io;

use jiff::tz::TimeZone;

use super::bad::Bad;
use super::names::Names;
use super::report::Read;

/// The name of the tool in records.
pub(super) const SOURCE: &str = "servicenow";

/// How a file is to be read.
#[derive(Debug, Clone)]
pub(super) struct Options {
    /// The zone of its dates.
    pub(super) zone: TimeZone,
    /// The column that names the service.
    pub(super) service_by: String,
    pub(super) names: Names,
}

/// Reads a whole file. Rows of an incident belong together wherever they stand; incidents keep the order of their first
/// rows.
pub(super) fn read(file: impl io::Read, options: &Options) -> Result<Read, Bad> {
    let mut reader = rows::Reader::open(file, options)?;
    let mut read = Read::default();
    let mut groups: Vec<Vec<rows::Row>> = Vec::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    let mut last: Option<usize> = None;
    while let Some(row) = reader.next(&mut read.odd)? {
        read.rows += 1;
        let at = *place.entry(row.number.clone()).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if last != Some(at) && !groups[at].is_empty() {
            read.odd.note(SCATTERED, &row.number, row.place(), "goes on after another incident's rows");
        }
        last = Some(at);
        groups[at].push(row);
    }
    for rows in groups {
        let record = history::record(&rows, options, &mut read.odd);
        read.records.push(record);
    }
    Ok(read)
}

const SCATTERED: (&str, &str) = ("scattered_rows", "an incident's rows do not stand together");
