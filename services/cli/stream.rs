//! `stentor alert stream`: alerts on stdin, one JSON object a line; what became of each on stdout, in the same order.
//! It reads no further ahead than the server takes, and decides nothing about an alert.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use futures::StreamExt;
use serde_json::Value;
use stentor_proto::v1::{
    self, StreamAlertError, StreamAlertsRequest, StreamAlertsResponse, stream_alerts_response::Answer,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use super::client::pause;
use super::failure::{Failure, code_of};
use super::{json, refs, shell::Shell};

/// Alerts sent and not yet answered; the server does not take more ahead either.
const AHEAD: usize = 256;

/// Lines read and not yet sent.
const LINES: usize = 64;

/// Streams lost in a row without an answer, after which it is no use.
const LOSSES_MAX: u32 = 5;

/// Many alerts.
#[derive(Args, Clone, Debug)]
pub struct StreamAlerts {
    /// Lines of JSON, each an AlertSignal, or a StreamAlertsRequest with number and request id; - reads stdin
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Integration they come through [default: your own]
    #[arg(long, value_parser = refs::integration)]
    integration: Option<String>,
}

/// What a line says.
enum Line {
    Alert(Box<StreamAlertsRequest>),
    /// It makes no sense, and this is its answer.
    Wrong(Box<StreamAlertsResponse>),
    Broken(io::Error),
}

/// The state of a run over all its connections.
struct Run {
    lines: mpsc::Receiver<Line>,
    /// There are no more lines.
    ended: bool,
    /// Sent or to be sent, and not yet answered, in order.
    waiting: VecDeque<StreamAlertsRequest>,
    total: usize,
    refused: usize,
    /// Exit code of the first refusal.
    code: u8,
}

impl StreamAlerts {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let lines = read(&self.file, self.integration)?;
        let waiting = VecDeque::new();
        let mut run = Run { lines, ended: false, waiting, total: 0, refused: 0, code: 0 };
        let mut losses = 0;
        while !(run.ended && run.waiting.is_empty()) {
            let answered = run.total;
            let end = run.connection(shell).await?;
            losses = if run.total > answered { 0 } else { losses + 1 };
            let Some(status) = end.or_else(|| {
                let going_on = run.ended && run.waiting.is_empty() || losses < LOSSES_MAX;
                (!going_on).then(|| Status::unavailable("the server ends each stream before it answers"))
            }) else {
                continue;
            };
            if status.code() != Code::Unavailable || losses >= LOSSES_MAX {
                return Err(Failure::Refused { status: Box::new(status), request_id: None });
            }
            tokio::time::sleep(pause(&status, losses)).await;
        }
        shell.terminal.say(&format!("{} alerts answered, {} of them refused", run.total, run.refused));
        match run.refused {
            0 => Ok(()),
            failed => Err(Failure::Several { failed, total: run.total, code: run.code }),
        }
    }
}

impl Run {
    /// Sends and reads until the stream ends, and says why if it was lost. What is unanswered by then is sent again
    /// under the same request ids, so that nothing is heard twice.
    async fn connection(&mut self, shell: &mut Shell) -> Result<Option<Status>, Failure> {
        let (sender, messages) = mpsc::channel::<StreamAlertsRequest>(1);
        let mut answers = match shell.client.exchange(ReceiverStream::new(messages)).await {
            Ok(answers) => answers,
            Err(status) => return Ok(Some(status)),
        };
        let (mut sender, mut sent) = (Some(sender), 0);
        loop {
            if self.ended && sent == self.waiting.len() {
                // The server answers what it has, and then ends too.
                sender = None;
            }
            let next = self.waiting.get(sent).cloned();
            let room = next.is_none() && !self.ended && self.waiting.len() < AHEAD;
            tokio::select! {
                answer = answers.next() => match answer {
                    None => return Ok(None),
                    Some(Err(status)) => return Ok(Some(status)),
                    Some(Ok(answer)) => {
                        self.waiting.pop_front();
                        sent = sent.saturating_sub(1);
                        self.tell(shell, &answer)?;
                    }
                },
                permit = reserve(sender.clone()), if next.is_some() => match (permit, next) {
                    (Some(permit), Some(next)) => {
                        drop(permit.send(next));
                        sent += 1;
                    }
                    // The stream takes no more: its end comes as an answer.
                    _ => sender = None,
                },
                line = self.lines.recv(), if room => match line {
                    None => self.ended = true,
                    Some(Line::Alert(alert)) => self.waiting.push_back(*alert),
                    Some(Line::Wrong(answer)) => self.tell(shell, &answer)?,
                    Some(Line::Broken(source)) => return Err(Failure::io("reading alerts", source)),
                },
            }
        }
    }

    fn tell(&mut self, shell: &mut Shell, answer: &StreamAlertsResponse) -> Result<(), Failure> {
        self.total += 1;
        if let Some(Answer::Error(error)) = &answer.answer {
            self.refused += 1;
            if self.code == 0 {
                self.code = code_of(&Status::new(Code::from_i32(error.code), ""));
            }
        }
        shell.terminal.data(&json::of("StreamAlertsResponse", answer).to_string())
    }
}

/// Waits for room in a stream; for ever where nothing may be sent any more.
async fn reserve(
    sender: Option<mpsc::Sender<StreamAlertsRequest>>,
) -> Option<mpsc::OwnedPermit<StreamAlertsRequest>> {
    match sender {
        Some(sender) => sender.reserve_owned().await.ok(),
        None => std::future::pending().await,
    }
}

/// Reads lines on a thread of its own, because stdin cannot be waited for otherwise.
fn read(file: &Path, integration: Option<String>) -> Result<mpsc::Receiver<Line>, Failure> {
    let input: Box<dyn BufRead + Send> = if file == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let what = format!("reading {}", file.display());
        Box::new(BufReader::new(File::open(file).map_err(|source| Failure::io(what, source))?))
    };
    let (sender, lines) = mpsc::channel(LINES);
    std::thread::spawn(move || {
        let integration = integration.unwrap_or_default();
        for (line, number) in input.lines().zip(1_i64..) {
            let line = match line {
                Ok(text) if text.trim().is_empty() => continue,
                Ok(text) => understood(&text, number, &integration),
                Err(source) => Line::Broken(source),
            };
            let last = matches!(line, Line::Broken(_));
            if sender.blocking_send(line).is_err() || last {
                return;
            }
        }
    });
    Ok(lines)
}

fn understood(text: &str, number: i64, integration: &str) -> Line {
    let mut message = match request(text) {
        Ok(message) => message,
        Err(problem) => return Line::Wrong(Box::new(wrong(number, problem))),
    };
    if message.number == 0 {
        message.number = number;
    }
    if message.integration.is_empty() {
        integration.clone_into(&mut message.integration);
    }
    if message.request_id.is_empty() {
        message.request_id = uuid::Uuid::new_v4().to_string();
    }
    Line::Alert(Box::new(message))
}

fn request(text: &str) -> Result<StreamAlertsRequest, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if value.get("alert").is_some() {
        return json::read("StreamAlertsRequest", value);
    }
    let alert: v1::AlertSignal = json::read("AlertSignal", value)?;
    Ok(StreamAlertsRequest { alert: Some(alert), ..Default::default() })
}

fn wrong(number: i64, message: String) -> StreamAlertsResponse {
    let code = Code::InvalidArgument.into();
    let error = StreamAlertError { code, reason: "LINE_MALFORMED".to_owned(), message, ..Default::default() };
    StreamAlertsResponse { number, answer: Some(Answer::Error(error)) }
}
