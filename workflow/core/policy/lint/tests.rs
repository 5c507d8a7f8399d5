//! Claims about the linter: the samples are clean, and each mistake gets its own code at its own place.

use super::*;
use crate::policy::finding::{Finding, FindingCode, Severity};
use crate::policy::samples::{self, WEDNESDAY};
use crate::policy::{DEMO, Policy, locate, parse};

/// The sample with one place changed.
fn changed(from: &str, to: &str) -> String {
    assert_eq!(samples::ACME.matches(from).count(), 1, "{from} must occur once in the sample");
    samples::ACME.replace(from, to)
}

fn keys(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(Finding::key).collect()
}

/// Errors of a text that must not compile.
fn errors(text: &str) -> Vec<String> {
    keys(&Policy::compile(parse(text).unwrap(), 1).unwrap_err())
}

/// What is left of a text that compiles, after its own acceptances.
fn left(text: &str) -> Vec<String> {
    let policy = samples::compile(text);
    keys(&accepted(policy.document(), &[], findings(&policy, WEDNESDAY)))
}

#[test]
fn the_sample_is_clean_but_for_the_one_warning_it_accepts() {
    let policy = samples::policy();
    let all = findings(&policy, WEDNESDAY);
    assert_eq!(keys(&all), ["SAME_PERSON_NEXT_LEVEL@escalation_policies.shop.levels.lead"]);
    assert_eq!(accepted(policy.document(), &[], all.clone()), []);
    assert!(blocks(&all) && !blocks(&[]));
}

#[test]
fn the_demonstration_is_clean_where_demonstrations_are_allowed_and_refused_elsewhere() {
    let policy = samples::compile(DEMO);
    let all = findings(&policy, WEDNESDAY);
    assert_eq!(keys(&all), [ALLOW_DEMO]);
    assert_eq!(accepted(policy.document(), &[ALLOW_DEMO.to_owned()], all.clone()), []);
    let mut document = policy.document().clone();
    document.accept.push(ALLOW_DEMO.to_owned());
    assert_eq!(accepted(&document, &[], all.clone()), all, "a document cannot allow itself");
    let earnest = DEMO.replace("demo: true\n", "");
    assert!(
        errors(&earnest).contains(&"BAD_DURATION@escalation_policies.shop.levels.first.delay".to_owned())
    );
}

#[test]
fn a_reference_to_nothing_is_an_error_at_its_place() {
    for (from, to, key) in [
        ("lead: gus, ", "lead: zoe, ", "UNKNOWN_REFERENCE@teams.desk.lead"),
        (
            "targets: [schedule/shop-secondary]",
            "targets: [schedule/nights]",
            "UNKNOWN_REFERENCE@escalation_policies.shop.levels.secondary.targets",
        ),
        (
            "fallback: [person/gus]",
            "fallback: [person/zoe]",
            "UNKNOWN_REFERENCE@escalation_policies.shop-low.fallback",
        ),
        (
            "escalation: {default: desk}",
            "escalation: {default: night}",
            "UNKNOWN_REFERENCE@services.front-desk.escalation.default",
        ),
        (
            "defer: {calendar: office,",
            "defer: {calendar: night,",
            "UNKNOWN_REFERENCE@escalation_policies.shop-low.defer.calendar",
        ),
        (
            "set: {category: payments,",
            "set: {category: garden,",
            "UNKNOWN_REFERENCE@triage.rules.payments.set.category",
        ),
        ("kind: slack, address", "kind: irc, address", "UNKNOWN_REFERENCE@channels.shop-room.kind"),
        (
            "default_service: front-desk",
            "default_service: nowhere",
            "NO_DEFAULT_SERVICE@organisation.default_service",
        ),
        ("last_resort: [ana, gus]", "last_resort: []", "LAST_RESORT_EMPTY@organisation.last_resort"),
    ] {
        assert_eq!(errors(&changed(from, to)), [key]);
    }
}

