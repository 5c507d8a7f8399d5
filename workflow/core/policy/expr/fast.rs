//! Most conditions compare a few fields with constants. This recognises them in the parsed expression and answers without
//! the interpreter; what it does not recognise, and what would be an error, it leaves to the interpreter.

use std::collections::BTreeMap;

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};
use regex::Regex;

use super::facts::{Fact, Facts};
use super::field::{Field, LABEL, PATTERN, Type};

/// A condition that needs no interpreter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fast {
    Const(bool),
    Flag(Field),
    Open(String),
    Is(Text, String),
    OneOf(Text, Vec<String>),
    Contains(Text, String),
    StartsWith(Text, String),
    EndsWith(Text, String),
    Matches(Text, usize),
    /// The map has the key.
    Has(Field, String),
    Number(Field, Order, i64),
    Not(Box<Fast>),
    All(Vec<Fast>),
    Any(Vec<Fast>),
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Text {
    Field(Field),
    /// `label("x")`: empty when absent.
    Label(String),
    /// A map's entry: an error when absent.
    Entry(Field, String),
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The fast form of a rewritten expression, if it has one.
pub(super) fn recognise(expr: &IdedExpr) -> Option<Fast> {
    match &expr.expr {
        Expr::Literal(LiteralValue::Boolean(value)) => Some(Fast::Const(*value.inner())),
        Expr::Select(select) if select.test => {
            let field = field(&select.operand).filter(|f| f.kind() == Type::Texts)?;
            Some(Fast::Has(field, select.field.clone()))
        }
        Expr::Select(_) => field(expr).filter(|f| f.kind() == Type::Bool).map(Fast::Flag),
        Expr::Call(call) => recognise_call(call),
        _ => None,
    }
}

fn recognise_call(call: &CallExpr) -> Option<Fast> {
    if let Some(target) = &call.target {
        let [arg] = call.args.as_slice() else { return None };
        let (text, part) = (text(target)?, literal(arg)?.to_owned());
        return match call.func_name.as_str() {
            "contains" => Some(Fast::Contains(text, part)),
            "startsWith" => Some(Fast::StartsWith(text, part)),
            "endsWith" => Some(Fast::EndsWith(text, part)),
            _ => None,
        };
    }
    match (call.func_name.as_str(), call.args.as_slice()) {
        (op::LOGICAL_NOT, [inner]) => Some(Fast::Not(Box::new(recognise(inner)?))),
        (op::LOGICAL_AND, [a, b]) => {
            let mut all = Vec::new();
            for part in [recognise(a)?, recognise(b)?] {
                match part {
                    Fast::All(inner) => all.extend(inner),
                    other => all.push(other),
                }
            }
            Some(Fast::All(all))
        }
        (op::LOGICAL_OR, [a, b]) => {
            let mut any = Vec::new();
            for part in [recognise(a)?, recognise(b)?] {
                match part {
                    Fast::Any(inner) => any.extend(inner),
                    other => any.push(other),
                }
            }
            Some(Fast::Any(any))
        }
        (op::EQUALS, [a, b]) => equal(a, b).or_else(|| equal(b, a)),
        (op::NOT_EQUALS, [a, b]) => equal(a, b).or_else(|| equal(b, a)).map(|same| Fast::Not(Box::new(same))),
        (op::LESS, [a, b]) => number(a, Order::Less, b),
        (op::LESS_EQUALS, [a, b]) => number(a, Order::LessOrEqual, b),
        (op::GREATER, [a, b]) => number(a, Order::Greater, b),
        (op::GREATER_EQUALS, [a, b]) => number(a, Order::GreaterOrEqual, b),
        (op::IN, [a, b]) => member(a, b),
        (op::INDEX, [of, key]) => match &of.expr {
            Expr::Ident(name) if name == "open" => Some(Fast::Open(literal(key)?.to_owned())),
            _ => None,
        },
        _ => None,
    }
}

fn equal(a: &IdedExpr, b: &IdedExpr) -> Option<Fast> {
    if let Some(value) = literal(b) {
        return Some(Fast::Is(text(a)?, value.to_owned()));
    }
    if let Expr::Literal(LiteralValue::Boolean(value)) = &b.expr {
        let inner = recognise(a)?;
        return Some(if *value.inner() { inner } else { Fast::Not(Box::new(inner)) });
    }
    number(a, Order::Equal, b)
}

fn number(a: &IdedExpr, order: Order, b: &IdedExpr) -> Option<Fast> {
    let field = field(a).filter(|f| f.kind() == Type::Int)?;
    match &b.expr {
        Expr::Literal(LiteralValue::Int(value)) => Some(Fast::Number(field, order, *value.inner())),
        _ => None,
    }
}

fn member(a: &IdedExpr, b: &IdedExpr) -> Option<Fast> {
    match &b.expr {
        Expr::List(list) if list.optional_indices.is_empty() => {
            let values: Option<Vec<String>> =
                list.elements.iter().map(|element| literal(element).map(str::to_owned)).collect();
            Some(Fast::OneOf(text(a)?, values?))
        }
        Expr::Ident(name) => {
            let index = name.strip_prefix(PATTERN)?.parse().ok()?;
            Some(Fast::Matches(text(a)?, index))
        }
        _ => {
            let map = field(b).filter(|f| matches!(f.kind(), Type::Texts | Type::Doubles))?;
            Some(Fast::Has(map, literal(a)?.to_owned()))
        }
    }
}

fn literal(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

fn field(expr: &IdedExpr) -> Option<Field> {
    let Expr::Select(select) = &expr.expr else { return None };
    let Expr::Ident(object) = &select.operand.expr else { return None };
    if select.test { None } else { Field::parse(&format!("{object}.{}", select.field)) }
}

fn text(expr: &IdedExpr) -> Option<Text> {
    if let Some(field) = field(expr) {
        return (field.kind() == Type::Text).then_some(Text::Field(field));
    }
    match &expr.expr {
        Expr::Select(select) if !select.test => {
            let map = field(&select.operand).filter(|f| f.kind() == Type::Texts)?;
            Some(Text::Entry(map, select.field.clone()))
        }
        Expr::Call(call) if call.func_name == op::INDEX => {
            let [of, key] = call.args.as_slice() else { return None };
            let key = literal(key)?.to_owned();
            match &of.expr {
                Expr::Ident(name) if name == LABEL => Some(Text::Label(key)),
                _ => {
                    let map = field(of).filter(|f| f.kind() == Type::Texts)?;
                    Some(Text::Entry(map, key))
                }
            }
        }
        _ => None,
    }
}

impl Text {
    fn read<'a>(&self, facts: &Facts<'a>) -> Option<&'a str> {
        match self {
            Text::Field(field) => match facts.get(*field)? {
                Fact::Text(text) => Some(text),
                _ => None,
            },
            Text::Label(name) => Some(facts.labels().get(name).map_or("", String::as_str)),
            Text::Entry(field, key) => map(facts, *field)?.get(key).map(String::as_str),
        }
    }
}

