//! Following incidents live, and going on after the stream was turned over or lost.
//! Machines are shown all that the server sends; people are not shown the same line twice in a row.

use std::collections::BTreeMap;

use clap::Args;
use futures::StreamExt;
use stentor_proto::v1::{
    self, ChangeKind, watch_events_response::Item as EventItem, watch_incidents_response::Item,
};
use tonic::{Code, Status};

use super::read::history;
use crate::cli::{
    client::pause, failure::Failure, global::Format, json, refs, render, shell::Shell, time::Moment,
};

/// Losses in a row after which watching ends; the streak ends with the first message.
const LOSSES_MAX: u32 = 5;
/// Entries fetched for one event; more come only if one commit made more.
const ENTRIES_MAX: usize = 100_000;

/// What to follow.
#[derive(Args, Clone, Debug)]
pub struct Watch {
    /// One incident, with its whole history first [default: all that match]
    #[arg(value_name = "INCIDENT", value_parser = refs::incident, conflicts_with_all = ["filter", "events", "new_only"])]
    incident: Option<String>,
    /// Which ones, in the language of list --filter
    #[arg(long, short)]
    filter: Option<String>,
    /// Every event of every incident instead, none skipped
    #[arg(long, conflicts_with = "filter")]
    events: bool,
    /// Only what changes from now on
    #[arg(long)]
    new_only: bool,
}

impl Watch {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self.incident {
            Some(name) => one(shell, &name).await,
            None if self.events => events(shell).await,
            None => all(shell, self.filter.unwrap_or_default(), self.new_only).await,
        }
    }
}

/// Counts losses and waits; tells when it is no use any more.
struct Patience {
    losses: u32,
}

impl Patience {
    async fn after(&mut self, end: Option<Status>) -> Result<(), Failure> {
        // An end without an error is the server's habit of turning streams over, and no loss.
        let Some(status) = end else { return Ok(()) };
        let passing = matches!(status.code(), Code::Unavailable)
            || (status.code() == Code::ResourceExhausted && status.message().contains("slow"))
            || (status.code() == Code::Unknown && self.losses == 0);
        self.losses += 1;
        if !passing || self.losses >= LOSSES_MAX {
            return Err(Failure::Refused { status: Box::new(status), request_id: None });
        }
        tokio::time::sleep(pause(&status, self.losses)).await;
        Ok(())
    }
}

async fn all(shell: &mut Shell, filter: String, new_only: bool) -> Result<(), Failure> {
    let mut patience = Patience { losses: 0 };
    let mut resume_token = Vec::new();
    let mut shown = BTreeMap::new();
    loop {
        let request = v1::WatchIncidentsRequest {
            filter: filter.clone(),
            resume_token: resume_token.clone(),
            skip_initial_state: new_only && resume_token.is_empty(),
        };
        let end = match shell.client.stream(request).await {
            Err(status) => Some(status),
            Ok(mut stream) => loop {
                match stream.next().await {
                    None => break None,
                    Some(Err(status)) => break Some(status),
                    Some(Ok(message)) => {
                        patience.losses = 0;
                        resume_token = message.resume_token;
                        show(shell, message.item, &mut shown)?;
                    }
                }
            },
        };
        patience.after(end).await?;
    }
}

/// `shown` holds the last line of each incident without its time.
fn show(shell: &mut Shell, item: Option<Item>, shown: &mut BTreeMap<String, String>) -> Result<(), Failure> {
    shell.moment = Moment::present();
    match item {
        Some(Item::Change(change)) if shell.human() => {
            let incident = change.incident.clone().unwrap_or_default();
            let gone = change.kind() == ChangeKind::Removed;
            let line = render::incident::line(shell, &incident, gone);
            // Many changes, such as a message sent, leave no trace in one line.
            let standing =
                render::incident::line(shell, &v1::Incident { update_time: None, ..incident }, gone);
            if shown.insert(change.incident.unwrap_or_default().name, standing.clone()) == Some(standing) {
                return Ok(());
            }
            shell.terminal.data(&line)
        }
        Some(Item::Change(change)) => line(shell, &json::of("Change", &*change)),
        Some(Item::SnapshotComplete(complete)) => {
            shell.terminal.say(&format!("{} incidents; changes follow", complete.incident_count));
            Ok(())
        }
        Some(Item::Heartbeat(_)) | None => Ok(()),
    }
}

