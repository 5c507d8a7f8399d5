//! The bulk path for histories of other tools: many at once, straight into the store. It arms no deadline, asks for no
//! effect and never changes an instance: what is there stays as it is.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use stentor_core::history_log::Record;
use stentor_core::id::InstanceId;
use stentor_core::import::{Left, Place, Retold, retell};
use stentor_core::instance::{Event, Instance, LOGIC};
use stentor_core::policy::Policy;

use crate::chain::{self, Link};
use crate::committer::entry;
use crate::engine::Engine;
use crate::error::Error;
use crate::policies::Policies;
use crate::project;
use crate::slot::partition_of;
use crate::store::Store;
use crate::store::rows::{Batch, EventRow, InstanceRow};

/// Records that one transaction takes.
pub const BATCH: usize = 256;

/// The cause of every transition of an import: the same on each run, so that the same records make the same rows.
const CAUSE: &str = "import";

/// Stores records.
#[derive(Debug)]
pub struct Importer {
    store: Arc<dyn Store>,
    policies: Policies,
}

/// What became of records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    pub stored: usize,
    /// Stored before, with the same history.
    pub known: usize,
    /// Stored before, with another history; left as it is. The records' references.
    pub differing: Vec<String>,
    /// Entries for which a history has no place, with the record's reference.
    pub left: Vec<(String, Left)>,
}

/// Rows of one record.
struct Rows {
    instance: InstanceRow,
    events: Vec<EventRow>,
    state: Instance,
    left: Vec<Left>,
}

impl Importer {
    /// Checks the store and reads its policies.
    ///
    /// # Errors
    /// If the store refuses the checks or cannot be read.
    pub async fn open(store: Arc<dyn Store>) -> Result<Importer, Error> {
        store.check().await?;
        let policies = Policies::default();
        policies.load(store.as_ref()).await?;
        Ok(Importer { store, policies })
    }

    /// The newest policy: it gives services, teams and priorities their places.
    pub fn policy(&self) -> Option<Arc<Policy>> {
        self.policies.newest().map(|v| v.policy)
    }

    /// Stores those records that are not there yet, in one transaction for each partition. At most [`BATCH`] at once.
    ///
    /// # Errors
    /// What the store says; nothing of the failing partition is stored then.
    pub async fn take(&self, records: &[Record]) -> Result<Taken, Error> {
        let ids: Vec<InstanceId> = records.iter().map(id_of).collect();
        let stored = self.store.load(ids.iter().map(|id| id.0.clone()).collect()).await?;
        let stored: HashMap<String, InstanceRow> = stored.into_iter().map(|r| (r.id.clone(), r)).collect();
        let mut taken = Taken::default();
        let mut fresh: Vec<(&Record, InstanceId)> = Vec::new();
        let mut seen = HashSet::new();
        for (record, id) in records.iter().zip(ids) {
            match stored.get(id.as_str()) {
                Some(row) if self.same(record, row)? => taken.known += 1,
                Some(_) => taken.differing.push(record.source_ref.clone()),
                None if seen.insert(id.clone()) => fresh.push((record, id)),
                None => taken.known += 1,
            }
        }
        self.add(fresh, &mut taken).await?;
        Ok(taken)
    }

    async fn add(&self, fresh: Vec<(&Record, InstanceId)>, taken: &mut Taken) -> Result<(), Error> {
        if fresh.is_empty() {
            return Ok(());
        }
        let first = self.store.reserve("incident", fresh.len() as i64).await?;
        let policy = self.policy();
        let mut batches: BTreeMap<u16, Batch> = BTreeMap::new();
        for ((record, id), number) in fresh.into_iter().zip(first..) {
            let partition = partition_of(id.as_str(), self.store.partitions());
            let place = Place { id, number: number as u64, policy: policy.as_deref() };
            let Some(rows) = rows(record, &place) else { continue };
            let batch = batches.entry(partition).or_default();
            batch.listings.push(project::listing(&rows.state));
            batch.instances.push(rows.instance);
            batch.events.extend(rows.events);
            taken.left.extend(rows.left.into_iter().map(|left| (record.source_ref.clone(), left)));
        }
        for (partition, batch) in batches {
            let committed = self.store.commit(partition, batch).await?;
            let won = committed.won.iter().filter(|won| **won).count();
            taken.stored += won;
            // Somebody imports the same records at the same time.
            taken.known += committed.won.len() - won;
        }
        Ok(())
    }

    /// Whether the record would make the history that is stored.
    fn same(&self, record: &Record, row: &InstanceRow) -> Result<bool, Error> {
        let (id, stored) = entry(row.clone())?;
        let policy = self.policies.get(row.policy as u64).map(|v| v.policy);
        let number = stored.state.incident().map_or(0, |i| i.number);
        let again = rows(record, &Place { id, number, policy: policy.as_deref() });
        Ok(again.is_some_and(|again| again.instance.chain == row.chain))
    }
}

impl Engine {
    /// Stores those records that are not there yet, see [`Importer::take`]. Deadlines, effects and the live end of the
    /// feed know nothing of them; the table of the feed has them.
    ///
    /// # Errors
    /// What the store says.
    pub async fn import(&self, records: &[Record]) -> Result<Taken, Error> {
        Importer::open(Arc::clone(&self.shared.store)).await?.take(records).await
    }
}

/// A record's id is made of its reference alone, so that it is found again whatever zone or services it is read with.
fn id_of(record: &Record) -> InstanceId {
    let digest = Sha256::new()
        .chain_update("import")
        .chain_update([0])
        .chain_update(&record.source)
        .chain_update([0])
        .chain_update(&record.source_ref)
        .finalize();
    InstanceId(format!("inc-{}", hex::encode(&digest[..16])))
}

fn rows(record: &Record, place: &Place<'_>) -> Option<Rows> {
    let Retold { state, transitions, left } = retell(record, place)?;
    let mut chain = String::new();
    let mut events = Vec::with_capacity(transitions.len());
    for t in transitions {
        let version = (t.first + t.events.len() as u64 - 1) as i64;
        let told: Vec<Event> = t.events.into_iter().map(Event::Incident).collect();
        let data = serde_json::to_string(&told).unwrap_or_default();
        let actor = t.actor.to_string();
        let link = Link { version, at: t.at.0, actor: &actor, cause: CAUSE, data: &data };
        chain = chain::after(&chain, &link);
        events.push(EventRow {
            pos: 0,
            id: place.id.0.clone(),
            first: t.first as i64,
            version,
            at: t.at.0,
            actor,
            cause: CAUSE.to_owned(),
            wake_at: None,
            data,
            chain: chain.clone(),
        });
    }
    let state = Instance::Incident(Box::new(state));
    let instance = InstanceRow {
        id: place.id.0.clone(),
        kind: state.kind().to_owned(),
        prev_version: 0,
        version: state.version() as i64,
        open: false,
        wake_at: None,
        open_key: None,
        logic: LOGIC,
        policy: state.policy() as i64,
        chain,
        state: serde_json::to_string(&state).unwrap_or_default(),
    };
    Some(Rows { instance, events, state, left })
}
