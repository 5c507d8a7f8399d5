//! A compiled condition. It is compiled once, at apply, and answers yes, no or what went wrong; it never decides what an
//! error means.

use std::sync::LazyLock;

use cel::common::ast::IdedExpr;
use cel::common::types::CelBool;
use cel::parser::Parser;
use cel::{Context, Value};
use regex::Regex;

use crate::id::IntegrationId;

use super::facts::Facts;
use super::fast::{self, Fast};
use super::field::{Field, Scope};
use super::value::Names;
use super::{check, guard};

/// The standard functions, built once: building them costs more than most evaluations.
pub(super) static ROOT: LazyLock<Context<'static, 'static>> = LazyLock::new(Context::default);

/// An expression within the limits of length, nodes and depth; nothing else is known of it.
pub(super) fn parse(source: &str) -> Result<IdedExpr, String> {
    guard::before_parsing(source)?;
    let root = Parser::default().parse(source).map_err(|errors| {
        errors.to_string().lines().next().unwrap_or("not an expression").trim().to_owned()
    })?;
    guard::size(&root)?;
    Ok(root)
}

/// A condition, ready to be asked.
#[derive(Debug)]
pub struct Program {
    root: IdedExpr,
    patterns: Vec<Regex>,
    fast: Option<Fast>,
}

impl Program {
    /// Compiles a condition of a scope. `calendar` says which calendars `open["…"]` may name.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the expression.
    pub fn compile(source: &str, scope: Scope, calendar: &dyn Fn(&str) -> bool) -> Result<Program, String> {
        let mut root = parse(source)?;
        check::check(&root, scope, calendar)?;
        let mut patterns = Vec::new();
        guard::rewrite(&mut root, &mut patterns)?;
        let fast = fast::recognise(&root);
        Ok(Program { root, patterns, fast })
    }

    /// Whether the condition holds.
    ///
    /// # Errors
    /// What went wrong in the evaluation, e.g. a missing key; callers take it as "no" and record it.
    pub fn holds(&self, facts: &Facts<'_>) -> Result<bool, String> {
        if let Some(answer) = self.fast.as_ref().and_then(|fast| fast.holds(facts, &self.patterns)) {
            return Ok(answer);
        }
        self.interpret(facts)
    }

    /// The interpreter's answer, whatever the fast path thinks.
    pub(super) fn interpret(&self, facts: &Facts<'_>) -> Result<bool, String> {
        let names = Names { facts: *facts, patterns: &self.patterns };
        let root: &Context<'_, '_> = &ROOT;
        let mut scope = root.new_inner_scope();
        scope.set_variable_resolver(&names);
        let value = Value::resolve_val(&self.root, &scope).map_err(|e| e.to_string())?;
        match value.downcast_ref::<CelBool>() {
            Some(answer) => Ok(*answer.inner()),
            None => Err(format!("must be bool, is {}", value.get_type().name())),
        }
    }

    /// The constant that the condition is, if it is one.
    pub fn constant(&self) -> Option<bool> {
        match self.fast {
            Some(Fast::Const(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether the condition can be shown never to hold.
    pub fn never(&self) -> bool {
        self.fast.as_ref().is_some_and(Fast::never)
    }

    /// Whether the condition may hold for some alert of an integration; "yes" where that cannot be told.
    pub fn possible_for_alerts(&self, integration: &IntegrationId) -> bool {
        let known = |field| match field {
            Field::SignalKind => Some("alert"),
            Field::SignalIntegration => Some(integration.as_str()),
            _ => None,
        };
        self.fast.as_ref().is_none_or(|fast| !fast.never() && fast.given(&known) != Some(false))
    }

    /// Whether the fast path answers it.
    #[cfg(test)]
    pub(super) fn is_fast(&self) -> bool {
        self.fast.is_some()
    }
}
