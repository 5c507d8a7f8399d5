//! A monitor over time: told in minutes, for a job of each hour with five minutes of grace.

use proptest::prelude::*;

use super::*;
use crate::actor::Actor;
use crate::policy::document::HeartbeatSpec;
use crate::time::{Duration, Timestamp};

fn spec() -> HeartbeatSpec {
    serde_json::from_str(r#"{"service":"shop","interval":"1h","grace":"5m"}"#).unwrap()
}

fn at(minute: i64) -> Timestamp {
    Timestamp(1_000_000) + Duration::minutes(minute)
}

fn step(m: &Monitor, minute: i64) -> Step {
    m.step(&spec(), at(minute), at(0))
}

fn pause(minute: i64, until: Option<i64>) -> Pause {
    Pause { by: Actor::System, at: at(minute), reason: "moves".to_owned(), until: until.map(at) }
}

#[test]
fn a_first_beat_that_never_comes_is_missed() {
    let m = Monitor::begin(&spec(), at(0));
    assert_eq!((m.state(), m.wake()), (HeartbeatState::Waiting, Some(at(65))));
    assert_eq!((step(&m, 64), step(&m, 65)), (Step::Rest, Step::Fire));
    let m = m.fired(at(65), true);
    assert_eq!((m.state(), m.wake(), step(&m, 9999)), (HeartbeatState::Missing, None, Step::Rest));
}

#[test]
fn a_beat_moves_what_is_due_and_ends_a_silence() {
    let m = Monitor::begin(&spec(), at(0)).beat(&spec(), at(30));
    assert_eq!((m.state(), m.wake(), m.beats), (HeartbeatState::Healthy, Some(at(95)), 1));
    let m = m.fired(at(95), true).beat(&spec(), at(100));
    assert_eq!(step(&m, 100), Step::Clear);
    let m = m.cleared(&spec());
    assert_eq!((m.state(), m.wake()), (HeartbeatState::Healthy, Some(at(165))));
}

#[test]
fn a_beat_while_the_alert_is_on_its_way_is_not_overlooked() {
    let m = Monitor::begin(&spec(), at(0)).beat(&spec(), at(66)).fired(at(65), true);
    assert_eq!(step(&m, 66), Step::Clear);
    assert_eq!(m.cleared(&spec()).wake(), Some(at(131)));
}

#[test]
fn an_alert_that_was_not_taken_in_fires_again() {
    let m = Monitor::begin(&spec(), at(0)).fired(at(65), false);
    assert_eq!((m.state(), step(&m, 69), step(&m, 70)), (HeartbeatState::Missing, Step::Rest, Step::Fire));
}

#[test]
fn a_pause_clears_and_its_end_gives_a_whole_lead_time() {
    let m = Monitor::begin(&spec(), at(0)).fired(at(65), true).paused(pause(70, Some(200)));
    assert_eq!((m.state(), step(&m, 70)), (HeartbeatState::Paused, Step::Clear));
    let m = m.cleared(&spec()).beat(&spec(), at(150));
    assert_eq!((step(&m, 199), m.wake()), (Step::Rest, Some(at(200))));
    let Step::Keep(m) = step(&m, 200) else { panic!("the pause goes on") };
    assert_eq!((m.state(), m.wake()), (HeartbeatState::Healthy, Some(at(265))));
}

#[test]
fn a_pause_without_an_end_lasts_until_it_is_resumed() {
    let m = Monitor::begin(&spec(), at(0)).paused(pause(10, None));
    assert_eq!((m.wake(), step(&m, 9999)), (None, Step::Rest));
    assert_eq!(m.resumed(&spec(), at(500)).wake(), Some(at(565)));
}

#[test]
fn silence_while_we_were_deaf_proves_nothing() {
    let m = Monitor::begin(&spec(), at(0)).beat(&spec(), at(10));
    let Step::Keep(m) = m.step(&spec(), at(300), at(290)) else { panic!("it was not postponed") };
    assert_eq!(m.wake(), Some(at(290 + 65)));
}

#[test]
fn a_changed_definition_is_waited_for_from_the_last_beat() {
    let m = Monitor::begin(&spec(), at(0)).beat(&spec(), at(10));
    let daily = HeartbeatSpec { interval: Duration::days(1), ..spec() };
    assert_eq!(m.fitted(&daily).wake(), Some(at(10) + daily.lead()));
}

proptest! {
    /// Whatever comes in whatever order: who is not paused is watched or missed, never forgotten, and nobody is missed
    /// within the lead time of a beat.
    #[test]
    fn nobody_is_forgotten_and_nobody_missed_too_early(acts in prop::collection::vec((0u8..5, 1i64..90), 1..60)) {
        let spec = spec();
        let (mut now, mut m, mut last) = (0, Monitor::begin(&spec, at(0)), 0);
        for (act, minutes) in acts {
            now += minutes;
            m = match act {
                0 => { last = now; m.beat(&spec, at(now)) }
                1 => m.paused(pause(now, None)),
                2 if m.pause.is_some() => m.resumed(&spec, at(now)),
                _ => m,
            };
            for _ in 0..3 {
                m = match step(&m, now) {
                    Step::Rest => m,
                    Step::Keep(kept) => kept,
                    Step::Fire => {
                        prop_assert!(now - last >= 65, "missed {} minutes after a beat", now - last);
                        m.fired(at(now), true)
                    }
                    Step::Clear => m.cleared(&spec),
                };
            }
            prop_assert_eq!(step(&m, now), Step::Rest);
            let watched = m.pause.is_some() || m.missing.is_some() || m.due.is_some();
            prop_assert!(watched, "nobody looks at {:?}", m);
        }
    }
}
