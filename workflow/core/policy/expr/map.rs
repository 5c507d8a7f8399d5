//! Maps of integrations: formulas that read texts out of a JSON body. Compiled once, at apply; what becomes of the texts
//! is not known here.

use std::collections::BTreeMap;

use cel::common::ast::operators as op;
use cel::common::ast::{Expr, IdedExpr, LiteralValue};
use cel::common::types::{CelBool, CelDouble, CelInt, CelNull, CelString, CelUInt};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Value};
use regex::Regex;
use serde_json::Value as Json;

use super::field::{BODY, PATTERN};
use super::program::{ROOT, parse};
use super::value::Pattern;
use super::{check, guard, json};
use crate::policy::document::MapSpec;

/// Most alerts of one body: each costs all formulas.
pub const ALERTS_MAX: usize = 1_000;
/// Most entries of one list or object of a body: a formula may walk one of them.
const ENTRIES_MAX: usize = 10_000;

/// What is wrong, and at which key of the map: `labels.service`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub key: String,
    pub problem: String,
}

impl Wrong {
    fn new(key: impl Into<String>, problem: impl Into<String>) -> Wrong {
        Wrong { key: key.into(), problem: problem.into() }
    }
}

/// An alert's texts as the formulas gave them; empty where a formula is absent, or what it reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapped {
    pub key: String,
    pub title: String,
    pub description: String,
    pub status: String,
    pub severity: String,
    pub source: String,
    pub url: String,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
}

/// A map, ready to read bodies.
#[derive(Debug)]
pub struct Mapping {
    each: Option<Vec<Step>>,
    key: Option<Formula>,
    title: Option<Formula>,
    description: Option<Formula>,
    status: Option<Formula>,
    severity: Option<Formula>,
    source: Option<Formula>,
    url: Option<Formula>,
    labels: BTreeMap<String, Formula>,
    annotations: BTreeMap<String, Formula>,
}

impl Mapping {
    /// Compiles the formulas of a map.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn compile(spec: &MapSpec) -> Result<Mapping, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let mapping = {
            let mut formula = |key: &str, source: &str| {
                Formula::compile(source).map_err(|why| wrong.push(Wrong::new(key, why))).ok()
            };
            let mut optional =
                |key: &str, source: &Option<String>| source.as_ref().and_then(|s| formula(key, s));
            let (key, description) = (optional("key", &spec.key), optional("description", &spec.description));
            let (status, severity) = (optional("status", &spec.status), optional("severity", &spec.severity));
            let (source, url) = (optional("source", &spec.source), optional("url", &spec.url));
            let mut table = |table: &str, sources: &BTreeMap<String, String>| {
                let entries = sources.iter();
                entries
                    .filter_map(|(name, s)| Some((name.clone(), formula(&format!("{table}.{name}"), s)?)))
                    .collect()
            };
            let labels = table("labels", &spec.labels);
            let annotations = table("annotations", &spec.annotations);
            let title = formula("title", &spec.title);
            Mapping {
                each: None,
                key,
                title,
                description,
                status,
                severity,
                source,
                url,
                labels,
                annotations,
            }
        };
        let each = spec.each.as_ref().map(|source| path(source)).transpose();
        let each = each.unwrap_or_else(|why| {
            wrong.push(Wrong::new("each", why));
            None
        });
        if wrong.is_empty() { Ok(Mapping { each, ..mapping }) } else { Err(wrong) }
    }

    /// Reads a body: an entry for each alert, in order.
    ///
    /// # Errors
    /// Why nothing of the body can be read: it is too large, or `each` does not lead to a list.
    pub fn read(&self, body: &Json) -> Result<Vec<Result<Mapped, Wrong>>, Wrong> {
        bounded(body)?;
        let Some(each) = &self.each else { return Ok(vec![self.one(body)]) };
        let entries = follow(each, body)?;
        if entries.len() > ALERTS_MAX {
            let problem = format!("{} alerts at once, at most {ALERTS_MAX} are taken", entries.len());
            return Err(Wrong::new("each", problem));
        }
        Ok(entries.iter().map(|entry| self.one(entry)).collect())
    }

    /// Without its key or its status an alert would be taken for another one; anything else may be missing.
    fn one(&self, body: &Json) -> Result<Mapped, Wrong> {
        let needed = |key: &str, formula: &Option<Formula>| match formula {
            Some(formula) => formula.text(body).map_err(|why| Wrong::new(key, why)),
            None => Ok(String::new()),
        };
        let optional = |formula: &Option<Formula>| {
            formula.as_ref().and_then(|formula| formula.text(body).ok()).unwrap_or_default()
        };
        let table = |formulas: &BTreeMap<String, Formula>| {
            let texts = formulas.iter().filter_map(|(name, f)| Some((name.clone(), f.text(body).ok()?)));
            texts.collect()
        };
        Ok(Mapped {
            key: needed("key", &self.key)?,
            status: needed("status", &self.status)?,
            title: optional(&self.title),
            description: optional(&self.description),
            severity: optional(&self.severity),
            source: optional(&self.source),
            url: optional(&self.url),
            labels: table(&self.labels),
            annotations: table(&self.annotations),
        })
    }
}

