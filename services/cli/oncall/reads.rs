//! Who is on call, who is next, when nobody is, and how it is shared.
//! Intervals that are not named are the server's choice.

use clap::Args;
use prost_types::Timestamp;
use stentor_proto::v1;

use crate::cli::{failure::Failure, refs, render, shell::Shell, time};

/// Entries shown unless asked otherwise.
const MOST: &str = "100";

/// Flags of every question.
#[derive(Args, Clone, Debug)]
struct Known {
    /// As it was known at this instant: what was changed later does not count
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    known: Option<time::When>,
}

/// An interval.
#[derive(Args, Clone, Debug)]
struct Interval {
    /// First instant, for example now, -30d or 2026-06-01T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    from: Option<time::When>,
    /// Where it ends, for example 90d or 2026-09-01T00:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    to: Option<time::When>,
    #[command(flatten)]
    known: Known,
    /// Most entries shown
    #[arg(long, short = 'n', value_name = "N", default_value = MOST, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl Interval {
    /// Start, end and what was known when.
    fn instants(&self, shell: &Shell) -> (Option<Timestamp>, Option<Timestamp>, Option<Timestamp>) {
        (instant(shell, self.from), instant(shell, self.to), instant(shell, self.known.known))
    }
}

fn instant(shell: &Shell, when: Option<time::When>) -> Option<Timestamp> {
    when.map(|when| when.from(shell.moment.now))
}

/// Who is on call.
#[derive(Args, Clone, Debug)]
pub struct Who {
    /// Only this schedule
    #[arg(long, short, value_parser = refs::schedule)]
    schedule: Option<String>,
    /// Only schedules that this person is on call for
    #[arg(long, short, value_parser = refs::person, conflicts_with = "schedule")]
    person: Option<String>,
    /// At this instant, for example now, 12h, -2d or 2026-06-01T12:00:00Z [default: now]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    at: Option<time::When>,
    #[command(flatten)]
    known: Known,
}

impl Who {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let (at_time, known_time) = (instant(shell, self.at), instant(shell, self.known.known));
        if let Some(schedule) = self.schedule {
            let answer = shell.call(&v1::GetOnCallRequest { schedule, at_time, known_time }).await?;
            let shift = answer.shift.unwrap_or_default();
            return shell.one("Shift", &shift, |shell, shift| {
                render::oncall::shifts(shell, std::slice::from_ref(shift))
            });
        }
        let person = self.person.unwrap_or_default();
        let request = |page_size, page_token| v1::ListOnCallRequest {
            person: person.clone(),
            at_time,
            known_time,
            page_size,
            page_token,
        };
        let split = |answer: v1::ListOnCallResponse| (answer.shifts, answer.next_page_token);
        let shifts = shell.client.pages(usize::MAX, request, split).await?;
        shell.list("Shift", &shifts, render::oncall::shifts)
    }
}

/// Hand-overs.
#[derive(Args, Clone, Debug)]
pub struct Next {
    /// Only this schedule
    #[arg(long, short, value_parser = refs::schedule)]
    schedule: Option<String>,
    /// Only those in which this person leaves or comes
    #[arg(long, short, value_parser = refs::person)]
    person: Option<String>,
    #[command(flatten)]
    interval: Interval,
}

impl Next {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let (start_time, end_time, known_time) = self.interval.instants(shell);
        let request = |page_size, page_token| v1::ListScheduleHandoversRequest {
            schedule: self.schedule.clone().unwrap_or_default(),
            person: self.person.clone().unwrap_or_default(),
            start_time,
            end_time,
            known_time,
            page_size,
            page_token,
        };
        let split = |answer: v1::ListScheduleHandoversResponse| (answer.handovers, answer.next_page_token);
        let overs = shell.client.pages(self.interval.limit as usize, request, split).await?;
        shell.list("ScheduleHandover", &overs, render::oncall::handovers)
    }
}

/// Shifts.
#[derive(Args, Clone, Debug)]
pub struct Shifts {
    /// Only this schedule
    #[arg(long, short, value_parser = refs::schedule)]
    schedule: Option<String>,
    /// Only shifts of this person
    #[arg(long, short, value_parser = refs::person)]
    person: Option<String>,
    #[command(flatten)]
    interval: Interval,
}

impl Shifts {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let (start_time, end_time, known_time) = self.interval.instants(shell);
        let request = |page_size, page_token| v1::ListShiftsRequest {
            schedule: self.schedule.clone().unwrap_or_default(),
            person: self.person.clone().unwrap_or_default(),
            start_time,
            end_time,
            known_time,
            page_size,
            page_token,
        };
        let split = |answer: v1::ListShiftsResponse| (answer.shifts, answer.next_page_token);
        let shifts = shell.client.pages(self.interval.limit as usize, request, split).await?;
        shell.list("Shift", &shifts, render::oncall::shifts)
    }
}

/// Gaps.
#[derive(Args, Clone, Debug)]
pub struct Gaps {
    /// Only this schedule
    #[arg(long, short, value_parser = refs::schedule)]
    schedule: Option<String>,
    #[command(flatten)]
    interval: Interval,
}

impl Gaps {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let (start_time, end_time, known_time) = self.interval.instants(shell);
        let request = |page_size, page_token| v1::ListCoverageGapsRequest {
            schedule: self.schedule.clone().unwrap_or_default(),
            start_time,
            end_time,
            known_time,
            page_size,
            page_token,
        };
        let split = |answer: v1::ListCoverageGapsResponse| (answer.gaps, answer.next_page_token);
        let gaps = shell.client.pages(self.interval.limit as usize, request, split).await?;
        shell.list("CoverageGap", &gaps, render::oncall::gaps)
    }
}

/// Shares.
#[derive(Args, Clone, Debug)]
pub struct Fairness {
    /// Only this schedule
    #[arg(long, short, value_parser = refs::schedule)]
    schedule: Option<String>,
    #[command(flatten)]
    interval: Interval,
}

impl Fairness {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let (start_time, end_time, known_time) = self.interval.instants(shell);
        let request = |page_size, page_token| v1::ListOnCallSharesRequest {
            schedule: self.schedule.clone().unwrap_or_default(),
            start_time,
            end_time,
            known_time,
            page_size,
            page_token,
        };
        let split = |answer: v1::ListOnCallSharesResponse| (answer.shares, answer.next_page_token);
        let shares = shell.client.pages(self.interval.limit as usize, request, split).await?;
        shell.list("OnCallShare", &shares, render::oncall::shares)
    }
}

/// A calendar.
#[derive(Args, Clone, Debug)]
pub struct Ics {
    /// Of this schedule
    #[arg(long, short, value_parser = refs::schedule, required_unless_present = "person")]
    schedule: Option<String>,
    /// Of this person
    #[arg(long, short, value_parser = refs::person, conflicts_with = "schedule")]
    person: Option<String>,
    /// Print the address instead; whoever knows it can read the calendar
    #[arg(long)]
    link: bool,
}

impl Ics {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let name = self.schedule.or(self.person).unwrap_or_default();
        let answer = shell.call(&v1::GetCalendarFeedRequest { name }).await?;
        if self.link {
            let address = format!("{}{}", shell.client.server().trim_end_matches('/'), answer.path);
            return shell.terminal.data(&address);
        }
        shell.terminal.data(answer.calendar.trim_end())
    }
}
