//! The stored form of every event of an incident, and of an incident: frozen in files that old histories are read by. A
//! field may be added if it is optional; everything else that changes these lines loses somebody's history.
//!
//! A new event gets the line that the failing test proposes; the old lines stay as they are.

use super::golden_lives;
use crate::incident::Incident;
use crate::incident::event::{AlertEvent, Event, LifeEvent, PagingEvent, SlaEvent};
use crate::incident::work_event::WorkEvent;

/// The names of all variants of an enum; a variant that is not listed does not compile.
macro_rules! every {
    ($family:literal $of:ident: $($variant:ident)*) => {{
        fn exhaustive(event: &$of) {
            match event { $($of::$variant { .. } => {})* }
        }
        let _: fn(&$of) = exhaustive;
        vec![$(format!("{} {}", $family, stringify!($variant))),*]
    }};
}

fn every_event() -> Vec<String> {
    let mut names = Vec::new();
    names.extend(every!("life" LifeEvent:
        Reported Alerted SplitOff Triaged PriorityChanged Declared Assigned Mitigated Relapsed Resolved
        AutoResolved Reopened Closed Documented Cancelled MergeStarted Absorbed Merged MergeRefused
        SplitOut Related Unrelated ReviewRequested ReviewLinked PolicyMoved TimesCorrected StaleReminded ClosingArmed
        RuleFailed Unrouted SeverityUnmapped));
    names.extend(every!("alert" AlertEvent:
        AlertJoined ReportJoined AlertChanged AlertRefired AlertCleared DeadlinePostponed AllCleared
        FlappingStarted FlappingEnded AlertMuted StormTold AlertMarked AlertUnmarked Suppressed Released ClearStepArmed));
    names.extend(every!("paging" PagingEvent:
        Acknowledged AckRenewed CoAcknowledged AckRetimed AckExpiryWarned AckExpired Unacknowledged Snoozed
        SnoozeEnded Held Resumed EscalationStarted Escalated LevelSkipped NobodyOnCall TargetGone
        EscalationArmed EscalationOwed EscalationExhausted ExhaustionReminded Paged ContactStepped
        ContactMoved PersonUnreachable Notified PageDelayed DeliveryRecorded Summoned SummonsAnswered SummonsReminded));
    names.extend(every!("sla" SlaEvent:
        SlaStarted SlaPaused SlaResumed SlaWarned SlaBreached SlaStopped SlaCancelled SlaExcused SlaMoved));
    names.extend(every!("work" WorkEvent:
        NoteAdded ChangeReported EvidenceAdded EvidenceRetracted FixPlanned FixApplied FixVerified FixFailed FixRolledBack
        RecoveryStepAdded RecoveryStepDone TaskAdded TaskChanged TaskOverdue HypothesisProposed
        HypothesisChanged RoleTaken HandoverRequested HandoverConfirmed HandoverCancelled HandoverForced
        UpdatePosted ChecklistFilled Subscribed Unsubscribed ActionMoved));
    names.sort();
    names
}

const EVENTS: &str = include_str!("../../tests/golden/incident_events.jsonl");
const INCIDENT: &str = include_str!("../../tests/golden/incident.json");

fn name(event: &Event) -> String {
    let family = match event {
        Event::Life(_) => "life",
        Event::Alert(_) => "alert",
        Event::Paging(_) => "paging",
        Event::Sla(_) => "sla",
        Event::Work(_) => "work",
    };
    format!("{family} {}", event.name())
}

/// Examples of events that have no line yet.
fn proposed(missing: &[String]) -> Vec<String> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for event in golden_lives::events() {
        let name = name(&event);
        if missing.contains(&name) && !lines.iter().any(|(known, _)| *known == name) {
            lines.push((name, serde_json::to_string(&event).unwrap()));
        }
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

#[test]
fn every_event_keeps_its_stored_form() {
    let mut names = Vec::new();
    for line in EVENTS.lines() {
        let event: Event = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert_eq!(serde_json::to_string(&event).unwrap(), line);
        names.push(name(&event));
    }
    names.sort();
    let missing: Vec<String> = every_event().into_iter().filter(|n| !names.contains(n)).collect();
    assert!(missing.is_empty(), "{missing:?} have no line yet:\n{}", proposed(&missing).join("\n"));
    assert_eq!(names, every_event(), "one line for each event");
}

#[test]
fn an_incident_keeps_its_stored_form() {
    let incident: Incident = serde_json::from_str(INCIDENT).unwrap();
    assert_eq!(serde_json::to_string_pretty(&incident).unwrap() + "\n", INCIDENT);
    // The same life leads to it still.
    let fresh = serde_json::to_string_pretty(&golden_lives::incident()).unwrap() + "\n";
    assert!(fresh == INCIDENT, "that life leads elsewhere now:\n{fresh}");
}
