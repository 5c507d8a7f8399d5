//! Turns list queries into SQL for both databases: conditions, order and the place where the last page ended. Column
//! names come from an enum and values are always bound, so nothing that a caller wrote becomes SQL.

use super::rows::{Column, Filter, ListQuery, Op, Value};
use super::{Error, Result, labels};

/// Where the two databases differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// The clauses of a list query; parameters are numbered in the order of `binds`, the first being the kind.
#[derive(Debug)]
pub(super) struct Clauses {
    /// Where the rows come from.
    pub(super) rows: &'static str,
    pub(super) condition: String,
    pub(super) order: String,
    pub(super) binds: Vec<Value>,
}

/// Builds the clauses. A value that does not fit its column is [`Error::Data`].
pub(super) fn clauses(dialect: Dialect, query: &ListQuery) -> Result<Clauses> {
    let mut sql = Sql { dialect, binds: Vec::new() };
    // In the order of ids the rows are read by their key; SQLite would rather find the kind and sort all of it.
    let by_id = dialect == Dialect::Sqlite && query.order.first().is_some_and(|(c, _)| *c == Column::Id);
    let kind = if by_id { "+kind" } else { "kind" };
    let mut condition = format!("{kind} = {}", sql.bind(Value::Text(query.kind.clone())));
    if let Some(filter) = &query.filter {
        condition += &format!(" AND {}", sql.filter(filter)?);
    }
    let keys = sort_keys(&query.order);
    if let Some((values, id)) = &query.after {
        condition += &format!(" AND {}", sql.after(&keys, values, id)?);
    }
    let order: Vec<String> = keys.iter().map(|key| format!("{} {}", key.sql(), key.direction())).collect();
    Ok(Clauses { rows: rows(dialect, query), condition, order: order.join(", "), binds: sql.binds })
}

/// The table, with the instant of the last change looked up in the history only for those who ask by it: for a row that
/// is sorted and not shown that would be paid in vain.
fn rows(dialect: Dialect, query: &ListQuery) -> &'static str {
    let asks = query.order.iter().any(|(column, _)| *column == Column::UpdatedAt)
        || query.filter.as_ref().is_some_and(|filter| names(filter, Column::UpdatedAt));
    match (asks, dialect) {
        (false, Dialect::Sqlite) => "(SELECT *, 0 AS updated_at FROM listing) AS listing",
        (false, Dialect::Postgres) => "(SELECT *, 0::bigint AS updated_at FROM listing) AS listing",
        (true, Dialect::Sqlite) => {
            "(SELECT l.*, coalesce((SELECT e.at FROM event AS e WHERE e.id = l.id ORDER BY e.version DESC LIMIT 1), 0)
                     AS updated_at FROM listing AS l) AS listing"
        }
        (true, Dialect::Postgres) => {
            "(SELECT l.*, coalesce((SELECT e.at FROM event AS e WHERE e.p = l.p AND e.id = l.id
                                    ORDER BY e.version DESC LIMIT 1), 0) AS updated_at FROM listing AS l) AS listing"
        }
    }
}

fn names(filter: &Filter, wanted: Column) -> bool {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().any(|part| names(part, wanted)),
        Filter::Not(part) => names(part, wanted),
        Filter::Compare(column, ..) | Filter::Like(column, _) | Filter::Has(column) => *column == wanted,
        Filter::Label(..) => false,
    }
}

struct SortKey {
    column: Column,
    descending: bool,
}

impl SortKey {
    /// What is compared. Absent instants sort last in either direction.
    fn sql(&self) -> String {
        match (type_of(self.column), self.descending) {
            (Type::Instant, false) => format!("coalesce({}, {})", name(self.column), i64::MAX),
            (Type::Instant, true) => format!("coalesce({}, {})", name(self.column), -i64::MAX),
            _ => name(self.column).to_owned(),
        }
    }

    fn direction(&self) -> &'static str {
        if self.descending { "DESC" } else { "ASC" }
    }
}

