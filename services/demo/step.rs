//! What the demonstration has to show, and whether it was seen in the feed of events.
//! It believes events and answers of the server alone, never the story that asked for them.

use std::collections::BTreeSet;

use serde_json::Value;
use stentor_proto::v1::Event;

/// The service whose incident the story follows.
const SERVICE: &str = "checkout";

/// One thing that has to be seen, in the order of the story.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Step {
    Opened,
    Triaged,
    Paged,
    Delivered,
    Separated,
    Grouped,
    Repeated,
    Escalated,
    Warned,
    Acknowledged,
    FixPlanned,
    FixApplied,
    SoakKept,
    Cleared,
    FixVerified,
    Mitigated,
    Resolved,
    CloseRefused,
    Documented,
    Closed,
    ReviewDrafted,
}

impl Step {
    pub(super) const ALL: [Step; 21] = [
        Step::Opened,
        Step::Triaged,
        Step::Paged,
        Step::Delivered,
        Step::Separated,
        Step::Grouped,
        Step::Repeated,
        Step::Escalated,
        Step::Warned,
        Step::Acknowledged,
        Step::FixPlanned,
        Step::FixApplied,
        Step::SoakKept,
        Step::Cleared,
        Step::FixVerified,
        Step::Mitigated,
        Step::Resolved,
        Step::CloseRefused,
        Step::Documented,
        Step::Closed,
        Step::ReviewDrafted,
    ];

    /// What was, or was not, seen.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Step::Opened => "an alert became an incident",
            Step::Triaged => "rules gave it a priority, a team and a category",
            Step::Paged => "the person on call was paged",
            Step::Delivered => "the page was delivered",
            Step::Separated => "another service's alert opened an incident of its own",
            Step::Grouped => "a further alert of the same failure joined the incident",
            Step::Repeated => "an alert sent again opened nothing new",
            Step::Escalated => "the next level was called because nobody answered",
            Step::Warned => "the clock warned before its time was up",
            Step::Acknowledged => "somebody acknowledged",
            Step::FixPlanned => "a fix was planned",
            Step::FixApplied => "the fix was applied",
            Step::SoakKept => "verifying before the soak was over was refused",
            Step::Cleared => "the alerts ended",
            Step::FixVerified => "the fix was verified after its soak",
            Step::Mitigated => "the quiet time passed and the incident was mitigated",
            Step::Resolved => "the incident was resolved",
            Step::CloseRefused => "closing was refused while the checklist lacked something",
            Step::Documented => "the checklist was filled",
            Step::Closed => "the incident was closed",
            Step::ReviewDrafted => "a review was drafted",
        }
    }

    /// What has to be seen before, for this to mean what it says.
    const fn after(self) -> Option<Step> {
        match self {
            Step::Delivered | Step::Escalated => Some(Step::Paged),
            Step::Acknowledged => Some(Step::Warned),
            Step::SoakKept => Some(Step::FixApplied),
            Step::FixVerified => Some(Step::SoakKept),
            Step::Mitigated => Some(Step::Cleared),
            Step::CloseRefused => Some(Step::Resolved),
            Step::Documented => Some(Step::CloseRefused),
            Step::Closed => Some(Step::Documented),
            _ => None,
        }
    }
}

/// Ticks off the steps.
#[derive(Debug, Default)]
pub(super) struct Checker {
    seen: BTreeSet<Step>,
    main: Option<String>,
    opened: u32,
}

impl Checker {
    /// The incident that the story follows, once it is there.
    pub(super) fn main(&self) -> Option<&str> {
        self.main.as_deref()
    }

    pub(super) fn has(&self, step: Step) -> bool {
        self.seen.contains(&step)
    }

    pub(super) fn missing(&self) -> Vec<Step> {
        Step::ALL.into_iter().filter(|step| !self.has(*step)).collect()
    }

    /// Takes an event of the feed.
    pub(super) fn event(&mut self, event: &Event) {
        let data: Value = serde_json::from_str(&event.data_json).unwrap_or_default();
        if event.kind == "Alerted" {
            self.alerted(&event.instance, &data);
        }
        let followed = self.main.as_deref() == Some(&event.instance);
        if event.kind == "ReviewOpened" {
            let incident = data.pointer("/opening/incident").and_then(Value::as_str).unwrap_or_default();
            let drafted = data.pointer("/opening/sections").and_then(Value::as_array);
            if self.main.as_deref() == Some(&format!("incidents/{incident}"))
                && drafted.is_some_and(|sections| !sections.is_empty())
            {
                self.tick(Step::ReviewDrafted);
            }
        } else if followed && let Some(step) = shown_by(&event.kind, &data) {
            self.tick(step);
        }
    }

    /// Takes a refusal of the server, by its reason.
    pub(super) fn refused(&mut self, reason: &str) {
        match reason {
            "FIX_SOAKING" => self.tick(Step::SoakKept),
            "CHECKLIST_INCOMPLETE" => self.tick(Step::CloseRefused),
            _ => {}
        }
    }

    /// Takes how often the server says that an alert of the followed incident was heard.
    pub(super) fn heard(&mut self, times: i64) {
        if times > 1 && self.opened == 1 {
            self.tick(Step::Repeated);
        }
    }

