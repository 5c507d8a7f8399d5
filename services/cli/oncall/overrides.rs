//! `stentor oncall override …`: somebody takes over for a while.
//! What the server warns of goes to stderr, and the override is made all the same.

use clap::{Args, Subcommand};
use stentor_proto::v1;

use crate::cli::{
    failure::Failure,
    refs, render,
    shell::{Shell, again},
    time,
};

/// What can be done with overrides.
#[derive(Clone, Debug, Subcommand)]
#[command(before_help = "\
Examples:
  stentor oncall override create --schedule shop-primary --by bo --to 8h
  stentor oncall override create --schedule shop-primary --by bo --replace chi --from 2026-12-24T08:00:00Z --to 2026-12-27T08:00:00Z
  stentor oncall override list --person bo
  stentor oncall override cancel 7 -m \"back early\"")]
pub enum Override {
    /// Let somebody take over, from now on at the earliest
    Create(Create),
    /// List overrides, newest first
    List(List),
    /// Show one override
    Show(Which),
    /// End an override now
    Cancel(Cancel),
}

/// One override.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// 7 or overrides/7
    #[arg(value_name = "OVERRIDE", value_parser = refs::override_number)]
    name: String,
}

/// A new override.
#[derive(Args, Clone, Debug)]
pub struct Create {
    /// On this schedule
    #[arg(long, short, value_parser = refs::schedule)]
    schedule: String,
    /// Who takes over
    #[arg(long, value_name = "PERSON", value_parser = refs::person)]
    by: String,
    /// Who is replaced [default: everyone, and gaps are filled]
    #[arg(long, value_name = "PERSON", value_parser = refs::person)]
    replace: Option<String>,
    /// First instant [default: now]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    from: Option<time::When>,
    /// Where it ends, for example 8h or 2026-06-01T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    to: time::When,
    /// Why
    #[arg(short = 'm', long)]
    reason: Option<String>,
    /// Check everything and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Which overrides, and how many.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only of this schedule
    #[arg(long, short, value_parser = refs::schedule)]
    schedule: Option<String>,
    /// Only those in which this person takes over or is replaced
    #[arg(long, short, value_parser = refs::person)]
    person: Option<String>,
    /// Also those that are over or cancelled
    #[arg(long, short)]
    all: bool,
    /// Most overrides shown
    #[arg(long, short = 'n', value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// The end of an override.
#[derive(Args, Clone, Debug)]
pub struct Cancel {
    #[command(flatten)]
    which: Which,
    /// Why
    #[arg(short = 'm', long)]
    reason: Option<String>,
}

impl Override {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Create(args) => args.run(shell).await,
            Self::List(args) => args.run(shell).await,
            Self::Show(Which { name }) => {
                let answer = shell.call(&v1::GetOverrideRequest { name }).await?;
                let found = answer.r#override.unwrap_or_default();
                shell.one("Override", &found, |shell, o| {
                    render::oncall::overrides(shell, std::slice::from_ref(o))
                })
            }
            Self::Cancel(args) => {
                let request = v1::CancelOverrideRequest {
                    name: args.which.name,
                    reason: args.reason.unwrap_or_default(),
                    request_id: shell.request_id(),
                };
                let answer = shell.call(&request).await?;
                after(shell, answer.r#override.unwrap_or_default(), "cancelled", answer.replayed)
            }
        }
    }
}

impl Create {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let now = shell.moment.now;
        let request = v1::CreateOverrideRequest {
            schedule: self.schedule,
            start_time: self.from.map(|when| when.from(now)),
            end_time: Some(self.to.from(now)),
            replaced_person: self.replace.unwrap_or_default(),
            person: self.by,
            reason: self.reason.unwrap_or_default(),
            validate_only: self.dry_run,
            request_id: shell.request_id(),
        };
        let answer = shell.call(&request).await?;
        for warning in &answer.warnings {
            shell.terminal.say(&format!("warning: {warning}"));
        }
        let done = if self.dry_run { "would be created; nothing was changed" } else { "created" };
        after(shell, answer.r#override.unwrap_or_default(), done, answer.replayed)
    }
}

impl List {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = |page_size, page_token| v1::ListOverridesRequest {
            schedule: self.schedule.clone().unwrap_or_default(),
            person: self.person.clone().unwrap_or_default(),
            show_ended: self.all,
            page_size,
            page_token,
        };
        let split = |answer: v1::ListOverridesResponse| (answer.overrides, answer.next_page_token);
        let overrides = shell.client.pages(self.limit as usize, request, split).await?;
        shell.list("Override", &overrides, render::oncall::overrides)
    }
}

/// Tells what was done, and shows the override to machines.
fn after(shell: &mut Shell, made: v1::Override, done: &str, replayed: bool) -> Result<(), Failure> {
    let text = render::oncall::override_line(shell, &made);
    shell.done("Override", &made, &format!("{} {done}{}: {text}", made.name, again(replayed)))
}