async fn events(shell: &mut Shell) -> Result<(), Failure> {
    let mut patience = Patience { losses: 0 };
    let mut resume_token = Vec::new();
    loop {
        let request = v1::WatchEventsRequest { resume_token: resume_token.clone(), ..Default::default() };
        let end = match shell.client.stream(request).await {
            Err(status) => Some(status),
            Ok(mut stream) => loop {
                match stream.next().await {
                    None => break None,
                    Some(Err(status)) => break Some(status),
                    Some(Ok(message)) => {
                        patience.losses = 0;
                        resume_token = message.resume_token;
                        let Some(EventItem::Event(event)) = message.item else { continue };
                        if shell.human() {
                            let text = render::timeline::event(shell, &event);
                            shell.terminal.data(&text)?;
                        } else {
                            line(shell, &json::of("Event", &event))?;
                        }
                    }
                }
            },
        };
        patience.after(end).await?;
    }
}

/// The feed wakes, the history tells: it has the sentences, and nothing is missed between the two.
async fn one(shell: &mut Shell, name: &str) -> Result<(), Failure> {
    let mut patience = Patience { losses: 0 };
    let mut resume_token = Vec::new();
    let mut shown = 0;
    let mut day = String::new();
    loop {
        let request = v1::WatchEventsRequest {
            resume_token: resume_token.clone(),
            instance: name.to_owned(),
            ..Default::default()
        };
        let end = match shell.client.stream(request).await {
            Err(status) => Some(status),
            Ok(mut stream) => {
                catch_up(shell, name, &mut shown, &mut day).await?;
                loop {
                    match stream.next().await {
                        None => break None,
                        Some(Err(status)) => break Some(status),
                        Some(Ok(message)) => {
                            patience.losses = 0;
                            resume_token = message.resume_token;
                            if matches!(&message.item, Some(EventItem::Event(event)) if event.number > shown)
                            {
                                catch_up(shell, name, &mut shown, &mut day).await?;
                            }
                        }
                    }
                }
            }
        };
        patience.after(end).await?;
    }
}

async fn catch_up(shell: &mut Shell, name: &str, shown: &mut i64, day: &mut String) -> Result<(), Failure> {
    // The newest page alone reaches back far enough, unless there was a burst or nothing is shown yet.
    let mut entries = if *shown == 0 {
        history(shell, name, false, ENTRIES_MAX).await?
    } else {
        let mut newest = history(shell, name, true, 50).await?;
        if newest.last().is_some_and(|entry| entry.number > *shown + 1) {
            newest = history(shell, name, true, ENTRIES_MAX).await?;
        }
        newest.reverse();
        newest
    };
    entries.retain(|entry| entry.number > *shown);
    shell.moment = Moment::present();
    for entry in &entries {
        if shell.human() {
            for text in render::timeline::entry(shell, entry, day) {
                shell.terminal.data(&text)?;
            }
        } else {
            line(shell, &json::of("TimelineEntry", entry))?;
        }
        *shown = entry.number;
    }
    Ok(())
}

/// A stream has no end, so every form but YAML and names is one object a line.
fn line(shell: &mut Shell, value: &serde_json::Value) -> Result<(), Failure> {
    let text = match shell.format {
        Format::Yaml => match serde_saphyr::to_string(value) {
            Ok(text) => format!("---\n{}", text.trim_end()),
            Err(cause) => return Err(Failure::Negative(format!("no YAML form: {cause}"))),
        },
        Format::Name => {
            let name = value
                .pointer("/incident/name")
                .or_else(|| value.get("name"))
                .or_else(|| value.get("instance"));
            name.and_then(|name| name.as_str()).unwrap_or_default().to_owned()
        }
        _ => value.to_string(),
    };
    shell.terminal.data(&text)
}
