//! Many armed deadlines, thousands of them due at one instant, while reports go on. Lateness is taken where it counts:
//! at a client that watches the feed, so it holds the tick, its commit and the way out.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use stentor_proto::v1::{HoldIncidentRequest, HoldReason, WatchEventsRequest, watch_events_response::Item};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Failure;
use crate::args::{Args, Scenario};
use crate::bench::Bench;
use crate::outcome::{Deadlines, Outcome, ms, percentile, rounded};
use crate::turn::{self, Turn};

/// Reports a second while the deadlines fire.
const REPORT_RATE: f64 = 1000.0;

/// Reports go on this long before and after the instant.
const AROUND: Duration = Duration::from_secs(4);

/// How long the last deadline may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// After the last one we go on listening for deadlines that fire twice.
const LISTENING: Duration = Duration::from_secs(2);

/// The whole scenario.
pub(crate) async fn run(bench: &Bench, args: &Args) -> Result<Outcome, Failure> {
    let names = bench.open(args.armed.max(args.due)).await?;
    let holds = Duration::from_secs(3) + Duration::from_secs_f64(args.due as f64 / 1000.0);
    let due = now() + holds + AROUND;
    let due_names = names.get(..args.due).unwrap_or(&names);
    hold(bench, due_names, due).await?;
    if now() + AROUND / 2 > due {
        return Err("the machine was too slow to hold the incidents before they were due".into());
    }
    let watching = tokio::spawn(watch(bench.callers(Scenario::Deadlines, 1), due, args.due));
    let callers = bench.callers(Scenario::Deadlines, args.callers);
    let rate = args.rate.unwrap_or(REPORT_RATE);
    let length = due.saturating_sub(now()) + AROUND;
    let reports = turn::run(&callers, &bench.next, length, Some(rate)).await;
    let (fired, last) = watching.await??;
    Ok(outcome(args, fired, last, &reports))
}

fn outcome(args: &Args, fired: HashMap<String, Vec<Duration>>, last: Duration, reports: &Turn) -> Outcome {
    let mut lateness = Turn::default();
    for late in fired.values().filter_map(|times| times.first()) {
        lateness.record(*late, Ok(1));
    }
    lateness.elapsed = last;
    lateness.errors = reports.errors;
    lateness.first_error.clone_from(&reports.first_error);
    Outcome {
        deadlines: Some(Deadlines {
            armed: args.armed.max(args.due),
            due: args.due,
            fired: fired.len(),
            fired_twice: fired.values().filter(|times| times.len() > 1).count(),
            all_after_ms: ms(last),
            reports_per_s: rounded(reports.rate()),
            reports_p50_ms: percentile(&reports.latency, 0.5),
            reports_p99_ms: percentile(&reports.latency, 0.99),
            reports_max_ms: percentile(&reports.latency, 1.0),
        }),
        ..Outcome::of(args, &lateness)
    }
}

/// Holds incidents until an instant.
async fn hold(bench: &Bench, names: &[String], until: Duration) -> Result<(), Failure> {
    let callers = bench.callers(Scenario::Deadlines, 64);
    let shares = names.chunks(names.len().div_ceil(callers.len()).max(1));
    let mut tasks = JoinSet::new();
    for (mut caller, share) in callers.into_iter().zip(shares.map(<[String]>::to_vec)) {
        tasks.spawn(async move {
            for name in share {
                let request = HoldIncidentRequest {
                    name,
                    reason: HoldReason::AwaitingVendor.into(),
                    end_time: Some(prost_types::Timestamp {
                        seconds: until.as_secs() as i64,
                        nanos: until.subsec_nanos() as i32,
                    }),
                    note: "The vendor calls back.".to_owned(),
                    ..HoldIncidentRequest::default()
                };
                caller.resolution.hold_incident(request).await?;
            }
            Ok::<_, tonic::Status>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

type Fired = (HashMap<String, Vec<Duration>>, Duration);

/// Listens to the feed until all have fired, and a while longer: per incident how late it was heard of.
async fn watch(callers: Vec<crate::caller::Caller>, due: Duration, count: usize) -> Result<Fired, String> {
    let mut workflow = callers.into_iter().next().ok_or("no caller")?.workflow;
    let request = WatchEventsRequest { kinds: vec!["Resumed".to_owned()], ..WatchEventsRequest::default() };
    let stream = workflow.watch_events(request).await.map_err(|e| e.to_string())?;
    let mut stream = stream.into_inner();
    let mut fired: HashMap<String, Vec<Duration>> = HashMap::with_capacity(count);
    let mut last = Duration::ZERO;
    loop {
        let complete = fired.len() == count;
        let patience = if complete { LISTENING } else { due.saturating_sub(now()) + PATIENCE };
        match timeout(patience, stream.message()).await {
            Err(_) => return Ok((fired, last)),
            Ok(Err(status)) => return Err(status.to_string()),
            Ok(Ok(None)) => return Err("the feed ended".to_owned()),
            Ok(Ok(Some(message))) => {
                let Some(Item::Event(event)) = message.item else { continue };
                let late = now().saturating_sub(due);
                last = last.max(late);
                fired.entry(event.instance).or_default().push(late);
            }
        }
    }
}

/// Since 1970, by the clock that the server reads too.
#[expect(
    clippy::disallowed_methods,
    reason = "the server under load is a process of its own, on the real clock"
)]
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
