//! Reviews: requests as commands, and the review as readers see it. Whether a command is allowed now is decided by the
//! rules.

use stentor_core::id::PersonId;
use stentor_core::incident::Incident;
use stentor_core::incident::clock::Clock;
use stentor_core::policy::Policy;
use stentor_core::refusal::Refusal;
use stentor_core::review::section::{SectionText, Written};
use stentor_core::review::state::{ActionItem, ItemState, Meeting};
use stentor_core::review::{Command, Review, Section};
use stentor_core::time::Timestamp;
use stentor_engine::Error;
use stentor_proto::v1;

use super::clocks::{self, count, instant};
use super::enums;
use super::fields::{Fields, Name, Understood};
use super::limits;

/// A request about one review, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewAsk {
    pub name: Name,
    pub expected: Option<u64>,
    pub request: Option<String>,
    pub command: Command,
}

impl ReviewAsk {
    fn new(f: &mut Fields, name: &str, etag: &str, request_id: &str, command: Command) -> ReviewAsk {
        ReviewAsk {
            name: f.review("name", name),
            expected: f.etag(etag),
            request: f.request_id(request_id),
            command,
        }
    }
}

/// A request about one review.
pub trait ReviewRequest: prost::Message + Sized {
    /// Reads it, or says everything that is wrong with it.
    fn understand(self, now: Timestamp) -> Understood<ReviewAsk>;
}

/// Reads a request to draft anew; the sections are added by who reads the history.
pub fn redraft(request: &v1::RedraftReviewRequest) -> Understood<ReviewAsk> {
    let mut f = Fields::default();
    let command = Command::Redraft { sections: Vec::new() };
    let ask = ReviewAsk::new(&mut f, &request.name, &request.etag, &request.request_id, command);
    f.finish(ask)
}

/// A request for a review of an incident, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub incident: Name,
    pub author: Option<PersonId>,
    pub reason: String,
    pub request: Option<String>,
}

/// Reads it.
pub fn wanted(request: &v1::RequestReviewRequest) -> Understood<Wanted> {
    let mut f = Fields::default();
    let reason = f.text("reason", &request.reason, limits::REASON);
    let wanted = Wanted {
        incident: f.incident("incident", &request.incident),
        author: f.id("author", &request.author, "people"),
        reason: if reason.trim().is_empty() { "REQUESTED".to_owned() } else { reason },
        request: f.request_id(&request.request_id),
    };
    f.finish(wanted)
}

