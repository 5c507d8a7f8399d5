//! `stentor notify …`: whether people would be reached. What is sent when something happens is not asked for here.

use clap::{Args, Subcommand};
use stentor_proto::v1::{self, TestNotificationState};

use super::{failure::Failure, refs, render, shell::Shell};

/// What can be done about messages to people.
#[derive(Clone, Debug, Subcommand)]
#[command(before_help = "\
Examples:
  stentor notify test ana
  stentor notify test ana --contact sms
  stentor notify test channels/shop-room
  stentor notify test providers/twilio/main --contact voice --address +4930123456")]
pub enum NotifyCommand {
    /// Send a test message and tell whether it was taken; the exit code says so too
    Test(Test),
}

/// What is tried.
#[derive(Args, Clone, Debug)]
pub struct Test {
    /// ana, people/ana, channels/shop-room, or for admins providers/twilio/main
    #[arg(value_name = "WHO", value_parser = refs::reachable)]
    name: String,
    /// Only this kind of contact, for example sms [default: all of the person's]
    #[arg(long, value_name = "KIND")]
    contact: Option<String>,
    /// Where a provider is to send it
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
}

impl NotifyCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Self::Test(Test { name, contact, address }) = self;
        let request = v1::TestNotificationRequest {
            name,
            contact: contact.unwrap_or_default(),
            address: address.unwrap_or_default(),
        };
        let outcomes = shell.call(&request).await?.outcomes;
        shell.list("TestNotificationOutcome", &outcomes, render::notify::list)?;
        let failed = outcomes.iter().filter(|one| one.state() != TestNotificationState::Delivered).count();
        match failed {
            0 => Ok(()),
            failed => Err(Failure::Several { failed, total: outcomes.len(), code: 1 }),
        }
    }
}
