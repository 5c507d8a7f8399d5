//! A few reading connections, used on the blocking threads of the runtime. They never write and never checkpoint.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::super::{Error, Result};
use super::setup;

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    slots: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, count: u32) -> Self {
        let slots = Arc::new(Semaphore::new(count.max(1) as usize));
        Self { path, idle: Arc::default(), slots }
    }

    /// Runs `work` in one read transaction, so that all its statements see the same state.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let closed = |_| Error::Unavailable("the store is closed".to_owned());
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(closed)?;
        let idle = Arc::clone(&self.idle);
        let path = self.path.clone();
        let task = tokio::task::spawn_blocking(move || {
            let free = idle.lock().expect("no code panics with this lock").pop();
            let mut conn = match free {
                Some(conn) => conn,
                None => setup::reader(&path)?,
            };
            let result = conn.transaction().map_err(Error::from).and_then(|tx| work(&tx));
            idle.lock().expect("no code panics with this lock").push(conn);
            drop(slot);
            result
        });
        task.await.unwrap_or_else(|error| Err(Error::Fatal(format!("a read ended early: {error}"))))
    }

    /// Waits for what runs and closes the connections.
    pub(super) async fn close(&self, count: u32) {
        // An error means that they are closed already.
        let all = self.slots.acquire_many(count.max(1)).await;
        self.slots.close();
        drop(all);
        self.idle.lock().expect("no code panics with this lock").clear();
    }
}
