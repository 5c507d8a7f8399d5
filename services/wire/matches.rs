//! Whether one listing row meets a filter: what a watch asks of each change. Lists ask the store instead; both must
//! answer alike.

use std::cmp::Ordering;

use stentor_engine::store::rows::{Column, Filter, ListingRow, Op, Value};

/// Whether the row meets the filter.
pub fn matches(filter: &Filter, row: &ListingRow) -> bool {
    match filter {
        Filter::All(all) => all.iter().all(|f| matches(f, row)),
        Filter::Any(any) => any.iter().any(|f| matches(f, row)),
        Filter::Not(inner) => !matches(inner, row),
        // An absent instant differs from every other and stands in no order to any.
        Filter::Compare(column, op, wanted) => match value(row, *column) {
            None => *op == Op::Ne,
            Some(value) => compare(&value, wanted).is_some_and(|order| meets(order, *op)),
        },
        Filter::Like(column, pattern) => match value(row, *column) {
            Some(Value::Text(text)) => like(&text, pattern),
            _ => false,
        },
        Filter::Has(column) => match value(row, *column) {
            Some(Value::Text(text)) => !text.is_empty(),
            Some(_) => true,
            None => false,
        },
        Filter::Label(name, wanted) => {
            row.labels.iter().any(|(n, v)| n == name && wanted.as_ref().is_none_or(|wanted| wanted == v))
        }
    }
}

fn meets(order: Ordering, op: Op) -> bool {
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
    }
}

fn compare(value: &Value, wanted: &Value) -> Option<Ordering> {
    match (value, wanted) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// `*` stands for any text.
fn like(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn value(row: &ListingRow, column: Column) -> Option<Value> {
    Some(match column {
        Column::Id => Value::Text(row.id.clone()),
        Column::Number => Value::Int(row.number),
        Column::Phase => Value::Text(row.phase.clone()),
        Column::Priority => Value::Int(row.priority.into()),
        Column::Service => Value::Text(row.service.clone()),
        Column::Team => Value::Text(row.team.clone()),
        Column::Assignee => Value::Text(row.assignee.clone()),
        Column::Acknowledged => Value::Bool(row.acknowledged),
        Column::Suppressed => Value::Bool(row.suppressed),
        Column::OnHold => Value::Bool(row.on_hold),
        Column::Exhausted => Value::Bool(row.exhausted),
        Column::Level => Value::Int(row.level.into()),
        Column::SlaState => Value::Text(row.sla_state.clone()),
        Column::NextDueAt => Value::Int(row.next_due_at?),
        Column::QueueRank => Value::Int(row.queue_rank.into()),
        Column::QueueAt => Value::Int(row.queue_at),
        Column::CreatedAt => Value::Int(row.created_at),
        Column::Exercise => Value::Bool(row.exercise),
        Column::Subject => Value::Text(row.subject.clone()),
        Column::Category => Value::Text(row.category.clone()),
        Column::UpdatedAt => Value::Int(row.updated_at),
    })
}

#[cfg(test)]
mod tests {
    use super::super::filter::parse;
    use super::*;

    fn row() -> ListingRow {
        ListingRow {
            phase: "ACTIVE".to_owned(),
            priority: 1,
            service: "checkout".to_owned(),
            created_at: 1_780_272_000_001,
            labels: vec![("env".to_owned(), "prod".to_owned())],
            ..ListingRow::default()
        }
    }

    #[test]
    fn a_row_meets_what_is_said_of_it_and_nothing_else() {
        let meets = |text: &str| matches(&parse(text).unwrap().unwrap(), &row());
        for text in [
            "phase=ACTIVE AND priority=P1",
            "priority=P3 OR service=services/check*",
            "create_time>\"2026-06-01T00:00:00Z\" AND labels.env:\"prod\" AND NOT assignee:*",
            "labels.env:* AND -next_due_time:*",
            "service=*out AND service!=c*k",
        ] {
            assert!(meets(text), "{text}");
        }
        for text in
            ["phase!=ACTIVE", "next_due_time<\"2026-06-01T00:00:00Z\"", "labels.env=dev", "service=*chat*"]
        {
            assert!(!meets(text), "{text}");
        }
    }
}
