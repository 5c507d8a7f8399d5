"""Bad input against the real server: each gets a clear error that names what is wrong, and changes nothing."""

import json
import sys
import urllib.error
import urllib.request

import grpc
from client import Client, equal, new_id, refused, true
from google.protobuf import timestamp_pb2
from stentor.v1 import (
    intake_service_pb2 as intake,
    incident_enums_pb2 as enums,
    policy_service_pb2 as policy,
    resolution_paging_pb2 as paging,
    workflow_messages_pb2 as workflow,
)

INVALID = grpc.StatusCode.INVALID_ARGUMENT


def count(client):
    """Incidents there are, whatever their phase."""
    return len(client.workflow.ListIncidents(workflow.ListIncidentsRequest(page_size=1000)).incidents)


def http(address, path, body, headers=None):
    """Posts bytes; the status and the answer's text."""
    request = urllib.request.Request(f"http://{address}{path}", data=body, method="POST", headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def raw(client, method, body):
    """Calls a method with bytes that are no message; the error."""
    call = client.channel.unary_unary(method, request_serializer=lambda b: b, response_deserializer=lambda b: b)
    try:
        call(body, timeout=30)
    except grpc.RpcError as error:
        return error
    raise AssertionError(f"{method} took bytes that are no message")


def bad_messages(client):
    error = raw(client, "/stentor.v1.IntakeService/ReportIncident", b"\xff\xff\xff\xff not protobuf")
    true(f"malformed protobuf is refused, not {error.code()}", error.code() in (INVALID, grpc.StatusCode.INTERNAL))
    error = raw(client, "/stentor.v1.IntakeService/ReportIncident", b"\x0a\x02\xff\xfe")
    true(f"invalid UTF-8 is refused, not {error.code()}", error.code() in (INVALID, grpc.StatusCode.INTERNAL))
    error = raw(client, "/stentor.v1.IntakeService/ReportIncident", b"\x0a" + b"\x80" * 3 + b"\x04" + b"x" * (5 << 20))
    true(
        f"5 MiB are too many, not {error.code()}",
        error.code() in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.OUT_OF_RANGE),
    )
    error = raw(client, "/stentor.v1.IntakeService/NoSuchMethod", b"")
    equal("an unknown method", error.code(), grpc.StatusCode.UNIMPLEMENTED)


def bad_fields(client):
    refused(INVALID, "INVALID_FIELD", client.intake.ReportIncident, intake.ReportIncidentRequest())
    refused(INVALID, "INVALID_FIELD", client.intake.ReportIncident, intake.ReportIncidentRequest(title="x", request_id="no"))
    far = timestamp_pb2.Timestamp(seconds=253_402_300_799)
    alert = intake.AlertSignal(dedup_key="far", title="far away", start_time=far)
    details = refused(
        INVALID, "INVALID_FIELD", client.intake.SendAlert, intake.SendAlertRequest(alert=alert, integration="integrations/dev")
    )
    field = details["BadRequest"].field_violations[0].field
    true(f"the instant is named: {field}", "time" in field)
    refused(
        INVALID, "FILTER_INVALID", client.workflow.ListIncidents, workflow.ListIncidentsRequest(filter="phase ~~ 3")
    )
    refused(
        INVALID, "PAGE_TOKEN_INVALID", client.workflow.ListIncidents, workflow.ListIncidentsRequest(page_token="made-up")
    )


def bad_policies(client):
    def findings(text):
        request = policy.ApplyPolicyRequest(document=text.encode(), validate_only=True)
        return client.policy.ApplyPolicy(request, timeout=30).findings

    broken = findings("stentor: 1\norganisation: {name: x\n")
    true(f"broken YAML is found with its line: {broken}", broken and broken[0].line > 0 and broken[0].column > 0)
    known = client.policy.GetPolicy(policy.GetPolicyRequest(name="policies/current")).policy.document
    source = known.decode()
    unknown = findings(source.replace("team: payments", "team: nobody", 1))
    true("an unknown reference is named", any("nobody" in f.message for f in unknown))
    cel = findings(source.replace("'label(\"team\") == \"payments\"'", "'label(('", 1))
    true(f"CEL that does not compile is found: {cel}", any("CEL" in str(f) for f in cel))
    key = findings(source.replace("demo: true", "demo: true\ncolour: blue", 1))
    true("an unknown key is named", any("colour" in f.message or "colour" in f.path for f in key))
    refused(
        INVALID,
        "POLICY_REJECTED",
        client.policy.ApplyPolicy,
        policy.ApplyPolicyRequest(document=source.replace("team: payments", "team: nobody", 1).encode()),
    )


