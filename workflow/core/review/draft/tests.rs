//! Drafts from short histories.

use std::collections::BTreeMap;

use super::{Entry, draft};
use crate::actor::Actor;
use crate::incident::event::{Event, LifeEvent, PagingEvent};
use crate::incident::kinds::{Audience, HypothesisState, Phase, Priority, ResolutionCode};
use crate::incident::work::{ChecklistField, ChecklistItem};
use crate::incident::work_event::WorkEvent;
use crate::review::Section;
use crate::testing::{Story, at};

fn history() -> Vec<Entry> {
    let ana = || Actor::Person("ana".into());
    let text = |text: &str| text.to_owned();
    let events: Vec<(&str, Event)> = vec![
        ("10:00", LifeEvent::Declared.into()),
        ("10:04", PagingEvent::Acknowledged { holder: ana(), complete: true, terms: None }.into()),
        (
            "10:05",
            WorkEvent::HypothesisProposed {
                n: 1,
                statement: text("the pool\n is full"),
                evidence: Vec::new(),
            }
            .into(),
        ),
        ("10:06", WorkEvent::NoteAdded { text: text("hm"), by_reporter: false, late: false }.into()),
        (
            "10:10",
            WorkEvent::UpdatePosted {
                n: 1,
                text: text("we know"),
                audience: Audience::Public,
                next_in: None,
            }
            .into(),
        ),
        (
            "10:20",
            WorkEvent::FixApplied {
                n: 1,
                summary: text("restart"),
                ready_at: at("10:30"),
                verifies_at: None,
            }
            .into(),
        ),
        ("10:30", WorkEvent::FixVerified { n: 1, how: text("orders pass"), automatic: false }.into()),
        (
            "10:31",
            WorkEvent::HypothesisChanged {
                n: 1,
                state: HypothesisState::Confirmed,
                evidence: Vec::new(),
                note: String::new(),
            }
            .into(),
        ),
        (
            "10:32",
            LifeEvent::Resolved {
                code: ResolutionCode::Fixed,
                note: text("over"),
                how_verified: text("ordered twice"),
                by_itself: false,
                forced: None,
            }
            .into(),
        ),
        (
            "10:40",
            WorkEvent::ChecklistFilled {
                field: ChecklistField::Lessons,
                item: ChecklistItem::Done(text("watch the pool")),
            }
            .into(),
        ),
    ];
    (1..).zip(events).map(|(n, (when, event))| (n, at(when), ana(), event)).collect()
}

fn sections() -> BTreeMap<Section, String> {
    let story = Story::incident(Phase::Active, Priority::P1);
    draft(story.incident_state(), &history()).into_iter().collect()
}

#[test]
fn the_timeline_tells_what_people_will_ask_about_and_nothing_else() {
    let expected = "\
- 2026-06-03T10:00:00Z people/ana: declared (#1)
- 2026-06-03T10:04:00Z people/ana: acknowledged by people/ana (#2)
- 2026-06-03T10:10:00Z people/ana: update to PUBLIC: we know (#5)
- 2026-06-03T10:20:00Z people/ana: fix 1 applied: restart (#6)
- 2026-06-03T10:30:00Z people/ana: fix 1 verified: orders pass (#7)
- 2026-06-03T10:31:00Z people/ana: confirmed: the pool is full (#8)
- 2026-06-03T10:32:00Z people/ana: resolved FIXED: over (checked: ordered twice) (#9)
";
    assert_eq!(sections()[&Section::Timeline], expected);
}

#[test]
fn the_response_is_measured_from_the_first_entry() {
    let expected = "\
- people/ana: acknowledged after 4m (#2)
- people/ana: first update posted after 10m (#5)
- people/ana: first fix verified after 30m (#7)
- people/ana: resolved after 32m (#9)
";
    assert_eq!(sections()[&Section::Response], expected);
}

#[test]
fn every_line_cites_an_entry_of_the_history() {
    let known = history().len();
    for (section, text) in sections() {
        for line in text.lines() {
            let cited = line.rsplit_once("(#").and_then(|(_, n)| n.strip_suffix(')')).unwrap_or_default();
            assert!(cited.parse::<usize>().is_ok_and(|n| (1..=known).contains(&n)), "{section}: {line}");
        }
    }
}

#[test]
fn what_is_a_judgement_is_left_to_people() {
    let sections = sections();
    for section in [Section::WentWell, Section::WentBadly, Section::Lucky] {
        assert!(!sections.contains_key(&section));
    }
    assert_eq!(sections[&Section::Lessons], "- watch the pool (#10)\n");
}
