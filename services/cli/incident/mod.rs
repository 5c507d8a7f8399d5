//! `stentor incident …`: a subcommand for everything people do with an incident.
//! Each submodule turns one family of subcommands into requests; none decides anything.

mod clock;
mod closing;
mod command;
mod merge;
mod paging;
mod people;
mod read;
mod repair;
mod report;
mod target;
mod triage;
mod watch;
mod work;

pub(super) use clock::ReviewClock;
pub use command::IncidentCommand;
