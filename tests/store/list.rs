//! Lists: every form of filter, every order, and pages that neither skip nor repeat.

use stentor_engine::store::Error;
use stentor_engine::store::rows::{Batch, Column, Filter, ListQuery, ListingRow, Op, Value};

use crate::harness::{Database, on_both_stores};
use crate::rows::{commit, id, listing, moving};

on_both_stores! {
    a_row_is_listed_as_it_was_written_last,
    every_form_of_filter_finds_its_rows,
    patterns_know_one_wildcard_and_case,
    labels_are_matched_whole,
    pages_neither_skip_nor_repeat_in_any_order,
    absent_instants_come_last_in_both_directions,
    instants_are_ordered_as_numbers,
    a_filter_that_does_not_fit_its_column_is_refused,
}

fn query(filter: Option<Filter>, order: &[(Column, bool)]) -> ListQuery {
    ListQuery { kind: "incident".to_owned(), filter, order: order.to_vec(), after: None, limit: 1_000 }
}

async fn numbers(db: &Database, query: ListQuery) -> Vec<i64> {
    db.store.list(query).await.unwrap().into_iter().map(|row| row.number).collect()
}

async fn stored(db: &Database, listings: Vec<ListingRow>) {
    commit(&*db.store, Batch { listings, ..Batch::default() }).await;
}