def bad_conditions(client, name):
    refused(
        grpc.StatusCode.ABORTED,
        "STALE_ETAG",
        client.resolution.AcknowledgeIncident,
        paging.AcknowledgeIncidentRequest(name=name, etag='"1"'),
    )
    once = new_id()
    report = intake.ReportIncidentRequest(title="said once", request_id=once)
    first = client.intake.ReportIncident(report)
    again = client.intake.ReportIncident(report)
    equal("a repeat is the same incident", again.incident.name, first.incident.name)
    refused(
        INVALID,
        "REQUEST_ID_REUSED",
        client.intake.ReportIncident,
        intake.ReportIncidentRequest(title="said otherwise", request_id=once),
    )
    refused(
        grpc.StatusCode.NOT_FOUND,
        None,
        client.workflow.GetIncident,
        workflow.GetIncidentRequest(name="incidents/INC-999999"),
    )


def bad_webhooks(address):
    route = "/integrations/alertmanager/dev"
    cases = [
        ("malformed JSON", route, b"{", 400),
        ("a list instead of an object", route, b"[]", 400),
        ("invalid UTF-8", route, b'{"version":"4","alerts":[{"status":"\xff"}]}', 400),
        ("an unknown key", "/integrations/alertmanager/unknown", b"{}", 404),
        ("too large a body", route, b'{"x":"' + b"x" * (2 << 20) + b'"}', 413),
        ("an unknown path", "/nowhere", b"{}", 404),
        ("Prometheus: malformed", "/integrations/prometheus/dev/api/v2/alerts", b"nonsense", 400),
        ("PagerDuty: no action", "/v2/enqueue", b'{"routing_key":"dev"}', 400),
        ("Grafana: no alerts", "/integrations/grafana/dev", b"{}", 400),
        ("JSON: no title", "/integrations/json/dev", b'{"labels":{"a":[]}}', 400),
        ("JSON: a deep body", "/integrations/json/dev", b"[" * 5000, 400),
        ("CloudEvents: no event", "/integrations/cloudevents/dev", b"{}", 415),
        ("Datadog: no transition", "/integrations/datadog/dev", b'{"cycle":"c"}', 400),
        ("Sentry: not signed", "/integrations/sentry/dev", b"{}", 401),
        ("GitHub: not signed", "/integrations/github/dev", b"{}", 401),
        ("Opsgenie: no key", "/v2/alerts", b'{"message":"m"}', 401),
    ]
    for what, path, body, wanted in cases:
        status, text = http(address, path, body, {"content-type": "application/json"})
        true(f"{what}: {status} {text!r} instead of {wanted}", status == wanted)
    unknown = {"version": "4", "groupKey": "g", "status": "firing", "new_field": 1, "alerts": []}
    status, _ = http(address, route, json.dumps(unknown).encode(), {"content-type": "application/json"})
    equal("unknown JSON fields are passed over", status, 200)


def main(address):
    client = Client(address)
    first = client.intake.ReportIncident(
        intake.ReportIncidentRequest(title="the yardstick", impact=enums.IMPACT_LOW, urgency=enums.URGENCY_LOW)
    )
    before = count(client)
    bad_messages(client)
    bad_fields(client)
    bad_policies(client)
    bad_webhooks(address)
    equal("incidents after all that", count(client), before)
    bad_conditions(client, first.incident.name)
    equal("only what was said well is there", count(client), before + 1)
    print("bad input: every case refused, nothing changed")


if __name__ == "__main__":
    main(sys.argv[1])
