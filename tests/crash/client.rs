//! A client that never gives up: it repeats a request under the same id until the answer is definite, and writes every
//! OK into the ledger. It asks only for what must succeed, so a definite refusal is a finding.

use std::time::{Duration, SystemTime};

use rand::Rng;
use stentor_proto::v1::intake_service_client::IntakeServiceClient;
use stentor_proto::v1::resolution_service_client::ResolutionServiceClient;
use stentor_proto::v1::{
    AcknowledgeIncidentRequest, AddNoteRequest, AlertSignal, HoldIncidentRequest, HoldReason, Impact,
    IntakeOutcome, IntakeResult, ReportIncidentRequest, SendAlertRequest, SignalStatus, Urgency,
};
use tokio::sync::watch;
use tonic::transport::Channel;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::ledger::{Ledger, Promise, What};

/// A client does not wait longer for one answer; a killed server answers nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// The connection to the server that runs at the moment; none while there is none.
pub(crate) type Line = watch::Receiver<Option<Channel>>;

/// What a client saw besides the OKs in the ledger.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Everything it ever asked for: token and kind.
    pub(crate) asked: Vec<(String, What)>,
    /// Answers that were repeats of an answer lost in a crash.
    pub(crate) replayed: u64,
    /// Calls without a definite answer.
    pub(crate) lost_answers: u64,
    pub(crate) refused: Vec<String>,
}

/// A client.
pub(crate) struct Client {
    line: Line,
    ledger: Ledger,
    /// Incidents of this client that it may still do something to.
    open: Vec<String>,
    seen: Seen,
}

impl Client {
    pub(crate) fn new(line: Line, ledger: Ledger) -> Client {
        Client { line, ledger, open: Vec::new(), seen: Seen::default() }
    }

    /// Works until told to end, and finishes what it began.
    pub(crate) async fn run(mut self, end: watch::Receiver<bool>) -> Seen {
        while !*end.borrow() {
            let what = self.choose();
            let token = Uuid::now_v7().to_string();
            self.seen.asked.push((token.clone(), what));
            self.one(what, token).await;
            let pause = rand::rng().random_range(1..12);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        self.seen
    }

    fn choose(&self) -> What {
        match rand::rng().random_range(0..10) {
            _ if self.open.is_empty() => What::Report,
            0..3 => What::Report,
            3..5 => What::Alert,
            5..7 => What::Note,
            7..9 => What::Acknowledgement,
            _ => What::Hold,
        }
    }

    /// Asks until the answer is definite.
    async fn one(&mut self, what: What, token: String) {
        let at = rand::rng().random_range(0..self.open.len().max(1));
        let incident = match what {
            What::Report | What::Alert => String::new(),
            // What was acknowledged or held is left alone after that.
            What::Acknowledgement | What::Hold => self.open.swap_remove(at),
            What::Note => self.open[at].clone(),
        };
        loop {
            let Some(channel) = self.connected().await else { return };
            let call = call(channel, what, &token, &incident);
            let answer = match tokio::time::timeout(PATIENCE, call).await {
                Ok(answer) => answer,
                Err(_) => Err(Status::deadline_exceeded("no answer")),
            };
            match answer {
                Ok((incident, replayed)) => {
                    self.seen.replayed += u64::from(replayed);
                    if matches!(what, What::Report | What::Alert) {
                        self.open.push(incident.clone());
                    }
                    return self.ledger.promise(Promise { token, what, incident }).await;
                }
                Err(status) if is_definite(&status) => {
                    return self.seen.refused.push(format!("{what:?} {token}: {status}"));
                }
                Err(_) => {
                    self.seen.lost_answers += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    /// The current connection; `None` once there will be no more servers.
    async fn connected(&mut self) -> Option<Channel> {
        self.line.wait_for(Option::is_some).await.ok()?.clone()
    }
}

/// Whether nothing can have happened and nothing will by asking again.
fn is_definite(status: &Status) -> bool {
    !matches!(
        status.code(),
        Code::Unavailable
            | Code::Unknown
            | Code::Cancelled
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Internal
            | Code::Aborted
    )
}

/// One call: the incident's name, and whether the answer is a repeat.
async fn call(channel: Channel, what: What, token: &str, incident: &str) -> Result<(String, bool), Status> {
    let mut resolution = ResolutionServiceClient::new(channel.clone());
    let (name, request_id) = (incident.to_owned(), token.to_owned());
    match what {
        What::Report => {
            let answer = IntakeServiceClient::new(channel).report_incident(report(token)).await?;
            named(answer.into_inner().result)
        }
        What::Alert => {
            let answer = IntakeServiceClient::new(channel).send_alert(alert(token)).await?;
            named(answer.into_inner().result)
        }
        What::Note => {
            let text = format!("note {token}");
            let request = AddNoteRequest { name, request_id, text, ..AddNoteRequest::default() };
            let answer = resolution.add_note(request).await?.into_inner();
            Ok((incident.to_owned(), answer.replayed))
        }
        What::Acknowledgement => {
            let request = AcknowledgeIncidentRequest { name, request_id, ..Default::default() };
            let answer = resolution.acknowledge_incident(request).await?.into_inner();
            Ok((incident.to_owned(), answer.replayed))
        }
        What::Hold => {
            let request = HoldIncidentRequest {
                name,
                request_id,
                reason: HoldReason::AwaitingVendor.into(),
                end_time: Some((SystemTime::UNIX_EPOCH + held_until(token)).into()),
                note: format!("hold {token}"),
                ..HoldIncidentRequest::default()
            };
            let answer = resolution.hold_incident(request).await?.into_inner();
            Ok((incident.to_owned(), answer.replayed))
        }
    }
}

/// The same instant in every attempt, or the request would be another one: 20 s after the token was made.
fn held_until(token: &str) -> Duration {
    let made = Uuid::parse_str(token).ok().and_then(|id| id.get_timestamp()).map(|at| at.to_unix());
    let (seconds, _) = made.expect("tokens are made of an instant");
    Duration::from_secs(seconds + 20)
}

fn named(result: Option<IntakeResult>) -> Result<(String, bool), Status> {
    let result = result.ok_or_else(|| Status::not_found("an answer without a result"))?;
    Ok((result.incident, result.outcome == i32::from(IntakeOutcome::Replayed)))
}

const SERVICES: [&str; 3] = ["shop", "search", "orders"];

fn service(token: &str) -> &'static str {
    SERVICES[token.bytes().map(usize::from).sum::<usize>() % SERVICES.len()]
}

fn report(token: &str) -> ReportIncidentRequest {
    ReportIncidentRequest {
        title: format!("report {token}"),
        service: format!("services/{}", service(token)),
        impact: Impact::High.into(),
        urgency: Urgency::Medium.into(),
        request_id: token.to_owned(),
        ..ReportIncidentRequest::default()
    }
}

fn alert(token: &str) -> SendAlertRequest {
    let alert = AlertSignal {
        status: SignalStatus::Firing.into(),
        dedup_key: token.to_owned(),
        title: format!("alert {token}"),
        severity: "page".to_owned(),
        labels: [("service".to_owned(), service(token).to_owned())].into(),
        ..AlertSignal::default()
    };
    SendAlertRequest {
        alert: Some(alert),
        integration: "integrations/dev".to_owned(),
        request_id: token.to_owned(),
    }
}
