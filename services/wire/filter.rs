//! The filter language of lists and watches: text in, a condition on listing rows out. It knows the columns by their
//! names in the API; how they are compared is the store's business.

use stentor_core::incident::kinds::{Phase, Priority, SlaState};
use stentor_core::time::Timestamp;
use stentor_engine::store::rows::{Column, Filter, Op, Value};

use super::Invalid;
use super::limits;

/// Parentheses inside each other.
const DEPTH: usize = 16;

/// Reads a filter; nothing means everything.
pub fn parse(text: &str) -> Result<Option<Filter>, Invalid> {
    if text.len() > limits::FILTER_BYTES {
        return Err(wrong(format!("has {} bytes, at most {} are taken", text.len(), limits::FILTER_BYTES)));
    }
    let mut parser = Parser { text, at: 0, terms: 0 };
    parser.space();
    if parser.rest().is_empty() {
        return Ok(None);
    }
    let filter = parser.sequence(0)?;
    if parser.rest().is_empty() { Ok(Some(filter)) } else { Err(parser.expected("AND, OR or the end")) }
}

fn wrong(problem: impl Into<String>) -> Invalid {
    Invalid::new("filter", problem)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes a word that stands alone.
    fn keyword(&mut self, word: &str) -> bool {
        let after = match self.rest().strip_prefix(word) {
            Some(after) => after,
            None => return false,
        };
        let alone = after.is_empty() || after.starts_with(|c: char| c.is_whitespace() || c == '(');
        if alone {
            self.at += word.len();
            self.space();
        }
        alone
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let found = self.rest().starts_with(symbol);
        if found {
            self.at += symbol.len();
            self.space();
        }
        found
    }

    fn expected(&self, what: &str) -> Invalid {
        let column = self.text[..self.at].chars().count() + 1;
        wrong(format!("is not understood at character {column}: {what} expected"))
    }

    /// Joined by AND, which binds less tightly than OR.
    fn sequence(&mut self, depth: usize) -> Result<Filter, Invalid> {
        let mut all = vec![self.factor(depth)?];
        while self.keyword("AND") {
            all.push(self.factor(depth)?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Filter::All(all) })
    }

    fn factor(&mut self, depth: usize) -> Result<Filter, Invalid> {
        let mut any = vec![self.term(depth)?];
        while self.keyword("OR") {
            any.push(self.term(depth)?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Filter::Any(any) })
    }

    fn term(&mut self, depth: usize) -> Result<Filter, Invalid> {
        if self.keyword("NOT") || self.symbol("-") {
            return Ok(Filter::Not(Box::new(self.simple(depth)?)));
        }
        self.simple(depth)
    }

    fn simple(&mut self, depth: usize) -> Result<Filter, Invalid> {
        if !self.symbol("(") {
            return self.restriction();
        }
        if depth >= DEPTH {
            return Err(wrong("has too many parentheses inside each other"));
        }
        let inner = self.sequence(depth + 1)?;
        if self.symbol(")") { Ok(inner) } else { Err(self.expected("a closing parenthesis")) }
    }

    fn restriction(&mut self) -> Result<Filter, Invalid> {
        self.terms += 1;
        if self.terms > limits::TERMS {
            return Err(wrong(format!("has more than {} terms", limits::TERMS)));
        }
        let field = self.field()?;
        let operator = self.operator()?;
        let value = self.value()?;
        restrict(field, operator, &value)
    }

    fn field(&mut self) -> Result<&'a str, Invalid> {
        let part = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '-'));
        let end = self.rest().find(part).unwrap_or(self.rest().len());
        let field = &self.rest()[..end];
        if field.is_empty() {
            return Err(self.expected("a field"));
        }
        self.at += end;
        self.space();
        Ok(field)
    }

    fn operator(&mut self) -> Result<Operator, Invalid> {
        let operators = [
            ("!=", Operator::Is(Op::Ne)),
            ("<=", Operator::Is(Op::Le)),
            (">=", Operator::Is(Op::Ge)),
            ("=", Operator::Is(Op::Eq)),
            ("<", Operator::Is(Op::Lt)),
            (">", Operator::Is(Op::Gt)),
            (":", Operator::Has),
        ];
        for (symbol, operator) in operators {
            if self.symbol(symbol) {
                return Ok(operator);
            }
        }
        Err(self.expected("one of = != < <= > >= :"))
    }

    fn value(&mut self) -> Result<Literal, Invalid> {
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let end = self.rest().find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"'));
        let word = &self.rest()[..end.unwrap_or(self.rest().len())];
        if word.is_empty() {
            return Err(self.expected("a value"));
        }
        self.at += word.len();
        self.space();
        Ok(Literal { text: word.to_owned(), quoted: false })
    }

    fn quoted(&mut self) -> Result<Literal, Invalid> {
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += i + 1;
                    self.space();
                    return Ok(Literal { text, quoted: true });
                }
                '\\' => text.extend(chars.next().map(|(_, escaped)| escaped)),
                c => text.push(c),
            }
        }
        Err(self.expected("a closing quotation mark"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is(Op),
    Has,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Literal {
    text: String,
    quoted: bool,
}

impl Literal {
    fn is_anything(&self) -> bool {
        self.text == "*" && !self.quoted
    }
}

/// What kind of value a field holds.
enum Kind {
    Phase,
    Priority,
    SlaState,
    /// One of the policy's own words.
    Word,
    /// An id that may be written with its collection.
    Id(&'static str),
    Flag,
    Count,
    Instant,
}

fn column(field: &str) -> Option<(Column, Kind)> {
    Some(match field {
        "phase" => (Column::Phase, Kind::Phase),
        "priority" => (Column::Priority, Kind::Priority),
        "service" => (Column::Service, Kind::Id("services/")),
        "team" => (Column::Team, Kind::Id("teams/")),
        "assignee" => (Column::Assignee, Kind::Id("people/")),
        "acknowledged" => (Column::Acknowledged, Kind::Flag),
        "suppressed" => (Column::Suppressed, Kind::Flag),
        "on_hold" => (Column::OnHold, Kind::Flag),
        "sla.state" => (Column::SlaState, Kind::SlaState),
        "escalation.level" => (Column::Level, Kind::Count),
        "escalation.exhausted" => (Column::Exhausted, Kind::Flag),
        "next_due_time" => (Column::NextDueAt, Kind::Instant),
        "create_time" => (Column::CreatedAt, Kind::Instant),
        "update_time" => (Column::UpdatedAt, Kind::Instant),
        "category" => (Column::Category, Kind::Word),
        _ => return None,
    })
}

fn restrict(field: &str, operator: Operator, value: &Literal) -> Result<Filter, Invalid> {
    if let Some(name) = field.strip_prefix("labels.").filter(|name| !name.is_empty()) {
        return label(name, operator, value);
    }
    let (column, kind) = column(field).ok_or_else(|| wrong(format!("knows no field {field}")))?;
    let op = match operator {
        Operator::Is(op) => op,
        Operator::Has => Op::Eq,
    };
    if value.is_anything() {
        return match op {
            Op::Eq => Ok(Filter::Has(column)),
            Op::Ne => Ok(Filter::Not(Box::new(Filter::Has(column)))),
            Op::Lt | Op::Le | Op::Gt | Op::Ge => Err(wrong(format!("cannot order {field} by *"))),
        };
    }
    let ordered = matches!(kind, Kind::Count | Kind::Instant);
    if !ordered && !matches!(op, Op::Eq | Op::Ne) {
        return Err(wrong(format!("compares {field} with = and != alone")));
    }
    let pattern = matches!(kind, Kind::Id(_) | Kind::Word) && !value.quoted && value.text.contains('*');
    match (convert(field, &kind, &value.text)?, pattern, op) {
        (Value::Text(text), true, Op::Ne) => Ok(Filter::Not(Box::new(Filter::Like(column, text)))),
        (Value::Text(text), true, _) => Ok(Filter::Like(column, text)),
        (value, _, op) => Ok(Filter::Compare(column, op, value)),
    }
}

fn label(name: &str, operator: Operator, value: &Literal) -> Result<Filter, Invalid> {
    let wanted = if value.is_anything() { None } else { Some(value.text.clone()) };
    if !value.quoted && value.text.contains('*') && wanted.is_some() {
        return Err(wrong("knows no patterns in labels: write * alone, or the value in quotes"));
    }
    let has = Filter::Label(name.to_owned(), wanted);
    match operator {
        Operator::Has | Operator::Is(Op::Eq) => Ok(has),
        Operator::Is(Op::Ne) => Ok(Filter::Not(Box::new(has))),
        Operator::Is(_) => Err(wrong("compares labels with =, != and : alone")),
    }
}

fn convert(field: &str, kind: &Kind, text: &str) -> Result<Value, Invalid> {
    let bad = |what: &str| wrong(format!("has {text:?} for {field}, which is no {what}"));
    let word = |prefix: &str| text.strip_prefix(prefix).unwrap_or(text).to_owned();
    match kind {
        Kind::Phase => {
            let phase = Phase::parse(&word("INCIDENT_PHASE_")).ok_or_else(|| bad("phase"))?;
            Ok(Value::Text(phase.as_str().to_owned()))
        }
        Kind::Priority => {
            let priority = Priority::parse(&word("PRIORITY_")).ok_or_else(|| bad("priority"))?;
            Ok(Value::Int(1 + priority as i64))
        }
        Kind::SlaState => {
            let state = SlaState::parse(&word("SLA_STATE_")).ok_or_else(|| bad("state of clocks"))?;
            Ok(Value::Text(state.as_str().to_owned()))
        }
        Kind::Word => Ok(Value::Text(text.to_owned())),
        Kind::Id(collection) => Ok(Value::Text(word(collection))),
        Kind::Flag => text.parse().map(Value::Bool).map_err(|_| bad("true or false")),
        Kind::Count => text.parse().map(Value::Int).map_err(|_| bad("whole number")),
        Kind::Instant => {
            let at: Timestamp = text.parse().map_err(|_| bad("RFC 3339 instant"))?;
            Ok(Value::Int(at.0))
        }
    }
}

/// Reads an order: fields separated by commas, `desc` behind those that are turned round.
pub fn order(text: &str) -> Result<Vec<(Column, bool)>, Invalid> {
    let wrong = |problem: String| Invalid::new("order_by", problem);
    let mut keys: Vec<(Column, bool)> = Vec::new();
    for part in text.split(',').filter(|_| !text.trim().is_empty()) {
        let mut words = part.split_whitespace();
        let column = match words.next() {
            Some("create_time") => Column::CreatedAt,
            Some("update_time") => Column::UpdatedAt,
            Some("priority") => Column::Priority,
            Some("next_due_time") => Column::NextDueAt,
            Some("reference") => Column::Number,
            other => return Err(wrong(format!("knows no field {}", other.unwrap_or("without a name")))),
        };
        let descending = match (words.next(), words.next()) {
            (None, None) | (Some("asc"), None) => false,
            (Some("desc"), None) => true,
            _ => {
                return Err(wrong(format!(
                    "has {:?}, which is not a field with or without desc",
                    part.trim()
                )));
            }
        };
        if keys.iter().any(|(known, _)| *known == column) {
            return Err(wrong(format!("has {:?} twice", part.trim())));
        }
        keys.push((column, descending));
    }
    if keys.len() > limits::ORDER_KEYS {
        return Err(wrong(format!("has more than {} fields", limits::ORDER_KEYS)));
    }
    Ok(if keys.is_empty() { vec![(Column::CreatedAt, true)] } else { keys })
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
