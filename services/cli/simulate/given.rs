//! From the flags and files of a simulation to the steps of its scenario, and between these and the API's messages.
//! It plays nothing.

use std::path::Path;

use serde::de::DeserializeOwned;
use stentor_core::history_log::LoggedSignal;
use stentor_core::id::ChannelId;
use stentor_core::incident::kinds::{Priority, Severity};
use stentor_core::simulate::{Do, Kind, Line, Step};
use stentor_core::time::{Duration, Timestamp};
use stentor_proto::v1;

use super::args::Simulate;
use crate::cli::{client::read, failure::Failure};

/// What the flags say about the signal and the script.
pub(super) struct Given<'a> {
    pub(super) service: Option<&'a str>,
    pub(super) priority: Option<Priority>,
    pub(super) labels: &'a [(String, String)],
    pub(super) severity: Option<Severity>,
    pub(super) integration: &'a str,
    pub(super) title: &'a str,
    pub(super) signal: Option<&'a Path>,
    pub(super) script: Option<&'a Path>,
}

/// The signal, then what the script says. A script that brings signals of its own needs none beside it.
pub(super) fn steps(args: &Simulate) -> Result<Vec<Step>, Failure> {
    let given = args.given();
    let script: Vec<Step> = given.script.map(read_as).transpose()?.unwrap_or_default();
    let signal = match given.signal {
        Some(file) => Some(read_as(file)?),
        None => alert(&given),
    };
    let scripted = script.iter().any(|step| matches!(step.what, Do::Signal(_)));
    if signal.is_none() && !scripted {
        let text = "nothing comes in: give --service with --priority, --label, --signal or a script";
        return Err(Failure::Usage(text.to_owned()));
    }
    let first = signal.map(|signal: LoggedSignal| Step {
        after: Duration::ZERO,
        who: None,
        incident: 1,
        what: Do::Signal(Box::new(signal)),
    });
    Ok(first.into_iter().chain(script).collect())
}

fn alert(given: &Given<'_>) -> Option<LoggedSignal> {
    if given.service.is_none() && given.labels.is_empty() {
        return None;
    }
    Some(LoggedSignal {
        service: given.service.map(Into::into),
        priority: given.priority,
        severity: given.severity,
        labels: given.labels.iter().cloned().collect(),
        ..LoggedSignal::alert(given.integration, "simulated", given.title)
    })
}

fn read_as<T: DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    let name = file.display().to_string();
    let text = read(file)?;
    serde_saphyr::from_str(&text).map_err(|wrong| Failure::Usage(format!("{name}: {wrong}")))
}

/// A step as the API takes it.
pub(super) fn message(step: &Step) -> Result<v1::SimulationStep, Failure> {
    let json = |value: Result<String, serde_json::Error>| {
        value.map_err(|wrong| Failure::Usage(format!("a step has no form for the server: {wrong}")))
    };
    let what = match &step.what {
        Do::Signal(signal) => v1::simulation_step::What::SignalJson(json(serde_json::to_string(signal))?),
        Do::Action(action) => v1::simulation_step::What::ActionJson(json(serde_json::to_string(action))?),
    };
    Ok(v1::SimulationStep {
        after: Some(prost_types::Duration {
            seconds: step.after.whole_seconds(),
            nanos: i32::try_from(step.after.millis().rem_euclid(1000)).unwrap_or(0) * 1_000_000,
        }),
        who: step.who.clone().unwrap_or_default(),
        incident: i32::try_from(step.incident).unwrap_or(i32::MAX),
        what: Some(what),
    })
}

/// A line as the API tells it; `None` for a kind that this client does not know.
pub(super) fn line(line: &v1::SimulationLine) -> Option<Line> {
    let kind = match line.kind() {
        v1::SimulationLineKind::Unspecified => return None,
        v1::SimulationLineKind::Action => Kind::Action,
        v1::SimulationLineKind::Clock => Kind::Clock,
        v1::SimulationLineKind::Exhausted => Kind::Exhausted,
        v1::SimulationLineKind::Level => Kind::Level,
        v1::SimulationLineKind::Notice => Kind::Notice,
        v1::SimulationLineKind::Page => Kind::Page,
        v1::SimulationLineKind::Signal => Kind::Signal,
        v1::SimulationLineKind::State => Kind::State,
        v1::SimulationLineKind::Summons => Kind::Summons,
    };
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    Some(Line {
        at: Timestamp::from_seconds(line.time.as_ref().map_or(0, |t| t.seconds)),
        kind,
        who: line.who.clone(),
        incident: line.incident.clone(),
        via: some(&line.via).map(ChannelId),
        level: line.level.and_then(|n| u32::try_from(n).ok()),
        clock: some(&line.clock),
        percent: line.percent.and_then(|n| u32::try_from(n).ok()),
        what: line.text.clone(),
    })
}
