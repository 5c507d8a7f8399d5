//! What clients were promised: one line for each definite OK, on the disk before the client goes on. The test reads it
//! back from the file, as an auditor would.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

/// A promise.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Promise {
    /// Stands once in the history if the promise is kept; it is the request's id too.
    pub(crate) token: String,
    pub(crate) what: What,
    /// The incident that the answer named.
    pub(crate) incident: String,
}

/// What was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum What {
    Report,
    Alert,
    Note,
    Acknowledgement,
    Hold,
}

/// The file.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    file: Arc<Mutex<File>>,
    path: PathBuf,
}

impl Ledger {
    pub(crate) fn create(folder: &Path) -> Ledger {
        let path = folder.join("ledger.jsonl");
        let file = OpenOptions::new().create_new(true).append(true).open(&path).expect("a new ledger");
        Ledger { file: Arc::new(Mutex::new(file)), path }
    }

    /// Writes a promise down for good.
    pub(crate) async fn promise(&self, promise: Promise) {
        let file = Arc::clone(&self.file);
        let written = tokio::task::spawn_blocking(move || {
            let line = serde_json::to_string(&promise).expect("texts become JSON");
            let mut file = file.lock().expect("no writer panics");
            writeln!(file, "{line}").and_then(|()| file.sync_data()).expect("the ledger can be written");
        });
        written.await.expect("the ledger can be written");
    }

    /// All promises by token.
    pub(crate) fn read(&self) -> BTreeMap<String, Promise> {
        let text = std::fs::read_to_string(&self.path).expect("the ledger can be read");
        let promises = text.lines().map(|line| serde_json::from_str::<Promise>(line).expect("a whole line"));
        promises.map(|promise| (promise.token.clone(), promise)).collect()
    }
}