/// One expression that gives a text.
#[derive(Debug)]
struct Formula {
    root: IdedExpr,
    patterns: Vec<Regex>,
}

impl Formula {
    fn compile(source: &str) -> Result<Formula, String> {
        let mut root = parse(source)?;
        check::check_text(&root)?;
        let mut patterns = Vec::new();
        guard::rewrite(&mut root, &mut patterns)?;
        Ok(Formula { root, patterns })
    }

    fn text(&self, body: &Json) -> Result<String, String> {
        let names = Body { body, patterns: &self.patterns };
        let root: &Context<'_, '_> = &ROOT;
        let mut scope = root.new_inner_scope();
        scope.set_variable_resolver(&names);
        let value = Value::resolve_val(&self.root, &scope).map_err(|error| error.to_string())?;
        written(value.as_ref())
    }
}

/// Hands the body to an evaluation.
struct Body<'a> {
    body: &'a Json,
    patterns: &'a [Regex],
}

impl VariableResolver for Body<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        if name == BODY {
            return Some(CowVal::Owned(json::value(self.body)));
        }
        let index: usize = name.strip_prefix(PATTERN)?.parse().ok()?;
        self.patterns.get(index).map(|pattern| CowVal::owned(Pattern(pattern)))
    }
}

/// A value as a text; null is the empty one.
fn written(value: &(dyn Val + '_)) -> Result<String, String> {
    if let Some(text) = value.downcast_ref::<CelString>() {
        Ok(text.inner().to_owned())
    } else if let Some(number) = value.downcast_ref::<CelInt>() {
        Ok(number.inner().to_string())
    } else if let Some(number) = value.downcast_ref::<CelUInt>() {
        Ok(number.inner().to_string())
    } else if let Some(number) = value.downcast_ref::<CelDouble>() {
        Ok(number.inner().to_string())
    } else if let Some(yes) = value.downcast_ref::<CelBool>() {
        Ok(yes.inner().to_string())
    } else if value.downcast_ref::<CelNull>().is_some() {
        Ok(String::new())
    } else {
        Err(format!("is {}, not a text", value.get_type().name()))
    }
}

/// A step of `each`.
#[derive(Debug)]
enum Step {
    Name(String),
    Place(usize),
}

/// The path to a list. It is no formula: entries that a formula made could each be as large as the body.
fn path(source: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let (root, no_path) = (parse(source)?, || "must be a path such as body.items".to_owned());
    let mut at = &root;
    loop {
        match &at.expr {
            Expr::Ident(name) if name == BODY => break,
            Expr::Select(select) if !select.test => {
                steps.push(Step::Name(select.field.clone()));
                at = &select.operand;
            }
            Expr::Call(call) if call.func_name == op::INDEX => {
                let [of, index] = call.args.as_slice() else { return Err(no_path()) };
                steps.push(match &index.expr {
                    Expr::Literal(LiteralValue::String(name)) => Step::Name(name.inner().to_owned()),
                    Expr::Literal(LiteralValue::Int(n)) => {
                        Step::Place(usize::try_from(*n.inner()).map_err(|_| no_path())?)
                    }
                    _ => return Err(no_path()),
                });
                at = of;
            }
            _ => return Err(no_path()),
        }
    }
    steps.reverse();
    Ok(steps)
}

fn follow<'a>(steps: &[Step], body: &'a Json) -> Result<&'a Vec<Json>, Wrong> {
    let mut at = body;
    for step in steps {
        let (next, name) = match step {
            Step::Name(name) => (at.get(name), format!("{name:?}")),
            Step::Place(n) => (at.get(n), n.to_string()),
        };
        at = next.ok_or_else(|| Wrong::new("each", format!("there is no {name} in the body")))?;
    }
    at.as_array().ok_or_else(|| Wrong::new("each", "what it leads to is not a list"))
}

/// Refuses a body that a formula would walk for too long.
fn bounded(body: &Json) -> Result<(), Wrong> {
    let mut left = vec![body];
    while let Some(json) = left.pop() {
        let entries = match json {
            Json::Array(entries) => entries.len(),
            Json::Object(entries) => entries.len(),
            _ => continue,
        };
        if entries > ENTRIES_MAX {
            let problem = format!("a list or object of {entries} entries, at most {ENTRIES_MAX} are taken");
            return Err(Wrong::new("body", problem));
        }
        match json {
            Json::Array(entries) => left.extend(entries),
            Json::Object(entries) => left.extend(entries.values()),
            _ => {}
        }
    }
    Ok(())
}
