//! The standing records in memory, kept as the log in the store tells them. A change is decided on the newest book,
//! written as the next row, and decided anew if somebody else was faster.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use stentor_core::actor::Actor;
use stentor_core::id::ScheduleId;
use stentor_core::oncall::Override;
use stentor_core::policy::Policy;
use stentor_core::refusal::Refusal;
use stentor_core::silence::Silences;
use stentor_core::standing::{Book, Circumstances, Command, Entry, Event, decide};
use stentor_core::subscription::Subscription;
use stentor_core::time::{Duration, Timestamp};

use crate::clock::Clock;
use crate::error::Error;
use crate::limits;
use crate::request::RequestId;
use crate::store::rows::StandingRow;
use crate::store::{self, Store};

/// Overrides stay among those that decide for so long after their end: a level that is due may fire late, after an
/// outage, and is decided as of its due instant.
const KEPT: Duration = Duration::days(30);

/// A change on its way in.
#[derive(Debug, Clone)]
pub struct StandingSubmission {
    pub actor: Actor,
    pub command: Command,
    /// Remembered with the change, so that a repeat gets the first answer.
    pub request: Option<RequestId>,
    /// Everything is checked and nothing changes.
    pub validate_only: bool,
}

/// The answer to a change, given after its commit.
#[derive(Debug, Clone)]
pub struct StandingReply {
    pub events: Arc<[Event]>,
    /// The records after it; for a dry run, as if it had happened.
    pub book: Arc<Book>,
    /// When it happened.
    pub at: Timestamp,
    /// This request was answered before; nothing happened now.
    pub replayed: bool,
}

/// All standing records.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    book: Arc<Book>,
    in_force: Arc<BTreeMap<ScheduleId, Vec<Override>>>,
    silences: Arc<Silences>,
    subscriptions: Arc<Vec<Subscription>>,
    /// Nobody has acted on them yet.
    silences_changed: bool,
    requests: HashMap<String, Answered>,
}

#[derive(Debug, Clone)]
struct Answered {
    body_hash: String,
    events: Arc<[Event]>,
    at: Timestamp,
}

impl Standing {
    /// The overrides that decide who is paged.
    pub(crate) fn in_force(&self) -> Arc<BTreeMap<ScheduleId, Vec<Override>>> {
        Arc::clone(&self.read().in_force)
    }

    /// The silences that decide who is paged.
    pub(crate) fn silences(&self) -> Arc<Silences> {
        Arc::clone(&self.read().silences)
    }

    /// The subscriptions that decide who gets updates.
    pub(crate) fn subscriptions(&self) -> Arc<Vec<Subscription>> {
        Arc::clone(&self.read().subscriptions)
    }

    /// All records, as far as this replica has heard.
    pub(crate) fn book(&self) -> Arc<Book> {
        Arc::clone(&self.read().book)
    }

    /// Reads what was written since, by whom ever.
    ///
    /// # Errors
    /// The store's, or [`Error::Internal`] if a row cannot be read.
    pub(crate) async fn load(&self, store: &dyn Store) -> Result<(), Error> {
        let after = self.book().next() as i64 - 1;
        let mut silences = false;
        for row in store.standing(after).await? {
            silences |= self.add(&row)?;
        }
        if silences {
            self.compile_silences();
        }
        Ok(())
    }

    /// Whether they have since this was asked last.
    pub(crate) fn silences_have_changed(&self) -> bool {
        let changed = self.read().silences_changed;
        changed
            && std::mem::take(
                &mut self.known.write().unwrap_or_else(PoisonError::into_inner).silences_changed,
            )
    }

    /// Decides a change and answers after its commit.
    ///
    /// # Errors
    /// See [`Error`]. After [`Error::Unavailable`] the change may have happened; a repeat with the same request id
    /// finds out.
    pub(crate) async fn submit(
        &self,
        store: &dyn Store,
        clock: &dyn Clock,
        policy: &Policy,
        submission: &StandingSubmission,
    ) -> Result<StandingReply, Error> {
        for _ in 0..limits::STANDING_TRIES {
            self.load(store).await?;
            if let Some(answered) = self.answered(submission.request.as_ref())? {
                let (book, events) = (self.book(), answered.events);
                return Ok(StandingReply { events, book, at: answered.at, replayed: true });
            }
            let book = self.book();
            let at = clock.now().max(book.newest().unwrap_or_default());
            let cx = Circumstances { now: at, actor: &submission.actor, policy };
            let events = decide(&book, &cx, &submission.command)?;
            let entry = Entry { number: book.next(), at, actor: submission.actor.clone(), events };
            if submission.validate_only {
                let mut book = Book::clone(&book);
                book.apply(&entry);
                let (book, events) = (Arc::new(book), entry.events.into());
                return Ok(StandingReply { events, book, at, replayed: false });
            }
            let row = row(&entry, submission.request.as_ref())?;
            match store.add_standing(row.clone()).await {
                Ok(()) => {
                    if self.add(&row)? {
                        self.compile_silences();
                    }
                    let (book, events) = (self.book(), entry.events.into());
                    return Ok(StandingReply { events, book, at, replayed: false });
                }
                Err(store::Error::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Overloaded { retry_after_ms: limits::RETRY_AFTER_MS })
    }

    fn answered(&self, request: Option<&RequestId>) -> Result<Option<Answered>, Error> {
        let Some(request) = request else { return Ok(None) };
        match self.read().requests.get(&request.key) {
            Some(answered) if answered.body_hash != request.body_hash => Err(Refusal::RequestIdReused.into()),
            answered => Ok(answered.cloned()),
        }
    }

    /// Takes a row, unless it is known already; says whether it changes silences.
    fn add(&self, row: &StandingRow) -> Result<bool, Error> {
        let broken = |what: String| Error::Internal(format!("standing record {}: {what}", row.number));
        let events: Vec<Event> = serde_json::from_str(&row.data).map_err(|e| broken(e.to_string()))?;
        let actor = row.actor.parse().map_err(|_| broken(format!("its actor is {:?}", row.actor)))?;
        let entry = Entry { number: row.number as u64, at: Timestamp(row.at), actor, events };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if entry.number != known.book.next() {
            return Ok(false);
        }
        Arc::make_mut(&mut known.book).apply(&entry);
        known.in_force = Arc::new(known.book.in_force(entry.at - KEPT));
        if entry.events.iter().any(Event::is_of_subscription) {
            known.subscriptions = Arc::new(known.book.open_subscriptions());
        }
        let silences = entry.events.iter().any(Event::is_of_silence);
        if let Some(request) = &row.request {
            let body_hash = row.body_hash.clone().unwrap_or_default();
            let answered = Answered { body_hash, events: entry.events.into(), at: entry.at };
            known.requests.insert(request.clone(), answered);
        }
        Ok(silences)
    }

    /// Makes the silences that are not over ready to be asked; what is ready already stays.
    fn compile_silences(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let now = known.book.newest().unwrap_or_default();
        known.silences = Arc::new(known.book.silences_after(now, &known.silences));
        known.silences_changed = true;
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn row(entry: &Entry, request: Option<&RequestId>) -> Result<StandingRow, Error> {
    let data = serde_json::to_string(&entry.events).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(StandingRow {
        number: entry.number as i64,
        at: entry.at.0,
        actor: entry.actor.to_string(),
        request: request.map(|request| request.key.clone()),
        body_hash: request.map(|request| request.body_hash.clone()),
        data,
    })
}
