//! Messages as canonical proto3 JSON, by the descriptors and not by hand.
//! It adds no field and leaves none out that the canonical form has.

use prost::Message;
use prost_reflect::DynamicMessage;
use serde_json::Value;

use super::words::POOL;

/// The canonical JSON of a message of the API, named without its package.
pub(super) fn of<M: Message>(name: &str, message: &M) -> Value {
    let descriptor =
        POOL.get_message_by_name(&format!("stentor.v1.{name}")).expect("callers name messages of the API");
    let dynamic = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice())
        .expect("what a generated type encodes, its own descriptor decodes");
    serde_json::to_value(&dynamic).expect("a message of the API has a JSON form")
}

/// A message of the API from its canonical JSON, or what is wrong with it.
pub(super) fn read<M: Message + Default>(name: &str, value: Value) -> Result<M, String> {
    let descriptor =
        POOL.get_message_by_name(&format!("stentor.v1.{name}")).expect("callers name messages of the API");
    let dynamic = DynamicMessage::deserialize(descriptor, value).map_err(|error| error.to_string())?;
    M::decode(dynamic.encode_to_vec().as_slice()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stentor_proto::v1;

    use super::*;

    #[test]
    fn a_message_takes_its_canonical_form() {
        let incident = v1::Incident {
            name: "incidents/1".to_owned(),
            phase: v1::IncidentPhase::Active.into(),
            create_time: Some(prost_types::Timestamp { seconds: 1_780_315_200, nanos: 500_000_000 }),
            clocks: vec![v1::Clock {
                remaining_duration: Some(prost_types::Duration { seconds: -90, nanos: 0 }),
                ..Default::default()
            }],
            escalation: Some(v1::EscalationPosition { epoch: 7, ..Default::default() }),
            firing_alert_count: 2,
            ..Default::default()
        };

        assert_eq!(
            of("Incident", &incident),
            json!({
                "name": "incidents/1",
                "phase": "INCIDENT_PHASE_ACTIVE",
                "createTime": "2026-06-01T12:00:00.500Z",
                "clocks": [{"remainingDuration": "-90s"}],
                "escalation": {"epoch": "7"},
                "firingAlertCount": 2
            })
        );
    }
}
