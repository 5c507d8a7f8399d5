//! A simulation's scenario as it is asked for, and its lines as they are told. What would happen is played by the rules.

use serde::de::DeserializeOwned;
use stentor_core::simulate::{Do, Kind, LENGTH_MAX, Line, Scenario, Step};
use stentor_core::time::Duration;
use stentor_proto::v1;

use super::clocks::{count, instant};
use super::fields::{Fields, Understood};
use super::limits;

/// A request to simulate, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The version asked for; `None`: the newest one, unless there is a document.
    pub policy: Option<u64>,
    /// A document as written.
    pub document: Option<String>,
    pub scenario: Scenario,
}

/// Unless the request says otherwise.
const LENGTH: Duration = Duration::hours(24);

/// Reads it.
pub fn wanted(request: v1::SimulatePolicyRequest) -> Understood<Wanted> {
    let mut f = Fields::default();
    let policy = f.policy("policy", &request.policy);
    if !request.policy.is_empty() && !request.document.is_empty() {
        f.refuse("document", "is given together with a policy");
    }
    let document = String::from_utf8(request.document).unwrap_or_else(|_| {
        f.refuse("document", "is not UTF-8");
        String::new()
    });
    if request.start_time.is_none() {
        f.refuse("start_time", "is required");
    }
    let at = f.instant("start_time", request.start_time.as_ref()).unwrap_or_default();
    let length = f.duration("length", request.length.as_ref()).unwrap_or(LENGTH).min(LENGTH_MAX);
    if request.steps.is_empty() || request.steps.len() > limits::LIST {
        f.refuse("steps", format!("has {} entries, 1 to {} are taken", request.steps.len(), limits::LIST));
    }
    let listed = request.steps.iter().enumerate().take(limits::LIST);
    let steps = listed.filter_map(|(i, step)| self::step(&mut f, i, step)).collect();
    f.finish(Wanted {
        policy,
        document: (!document.is_empty()).then_some(document),
        scenario: Scenario { at, length, steps },
    })
}

fn step(f: &mut Fields, i: usize, step: &v1::SimulationStep) -> Option<Step> {
    let field = |name: &str| format!("steps[{i}].{name}");
    let zero = |after: &&prost_types::Duration| after.seconds != 0 || after.nanos != 0;
    let after = f.duration(&field("after"), step.after.as_ref().filter(zero)).unwrap_or(Duration::ZERO);
    let who = f.text(&field("who"), &step.who, limits::WORD);
    let incident = usize::try_from(step.incident).unwrap_or_else(|_| {
        f.refuse(&field("incident"), "is negative");
        0
    });
    let what = match &step.what {
        Some(v1::simulation_step::What::SignalJson(text)) => {
            Do::Signal(json(f, &field("signal_json"), text)?)
        }
        Some(v1::simulation_step::What::ActionJson(text)) => {
            Do::Action(json(f, &field("action_json"), text)?)
        }
        None => {
            f.refuse(&field("what"), "is required");
            return None;
        }
    };
    Some(Step { after, who: (!who.is_empty()).then_some(who), incident: incident.max(1), what })
}

fn json<T: DeserializeOwned>(f: &mut Fields, field: &str, text: &str) -> Option<T> {
    let read = serde_json::from_str(text);
    read.map_err(|wrong| f.refuse(field, wrong.to_string())).ok()
}

/// A line as it is told.
pub fn line(line: &Line) -> v1::SimulationLine {
    let kind = match line.kind {
        Kind::Action => v1::SimulationLineKind::Action,
        Kind::Clock => v1::SimulationLineKind::Clock,
        Kind::Exhausted => v1::SimulationLineKind::Exhausted,
        Kind::Level => v1::SimulationLineKind::Level,
        Kind::Notice => v1::SimulationLineKind::Notice,
        Kind::Page => v1::SimulationLineKind::Page,
        Kind::Signal => v1::SimulationLineKind::Signal,
        Kind::State => v1::SimulationLineKind::State,
        Kind::Summons => v1::SimulationLineKind::Summons,
    };
    v1::SimulationLine {
        time: Some(instant(line.at)),
        kind: kind.into(),
        who: line.who.clone(),
        incident: line.incident.clone(),
        via: line.via.as_ref().map(ToString::to_string).unwrap_or_default(),
        level: line.level.map(count),
        clock: line.clock.clone().unwrap_or_default(),
        percent: line.percent.map(count),
        text: line.what.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(step: &str) -> v1::SimulatePolicyRequest {
        v1::SimulatePolicyRequest {
            start_time: Some(prost_types::Timestamp { seconds: 1_780_480_800, nanos: 0 }),
            steps: vec![v1::SimulationStep {
                what: Some(v1::simulation_step::What::ActionJson(step.to_owned())),
                ..v1::SimulationStep::default()
            }],
            ..v1::SimulatePolicyRequest::default()
        }
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let wanted = wanted(request("\"acknowledge\"")).unwrap();
        assert_eq!(
            (wanted.policy, wanted.document, wanted.scenario.length),
            (None, None, Duration::hours(24))
        );
        assert_eq!((wanted.scenario.steps[0].incident, wanted.scenario.steps[0].after), (1, Duration::ZERO));
    }

    #[test]
    fn what_is_no_step_is_named() {
        let wrong = wanted(request("\"shout\"")).unwrap_err();
        assert_eq!(wrong[0].field, "steps[0].action_json");
        let empty = v1::SimulatePolicyRequest { steps: Vec::new(), ..request("") };
        assert!(wanted(empty).unwrap_err().iter().any(|wrong| wrong.field == "steps"));
        let both = v1::SimulatePolicyRequest {
            policy: "policies/3".to_owned(),
            document: b"stentor: 1".to_vec(),
            ..request("\"wake\"")
        };
        assert_eq!(wanted(both).unwrap_err()[0].field, "document");
    }
}