#[test]
fn a_broken_heartbeat_is_an_error_at_its_place() {
    let with = |spec: &str| errors(&format!("{}\nheartbeats: {{{spec}}}\n", samples::ACME));
    for (spec, key) in [
        ("backup: {service: checkout, interval: 29s}", "BAD_VALUE@heartbeats.backup.interval"),
        ("backup: {service: checkout, interval: 32d}", "BAD_VALUE@heartbeats.backup.interval"),
        ("backup: {service: checkout, interval: 1h, grace: 32d}", "BAD_VALUE@heartbeats.backup.grace"),
        ("backup: {service: nowhere, interval: 1h}", "UNKNOWN_REFERENCE@heartbeats.backup.service"),
        (
            "backup: {service: checkout, interval: 1h, integration: none}",
            "UNKNOWN_REFERENCE@heartbeats.backup.integration",
        ),
        ("Backup: {service: checkout, interval: 1h}", "BAD_ID@heartbeats.Backup"),
        ("backup: {service: checkout, interval: 1h, title: ''}", "BAD_VALUE@heartbeats.backup.title"),
    ] {
        assert_eq!(with(spec), [key]);
    }
}

#[test]
fn a_broken_value_is_an_error_at_its_place() {
    for (from, to, key) in [
        ("id: phone", "id: payments", "DUPLICATE_ID@triage.rules.payments"),
        ("  portal: {kind", "  Portal: {kind", "BAD_ID@integrations.Portal"),
        (
            "targets: [schedule/shop-secondary], ",
            "targets: [], ",
            "LEVEL_EMPTY@escalation_policies.shop.levels.secondary.targets",
        ),
        (
            "escalation: {default: desk}",
            "escalation: {P1: desk}",
            "SERVICE_WITHOUT_ESCALATION@services.front-desk.escalation",
        ),
        (
            "escalation: {default: desk}",
            "escalation: {default: desk, P9: desk}",
            "PRIORITY_UNKNOWN@services.front-desk.escalation.P9",
        ),
        ("[[P1, P2, P3], [P2, P3, P4], [P3, P4, P5]]", "[[P1, P2, P3]]", "MATRIX_INCOMPLETE@triage.matrix"),
        ("delay: 10m", "delay: 10s", "BAD_DURATION@escalation_policies.shop.levels.secondary.delay"),
        (
            "name: Acme Shop\n  zone: Europe/Berlin",
            "name: Acme Shop\n  zone: Europe/Atlantis",
            "BAD_ZONE@organisation.zone",
        ),
        (
            "weekly: {mon-fri: [\"09:00-17:00\"]}",
            "weekly: {mon-fri: [\"09:00-25:00\"]}",
            "BAD_CIVIL_TIME@calendars.office.weekly.mon-fri[0]",
        ),
        ("hours: [\"22:00-07:00\"]", "hours: [\"late\"]", "BAD_CIVIL_TIME@people.bo.quiet.hours[0]"),
        ("weekly: {mon-fri: [\"09:00-17:00\"]}", "weekly: {}", "CALENDAR_NEVER_OPEN@calendars.office"),
        (
            "when: 'signal.kind == \"report\"', service",
            "when: 'signal.kind ==', service",
            "BAD_CEL@routes.reports.when",
        ),
        (
            "match: 'true', calendar",
            "match: 'signal.kind == \"report\"', calendar",
            "BAD_CEL@sla.action.match",
        ),
        ("    target: 8h\n", "", "MISSING_KEY@sla.office-resolve.target"),
        (
            "    repeat: 1\n    levels:\n      - {id: desk",
            "    repeat: 10\n    levels:\n      - {id: desk",
            "LIMIT_EXCEEDED@escalation_policies.desk.repeat",
        ),
        ("accept: [SAME", "accept: [BAD_CEL@routes.reports, SAME", "BAD_VALUE@accept"),
    ] {
        assert_eq!(errors(&changed(from, to)), [key], "{to}");
    }
}

