//! The page is well-formed and the same each time, and a log is read with its span. What the figures say is tested in
//! the core.

use stentor_core::backtest::{Report, Version, compare, replay};
use stentor_core::history_log::read;
use stentor_core::policy::{SAMPLE, parse};

use super::{html, log};

const LINE: &str = concat!(
    r#"{"incident":"A-1 <&>","source":"x","source_ref":"A-1","imported":true,"entries":["#,
    r#"{"at":"2026-06-03T10:00:00Z","who":"integrations/x","signal":{"kind":"report","title":"t","priority":"P1","#,
    r#""service":"checkout"}},{"at":"2026-06-03T23:10:00Z","who":"people/ana","action":"acknowledge"}],"#,
    r#""remarks":["a < b"]}"#
);

fn report() -> Report {
    let version = Version::compile(parse(SAMPLE).unwrap(), 1).unwrap();
    let record = read(1, LINE).unwrap();
    let side = replay(&record, &version, &Default::default(), 1, None);
    let mut report = Report::default();
    report.add(&record, &side, &side, &compare(&record, &side, &side), &version);
    report.finish();
    report
}

#[test]
fn the_page_is_well_formed_and_stands_alone() {
    let page = html::page(&report());
    let body = page.strip_prefix("<!DOCTYPE html>\n").unwrap();
    let tree = roxmltree::Document::parse(body).unwrap();
    assert_eq!(
        tree.descendants().filter(|n| n.has_tag_name(("http://www.w3.org/2000/svg", "svg"))).count(),
        4
    );
    assert!(!page.contains("src=") && !page.contains("href="), "it fetches nothing");
    assert!(page.contains("keeps its recorded instant"));
    assert_eq!(page, html::page(&report()));
}

#[test]
fn a_log_is_read_with_its_span() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.jsonl");
    std::fs::write(&file, format!("{LINE}\n\n{LINE}\n")).unwrap();
    assert_eq!(log::records(&file, None, None).unwrap().len(), 2);
    let later = "2026-06-03T10:00:01Z".parse().ok();
    assert!(log::records(&file, later, None).unwrap().is_empty());
    std::fs::write(&file, format!("{LINE}\n{{}}\n")).unwrap();
    assert!(log::records(&file, None, None).unwrap_err().to_string().contains("line 2"));
}

#[test]
fn a_bar_fills_up() {
    assert_eq!(log::bar(0, 4), format!("[{}] 0 of 4", ".".repeat(40)));
    assert_eq!(log::bar(4, 4), format!("[{}] 4 of 4", "#".repeat(40)));
}
