//! Claims about conditions: what is refused, what errors do, and that the fast path and the interpreter are one.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::field::{self, Type};
use super::*;
use crate::incident::kinds::{HoldReason, Level3, Phase, Priority, Severity};
use crate::policy::samples;
use crate::signal::Signal;
use crate::time::Timestamp;

#[derive(Debug)]
struct Office;

impl Calendars for Office {
    fn is_open(&self, calendar: &str, at: Timestamp) -> Option<bool> {
        (calendar == "office").then_some(at.0 % 2 == 0)
    }
}

fn compile(source: &str, scope: Scope) -> Result<Program, String> {
    Program::compile(source, scope, &|calendar| calendar == "office")
}

fn rule(source: &str) -> Program {
    compile(source, Scope::Rule).unwrap_or_else(|why| panic!("{source}: {why}"))
}

fn facts(signal: &Signal) -> Facts<'_> {
    let subject = samples::subject();
    let service = ServiceFacts { id: subject.service, tier: 2, team: subject.team, labels: subject.labels };
    Facts::Signal(SignalFacts { signal, service: Some(service), calendars: Some(&Office) })
}

fn holds(source: &str, signal: &Signal) -> Result<bool, String> {
    let program = rule(source);
    let answer = program.holds(&facts(signal));
    assert_eq!(answer, program.interpret(&facts(signal)), "{source}");
    answer
}

#[test]
fn conditions_see_every_field_and_missing_labels_are_empty() {
    let mut signal = samples::alert(&[("service", "checkout"), ("contact", "phone")]);
    signal.severity = Some(Severity::Critical);
    signal.values.insert("ratio".to_owned(), "0.12".to_owned());
    signal.starts_at = Some(samples::WEDNESDAY);
    for yes in [
        r#"label("service") == "checkout""#,
        r#"label("absent") == """#,
        r#"signal.labels["contact"] == "phone" && signal.labels.contact != "mail""#,
        r#""contact" in signal.labels && has(signal.labels.service) && !("x" in signal.labels)"#,
        r#"signal.kind == "alert" && signal.severity in ["critical", "error"]"#,
        r#"signal.values["ratio"] > 0.05 && signal.values.ratio < 1.0"#,
        "signal.received_at - signal.starts_at < duration('5m')",
        "signal.received_at.getHours('Europe/Berlin') == 12",
        "service.tier <= 2 && 2 == service.tier",
        r#"open["office"]"#,
        r#"signal.labels.exists(name, name.startsWith("cont"))"#,
        r#"signal.labels.map(name, name)[0] == "contact" && size(signal.labels) == 2"#,
        r#"signal.title.matches("^some(thing|one)$") && matches(signal.title, "me")"#,
        r#"(signal.impact == "" ? "none" : signal.impact) == "none""#,
        r#"signal.service == "" && signal.title.endsWith("ing") && signal.title.contains("meth")"#,
    ] {
        assert_eq!(holds(yes, &signal), Ok(true), "{yes}");
    }
}

