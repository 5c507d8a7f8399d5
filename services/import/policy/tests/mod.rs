//! Claims about policies made of other tools' exports: they parse and compile, and what is missing is listed.

use stentor_core::policy::document::{Document, LayerMode, Slot, Target};
use stentor_core::policy::{Policy, parse};
use stentor_core::time::Duration;

use super::{Reader, convert, draft::Left, oncall, pagerduty};

const PAGERDUTY: &str = include_str!("pagerduty.json");
const ONCALL: &str = include_str!("oncall.json");

/// Converts and goes through our own text.
fn made(reader: Reader, content: &str) -> (Document, Vec<Left>) {
    let (document, left) = convert(reader, &[content.to_owned()], "Acme", "UTC").unwrap();
    let text = serde_saphyr::to_string(&document).unwrap();
    let read = parse(&text).unwrap();
    assert_eq!(read, document);
    if let Err(found) = Policy::compile(read, 0) {
        panic!("{found:?}\n{text}");
    }
    (document, left)
}

fn refusal(reader: Reader, content: &str) -> String {
    convert(reader, &[content.to_owned()], "Acme", "UTC").unwrap_err().to_string()
}

fn lists(left: &[Left], what: &str, why: &str) -> bool {
    left.iter().any(|l| l.what == what && l.why.contains(why))
}

#[test]
fn pagerduty_layers_keep_their_order_turns_and_windows() {
    let (document, left) = made(pagerduty::read, PAGERDUTY);
    let schedule = &document.schedules["shop-primary"];
    let [week, nights] = schedule.layers.as_slice() else { panic!("{:?}", schedule.layers) };

    assert_eq!((week.id.as_str(), nights.id.as_str()), ("week", "nights"), "the API lists the winner first");
    assert_eq!((week.turn, week.anchor.as_str()), (Duration::days(7), "2024-01-01T09:00"));
    assert_eq!(week.members, [Slot::One("ana-ruiz".into()), Slot::One("bo-lind".into())]);
    assert_eq!(nights.only.as_ref().unwrap()["daily"], ["20:00-08:00"]);
    assert!(lists(&left, "schedule shop-primary, layer week", "user PGONE"));
    assert!(lists(&left, "schedule shop-primary, layer ended", "it ends at 2023-06-01"));
    assert!(lists(&left, "schedule shop-primary", "overrides"));
}

#[test]
fn pagerduty_people_keep_their_rules() {
    let (document, left) = made(pagerduty::read, PAGERDUTY);
    let ana = &document.people["ana-ruiz"];

    let steps = |list: &[stentor_core::policy::document::ContactStep]| {
        list.iter().map(|s| format!("{}@{}", s.channel, s.wait)).collect::<Vec<_>>()
    };
    assert_eq!(steps(&ana.urgent), ["push@0s", "voice@3m"]);
    assert_eq!(steps(&ana.normal), ["email@0s"]);
    assert_eq!(ana.contacts["voice"], "+491510001");
    assert_eq!(steps(&document.people["bo-lind"].urgent), ["email@0s"]);
    assert!(lists(&left, "person ana-ruiz", "push"), "a device token is not carried over");
    assert!(!serde_json::to_string(&document).unwrap().contains("device-token"));
}

#[test]
fn pagerduty_rules_become_levels() {
    let (document, left) = made(pagerduty::read, PAGERDUTY);
    let spec = &document.escalation_policies["shop"];

    assert_eq!(spec.repeat, 2);
    assert_eq!(spec.levels[0].targets, [Target::Schedule("shop-primary".into())]);
    assert_eq!((spec.levels[0].delay, spec.levels[1].delay), (Duration::minutes(5), Duration::minutes(15)));
    assert!(spec.levels[1].round_robin);
    assert_eq!(spec.ack_timeout["default"], Duration::minutes(30));
    assert_eq!(document.services["checkout-api"].team.as_str(), "shop");
    assert!(lists(&left, "service checkout-api", "automatic resolve"));
}

#[test]
fn terraform_lists_the_same_things() {
    let terraform = r#"{"values": {"root_module": {"resources": [
        {"type": "pagerduty_user", "name": "ana", "values": {"id": "PANA", "name": "Ana Ruiz", "email": "ana@acme.example"}},
        {"type": "pagerduty_ruleset", "name": "x", "values": {"id": "PRS"}}],
      "child_modules": [{"resources": [
        {"type": "pagerduty_schedule", "name": "s", "values": {"id": "PS", "name": "Primary", "time_zone": "UTC", "layer": [
          {"name": "low", "start": "2024-01-01T00:00:00Z", "rotation_virtual_start": "2024-01-01T00:00:00Z",
           "rotation_turn_length_seconds": 86400, "users": ["PANA"], "restriction": []},
          {"name": "high", "start": "2024-01-01T00:00:00Z", "rotation_virtual_start": "2024-01-01T00:00:00Z",
           "rotation_turn_length_seconds": 43200, "users": ["PANA"], "restriction": [
             {"type": "weekly_restriction", "start_time_of_day": "17:00:00", "start_day_of_week": 5, "duration_seconds": 230400}]}]}},
        {"type": "pagerduty_escalation_policy", "name": "e", "values": {"id": "PE", "name": "Ops", "num_loops": 0, "rule": [
          {"escalation_delay_in_minutes": 10, "target": [{"type": "schedule_reference", "id": "PS"}]}]}},
        {"type": "pagerduty_service", "name": "c", "values": {"id": "PC", "name": "Shop", "escalation_policy": "PE",
          "acknowledgement_timeout": "600", "auto_resolve_timeout": "null"}}]}]}}}"#;
    let (document, left) = made(pagerduty::read, terraform);

    let layers = &document.schedules["primary"].layers;
    assert_eq!(
        layers.iter().map(|l| l.id.as_str()).collect::<Vec<_>>(),
        ["low", "high"],
        "the last one wins"
    );
    assert_eq!(layers[1].only.as_ref().unwrap()["mon"], ["00:00-09:00"]);
    assert_eq!(document.escalation_policies["ops"].ack_timeout["default"], Duration::minutes(10));
    assert!(lists(&left, "pagerduty_ruleset", "no counterpart"));
    assert!(!left.iter().any(|l| l.why.contains("automatic resolve")));
}

