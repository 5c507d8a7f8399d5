//! A change of priority, decided by the rules themselves: an incident is held and resumed a few times, then raised from
//! P3 to P1. The clock of the new priority has the start and the pauses of the old one, and whatever it has passed
//! already is recorded and triggers nothing.

use std::collections::BTreeMap;

use stentor_core::actor::Actor;
use stentor_core::context::Context;
use stentor_core::id::InstanceId;
use stentor_core::incident::clock::Clock;
use stentor_core::incident::kinds::{ClockState, HoldReason, Level3, Priority};
use stentor_core::incident::{Command, Incident, Prepared};
use stentor_core::instance::{self, Instance};
use stentor_core::policy::{Policy, parse};
use stentor_core::signal::Signal;
use stentor_core::time::{Duration, Timestamp};
use stentor_core::triage;

use crate::campaign::{Place, over_every_zone};
use crate::clocks::{Hours, LENGTH, at};
use crate::lots::Lots;
use crate::seconds::Seconds;
use crate::walk::{DAY, HOUR, Walk};

const POLICY: &str = r#"
stentor: 1
organisation: {name: Oracle, zone: UTC, default_service: desk, last_resort: [ana]}
providers: {push: console/dev}
people: {ana: {name: Ana Ruiz, contacts: {push: ana-1}, urgent: [push@0s], normal: [push@0s]}}
teams: {desk: {lead: ana, members: [ana]}}
escalation_policies: {desk: {levels: [{id: desk, targets: [person/ana], delay: 10m}], fallback: [team/desk]}}
services: {desk: {team: desk, tier: 3, escalation: {default: desk}}}
integrations: {portal: {kind: native}}
sla:
  - {id: low, kind: resolve, match: 'incident.priority == "P3"', target: 1h, calendar: always, pause_on: [AWAITING_VENDOR]}
  - {id: high, kind: resolve, match: 'incident.priority == "P1"', target: 1h, calendar: always, pause_on: [AWAITING_VENDOR]}
"#;

/// Shares of a target that are recorded in any case.
const RECORDED: [i64; 4] = [50, 75, 90, 100];
/// Stories that share a policy.
const SHARED: u64 = 4;

/// One incident.
struct Story<'a> {
    policy: &'a Policy,
    id: InstanceId,
    state: Option<Instance>,
}

impl Story<'_> {
    fn at(&mut self, now: Timestamp, command: Command) -> &Incident {
        let (actor, overrides) = (Actor::Person("ana".into()), BTreeMap::new());
        let cx = Context {
            now,
            actor: &actor,
            id: &self.id,
            policy: self.policy,
            newest: self.policy,
            number: 1,
            ordinal: 1,
            listening_since: now,
            overrides: &overrides,
            silences: stentor_core::silence::Silences::NONE,
            subscriptions: &[],
            inhibited: &[],
        };
        let command = instance::Command::Incident(command);
        let decision = instance::decide(self.state.as_ref(), &command, &cx);
        let decision = decision.unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"));
        self.state.insert(decision.state).incident().expect("an incident")
    }
}

fn report(policy: &Policy, at: Timestamp) -> Command {
    let medium = Some(Level3::Medium);
    let signal = Signal {
        integration: "portal".into(),
        impact: medium,
        urgency: medium,
        ..Signal::report("It is slow", at)
    };
    let routed = policy.route(&signal);
    let assessment = triage::assess(policy, &signal, &routed.service);
    Command::Hear(std::sync::Arc::new(Prepared { signal, routed, assessment, follows: None }))
}

/// What a clock must show at an instant.
struct Expected<'a> {
    counted: &'a Seconds,
    start: i64,
    target: i64,
}

impl Expected<'_> {
    fn share(&self, percent: i64) -> Option<i64> {
        self.counted.reaches(self.counted.upto(self.start) + (self.target * percent + 99) / 100)
    }

    fn check(&self, clock: &Clock, now: i64, told: &str) {
        let past = |percent: &i64| self.share(*percent).is_some_and(|instant| instant <= now);
        let recorded = RECORDED.into_iter().filter(past).max().unwrap_or(0);
        assert_eq!(i64::from(clock.recorded), recorded, "recorded by {}: {told}", clock.name());
        let due = self.share(100);
        assert_eq!(
            clock.breached,
            due.filter(|due| *due <= now).map(|due| at(due, 0)),
            "{}: {told}",
            clock.name()
        );
        if clock.state == ClockState::Running && clock.breached.is_none() {
            match due {
                Some(due) => assert_eq!(clock.due, Some(at(due, 0)), "due of {}: {told}", clock.name()),
                None => assert!(clock.due.is_none_or(|due| due > at(self.counted.to(), 0)), "{told}"),
            }
        }
    }
}

