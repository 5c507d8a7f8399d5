//! Where the records and the policies of a back-test come from: a log, a database that no server has open, or a server.
//! Each gives the same records for the same incidents.

use std::collections::BTreeMap;
use std::path::Path;

use stentor_core::backtest::{Overrides, Version};
use stentor_core::history_log::{Record, read as read_line};
use stentor_core::policy::document::Document;
use stentor_core::policy::{locate, parse};
use stentor_core::time::Timestamp;
use stentor_engine::records;
use stentor_engine::store::{self, OpenOptions};
use stentor_proto::v1;

use super::{args::Backtest, log};
use crate::cli::{client::read, failure::Failure, shell::Shell};

/// Most incidents of one back-test.
pub(super) const RECORDS_MAX: usize = 100_000;

/// Records in one page.
const PAGE: u32 = 200;

/// All that a back-test needs.
pub(super) struct Material {
    pub(super) records: Vec<Record>,
    pub(super) overrides: Overrides,
    pub(super) candidate: Version,
    /// For every record; without it each has its own version.
    pub(super) baseline: Option<Version>,
    /// Versions that records opened under.
    pub(super) versions: BTreeMap<u64, Version>,
}

impl Material {
    /// What a record is compared with.
    pub(super) fn baseline(&self, record: &Record) -> Option<&Version> {
        self.baseline.as_ref().or_else(|| self.versions.get(&record.policy?))
    }
}

/// Gathers it.
pub(super) async fn gather(args: &Backtest, shell: &mut Shell) -> Result<Material, Failure> {
    let mut held = match (&args.log, &args.database) {
        (Some(file), _) => {
            let records = log::records(file, args.from, args.to)?;
            Held { records, ..Held::default() }
        }
        (None, Some(database)) => from_database(args, database).await?,
        (None, None) => from_server(args, shell).await?,
    };
    held.records.truncate(args.limit.min(RECORDS_MAX));
    let candidate = held.version(&args.candidate, shell).await?;
    let baseline = match &args.baseline {
        Some(name) => Some(held.version(name, shell).await?),
        None => None,
    };
    let mut versions = BTreeMap::new();
    if baseline.is_none() {
        for number in held.pinned() {
            versions.insert(number, held.version(&number.to_string(), shell).await?);
        }
    }
    Ok(Material { records: held.records, overrides: held.overrides, candidate, baseline, versions })
}

/// What a source holds.
#[derive(Default)]
struct Held {
    records: Vec<Record>,
    overrides: Overrides,
    /// Documents of a database; empty where a server is asked for each.
    documents: BTreeMap<u64, Document>,
    from_database: bool,
}

impl Held {
    /// Numbers of the versions that records name.
    fn pinned(&self) -> Vec<u64> {
        use stentor_core::history_log::{Fact, What};
        let mut numbers: Vec<u64> = self.records.iter().filter_map(|record| record.policy).collect();
        for entry in self.records.iter().flat_map(|record| &record.entries) {
            if let What::Fact(Fact::PolicyMoved { to }) = entry.what {
                numbers.push(to);
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// A document, or a version by its number.
    async fn version(&self, name: &str, shell: &mut Shell) -> Result<Version, Failure> {
        let Ok(number) = name.parse::<u64>() else { return compiled(name, &read(Path::new(name))?, 0) };
        if self.from_database {
            let missing = || Failure::Usage(format!("the database has no version {number}"));
            let document = self.documents.get(&number).cloned().ok_or_else(missing)?;
            let wrong = |_| Failure::Negative(format!("version {number} is no policy any more"));
            return Version::compile(document, number).map_err(wrong);
        }
        let answer = shell.call(&v1::GetPolicyRequest { name: format!("policies/{number}") }).await?;
        let text = String::from_utf8_lossy(&answer.policy.unwrap_or_default().document).into_owned();
        compiled(&format!("version {number}"), &text, number)
    }
}

fn compiled(name: &str, text: &str, number: u64) -> Result<Version, Failure> {
    parse(text).and_then(|document| Version::compile(document, number)).map_err(|findings| {
        let first = locate(text, findings).into_iter().next().map(|finding| finding.to_string());
        Failure::Negative(format!("{name} is no policy: {}", first.unwrap_or_default()))
    })
}

async fn from_database(args: &Backtest, database: &str) -> Result<Held, Failure> {
    let wrong = |text: String| Failure::Negative(format!("reading the database: {text}"));
    let store = store::open(database, OpenOptions::default()).await.map_err(|e| wrong(e.to_string()))?;
    let span = records::Span { from: args.from, to: args.to };
    let now = Timestamp::from_jiff(crate::cli::time::Moment::present().now);
    let (mut all, mut after) = (Vec::new(), records::Cursor::default());
    while all.len() < args.limit.min(RECORDS_MAX) {
        let page = records::page(store.as_ref(), span, after, PAGE, args.to.unwrap_or(now).min(now));
        let page = page.await.map_err(|e| wrong(e.to_string()))?;
        all.extend(page.records);
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    let overrides = records::overrides(store.as_ref()).await.map_err(|e| wrong(e.to_string()))?;
    let documents = records::policies(store.as_ref()).await.map_err(|e| wrong(e.to_string()))?;
    store.close().await;
    Ok(Held { records: all, overrides, documents, from_database: true })
}

async fn from_server(args: &Backtest, shell: &mut Shell) -> Result<Held, Failure> {
    let instant = |at: Option<Timestamp>| at.map(crate::wire::clocks::instant);
    let mut held = Held::default();
    let mut token = String::new();
    loop {
        let request = v1::ListRecordsRequest {
            start_time: instant(args.from),
            end_time: instant(args.to),
            page_size: PAGE as i32,
            page_token: token,
        };
        let answer = shell.call(&request).await?;
        let unreadable = |text: String| Failure::Negative(format!("a record cannot be read: {text}"));
        for line in &answer.records_json {
            let n = held.records.len() + 1;
            held.records.push(read_line(n, line).map_err(|e| unreadable(e.to_string()))?);
        }
        if !answer.overrides_json.is_empty() {
            let overrides = serde_json::from_str(&answer.overrides_json);
            held.overrides = overrides.map_err(|e| unreadable(e.to_string()))?;
        }
        token = answer.next_page_token;
        if token.is_empty() || held.records.len() >= args.limit {
            return Ok(held);
        }
    }
}
