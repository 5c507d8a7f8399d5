//! Compares what clients and receiver saw with what the database tells: every difference is a finding in words. The
//! server has ended; the store is read through its own door.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use stentor_core::instance::Instance;
use stentor_engine::store::Store;
use stentor_engine::store::rows::InstanceRow;

use crate::campaign::{Evidence, Heard};
use crate::ledger::{Promise, What};
use crate::story::Story;

/// A page whose sending had begun when the acknowledgement committed may still arrive, this much later.
const IN_FLIGHT_MS: i64 = 2000;

/// A deadline that was due this short before the end may not have fired yet.
const FIRING_MS: i64 = 2000;

/// What the database holds.
pub(crate) struct World {
    pub(crate) stories: BTreeMap<String, Story>,
    rows: HashMap<String, InstanceRow>,
    outbox: BTreeSet<String>,
    /// Wake-ups of open instances.
    wakes: HashMap<String, Option<i64>>,
    /// Incidents that hold an alert's identity, by token.
    holders: HashMap<String, String>,
    problems: Vec<String>,
}

impl World {
    /// Reads everything.
    pub(crate) async fn read(store: &Arc<dyn Store>, promises: &BTreeMap<String, Promise>) -> World {
        let mut world = World {
            stories: BTreeMap::new(),
            rows: HashMap::new(),
            outbox: BTreeSet::new(),
            wakes: HashMap::new(),
            holders: HashMap::new(),
            problems: Vec::new(),
        };
        for head in store.heads().await.expect("heads") {
            world.read_feed(store, head.partition, head.head).await;
            let due = store.outbox_due(head.partition, i64::MAX, u32::MAX >> 1).await.expect("the outbox");
            world.outbox.extend(due.into_iter().map(|row| row.effect_id));
            let mut after = (i64::MIN, String::new());
            loop {
                let page = store.wakes(head.partition, after, i64::MAX, 1000).await.expect("wake-ups");
                let Some(last) = page.last() else { break };
                after = (last.wake_at.unwrap_or(i64::MIN), last.id.clone());
                world.wakes.extend(page.into_iter().map(|wake| (wake.id, wake.wake_at)));
            }
        }
        let ids: Vec<String> = world.stories.keys().cloned().collect();
        for some in ids.chunks(500) {
            let rows = store.load(some.to_vec()).await.expect("instances");
            world.rows.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
        }
        let alerts: Vec<String> =
            promises.values().filter(|p| p.what == What::Alert).map(|p| format!("dev:{}", p.token)).collect();
        for some in alerts.chunks(500) {
            let found = store.find_alerts(some.to_vec()).await.expect("alerts");
            world.holders.extend(found.into_iter().filter(|a| a.held).map(|a| (a.key, a.id)));
        }
        world
    }

    async fn read_feed(&mut self, store: &Arc<dyn Store>, partition: u16, head: i64) {
        let mut after = 0;
        while after < head {
            let page = store.feed(partition, after, head, 2000).await.expect("the feed");
            let Some(last) = page.last() else { break };
            if page.windows(2).any(|two| two[0].pos >= two[1].pos) || page[0].pos <= after {
                self.problems.push(format!("the feed of partition {partition} is out of order at {after}"));
            }
            after = last.pos;
            for row in &page {
                self.stories.entry(row.id.clone()).or_default().read(row);
            }
        }
    }

    /// Everything that must not be true and is.
    pub(crate) fn findings(&self, evidence: &Evidence) -> Vec<String> {
        let promises = evidence.ledger.read();
        let mut findings = self.problems.clone();
        findings.extend(self.stories.values().flat_map(|story| story.problems.clone()));
        findings.extend(evidence.seen.iter().flat_map(|s| &s.refused).map(|r| format!("refused: {r}")));
        findings.extend(self.kept(&promises, evidence));
        for (id, story) in &self.stories {
            findings.extend(self.state(id, story));
            findings.extend(self.wake_up(id, story, evidence.ended_at));
            findings.extend(self.pages(story, &evidence.heard));
        }
        findings.extend(self.references());
        findings
    }

