//! What filters mean and what is no filter, one claim a test.

use super::*;

fn filter(text: &str) -> Filter {
    parse(text).unwrap().unwrap()
}

fn problem(text: &str) -> String {
    let invalid = parse(text).unwrap_err();
    assert_eq!(invalid.field, "filter");
    invalid.problem
}

fn is(column: Column, op: Op, text: &str) -> Filter {
    Filter::Compare(column, op, Value::Text(text.to_owned()))
}

#[test]
fn an_empty_filter_means_everything() {
    assert_eq!(parse(""), Ok(None));
    assert_eq!(parse("  \n"), Ok(None));
}

#[test]
fn or_binds_tighter_than_and() {
    let a = is(Column::Phase, Op::Eq, "ACTIVE");
    let b = is(Column::Service, Op::Eq, "b");
    let c = is(Column::Team, Op::Eq, "c");
    let text = "phase=ACTIVE AND service=b OR team=teams/c";
    assert_eq!(filter(text), Filter::All(vec![a.clone(), Filter::Any(vec![b.clone(), c.clone()])]));
    let text = "(phase = ACTIVE AND service = \"b\") OR team=c";
    assert_eq!(filter(text), Filter::Any(vec![Filter::All(vec![a, b]), c]));
}

#[test]
fn every_field_of_the_queue_bot_is_understood() {
    let text = "sla.state=SLA_STATE_OVERDUE AND phase=INCIDENT_PHASE_TRIAGE AND priority=PRIORITY_P1 AND service=x AND \
                team=y AND assignee=people/ana AND acknowledged=false AND suppressed=false AND on_hold=false AND \
                escalation.level>=2 AND escalation.exhausted=true AND next_due_time<2026-01-01T00:00:00Z AND labels.k:v";
    assert!(matches!(filter(text), Filter::All(all) if all.len() == 13));
}

#[test]
fn not_and_minus_negate_one_term() {
    let has = Filter::Not(Box::new(Filter::Has(Column::Assignee)));
    assert_eq!(filter("NOT assignee:*"), has);
    assert_eq!(filter("-assignee=*"), has);
    assert_eq!(filter("assignee!=*"), has);
}

#[test]
fn a_star_is_a_pattern_unless_quoted() {
    assert_eq!(filter("service=shop-*"), Filter::Like(Column::Service, "shop-*".to_owned()));
    assert_eq!(filter("service=\"shop-*\""), is(Column::Service, Op::Eq, "shop-*"));
}

#[test]
fn quotes_and_backslashes_can_be_written() {
    assert_eq!(
        filter(r#"labels.k="a \"b\" \\ c""#),
        Filter::Label("k".to_owned(), Some(r#"a "b" \ c"#.to_owned()))
    );
}

#[test]
fn priorities_are_numbers_and_times_milliseconds() {
    assert_eq!(filter("priority=P1"), Filter::Compare(Column::Priority, Op::Eq, Value::Int(1)));
    assert_eq!(
        filter("create_time>=\"1970-01-01T00:00:01.5Z\""),
        Filter::Compare(Column::CreatedAt, Op::Ge, Value::Int(1500))
    );
}

#[test]
fn what_is_not_understood_is_named_with_its_place() {
    assert_eq!(problem("phase ACTIVE"), "is not understood at character 7: one of = != < <= > >= : expected");
    assert!(problem("colour=red").contains("no field colour"));
    assert!(problem("phase=LATE").contains("\"LATE\" for phase"));
    assert!(problem("phase>ACTIVE").contains("= and != alone"));
    assert!(problem("(phase=ACTIVE").contains("closing parenthesis"));
    assert!(problem("labels.k=\"open").contains("closing quotation mark"));
    assert!(problem("phase=ACTIVE team=x").contains("AND, OR or the end"));
    assert!(problem("acknowledged=perhaps").contains("true or false"));
    assert!(problem("create_time<yesterday").contains("RFC 3339"));
    assert!(problem("labels.k<1").contains("labels"));
}

#[test]
fn filters_are_bounded() {
    let terms = |n: usize| vec!["phase=ACTIVE"; n].join(" OR ");
    assert!(parse(&terms(limits::TERMS)).is_ok());
    assert!(problem(&terms(limits::TERMS + 1)).contains("more than 20 terms"));
    assert!(problem(&"(".repeat(1000)).contains("parentheses"));
    assert!(problem(&"x".repeat(limits::FILTER_BYTES + 1)).contains("bytes"));
}

#[test]
fn an_order_is_fields_with_or_without_desc() {
    assert_eq!(order(""), Ok(vec![(Column::CreatedAt, true)]));
    assert_eq!(
        order("priority, create_time desc"),
        Ok(vec![(Column::Priority, false), (Column::CreatedAt, true)])
    );
    for bad in ["title", "priority up", "priority,", "priority, priority desc", ", priority"] {
        assert_eq!(order(bad).unwrap_err().field, "order_by", "{bad}");
    }
}
