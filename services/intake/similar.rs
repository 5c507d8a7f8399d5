//! Open incidents that resemble a report, so that a person joins one instead of opening the next. It looks at the newest
//! incidents only, and asks the store for them at most once a second however many reports come in.

use std::sync::{Arc, Mutex, PoisonError};

use stentor_core::id::InstanceId;
use stentor_core::incident::kinds::Phase;
use stentor_core::time::{Duration, Timestamp};
use stentor_core::triage::{ALIKE, SIMILAR, Traits};
use stentor_engine::Engine;
use stentor_engine::store::rows::{Column, Filter, ListQuery, ListingRow, Op, Value};
use stentor_proto::v1;

use crate::wire::intake;

/// So many are shown.
const SHOWN: usize = 5;

/// So many of the newest incidents, open or not, are looked at: a bound on what a report can cost.
const NEWEST: u32 = 1_000;

/// For so long the newest incidents are known without asking again.
const FRESH: Duration = Duration::seconds(1);

/// The newest incidents as they were a moment ago.
#[derive(Debug, Default)]
pub(super) struct Similar {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    at: Option<Timestamp>,
    open: Arc<[(Traits, ListingRow)]>,
}

impl Similar {
    /// Open incidents that are like this one, the most alike first, the newest of equals before the others. It is help,
    /// not an answer: while the store is away there is none.
    pub(super) async fn to(
        &self,
        engine: &Engine,
        wanted: &Traits,
        except: Option<&InstanceId>,
    ) -> Vec<v1::SimilarIncident> {
        let open = self.open(engine).await;
        let mut found: Vec<(u32, &ListingRow)> = Vec::new();
        let mut alike = 0;
        for (traits, row) in open.iter().filter(|(_, row)| except.is_none_or(|id| row.id != id.0)) {
            let score = wanted.likeness(traits);
            if score >= SIMILAR {
                found.push((score, row));
                alike += usize::from(score == ALIKE);
            }
            // Nothing older can be better than these.
            if alike == SHOWN {
                break;
            }
        }
        // Stable: what is newer stays before what is older.
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.truncate(SHOWN);
        found.into_iter().map(|(score, row)| intake::similar(row, score)).collect()
    }

    /// The open ones among the newest, newest first. Whoever finds them stale asks; the others go on with what is known.
    async fn open(&self, engine: &Engine) -> Arc<[(Traits, ListingRow)]> {
        let now = engine.now();
        {
            let mut seen = self.lock();
            if seen.at.is_some_and(|at| at + FRESH > now) {
                return Arc::clone(&seen.open);
            }
            seen.at = Some(now);
        }
        let rows = match engine.list(newest()).await {
            Ok(rows) => rows,
            Err(why) => {
                tracing::debug!(%why, "no incidents to compare a report with");
                return Arc::clone(&self.lock().open);
            }
        };
        let open: Arc<[(Traits, ListingRow)]> = rows.into_iter().filter(is_open).map(with_traits).collect();
        self.lock().open = Arc::clone(&open);
        open
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The newest incidents: their ids grow with time, and those of other kinds begin otherwise.
fn newest() -> ListQuery {
    let bound = |op, text: &str| Filter::Compare(Column::Id, op, Value::Text(text.to_owned()));
    ListQuery {
        kind: "incident".to_owned(),
        filter: Some(Filter::All(vec![bound(Op::Ge, "inc-"), bound(Op::Lt, "inc-~")])),
        order: vec![(Column::Id, true)],
        after: None,
        limit: NEWEST,
    }
}

fn is_open(row: &ListingRow) -> bool {
    !row.exercise && Phase::parse(&row.phase).is_some_and(|phase| phase < Phase::Resolved)
}

fn with_traits(row: ListingRow) -> (Traits, ListingRow) {
    (Traits::of(row.service.as_str().into(), &row.category, &row.title), row)
}
