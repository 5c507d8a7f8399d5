//! How many samples are asked, where, and by how many threads. Every zone gets the same share; half of its places lie
//! at clock changes, if it ever has any.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::lots::Lots;
use crate::walk::DAY;

/// Samples of each kind unless the environment asks for more.
const SAMPLES: u64 = 1_000_000;

/// From 1950 to 2037.
const YEARS: (i64, i64) = (-631_152_000, 2_145_916_800);

/// A zone and a second, near one of its clock changes if it has any.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) zone: TimeZone,
    pub(crate) at: i64,
    pub(crate) seed: u64,
}

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Asks `round` at so many places of every zone, with the least number of samples that it is to ask there; it answers
/// how many it did. One of `share` samples is of this kind: some are dear.
pub(crate) fn over_every_zone(
    kind: &str,
    share: u64,
    rounds: u64,
    round: impl Fn(&Place, u64) -> u64 + Sync,
) {
    let wanted = asked("ORACLE_SAMPLES").unwrap_or(SAMPLES) / share;
    let seed = asked("ORACLE_SEED").unwrap_or(20_260_603);
    let zones: Vec<String> = TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
    assert!(zones.len() > 500, "{} zones", zones.len());
    let each = wanted.div_ceil(zones.len() as u64 * rounds);
    let (next, total) = (AtomicUsize::new(0), AtomicU64::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(name) = zones.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for n in 0..rounds {
                        let mut at = seed ^ (n << 32);
                        name.bytes().for_each(|byte| at = at.wrapping_mul(31).wrapping_add(u64::from(byte)));
                        total.fetch_add(round(&place(name, at, n % 2 == 0), each), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let total = total.into_inner();
    assert!(total >= wanted, "only {total} of {wanted} samples were asked");
    eprintln!("{total} samples of {kind} agree, over {} zones", zones.len());
}

fn place(name: &str, seed: u64, at_change: bool) -> Place {
    let zone = TimeZoneDatabase::bundled().get(name).expect("the zone of a name from the list");
    let mut lots = Lots::new(seed);
    let mut at = lots.of(YEARS.0, YEARS.1);
    if at_change {
        let instant = jiff::Timestamp::from_second(at).expect("within jiff's years");
        let change = zone.following(instant).chain(zone.preceding(instant)).next();
        let change = change.map(|change| change.timestamp().as_second());
        at = change.filter(|change| (YEARS.0..YEARS.1).contains(change)).unwrap_or(at);
    }
    Place { name: name.to_owned(), zone, at: (at + lots.of(-4 * DAY, 2 * DAY)).div_euclid(60) * 60, seed }
}
