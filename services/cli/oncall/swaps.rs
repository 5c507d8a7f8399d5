//! `stentor oncall swap …`: two people exchange shifts, asked for by one and accepted by the other.
//! Who may answer is decided by the server.

use clap::{Args, Subcommand};
use stentor_proto::v1;

use crate::cli::{
    failure::Failure,
    refs, render,
    shell::{Shell, again},
    time,
};

/// What can be done with swaps.
#[derive(Clone, Debug, Subcommand)]
#[command(before_help = "\
Examples:
  stentor oncall swap request --schedule shop-primary --with bo --give 2026-12-24T09:00:00Z --take 2026-12-31T09:00:00Z --as ana
  stentor oncall swap list --person bo
  stentor oncall swap accept 3 --as bo")]
pub enum Swap {
    /// Ask somebody to exchange shifts
    Request(Request),
    /// List swaps, newest first
    List(List),
    /// Show one swap
    Show(Which),
    /// Accept a swap that you are asked about
    Accept(Which),
    /// Decline a swap that you are asked about
    Decline(Answer),
    /// Take back a swap that you asked for
    Withdraw(Answer),
}

/// One swap.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// 3 or swaps/3
    #[arg(value_name = "SWAP", value_parser = refs::swap)]
    name: String,
}

/// An answer with a reason.
#[derive(Args, Clone, Debug)]
pub struct Answer {
    #[command(flatten)]
    which: Which,
    /// Why
    #[arg(short = 'm', long)]
    reason: Option<String>,
}

/// An exchange.
#[derive(Args, Clone, Debug)]
pub struct Request {
    /// On this schedule
    #[arg(long, short, value_parser = refs::schedule)]
    schedule: String,
    /// Who asks [default: you]
    #[arg(long, value_name = "PERSON", value_parser = refs::person)]
    requester: Option<String>,
    /// Who is asked
    #[arg(long, value_name = "PERSON", value_parser = refs::person)]
    with: String,
    /// From when you would be relieved
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    give: time::When,
    /// Until when [default: the end of that shift]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    give_to: Option<time::When>,
    /// From when you would stand in
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    take: time::When,
    /// Until when [default: the end of that shift]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    take_to: Option<time::When>,
    /// Why
    #[arg(short = 'm', long)]
    reason: Option<String>,
    /// Check everything and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Which swaps, and how many.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only of this schedule
    #[arg(long, short, value_parser = refs::schedule)]
    schedule: Option<String>,
    /// Only those that this person asked for or is asked about
    #[arg(long, short, value_parser = refs::person)]
    person: Option<String>,
    /// Also those that are answered, withdrawn or lapsed
    #[arg(long, short)]
    all: bool,
    /// Most swaps shown
    #[arg(long, short = 'n', value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl Swap {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Request(args) => args.run(shell).await,
            Self::List(args) => args.run(shell).await,
            Self::Show(Which { name }) => {
                let answer = shell.call(&v1::GetSwapRequest { name }).await?;
                let found = answer.swap.unwrap_or_default();
                shell.one("Swap", &found, |shell, swap| {
                    render::oncall::swaps(shell, std::slice::from_ref(swap))
                })
            }
            Self::Accept(Which { name }) => {
                let request = v1::AcceptSwapRequest { name, request_id: shell.request_id() };
                let answer = shell.call(&request).await?;
                after(shell, answer.swap, "accepted", answer.replayed)
            }
            Self::Decline(Answer { which, reason }) => {
                let (reason, request_id) = (reason.unwrap_or_default(), shell.request_id());
                let request = v1::DeclineSwapRequest { name: which.name, reason, request_id };
                let answer = shell.call(&request).await?;
                after(shell, answer.swap, "declined", answer.replayed)
            }
            Self::Withdraw(Answer { which, reason }) => {
                let (reason, request_id) = (reason.unwrap_or_default(), shell.request_id());
                let request = v1::WithdrawSwapRequest { name: which.name, reason, request_id };
                let answer = shell.call(&request).await?;
                after(shell, answer.swap, "withdrawn", answer.replayed)
            }
        }
    }
}

impl Request {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let now = shell.moment.now;
        let part = |start: time::When, end: Option<time::When>| v1::ShiftPart {
            start_time: Some(start.from(now)),
            end_time: end.map(|when| when.from(now)),
        };
        let request = v1::RequestSwapRequest {
            schedule: self.schedule,
            requester: self.requester.unwrap_or_default(),
            person: self.with,
            give: Some(part(self.give, self.give_to)),
            take: Some(part(self.take, self.take_to)),
            reason: self.reason.unwrap_or_default(),
            validate_only: self.dry_run,
            request_id: shell.request_id(),
        };
        let answer = shell.call(&request).await?;
        let done = if self.dry_run { "would be requested; nothing was changed" } else { "requested" };
        after(shell, answer.swap, done, answer.replayed)
    }
}

impl List {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = |page_size, page_token| v1::ListSwapsRequest {
            schedule: self.schedule.clone().unwrap_or_default(),
            person: self.person.clone().unwrap_or_default(),
            show_ended: self.all,
            page_size,
            page_token,
        };
        let split = |answer: v1::ListSwapsResponse| (answer.swaps, answer.next_page_token);
        let swaps = shell.client.pages(self.limit as usize, request, split).await?;
        shell.list("Swap", &swaps, render::oncall::swaps)
    }
}

/// Tells what was done, and shows the swap to machines.
fn after(shell: &mut Shell, swap: Option<v1::Swap>, done: &str, replayed: bool) -> Result<(), Failure> {
    let swap = swap.unwrap_or_default();
    let text = render::oncall::swap_line(shell, &swap);
    shell.done("Swap", &swap, &format!("{} {done}{}: {text}", swap.name, again(replayed)))
}