#[test]
fn an_error_is_a_value_and_a_decided_operand_hides_it() {
    let signal = samples::alert(&[]);
    assert!(holds(r#"signal.labels["gone"] == "x""#, &signal).is_err());
    assert!(holds("1 / 0 == 1", &signal).is_err());
    assert!(holds("signal.starts_at < signal.received_at", &signal).is_err());
    assert_eq!(holds("has(signal.starts_at)", &signal), Ok(false));
    assert_eq!(holds(r#"signal.labels["gone"] == "x" || true"#, &signal), Ok(true));
    assert_eq!(holds(r#"false && signal.labels["gone"] == "x""#, &signal), Ok(false));
    assert_eq!(holds(r#"signal.labels["gone"] == "x" && false"#, &signal), Ok(false));
}

#[test]
fn what_is_no_condition_is_refused_with_its_reason() {
    for (source, reason) in [
        ("signal.title", "must be bool, is string"),
        ("service.tier", "must be bool, is int"),
        ("signal.title == ", "ERROR"),
        ("signal.colour == \"red\"", "signal.colour does not exist"),
        ("incident.priority == \"P1\"", "incident is not known here"),
        ("now() > signal.received_at", "now() with 0 arguments is not known"),
        ("signal.title == 3", "string can never equal int"),
        ("signal.title && true", "must be bool, is string"),
        ("signal.title.matches(signal.source)", "literal pattern"),
        ("signal.title.matches(\"(\")", "pattern"),
        ("signal.title.matches(\"(a{1000}){1000}\")", "pattern"),
        ("open[\"night\"]", "calendar \"night\" does not exist"),
        ("open[signal.title]", "in quotes"),
        ("[1, 2].all(x, [1].exists(y, x == y))", "macro inside another"),
        ("signal.labels == signal.annotations", "cannot be compared"),
        ("signal == signal", "cannot be compared"),
        ("x == 1", "x is not known"),
    ] {
        let why = compile(source, Scope::Rule).expect_err(source);
        assert!(why.contains(reason), "{source}: {why}");
    }
    assert!(compile("service.tier == 1", Scope::Route).unwrap_err().contains("a route sees signal"));
    assert!(compile("signal.title == \"\"", Scope::Sla).unwrap_err().contains("sees incident"));
}

#[test]
fn what_would_cost_too_much_is_refused_before_it_runs() {
    let chain = vec!["1"; 900].join("+");
    let long = format!("\"{}\" == \"\"", "x".repeat(5_000));
    let deep = format!("{}1{} == 1", "(".repeat(200), ")".repeat(200));
    let pattern = format!("signal.title.matches(\"{}\")", "a".repeat(1_025));
    let wide = format!("service.tier in [{}]", vec!["1"; 600].join(","));
    let calls = format!("signal.title{} == \"\"", ".contains(\"\")".repeat(40));
    for source in [format!("{chain} == 900"), long, deep, pattern, wide, calls] {
        assert!(compile(&source, Scope::Rule).is_err(), "{} bytes", source.len());
    }
    // cel before 0.14.3 took 46 GB for inputs of this kind.
    for junk in ["[".repeat(126), "{[(".repeat(40), "!".repeat(500), "a.".repeat(600), "'".repeat(77)] {
        assert!(compile(&junk, Scope::Rule).is_err(), "{junk}");
    }
}

#[test]
fn brackets_inside_texts_do_not_count_as_nesting() {
    let source = format!("signal.title == \"{}\"", "(".repeat(100));
    assert!(compile(&source, Scope::Rule).is_ok());
}

#[test]
fn ordinary_conditions_take_the_fast_path() {
    for (source, scope) in [
        ("true", Scope::Sla),
        (r#"incident.priority == "P1""#, Scope::Sla),
        (r#"incident.priority in ["P2", "P3"]"#, Scope::Sla),
        (r#"label("x") == "y" || incident.tier == 1 && !incident.acknowledged"#, Scope::Sla),
        (r#"signal.kind == "report""#, Scope::Route),
        (r#"label("team") == "payments" || signal.title.contains("payment")"#, Scope::Rule),
        (r#"open["office"] && service.tier <= 2"#, Scope::Rule),
    ] {
        assert!(compile(source, scope).unwrap().is_fast(), "{source}");
    }
    assert!(!rule("size(signal.labels) > 2").is_fast());
}

/// A literal that may or may not equal what a field holds.
fn word() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![
        "", "P1", "P2", "HIGH", "alert", "report", "critical", "a", "b", "RESOLVED",
    ])
    .prop_map(str::to_owned)
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// An atom over the fields of the given objects.
fn atom(objects: &'static [&'static str]) -> BoxedStrategy<String> {
    let of = move |kind: Type| {
        let names: Vec<&'static str> = field::ALL
            .iter()
            .filter(|f| f.kind() == kind && objects.iter().any(|o| f.name().starts_with(o)))
            .map(|f| f.name())
            .collect();
        proptest::sample::select(names)
    };
    let text = prop_oneof![
        of(Type::Text).prop_map(str::to_owned),
        word().prop_map(|w| format!("label({})", quoted(&w))),
        (of(Type::Texts), word()).prop_map(|(map, key)| format!("{map}[{}]", quoted(&key))),
        of(Type::Texts).prop_map(|map| format!("{map}.a")),
    ];
    let text = text.boxed();
    prop_oneof![
        Just("true".to_owned()),
        Just("false".to_owned()),
        (text.clone(), word()).prop_map(|(t, w)| format!("{t} == {}", quoted(&w))),
        (text.clone(), word()).prop_map(|(t, w)| format!("{} != {t}", quoted(&w))),
        (text.clone(), proptest::collection::vec(word(), 0..3)).prop_map(|(t, words)| {
            let words: Vec<String> = words.iter().map(|w| quoted(w)).collect();
            format!("{t} in [{}]", words.join(", "))
        }),
        (text.clone(), word(), proptest::sample::select(vec!["contains", "startsWith", "endsWith"]))
            .prop_map(|(t, w, f)| format!("{t}.{f}({})", quoted(&w))),
        text.prop_map(|t| format!("{t}.matches(\"^[aP]\")")),
        (of(Type::Texts), word()).prop_map(|(map, key)| format!("{} in {map}", quoted(&key))),
        of(Type::Texts).prop_map(|map| format!("has({map}.a)")),
        (of(Type::Int), 0..4, proptest::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]))
            .prop_map(|(f, n, o)| format!("{f} {o} {n}")),
    ]
    .boxed()
}

fn condition(atom: BoxedStrategy<String>) -> BoxedStrategy<String> {
    atom.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("!({a})")),
            inner.clone().prop_map(|a| format!("({a}) == false")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) || ({b})")),
        ]
    })
    .boxed()
}

fn labels() -> impl Strategy<Value = BTreeMap<String, String>> {
    proptest::collection::btree_map(word(), word(), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn on_signals_the_fast_path_answers_as_the_interpreter(
        source in condition(atom(&["signal.", "service."])),
        title in word(), labels in labels(), report in any::<bool>(), stated in any::<bool>(),
    ) {
        let mut signal = if report { samples::report(&title) } else { samples::alert(&[]) };
        signal.labels = labels.clone();
        signal.annotations = labels;
        signal.severity = stated.then_some(Severity::Critical);
        signal.impact = stated.then_some(Level3::High);
        let program = rule(&source);
        prop_assert!(program.is_fast(), "{}", source);
        prop_assert_eq!(program.holds(&facts(&signal)), program.interpret(&facts(&signal)), "{}", source);
    }

    #[test]
    fn on_incidents_the_fast_path_answers_as_the_interpreter(
        source in condition(prop_oneof![atom(&["incident."]), Just("incident.acknowledged".to_owned())].boxed()),
        labels in labels(), category in word(), acknowledged in any::<bool>(), held in any::<bool>(), tier in 1..4_u8,
        priority in proptest::sample::select(Priority::ALL), phase in proptest::sample::select(Phase::ALL),
    ) {
        let hold_reason = held.then_some(HoldReason::Scheduled);
        let subject = SlaSubject {
            priority, phase, acknowledged, hold_reason, tier, labels: &labels, category: &category,
            ..samples::subject()
        };
        let facts = Facts::Incident(subject);
        let program = compile(&source, Scope::Sla).unwrap();
        prop_assert!(program.is_fast(), "{}", source);
        prop_assert_eq!(program.holds(&facts), program.interpret(&facts), "{}", source);
    }

    /// Whatever is written, compiling answers and does not fall over.
    #[test]
    fn any_text_compiles_or_is_refused(
        source in prop_oneof![
            "[a-z0-9 .()\\[\\]{}\"'+*&|!<>=?:,-]{0,80}",
            "(signal|label|\\(|\\)|\\.|\"|title|&&|==|in|\\[|\\]| |1|x|all|has){0,30}",
            "\\PC{0,60}",
        ],
    ) {
        if let Ok(program) = compile(&source, Scope::Rule) {
            let _ = program.holds(&facts(&samples::alert(&[])));
        }
    }
}
