//! `stentor maintenance …`: planned work, and what becomes of alerts that come while it lasts.

use clap::{Args, Subcommand};
use stentor_proto::v1;

use super::{
    failure::Failure,
    matchers, refs, render,
    shell::{Shell, again},
    time, words,
};

/// What can be done with maintenance windows.
#[derive(Clone, Debug, Subcommand)]
#[command(before_help = "\
Examples:
  stentor maintenance create --service checkout --mode hold --to 2h -m \"new release\"
  stentor maintenance create --service checkout --mode mute --from 2026-12-06T22:00:00Z --to 2026-12-07T02:00:00Z --weekly Europe/Berlin -m backups
  stentor maintenance create region=eu-west --mode collect --to 30m -m \"network works\"
  stentor maintenance cancel 3 -m \"done early\"")]
pub enum MaintenanceCommand {
    /// Plan maintenance, once or every week
    Create(Create),
    /// List windows, newest first
    List(List),
    /// Show one window
    Show(Which),
    /// End a window now, and all its repetitions; what it held back is paged
    Cancel(Cancel),
}

/// One window.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// 3 or maintenanceWindows/3
    #[arg(value_name = "WINDOW", value_parser = refs::window)]
    name: String,
}

/// A new window.
#[derive(Args, Clone, Debug)]
pub struct Create {
    /// Only alerts that match: label=value, label!=value, label=~pattern or label!~pattern; an `or` begins another set
    #[arg(value_name = "MATCHER", required_unless_present = "service")]
    matchers: Vec<String>,
    /// Only alerts of this service; may be given several times
    #[arg(long, short, value_parser = refs::service)]
    service: Vec<String>,
    /// What becomes of alerts: page what still fires at the end, do not page it either, the same in one incident, or do not
    /// take them in
    #[arg(long, value_parser = words::parser("MaintenanceMode"))]
    mode: i32,
    /// First instant [default: now]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    from: Option<time::When>,
    /// Where it ends, for example 2h or 2026-06-01T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    to: time::When,
    /// Repeat every week by the clock of this zone, for example Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    weekly: Option<String>,
    /// No repetition begins at or after this instant [default: until it is cancelled]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, requires = "weekly")]
    until: Option<time::When>,
    /// Why
    #[arg(short = 'm', long)]
    comment: String,
    /// Check everything and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Which windows, and how many.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only those that cover alerts of this service
    #[arg(long, short, value_parser = refs::service)]
    service: Option<String>,
    /// Also those that are over or cancelled
    #[arg(long, short)]
    all: bool,
    /// Most windows shown
    #[arg(long, short = 'n', value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// The end of a window.
#[derive(Args, Clone, Debug)]
pub struct Cancel {
    #[command(flatten)]
    which: Which,
    /// Why
    #[arg(short = 'm', long)]
    reason: Option<String>,
}

impl MaintenanceCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Create(args) => args.run(shell).await,
            Self::List(args) => args.run(shell).await,
            Self::Show(Which { name }) => {
                let answer = shell.call(&v1::GetMaintenanceWindowRequest { name }).await?;
                let found = answer.maintenance_window.unwrap_or_default();
                shell.one("MaintenanceWindow", &found, |shell, w| {
                    render::maintenance::windows(shell, std::slice::from_ref(w))
                })
            }
            Self::Cancel(args) => {
                let request = v1::CancelMaintenanceWindowRequest {
                    name: args.which.name,
                    reason: args.reason.unwrap_or_default(),
                    request_id: shell.request_id(),
                };
                let answer = shell.call(&request).await?;
                after(shell, answer.maintenance_window.unwrap_or_default(), "cancelled", answer.replayed)
            }
        }
    }
}

impl Create {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let now = shell.moment.now;
        let given = !self.matchers.is_empty();
        let sets = given.then(|| matchers::sets(&self.matchers)).transpose().map_err(Failure::Usage)?;
        let request = v1::CreateMaintenanceWindowRequest {
            services: self.service,
            matcher_sets: sets.unwrap_or_default(),
            start_time: self.from.map(|when| when.from(now)),
            end_time: Some(self.to.from(now)),
            weekly_zone: self.weekly.unwrap_or_default(),
            weekly_until_time: self.until.map(|when| when.from(now)),
            mode: self.mode,
            comment: self.comment,
            validate_only: self.dry_run,
            request_id: shell.request_id(),
        };
        let answer = shell.call(&request).await?;
        let done = if self.dry_run { "would be created; nothing was changed" } else { "created" };
        after(shell, answer.maintenance_window.unwrap_or_default(), done, answer.replayed)
    }
}

impl List {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = |page_size, page_token| v1::ListMaintenanceWindowsRequest {
            service: self.service.clone().unwrap_or_default(),
            show_ended: self.all,
            page_size,
            page_token,
        };
        let split =
            |answer: v1::ListMaintenanceWindowsResponse| (answer.maintenance_windows, answer.next_page_token);
        let windows = shell.client.pages(self.limit as usize, request, split).await?;
        shell.list("MaintenanceWindow", &windows, render::maintenance::windows)
    }
}

/// Tells what was done, and shows the window to machines.
fn after(shell: &mut Shell, made: v1::MaintenanceWindow, done: &str, replayed: bool) -> Result<(), Failure> {
    let text = render::maintenance::line(shell, &made);
    shell.done("MaintenanceWindow", &made, &format!("{} {done}{}: {text}", made.name, again(replayed)))
}