/// The caller's keys and the id, which runs in the direction of the key before it.
fn sort_keys(order: &[(Column, bool)]) -> Vec<SortKey> {
    let mut keys: Vec<SortKey> =
        order.iter().map(|&(column, descending)| SortKey { column, descending }).collect();
    if !order.iter().any(|(column, _)| *column == Column::Id) {
        let descending = order.last().is_some_and(|(_, descending)| *descending);
        keys.push(SortKey { column: Column::Id, descending });
    }
    keys
}

struct Sql {
    dialect: Dialect,
    binds: Vec<Value>,
}

impl Sql {
    fn bind(&mut self, value: Value) -> String {
        self.binds.push(value);
        match self.dialect {
            Dialect::Sqlite => format!("?{}", self.binds.len()),
            Dialect::Postgres => format!("${}", self.binds.len()),
        }
    }

    fn filter(&mut self, filter: &Filter) -> Result<String> {
        Ok(match filter {
            Filter::All(parts) => self.join(parts, " AND ", "(1 = 1)")?,
            Filter::Any(parts) => self.join(parts, " OR ", "(1 = 0)")?,
            Filter::Not(part) => format!("NOT {}", self.filter(part)?),
            Filter::Compare(column, op, value) => self.compare(*column, *op, value)?,
            Filter::Like(column, pattern) => self.like(*column, pattern)?,
            Filter::Has(column) => has(*column),
            Filter::Label(label, value) => self.label(label, value.as_deref()),
        })
    }

    fn join(&mut self, parts: &[Filter], word: &str, empty: &str) -> Result<String> {
        if parts.is_empty() {
            return Ok(empty.to_owned());
        }
        let parts = parts.iter().map(|part| self.filter(part)).collect::<Result<Vec<_>>>()?;
        Ok(format!("({})", parts.join(word)))
    }

    /// Always true or false, also for an absent instant, which is different from every other.
    fn compare(&mut self, column: Column, op: Op, value: &Value) -> Result<String> {
        fits(column, value)?;
        let sign = match op {
            Op::Eq => "=",
            Op::Ne => "<>",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
        };
        let (column_name, place) = (name(column), self.bind(value.clone()));
        Ok(match (type_of(column), op) {
            (Type::Instant, Op::Ne) => format!("({column_name} IS NULL OR {column_name} <> {place})"),
            (Type::Instant, _) => format!("({column_name} IS NOT NULL AND {column_name} {sign} {place})"),
            _ => format!("({column_name} {sign} {place})"),
        })
    }

    /// Case matters, `*` is the only wildcard.
    fn like(&mut self, column: Column, pattern: &str) -> Result<String> {
        if type_of(column) != Type::Text {
            return Err(misfit(column, "a pattern"));
        }
        let (word, tail, special): (_, _, &[(char, &str)]) = match self.dialect {
            Dialect::Sqlite => ("GLOB", "", &[('?', "[?]"), ('[', "[[]")]),
            Dialect::Postgres => {
                ("LIKE", " ESCAPE '\\'", &[('*', "%"), ('%', "\\%"), ('_', "\\_"), ('\\', "\\\\")])
            }
        };
        let mut text = String::with_capacity(pattern.len() + 8);
        for letter in pattern.chars() {
            match special.iter().find(|(from, _)| *from == letter) {
                Some((_, to)) => text.push_str(to),
                None => text.push(letter),
            }
        }
        Ok(format!("({} {word} {}{tail})", name(column), self.bind(Value::Text(text))))
    }

    /// SQLite looks for the pair's text first, which is cheap, and parses only rows that have it.
    fn label(&mut self, label: &str, value: Option<&str>) -> String {
        let text = |text: &str| Value::Text(text.to_owned());
        match (self.dialect, value) {
            (Dialect::Sqlite, value) => {
                let pair = self.bind(Value::Text(labels::fragment(label, value)));
                let key = self.bind(text(label));
                let equal =
                    value.map(|value| format!(" AND value = {}", self.bind(text(value)))).unwrap_or_default();
                format!(
                    "(instr(labels, {pair}) > 0 AND EXISTS (SELECT 1 FROM json_each(labels) WHERE key = {key}{equal}))"
                )
            }
            (Dialect::Postgres, Some(value)) => {
                let (key, value) = (self.bind(text(label)), self.bind(text(value)));
                format!("(labels @> jsonb_build_object({key}::text, {value}::text))")
            }
            (Dialect::Postgres, None) => format!("jsonb_exists(labels, {})", self.bind(text(label))),
        }
    }

