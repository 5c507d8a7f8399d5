//! What every subcommand works with: the client, the terminal, the form of the answer, and now.
//! It decides how an answer leaves in each machine-readable form; tables are the business of `render`.

use prost::Message;
use serde_json::Value;
use stentor_proto::v1::Incident;

use super::{
    calls::{Call, Changed, Revised},
    client::Client,
    failure::Failure,
    global::{Format, GlobalArgs},
    json, render,
    terminal::Terminal,
    time::Moment,
};

/// Everything a subcommand needs.
pub(super) struct Shell {
    pub(super) client: Client,
    pub(super) terminal: Terminal,
    pub(super) format: Format,
    pub(super) moment: Moment,
    /// Changes that cannot be taken back need no answer.
    pub(super) yes: bool,
    request_id: Option<uuid::Uuid>,
}

impl Shell {
    /// Prepares a subcommand.
    pub(super) fn new(client: Client, args: &GlobalArgs, terminal: Terminal) -> Self {
        Self {
            client,
            terminal,
            format: args.format(),
            moment: Moment::present(),
            yes: args.yes,
            request_id: args.request_id,
        }
    }

    /// The id for a change: the one asked for, else a new one. Callers take it once for each change.
    pub(super) fn request_id(&self) -> String {
        self.request_id.unwrap_or_else(uuid::Uuid::new_v4).to_string()
    }

    /// One id cannot stand for several changes.
    pub(super) fn check_single(&self, changes: usize) -> Result<(), Failure> {
        if changes > 1 && self.request_id.is_some() {
            return Err(Failure::Usage("--request-id goes with one incident only".to_owned()));
        }
        Ok(())
    }

    /// Calls the server.
    pub(super) async fn call<R: Call>(&self, request: &R) -> Result<R::Answer, Failure> {
        self.client.call(request).await
    }

    /// Sends a command on an incident, tells what changed and shows the incident to machines.
    pub(super) async fn change<R>(&mut self, request: &R, done: &str) -> Result<(), Failure>
    where
        R: Call,
        R::Answer: Changed,
    {
        let incident = self.send(request, done).await?;
        self.after(&incident)
    }

    /// Sends a command on an incident and tells what changed.
    pub(super) async fn send<R>(&mut self, request: &R, done: &str) -> Result<Incident, Failure>
    where
        R: Call,
        R::Answer: Changed,
    {
        let answer = self.call(request).await?;
        let replayed = answer.replayed();
        let incident = answer.incident().unwrap_or_default();
        self.told(&incident, done, replayed);
        Ok(incident)
    }

    /// Tells what a command did to an incident, and how the incident stands now.
    pub(super) fn told(&mut self, incident: &Incident, done: &str, replayed: bool) {
        let mut line =
            format!("{} {done}: {}", incident.reference, render::incident::standing(self, incident));
        if replayed {
            line.push_str(" (done before under this request id; nothing was done again)");
        }
        self.terminal.say(&line);
    }

    /// Shows an incident after a command; people have been told already.
    pub(super) fn after(&mut self, incident: &Incident) -> Result<(), Failure> {
        if self.human() { Ok(()) } else { self.one("Incident", incident, |_, _| String::new()) }
    }

    /// Sends a command on a review and tells what changed.
    pub(super) async fn revise<R>(&mut self, request: &R, done: &str) -> Result<(), Failure>
    where
        R: Call,
        R::Answer: Revised,
    {
        let answer = self.call(request).await?;
        let replayed = answer.replayed();
        let review = answer.review().unwrap_or_default();
        let line = format!("{} {done}{}", review.reference, again(replayed));
        self.done("Review", &review, &line)
    }

    /// Tells a person what was done, and shows the message to machines.
    pub(super) fn done<M: Message>(&mut self, name: &str, message: &M, line: &str) -> Result<(), Failure> {
        self.terminal.say(line);
        if self.human() { Ok(()) } else { self.one(name, message, |_, _| String::new()) }
    }

    /// Whether a person reads the answer.
    pub(super) fn human(&self) -> bool {
        matches!(self.format, Format::Table | Format::Wide)
    }

    /// Shows one message.
    pub(super) fn one<M: Message>(
        &mut self,
        name: &str,
        message: &M,
        human: impl FnOnce(&Self, &M) -> String,
    ) -> Result<(), Failure> {
        let text = match self.format {
            Format::Table | Format::Wide => human(self, message),
            _ => machine(self.format, &json::of(name, message))?,
        };
        self.terminal.data(&text)
    }

    /// Shows a list: one array, one document, or one line for each entry.
    pub(super) fn list<M: Message>(
        &mut self,
        name: &str,
        messages: &[M],
        human: impl FnOnce(&Self, &[M]) -> String,
    ) -> Result<(), Failure> {
        let values = || messages.iter().map(|message| json::of(name, message));
        match self.format {
            Format::Table | Format::Wide if messages.is_empty() => self.terminal.say("nothing to show"),
            Format::Table | Format::Wide => {
                let text = human(self, messages);
                self.terminal.data(&text)?;
            }
            Format::Json | Format::Yaml | Format::Svg | Format::Html | Format::Csv => {
                let text = machine(self.format, &Value::Array(values().collect()))?;
                self.terminal.data(&text)?;
            }
            Format::Name | Format::Jsonl => {
                for value in values() {
                    let text = machine(self.format, &value)?;
                    self.terminal.data(&text)?;
                }
            }
        }
        Ok(())
    }

    /// Whether tables have room for everything.
    pub(super) fn wide(&self) -> bool {
        self.format == Format::Wide
    }
}

pub(super) fn machine(format: Format, value: &Value) -> Result<String, Failure> {
    let text = match format {
        Format::Yaml => serde_saphyr::to_string(value).map(|text| text.trim_end().to_owned()).ok(),
        Format::Jsonl => serde_json::to_string(value).ok(),
        Format::Name => Some(name_of(value)),
        _ => serde_json::to_string_pretty(value).ok(),
    };
    text.ok_or_else(|| Failure::Negative("the answer has no such form".to_owned()))
}

/// What an entry is called: its own name, or that of what it is about.
fn name_of(value: &Value) -> String {
    let known = ["name", "incident", "code", "schedule"].into_iter().find_map(|key| value.get(key)?.as_str());
    known.unwrap_or_default().to_owned()
}

/// What is added to a line about something that a repeated request did not do again.
pub(super) fn again(replayed: bool) -> &'static str {
    if replayed { " (done before; nothing was done again)" } else { "" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_form_shows_the_same_value() {
        let value = json!({"name": "incidents/1", "phase": "INCIDENT_PHASE_ACTIVE"});

        assert_eq!(machine(Format::Name, &value).unwrap(), "incidents/1");
        assert_eq!(
            machine(Format::Jsonl, &value).unwrap(),
            r#"{"name":"incidents/1","phase":"INCIDENT_PHASE_ACTIVE"}"#
        );
        assert_eq!(machine(Format::Yaml, &value).unwrap(), "name: incidents/1\nphase: INCIDENT_PHASE_ACTIVE");
        assert!(machine(Format::Json, &value).unwrap().starts_with("{\n  \"name\""));
    }
}
