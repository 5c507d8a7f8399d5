//! What can be known about an expression before it runs: that its names and functions exist, that its parts fit, and
//! that it answers yes or no. What depends on a value is left to the evaluation.

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr};

use super::field::{BODY, Field, Object, Scope, Type};

/// Checks an expression of a scope; `calendar` says which calendars exist.
pub(super) fn check(expr: &IdedExpr, scope: Scope, calendar: &dyn Fn(&str) -> bool) -> Result<(), String> {
    let mut checker = Checker { scope, calendar, bound: Vec::new() };
    match checker.expr(expr)? {
        Type::Bool | Type::Any => Ok(()),
        other => Err(format!("must be bool, is {}", other.name())),
    }
}

/// Checks a formula of a map, which gives a text or what can be written as one.
pub(super) fn check_text(expr: &IdedExpr) -> Result<(), String> {
    let mut checker = Checker { scope: Scope::Body, calendar: &|_| false, bound: Vec::new() };
    match checker.expr(expr)? {
        Type::Text | Type::Int | Type::Double | Type::Bool | Type::Any => Ok(()),
        other => Err(format!("must be string, int, double or bool, is {}", other.name())),
    }
}

struct Checker<'a> {
    scope: Scope,
    calendar: &'a dyn Fn(&str) -> bool,
    /// Variables of the macro being checked.
    bound: Vec<(String, Type)>,
}

impl Checker<'_> {
    fn expr(&mut self, expr: &IdedExpr) -> Result<Type, String> {
        match &expr.expr {
            Expr::Literal(literal) => Ok(match literal {
                LiteralValue::Boolean(_) => Type::Bool,
                LiteralValue::Double(_) => Type::Double,
                LiteralValue::Int(_) | LiteralValue::UInt(_) => Type::Int,
                LiteralValue::String(_) => Type::Text,
                LiteralValue::Bytes(_) | LiteralValue::Null => Type::Any,
            }),
            Expr::Ident(name) => self.ident(name),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(c) => self.comprehension(c),
            Expr::List(list) => {
                list.elements.iter().try_for_each(|element| self.expr(element).map(drop))?;
                Ok(Type::List)
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.expr(&entry.key)?;
                        self.expr(&entry.value)?;
                    }
                }
                Ok(Type::Any)
            }
            Expr::Struct(_) | Expr::Unspecified => Err("struct literals are not taken".to_owned()),
        }
    }

    fn ident(&self, name: &str) -> Result<Type, String> {
        if let Some((_, kind)) = self.bound.iter().rev().find(|(bound, _)| bound == name) {
            return Ok(*kind);
        }
        if self.scope == Scope::Body && name == BODY {
            return Ok(Type::Any);
        }
        match Object::parse(name) {
            Some(object) if !object.within(self.scope) => {
                Err(format!("{name} is not known here: {} sees {}", self.place(), self.names()))
            }
            Some(Object::Open) => Ok(Type::Calendars),
            Some(_) => Ok(Type::Object),
            None => Err(format!("{name} is not known: {} sees {}", self.place(), self.names())),
        }
    }

    fn place(&self) -> &'static str {
        match self.scope {
            Scope::Route => "a route",
            Scope::Rule => "a rule",
            Scope::Sla => "an SLA definition",
            Scope::Body => "a map",
        }
    }

    fn names(&self) -> &'static str {
        match self.scope {
            Scope::Route => "signal and label()",
            Scope::Rule => "signal, service, open and label()",
            Scope::Sla => "incident and label()",
            Scope::Body => "body",
        }
    }

    fn select(&mut self, select: &SelectExpr) -> Result<Type, String> {
        let kind = match self.expr(&select.operand)? {
            Type::Object => {
                let Expr::Ident(object) = &select.operand.expr else {
                    return Err(format!(".{} of what is no name", select.field));
                };
                let qualified = format!("{object}.{}", select.field);
                Field::parse(&qualified).ok_or_else(|| format!("{qualified} does not exist"))?.kind()
            }
            Type::Texts => Type::Text,
            Type::Doubles => Type::Double,
            Type::Any => Type::Any,
            other => return Err(format!("{} has no field {}", other.name(), select.field)),
        };
        Ok(if select.test { Type::Bool } else { kind })
    }

    fn call(&mut self, call: &CallExpr) -> Result<Type, String> {
        let mut kinds = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            kinds.push(self.expr(arg)?);
        }
        if let Some(target) = &call.target {
            let target = self.expr(target)?;
            return member(&call.func_name, target, &kinds);
        }
        match (call.func_name.as_str(), kinds.as_slice()) {
            (op::LOGICAL_AND | op::LOGICAL_OR, [a, b]) => {
                expect(*a, Type::Bool, "an operand of && or ||")?;
                expect(*b, Type::Bool, "an operand of && or ||")
            }
            (op::LOGICAL_NOT | op::NOT_STRICTLY_FALSE, [a]) => expect(*a, Type::Bool, "the operand of !"),
            (op::EQUALS | op::NOT_EQUALS, [a, b]) => comparable(*a, *b),
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, [a, b]) => {
                if matches!(a, Type::List) || matches!(b, Type::List) {
                    return Err("lists have no order".to_owned());
                }
                comparable(*a, *b)
            }
            (op::IN, [_, Type::List | Type::Texts | Type::Doubles | Type::Any]) => Ok(Type::Bool),
            (op::IN, [_, other]) => Err(format!("in needs a list or a map, not {}", other.name())),
            (op::CONDITIONAL, [condition, yes, no]) => {
                expect(*condition, Type::Bool, "the condition of ?:")?;
                Ok(if yes == no { *yes } else { Type::Any })
            }
            (op::INDEX, [of, _]) => self.index(call, *of),
            (op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO, [a, b]) => {
                arithmetic(&call.func_name, *a, *b)
            }
            (op::NEGATE, [a]) => Ok(*a),
            ("label", _) if self.scope == Scope::Body => {
                Err("label() is not known here: a map makes the labels".to_owned())
            }
            (name, kinds) => global(name, kinds),
        }
    }

    fn index(&self, call: &CallExpr, of: Type) -> Result<Type, String> {
        match of {
            Type::Texts => Ok(Type::Text),
            Type::Doubles => Ok(Type::Double),
            Type::List | Type::Any => Ok(Type::Any),
            Type::Calendars => match call.args.get(1).map(|key| &key.expr) {
                Some(Expr::Literal(LiteralValue::String(name))) if (self.calendar)(name.inner()) => {
                    Ok(Type::Bool)
                }
                Some(Expr::Literal(LiteralValue::String(name))) => {
                    Err(format!("calendar {:?} does not exist", name.inner()))
                }
                _ => Err("open[…] needs a calendar's id in quotes".to_owned()),
            },
            other => Err(format!("{} cannot be indexed", other.name())),
        }
    }

    fn comprehension(&mut self, c: &ComprehensionExpr) -> Result<Type, String> {
        let item = match self.expr(&c.iter_range)? {
            Type::Texts | Type::Doubles => Type::Text,
            Type::List | Type::Any => Type::Any,
            other => return Err(format!("a macro needs a list or a map, not {}", other.name())),
        };
        let accu = self.expr(&c.accu_init)?;
        let before = self.bound.len();
        self.bound.push((c.iter_var.clone(), item));
        if let Some(second) = &c.iter_var2 {
            self.bound.push((second.clone(), Type::Any));
        }
        self.bound.push((c.accu_var.clone(), accu));
        let result =
            self.expr(&c.loop_cond).and_then(|_| self.expr(&c.loop_step)).and_then(|_| self.expr(&c.result));
        self.bound.truncate(before);
        result
    }
}

