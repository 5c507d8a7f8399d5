//! The report as one page that needs nothing else: figures, drawings and the text behind them, on light and dark ground.

use std::fmt::Write as _;

use stentor_core::backtest::{Report, summary};

use super::bars::{Pair, lying, upright};
use crate::cli::simulate::escape;

const STYLE: &str = "\
:root{color-scheme:light dark;--b:#8a929c;--c:#2f7fd6}\
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse}td,th{padding:.2rem .8rem;text-align:right;border-bottom:1px solid #8a929c55}\
td:first-child,th:first-child{text-align:left}pre{overflow:auto;font-size:13px}\
svg{display:block;max-width:100%;height:auto;margin:.5rem 0 1.5rem}\
.a{font:11px ui-monospace,monospace;fill:currentColor}.b{fill:var(--b)}.c{fill:var(--c)}\
.k{display:inline-block;width:.8rem;height:.8rem;margin:0 .3rem 0 1rem}";

/// The page: a complete HTML document.
pub(super) fn page(report: &Report) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"/><title>Back-test</title>\n\
         <style>{STYLE}</style></head>\n<body>\n<h1>Back-test of {} incidents</h1>\n\
         <p>Opened from {} to {}. Both sides are recomputed from what came in and what people did. \
         <strong>What people did keeps its recorded instant and actor</strong>, whether or not the candidate would have \
         paged them; what a side refuses is dropped and counted, and nothing is invented.</p>\n",
        report.incidents,
        escape(&report.from),
        escape(&report.to)
    );
    figures(&mut out, report);
    out.push_str(
        "<p><span class=\"k\" style=\"background:var(--b)\"></span>baseline\
         <span class=\"k\" style=\"background:var(--c)\"></span>candidate</p>\n",
    );
    drawings(&mut out, report);
    let _ = write!(out, "<h2>All figures</h2>\n<pre>{}</pre>\n</body>\n</html>\n", escape(&summary(report)));
    out
}

fn figures(out: &mut String, report: &Report) {
    let (b, c) = (&report.baseline, &report.candidate);
    let rows = [
        ("pages", b.pages, c.pages),
        ("pages at night (22–07 local)", b.pages_at_night, c.pages_at_night),
        ("breaches", b.breaches, c.breaches),
        ("incidents whose rounds were exhausted", b.exhausted, c.exhausted),
        ("acknowledgements by people not paged before", b.unexplained, c.unexplained),
        ("dropped actions", b.dropped, c.dropped),
        ("first page after, p90 in seconds", whole(b.first_page.p90), whole(c.first_page.p90)),
        ("acknowledged after, p90 in seconds", whole(b.acknowledged.p90), whole(c.acknowledged.p90)),
    ];
    out.push_str("<table><tr><th></th><th>baseline</th><th>candidate</th></tr>\n");
    for (name, before, after) in rows {
        let _ = writeln!(out, "<tr><td>{name}</td><td>{before}</td><td>{after}</td></tr>");
    }
    let _ = writeln!(
        out,
        "</table>\n<p>Pages: {} added, {} removed, {} moved.</p>",
        report.pages_added, report.pages_removed, report.pages_moved
    );
}

fn whole(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0)
}

fn drawings(out: &mut String, report: &Report) {
    let hours = report.hours.baseline.iter().zip(&report.hours.candidate).enumerate();
    let hours: Vec<Pair> = hours
        .map(|(hour, (before, after))| Pair { name: format!("{hour:02}"), before: *before, after: *after })
        .collect();
    let _ = write!(out, "<h2>Pages by hour of day</h2>\n{}", upright("Pages by hour of day", &hours));
    let pair = |name: &str, before, after| Pair { name: name.to_owned(), before, after };
    let people: Vec<Pair> =
        report.people.iter().map(|(id, p)| pair(id.as_str(), p.baseline, p.candidate)).collect();
    let _ = write!(out, "<h2>Pages by person</h2>\n{}", lying("Pages by person", &people));
    let nights = report.people.iter();
    let nights: Vec<Pair> =
        nights.map(|(id, p)| pair(id.as_str(), p.night_baseline, p.night_candidate)).collect();
    let _ = write!(out, "<h2>Pages at night by person</h2>\n{}", lying("Pages at night by person", &nights));
    let breaches: Vec<Pair> =
        report.definitions.iter().map(|(id, b)| pair(id, b.baseline, b.candidate)).collect();
    let _ = write!(out, "<h2>Breaches by definition</h2>\n{}", lying("Breaches by definition", &breaches));
}
