//! The list of what can be done with an incident, in the order of its life.
//! It only leads to the module that does it.

use clap::Subcommand;

use super::{clock, closing, merge, paging, people, read, repair, report, triage, watch, work};
use crate::cli::{failure::Failure, shell::Shell};

/// What can be done with an incident.
#[derive(Clone, Debug, Subcommand)]
pub enum IncidentCommand {
    /// Report that something is wrong
    Report(report::Report),
    /// List incidents, what breaches next first
    List(read::List),
    /// Show everything about one incident
    Show(read::Show),
    /// Explain an SLA clock: what counted, what did not, and since when
    Clock(clock::Clock),
    /// Show the history of an incident
    Timeline(read::Timeline),
    /// Follow one incident or all of them live
    Watch(watch::Watch),
    /// Acknowledge: you have it, paging stops
    #[command(visible_alias = "acknowledge")]
    Ack(paging::Acknowledge),
    /// Give it back; the level reached is paged again
    #[command(visible_alias = "unacknowledge")]
    Unack(paging::Plain),
    /// Page the next level now
    Escalate(paging::Escalate),
    /// Put it on hold until something happens
    Hold(paging::Hold),
    /// End a hold
    Resume(paging::Plain),
    /// Page nobody for a while
    Snooze(paging::Snooze),
    /// End a snooze
    Wake(paging::Plain),
    /// End a suppression; paging starts
    Release(paging::Plain),
    /// Demand that people join
    Summon(paging::Summon),
    /// Answer a summons of yours
    Answer(paging::Answer),
    /// Say that it is an incident
    Declare(triage::Declare),
    /// Set category, impact, urgency, service or labels
    Triage(triage::Triage),
    /// Set the priority
    Priority(triage::Priority),
    /// Make a person or a team responsible
    Assign(triage::Assign),
    /// Add a note
    Note(work::Note),
    /// Add or retract evidence
    #[command(subcommand)]
    Evidence(work::Evidence),
    /// Add or update a task
    #[command(subcommand)]
    Task(work::Task),
    /// Propose or update a supposed cause
    #[command(subcommand)]
    Hypothesis(work::Hypothesis),
    /// Assign roles and hand them over
    #[command(subcommand)]
    Role(people::Role),
    /// Post a status update
    Update(people::Update),
    /// Subscribe somebody to updates
    Subscribe(people::Subscribe),
    /// Users no longer suffer
    Mitigate(repair::Mitigate),
    /// Users suffer again
    Relapse(repair::Relapse),
    /// Plan, apply, verify or roll back a fix
    #[command(subcommand)]
    Fix(repair::Fix),
    /// Record whether an applied fix works
    Verify(repair::Verify),
    /// Add or complete a recovery step
    #[command(subcommand)]
    Recovery(repair::Recovery),
    /// Resolve it
    Resolve(closing::Resolve),
    /// Open it again
    Reopen(closing::Reopen),
    /// Fill a field of the closure checklist
    Document(closing::Document),
    /// Let a field of the closure checklist stay empty
    Waive(closing::Waive),
    /// Close it
    Close(closing::Close),
    /// End what is no incident
    Cancel(triage::Cancel),
    /// Merge it into another incident
    Merge(merge::Merge),
    /// Move alerts into a new incident
    Split(merge::Split),
    /// Link it to another incident
    Relate(triage::Relate),
    /// Correct instants that metrics use
    CorrectTimes(closing::Correct),
    /// Say why the breach of a clock is nobody's failure
    Excuse(closing::Excuse),
    /// Move it to another policy version
    MovePolicy(closing::MovePolicy),
}

impl IncidentCommand {
    /// Does it.
    pub(in crate::cli) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Report(args) => args.run(shell).await,
            Self::List(args) => args.run(shell).await,
            Self::Show(args) => args.run(shell).await,
            Self::Clock(args) => args.run(shell).await,
            Self::Timeline(args) => args.run(shell).await,
            Self::Watch(args) => args.run(shell).await,
            Self::Ack(args) => args.run(shell).await,
            Self::Unack(args) => args.unacknowledge(shell).await,
            Self::Escalate(args) => args.run(shell).await,
            Self::Hold(args) => args.run(shell).await,
            Self::Resume(args) => args.resume(shell).await,
            Self::Snooze(args) => args.run(shell).await,
            Self::Wake(args) => args.wake(shell).await,
            Self::Release(args) => args.release(shell).await,
            Self::Summon(args) => args.run(shell).await,
            Self::Answer(args) => args.run(shell).await,
            Self::Declare(args) => args.run(shell).await,
            Self::Triage(args) => args.run(shell).await,
            Self::Priority(args) => args.run(shell).await,
            Self::Assign(args) => args.run(shell).await,
            Self::Note(args) => args.run(shell).await,
            Self::Evidence(command) => command.run(shell).await,
            Self::Task(command) => command.run(shell).await,
            Self::Hypothesis(command) => command.run(shell).await,
            Self::Role(command) => command.run(shell).await,
            Self::Update(args) => args.run(shell).await,
            Self::Subscribe(args) => args.run(shell).await,
            Self::Mitigate(args) => args.run(shell).await,
            Self::Relapse(args) => args.run(shell).await,
            Self::Fix(command) => command.run(shell).await,
            Self::Verify(args) => args.run(shell).await,
            Self::Recovery(command) => command.run(shell).await,
            Self::Resolve(args) => args.run(shell).await,
            Self::Reopen(args) => args.run(shell).await,
            Self::Document(args) => args.run(shell).await,
            Self::Waive(args) => args.run(shell).await,
            Self::Close(args) => args.run(shell).await,
            Self::Cancel(args) => args.run(shell).await,
            Self::Merge(args) => args.run(shell).await,
            Self::Split(args) => args.run(shell).await,
            Self::Relate(args) => args.run(shell).await,
            Self::CorrectTimes(args) => args.run(shell).await,
            Self::Excuse(args) => args.run(shell).await,
            Self::MovePolicy(args) => args.run(shell).await,
        }
    }
}
