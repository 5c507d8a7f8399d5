//! `stentor import`: what other tools recorded becomes closed history here, or a log for a back-test. It reads files; it
//! asks no other tool, pages nobody and guesses nothing.
//!
//! Reading order: `bad` and `report` (what is said about a file), `file`, `names`, then one reader for each tool, and
//! `run` and `keep`, which store what they read.

mod bad;
mod file;
mod keep;
mod names;
mod progress;
mod report;
mod run;
mod snapshot;
mod table;
mod text;

mod jira;
mod oncall;
mod opsgenie;
mod pagerduty;
mod servicenow;

mod policy;

#[cfg(test)]
mod tests;

pub(crate) use run::run;
