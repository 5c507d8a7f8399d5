//! Drawings are well-formed and the same each time. What the lines say is tested in the core.

use std::collections::BTreeMap;

use stentor_core::history_log::{Action, LoggedSignal};
use stentor_core::policy::{Policy, SAMPLE, parse};
use stentor_core::simulate::{Do, Line, Scenario, Step, simulate};
use stentor_core::time::Duration;

use super::svg::{escape, timeline};

fn lines() -> Vec<Line> {
    let policy = Policy::compile(parse(SAMPLE).unwrap(), 1).unwrap();
    let mut signal = LoggedSignal::alert("prom", "a", "<a> & \"b\"");
    signal.labels.insert("service".to_owned(), "checkout".to_owned());
    signal.severity = Some(stentor_core::incident::kinds::Severity::Critical);
    let step =
        |after, who: Option<&str>, what| Step { after, who: who.map(str::to_owned), incident: 1, what };
    let steps = vec![
        step(Duration::ZERO, None, Do::Signal(Box::new(signal))),
        step(Duration::hours(3), Some("ana"), Do::Action(Action::Acknowledge)),
    ];
    let at = "2026-06-03T10:00:00Z".parse().unwrap();
    simulate(&policy, &BTreeMap::new(), &Scenario { at, length: Duration::hours(24), steps }).unwrap()
}

#[test]
fn the_timeline_is_well_formed_and_has_a_lane_for_everyone() {
    let text = timeline(&lines());
    let tree = roxmltree::Document::parse(&text).unwrap();
    let texts: Vec<&str> = tree.descendants().filter_map(|n| n.text()).collect();
    for lane in ["INC-1", "p1-ack.1", "p1-resolve.1", "ana", "bo", "gus", "hal", "#shop-room"] {
        assert!(texts.contains(&lane), "{lane}");
    }
    assert!(texts.iter().any(|t| t.contains("<a> & \\\"b\\\"")), "titles are escaped, not lost");
    assert!(tree.descendants().any(|n| n.attribute("class") == Some("breach")));
}

#[test]
fn the_timeline_is_the_same_each_time() {
    assert_eq!(timeline(&lines()), timeline(&lines()));
}

#[test]
fn what_xml_cannot_say_is_left_out() {
    assert_eq!(escape("a<b>&\"c\"\u{1}"), "a&lt;b&gt;&amp;&quot;c&quot; ");
}
