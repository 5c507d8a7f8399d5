//! One instance read back from the history: its versions, its chain, its fold, the pages it intended. It shares nothing
//! with the engine but the rules' fold.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::incident;
use stentor_core::incident::event::{LifeEvent, PagingEvent};
use stentor_core::incident::paging::{PendingKind, effect_id};
use stentor_core::incident::work_event::WorkEvent;
use stentor_core::instance::{Event, Instance, Meta, apply};
use stentor_core::time::Timestamp;
use stentor_engine::store::rows::EventRow;

/// A page or summons that the history asked for.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) effect: String,
    /// When it stopped being wanted without having been settled.
    pub(crate) withdrawn_at: Option<i64>,
    pub(crate) settled: bool,
}

/// An instance as its history tells it.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) state: Option<Instance>,
    pub(crate) version: i64,
    pub(crate) chain: String,
    pub(crate) pages: BTreeMap<String, Page>,
    /// Texts that carry a client's token: one entry for each event.
    pub(crate) texts: Vec<String>,
    pub(crate) acknowledged: u32,
    pub(crate) held: u32,
    pub(crate) resumed: u32,
    pub(crate) problems: Vec<String>,
}

impl Story {
    /// Takes the next transition in.
    pub(crate) fn read(&mut self, row: &EventRow) {
        let events: Vec<Event> = match serde_json::from_str(&row.data) {
            Ok(events) => events,
            Err(e) => return self.problem(row, &format!("unreadable: {e}")),
        };
        if row.first != self.version + 1 || row.version != self.version + events.len() as i64 {
            self.problem(row, &format!("follows version {}", self.version));
        }
        let chain = chained(&self.chain, row);
        if chain != row.chain {
            self.problem(row, "breaks the chain");
        }
        let actor: Actor = row.actor.parse().unwrap_or(Actor::System);
        let id = InstanceId(row.id.clone());
        for (n, event) in (row.first..).zip(&events) {
            let meta = Meta { n: n as u64, at: Timestamp(row.at), actor: &actor };
            apply(&mut self.state, event, &id, &meta);
            self.note(event);
            self.follow_pages(&id, event, row.at);
        }
        self.version = row.version;
        self.chain.clone_from(&row.chain);
    }

    fn problem(&mut self, row: &EventRow, what: &str) {
        self.problems.push(format!("{} {}..{}: {what}", row.id, row.first, row.version));
    }

    fn note(&mut self, event: &Event) {
        let Event::Incident(event) = event else { return };
        match event {
            incident::Event::Life(LifeEvent::Reported(o) | LifeEvent::Alerted(o)) => {
                self.texts.push(o.signal.title.clone());
            }
            incident::Event::Work(WorkEvent::NoteAdded { text, .. }) => self.texts.push(text.clone()),
            incident::Event::Paging(PagingEvent::Held { note, .. }) => {
                self.texts.push(note.clone());
                self.held += 1;
            }
            incident::Event::Paging(PagingEvent::Resumed { .. }) => self.resumed += 1,
            incident::Event::Paging(PagingEvent::Acknowledged { .. }) => self.acknowledged += 1,
            _ => {}
        }
    }

    /// What is new among the pending effects was intended now; what is gone was settled or withdrawn.
    fn follow_pages(&mut self, id: &InstanceId, event: &Event, at: i64) {
        let Some(state) = &self.state else { return };
        let pending = state.pending();
        for (key, _) in pending.iter().filter(|(_, p)| p.kind == PendingKind::Page) {
            let effect = effect_id(id, key);
            self.pages.entry(key.clone()).or_insert(Page { effect, withdrawn_at: None, settled: false });
        }
        let settled = match event {
            Event::Incident(incident::Event::Paging(PagingEvent::DeliveryRecorded { effect, .. })) => {
                effect.as_str()
            }
            _ => "",
        };
        for (key, page) in self.pages.iter_mut().filter(|(_, p)| !p.settled && p.withdrawn_at.is_none()) {
            if !pending.contains_key(key) {
                page.settled = key == settled;
                page.withdrawn_at = (!page.settled).then_some(at);
            }
        }
    }
}

/// The digest of a row after another: 16 bytes of SHA-256.
fn chained(before: &str, row: &EventRow) -> String {
    let digest = Sha256::new()
        .chain_update(before)
        .chain_update(row.version.to_be_bytes())
        .chain_update(row.at.to_be_bytes())
        .chain_update(&row.actor)
        .chain_update([0])
        .chain_update(&row.cause)
        .chain_update([0])
        .chain_update(&row.data)
        .finalize();
    hex::encode(&digest[..16])
}
