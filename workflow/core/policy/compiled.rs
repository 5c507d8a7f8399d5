//! A policy ready for use: the document with everything that can be prepared once. It is immutable, shared between
//! threads, and answers look-ups only.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::canonical::content_hash;
use super::document::{
    Document, EscalationSpec, Person, Route, Service, SlaCondition, SlaDefinition, Storms, Team, TriageRule,
};
use super::expr::{Calendars, Mapping, Program, Scope};
use super::finding::{Finding, FindingCode};
use super::lint;
use super::priority::PriorityRules;
use crate::calendar::Calendar;
use crate::fault::{Fault, FaultCode};
use crate::id::{
    CalendarId, EscalationPolicyId, IntegrationId, PersonId, ScheduleId, ServiceId, SlaId, TeamId,
};
use crate::incident::kinds::Priority;
use crate::oncall::Schedule;
use crate::time::Timestamp;

/// The built-in calendar that never closes.
pub(super) const ALWAYS: &str = "always";

/// One version of the policy.
#[derive(Debug)]
pub struct Policy {
    document: Document,
    number: u64,
    hash: String,
    routes: Vec<Program>,
    rules: Vec<Program>,
    sla: BTreeMap<SlaId, SlaPrograms>,
    calendars: BTreeMap<CalendarId, Calendar>,
    schedules: BTreeMap<ScheduleId, Schedule>,
    quiet: BTreeMap<PersonId, Calendar>,
    maps: BTreeMap<IntegrationId, Arc<Mapping>>,
}

/// The conditions of one SLA definition.
#[derive(Debug)]
pub(super) struct SlaPrograms {
    pub(super) matches: Program,
    pub(super) conditions: BTreeMap<SlaCondition, Program>,
}

impl Policy {
    /// Prepares a document as version `number`.
    ///
    /// # Errors
    /// Every error that can be found without an instant: references, ids, limits, expressions, zones, civil times.
    pub fn compile(document: Document, number: u64) -> Result<Policy, Vec<Finding>> {
        let mut findings = lint::structure(&document);
        let mut compiler = Compiler { document: &document, findings: &mut findings };
        let routes = compiler.routes();
        let rules = compiler.rules();
        let sla = compiler.sla();
        let calendars = compiler.calendars();
        let schedules = compiler.schedules();
        let quiet = compiler.quiet();
        let maps = compiler.maps();
        if findings.is_empty() {
            let hash = content_hash(&document);
            Ok(Policy { document, number, hash, routes, rules, sla, calendars, schedules, quiet, maps })
        } else {
            Err(findings)
        }
    }

    /// The document as it was applied.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The version's number, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// SHA-256 of the canonical JSON, in hexadecimal digits.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// A calendar by id; `always` is there without being written.
    pub fn calendar(&self, id: &CalendarId) -> Option<&Calendar> {
        self.calendars.get(id)
    }

    /// A schedule by id.
    pub fn schedule(&self, id: &ScheduleId) -> Option<&Schedule> {
        self.schedules.get(id)
    }

    /// A person's quiet hours, open while it is quiet; `None` if the person has none.
    pub fn quiet_hours(&self, id: &PersonId) -> Option<&Calendar> {
        self.quiet.get(id)
    }

    /// How an integration's bodies are read; `None` if it has no map.
    pub fn mapping(&self, id: &IntegrationId) -> Option<Arc<Mapping>> {
        self.maps.get(id).cloned()
    }

    /// An escalation policy by id.
    pub fn escalation(&self, id: &EscalationPolicyId) -> Option<&EscalationSpec> {
        self.document.escalation_policies.get(id)
    }

    /// The escalation policy of a service for a priority: its own entry, else the service's default.
    pub fn escalation_for(
        &self,
        service: &ServiceId,
        priority: Priority,
    ) -> Option<(&EscalationPolicyId, &EscalationSpec)> {
        let by_priority = &self.service(service)?.escalation;
        let id = by_priority.get(priority.as_str()).or_else(|| by_priority.get("default"))?;
        self.document.escalation_policies.get_key_value(id)
    }

    /// How many incidents alerts may open.
    pub fn storms(&self) -> Storms {
        self.document().storms.unwrap_or(Storms::USUAL)
    }

    /// A service by id.
    pub fn service(&self, id: &ServiceId) -> Option<&Service> {
        self.document.services.get(id)
    }

