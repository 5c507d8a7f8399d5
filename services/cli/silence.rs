//! `stentor silence …`: alerts that match page nobody for a while.
//! What a silence would hold back now is shown by a dry run, before anybody is not paged.

use clap::{Args, Subcommand};
use stentor_proto::v1;

use super::{
    failure::Failure,
    matchers, refs, render,
    shell::{Shell, again},
    time,
};

/// What can be done with silences.
#[derive(Clone, Debug, Subcommand)]
#[command(before_help = "\
Examples:
  stentor silence create alertname=DiskFull host=~'db-.*' --to 2h -m \"disks are being changed\"
  stentor silence create team=shop or team=desk --to 30m -m drill --dry-run
  stentor silence list --label host=db-1
  stentor silence cancel 7 -m \"done early\"")]
pub enum SilenceCommand {
    /// Have alerts that match page nobody for a while
    Create(Create),
    /// List silences, newest first
    List(List),
    /// Show one silence
    Show(Which),
    /// End a silence now; what it held back is paged
    Cancel(Cancel),
}

/// One silence.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// 7 or silences/7
    #[arg(value_name = "SILENCE", value_parser = refs::silence)]
    name: String,
}

/// A new silence.
#[derive(Args, Clone, Debug)]
pub struct Create {
    /// label=value, label!=value, label=~pattern or label!~pattern; all must hold, an `or` begins another set
    #[arg(value_name = "MATCHER", required = true)]
    matchers: Vec<String>,
    /// First instant [default: now]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    from: Option<time::When>,
    /// Where it ends, for example 2h or 2026-06-01T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    to: time::When,
    /// Why
    #[arg(short = 'm', long)]
    comment: String,
    /// Show which alerts it would silence now, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Which silences, and how many.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only those that match an alert with these labels, as name=value
    #[arg(long, short, value_name = "LABEL", value_parser = refs::label)]
    label: Vec<(String, String)>,
    /// Also those that are over or cancelled
    #[arg(long, short)]
    all: bool,
    /// Most silences shown
    #[arg(long, short = 'n', value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// The end of a silence.
#[derive(Args, Clone, Debug)]
pub struct Cancel {
    #[command(flatten)]
    which: Which,
    /// Why
    #[arg(short = 'm', long)]
    reason: Option<String>,
}

impl SilenceCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Create(args) => args.run(shell).await,
            Self::List(args) => args.run(shell).await,
            Self::Show(Which { name }) => {
                let answer = shell.call(&v1::GetSilenceRequest { name }).await?;
                let found = answer.silence.unwrap_or_default();
                shell.one("Silence", &found, |shell, s| {
                    render::silence::silences(shell, std::slice::from_ref(s))
                })
            }
            Self::Cancel(args) => {
                let request = v1::CancelSilenceRequest {
                    name: args.which.name,
                    reason: args.reason.unwrap_or_default(),
                    request_id: shell.request_id(),
                };
                let answer = shell.call(&request).await?;
                let ended = answer.silence.unwrap_or_default();
                let text = render::silence::line(shell, &ended);
                shell.done(
                    "Silence",
                    &ended,
                    &format!("{} cancelled{}: {text}", ended.name, again(answer.replayed)),
                )
            }
        }
    }
}

impl Create {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let now = shell.moment.now;
        let request = v1::CreateSilenceRequest {
            matcher_sets: matchers::sets(&self.matchers).map_err(Failure::Usage)?,
            start_time: self.from.map(|when| when.from(now)),
            end_time: Some(self.to.from(now)),
            comment: self.comment,
            validate_only: self.dry_run,
            request_id: shell.request_id(),
        };
        let answer = shell.call(&request).await?;
        if self.dry_run {
            return shell.one("CreateSilenceResponse", &answer, render::silence::preview);
        }
        let made = answer.silence.unwrap_or_default();
        let text = render::silence::line(shell, &made);
        shell.done("Silence", &made, &format!("{} created{}: {text}", made.name, again(answer.replayed)))
    }
}

impl List {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = |page_size, page_token| v1::ListSilencesRequest {
            labels: self.label.iter().cloned().collect(),
            show_ended: self.all,
            page_size,
            page_token,
        };
        let split = |answer: v1::ListSilencesResponse| (answer.silences, answer.next_page_token);
        let silences = shell.client.pages(self.limit as usize, request, split).await?;
        shell.list("Silence", &silences, render::silence::silences)
    }
}
