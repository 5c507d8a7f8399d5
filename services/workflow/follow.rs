//! Follows the feed of every partition from a cursor: live where the tail is complete, from the store where it is not.
//! Nothing is skipped and nothing comes twice; what a stream makes of it is its own business.

use std::sync::Arc;

use stentor_engine::store::rows::Head;
use stentor_engine::{Engine, FeedItem};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tonic::Status;

use crate::wire::Invalid;
use crate::wire::resume::{Cursor, GENERATION};
use crate::wire::status::{self, Fault};

/// Items read from the store at once.
const CHUNK: u32 = 500;

/// Items taken from the tail at once.
const DRAIN: usize = 500;

/// A reader of the feed.
pub(super) struct Follower {
    engine: Engine,
    tail: Receiver<Arc<FeedItem>>,
    /// Everything up to here was handed out.
    pub(super) cursor: Cursor,
    /// The store may have items beyond the cursor that the tail will not bring.
    behind: bool,
}

/// Where to begin.
pub(super) enum From<'a> {
    Now,
    Start,
    Token(&'a [u8]),
}

impl Follower {
    /// Begins. The tail is joined before the heads are read, so that nothing falls between them.
    pub(super) async fn begin(engine: &Engine, from: From<'_>) -> Result<Follower, Status> {
        let tail = engine.tail();
        let heads = engine.heads().await.map_err(status::of_engine)?;
        let mut cursor = Cursor::default();
        let known = match from {
            From::Token(token) => Some(Cursor::parse(engine.secret(), token)?),
            From::Now | From::Start => None,
        };
        let known = match known {
            Some(Err(_)) => return Err(Fault::TokenExpired.into()),
            Some(Ok(known)) => Some(known),
            None => None,
        };
        for Head { partition, head, trimmed } in heads {
            let at = match (&known, &from) {
                (Some(known), _) => known.position(partition),
                (None, From::Start) => trimmed,
                (None, _) => head,
            };
            if at > head {
                return Err(Fault::FeedRewound { generation: GENERATION }.into());
            }
            if at < trimmed {
                return Err(Fault::TokenExpired.into());
            }
            cursor.advance(partition, at);
        }
        let behind = !matches!(from, From::Now);
        Ok(Follower { engine: engine.clone(), tail, cursor, behind })
    }

    /// The next items in the order of their partition; waits until there are some.
    pub(super) async fn next(&mut self) -> Result<Vec<Arc<FeedItem>>, Status> {
        loop {
            if self.behind {
                let items = self.stored().await?;
                if !items.is_empty() {
                    return Ok(items);
                }
                self.behind = false;
            }
            let mut arrived = Vec::new();
            match self.tail.recv().await {
                Ok(item) => arrived.push(item),
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => return Err(ending()),
            }
            while arrived.len() < DRAIN {
                match self.tail.try_recv() {
                    Ok(item) => arrived.push(item),
                    Err(TryRecvError::Lagged(_)) => self.behind = true,
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            let items = self.in_order(arrived);
            if !items.is_empty() {
                return Ok(items);
            }
        }
    }

    /// Moves on past an item that was handed out.
    pub(super) fn pass(&mut self, item: &FeedItem) {
        self.cursor.advance(item.partition, item.pos);
    }

    /// Those that follow the cursor without a hole. What lies behind a hole is read from the store instead.
    fn in_order(&mut self, arrived: Vec<Arc<FeedItem>>) -> Vec<Arc<FeedItem>> {
        let mut cursor = self.cursor.clone();
        let mut items = Vec::new();
        for item in arrived {
            let at = cursor.position(item.partition);
            if item.pos == at + 1 {
                cursor.advance(item.partition, item.pos);
                items.push(item);
            } else if item.pos > at {
                self.behind = true;
            }
        }
        items
    }

    /// What the store has beyond the cursor, a chunk of the first partition that has anything.
    async fn stored(&mut self) -> Result<Vec<Arc<FeedItem>>, Status> {
        let heads = self.engine.heads().await.map_err(status::of_engine)?;
        for Head { partition, head, trimmed } in heads {
            let at = self.cursor.position(partition);
            if at < trimmed {
                return Err(Fault::TokenExpired.into());
            }
            if at < head {
                let items = self.engine.feed(partition, at, CHUNK).await.map_err(status::of_engine)?;
                return Ok(items.into_iter().map(Arc::new).collect());
            }
        }
        Ok(Vec::new())
    }
}

/// What a stream ends with when the server does.
pub(super) fn ending() -> Status {
    let retry_after = std::time::Duration::from_secs(1);
    Fault::Unavailable { what: "this server", retry_after }.into()
}

/// A token that does not fit its request.
pub(super) fn misplaced(problem: &str) -> Status {
    Invalid::new("resume_token", problem).into()
}