    /// Acknowledged writes are there once; what was asked for is not there twice.
    fn kept(&self, promises: &BTreeMap<String, Promise>, evidence: &Evidence) -> Vec<String> {
        let mut found: HashMap<&str, Vec<&str>> = HashMap::new();
        for (id, story) in &self.stories {
            for text in &story.texts {
                if let Some((_, token)) = text.split_once(' ') {
                    found.entry(token).or_default().push(id);
                }
            }
        }
        let mut findings = Vec::new();
        for (token, what) in evidence.seen.iter().flat_map(|seen| &seen.asked) {
            let places = found.get(token.as_str()).map_or(&[][..], Vec::as_slice);
            let promise = promises.get(token);
            if places.len() > 1 {
                findings.push(format!("{what:?} {token} was applied {} times: {places:?}", places.len()));
            }
            if let Some(promise) = promise {
                findings.extend(self.is_kept(promise, places));
            }
        }
        findings
    }

    fn is_kept(&self, promise: &Promise, places: &[&str]) -> Option<String> {
        let id = promise.incident.strip_prefix("incidents/").unwrap_or_default();
        let story = self.stories.get(id);
        let kept = match promise.what {
            What::Acknowledgement => story.is_some_and(|s| s.acknowledged == 1),
            What::Hold => places == [id] && story.is_some_and(|s| s.held == 1 && s.acknowledged == 1),
            What::Report | What::Note => places == [id],
            What::Alert => {
                let holder = self.holders.get(&format!("dev:{}", promise.token));
                places == [id] && holder.is_some_and(|holder| holder == id)
            }
        };
        (!kept).then(|| format!("a promise is not kept: {promise:?}, found in {places:?}"))
    }

    /// The row is the fold of the history.
    fn state(&self, id: &str, story: &Story) -> Option<String> {
        let Some(row) = self.rows.get(id) else { return Some(format!("{id} has a history and no row")) };
        let stored = match row.kind.as_str() {
            "incident" => serde_json::from_str(&row.state).ok().map(Instance::Incident),
            _ => serde_json::from_str(&row.state).ok().map(Instance::Review),
        };
        let same = stored == story.state && row.version == story.version && row.chain == story.chain;
        (!same).then(|| {
            format!("{id}: its row at {} is not the fold of its history at {}", row.version, story.version)
        })
    }

    /// An open instance has a wake-up, and none that a living server would have served.
    fn wake_up(&self, id: &str, story: &Story, ended_at: i64) -> Option<String> {
        let wanted = story.state.as_ref().and_then(Instance::next_wake).map(|at| at.0);
        let armed = self.wakes.get(id).copied().flatten();
        if armed != wanted {
            return Some(format!("{id}: wake-up {armed:?} is armed, {wanted:?} is wanted"));
        }
        let open = story.state.as_ref().and_then(Instance::incident).is_some_and(|i| i.is_open());
        if open && wanted.is_none_or(|at| at < ended_at - FIRING_MS) {
            return Some(format!("{id}: open, and its wake-up {wanted:?} lies before the end at {ended_at}"));
        }
        (story.resumed > story.held).then(|| format!("{id}: resumed more often than held"))
    }

    /// Every page that was intended was delivered, is waiting, or was withdrawn; and none was sent after that.
    fn pages(&self, story: &Story, heard: &Heard) -> Vec<String> {
        let mut findings = Vec::new();
        for page in story.pages.values() {
            let arrivals = heard.get(&page.effect).map_or(&[][..], Vec::as_slice);
            let waiting = self.outbox.contains(&page.effect);
            match page.withdrawn_at {
                Some(at) => {
                    findings.extend(arrivals.iter().filter(|a| **a > at + IN_FLIGHT_MS).map(|a| {
                        format!("page {} arrived {} ms after it was withdrawn", page.effect, a - at)
                    }))
                }
                None if page.settled && arrivals.is_empty() => {
                    findings.push(format!("page {} is settled and never arrived", page.effect));
                }
                None if !page.settled && !waiting => {
                    findings.push(format!("page {} is neither settled nor waiting", page.effect));
                }
                None => {}
            }
        }
        findings
    }

    /// References are never given twice.
    fn references(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let numbers = self.stories.values().filter_map(|s| s.state.as_ref()?.incident()).map(|i| i.number);
        numbers.filter(|n| !seen.insert(*n)).map(|n| format!("INC-{n} was given twice")).collect()
    }
}
