//! `stentor alert …`: speaking to the server as a machine does.
//! Here one alert is sent at a time; many go through a stream, which has a file of its own.

use clap::{Args, Subcommand};
use stentor_proto::v1::{self, IntakeOutcome, SignalStatus};

use super::{failure::Failure, refs, shell::Shell, stream::StreamAlerts, time, words};

/// What a machine can say.
#[derive(Clone, Debug, Subcommand)]
pub enum AlertCommand {
    /// Send one alert
    Send(Box<Send>),
    /// Acknowledge the incident that an alert belongs to
    Ack(Ack),
    /// Send alerts in one stream: a line of JSON each, answered line by line in the same order
    Stream(StreamAlerts),
}

impl AlertCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Send(args) => args.run(shell).await,
            Self::Ack(args) => args.run(shell).await,
            Self::Stream(args) => args.run(shell).await,
        }
    }
}

/// One alert.
#[derive(Args, Clone, Debug)]
pub struct Send {
    /// What is wrong
    #[arg(long, required_unless_present = "clear")]
    title: Option<String>,
    /// The condition has ended
    #[arg(long)]
    clear: bool,
    /// Key of the condition [default: the fingerprint of the labels]
    #[arg(long, value_name = "KEY")]
    dedup_key: Option<String>,
    /// Integration it comes through [default: your own]
    #[arg(long, value_parser = refs::integration)]
    integration: Option<String>,
    /// critical, error, warning, info, or a word the integration maps
    #[arg(long)]
    severity: Option<String>,
    /// More about it
    #[arg(long)]
    description: Option<String>,
    /// Which part of the source speaks, for example a host
    #[arg(long)]
    source: Option<String>,
    /// Service affected, if the source knows it
    #[arg(long, value_parser = refs::service)]
    service: Option<String>,
    /// How much is affected
    #[arg(long, value_parser = words::parser("Impact"), ignore_case = true)]
    impact: Option<i32>,
    /// How soon it has to be dealt with
    #[arg(long, value_parser = words::parser("Urgency"), ignore_case = true)]
    urgency: Option<i32>,
    /// Label; may be given several times
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = refs::label)]
    labels: Vec<(String, String)>,
    /// Text for people; may be given several times
    #[arg(long = "annotation", value_name = "NAME=VALUE", value_parser = refs::label)]
    annotations: Vec<(String, String)>,
    /// Where the source shows it
    #[arg(long)]
    url: Option<String>,
    /// When it clears unless it fires anew, for example 5m
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    end: Option<time::When>,
}

impl Send {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let status = if self.clear { SignalStatus::Clear } else { SignalStatus::Firing };
        let alert = v1::AlertSignal {
            status: status.into(),
            dedup_key: self.dedup_key.unwrap_or_default(),
            title: self.title.unwrap_or_default(),
            description: self.description.unwrap_or_default(),
            severity: self.severity.unwrap_or_default(),
            source: self.source.unwrap_or_default(),
            service: self.service.unwrap_or_default(),
            impact: self.impact.unwrap_or_default(),
            urgency: self.urgency.unwrap_or_default(),
            labels: self.labels.into_iter().collect(),
            annotations: self.annotations.into_iter().collect(),
            url: self.url.unwrap_or_default(),
            end_time: self.end.map(|when| when.from(shell.moment.now)),
            ..Default::default()
        };
        let request = v1::SendAlertRequest {
            alert: Some(alert),
            integration: self.integration.unwrap_or_default(),
            request_id: shell.request_id(),
        };
        let result = shell.call(&request).await?.result.unwrap_or_default();
        shell.terminal.say(&told(&result));
        shell.one("IntakeResult", &result, |_, result| result.dedup_key.clone())
    }
}

fn told(result: &v1::IntakeResult) -> String {
    let outcome = words::prose("IntakeOutcome", result.outcome);
    let mut text = if result.reference.is_empty() {
        format!("alert {outcome}")
    } else {
        format!("{} {outcome}", result.reference)
    };
    if result.outcome() == IntakeOutcome::Suppressed {
        text.push_str(": ");
        text.push_str(&words::prose("SuppressionReason", result.suppression_reason));
    }
    for (holds, word) in [
        (result.refired, "fired again"),
        (result.reopened, "reopened"),
        (result.storm, "part of a storm"),
        (result.stale, "older than what is known"),
        (result.muted, "muted until it clears"),
        (result.outcome() == IntakeOutcome::Resolved && !result.known, "was not known"),
    ] {
        if holds {
            text.push_str(", ");
            text.push_str(word);
        }
    }
    text
}

/// Which alert.
#[derive(Args, Clone, Debug)]
pub struct Ack {
    /// Key of the alert
    dedup_key: String,
    /// Integration of the alert [default: your own]
    #[arg(long, value_parser = refs::integration)]
    integration: Option<String>,
}

impl Ack {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = v1::AcknowledgeAlertRequest {
            integration: self.integration.unwrap_or_default(),
            dedup_key: self.dedup_key,
            request_id: shell.request_id(),
        };
        let answer = shell.call(&request).await?;
        shell.terminal.say(&format!("{} acknowledged", answer.reference));
        if shell.human() {
            return Ok(());
        }
        shell.one("AcknowledgeAlertResponse", &answer, |_, _| String::new())
    }
}