    /// Rows behind the last one: a row comparison, which follows an index, where all keys run the same way.
    fn after(&mut self, keys: &[SortKey], values: &[Value], id: &str) -> Result<String> {
        let mut values = values.to_vec();
        if values.len() + 1 == keys.len() {
            values.push(Value::Text(id.to_owned()));
        }
        if values.len() != keys.len() {
            return Err(Error::Data(format!("{} values for {} sort keys", values.len(), keys.len())));
        }
        let mut places = Vec::with_capacity(keys.len());
        for (key, value) in keys.iter().zip(values) {
            places.push(self.bind(place_of(key, value)?));
        }
        let sign = |key: &SortKey| if key.descending { "<" } else { ">" };
        if keys.iter().all(|key| key.descending == keys[0].descending) {
            let names: Vec<String> = keys.iter().map(SortKey::sql).collect();
            return Ok(format!("({}) {} ({})", names.join(", "), sign(&keys[0]), places.join(", ")));
        }
        let mut condition = String::new();
        for (key, place) in keys.iter().zip(&places).rev() {
            let beyond = format!("{} {} {place}", key.sql(), sign(key));
            condition = match condition.is_empty() {
                true => beyond,
                false => format!("({beyond} OR ({} = {place} AND {condition}))", key.sql()),
            };
        }
        Ok(condition)
    }
}

/// The value that a sort key is compared with; an absent instant becomes the end of its direction.
fn place_of(key: &SortKey, value: Value) -> Result<Value> {
    if type_of(key.column) == Type::Instant && matches!(value, Value::Null | Value::Int(i64::MAX)) {
        return Ok(Value::Int(if key.descending { -i64::MAX } else { i64::MAX }));
    }
    fits(key.column, &value)?;
    Ok(value)
}

fn has(column: Column) -> String {
    let column_name = name(column);
    match type_of(column) {
        Type::Text => format!("({column_name} <> '')"),
        Type::Instant => format!("({column_name} IS NOT NULL)"),
        Type::Int => format!("({column_name} <> 0)"),
        Type::Bool => format!("({column_name} = TRUE)"),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Int,
    Bool,
    /// Milliseconds that may be absent.
    Instant,
}

fn type_of(column: Column) -> Type {
    use Column as C;
    match column {
        C::Id | C::Phase | C::Service | C::Team | C::Assignee | C::SlaState | C::Subject | C::Category => {
            Type::Text
        }
        C::Number | C::Priority | C::Level | C::QueueRank | C::QueueAt | C::CreatedAt | C::UpdatedAt => {
            Type::Int
        }
        C::Acknowledged | C::Suppressed | C::OnHold | C::Exhausted | C::Exercise => Type::Bool,
        C::NextDueAt => Type::Instant,
    }
}

fn name(column: Column) -> &'static str {
    match column {
        Column::Id => "id",
        Column::Number => "number",
        Column::Phase => "phase",
        Column::Priority => "priority",
        Column::Service => "service",
        Column::Team => "team",
        Column::Assignee => "assignee",
        Column::Acknowledged => "acknowledged",
        Column::Suppressed => "suppressed",
        Column::OnHold => "on_hold",
        Column::Exhausted => "exhausted",
        Column::Level => "level",
        Column::SlaState => "sla_state",
        Column::NextDueAt => "next_due_at",
        Column::QueueRank => "queue_rank",
        Column::QueueAt => "queue_at",
        Column::CreatedAt => "created_at",
        Column::Exercise => "exercise",
        Column::Subject => "subject",
        Column::Category => "category",
        Column::UpdatedAt => "updated_at",
    }
}

fn fits(column: Column, value: &Value) -> Result<()> {
    match (type_of(column), value) {
        (Type::Text, Value::Text(_))
        | (Type::Int | Type::Instant, Value::Int(_))
        | (Type::Bool, Value::Bool(_)) => Ok(()),
        _ => Err(misfit(column, "this value")),
    }
}

fn misfit(column: Column, what: &str) -> Error {
    Error::Data(format!("{what} does not fit the column {}", name(column)))
}
