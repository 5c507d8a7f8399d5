//! The hard rate of each integration: what it sends beyond is refused before anything is decided, so that one source that
//! runs wild takes no capacity from the others. Each replica counts for itself; nothing is remembered over a restart.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use stentor_core::id::IntegrationId;
use stentor_core::policy::document::Rate;
use stentor_core::time::{Duration, Timestamp};

use crate::clock::Clock;

/// Clears have a budget of their own, so many times the rate: an alert that cannot clear pages people for nothing.
const CLEARS: u32 = 10;

/// A refusal is told once in so long.
const TELL_EVERY: Duration = Duration::minutes(10);

/// What a caller sends at once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Load {
    pub(crate) firing: u32,
    pub(crate) clears: u32,
}

/// Refused: when to come again, and whether somebody is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany {
    pub(crate) retry_after_ms: u64,
    pub(crate) tell: bool,
}

/// A gate for each integration that has sent something.
#[derive(Debug)]
pub(crate) struct Rates {
    clock: Ticks,
    gates: Mutex<HashMap<IntegrationId, Gate>>,
}

/// The engine's clock, as the limiter reads it.
#[derive(Debug, Clone)]
struct Ticks(Arc<dyn Clock>);

type Limiter = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>;

#[derive(Debug)]
struct Gate {
    rate: Rate,
    firing: Limiter,
    clears: Limiter,
    told: Option<Timestamp>,
}

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.now().0.max(0) as u64 * 1_000_000)
    }
}

impl Rates {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Rates {
        Rates { clock: Ticks(clock), gates: Mutex::default() }
    }

    /// Lets signals in, all of them or none.
    pub(crate) fn admit(&self, from: &IntegrationId, rate: Rate, load: Load) -> Result<(), TooMany> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let known = gates.get(from).is_some_and(|gate| gate.rate == rate);
        if !known {
            let told = gates.remove(from).and_then(|gate| gate.told);
            gates.insert(from.clone(), Gate::new(rate, told, &self.clock));
        }
        let Some(gate) = gates.get_mut(from) else { return Ok(()) };
        let firing = wait(&gate.firing, load.firing, rate.burst, &self.clock);
        let clears = wait(&gate.clears, load.clears, rate.burst.saturating_mul(CLEARS), &self.clock);
        let Some(wait) = firing.max(clears) else { return Ok(()) };
        let now = self.clock.0.now();
        let tell = gate.told.is_none_or(|told| now >= told + TELL_EVERY);
        if tell {
            gate.told = Some(now);
        }
        Err(TooMany { retry_after_ms: wait, tell })
    }
}

impl Gate {
    fn new(rate: Rate, told: Option<Timestamp>, clock: &Ticks) -> Gate {
        let limiter = |times: u32| {
            let of = |n: u32| NonZeroU32::new(n.saturating_mul(times)).unwrap_or(NonZeroU32::MIN);
            let quota = Quota::per_minute(of(rate.per_minute)).allow_burst(of(rate.burst));
            RateLimiter::direct_with_clock(quota, clock.clone())
        };
        Gate { rate, firing: limiter(1), clears: limiter(CLEARS), told }
    }
}

/// How long to wait in milliseconds, unless so many are let in. A batch above the burst counts as one that fills it.
fn wait(limiter: &Limiter, count: u32, burst: u32, clock: &Ticks) -> Option<u64> {
    let count = NonZeroU32::new(count.min(burst))?;
    let until = limiter.check_n(count).ok()?.err()?;
    let wait = until.wait_time_from(clock.now()).as_millis();
    Some(u64::try_from(wait).unwrap_or(u64::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const RATE: Rate = Rate { per_minute: 60, burst: 10 };

    fn firing(count: u32) -> Load {
        Load { firing: count, clears: 0 }
    }

    fn gates() -> (Arc<ManualClock>, Rates, IntegrationId) {
        let clock = Arc::new(ManualClock::new(Timestamp(1_780_480_800_000)));
        (Arc::clone(&clock), Rates::new(clock), "prom".into())
    }

    #[test]
    fn a_burst_is_let_in_and_then_one_at_a_time_by_the_rate() {
        let (clock, rates, prom) = gates();
        assert!(rates.admit(&prom, RATE, firing(10)).is_ok());
        let refused = rates.admit(&prom, RATE, firing(1)).unwrap_err();
        assert_eq!(refused, TooMany { retry_after_ms: 1000, tell: true });
        clock.set(Timestamp(1_780_480_801_000));
        assert!(rates.admit(&prom, RATE, firing(1)).is_ok());
        assert!(rates.admit(&prom, RATE, firing(1)).is_err());
        assert!(rates.admit(&"other".into(), RATE, firing(10)).is_ok(), "others are not held up");
    }

    #[test]
    fn clears_are_let_in_while_what_fires_is_refused_and_have_a_limit_too() {
        let (_, rates, prom) = gates();
        assert!(rates.admit(&prom, RATE, firing(10)).is_ok());
        assert!(rates.admit(&prom, RATE, firing(1)).is_err());
        assert!(rates.admit(&prom, RATE, Load { firing: 0, clears: 100 }).is_ok());
        assert!(rates.admit(&prom, RATE, Load { firing: 0, clears: 1 }).is_err());
    }

    #[test]
    fn a_refusal_is_told_once_in_ten_minutes() {
        let (clock, rates, prom) = gates();
        let tell = || rates.admit(&prom, RATE, firing(10)).map_err(|no| no.tell);
        assert_eq!([tell(), tell(), tell()], [Ok(()), Err(true), Err(false)]);
        clock.set(Timestamp(1_780_480_800_000) + TELL_EVERY);
        assert_eq!([tell(), tell()], [Ok(()), Err(true)]);
    }

    #[test]
    fn a_new_rate_counts_at_once_and_a_batch_above_the_burst_is_not_refused_for_ever() {
        let (_, rates, prom) = gates();
        assert!(rates.admit(&prom, RATE, firing(500)).is_ok());
        assert!(rates.admit(&prom, RATE, firing(1)).is_err());
        assert!(rates.admit(&prom, Rate { per_minute: 60, burst: 20 }, firing(20)).is_ok());
    }
}
