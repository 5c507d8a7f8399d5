//! Requests of ResolutionService that answer pages, wait or escalate, as commands. Whether they are allowed now is
//! decided by the rules.

use stentor_core::actor::Actor;
use stentor_core::incident::Command;
use stentor_core::incident::kinds::HoldReason;
use stentor_core::time::Duration;
use stentor_proto::v1;

use super::ask::{Ask, Asker, IncidentRequest};
use super::fields::{Fields, Understood};
use super::limits;

impl IncidentRequest for v1::AcknowledgeIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, Command::Acknowledge);
        let ask = ask.noting(&mut f, "note", &self.note);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::UnacknowledgeIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, Command::Unacknowledge);
        let ask = ask.because(&mut f, "reason", &self.reason);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::ReleaseIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Release { note: f.text("reason", &self.reason, limits::REASON) };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::SnoozeIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let length = f.duration("snooze_duration", self.snooze_duration.as_ref());
        if self.snooze_duration.is_none() {
            f.refuse("snooze_duration", "is required");
        }
        let command = Command::Snooze { length: length.unwrap_or_default() };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        let ask = ask.because(&mut f, "reason", &self.reason);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::WakeIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, Command::Wake);
        let ask = ask.because(&mut f, "reason", &self.reason);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::HoldIncidentRequest {
    fn understand(self, asker: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let end = f.instant("end_time", self.end_time.as_ref());
        if end.is_some_and(|end| end <= asker.now) {
            f.refuse("end_time", "has passed already");
        }
        let command = Command::Hold {
            reason: f.required_word("reason", self.reason, HoldReason::Scheduled),
            note: f.text("note", &self.note, limits::REASON),
            length: end.map(|end| end.since(asker.now)).filter(|length| *length > Duration::ZERO),
        };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::ResumeIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, Command::Resume);
        let ask = ask.noting(&mut f, "note", &self.note);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::EscalateIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let expected_level = self.expected_level.map(u32::try_from);
        if matches!(expected_level, Some(Err(_))) {
            f.refuse("expected_level", "is negative");
        }
        let to_level = (self.target_level != 0).then(|| f.number("target_level", self.target_level));
        let command = Command::Escalate {
            expected_level: expected_level.and_then(Result::ok),
            to_level,
            note: String::new(),
        };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        let ask = ask.because(&mut f, "reason", &self.reason).dry(self.validate_only);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::SummonRespondersRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        if self.people.is_empty() {
            f.refuse("people", "is required");
        }
        let command = Command::Summon {
            people: f.people("people", &self.people, limits::SUMMONED),
            note: f.text("message", &self.message, limits::REASON),
        };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::AnswerSummonsRequest {
    fn understand(self, asker: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let person = f.id("person", &self.person, "people");
        if asker.actor.is_person() && person.as_ref().is_some_and(|p| asker.actor.person() != Some(p)) {
            f.refuse("person", "is somebody else: people answer for themselves");
        }
        if !asker.actor.is_person() && self.person.is_empty() {
            f.refuse("person", "is required of callers who are no person");
        }
        let command = Command::AnswerSummons { accepted: self.accept };
        let mut ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        // A platform passes on what a person said there: it is that person's answer.
        ask.actor = person.map(Actor::Person);
        let ask = ask.noting(&mut f, "note", &self.note);
        f.finish(ask)
    }
}
