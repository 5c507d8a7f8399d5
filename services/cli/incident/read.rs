//! Reading incidents and their history.
//! The order of lists is the server's; nothing is sorted here.

use clap::Args;
use stentor_proto::v1::{self, IncidentView};

use crate::cli::{failure::Failure, refs, render, shell::Shell};

/// Open phases in the language of filters.
const OPEN: &str = "phase=TRIAGE OR phase=ACTIVE OR phase=MITIGATED";

/// Which incidents, and how many.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Which ones, for example: sla.state=OVERDUE AND NOT assignee:* [default: open ones]
    #[arg(long, short)]
    filter: Option<String>,
    /// Fields to order by, for example: priority, create_time desc [default: what is due first]
    #[arg(long, value_name = "FIELDS")]
    order_by: Option<String>,
    /// All phases, newest first
    #[arg(long, conflicts_with = "filter")]
    all: bool,
    /// Records that were imported from other tools instead, in all phases, newest first
    #[arg(long)]
    imported: bool,
    /// Most incidents shown
    #[arg(long, short = 'n', value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Everything about each, for machines
    #[arg(long)]
    full: bool,
}

impl List {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let (filter, order) = if self.all || self.imported { ("", "") } else { (OPEN, "next_due_time") };
        let filter = self.filter.unwrap_or_else(|| filter.to_owned());
        let order_by = self.order_by.unwrap_or_else(|| order.to_owned());
        let view = if self.full { IncidentView::Full } else { IncidentView::Basic };
        let request = |page_size, page_token| v1::ListIncidentsRequest {
            filter: filter.clone(),
            order_by: order_by.clone(),
            view: view.into(),
            page_size,
            page_token,
            imported: self.imported,
        };
        let split = |answer: v1::ListIncidentsResponse| (answer.incidents, answer.next_page_token);
        let incidents = shell.client.pages(self.limit as usize, request, split).await?;
        shell.list("Incident", &incidents, render::incident::list)
    }
}

/// Which incident.
#[derive(Args, Clone, Debug)]
pub struct Show {
    /// INC-42, 42 or incidents/{id}
    #[arg(value_name = "INCIDENT", value_parser = refs::incident)]
    incident: String,
}

impl Show {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let answer = shell.call(&v1::GetIncidentRequest { name: self.incident }).await?;
        shell.one("Incident", &answer.incident.unwrap_or_default(), render::details::text)
    }
}

/// Whose history.
#[derive(Args, Clone, Debug)]
pub struct Timeline {
    /// INC-42, 42 or incidents/{id}; reviews/{id} for that of a review
    #[arg(value_name = "INCIDENT", value_parser = parent)]
    parent: String,
    /// Newest first
    #[arg(long)]
    newest_first: bool,
    /// Most entries shown
    #[arg(long, short = 'n', value_name = "N", default_value = "1000", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl Timeline {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let entries = history(shell, &self.parent, self.newest_first, self.limit as usize).await?;
        shell.list("TimelineEntry", &entries, render::timeline::text)
    }
}

/// The history of an incident or a review.
pub(super) async fn history(
    shell: &Shell,
    parent: &str,
    newest_first: bool,
    limit: usize,
) -> Result<Vec<v1::TimelineEntry>, Failure> {
    let request = |page_size, page_token| v1::ListTimelineEntriesRequest {
        parent: parent.to_owned(),
        newest_first,
        page_size,
        page_token,
    };
    let split = |answer: v1::ListTimelineEntriesResponse| (answer.timeline_entries, answer.next_page_token);
    shell.client.pages(limit, request, split).await
}

fn parent(text: &str) -> Result<String, String> {
    if text.starts_with("reviews/") || text.to_ascii_uppercase().starts_with("REV-") {
        return refs::review(text);
    }
    refs::incident(text)
}