impl ReviewRequest for v1::EditReviewSectionRequest {
    fn understand(self, _: Timestamp) -> Understood<ReviewAsk> {
        let mut f = Fields::default();
        let command = Command::EditSection {
            section: f.required_word("kind", self.kind, Section::Summary),
            text: f.text("text", &self.text, limits::NOTE),
        };
        let ask = ReviewAsk::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl ReviewRequest for v1::WaiveReviewSectionRequest {
    fn understand(self, _: Timestamp) -> Understood<ReviewAsk> {
        let mut f = Fields::default();
        let command = Command::WaiveSection {
            section: f.required_word("kind", self.kind, Section::Summary),
            reason: f.text("reason", &self.reason, limits::REASON),
        };
        let ask = ReviewAsk::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl ReviewRequest for v1::RecordReviewMeetingRequest {
    fn understand(self, now: Timestamp) -> Understood<ReviewAsk> {
        let mut f = Fields::default();
        let at = f.instant("meeting_time", self.meeting_time.as_ref());
        let attendees = f.people("attendees", &self.attendees, limits::LIST);
        let reason = f.text("waive_reason", &self.waive_reason, limits::REASON);
        let notes = f.text("notes", &self.notes, limits::NOTE);
        let command = if reason.is_empty() {
            if self.meeting_time.is_none() || at.is_some_and(|at| at > now) {
                f.refuse("meeting_time", "is required and not in the future, unless the meeting is waived");
            }
            if self.attendees.is_empty() {
                f.refuse("attendees", "is required unless the meeting is waived");
            }
            Command::RecordMeeting { held_at: at.unwrap_or_default(), attendees, notes }
        } else {
            if self.meeting_time.is_some() || !self.attendees.is_empty() {
                f.refuse("waive_reason", "is given together with a meeting");
            }
            if !notes.is_empty() {
                f.refuse("notes", "belong to a meeting");
            }
            Command::WaiveMeeting { reason }
        };
        let ask = ReviewAsk::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl ReviewRequest for v1::PublishReviewRequest {
    fn understand(self, _: Timestamp) -> Understood<ReviewAsk> {
        let mut f = Fields::default();
        let ask = ReviewAsk::new(&mut f, &self.name, &self.etag, &self.request_id, Command::Publish);
        f.finish(ask)
    }
}

impl ReviewRequest for v1::AmendReviewRequest {
    fn understand(self, _: Timestamp) -> Understood<ReviewAsk> {
        let mut f = Fields::default();
        let command = Command::Amend { text: f.required("text", &self.text, limits::NOTE) };
        let ask = ReviewAsk::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl ReviewRequest for v1::ExcuseReviewBreachRequest {
    fn understand(self, _: Timestamp) -> Understood<ReviewAsk> {
        let mut f = Fields::default();
        let command = Command::ExcuseReviewBreach {
            clock: f.required("clock", &self.clock, limits::WORD),
            reason: f.required("reason", &self.reason, limits::REASON),
        };
        let ask = ReviewAsk::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl ReviewRequest for v1::AddActionItemRequest {
    fn understand(self, _: Timestamp) -> Understood<ReviewAsk> {
        let mut f = Fields::default();
        let command = Command::AddActionItem {
            title: f.required("title", &self.title, limits::TITLE),
            description: f.text("description", &self.description, limits::DESCRIPTION),
            owner: f.id("owner", &self.owner, "people"),
            due: f.instant("due_time", self.due_time.as_ref()),
        };
        let ask = ReviewAsk::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl ReviewRequest for v1::UpdateActionItemRequest {
    fn understand(self, _: Timestamp) -> Understood<ReviewAsk> {
        let mut f = Fields::default();
        let state = item_state(&mut f, &self);
        let title = f.text("title", &self.title, limits::TITLE);
        let command = Command::UpdateActionItem {
            n: f.number("action_item_number", self.action_item_number),
            state,
            title: Some(title).filter(|t| !t.is_empty()),
            owner: f.id("owner", &self.owner, "people"),
            due: f.instant("due_time", self.due_time.as_ref()),
        };
        let ask = ReviewAsk::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

/// The new state with its proof or reason, which belong to one state each.
fn item_state(f: &mut Fields, request: &v1::UpdateActionItemRequest) -> Option<ItemState> {
    let evidence = f.text("evidence", &request.evidence, limits::NOTE);
    let reason = f.text("decline_reason", &request.decline_reason, limits::REASON);
    let state = v1::ActionItemState::try_from(request.state);
    if !evidence.is_empty() && state != Ok(v1::ActionItemState::Done) {
        f.refuse("evidence", "belongs to DONE alone");
    }
    if !reason.is_empty() && state != Ok(v1::ActionItemState::Declined) {
        f.refuse("decline_reason", "belongs to DECLINED alone");
    }
    match state {
        Ok(v1::ActionItemState::Unspecified) => None,
        Ok(v1::ActionItemState::Open) => Some(ItemState::Open),
        Ok(v1::ActionItemState::InProgress) => Some(ItemState::InProgress),
        Ok(v1::ActionItemState::Done) => Some(ItemState::Done { evidence }),
        Ok(v1::ActionItemState::Declined) => Some(ItemState::Declined { reason }),
        Err(_) => {
            f.refuse("state", format!("has a value that cannot be asked for: {}", request.state));
            None
        }
    }
}

/// The answer to a request about one review.
pub trait ReviewResponse {
    /// From the review after the command, whether this was a repeat, and the number of what was added (0: nothing).
    fn render(review: v1::Review, replayed: bool, added: u32) -> Self;
}

macro_rules! answers {
    ($($name:ident $(: $number:ident)?),+ $(,)?) => {$(
        impl ReviewResponse for v1::$name {
            fn render(review: v1::Review, replayed: bool, added: u32) -> v1::$name {
                $(let $number = count(added);)?
                let _ = added;
                v1::$name { review: Some(review), replayed, $($number)? }
            }
        }
    )+};
}

answers! {
    RequestReviewResponse, RedraftReviewResponse, EditReviewSectionResponse, WaiveReviewSectionResponse,
    RecordReviewMeetingResponse, PublishReviewResponse, AmendReviewResponse, ExcuseReviewBreachResponse,
    AddActionItemResponse: action_item_number, UpdateActionItemResponse,
}

/// `reviews/{id}`.
pub fn name(review: &Review) -> String {
    format!("reviews/{}", review.id)
}

/// A review with its sections and amendments.
pub fn full(r: &Review, policy: Option<&Policy>, now: Timestamp) -> v1::Review {
    let amendments = r.amendments.iter().zip(1..).map(|(a, number)| v1::Amendment {
        number,
        text: a.text.clone(),
        actor: a.by.to_string(),
        create_time: Some(instant(a.at)),
    });
    v1::Review {
        sections: r.sections.iter().map(|(kind, s)| section(*kind, s)).collect(),
        amendments: amendments.collect(),
        ..basic(r, policy, now)
    }
}

/// A review without them.
pub fn basic(r: &Review, policy: Option<&Policy>, now: Timestamp) -> v1::Review {
    let name = name(r);
    v1::Review {
        reference: r.reference(),
        etag: super::incident::etag(r.version),
        incident: super::incident::name(&r.review_of),
        state: enums::review_state(r.phase),
        reason: r.reason.clone(),
        author: r.author.as_ref().map(|p| format!("people/{p}")).unwrap_or_default(),
        action_items: r.items.iter().map(|(n, i)| item(&name, *n, i, now)).collect(),
        meeting: r.meeting.as_ref().map(meeting),
        clock: shown(&r.clocks).map(|c| clocks::clock(&name, c, policy, now)),
        policy: format!("policies/{}", r.policy),
        create_time: Some(instant(r.opened_at)),
        update_time: Some(instant(r.updated_at)),
        publish_time: r.published_at.map(instant),
        name,
        ..v1::Review::default()
    }
}

/// The live clock, else the last one.
fn shown(clocks: &[Clock]) -> Option<&Clock> {
    clocks.iter().find(|c| c.is_live()).or(clocks.last())
}

fn section(kind: Section, s: &SectionText) -> v1::ReviewSection {
    let waive_reason = match &s.written {
        Written::Waived(reason) => reason.clone(),
        Written::Drafted | Written::Edited(_) => String::new(),
    };
    v1::ReviewSection {
        kind: enums::section(kind),
        text: s.text().to_owned(),
        edited: matches!(s.written, Written::Edited(_)),
        waive_reason,
        actor: s.by.as_ref().map(ToString::to_string).unwrap_or_default(),
        update_time: s.at.map(instant),
    }
}

fn meeting(m: &Meeting) -> v1::ReviewMeeting {
    match m {
        Meeting::Held { at, attendees, notes } => v1::ReviewMeeting {
            meeting_time: Some(instant(*at)),
            attendees: attendees.iter().map(|p| format!("people/{p}")).collect(),
            waive_reason: String::new(),
            notes: notes.clone(),
        },
        Meeting::Waived { reason, .. } => {
            v1::ReviewMeeting { waive_reason: reason.clone(), ..v1::ReviewMeeting::default() }
        }
    }
}

fn item(owner: &str, n: u32, i: &ActionItem, now: Timestamp) -> v1::ActionItem {
    let (evidence, decline_reason) = match &i.state {
        ItemState::Done { evidence } => (evidence.as_str(), ""),
        ItemState::Declined { reason } => ("", reason.as_str()),
        ItemState::Open | ItemState::InProgress => ("", ""),
    };
    v1::ActionItem {
        name: format!("{owner}/actionItems/{n}"),
        number: count(n),
        state: enums::item_state(&i.state),
        title: i.title.clone(),
        description: i.description.clone(),
        owner: i.owner.as_ref().map(|p| format!("people/{p}")).unwrap_or_default(),
        due_time: i.due.map(instant),
        evidence: evidence.to_owned(),
        decline_reason: decline_reason.to_owned(),
        overdue: !i.state.is_ended() && i.due.is_some_and(|due| due <= now),
        create_time: Some(instant(i.created_at)),
        end_time: i.ended_at.map(instant),
    }
}

/// The whole review as one document.
pub fn markdown(r: &Review) -> String {
    let mut text = format!("# {}: {} ({})\n", r.reference(), r.title, r.incident_reference());
    for (kind, section) in &r.sections {
        let body = match &section.written {
            Written::Waived(reason) => format!("Left out: {reason}"),
            Written::Drafted | Written::Edited(_) => section.text().trim_end().to_owned(),
        };
        text.push_str(&format!("\n## {}\n\n{body}\n", kind.heading()));
    }
    for (amendment, n) in r.amendments.iter().zip(1..) {
        let (by, body) = (&amendment.by, amendment.text.trim_end());
        text.push_str(&format!("\n## Amendment {n} by {by}, {}\n\n{body}\n", amendment.at.whole_second()));
    }
    text
}

/// Reviews are of incidents that have ended, and of each there is one.
pub fn reviewable(incident: &Incident) -> Result<(), Error> {
    if incident.is_open() {
        return Err(Error::Refused(Refusal::NotResolved));
    }
    match &incident.review {
        Some(review) => Err(Error::Refused(Refusal::WrongState {
            what: "the review".to_owned(),
            name: format!("reviews/{}", review.id),
            state: "open already".to_owned(),
        })),
        None => Ok(()),
    }
}
