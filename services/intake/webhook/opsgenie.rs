//! Opsgenie's Alert API: create, close, acknowledge, note. It answers before it knows what becomes of a request, and so
//! an alert that nobody knows is no error; the commit still comes before the answer.

use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use stentor_core::policy::document::IntegrationKind;
use stentor_core::signal::Signal;

use super::answer::Opsgenie;
use super::fields::{Fields, filled, scalar, tags};
use super::read::{Entry, Heard, json};
use super::routes::{Sender, Shared, Webhooks};
use super::signature;
use crate::intake::sink::{Sent, SinkError};
use crate::wire::Invalid;
use crate::wire::signal::RawSignal;

/// Longest note, as over gRPC.
const NOTE_CHARS_MAX: usize = 32_000;

/// Longest key of ours; aliases may be longer.
const KEY_CHARS_MAX: usize = 255;

const SEVERITIES: [(&str, &str); 5] =
    [("P1", "critical"), ("P2", "error"), ("P3", "warning"), ("P4", "info"), ("P5", "info")];

/// How an alert is named in a path.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named {
    #[serde(default)]
    identifier_type: String,
}

pub(super) async fn create(State(webhooks): Shared, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let answer = Opsgenie::new(Instant::now());
    let Some(sender) = webhooks.genie(&headers) else { return answer.unknown_key() };
    let body: Value = match json(&body) {
        Ok(body) => body,
        Err(problem) => return answer.refused(StatusCode::BAD_REQUEST, &problem, None),
    };
    let signal = match alert(&body, &answer.request_id, &sender.entry(webhooks.sink.now())) {
        Ok(signal) => signal,
        Err(invalid) => return answer.invalid(&invalid),
    };
    answer.done(webhooks.genie_hear(&sender, signal).await)
}

pub(super) async fn act(
    State(webhooks): Shared,
    Path((id, action)): Path<(String, String)>,
    Query(named): Query<Named>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let answer = Opsgenie::new(Instant::now());
    let Some(sender) = webhooks.genie(&headers) else { return answer.unknown_key() };
    // An alert that was created without an alias is known by the id that its creation was answered with.
    if !matches!(named.identifier_type.as_str(), "" | "id" | "alias") {
        return answer.invalid(&Invalid::new("identifierType", "only alias and id are known"));
    }
    let note = match note(&body) {
        Ok(note) => note,
        Err(invalid) => return answer.invalid(&invalid),
    };
    let key = key_of(&id);
    let done = match action.as_str() {
        "notes" if note.is_empty() => return answer.invalid(&Invalid::new("note", "is required")),
        "notes" => Ok(()),
        "acknowledge" => webhooks.acknowledge(&sender.caller, &key).await.map(|_known| ()),
        "close" => {
            let raw = RawSignal { clear: true, key: key.clone(), opens_anew: true, ..RawSignal::default() };
            match sender.entry(webhooks.sink.now()).normalise(raw) {
                Ok(signal) => webhooks.genie_hear(&sender, signal).await,
                Err(invalid) => return answer.invalid(&invalid),
            }
        }
        _ => return answer.refused(StatusCode::NOT_FOUND, "this action is not known", None),
    };
    let done = match done {
        Ok(()) if !note.is_empty() => webhooks.note(&sender.caller, &key, note).await.map(|_known| ()),
        done => done,
    };
    answer.done(done)
}

impl Webhooks {
    /// Who sends, by `Authorization: GenieKey <key>`.
    fn genie(&self, headers: &HeaderMap) -> Option<Sender> {
        let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, key) = value.split_once(' ')?;
        let key = scheme.eq_ignore_ascii_case("GenieKey").then(|| key.trim())?;
        self.sender(key, IntegrationKind::Opsgenie)
    }

    async fn genie_hear(&self, sender: &Sender, signal: Signal) -> Result<(), SinkError> {
        let heard = Heard { signals: vec![Sent { signal, delivery: None }], problems: Vec::new() };
        self.submit("opsgenie", &sender.caller, heard).await
    }
}

fn alert(body: &Value, request_id: &str, entry: &Entry<'_>) -> Result<Signal, Invalid> {
    let alert = Fields::of(body, "")?;
    let (title, alias) = (alert.required("message")?, alert.text("alias")?);
    let priority = match alert.text("priority")?.as_str() {
        "" => "P3".to_owned(),
        known if SEVERITIES.iter().any(|(priority, _)| *priority == known) => known.to_owned(),
        _ => return Err(Invalid::new("priority", "must be one of P1, P2, P3, P4, P5")),
    };
    let all_tags: Vec<String> = alert.list("tags")?.iter().filter_map(scalar).collect();
    let mut labels = tags(all_tags.iter().map(String::as_str).filter(|tag| tag.contains(':')));
    labels.extend(alert.texts("details")?);
    labels.extend(filled([("entity", alert.text("entity")?)]));
    entry.normalise(RawSignal {
        key: if alias.trim().is_empty() { request_id.to_owned() } else { key_of(&alias) },
        title,
        description: alert.text("description")?,
        severity: entry.severity(&priority, &SEVERITIES),
        source: alert.text("source")?,
        labels,
        annotations: filled([
            ("tags", all_tags.join(", ")),
            ("note", alert.text("note")?),
            ("user", alert.text("user")?),
        ]),
        opens_anew: true,
        ..RawSignal::default()
    })
}

/// The note of an action, with who wrote it; empty if there is none, as the body may be.
fn note(body: &[u8]) -> Result<String, Invalid> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(String::new());
    }
    let body: Value = json(body).map_err(|problem| Invalid::new("body", problem))?;
    let action = Fields::of(&body, "")?;
    let (note, user) = (action.text("note")?, action.text("user")?);
    if note.trim().is_empty() {
        return Ok(String::new());
    }
    let note = if user.trim().is_empty() { note } else { format!("{user}: {note}") };
    Ok(note.chars().take(NOTE_CHARS_MAX).collect())
}

/// An alias as a key of ours; one that is too long stands for itself by its digest.
fn key_of(alias: &str) -> String {
    if alias.chars().count() <= KEY_CHARS_MAX {
        alias.to_owned()
    } else {
        signature::delivery(alias.as_bytes())
    }
}
