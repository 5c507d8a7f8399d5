//! Which SLA definitions an incident falls under, and what their conditions say. Clocks and their arithmetic live in
//! `sla`.

use super::Policy;
use super::document::{SlaCondition, SlaDefinition};
use super::expr::{Facts, SlaSubject};

impl Policy {
    /// The definitions that match, in document order. A definition whose condition cannot be evaluated does not match.
    pub fn sla_matching(&self, subject: &SlaSubject<'_>) -> Vec<&SlaDefinition> {
        let facts = Facts::Incident(*subject);
        self.definitions()
            .filter(|(_, programs)| programs.matches.holds(&facts).unwrap_or(false))
            .map(|(definition, _)| definition)
            .collect()
    }

    /// Whether one definition matches.
    pub fn sla_matches(&self, definition: &SlaDefinition, subject: &SlaSubject<'_>) -> bool {
        let facts = Facts::Incident(*subject);
        self.sla_programs(&definition.id).is_some_and(|p| p.matches.holds(&facts).unwrap_or(false))
    }

    /// What the definition's own condition says; `None` if it has none, so that the kind's rule decides. A condition
    /// that cannot be evaluated says no.
    pub fn sla_condition(
        &self,
        definition: &SlaDefinition,
        condition: SlaCondition,
        subject: &SlaSubject<'_>,
    ) -> Option<bool> {
        let program = self.sla_programs(&definition.id)?.conditions.get(&condition)?;
        Some(program.holds(&Facts::Incident(*subject)).unwrap_or(false))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::incident::kinds::{Phase, Priority};

    #[test]
    fn definitions_match_by_priority_in_document_order() {
        let policy = samples::policy();
        let ids = |priority| -> Vec<String> {
            let subject = SlaSubject { priority, ..samples::subject() };
            policy.sla_matching(&subject).iter().map(|d| d.id.to_string()).collect()
        };
        assert_eq!(ids(Priority::P1), ["p1-ack", "p1-resolve", "p1-update", "review", "action"]);
        assert_eq!(ids(Priority::P2), ["office-ack", "office-resolve", "review", "action"]);
        assert_eq!(ids(Priority::P5), ["action"]);
    }

    #[test]
    fn a_condition_replaces_the_kinds_only_where_it_is_written() {
        let text = samples::ACME.replace(
            "    target: 5m\n",
            "    target: 5m\n    conditions: {stop: 'incident.phase == \"MITIGATED\"'}\n",
        );
        let policy = samples::compile(&text);
        let definition = &policy.document().sla[0];
        let subject = SlaSubject { phase: Phase::Active, ..samples::subject() };
        assert_eq!(policy.sla_condition(definition, SlaCondition::Stop, &subject), Some(false));
        let subject = SlaSubject { phase: Phase::Mitigated, ..subject };
        assert_eq!(policy.sla_condition(definition, SlaCondition::Stop, &subject), Some(true));
        assert_eq!(policy.sla_condition(definition, SlaCondition::Pause, &subject), None);
        assert!(policy.sla_matches(definition, &subject));
    }
}