fn compare(column: Column, op: Op, value: Value) -> Filter {
    Filter::Compare(column, op, value)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn label(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

async fn a_row_is_listed_as_it_was_written_last(db: &Database) {
    let row = ListingRow {
        priority: 1,
        assignee: "people/gus".to_owned(),
        acknowledged: true,
        on_hold: true,
        level: 2,
        next_due_at: Some(i64::MAX - 1),
        subject: "inc_1".to_owned(),
        category: "payments".to_owned(),
        exercise: true,
        labels: vec![label("env", "prod"), label("region", "a\"b\\c\u{e9}")],
        ..listing(&id(1), 1)
    };
    stored(db, vec![ListingRow { title: "before".to_owned(), ..row.clone() }]).await;
    stored(db, vec![row.clone(), ListingRow { kind: "review".to_owned(), ..listing(&id(2), 1) }]).await;

    assert_eq!(db.store.list(query(None, &[])).await.unwrap(), [row]);
}

/// Five rows that differ in every column.
fn five() -> Vec<ListingRow> {
    (1..=5_i64)
        .map(|n| ListingRow {
            phase: if n <= 2 { "OPEN" } else { "RESOLVED" }.to_owned(),
            priority: n as i32,
            service: format!("service-{n}"),
            team: if n % 2 == 0 { "even" } else { "odd" }.to_owned(),
            assignee: if n == 4 { "people/ana" } else { "" }.to_owned(),
            acknowledged: n == 3,
            suppressed: n == 1,
            level: if n > 3 { 2 } else { 0 },
            sla_state: if n == 5 { "OVERDUE" } else { "OK" }.to_owned(),
            next_due_at: (n < 4).then_some(100 * n),
            category: if n == 3 { "payments" } else { "" }.to_owned(),
            ..listing(&id(n as u32), n)
        })
        .collect()
}

async fn every_form_of_filter_finds_its_rows(db: &Database) {
    use Column as C;
    stored(db, five()).await;
    let open = compare(C::Phase, Op::Eq, text("OPEN"));
    let odd = compare(C::Team, Op::Eq, text("odd"));
    let due = |op, at| compare(C::NextDueAt, op, Value::Int(at));
    let touched: Vec<String> = [2, 4].map(id).into();
    commit(&*db.store, moving(&touched, 0, 1)).await;
    let cases = [
        (compare(C::Category, Op::Eq, text("payments")), vec![3]),
        (compare(C::UpdatedAt, Op::Gt, Value::Int(0)), vec![2, 4]),
        (open.clone(), vec![1, 2]),
        (compare(C::Phase, Op::Ne, text("OPEN")), vec![3, 4, 5]),
        (compare(C::Priority, Op::Lt, Value::Int(3)), vec![1, 2]),
        (compare(C::Priority, Op::Le, Value::Int(3)), vec![1, 2, 3]),
        (compare(C::Number, Op::Gt, Value::Int(3)), vec![4, 5]),
        (compare(C::CreatedAt, Op::Ge, Value::Int(1_003)), vec![3, 4, 5]),
        (compare(C::Id, Op::Gt, text(&id(4))), vec![5]),
        (compare(C::Acknowledged, Op::Eq, Value::Bool(true)), vec![3]),
        (compare(C::Acknowledged, Op::Ne, Value::Bool(true)), vec![1, 2, 4, 5]),
        (due(Op::Lt, 250), vec![1, 2]),
        (due(Op::Ne, 100), vec![2, 3, 4, 5]),
        (Filter::Not(Box::new(due(Op::Lt, 250))), vec![3, 4, 5]),
        (Filter::Has(C::NextDueAt), vec![1, 2, 3]),
        (Filter::Has(C::Assignee), vec![4]),
        (Filter::Has(C::Level), vec![4, 5]),
        (Filter::Has(C::Suppressed), vec![1]),
        (Filter::Not(Box::new(Filter::Has(C::Assignee))), vec![1, 2, 3, 5]),
        (Filter::All(vec![open.clone(), odd.clone()]), vec![1]),
        (Filter::Any(vec![open.clone(), odd.clone()]), vec![1, 2, 3, 5]),
        (Filter::Not(Box::new(Filter::Any(vec![open, odd]))), vec![4]),
        (Filter::All(vec![]), vec![1, 2, 3, 4, 5]),
        (Filter::Any(vec![]), vec![]),
        (compare(C::SlaState, Op::Eq, text("' OR 1=1 --")), vec![]),
    ];
    for (filter, expected) in cases {
        let found = numbers(db, query(Some(filter.clone()), &[])).await;
        assert_eq!(found, expected, "{filter:?}");
    }
}

async fn patterns_know_one_wildcard_and_case(db: &Database) {
    let names = ["a%b", "a_b", "a?b", "a[x]b", "a\\b", "axb", "AXB"];
    let rows = names
        .iter()
        .zip(1..)
        .map(|(name, n)| ListingRow { service: (*name).to_owned(), ..listing(&id(n as u32), n) });
    stored(db, rows.collect()).await;

    let cases = [
        ("a*b", vec![1, 2, 3, 4, 5, 6]),
        ("*", vec![1, 2, 3, 4, 5, 6, 7]),
        ("a%b", vec![1]),
        ("a_b", vec![2]),
        ("a?b", vec![3]),
        ("a[x]*", vec![4]),
        ("a\\*", vec![5]),
        ("*x*", vec![4, 6]),
        ("a", vec![]),
    ];
    for (pattern, expected) in cases {
        let filter = Filter::Like(Column::Service, pattern.to_owned());
        assert_eq!(numbers(db, query(Some(filter), &[])).await, expected, "{pattern}");
    }
}

async fn labels_are_matched_whole(db: &Database) {
    let rows = [
        vec![label("env", "prod"), label("region", "eu")],
        vec![label("env", "production")],
        vec![label("x\"env", "prod"), label("note", "\"env\":\"prod\"")],
        vec![],
    ];
    let rows =
        rows.into_iter().zip(1..).map(|(labels, n)| ListingRow { labels, ..listing(&id(n as u32), n) });
    stored(db, rows.collect()).await;

    let cases = [
        (Filter::Label("env".to_owned(), Some("prod".to_owned())), vec![1]),
        (Filter::Label("env".to_owned(), None), vec![1, 2]),
        (Filter::Label("prod".to_owned(), None), vec![]),
        (Filter::Label("x\"env".to_owned(), Some("prod".to_owned())), vec![3]),
        (Filter::Not(Box::new(Filter::Label("env".to_owned(), None))), vec![3, 4]),
    ];
    for (filter, expected) in cases {
        let found = numbers(db, query(Some(filter.clone()), &[])).await;
        assert_eq!(found, expected, "{filter:?}");
    }
}

/// The values with which the page after a row is asked for.
fn place(row: &ListingRow, order: &[(Column, bool)]) -> (Vec<Value>, String) {
    let value = |column: &Column| match column {
        Column::Priority => Value::Int(i64::from(row.priority)),
        Column::QueueRank => Value::Int(i64::from(row.queue_rank)),
        Column::QueueAt => Value::Int(row.queue_at),
        Column::Number => Value::Int(row.number),
        Column::Team => Value::Text(row.team.clone()),
        Column::Acknowledged => Value::Bool(row.acknowledged),
        Column::NextDueAt => row.next_due_at.map_or(Value::Null, Value::Int),
        Column::UpdatedAt => Value::Int(row.updated_at),
        Column::Id => Value::Text(row.id.clone()),
        other => panic!("no case sorts by {other:?}"),
    };
    (order.iter().map(|(column, _)| value(column)).collect(), row.id.clone())
}

async fn pages_neither_skip_nor_repeat_in_any_order(db: &Database) {
    use Column as C;
    let rows = (0..60_u32).map(|n| ListingRow {
        priority: (n % 3) as i32,
        queue_rank: (n % 2) as i32,
        queue_at: i64::from(n % 7),
        team: format!("team-{}", n % 4),
        acknowledged: n % 5 == 0,
        next_due_at: (n % 3 != 0).then_some(i64::from(n % 6)),
        ..listing(&id(n), i64::from(1_000 - n))
    });
    stored(db, rows.collect()).await;

    let orders: [&[(Column, bool)]; 9] = [
        &[],
        &[(C::Id, true)],
        &[(C::QueueRank, false), (C::QueueAt, false), (C::Number, false)],
        &[(C::QueueRank, true), (C::QueueAt, true), (C::Number, true)],
        &[(C::Priority, true), (C::Team, false)],
        &[(C::Team, false), (C::Acknowledged, true), (C::Priority, false)],
        &[(C::NextDueAt, false)],
        &[(C::NextDueAt, true)],
        &[(C::Priority, false), (C::NextDueAt, true)],
    ];
    for order in orders {
        let all = db.store.list(query(None, order)).await.unwrap();
        assert_eq!(all.len(), 60, "{order:?}");
        let mut paged: Vec<ListingRow> = Vec::new();
        loop {
            let after = paged.last().map(|row| place(row, order));
            let page = ListQuery { after, limit: 7, ..query(None, order) };
            let page = db.store.list(page).await.unwrap();
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, all, "{order:?}");
    }
    let backwards = numbers(db, query(None, &[(C::Id, true)])).await;
    let mut forwards = numbers(db, query(None, &[])).await;
    forwards.reverse();
    assert_eq!(backwards, forwards);
}

async fn absent_instants_come_last_in_both_directions(db: &Database) {
    stored(db, five()).await;

    assert_eq!(numbers(db, query(None, &[(Column::NextDueAt, false)])).await, [1, 2, 3, 4, 5]);
    assert_eq!(numbers(db, query(None, &[(Column::NextDueAt, true)])).await, [3, 2, 1, 5, 4]);
}

async fn instants_are_ordered_as_numbers(db: &Database) {
    let instants = [1_700_000_000_000, 999, -5, 1_699_999_999_999, 0, 1_700_000_000_010];
    let rows =
        instants.iter().zip(1..).map(|(at, n)| ListingRow { created_at: *at, ..listing(&id(n as u32), n) });
    stored(db, rows.collect()).await;

    assert_eq!(numbers(db, query(None, &[(Column::CreatedAt, false)])).await, [3, 5, 2, 4, 1, 6]);
}

async fn a_filter_that_does_not_fit_its_column_is_refused(db: &Database) {
    let filters = [
        compare(Column::Priority, Op::Eq, text("high")),
        compare(Column::Phase, Op::Eq, Value::Int(1)),
        compare(Column::Acknowledged, Op::Eq, Value::Int(1)),
        compare(Column::NextDueAt, Op::Eq, Value::Null),
        Filter::Like(Column::Number, "1*".to_owned()),
    ];
    for filter in filters {
        let error = db.store.list(query(Some(filter.clone()), &[])).await.unwrap_err();
        assert!(matches!(error, Error::Data(_)), "{filter:?}: {error}");
    }
}