#[test]
fn oncall_shifts_become_layers() {
    let (document, left) = made(oncall::read, ONCALL);
    let layers = &document.schedules["shop-primary"].layers;

    let [week, nights] = layers.as_slice() else { panic!("{layers:?}") };
    assert_eq!(week.members, [Slot::Together(vec!["bo".into(), "chi".into()]), Slot::One("ana".into())]);
    assert_eq!((week.turn, week.anchor.as_str(), &week.only), (Duration::days(7), "2024-01-01T09:00", &None));
    assert_eq!(nights.only.as_ref().unwrap()["tue"], ["20:00-08:00"]);
    assert_eq!((nights.mode, nights.turn), (LayerMode::Replace, Duration::days(1)));
    assert!(lists(&left, "schedule shop-primary, shift xmas", "override"));
    assert!(lists(&left, "schedule shop-primary, shift monthly", "monthly"));
    assert!(lists(&left, "schedule feed", "calendar feed"));
    assert!(!document.schedules.contains_key("feed"), "a schedule of nobody is no target");
}

#[test]
fn oncall_steps_between_waits_are_one_level() {
    let (document, left) = made(oncall::read, ONCALL);
    let spec = &document.escalation_policies["shop"];

    assert_eq!(spec.levels.len(), 2);
    assert_eq!(spec.levels[0].targets, [Target::Schedule("shop-primary".into())]);
    assert_eq!(spec.levels[1].targets, [Target::Person("ana".into()), Target::Person("bo".into())]);
    assert_eq!((spec.levels[0].delay, spec.levels[1].delay), (Duration::minutes(5), Duration::minutes(15)));
    assert_eq!(spec.repeat, 5);
    assert_eq!(document.services["grafana-alerting"].team.as_str(), "shop");
    let urgent = &document.people["ana"].urgent;
    assert_eq!((urgent[1].channel.as_str(), urgent[1].wait), ("voice", Duration::minutes(3)));
    for (what, why) in [
        ("escalation policy shop", "trigger_webhook"),
        ("person bo", "notify_by_telegram"),
        ("person ana", "voice address"),
        ("route R1", "us-(east|west)"),
    ] {
        assert!(lists(&left, what, why), "{what}: {why} in {left:#?}");
    }
}

#[test]
fn shifts_of_one_level_are_on_call_together() {
    let both = ONCALL.replace("\"level\": 1", "\"level\": 0").replace("\"level\": 2", "\"level\": 0");
    let (document, _) = made(oncall::read, &both);
    assert_eq!(document.schedules["shop-primary"].layers[1].mode, LayerMode::Add);
}

#[test]
fn wrong_exports_are_refused_with_their_place() {
    let wrong: [(Reader, &str, &str, &str, &str); 6] = [
        (
            pagerduty::read,
            PAGERDUTY,
            "\"Europe/Berlin\",\n     \"schedule_layers\"",
            "\"Mars\",\n     \"schedule_layers\"",
            "schedules[0], time_zone: \"Mars\" is no time zone",
        ),
        (
            pagerduty::read,
            PAGERDUTY,
            "\"rotation_turn_length_seconds\": 86400",
            "\"rotation_turn_length_seconds\": \"day\"",
            "schedules[0].schedule_layers[0], rotation_turn_length_seconds: is no whole number",
        ),
        (
            pagerduty::read,
            PAGERDUTY,
            "\"daily_restriction\"",
            "\"lunar\"",
            "schedules[0].schedule_layers[0].restrictions[0], type: \"lunar\" is no restriction",
        ),
        (
            pagerduty::read,
            PAGERDUTY,
            "\"schedule_reference\"",
            "\"cat\"",
            "escalation_policies[0].escalation_rules[0].targets[0], type: \"cat\" is neither",
        ),
        (
            oncall::read,
            ONCALL,
            "2024-01-01T20:00:00",
            "tonight",
            "on_call_shifts[1], start: \"tonight\" is no",
        ),
        (
            oncall::read,
            ONCALL,
            "\"duration\": 604800",
            "\"duration\": 0",
            "on_call_shifts[0], duration: is missing",
        ),
    ];
    for (reader, content, from, to, expected) in wrong {
        let text = content.replacen(from, to, 1);
        assert_ne!(text, content, "{from}");
        let why = refusal(reader, &text);
        assert!(why.starts_with(expected), "{why}");
    }
    assert!(refusal(pagerduty::read, "{}").starts_with("the export: is neither"));
    assert!(refusal(pagerduty::read, "{\"users\": []}").contains("has no users"));
    assert!(refusal(oncall::read, "{\"x\": [}").starts_with("line 1: no JSON"));
}