    fn alerted(&mut self, instance: &str, data: &Value) {
        if data["service"] == SERVICE {
            self.opened += 1;
            self.main.get_or_insert_with(|| instance.to_owned());
            self.tick(Step::Opened);
        } else if self.main.is_some() {
            self.tick(Step::Separated);
        }
    }

    fn tick(&mut self, step: Step) {
        if step.after().is_none_or(|before| self.has(before)) {
            self.seen.insert(step);
        }
    }
}

/// The step that an event of the followed incident shows.
fn shown_by(kind: &str, data: &Value) -> Option<Step> {
    let step = match kind {
        "Triaged" => Step::Triaged,
        "Paged" => Step::Paged,
        "DeliveryRecorded" if data["outcome"] == "Sent" && data["person"].is_string() => Step::Delivered,
        "AlertJoined" => Step::Grouped,
        "Escalated" if data["level"].as_u64() > Some(1) && data["reason"] == "Delay" => Step::Escalated,
        "SlaWarned" if data["action"] == "notify" => Step::Warned,
        "Acknowledged" => Step::Acknowledged,
        "FixPlanned" => Step::FixPlanned,
        "FixApplied" => Step::FixApplied,
        "AllCleared" => Step::Cleared,
        "FixVerified" => Step::FixVerified,
        "Mitigated" => Step::Mitigated,
        "Resolved" => Step::Resolved,
        "Documented" => Step::Documented,
        "Closed" => Step::Closed,
        _ => return None,
    };
    Some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(instance: &str, kind: &str, data: &str) -> Event {
        Event {
            instance: instance.to_owned(),
            kind: kind.to_owned(),
            data_json: data.to_owned(),
            ..Event::default()
        }
    }

    /// A checker that follows incidents/1.
    fn following(events: &[(&str, &str)]) -> Checker {
        let mut checker = Checker::default();
        checker.event(&event("incidents/1", "Alerted", r#"{"service":"checkout"}"#));
        for (kind, data) in events {
            checker.event(&event("incidents/1", kind, data));
        }
        checker
    }

    #[test]
    fn without_events_every_step_is_missing() {
        assert_eq!(Checker::default().missing(), Step::ALL);
    }

    #[test]
    fn the_whole_story_leaves_nothing_missing() {
        let mut checker = following(&[
            ("Triaged", "{}"),
            ("Paged", "{}"),
            ("DeliveryRecorded", r#"{"outcome":"Sent","person":"ana"}"#),
            ("AlertJoined", r#"{"n":2}"#),
            ("Escalated", r#"{"level":2,"reason":"Delay"}"#),
            ("SlaWarned", r#"{"action":"notify","percent":75}"#),
            ("Acknowledged", "{}"),
            ("FixPlanned", "{}"),
            ("FixApplied", "{}"),
        ]);
        checker.event(&event("incidents/2", "Alerted", r#"{"service":"search"}"#));
        checker.heard(2);
        checker.refused("FIX_SOAKING");
        for kind in ["AllCleared", "FixVerified", "Mitigated", "Resolved"] {
            checker.event(&event("incidents/1", kind, "{}"));
        }
        let opening = r#"{"opening":{"incident":"1","sections":[["SUMMARY","x"]]}}"#;
        checker.event(&event("reviews/1", "ReviewOpened", opening));
        checker.refused("CHECKLIST_INCOMPLETE");
        for kind in ["Documented", "Closed"] {
            checker.event(&event("incidents/1", kind, "{}"));
        }

        assert_eq!(checker.missing(), []);
    }

    #[test]
    fn the_first_level_is_no_escalation() {
        let checker = following(&[("Paged", "{}"), ("Escalated", r#"{"level":1,"reason":"Delay"}"#)]);

        assert!(!checker.has(Step::Escalated));
    }

    #[test]
    fn an_escalation_somebody_asked_for_is_not_one_for_want_of_an_answer() {
        let checker = following(&[("Paged", "{}"), ("Escalated", r#"{"level":2,"reason":"Manual"}"#)]);

        assert!(!checker.has(Step::Escalated));
    }

    #[test]
    fn another_incident_ticks_nothing_of_the_followed_one() {
        let mut checker = following(&[]);
        checker.event(&event("incidents/2", "Paged", "{}"));

        assert!(!checker.has(Step::Paged));
    }

    #[test]
    fn closing_counts_only_after_it_was_refused() {
        let checker = following(&[("Resolved", "{}"), ("Documented", "{}"), ("Closed", "{}")]);

        assert!(!checker.has(Step::Documented));
        assert!(!checker.has(Step::Closed));
    }

    #[test]
    fn a_repeat_that_opened_a_second_incident_is_not_one_that_opened_nothing() {
        let mut checker = following(&[]);
        checker.event(&event("incidents/3", "Alerted", r#"{"service":"checkout"}"#));
        checker.heard(2);

        assert!(!checker.has(Step::Repeated));
    }

    #[test]
    fn a_message_that_failed_was_not_delivered() {
        let checker =
            following(&[("Paged", "{}"), ("DeliveryRecorded", r#"{"outcome":"Failed","person":"ana"}"#)]);

        assert!(!checker.has(Step::Delivered));
    }
}
