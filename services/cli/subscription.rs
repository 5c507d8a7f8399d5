//! `stentor subscription …`: who gets status updates of a service, of a team or of everything.
//! Updates of one incident are subscribed to with `stentor incident subscribe`.

use clap::{Args, Subcommand};
use stentor_proto::v1;

use super::{
    failure::Failure,
    refs, render,
    shell::{Shell, again},
    words,
};

/// What can be done with subscriptions.
#[derive(Clone, Debug, Subcommand)]
#[command(before_help = "\
Examples:
  stentor subscription add --service checkout
  stentor subscription add channels/status-room --priority p2 --audience public
  stentor subscription list
  stentor subscription cancel 7")]
pub enum SubscriptionCommand {
    /// Have somebody told of status updates, and of the end
    Add(Add),
    /// List subscriptions, newest first
    List(List),
    /// End a subscription
    Cancel(Cancel),
}

/// A new subscription.
#[derive(Args, Clone, Debug)]
pub struct Add {
    /// people/ana, teams/shop or channels/status-room [default: who asks]
    #[arg(value_parser = refs::subscriber)]
    subscriber: Option<String>,
    /// Only incidents of this service
    #[arg(long, value_parser = refs::service, conflicts_with = "team")]
    service: Option<String>,
    /// Only incidents of this team's
    #[arg(long, value_parser = refs::team)]
    team: Option<String>,
    /// Only incidents that are at least so urgent
    #[arg(long, value_parser = words::parser("Priority"), ignore_case = true)]
    priority: Option<i32>,
    /// Updates for this audience and wider ones
    #[arg(long, default_value = "stakeholders", value_parser = words::parser("UpdateAudience"))]
    audience: i32,
    /// Check everything and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Which subscriptions, and how many.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only of this subscriber
    #[arg(value_parser = refs::subscriber)]
    subscriber: Option<String>,
    /// Also those that were cancelled
    #[arg(long, short)]
    all: bool,
    /// Most subscriptions shown
    #[arg(long, short = 'n', value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// The end of a subscription.
#[derive(Args, Clone, Debug)]
pub struct Cancel {
    /// 7 or subscriptions/7
    #[arg(value_name = "SUBSCRIPTION", value_parser = refs::subscription)]
    name: String,
    /// Why
    #[arg(short = 'm', long)]
    reason: Option<String>,
}

impl SubscriptionCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Add(args) => args.run(shell).await,
            Self::List(args) => args.run(shell).await,
            Self::Cancel(args) => {
                let request = v1::CancelSubscriptionRequest {
                    name: args.name,
                    reason: args.reason.unwrap_or_default(),
                    request_id: shell.request_id(),
                };
                let answer = shell.call(&request).await?;
                let ended = answer.subscription.unwrap_or_default();
                let text = format!("{} cancelled{}", ended.name, again(answer.replayed));
                shell.done("Subscription", &ended, &text)
            }
        }
    }
}

impl Add {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = v1::CreateSubscriptionRequest {
            subscriber: self.subscriber.unwrap_or_default(),
            service: self.service.unwrap_or_default(),
            team: self.team.unwrap_or_default(),
            least_priority: self.priority.unwrap_or_default(),
            audience: self.audience,
            validate_only: self.dry_run,
            request_id: shell.request_id(),
        };
        let answer = shell.call(&request).await?;
        let made = answer.subscription.unwrap_or_default();
        let done = if self.dry_run { "would be made" } else { "made" };
        let text = render::subscription::line(&made);
        shell.done("Subscription", &made, &format!("{} {done}{}: {text}", made.name, again(answer.replayed)))
    }
}

impl List {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = |page_size, page_token| v1::ListSubscriptionsRequest {
            subscriber: self.subscriber.clone().unwrap_or_default(),
            show_cancelled: self.all,
            page_size,
            page_token,
        };
        let split = |answer: v1::ListSubscriptionsResponse| (answer.subscriptions, answer.next_page_token);
        let found = shell.client.pages(self.limit as usize, request, split).await?;
        shell.list("Subscription", &found, render::subscription::list)
    }
}