fn expect(found: Type, wanted: Type, what: &str) -> Result<Type, String> {
    if found == wanted || found == Type::Any {
        Ok(wanted)
    } else {
        Err(format!("{what} must be {}, is {}", wanted.name(), found.name()))
    }
}

fn comparable(a: Type, b: Type) -> Result<Type, String> {
    let number = |t| matches!(t, Type::Int | Type::Double);
    let whole = |t| matches!(t, Type::Texts | Type::Doubles | Type::Calendars | Type::Object);
    if whole(a) || whole(b) {
        return Err("maps and objects cannot be compared: compare their fields".to_owned());
    }
    if a == b || a == Type::Any || b == Type::Any || (number(a) && number(b)) {
        Ok(Type::Bool)
    } else {
        Err(format!("{} can never equal {}", a.name(), b.name()))
    }
}

fn arithmetic(name: &str, a: Type, b: Type) -> Result<Type, String> {
    let sign = name.trim_matches('_');
    match (a, b) {
        (Type::Any, _) | (_, Type::Any) => Ok(Type::Any),
        (Type::Int, Type::Int) => Ok(Type::Int),
        (Type::Double, Type::Double) if name != op::MODULO => Ok(Type::Double),
        (Type::Text, Type::Text) if name == op::ADD => Ok(Type::Text),
        (Type::List, Type::List) if name == op::ADD => Ok(Type::List),
        (Type::Instant, Type::Instant) if name == op::SUBSTRACT => Ok(Type::Length),
        (Type::Instant, Type::Length) if name == op::ADD || name == op::SUBSTRACT => Ok(Type::Instant),
        (Type::Length, Type::Instant) if name == op::ADD => Ok(Type::Instant),
        (Type::Length, Type::Length) if name == op::ADD || name == op::SUBSTRACT => Ok(Type::Length),
        _ => Err(format!("{} {sign} {} does not exist", a.name(), b.name())),
    }
}

fn member(name: &str, target: Type, args: &[Type]) -> Result<Type, String> {
    match (name, args) {
        ("contains" | "startsWith" | "endsWith" | "matches", [arg]) => {
            expect(target, Type::Text, &format!("what {name}() is asked of"))?;
            expect(*arg, Type::Text, &format!("the argument of {name}()"))?;
            Ok(Type::Bool)
        }
        ("size", []) => Ok(Type::Int),
        (
            "getFullYear" | "getMonth" | "getDate" | "getDayOfMonth" | "getDayOfWeek" | "getDayOfYear"
            | "getHours" | "getMinutes" | "getSeconds" | "getMilliseconds",
            [] | [_],
        ) => match target {
            Type::Instant | Type::Length | Type::Any => Ok(Type::Int),
            other => Err(format!("{name}() needs a timestamp, not {}", other.name())),
        },
        _ => Err(format!("{name}() with {} arguments is not known", args.len())),
    }
}

fn global(name: &str, args: &[Type]) -> Result<Type, String> {
    match (name, args) {
        ("label", [arg]) => expect(*arg, Type::Text, "the argument of label()"),
        ("matches", [text, pattern]) => {
            expect(*text, Type::Text, "what matches() is asked of")?;
            expect(*pattern, Type::Text, "the argument of matches()")?;
            Ok(Type::Bool)
        }
        ("size" | "int" | "uint", [_]) => Ok(Type::Int),
        ("double", [_]) => Ok(Type::Double),
        ("string", [_]) => Ok(Type::Text),
        ("bool", [_]) => Ok(Type::Bool),
        ("timestamp", [_]) => Ok(Type::Instant),
        ("duration", [_]) => Ok(Type::Length),
        ("dyn", [_]) => Ok(Type::Any),
        _ => Err(format!("{name}() with {} arguments is not known", args.len())),
    }
}
