//! What to paste into a source of alerts, by the kind of its integration. The documentation says where; this says what,
//! with this deployment's address and key in it.

use stentor_proto::v1::Integration;

use crate::cli::refs::short;

/// The configuration of the source, ready to paste.
pub(in crate::cli) fn paste(integration: &Integration, base: &str) -> String {
    let url = format!("{base}{}", integration.webhook_path);
    let (id, key, secret) = (short(&integration.name), &integration.key, &integration.signing_secret);
    match integration.kind.as_str() {
        "alertmanager" => alertmanager(&url),
        "prometheus" => prometheus(base, key),
        "pagerduty" => format!(
            "# Anything that speaks PagerDuty's Events API v2\nurl: {url}\nrouting key: {key}\n\n\
             curl -X POST {url} -H 'Content-Type: application/json' \\\n  -d '{{\"routing_key\": \"{key}\", \
             \"event_action\": \"trigger\", \"payload\": {{\"summary\": \"It works\", \"source\": \"test\", \
             \"severity\": \"warning\"}}}}'"
        ),
        "grafana" => grafana(&url),
        "json" => format!(
            "# One object or a list of them, or whatever the integration's map reads\n\
             curl -X POST {url} -H 'Content-Type: application/json' \\\n  -d '{{\"key\": \"test-1\", \"title\": \
             \"It works\", \"status\": \"firing\", \"severity\": \"warning\", \"labels\": {{\"service\": \"checkout\"}}}}'"
        ),
        "cloudevents" => format!(
            "# Structured, binary or batch; an event whose type ends in .resolved clears the alert of the others\n\
             curl -X POST {url} -H 'Content-Type: application/cloudevents+json' \\\n  -d '{{\"specversion\": \"1.0\", \
             \"id\": \"1\", \"source\": \"/test\", \"type\": \"test.works.raised\", \"data\": {{\"title\": \"It works\", \
             \"severity\": \"warning\"}}}}'"
        ),
        "datadog" => datadog(id, &url),
        "sentry" => format!(
            "# Settings > Custom Integrations > Internal Integration\nWebhook URL: {url}\nAlert Rule Action: on\n\
             Webhooks: issue\n\n# Sentry makes the secret: copy its Client Secret into the file `{id}` in the folder of\n\
             # stentor serve --integration-secrets FOLDER"
        ),
        "github" => format!(
            "# Settings > Webhooks > Add webhook\nPayload URL: {url}\nContent type: application/json\nSecret: {secret}\n\
             Events: Workflow runs, Dependabot alerts, Code scanning alerts, Secret scanning alerts"
        ),
        "opsgenie" => format!(
            "# Anything that speaks Opsgenie's Alert API\nAPI URL: {base}\nAPI key: {key}\n\n\
             curl -X POST {url} -H 'Authorization: GenieKey {key}' -H 'Content-Type: application/json' \\\n  \
             -d '{{\"message\": \"It works\", \"alias\": \"test-1\", \"priority\": \"P3\"}}'"
        ),
        _ => format!(
            "# gRPC: stentor.v1.IntakeService at {base}\nauthorization: Bearer {key}\n\n\
             STENTOR_KEY={key} stentor --server {base} alert send --title 'It works' --severity warning"
        ),
    }
}

fn alertmanager(url: &str) -> String {
    format!(
        "# alertmanager.yml\nroute:\n  receiver: stentor\nreceivers:\n  - name: stentor\n    webhook_configs:\n      \
         - url: {url}\n        send_resolved: true"
    )
}

fn prometheus(base: &str, key: &str) -> String {
    let (scheme, host) = base.split_once("://").unwrap_or(("http", base));
    format!(
        "# prometheus.yml\nalerting:\n  alertmanagers:\n    - api_version: v2\n      scheme: {scheme}\n      \
         path_prefix: /integrations/prometheus/{key}\n      static_configs:\n        - targets: ['{host}']"
    )
}

fn grafana(url: &str) -> String {
    format!(
        "# provisioning/alerting/stentor.yaml, or Alerting > Contact points > Webhook with this URL\napiVersion: 1\n\
         contactPoints:\n  - orgId: 1\n    name: stentor\n    receivers:\n      - uid: stentor\n        type: webhook\n        \
         disableResolveMessage: false\n        settings:\n          url: {url}\n          httpMethod: POST"
    )
}

fn datadog(id: &str, url: &str) -> String {
    let fields = [
        ("alert_id", "ALERT_ID"),
        ("cycle", "ALERT_CYCLE_KEY"),
        ("aggreg_key", "AGGREG_KEY"),
        ("transition", "ALERT_TRANSITION"),
        ("alert_type", "ALERT_TYPE"),
        ("priority", "ALERT_PRIORITY"),
        ("title", "EVENT_TITLE"),
        ("body", "TEXT_ONLY_MSG"),
        ("tags", "TAGS"),
        ("host", "HOSTNAME"),
        ("scope", "ALERT_SCOPE"),
        ("link", "LINK"),
    ];
    let fields: Vec<String> = fields.iter().map(|(name, of)| format!("  \"{name}\": \"${of}\"")).collect();
    format!(
        "# Integrations > Webhooks > New; then name @webhook-{id} in the monitors\nName: {id}\nURL: {url}\n\
         Payload:\n{{\n{}\n}}",
        fields.join(",\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: &str, path: &str) -> String {
        let integration = Integration {
            name: "integrations/one".to_owned(),
            kind: kind.to_owned(),
            webhook_path: path.to_owned(),
            key: "k3y".to_owned(),
            signing_secret: "s3cret".to_owned(),
            ..Integration::default()
        };
        paste(&integration, "https://stentor.example.com")
    }

    #[test]
    fn what_is_yaml_or_json_can_be_read_as_such() {
        for kind in ["alertmanager", "grafana"] {
            let text = shown(kind, "/integrations/x/k3y");
            let value: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
            assert!(value.to_string().contains("https://stentor.example.com/integrations/x/k3y"), "{text}");
        }
        let prometheus: serde_json::Value = serde_saphyr::from_str(&shown("prometheus", "")).unwrap();
        let target = &prometheus["alerting"]["alertmanagers"][0];
        assert_eq!(target["path_prefix"], "/integrations/prometheus/k3y");
        assert_eq!(target["static_configs"][0]["targets"][0], "stentor.example.com");
        for kind in ["json", "cloudevents", "pagerduty", "opsgenie"] {
            let text = shown(kind, "/p");
            let body = text.split("-d '").nth(1).unwrap().trim_end_matches('\'');
            assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
        }
        let datadog = shown("datadog", "/p");
        let body = datadog.split("Payload:\n").nth(1).unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
    }

    #[test]
    fn a_secret_is_shown_where_it_is_ours_to_give() {
        assert!(shown("github", "/p").contains("Secret: s3cret"));
        assert!(!shown("sentry", "/p").contains("s3cret"));
    }
}