fn policy(lots: &mut Lots, hours: &[Hours; 2]) -> (Policy, [i64; 2]) {
    let mut document = parse(POLICY).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let targets = [lots.of(60, 4 * DAY), lots.of(60, DAY)];
    for ((definition, hours), (id, target)) in
        document.sla.iter_mut().zip(hours).zip(["a", "b"].into_iter().zip(targets))
    {
        definition.target = Some(Duration::seconds(target));
        if let Some(spec) = &hours.spec {
            definition.calendar = id.into();
            document.calendars.insert(id.into(), spec.clone());
        }
    }
    (Policy::compile(document, 1).unwrap_or_else(|findings| panic!("{findings:#?}")), targets)
}

fn round(place: &Place, stories: u64) -> u64 {
    let mut lots = Lots::new(place.seed);
    let walk = Walk::new(&place.zone, place.at - 4 * DAY, place.at + (LENGTH + 4) * DAY);
    let hours = [Hours::draw(&mut lots, place, &walk), Hours::draw(&mut lots, place, &walk)];
    let (policy, targets) = policy(&mut lots, &hours);
    let stories = stories.next_multiple_of(SHARED);
    for _ in 0..stories {
        tell(&mut lots, place, &policy, &hours, targets);
    }
    stories
}

fn tell(lots: &mut Lots, place: &Place, policy: &Policy, hours: &[Hours; 2], targets: [i64; 2]) {
    let millis = lots.of(0, 1000);
    let start = place.at + lots.of(0, 3 * DAY);
    let mut story = Story { policy, id: "inc-1".into(), state: None };
    story.at(at(start, millis), report(policy, at(start, millis)));
    let (mut now, mut pauses) = (start, Vec::new());
    for _ in 0..lots.of(0, 4) {
        let (from, to) = (now + lots.of(1, 12 * HOUR), now + lots.of(12 * HOUR, 30 * HOUR));
        let hold =
            Command::Hold { reason: HoldReason::AwaitingVendor, note: "parts".to_owned(), length: None };
        story.at(at(from, millis), hold);
        story.at(at(to, millis), Command::Resume);
        pauses.push((from, to));
        now = to;
    }
    let changed = now + lots.of(1, 2 * DAY);
    let raise = Command::SetPriority { priority: Priority::P1, reason: "it spreads".to_owned() };
    let told = format!("{place:?} start {start} pauses {pauses:?} changed {changed} targets {targets:?}");
    let both = hours.each_ref().map(|hours| {
        let mut counted = hours.open.clone();
        pauses.iter().for_each(|(from, to)| counted.mark(*from, *to, false));
        counted.count()
    });
    let expected = |n: usize| Expected { counted: &both[n], start, target: targets[n] };

    let incident = story.at(at(changed, millis), raise);
    let clock = |incident: &Incident, name: &str| {
        let found = incident.clocks.iter().find(|clock| clock.name() == name);
        found.unwrap_or_else(|| panic!("no {name}: {told}")).clone()
    };
    let (low, high) = (clock(incident, "low.1"), clock(incident, "high.1"));
    assert_eq!((low.state, high.state), (ClockState::Cancelled, ClockState::Running), "{told}");
    assert_eq!(high.start, at(start, 0), "{told}");
    expected(0).check(&low, changed, &told);
    expected(1).check(&high, changed, &told);

    let later = changed + lots.of(1, DAY);
    let incident = story.at(at(later, millis), Command::Tick { heard: Vec::new() });
    expected(1).check(&clock(incident, "high.1"), later, &told);
}

#[test]
fn a_change_of_priority_agrees_with_a_count_of_seconds() {
    over_every_zone("changes of priority", 500, 1, round);
}