    /// A person by id.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.document.people.get(id)
    }

    /// A team by id.
    pub fn team(&self, id: &TeamId) -> Option<&Team> {
        self.document.teams.get(id)
    }

    /// What follows from a priority under this document, before any escalation policy has its say.
    pub fn defaults(&self, priority: Priority) -> PriorityRules {
        PriorityRules::merged(&self.document, priority, None)
    }

    /// What follows from a priority for an incident that follows this escalation policy.
    pub fn rules(&self, priority: Priority, escalation: Option<&EscalationSpec>) -> PriorityRules {
        PriorityRules::merged(&self.document, priority, escalation)
    }

    pub(super) fn routes(&self) -> impl Iterator<Item = (&Route, &Program)> {
        self.document.routes.iter().zip(&self.routes)
    }

    /// Triage rules in order, each with its condition.
    pub(crate) fn triage_rules(&self) -> impl Iterator<Item = (&TriageRule, &Program)> {
        self.document.triage.rules.iter().zip(&self.rules)
    }

    pub(super) fn definitions(&self) -> impl Iterator<Item = (&SlaDefinition, &SlaPrograms)> {
        self.document.sla.iter().filter_map(|definition| Some((definition, self.sla.get(&definition.id)?)))
    }

    pub(super) fn sla_programs(&self, id: &SlaId) -> Option<&SlaPrograms> {
        self.sla.get(id)
    }
}

impl Calendars for Policy {
    fn is_open(&self, calendar: &str, at: Timestamp) -> Option<bool> {
        Some(self.calendars.get(calendar)?.is_open(at))
    }
}

/// Prepares the parts and collects what is wrong with them.
struct Compiler<'a> {
    document: &'a Document,
    findings: &'a mut Vec<Finding>,
}