fn map<'a>(facts: &Facts<'a>, field: Field) -> Option<&'a BTreeMap<String, String>> {
    match facts.get(field)? {
        Fact::Texts(map) | Fact::Doubles(map) => Some(map),
        _ => None,
    }
}

impl Fast {
    /// The answer; `None` where the interpreter must say what is wrong.
    pub(super) fn holds(&self, facts: &Facts<'_>, patterns: &[Regex]) -> Option<bool> {
        match self {
            Fast::Const(value) => Some(*value),
            Fast::Flag(field) => match facts.get(*field)? {
                Fact::Bool(value) => Some(value),
                _ => None,
            },
            Fast::Open(calendar) => facts.open(calendar),
            Fast::Is(text, value) => Some(text.read(facts)? == value),
            Fast::OneOf(text, values) => {
                let text = text.read(facts)?;
                Some(values.iter().any(|value| value == text))
            }
            Fast::Contains(text, part) => Some(text.read(facts)?.contains(part.as_str())),
            Fast::StartsWith(text, part) => Some(text.read(facts)?.starts_with(part.as_str())),
            Fast::EndsWith(text, part) => Some(text.read(facts)?.ends_with(part.as_str())),
            Fast::Matches(text, index) => Some(patterns.get(*index)?.is_match(text.read(facts)?)),
            Fast::Has(field, key) => Some(map(facts, *field)?.contains_key(key)),
            Fast::Number(field, order, value) => match facts.get(*field)? {
                Fact::Int(number) => Some(order.holds(number, *value)),
                _ => None,
            },
            Fast::Not(inner) => inner.holds(facts, patterns).map(|value| !value),
            Fast::All(parts) => {
                for part in parts {
                    if !part.holds(facts, patterns)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Fast::Any(parts) => {
                for part in parts {
                    if part.holds(facts, patterns)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
        }
    }
}

impl Order {
    fn holds(self, a: i64, b: i64) -> bool {
        match self {
            Order::Equal => a == b,
            Order::Less => a < b,
            Order::LessOrEqual => a <= b,
            Order::Greater => a > b,
            Order::GreaterOrEqual => a >= b,
        }
    }
}
