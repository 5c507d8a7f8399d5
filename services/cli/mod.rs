//! The command line: its grammar, and a client of the API behind every subcommand but the three that serve.
//! What it shows is what the server answered; only simulations and back-tests play the rules here, and a back-test may
//! read a database file that no server has open.

use clap::{Parser, Subcommand};

mod alert;
pub mod args;
mod backtest;
mod calls;
mod client;
mod failure;
mod global;
mod heartbeat;
pub mod import;
mod incident;
mod integration;
mod json;
mod lint;
mod look;
mod maintenance;
mod matchers;
mod notify;
mod oncall;
mod policy;
mod refs;
mod render;
mod review;
mod run;
mod shell;
mod silence;
mod simulate;
mod sink;
mod sla;
mod stream;
mod subscription;
mod suppression;
mod terminal;
mod time;
mod words;

#[cfg(test)]
mod tests;

pub use alert::AlertCommand;
pub use backtest::Backtest;
pub use failure::INTERRUPTED;
pub use global::{Format, GlobalArgs};
pub use heartbeat::HeartbeatCommand;
pub use incident::IncidentCommand;
pub use integration::IntegrationCommand;
pub use look::Queue;
pub use maintenance::MaintenanceCommand;
pub use notify::NotifyCommand;
pub use oncall::OncallCommand;
pub use policy::PolicyCommand;
pub use review::ReviewCommand;
pub use run::run;
pub use silence::SilenceCommand;
pub use simulate::Simulate;
pub use sink::SinkCommand;
pub use sla::SlaCommand;
pub use subscription::SubscriptionCommand;
pub use suppression::SuppressionCommand;
pub use terminal::Terminal;

pub(crate) use render::timeline::told;
pub(crate) use terminal::Tone;

/// Examples stand before everything else in the help, because most people read nothing else.
const EXAMPLES: &str = "\
Examples:
  stentor incident report --title \"Checkout is down\" --service checkout --impact high --urgency high
  stentor incident list
  stentor incident ack INC-42 --as ana
  stentor incident watch INC-42
  stentor oncall who
  stentor policy apply policy.yaml --dry-run
  stentor simulate --policy policy.yaml --service checkout --priority P1 --at 2026-06-03T10:00:00Z

Exit codes:
  0 done   1 failed   2 wrong use   3 not found   4 not allowed   5 conflict or precondition
  6 unavailable or out of time (try again)   7 some of several failed   130 interrupted";

/// Version and what it was built from.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("STENTOR_REVISION"), ")");

/// Incident service with a durable workflow engine: server and command line.
#[derive(Clone, Debug, Parser)]
#[command(name = "stentor", version = VERSION, about, before_help = EXAMPLES, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Flags of every subcommand that talks to a server.
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// All subcommands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run the server
    Serve(args::ServeArgs),
    /// Show a whole incident's life on a server of its own, within a minute
    Demo(args::DemoArgs),
    /// Bring the schema of the database up to date
    Migrate(args::MigrateArgs),
    /// Bring in what other tools recorded, as closed history
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Those that talk to a server.
    #[command(flatten)]
    Client(ClientCommand),
}

/// Subcommands that talk to a server.
#[derive(Clone, Debug, Subcommand)]
pub enum ClientCommand {
    /// Report, list and work incidents
    #[command(subcommand, visible_alias = "inc")]
    Incident(IncidentCommand),
    /// Show what breaches next
    Queue(Queue),
    /// Ask who is on call, and change it for a while
    #[command(subcommand)]
    Oncall(OncallCommand),
    /// Plan maintenance: what becomes of alerts while it lasts
    #[command(subcommand)]
    Maintenance(MaintenanceCommand),
    /// Have alerts that match page nobody for a while
    #[command(subcommand)]
    Silence(SilenceCommand),
    /// Ask what paged nobody, and why
    #[command(subcommand)]
    Suppression(SuppressionCommand),
    /// Read, write and publish reviews
    #[command(subcommand)]
    Review(ReviewCommand),
    /// Ask which SLAs were kept
    #[command(subcommand)]
    Sla(SlaCommand),
    /// Apply and read the policy
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Show what would happen: who is paged when and how, clocks, breaches
    Simulate(Box<Simulate>),
    /// Replay past incidents under another policy, and show what differs
    Backtest(Box<Backtest>),
    /// Send alerts as a machine does
    #[command(subcommand)]
    Alert(AlertCommand),
    /// Sources of alerts, and what to paste into them
    #[command(subcommand)]
    Integration(IntegrationCommand),
    /// Try out whether people would be reached
    #[command(subcommand)]
    Notify(NotifyCommand),
    /// Who gets status updates
    #[command(subcommand)]
    Subscription(SubscriptionCommand),
    /// Jobs that tell that they ran, and which of them are silent
    #[command(subcommand)]
    Heartbeat(HeartbeatCommand),
    /// Where every event is sent, and how far each of them is
    #[command(subcommand)]
    Sink(SinkCommand),
    /// Ask whether the server answers
    Ping,
    /// Print a completion script
    Completion {
        /// Shell to complete in
        shell: clap_complete::Shell,
    },
}
