//! The grammar of `stentor simulate`, and the way from it to lines and their form.
//! It plays nothing itself.

use std::path::PathBuf;

use clap::Args;
use stentor_core::incident::kinds::{Priority, Severity};
use stentor_core::policy::{Policy, locate, parse};
use stentor_core::simulate::{Line, Scenario, simulate, table};
use stentor_core::time::{Duration, Timestamp};
use stentor_proto::v1;

use super::{given, svg};
use crate::cli::{client::read, failure::Failure, global::Format, shell::Shell, shell::machine};

/// What comes in, under which policy, from when to when.
#[derive(Args, Clone, Debug)]
#[command(disable_version_flag = true)]
pub struct Simulate {
    /// The policy document, YAML or JSON; no server is asked
    #[arg(long, value_name = "FILE", conflicts_with = "version")]
    policy: Option<PathBuf>,
    /// Number of a version on the server [default: the current one]
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// The service it is about; without it the routes decide
    #[arg(long, value_name = "ID")]
    service: Option<String>,
    /// The priority it opens with, whatever triage would say
    #[arg(long, value_name = "P1…P5", value_parser = priority)]
    priority: Option<Priority>,
    /// A label of the alert; may be given several times
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,
    /// Severity of the alert
    #[arg(long, value_name = "WORD", value_parser = severity)]
    severity: Option<Severity>,
    /// Integration that the alert comes through
    #[arg(long, value_name = "ID", default_value = "simulated")]
    integration: String,
    /// Title of the alert
    #[arg(long, default_value = "simulated")]
    title: String,
    /// A signal as a file instead, in the form of a history log's signals
    #[arg(long, value_name = "FILE", conflicts_with_all = ["service", "priority", "labels", "severity", "title"])]
    signal: Option<PathBuf>,
    /// When it begins, for example 2026-06-03T10:00:00Z
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Timestamp,
    /// For how long nobody does anything that no script says
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = length)]
    until: Duration,
    /// What people do: a list of steps such as {after: 3m, who: ana, action: acknowledge}
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
}

impl Simulate {
    pub(in crate::cli) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let steps = given::steps(&self)?;
        let scenario = Scenario { at: self.at, length: self.until, steps };
        let lines = match &self.policy {
            Some(file) => {
                let policy = compiled(file)?;
                simulate(&policy, &Default::default(), &scenario)
                    .map_err(|overrun| Failure::Usage(overrun.to_string()))?
            }
            None => self.asked(&scenario, shell).await?,
        };
        let text = match shell.format {
            Format::Table | Format::Wide => table(&lines),
            Format::Svg => svg::timeline(&lines),
            Format::Jsonl => lines.iter().map(|line| value(line).to_string() + "\n").collect(),
            format => machine(format, &serde_json::Value::Array(lines.iter().map(value).collect()))?,
        };
        shell.terminal.data(text.trim_end_matches('\n'))
    }

    /// The server plays it.
    async fn asked(&self, scenario: &Scenario, shell: &mut Shell) -> Result<Vec<Line>, Failure> {
        let request = v1::SimulatePolicyRequest {
            policy: self.version.map_or_else(|| "policies/current".to_owned(), |n| format!("policies/{n}")),
            document: Vec::new(),
            start_time: Some(prost_types::Timestamp {
                seconds: scenario.at.seconds(),
                nanos: i32::try_from(scenario.at.0.rem_euclid(1000)).unwrap_or(0) * 1_000_000,
            }),
            length: Some(prost_types::Duration {
                seconds: scenario.length.whole_seconds(),
                nanos: i32::try_from(scenario.length.millis().rem_euclid(1000)).unwrap_or(0) * 1_000_000,
            }),
            steps: scenario.steps.iter().map(given::message).collect::<Result<_, _>>()?,
        };
        let answer = shell.call(&request).await?;
        Ok(answer.lines.iter().filter_map(given::line).collect())
    }

    pub(super) fn given(&self) -> given::Given<'_> {
        given::Given {
            service: self.service.as_deref(),
            priority: self.priority,
            labels: &self.labels,
            severity: self.severity,
            integration: &self.integration,
            title: &self.title,
            signal: self.signal.as_deref(),
            script: self.script.as_deref(),
        }
    }
}

fn value(line: &Line) -> serde_json::Value {
    serde_json::to_value(line).expect("a line has only text keys and whole numbers")
}

/// A document ready to decide by; what is wrong with it is told as the linter would.
pub(in crate::cli) fn compiled(file: &std::path::Path) -> Result<Policy, Failure> {
    let name = file.display().to_string();
    let text = read(file)?;
    // The number only labels a compiled policy; a document that nobody applied has none yet.
    let policy = parse(&text).and_then(|document| Policy::compile(document, 0));
    policy.map_err(|findings| {
        let first = locate(&text, findings).into_iter().next();
        let first = first.map(|finding| finding.to_string()).unwrap_or_default();
        Failure::Negative(format!("{name} is no policy: {first}"))
    })
}

fn priority(text: &str) -> Result<Priority, String> {
    Priority::parse(&text.to_uppercase()).ok_or_else(|| format!("`{text}` is no priority: P1 to P5"))
}

fn severity(text: &str) -> Result<Severity, String> {
    let words: Vec<&str> = Severity::ALL.iter().map(|s| s.as_str()).collect();
    Severity::parse(text).ok_or_else(|| format!("`{text}` is no severity: {}", words.join(", ")))
}

fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is no label; write NAME=VALUE")),
    }
}

pub(in crate::cli) fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("`{text}` is no instant; write for example 2026-06-03T10:00:00Z"))
}

fn length(text: &str) -> Result<Duration, String> {
    text.parse().map_err(|wrong: stentor_core::time::BadDuration| wrong.to_string())
}
