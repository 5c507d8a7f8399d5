//! The carrier of pages that a scenario can script: it records every attempt and answers as it was told. Nothing leaves
//! the process.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use stentor_core::effect::EffectKind;
use stentor_core::time::Timestamp;
use stentor_engine::{Delivery, Sender, Sent};
use tokio::sync::Notify;

/// What becomes of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The receiver has it.
    Accepted,
    /// It may work later.
    Failed,
    /// It never will on this channel.
    Refused,
    /// Nothing is heard of it until [`Post::let_go`].
    Hanging,
}

/// One attempt to deliver something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub at: Timestamp,
    /// The effect's id, the same on every attempt.
    pub id: String,
    pub attempt: i32,
    /// `page`, `summons`, `notice` or `channel notice`.
    pub kind: &'static str,
    /// `INC-1`, or a review's reference.
    pub reference: String,
    /// `ana push`, or a channel.
    pub to: String,
    pub fate: Fate,
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", super::words::clock(self.at), self.to)
    }
}

/// Carries nothing and remembers everything.
#[derive(Debug, Default)]
pub struct Post {
    inner: Mutex<Inner>,
    released: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    letters: Vec<Letter>,
    /// By destination (`ana push`): what becomes of the next attempts.
    next: BTreeMap<String, VecDeque<Fate>>,
    /// By destination: what becomes of all others.
    always: BTreeMap<String, Fate>,
}

impl Post {
    /// The next `times` attempts at this destination meet this fate.
    pub fn next(&self, to: &str, fate: Fate, times: usize) {
        let mut inner = self.lock();
        inner.next.entry(to.to_owned()).or_default().extend(std::iter::repeat_n(fate, times));
    }

    /// Every attempt at this destination meets this fate, after those that are said by [`Post::next`].
    pub fn always(&self, to: &str, fate: Fate) {
        self.lock().always.insert(to.to_owned(), fate);
    }

    /// Everything that hangs is accepted now.
    pub fn let_go(&self) {
        self.released.notify_waiters();
    }

    /// Every attempt so far, in order.
    pub fn letters(&self) -> Vec<Letter> {
        self.lock().letters.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, delivery: &Delivery) -> Fate {
        let (kind, to) = describe(&delivery.what);
        let mut inner = self.lock();
        let scripted = inner.next.get_mut(&to).and_then(VecDeque::pop_front);
        let fate = scripted.or_else(|| inner.always.get(&to).copied()).unwrap_or(Fate::Accepted);
        let reference = match (delivery.state.incident(), delivery.state.review()) {
            (Some(incident), _) => incident.reference(),
            (None, Some(review)) => format!("review of {}", review.review_of),
            (None, None) => String::new(),
        };
        let (id, attempt, at) = (delivery.id.clone(), delivery.attempt, delivery.now);
        inner.letters.push(Letter { at, id, attempt, kind, reference, to, fate });
        fate
    }
}

impl Sender for Post {
    fn send(&self, delivery: Delivery) -> BoxFuture<'_, Sent> {
        Box::pin(async move {
            let released = self.released.notified();
            match self.record(&delivery) {
                Fate::Accepted => Sent::Accepted { detail: "taken".to_owned() },
                Fate::Failed => Sent::Failed { why: "scripted".to_owned(), retry_after: None },
                Fate::Refused => Sent::Refused { why: "scripted".to_owned() },
                Fate::Hanging => {
                    released.await;
                    Sent::Accepted { detail: "taken late".to_owned() }
                }
            }
        })
    }
}

fn describe(what: &EffectKind) -> (&'static str, String) {
    match what {
        EffectKind::Page { person, channel, .. } => ("page", format!("{person} {channel}")),
        EffectKind::Summons { person, channel } => ("summons", format!("{person} {channel}")),
        EffectKind::Notice { person, channel, .. } => ("notice", format!("{person} {channel}")),
        EffectKind::ChannelNotice { channel, .. } => ("channel notice", channel.to_string()),
        EffectKind::Submit { to, .. } => ("command", to.to_string()),
    }
}
