//! The small reading commands: the triage queue, and whether the server answers.
//! They change nothing.

use std::time::Instant;

use clap::Args;
use stentor_proto::v1;

use super::{failure::Failure, global::Format, refs, render, shell::Shell};

/// Which part of the queue.
#[derive(Args, Clone, Debug)]
pub struct Queue {
    /// Only this service
    #[arg(long, value_parser = refs::service)]
    service: Option<String>,
    /// Only this team
    #[arg(long, value_parser = refs::team)]
    team: Option<String>,
    /// Most entries shown
    #[arg(long, short = 'n', value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl Queue {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = |page_size, page_token| v1::ListTriageQueueRequest {
            service: self.service.clone().unwrap_or_default(),
            team: self.team.clone().unwrap_or_default(),
            page_size,
            page_token,
        };
        let split = |answer: v1::ListTriageQueueResponse| (answer.entries, answer.next_page_token);
        let entries = shell.client.pages(self.limit as usize, request, split).await?;
        shell.list("TriageQueueEntry", &entries, render::policy::queue)
    }
}

/// Asks whether the server answers, and how fast.
pub(super) async fn ping(shell: &mut Shell) -> Result<(), Failure> {
    let start = Instant::now();
    shell.call(&v1::PingRequest { payload: Vec::new() }).await?;
    let took = start.elapsed();
    let text = match shell.format {
        Format::Json | Format::Jsonl | Format::Svg | Format::Html | Format::Csv => {
            serde_json::json!({"roundTrip": format!("{:.6}s", took.as_secs_f64())}).to_string()
        }
        Format::Yaml => format!("roundTrip: {:.6}s", took.as_secs_f64()),
        Format::Table | Format::Wide | Format::Name => {
            format!("the server answered in {:.1} ms", took.as_secs_f64() * 1e3)
        }
    };
    shell.terminal.data(&text)
}
