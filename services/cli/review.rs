//! `stentor review …`: reading, writing and publishing reviews, and their action items.
//! What a review still lacks is told by the server.

use clap::{Args, Subcommand};
use stentor_proto::v1;

use super::{client::text, failure::Failure, incident::ReviewClock, refs, render, shell::Shell, time, words};

/// What can be done with reviews.
#[derive(Clone, Debug, Subcommand)]
pub enum ReviewCommand {
    /// List reviews, newest first
    List(List),
    /// Show one review as a document
    Show(Which),
    /// Explain an SLA clock of a review or of an action item
    Clock(ReviewClock),
    /// Ask for a review of an incident that got none
    Request(Request),
    /// Draft all sections anew; edited ones keep their text
    Redraft(Which),
    /// Write a section
    Edit(Edit),
    /// Let a section stay empty
    Waive(Waive),
    /// Record the meeting, or that there is none
    Meeting(Meeting),
    /// Freeze it
    Publish(Which),
    /// Add to a published review
    Amend(Amend),
    /// Say why the breach of a clock is nobody's failure; it stays a breach
    Excuse(Excuse),
    /// Add or update an action item
    #[command(subcommand)]
    Action(Action),
}

/// One review.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// REV-42, 42 or reviews/{id}
    #[arg(value_name = "REVIEW", value_parser = refs::review)]
    name: String,
}

impl ReviewCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::List(args) => args.run(shell).await,
            Self::Show(Which { name }) => {
                let answer = shell.call(&v1::GetReviewRequest { name }).await?;
                shell.one("Review", &answer.review.unwrap_or_default(), |_, _| answer.markdown)
            }
            Self::Clock(args) => args.run(shell).await,
            Self::Request(args) => args.run(shell).await,
            Self::Redraft(Which { name }) => {
                let request_id = shell.request_id();
                let request = v1::RedraftReviewRequest { name, request_id, ..Default::default() };
                shell.revise(&request, "drafted anew").await
            }
            Self::Edit(args) => args.run(shell).await,
            Self::Waive(args) => args.run(shell).await,
            Self::Meeting(args) => args.run(shell).await,
            Self::Publish(Which { name }) => {
                let request_id = shell.request_id();
                let request = v1::PublishReviewRequest { name, request_id, ..Default::default() };
                shell.revise(&request, "published").await
            }
            Self::Amend(args) => args.run(shell).await,
            Self::Excuse(args) => args.run(shell).await,
            Self::Action(Action::Add(args)) => args.run(shell).await,
            Self::Action(Action::Update(args)) => args.run(shell).await,
        }
    }
}

/// Which reviews, and how many.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only those in this state
    #[arg(long, value_parser = words::parser("ReviewState"))]
    state: Option<i32>,
    /// Only those of this incident
    #[arg(long, value_parser = refs::incident)]
    incident: Option<String>,
    /// Most reviews shown
    #[arg(long, short = 'n', value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl List {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = |page_size, page_token| v1::ListReviewsRequest {
            state: self.state.unwrap_or_default(),
            incident: self.incident.clone().unwrap_or_default(),
            page_size,
            page_token,
        };
        let split = |answer: v1::ListReviewsResponse| (answer.reviews, answer.next_page_token);
        let reviews = shell.client.pages(self.limit as usize, request, split).await?;
        shell.list("Review", &reviews, render::review::list)
    }
}

/// A review to be opened.
#[derive(Args, Clone, Debug)]
pub struct Request {
    /// INC-42, 42 or incidents/{id}
    #[arg(value_name = "INCIDENT", value_parser = refs::incident)]
    incident: String,
    /// Who is in charge [default: you]
    #[arg(long, value_parser = refs::person)]
    author: Option<String>,
    /// Why
    #[arg(short = 'm', long)]
    reason: Option<String>,
}

impl Request {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = v1::RequestReviewRequest {
            incident: self.incident,
            author: self.author.unwrap_or_default(),
            reason: self.reason.unwrap_or_default(),
            request_id: shell.request_id(),
        };
        shell.revise(&request, "opened").await
    }
}

/// Text for a section.
#[derive(Args, Clone, Debug)]
pub struct Edit {
    #[command(flatten)]
    review: Which,
    /// Which section
    #[arg(value_parser = words::parser("ReviewSectionKind"))]
    section: i32,
    /// Markdown; - reads it from stdin, nothing at all goes back to the draft
    text: String,
}

impl Edit {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = v1::EditReviewSectionRequest {
            name: self.review.name,
            etag: String::new(),
            request_id: shell.request_id(),
            kind: self.section,
            text: text(&self.text)?,
        };
        let done = format!("has its {} written", words::prose("ReviewSectionKind", self.section));
        shell.revise(&request, &done).await
    }
}

/// A section that stays empty.
#[derive(Args, Clone, Debug)]
pub struct Waive {
    #[command(flatten)]
    review: Which,
    /// Which section
    #[arg(value_parser = words::parser("ReviewSectionKind"))]
    section: i32,
    /// Why
    #[arg(short = 'm', long)]
    reason: String,
}