#[test]
fn two_inhibitions_that_mute_each_other_are_a_cycle() {
    let line = "  - {id: region-down, source: {alertname: RegionDown}, target: {severity: warning}, equal: [region]}\n";
    let back = "  - {id: back, source: {severity: warning}, target: {alertname: RegionDown}}\n";
    assert_eq!(errors(&changed(line, &format!("{line}{back}"))), ["CYCLE@inhibitions.back"]);
    let other =
        "  - {id: other, source: {alertname: SiteDown, severity: critical}, target: {severity: warning}}\n";
    assert_eq!(left(&changed(line, &format!("{line}{other}"))), Vec::<String>::new());
}

const SECONDARY: &str = "      - {id: week, members: [bo, chi, ana], turn: 7d, anchor: \"2026-01-05T09:00\"}";

/// What of the sample is changed, into what, and the warning that this earns.
const DOUBTFUL: &[(&str, &str, &str)] = &[
    (
        SECONDARY,
        "      - {id: week, members: [bo, chi], turn: 7d, anchor: \"2026-01-05T09:00\", only: {mon-fri: [\"09:00-17:00\"]}}",
        "COVERAGE_GAP@schedules.shop-secondary",
    ),
    (
        "delay: 15m, when: {priorities: [P1, P2]}",
        "delay: 15m, when: {priorities: [P5]}",
        "UNREACHABLE_LEVEL@escalation_policies.shop.levels.lead",
    ),
    (
        "  - {id: reports, when: 'signal.kind == \"report\"'",
        "  - {id: all, service: checkout}\n  - {id: reports, when: 'signal.kind == \"report\"'",
        "UNREACHABLE_ROUTE@routes.reports",
    ),
    (
        "  - {id: reports, when: 'signal.kind == \"report\"'",
        "  - {id: reports, when: 'signal.kind == \"report\" && signal.kind == \"alert\"'",
        "UNREACHABLE_ROUTE@routes.reports",
    ),
    (
        "    - id: phone\n",
        "    - {id: stop, when: 'true', set: {declare: false}, final: true}\n    - id: phone\n",
        "UNREACHABLE_RULE@triage.rules.phone",
    ),
    ("delay: 5m}", "delay: 2m}", "ESCALATION_BEFORE_CONTACT@escalation_policies.shop.levels.primary"),
    ("    ack_timeout: {P1: 30m,", "    grace: 5m\n    ack_timeout: {P1: 30m,", "SLA_UNREACHABLE@sla.p1-ack"),
    ("target: 1h, calendar: office", "target: 1h, calendar: always", "SLA_UNREACHABLE@sla.office-ack"),
    ("  portal: {kind: native}", "  portal: {kind: native}\n  pd: {kind: pagerduty}", ""),
    (
        "when: 'label(\"service\") == \"checkout\"'",
        "when: 'signal.kind == \"report\" && label(\"service\") == \"checkout\"'",
        "ALERT_ROUTES_NOWHERE@integrations.prom",
    ),
    (
        "  - {id: reports, when: 'signal.kind == \"report\"'",
        "  - {id: drop, when: 'label(\"env\") == \"dev\"', discard: true}\n  - {id: reports, when: 'signal.kind == \"report\"'",
        "DISCARDS_PAGEABLE@routes.drop",
    ),
    ("urgent: [push@0s, voice@2m]", "urgent: [push@0s, sms@2m]", "CONTACT_MISSING@people.bo.urgent"),
    (
        "targets: [schedule/shop-secondary]",
        "targets: [channel/shop-room]",
        "LEVEL_WITHOUT_PERSON@escalation_policies.shop.levels.secondary",
    ),
    (
        "targets: [schedule/shop-secondary]",
        "targets: [schedule/shop-primary]",
        "SAME_PERSON_NEXT_LEVEL@escalation_policies.shop.levels.secondary",
    ),
    (
        "ack_timeout: {P1: 30m,",
        "ack_timeout: {P1: 0s,",
        "NO_ACK_TIMEOUT@escalation_policies.shop.ack_timeout",
    ),
    ("closed: [2026-12-25, 2027-01-01]", "closed: [2025-12-25]", "EXPIRED_HOLIDAYS@calendars.office.closed"),
];

