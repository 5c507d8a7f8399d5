//! The task that owns a partition's connection and runs whole batches on it, one after the other. A batch that was
//! sent runs to its end whether or not anybody still waits for it.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::sync::{mpsc, oneshot};

use super::super::rows::{Batch, Committed};
use super::super::{Error, Result};
use super::{commit, connect, read};

/// Batches that may wait for their turn; the engine sends one at a time.
const WAITING_MAX: usize = 256;

/// The server ends a statement by itself; a server that cannot even say so is given up after this, and with it the
/// connection.
const ANSWER_TIMEOUT: Duration = connect::STATEMENT_TIMEOUT.saturating_add(Duration::from_secs(5));

enum Work {
    Commit(Box<Batch>, oneshot::Sender<Result<Committed>>),
    Applied(Vec<(String, i64, String)>, oneshot::Sender<Result<Vec<bool>>>),
    Close(oneshot::Sender<()>),
}

/// The way to a partition's task.
#[derive(Debug)]
pub(super) struct Committer {
    work: mpsc::Sender<Work>,
}

impl Committer {
    pub(super) fn start(partition: u16, options: PgConnectOptions) -> Self {
        let (work, inbox) = mpsc::channel(WAITING_MAX);
        tokio::spawn(Owner { partition, options, conn: None }.run(inbox));
        Self { work }
    }

    pub(super) async fn commit(&self, batch: Batch) -> Result<Committed> {
        self.send(|reply| Work::Commit(Box::new(batch), reply)).await
    }

    pub(super) async fn applied(&self, causes: Vec<(String, i64, String)>) -> Result<Vec<bool>> {
        self.send(|reply| Work::Applied(causes, reply)).await
    }

    /// Returns when everything sent before has run and the connection is closed.
    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.work.send(Work::Close(reply)).await.is_ok() {
            // An error means that the task is gone already.
            let _ = closed.await;
        }
    }

    async fn send<T>(&self, work: impl FnOnce(oneshot::Sender<Result<T>>) -> Work) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let closed = || Error::Unavailable("the store is closed".to_owned());
        self.work.send(work(reply)).await.map_err(|_| closed())?;
        // Work that was sent is answered, unless the runtime ends.
        answer.await.unwrap_or_else(|_| Err(Error::Unknown("the store ended".to_owned())))
    }
}

struct Owner {
    partition: u16,
    options: PgConnectOptions,
    conn: Option<PgConnection>,
}

impl Owner {
    async fn run(mut self, mut inbox: mpsc::Receiver<Work>) {
        while let Some(work) = inbox.recv().await {
            // Callers may be gone; what was done is done.
            match work {
                Work::Commit(batch, reply) => drop(reply.send(self.commit(&batch).await)),
                Work::Applied(causes, reply) => drop(reply.send(self.applied(&causes).await)),
                Work::Close(reply) => {
                    inbox.close();
                    if let Some(conn) = self.conn.take() {
                        // The session ends with the socket in any case.
                        let _ = conn.close().await;
                    }
                    let _ = reply.send(());
                }
            }
        }
    }

    async fn commit(&mut self, batch: &Batch) -> Result<Committed> {
        let partition = self.partition;
        let mut conn = self.connection().await?;
        let result = match batch.writes() {
            true => bounded(commit::commit(&mut conn, partition, batch)).await,
            false => bounded(read::versions(&mut conn, partition, &batch.checks)).await,
        };
        self.keep(conn, result)
    }

    async fn applied(&mut self, causes: &[(String, i64, String)]) -> Result<Vec<bool>> {
        let partition = self.partition;
        let mut conn = self.connection().await?;
        let result = bounded(read::applied(&mut conn, partition, causes)).await;
        self.keep(conn, result)
    }

    async fn connection(&mut self) -> Result<PgConnection> {
        match self.conn.take() {
            Some(conn) => Ok(conn),
            None => connect::connect(&self.options).await,
        }
    }

    /// Keeps the connection only after an answer that says nothing about the session or the server.
    fn keep<T>(&mut self, conn: PgConnection, result: Result<T>) -> Result<T> {
        if matches!(result, Ok(_) | Err(Error::Transient(_) | Error::Duplicate(_) | Error::Data(_))) {
            self.conn = Some(conn);
        }
        result
    }
}

/// What runs out of time has an unknown outcome; its connection is dropped by [`Owner::keep`].
async fn bounded<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let late = |_| Err(Error::Unknown("the database did not answer in time".to_owned()));
    tokio::time::timeout(ANSWER_TIMEOUT, work).await.unwrap_or_else(late)
}