impl Waive {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = v1::WaiveReviewSectionRequest {
            name: self.review.name,
            etag: String::new(),
            request_id: shell.request_id(),
            kind: self.section,
            reason: self.reason,
        };
        let done = format!("has its {} waived", words::prose("ReviewSectionKind", self.section));
        shell.revise(&request, &done).await
    }
}

/// The meeting.
#[derive(Args, Clone, Debug)]
pub struct Meeting {
    #[command(flatten)]
    review: Which,
    /// When it took place, for example now or -2h
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true, required_unless_present = "waive")]
    at: Option<time::When>,
    /// Who was there; may be given several times
    #[arg(long = "attendee", value_name = "PERSON", value_parser = refs::person, required_unless_present = "waive")]
    attendees: Vec<String>,
    /// Why there is none
    #[arg(long, value_name = "REASON", conflicts_with_all = ["at", "attendees"])]
    waive: Option<String>,
    /// Notes of the meeting; - reads them from stdin
    #[arg(short = 'm', long)]
    notes: Option<String>,
}

impl Meeting {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let done = if self.waive.is_some() { "has its meeting waived" } else { "has its meeting recorded" };
        let request = v1::RecordReviewMeetingRequest {
            name: self.review.name,
            etag: String::new(),
            request_id: shell.request_id(),
            meeting_time: self.at.map(|when| when.from(shell.moment.now)),
            attendees: self.attendees,
            waive_reason: self.waive.unwrap_or_default(),
            notes: self.notes.as_deref().map(text).transpose()?.unwrap_or_default(),
        };
        shell.revise(&request, done).await
    }
}

/// Something added after publication.
#[derive(Args, Clone, Debug)]
pub struct Amend {
    #[command(flatten)]
    review: Which,
    /// Markdown; - reads it from stdin
    text: String,
}

impl Amend {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = v1::AmendReviewRequest {
            name: self.review.name,
            etag: String::new(),
            request_id: shell.request_id(),
            text: text(&self.text)?,
        };
        shell.revise(&request, "amended").await
    }
}

/// Why a breach is nobody's failure.
#[derive(Args, Clone, Debug)]
pub struct Excuse {
    #[command(flatten)]
    review: Which,
    /// Which clock, such as review.1
    #[arg(value_name = "CLOCK")]
    clock: String,
    /// Why
    #[arg(short = 'm', long)]
    reason: String,
}

impl Excuse {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let done = format!("has the breach of {} excused", self.clock);
        let request = v1::ExcuseReviewBreachRequest {
            name: self.review.name,
            etag: String::new(),
            request_id: shell.request_id(),
            clock: self.clock,
            reason: self.reason,
        };
        shell.revise(&request, &done).await
    }
}

/// What is to be done so that it does not happen again.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Add an action item
    Add(AddAction),
    /// Change an action item or its state
    Update(UpdateAction),
}

/// A new action item.
#[derive(Args, Clone, Debug)]
pub struct AddAction {
    #[command(flatten)]
    review: Which,
    /// What is to be done
    title: String,
    /// More about it
    #[arg(long)]
    description: Option<String>,
    /// Who does it
    #[arg(long, value_parser = refs::person)]
    owner: Option<String>,
    /// When it is due, for example 14d
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    due: Option<time::When>,
}

impl AddAction {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = v1::AddActionItemRequest {
            name: self.review.name,
            etag: String::new(),
            request_id: shell.request_id(),
            title: self.title,
            description: self.description.unwrap_or_default(),
            owner: self.owner.unwrap_or_default(),
            due_time: self.due.map(|when| when.from(shell.moment.now)),
        };
        shell.revise(&request, "has a new action item").await
    }
}

/// A changed action item.
#[derive(Args, Clone, Debug)]
pub struct UpdateAction {
    #[command(flatten)]
    review: Which,
    /// Its number
    number: i32,
    /// Where it stands now
    #[arg(long, value_parser = words::parser("ActionItemState"))]
    state: Option<i32>,
    /// New title
    #[arg(long)]
    title: Option<String>,
    /// Who does it
    #[arg(long, value_parser = refs::person)]
    owner: Option<String>,
    /// When it is due
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    due: Option<time::When>,
    /// What shows that it is done
    #[arg(long)]
    evidence: Option<String>,
    /// Why it is declined
    #[arg(long, value_name = "REASON")]
    decline_reason: Option<String>,
}

impl UpdateAction {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = v1::UpdateActionItemRequest {
            name: self.review.name,
            etag: String::new(),
            request_id: shell.request_id(),
            action_item_number: self.number,
            state: self.state.unwrap_or_default(),
            title: self.title.unwrap_or_default(),
            owner: self.owner.unwrap_or_default(),
            due_time: self.due.map(|when| when.from(shell.moment.now)),
            evidence: self.evidence.unwrap_or_default(),
            decline_reason: self.decline_reason.unwrap_or_default(),
        };
        shell.revise(&request, &format!("has action item {} updated", self.number)).await
    }
}
