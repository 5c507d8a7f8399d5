//! The thread that owns the writing connection and runs whole jobs on it, one after the other. A job that was sent
//! runs to its end whether or not anybody still waits for it, so a dropped future cannot cut a transaction in two.

use std::fs::File;
use std::future::Future;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::super::{Error, Result};

/// Frames in the log after which a checkpoint is due even under load, 16 MiB. The pages at the right edge of the trees
/// change in every batch: with a quarter of this they are copied so often that a tenth of the reports a second is
/// lost; with twice as much the commit that waits for the copying waits noticeably longer.
const CHECKPOINT_FRAMES: i64 = 2_000;

/// Silence after which the log is copied into the database.
const IDLE: Duration = Duration::from_millis(200);

/// Runs on the connection, or is told why nothing runs any more; tells back what broke, if anything did.
type Job = Box<dyn FnOnce(Result<&mut Connection>) -> Option<Error> + Send>;

#[derive(Debug)]
pub(super) struct Writer {
    jobs: Mutex<Option<Sender<Job>>>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Writer {
    /// Starts the thread. It keeps the lock file until it has closed the connection.
    pub(super) fn start(conn: Connection, lock: File) -> Result<Self> {
        let (jobs, inbox) = channel::<Job>();
        let (end, ended) = oneshot::channel();
        thread::Builder::new()
            .name("stentor-sqlite".to_owned())
            .spawn(move || {
                run(conn, &inbox);
                drop(lock);
                // Nobody may wait for the end; that is fine.
                let _ = end.send(());
            })
            .map_err(|error| Error::Fatal(format!("start the writer thread: {error}")))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), ended: Mutex::new(Some(ended)) })
    }

    /// Runs `work` on the writing connection after everything that was sent before.
    pub(super) fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send + 'static {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            let result = conn.and_then(work);
            let broke = match &result {
                Err(error @ Error::Fatal(_)) => Some(error.clone()),
                _ => None,
            };
            // The caller may be gone; what was done is done.
            let _ = reply.send(result);
            broke
        });
        let sent = match &*self.jobs.lock().expect("no code panics with this lock") {
            Some(jobs) => jobs.send(job).map_err(|_| Error::Fatal("the writer thread ended".to_owned())),
            None => Err(Error::Unavailable("the store is closed".to_owned())),
        };
        async move {
            sent?;
            answer.await.unwrap_or_else(|_| Err(Error::Fatal("the writer thread ended".to_owned())))
        }
    }

    /// Takes no more jobs, and returns when those sent have run and the connection is closed.
    pub(super) async fn close(&self) {
        drop(self.jobs.lock().expect("no code panics with this lock").take());
        let ended = self.ended.lock().expect("no code panics with this lock").take();
        if let Some(ended) = ended {
            // An error means that the thread is gone already.
            let _ = ended.await;
        }
    }
}

fn run(mut conn: Connection, inbox: &Receiver<Job>) {
    let mut broken = None;
    let mut dirty = false;
    loop {
        let job = if dirty {
            inbox.recv_timeout(IDLE)
        } else {
            inbox.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match job {
            Ok(job) => {
                broken = match broken {
                    Some(error) => job(Err(error)),
                    None => job(Ok(&mut conn)),
                };
                if broken.is_none() {
                    dirty = tidy(&conn, &mut broken);
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                dirty = false;
                checkpoint(&conn, "PRAGMA wal_checkpoint(PASSIVE)", &mut broken);
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if broken.is_none() {
        checkpoint(&conn, "PRAGMA wal_checkpoint(TRUNCATE)", &mut broken);
    }
}

/// Copies the log back when it is long; tells whether it holds frames that are not copied yet.
fn tidy(conn: &Connection, broken: &mut Option<Error>) -> bool {
    if !conn.is_autocommit() {
        *broken = Some(Error::Fatal("a transaction was left open".to_owned()));
        return false;
    }
    let (frames, copied) = checkpoint(conn, "PRAGMA wal_checkpoint(NOOP)", broken);
    if frames - copied < CHECKPOINT_FRAMES {
        return frames > copied;
    }
    let (frames, copied) = checkpoint(conn, "PRAGMA wal_checkpoint(PASSIVE)", broken);
    frames > copied
}

/// Runs a checkpoint pragma: frames in the log, and how many of them are copied. A failed sync is never repeated.
fn checkpoint(conn: &Connection, sql: &str, broken: &mut Option<Error>) -> (i64, i64) {
    let result = conn
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?))));
    match result.map_err(Error::from) {
        Ok(counts) => counts,
        // A reader in the way, or no room in the file: the log simply stays longer.
        Err(Error::Transient(_) | Error::Unavailable(_)) => (0, 0),
        Err(error) => {
            tracing::error!(%error, "checkpoint failed; the store takes no more writes");
            *broken = Some(error);
            (0, 0)
        }
    }
}