#[test]
fn doubtful_policies_get_a_warning_that_can_be_accepted() {
    for (from, to, key) in DOUBTFUL {
        let found = left(&changed(from, to));
        assert!(key.is_empty() && found.is_empty() || found.iter().any(|k| k == key), "{to}: {found:?}");
        let extra = found.clone();
        let policy = samples::compile(&changed(from, to));
        let rest = accepted(policy.document(), &extra, findings(&policy, WEDNESDAY));
        assert!(!blocks(&rest), "{to}: {rest:?}");
    }
}

#[test]
fn a_policy_that_reaches_nobody_at_some_instant_is_refused() {
    let text = samples::ACME
        .replace("fallback: [team/desk]", "fallback: [channel/shop-room]")
        .replace("only: {sun", "mode: add, only: {sun")
        .replace(
            "      - {id: week, members: [ana, bo, chi], turn: 7d, anchor: \"2026-01-05T09:00\"}\n",
            "      - {id: week, members: [ana, bo, chi], turn: 7d, anchor: \"2026-01-05T09:00\", only: {mon-fri: [\"09:00-17:00\"]}}\n",
        )
        .replace(
            "      - {id: week, members: [bo, chi, ana], turn: 7d, anchor: \"2026-01-05T09:00\"}\n",
            "      - {id: week, members: [bo, chi, ana], turn: 7d, anchor: \"2026-01-05T09:00\", only: {mon-fri: [\"17:00-09:00\"]}}\n",
        );
    let found = left(&text);
    assert!(found.contains(&"POLICY_REACHES_NOBODY@escalation_policies.shop".to_owned()), "{found:?}");
}

#[test]
fn information_never_blocks() {
    let text = samples::ACME
        .replace("turn: 7d, anchor: \"2026-01-04T00:00\"", "turn: 1d, anchor: \"2026-01-04T02:30\"")
        .replace("  - {id: review, ", "  - {id: extra, kind: close, match: 'true', target: 1h, calendar: night}\n  - {id: review, ")
        .replace("calendars:\n", "calendars:\n  night: {zone: UTC, weekly: {daily: [\"22:00-06:00\"]}}\n  spare: {zone: UTC, weekly: {daily: [\"22:00-06:00\"]}}\n")
        .replace("[\"P2\", \"P3\", \"P4\"]', target: 1h", "[\"P2\", \"P3\"]', target: 1h")
        .replace("match: 'incident.priority in [\"P2\", \"P3\", \"P4\"]'\n", "match: 'incident.priority in [\"P2\", \"P3\"]'\n");
    let policy = samples::compile(&text);
    let found = accepted(policy.document(), &[], findings(&policy, WEDNESDAY));
    assert_eq!(
        keys(&found),
        [
            "UNUSED@calendars.spare",
            "DST_HANDOFF@schedules.shop-primary.layers.sunday",
            "NO_CLOCK@services.checkout.P4",
            "NO_CLOCK@services.front-desk.P4",
        ]
    );
    assert!(!blocks(&found) && found.iter().all(|finding| finding.severity == Severity::Info));
}

#[test]
fn findings_are_located_in_the_text() {
    let text = changed("targets: [schedule/shop-secondary]", "targets: [schedule/nights]");
    let findings = locate(&text, Policy::compile(parse(&text).unwrap(), 1).unwrap_err());
    let line = text.lines().position(|line| line.contains("schedule/nights")).unwrap() + 1;
    assert_eq!(findings[0].line, u32::try_from(line).ok());
    assert_eq!(findings[0].code, FindingCode::UnknownReference);
    assert!(findings[0].to_string().starts_with(&format!("{line}:")), "{}", findings[0]);
}
