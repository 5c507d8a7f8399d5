//! The walls before the expression language: length, brackets and operators before parsing, nodes, depth and macros
//! after it. Evaluation itself has no limits, so that what passes here must be cheap by its form.

use cel::common::ast::operators;
use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue};
use regex::{Regex, RegexBuilder};

use super::field::{LABEL, PATTERN};

/// Longest expression in bytes.
const MAX_TEXT: usize = 4 * 1024;
/// Most nodes of the parsed expression.
const MAX_NODES: usize = 500;
/// Deepest nesting of the parsed expression.
const MAX_DEPTH: usize = 32;
/// Longest pattern of `matches()` in bytes.
const MAX_PATTERN: usize = 1024;
/// Memory of one compiled pattern in bytes.
const MAX_COMPILED: usize = 1 << 20;

/// Refuses texts that would cost the parser too much: it recurses, and runs before anything can be counted.
pub(super) fn before_parsing(source: &str) -> Result<(), String> {
    if source.len() > MAX_TEXT {
        return Err(format!("{} bytes, at most {MAX_TEXT} are taken", source.len()));
    }
    let (mut depth, mut deepest, mut signs) = (0_usize, 0, 0);
    let mut quote = None;
    let mut escaped = false;
    for c in source.chars() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, '+' | '-' | '*' | '/' | '%' | '?' | '.' | '!' | '<' | '>' | '=' | '&' | '|') => signs += 1,
            (None, _) => {}
        }
    }
    if deepest > MAX_DEPTH {
        return Err(format!("brackets nest {deepest} deep, at most {MAX_DEPTH} are taken"));
    }
    if signs > 2 * MAX_NODES {
        return Err(format!("more than {MAX_NODES} operations"));
    }
    Ok(())
}

/// Counts nodes and depth, and refuses nested macros and struct literals.
pub(super) fn size(expr: &IdedExpr) -> Result<(), String> {
    let mut nodes = 0;
    walk(expr, 1, false, &mut nodes)
}

fn walk(expr: &IdedExpr, depth: usize, in_macro: bool, nodes: &mut usize) -> Result<(), String> {
    *nodes += 1;
    if *nodes > MAX_NODES {
        return Err(format!("more than {MAX_NODES} nodes"));
    }
    if depth > MAX_DEPTH {
        return Err(format!("more than {MAX_DEPTH} levels deep"));
    }
    let mut each = |inner: &IdedExpr, in_macro| walk(inner, depth + 1, in_macro, nodes);
    match &expr.expr {
        Expr::Call(call) => {
            call.target.iter().try_for_each(|target| each(target, in_macro))?;
            call.args.iter().try_for_each(|arg| each(arg, in_macro))
        }
        Expr::Comprehension(_) if in_macro => Err("a macro inside another".to_owned()),
        Expr::Comprehension(c) => {
            each(&c.iter_range, true)?;
            each(&c.accu_init, true)?;
            each(&c.loop_cond, true)?;
            each(&c.loop_step, true)?;
            each(&c.result, true)
        }
        Expr::List(list) => list.elements.iter().try_for_each(|element| each(element, in_macro)),
        Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
            EntryExpr::MapEntry(entry) => {
                each(&entry.key, in_macro)?;
                each(&entry.value, in_macro)
            }
            EntryExpr::StructField(_) => Err("struct literals are not taken".to_owned()),
        }),
        Expr::Select(select) => each(&select.operand, in_macro),
        Expr::Struct(_) => Err("struct literals are not taken".to_owned()),
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Ok(()),
    }
}

/// Replaces `label(x)` by a look-up that never fails, and `x.matches("…")` by a test against a pattern compiled here
/// once; returns the patterns.
pub(super) fn rewrite(expr: &mut IdedExpr, patterns: &mut Vec<Regex>) -> Result<(), String> {
    match &mut expr.expr {
        Expr::Call(call) => {
            if let Some(target) = &mut call.target {
                rewrite(target, patterns)?;
            }
            call.args.iter_mut().try_for_each(|arg| rewrite(arg, patterns))?;
            rewrite_call(call, patterns)
        }
        Expr::Comprehension(c) => {
            let c = c.as_mut();
            for part in
                [&mut c.iter_range, &mut c.accu_init, &mut c.loop_cond, &mut c.loop_step, &mut c.result]
            {
                rewrite(part, patterns)?;
            }
            Ok(())
        }
        Expr::List(list) => list.elements.iter_mut().try_for_each(|element| rewrite(element, patterns)),
        Expr::Map(map) => map.entries.iter_mut().try_for_each(|entry| match &mut entry.expr {
            EntryExpr::MapEntry(entry) => {
                rewrite(&mut entry.key, patterns)?;
                rewrite(&mut entry.value, patterns)
            }
            EntryExpr::StructField(_) => Ok(()),
        }),
        Expr::Select(select) => rewrite(&mut select.operand, patterns),
        Expr::Struct(_) | Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Ok(()),
    }
}

fn rewrite_call(call: &mut CallExpr, patterns: &mut Vec<Regex>) -> Result<(), String> {
    let ident = |name: String| IdedExpr { id: 0, expr: Expr::Ident(name) };
    if call.func_name == "label" && call.target.is_none() && call.args.len() == 1 {
        call.func_name = operators::INDEX.to_owned();
        call.args.insert(0, ident(LABEL.to_owned()));
        return Ok(());
    }
    if call.func_name != "matches" {
        return Ok(());
    }
    let (subject, pattern) = match (call.target.take(), call.args.as_slice()) {
        (Some(target), [pattern]) => (*target, pattern.clone()),
        (None, [subject, pattern]) => (subject.clone(), pattern.clone()),
        _ => return Err("matches() takes a text and a pattern".to_owned()),
    };
    let Expr::Literal(LiteralValue::String(pattern)) = pattern.expr else {
        return Err("matches() needs a literal pattern".to_owned());
    };
    let compiled = compile(pattern.inner())?;
    let index = patterns.len();
    patterns.push(compiled);
    call.func_name = operators::IN.to_owned();
    call.args = vec![subject, ident(format!("{PATTERN}{index}"))];
    Ok(())
}

fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > MAX_PATTERN {
        return Err(format!("a pattern of {} bytes, at most {MAX_PATTERN} are taken", pattern.len()));
    }
    RegexBuilder::new(pattern)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .build()
        .map_err(|e| format!("pattern {pattern:?}: {}", e.to_string().lines().last().unwrap_or_default()))
}
