//! Follows the feed: shows each event as a line and ticks off what was seen.
//! It waits for events and instants the server named, never for the sake of waiting.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use stentor_proto::v1::{Event, TimelineEntry, WatchEventsResponse, watch_events_response::Item};
use tokio::time::{Instant, timeout_at};
use tonic::{Status, Streaming};

use super::api::Api;
use super::run::DemoError;
use super::step::{Checker, Step};
use crate::cli::{Terminal, Tone, told};

/// The whole story has to be told by then.
const STORY_TIME_MAX: Duration = Duration::from_secs(55);

/// Bookkeeping, and steps towards something that has its own line.
const UNTOLD: [&str; 8] = [
    "EscalationStarted",
    "EscalationArmed",
    "ClearStepArmed",
    "ClosingArmed",
    "ContactStepped",
    "SlaCancelled",
    "ReviewLinked",
    "ReviewRequested",
];

/// Messages between an incident and its review are bookkeeping too: they go to no person and no channel.
fn is_told(entry: &TimelineEntry) -> bool {
    let internal = entry.kind == "DeliveryRecorded" && !entry.data_json.contains("\"channel\":");
    !internal && !UNTOLD.contains(&entry.kind.as_str())
}

/// What is known of an instance.
struct Known {
    reference: String,
    shown: i64,
}

/// The screen, the feed and the list of what has to be seen.
pub(super) struct Show<'a> {
    pub(super) api: Api,
    pub(super) seen: Checker,
    terminal: &'a mut Terminal,
    feed: Streaming<WatchEventsResponse>,
    known: BTreeMap<String, Known>,
    ends: Instant,
    acts: u32,
}

impl<'a> Show<'a> {
    pub(super) async fn begin(api: Api, terminal: &'a mut Terminal) -> Result<Show<'a>, DemoError> {
        let feed = api.events().await?;
        let ends = Instant::now() + STORY_TIME_MAX;
        Ok(Show { api, seen: Checker::default(), terminal, feed, known: BTreeMap::new(), ends, acts: 0 })
    }

    /// Announces what comes next, and why.
    pub(super) fn act(&mut self, title: &str, why: &str) -> Result<(), DemoError> {
        self.acts += 1;
        let title = self.terminal.paint(&format!("{}. {title}", self.acts), Tone::Strong);
        let why = self.terminal.paint(why, Tone::Dim);
        self.line(&format!("\n{title}\n   {why}"))
    }

    /// Shows what somebody does, before the server tells what came of it.
    pub(super) fn does(&mut self, text: &str) -> Result<(), DemoError> {
        let text = self.terminal.paint(&format!("   > {text}"), Tone::Call);
        self.line(&text)
    }

    /// Shows a line as it is, in a tone.
    pub(super) fn say(&mut self, text: &str, tone: Tone) -> Result<(), DemoError> {
        let text = self.terminal.paint(text, tone);
        self.line(&text)
    }

    /// Shows events until a step is seen.
    pub(super) async fn until(&mut self, step: Step) -> Result<(), DemoError> {
        while !self.seen.has(step) {
            if !self.next(self.ends).await? {
                return Err(DemoError::NotSeen(step.text()));
            }
        }
        Ok(())
    }

    /// Shows events until an instant that the server named.
    pub(super) async fn past(&mut self, instant: Instant) -> Result<(), DemoError> {
        while self.next(instant.min(self.ends)).await? {}
        Ok(())
    }

    /// Shows events until the feed ends.
    pub(super) async fn on(&mut self) -> Result<(), DemoError> {
        loop {
            match self.feed.next().await {
                Some(message) => self.message(message?).await?,
                None => self.feed = self.api.events().await?,
            }
        }
    }

    /// Takes one message; false if none came in time.
    async fn next(&mut self, limit: Instant) -> Result<bool, DemoError> {
        match timeout_at(limit, self.feed.next()).await {
            Err(_) => Ok(false),
            Ok(None) => Err(DemoError::Api(Box::new(Status::unavailable("the feed ended")))),
            Ok(Some(message)) => self.message(message?).await.map(|()| true),
        }
    }

    async fn message(&mut self, message: WatchEventsResponse) -> Result<(), DemoError> {
        let Some(Item::Event(event)) = message.item else { return Ok(()) };
        self.tell(&event).await?;
        self.seen.event(&event);
        Ok(())
    }

    /// The feed says that something happened, the history has the sentence for it.
    async fn tell(&mut self, event: &Event) -> Result<(), DemoError> {
        if !self.known.contains_key(&event.instance) {
            let reference = self.reference(&event.instance).await?;
            self.known.insert(event.instance.clone(), Known { reference, shown: 0 });
        }
        let Some(known) = self.known.get_mut(&event.instance).filter(|known| known.shown < event.number)
        else {
            return Ok(());
        };
        for entry in self.api.history(&event.instance).await? {
            if entry.number > known.shown {
                known.shown = entry.number;
                if is_told(&entry) {
                    let line = told(self.terminal, &known.reference, &entry);
                    self.terminal.show(&line).map_err(DemoError::Output)?;
                }
            }
        }
        Ok(())
    }

    async fn reference(&self, instance: &str) -> Result<String, Status> {
        if instance.starts_with("reviews/") {
            return Ok(self.api.review(instance).await?.reference);
        }
        Ok(self.api.incident(instance).await?.reference)
    }

    fn line(&mut self, text: &str) -> Result<(), DemoError> {
        self.terminal.show(text).map_err(DemoError::Output)
    }
}
