//! `stentor policy diff`: what differs between two policies, and what that changes for whom.
//! The comparison and the plays are the core's; here they are put into words.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use serde_json::json;
use stentor_core::policy::{Change, Policy, diff, locate, parse};
use stentor_core::simulate::{Call, Outcome, outcomes};
use stentor_core::time::{Duration, Timestamp};
use stentor_proto::v1;

use crate::cli::{
    client::read, failure::Failure, global::Format, shell::Shell, shell::machine, simulate::instant,
};

/// Which two.
#[derive(Args, Clone, Debug)]
pub struct Diff {
    /// The one before: a document, or the number of a version
    #[arg(value_name = "FILE|N")]
    old: String,
    /// The one after: a document, or the number of a version
    #[arg(value_name = "FILE|N")]
    new: String,
    /// From when on the next fourteen days are played [default: this hour]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Timestamp>,
    /// Only compare the documents
    #[arg(long)]
    no_simulate: bool,
}

impl Diff {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let old = policy(&self.old, shell).await?;
        let new = policy(&self.new, shell).await?;
        let changes = diff(old.document(), new.document());
        let at = self.at.unwrap_or_else(|| this_hour(shell));
        let found = if self.no_simulate { Vec::new() } else { outcomes(&old, &new, &BTreeMap::new(), at) };
        let text = match shell.format {
            Format::Table | Format::Wide => words(&changes, &found, !self.no_simulate),
            format => machine(format, &json!({"changes": changes, "outcomes": found}))?,
        };
        shell.terminal.data(text.trim_end_matches('\n'))
    }
}

/// The hour that has begun.
pub(super) fn this_hour(shell: &Shell) -> Timestamp {
    let seconds = shell.moment.now.as_second();
    Timestamp::from_seconds(seconds - seconds.rem_euclid(3_600))
}

/// A document, or a version by its number.
async fn policy(name: &str, shell: &mut Shell) -> Result<Policy, Failure> {
    let text = match name.parse::<u64>() {
        Ok(number) => {
            let answer = shell.call(&v1::GetPolicyRequest { name: format!("policies/{number}") }).await?;
            String::from_utf8_lossy(&answer.policy.unwrap_or_default().document).into_owned()
        }
        Err(_) => read(Path::new(name))?,
    };
    compiled(name, &text)
}

/// A text as a policy; what is wrong with it is told as the linter would.
pub(super) fn compiled(name: &str, text: &str) -> Result<Policy, Failure> {
    // The number only labels a compiled policy, and these two are compared and not applied.
    parse(text).and_then(|document| Policy::compile(document, 0)).map_err(|findings| {
        let first = locate(text, findings).into_iter().next().map(|finding| finding.to_string());
        Failure::Negative(format!("{name} is no policy: {}", first.unwrap_or_default()))
    })
}

/// The differences, then for whom they change what.
pub(super) fn words(changes: &[Change], found: &[Outcome], played: bool) -> String {
    if changes.is_empty() {
        return "the policies have the same content\n".to_owned();
    }
    let mut text = String::new();
    for change in changes {
        text.push_str(&match (&change.before, &change.after) {
            (None, Some(after)) => format!("+ {} is new: {after}\n", change.path),
            (Some(before), None) => format!("- {} is gone; it was {before}\n", change.path),
            (Some(before), Some(after)) => format!("~ {} was {before}, is {after}\n", change.path),
            (None, None) => format!("~ {}\n", change.path),
        });
    }
    if played {
        text.push('\n');
        text.push_str(&in_words(found));
    }
    text
}

/// What an unanswered incident would see of it.
pub(super) fn in_words(found: &[Outcome]) -> String {
    if found.is_empty() {
        return "Whom an unanswered incident pages, and when, stays the same in the next 14 days.\n"
            .to_owned();
    }
    let mut text = String::new();
    for outcome in found {
        let hours = match outcome.hours {
            all if all == outcome.of => "at every hour of the next 14 days".to_owned(),
            some => format!("at {some} of {} hours of the next 14 days", outcome.of),
        };
        text.push_str(&format!(
            "{} {} pages otherwise {hours}, first at {}\n  before: {}\n  after:  {}\n",
            outcome.escalation,
            outcome.priority,
            outcome.first,
            line(&outcome.before),
            line(&outcome.after)
        ));
        for (person, (before, after)) in &outcome.people {
            let word = if after > before { "more" } else { "fewer" };
            text.push_str(&format!("  {person} is paged {word}: {after} pages for {before}\n"));
        }
    }
    text
}

/// The first pages: who after how long, through what.
fn line(calls: &[Call]) -> String {
    const SHOWN: usize = 6;
    let mut parts: Vec<String> = calls
        .iter()
        .take(SHOWN)
        .map(|call| {
            let after = Duration::seconds(call.after.whole_seconds());
            format!("{} after {after} ({})", call.person, call.channel)
        })
        .collect();
    if calls.len() > SHOWN {
        parts.push(format!("{} more", calls.len() - SHOWN));
    }
    if parts.is_empty() { "nobody".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stentor_core::policy::SAMPLE;

    #[test]
    fn a_delay_is_told_as_what_it_changes_for_whom() {
        let old = compiled("old", SAMPLE).unwrap();
        let new = compiled("new", &SAMPLE.replace("delay: 5m", "delay: 2m")).unwrap();
        let at = "2026-06-03T10:00:00Z".parse().unwrap();
        let found = outcomes(&old, &new, &BTreeMap::new(), at);
        let text = words(&diff(old.document(), new.document()), &found, true);
        assert!(text.contains("levels.primary.delay was 5m, is 2m"), "{text}");
        assert!(text.contains("shop P1 pages otherwise at every hour of the next 14 days"), "{text}");
        assert!(text.contains("after:  ana after 0s (push)"), "{text}");
    }

    #[test]
    fn the_same_content_says_so() {
        assert_eq!(words(&[], &[], true), "the policies have the same content\n");
        assert!(in_words(&[]).contains("stays the same"));
    }
}