impl Compiler<'_> {
    fn program(&mut self, source: &str, scope: Scope, path: String) -> Option<Program> {
        let known =
            |name: &str| name == ALWAYS || self.document.calendars.contains_key(&CalendarId::from(name));
        Program::compile(source, scope, &known)
            .map_err(|why| self.findings.push(Finding::new(FindingCode::BadCel, path, why)))
            .ok()
    }

    // A program that is missing leaves a finding, and a compilation with findings yields no policy: the lists below are
    // as long as the document's whenever they are used.

    fn routes(&mut self) -> Vec<Program> {
        let of = |route: &Route| format!("routes.{}.when", route.id);
        let document = self.document;
        document.routes.iter().filter_map(|r| self.program(&r.when, Scope::Route, of(r))).collect()
    }

    fn rules(&mut self) -> Vec<Program> {
        let of = |rule: &TriageRule| format!("triage.rules.{}.when", rule.id);
        let document = self.document;
        document.triage.rules.iter().filter_map(|r| self.program(&r.when, Scope::Rule, of(r))).collect()
    }

    fn sla(&mut self) -> BTreeMap<SlaId, SlaPrograms> {
        let mut all = BTreeMap::new();
        let document = self.document;
        for definition in &document.sla {
            let path = |rest: &str| format!("sla.{}.{rest}", definition.id);
            let matches = self.program(&definition.matches, Scope::Sla, path("match"));
            let conditions = definition.conditions.iter().filter_map(|(condition, source)| {
                let name = lint::condition_name(*condition);
                Some((*condition, self.program(source, Scope::Sla, path(&format!("conditions.{name}")))?))
            });
            let conditions = conditions.collect();
            if let Some(matches) = matches {
                all.insert(definition.id.clone(), SlaPrograms { matches, conditions });
            }
        }
        all
    }

    fn calendars(&mut self) -> BTreeMap<CalendarId, Calendar> {
        let mut all = BTreeMap::from([(CalendarId::from(ALWAYS), Calendar::always())]);
        let document = self.document;
        for (id, spec) in &document.calendars {
            match Calendar::compile(spec) {
                Ok(calendar) => {
                    if let Some(at) = calendar.closes_for_good() {
                        let message = format!("stays closed for more than 400 days after {at}");
                        let finding =
                            Finding::new(FindingCode::CalendarNeverOpen, format!("calendars.{id}"), message);
                        self.findings.push(finding);
                    }
                    all.insert(id.clone(), calendar);
                }
                Err(faults) => self.faults(&format!("calendars.{id}"), faults),
            }
        }
        all
    }

    fn schedules(&mut self) -> BTreeMap<ScheduleId, Schedule> {
        let mut all = BTreeMap::new();
        let document = self.document;
        for (id, spec) in &document.schedules {
            match Schedule::compile(spec) {
                Ok(schedule) => {
                    all.insert(id.clone(), schedule);
                }
                Err(faults) => self.faults(&format!("schedules.{id}"), faults),
            }
        }
        all
    }

    fn quiet(&mut self) -> BTreeMap<PersonId, Calendar> {
        let mut all = BTreeMap::new();
        let document = self.document;
        for (id, person) in &document.people {
            let Some(quiet) = &person.quiet else { continue };
            let zone = person.zone.as_ref().unwrap_or(&document.organisation.zone);
            match Calendar::daily(zone, &quiet.hours) {
                Ok(calendar) => {
                    all.insert(id.clone(), calendar);
                }
                Err(mut faults) => {
                    // Zones of people are looked at by themselves, whether they have quiet hours or not.
                    faults.retain(|fault| fault.code != FaultCode::BadZone);
                    self.faults(&format!("people.{id}.quiet"), faults);
                }
            }
        }
        all
    }

    fn maps(&mut self) -> BTreeMap<IntegrationId, Arc<Mapping>> {
        let mut all = BTreeMap::new();
        let document = self.document;
        for (id, integration) in &document.integrations {
            let Some(spec) = &integration.map else { continue };
            match Mapping::compile(spec) {
                Ok(mapping) => {
                    all.insert(id.clone(), Arc::new(mapping));
                }
                Err(wrong) => self.findings.extend(wrong.into_iter().map(|wrong| {
                    let path = format!("integrations.{id}.map.{}", wrong.key);
                    Finding::new(FindingCode::BadCel, path, wrong.problem)
                })),
            }
        }
        all
    }

    fn faults(&mut self, entry: &str, faults: Vec<Fault>) {
        for fault in faults {
            let code = match fault.code {
                FaultCode::BadZone => FindingCode::BadZone,
                FaultCode::BadCivilTime => FindingCode::BadCivilTime,
                FaultCode::BadDuration => FindingCode::BadDuration,
                FaultCode::DuplicateId => FindingCode::DuplicateId,
                FaultCode::LimitExceeded => FindingCode::LimitExceeded,
            };
            self.findings.push(Finding::new(code, format!("{entry}.{}", fault.path), fault.message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::policy::document::{ClosureProfile, Verification};
    use crate::policy::{AllClearAcked, AllClearUnacked};
    use crate::time::Duration;

    #[test]
    fn a_policy_is_shared_between_threads() {
        fn shared<T: Send + Sync + 'static>() {}
        shared::<Policy>();
    }

    #[test]
    fn look_ups_find_what_the_document_has_and_always() {
        let policy = samples::policy();
        assert_eq!(policy.number(), 1);
        assert!(policy.calendar(&"always".into()).unwrap().is_open(samples::WEDNESDAY));
        assert!(policy.calendar(&"office".into()).unwrap().is_open(samples::WEDNESDAY));
        assert!(policy.quiet_hours(&"bo".into()).is_some() && policy.quiet_hours(&"ana".into()).is_none());
        let primary = policy.schedule(&"shop-primary".into()).unwrap();
        assert_eq!(primary.people_at(samples::WEDNESDAY, &[]), ["ana".into()]);
        let of = |service: &str, priority| {
            policy.escalation_for(&service.into(), priority).map(|(id, _)| id.as_str().to_owned())
        };
        assert_eq!(of("checkout", Priority::P1).as_deref(), Some("shop"));
        assert_eq!(of("checkout", Priority::P4).as_deref(), Some("shop-low"));
        assert_eq!(of("nowhere", Priority::P1), None);
    }

    #[test]
    fn priorities_follow_the_defaults_the_document_and_the_escalation_policy() {
        let text = format!("{}\npriorities: {{P1: {{soak: 1m, hold_max: 1h}}}}\n", samples::ACME);
        let policy = samples::compile(&text);
        let shop = policy.escalation(&"shop".into());
        let p1 = policy.rules(Priority::P1, shop);
        assert_eq!((p1.soak, p1.hold_max), (Duration::minutes(1), Duration::hours(1)));
        assert_eq!(p1.ack_timeout, Some(Duration::minutes(30)));
        assert_eq!(policy.rules(Priority::P3, shop).ack_timeout, Some(Duration::hours(4)));
        assert_eq!(policy.rules(Priority::P4, shop).ack_timeout, Some(Duration::hours(4)));
        assert_eq!(policy.defaults(Priority::P4).ack_timeout, Some(Duration::hours(24)));
        assert_eq!(policy.rules(Priority::P5, shop).ack_timeout, None);
        let (p2, p3) = (policy.defaults(Priority::P2), policy.defaults(Priority::P3));
        assert_eq!(
            (p2.verification, p2.closure, p2.close_after),
            (Verification::Required, ClosureProfile::Full, None)
        );
        assert_eq!((p3.verification, p3.close_after), (Verification::Confirm, Some(Duration::hours(72))));
        assert_eq!(
            (p2.on_all_clear_acked, p3.all_clear_unacked),
            (AllClearAcked::Mitigated, AllClearUnacked::Resolve)
        );
        assert!(p2.urgent && p2.review && !p3.urgent && !p3.review && p3.paged);
        assert!(!policy.defaults(Priority::P5).paged);
    }
}
