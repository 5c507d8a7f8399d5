"""Walks an incident from its report to its review through the public API, with stubs made by the stock generator.

It judges what a client sees: answers, refusals with their reasons, history, streams. Use: life.py HOST:PORT
"""

import sys
import threading
import time
from pathlib import Path

import grpc
from client import Client, Reflection, equal, in_order, new_id, refused, true, until
from google.protobuf.timestamp_pb2 import Timestamp
from stentor.v1 import incident_enums_pb2 as enums
from stentor.v1 import intake_service_pb2 as intake
from stentor.v1 import policy_service_pb2 as policy
from stentor.v1 import resolution_paging_pb2 as paging
from stentor.v1 import resolution_repair_pb2 as repair
from stentor.v1 import resolution_work_pb2 as work
from stentor.v1 import review_messages_pb2 as reviews
from stentor.v1 import triage_messages_pb2 as triage
from stentor.v1 import workflow_compliance_pb2 as compliance
from stentor.v1 import workflow_messages_pb2 as workflow

POLICY = Path(__file__).parent.parent / "policy.yaml"
SERVICES = ["Intake", "Triage", "Resolution", "Review", "OnCall", "Workflow", "Policy"]
INVALID = grpc.StatusCode.INVALID_ARGUMENT
PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION


def ago(seconds):
    return Timestamp(seconds=int(time.time()) - seconds)


def health_and_reflection(client):
    until("the server is ready", lambda: client.health_of("readiness") == "SERVING")
    equal("liveness", client.health_of("liveness"), "SERVING")
    for version in ("v1", "v1alpha"):
        reflection = Reflection(client.channel, version)
        missing = {f"stentor.v1.{name}Service" for name in SERVICES} - reflection.services()
        equal(f"services that reflection {version} does not list", missing, set())
        answer = reflection.call("stentor.v1.WorkflowService", "Ping", payload=b"hello")
        equal("what came back through reflection", answer.payload, b"hello")


def apply_policy(client):
    document = POLICY.read_bytes()
    broken = document.replace(b"targets: [person/bo]", b"targets: [person/nobody]")
    refused(INVALID, "POLICY_REJECTED", client.policy.ApplyPolicy,
            policy.ApplyPolicyRequest(document=broken, request_id=new_id()))
    lint = policy.ApplyPolicyRequest(document=document, validate_only=True, request_id=new_id())
    findings = client.policy.ApplyPolicy(lint).findings
    accept = [f"{finding.code}@{finding.path}" for finding in findings]
    request = policy.ApplyPolicyRequest(document=document, accept=accept, request_id=new_id())
    applied = client.policy.ApplyPolicy(request).policy
    true("the applied policy is the current one", applied.current)
    service = client.policy.GetService(policy.GetServiceRequest(name="services/checkout")).service
    equal("team of the service", service.team, "teams/shop")
    return applied


def report(client):
    request = intake.ReportIncidentRequest(
        title="Checkout answers 500 — Größe 注文", service="services/checkout", request_id=new_id(),
        impact=enums.IMPACT_MEDIUM, urgency=enums.URGENCY_MEDIUM, labels={"env": "prod"},
    )
    first = client.intake.ReportIncident(request)
    equal("outcome of the report", first.result.outcome, intake.INTAKE_OUTCOME_CREATED)
    equal("phase of a fresh report", first.incident.phase, enums.INCIDENT_PHASE_TRIAGE)
    again = client.intake.ReportIncident(request)
    equal("outcome of the repeat", again.result.outcome, intake.INTAKE_OUTCOME_REPLAYED)
    equal("incident of the repeat", again.result.incident, first.result.incident)
    other = intake.ReportIncidentRequest(title="Something else", request_id=request.request_id)
    refused(INVALID, "REQUEST_ID_REUSED", client.intake.ReportIncident, other)
    details = refused(INVALID, None, client.intake.ReportIncident,
                      intake.ReportIncidentRequest(request_id=new_id()))
    equal("field of the violation", details["BadRequest"].field_violations[0].field, "title")
    return first.incident.name


def triage_it(client, name):
    equal("phase after declaring",
          client.triage.DeclareIncident(triage.DeclareIncidentRequest(name=name)).incident.phase,
          enums.INCIDENT_PHASE_ACTIVE)
    before = get(client, name)
    request = triage.TriageIncidentRequest(
        name=name, etag=before.etag, category="payments", impact=enums.IMPACT_HIGH, urgency=enums.URGENCY_HIGH)
    after = client.triage.TriageIncident(request).incident
    equal("priority from the matrix", after.priority, enums.PRIORITY_P1)
    refused(grpc.StatusCode.ABORTED, "STALE_ETAG", client.triage.TriageIncident, request)
    equal("incident by reference", get(client, f"incidents/{after.reference}").name, name)
    kinds = until("the page was delivered", lambda: has_kind(client, name, "DeliveryRecorded"))
    true("somebody was paged", "Paged" in kinds)


def respond(client, name):
    until("level 1 was reached", lambda: get(client, name).escalation.level == 1)
    refused(grpc.StatusCode.ABORTED, "LEVEL_MOVED", client.resolution.EscalateIncident,
            paging.EscalateIncidentRequest(name=name, expected_level=7))
    escalated = client.resolution.EscalateIncident(
        paging.EscalateIncidentRequest(name=name, expected_level=1)).incident
    equal("level after escalating", escalated.escalation.level, 2)
    request = paging.AcknowledgeIncidentRequest(name=name, note="looking", request_id=new_id())
    answer = client.resolution.AcknowledgeIncident(request)
    true("the incident is acknowledged", answer.incident.acknowledged)
    true("the first answer is no replay", not answer.replayed)
    true("the second answer is a replay", client.resolution.AcknowledgeIncident(request).replayed)
    held = client.resolution.HoldIncident(
        paging.HoldIncidentRequest(name=name, reason=enums.HOLD_REASON_AWAITING_VENDOR, note="ticket 7")).incident
    true("the incident is on hold", held.on_hold)
    true("the hold is over",
         not client.resolution.ResumeIncident(paging.ResumeIncidentRequest(name=name)).incident.on_hold)


def investigate_and_fix(client, name):
    evidence = client.resolution.AddEvidence(work.AddEvidenceRequest(
        name=name, kind=enums.EVIDENCE_KIND_LINK, title="Traces", body="https://traces.example/1")).evidence_number
    hypothesis = client.resolution.ProposeHypothesis(
        work.ProposeHypothesisRequest(name=name, statement="the last deploy")).hypothesis_number
    client.resolution.UpdateHypothesis(work.UpdateHypothesisRequest(
        name=name, hypothesis_number=hypothesis, state=enums.HYPOTHESIS_STATE_CONFIRMED, evidence_numbers=[evidence]))
    resolve = repair.ResolveIncidentRequest(name=name, code=enums.RESOLUTION_CODE_FIXED)
    refused(PRECONDITION, "FIX_NOT_VERIFIED", client.resolution.ResolveIncident, resolve)
    fix = client.resolution.ApplyFix(repair.ApplyFixRequest(name=name, description="rolled back 1.42")).fix_number
    mitigated = client.resolution.MitigateIncident(repair.MitigateIncidentRequest(name=name)).incident
    equal("phase after mitigating", mitigated.phase, enums.INCIDENT_PHASE_MITIGATED)
    refused(PRECONDITION, "FIX_NOT_VERIFIED", client.resolution.ResolveIncident, resolve)
    verified = client.resolution.VerifyFix(repair.VerifyFixRequest(
        name=name, fix_number=fix, passed=True, verification="500s are gone")).incident
    equal("state of the fix", verified.fixes[0].state, enums.FIX_STATE_VERIFIED)
    resolved = client.resolution.ResolveIncident(resolve).incident
    equal("phase after resolving", resolved.phase, enums.INCIDENT_PHASE_RESOLVED)
    refused(PRECONDITION, "INCIDENT_RESOLVED", client.resolution.AcknowledgeIncident,
            paging.AcknowledgeIncidentRequest(name=name))


def document_and_close(client, name):
    close = repair.CloseIncidentRequest(name=name)
    refused(PRECONDITION, "CHECKLIST_INCOMPLETE", client.resolution.CloseIncident, close)
    update = work.PostUpdateRequest(
        name=name, audience=enums.UPDATE_AUDIENCE_STAKEHOLDERS, text="Checkout works again.", final=True)
    client.resolution.PostUpdate(update)
    more = {
        enums.CHECKLIST_FIELD_ROOT_CAUSE: {"category": "change"},
        enums.CHECKLIST_FIELD_IMPACT: {"impact_start_time": ago(600), "impact_end_time": ago(1)},
    }
    for item in get(client, name).checklist:
        if not item.required or item.state != enums.CHECKLIST_STATE_MISSING:
            continue
        if item.field == enums.CHECKLIST_FIELD_LESSONS:
            client.resolution.WaiveChecklistItem(
                repair.WaiveChecklistItemRequest(name=name, field=item.field, reason="they are in the review"))
        else:
            client.resolution.DocumentIncident(repair.DocumentIncidentRequest(
                name=name, field=item.field, text="known and written down", **more.get(item.field, {})))
    closed = client.resolution.CloseIncident(close).incident
    equal("phase after closing", closed.phase, enums.INCIDENT_PHASE_CLOSED)
    refused(PRECONDITION, "INCIDENT_CLOSED", client.resolution.CloseIncident, close)
    return closed


def look_back(client, closed):
    kinds = history(client, closed.name)
    in_order("history", kinds, ["Reported", "Declared", "Triaged", "Acknowledged", "Held", "Resumed", "Mitigated",
                                "Resolved", "Documented", "Closed"])
    review = client.review.GetReview(reviews.GetReviewRequest(name=closed.review))
    equal("incident of the review", review.review.incident, closed.name)
    true("the draft tells of the incident", closed.reference in review.markdown)
    found = client.workflow.ListIncidents(workflow.ListIncidentsRequest(
        filter='phase=INCIDENT_PHASE_CLOSED AND priority=PRIORITY_P1 AND labels.env:"prod"')).incidents
    equal("incidents that the filter finds", [each.name for each in found], [closed.name])
    refused(INVALID, "FILTER_INVALID", client.workflow.ListIncidents,
            workflow.ListIncidentsRequest(filter="phase=NOWHERE"))
    refused(grpc.StatusCode.NOT_FOUND, "INCIDENT_UNKNOWN", client.workflow.GetIncident,
            workflow.GetIncidentRequest(name="incidents/INC-999999"))


def clocks_are_explained(client, closed):
    true("it has clocks", closed.clocks)
    for clock in closed.clocks:
        answer = client.workflow.GetClock(workflow.GetClockRequest(name=clock.name))
        equal(f"{clock.name}, asked for by itself", answer.clock, clock)
        counted = sum(interval.counted_duration.seconds for interval in answer.intervals)
        equal(f"what the stretches of {clock.name} add up to", counted, clock.elapsed_duration.seconds)
        before = workflow.GetClockRequest(name=clock.name, read_time=Timestamp(seconds=1_000_000_000))
        refused(grpc.StatusCode.NOT_FOUND, "CLOCK_UNKNOWN", client.workflow.GetClock, before)
    asked = compliance.ComputeSlaComplianceRequest(
        period=compliance.COMPLIANCE_PERIOD_MONTH, group=compliance.COMPLIANCE_GROUP_SERVICE)
    lines = client.workflow.ComputeSlaCompliance(asked).compliances
    met = {clock.sla_definition for clock in closed.clocks if clock.end_time.seconds and not clock.breached}
    true("clocks that were met are counted", met <= {line.sla_definition for line in lines if line.met_count})
    wrong = compliance.ComputeSlaComplianceRequest(time_zone="Mars/Olympus")
    refused(INVALID, None, client.workflow.ComputeSlaCompliance, wrong)


def alert_comes_and_goes(client):
    def signal(status, title="Disk is filling"):
        return intake.AlertSignal(status=status, dedup_key="disk/db-1", title=title, severity="warning",
                                  labels={"service": "checkout", "team": "platform", "alertname": "Disk"})

    def send(status):
        request = intake.SendAlertRequest(
            alert=signal(status), integration="integrations/portal", request_id=new_id())
        return client.intake.SendAlert(request).result

    first = send(intake.SIGNAL_STATUS_FIRING)
    equal("outcome of the first firing", first.outcome, intake.INTAKE_OUTCOME_CREATED)
    equal("outcome of the second", send(intake.SIGNAL_STATUS_FIRING).outcome, intake.INTAKE_OUTCOME_REPEATED)
    equal("outcome of the clear", send(intake.SIGNAL_STATUS_CLEAR).outcome, intake.INTAKE_OUTCOME_RESOLVED)
    until("the incident resolved by itself",
          lambda: get(client, first.incident).phase == enums.INCIDENT_PHASE_RESOLVED)
    batch = intake.BatchSendAlertsRequest(
        alerts=[signal(intake.SIGNAL_STATUS_FIRING), signal(intake.SIGNAL_STATUS_FIRING, title="")],
        integration="integrations/portal", request_id=new_id())
    details = refused(INVALID, None, client.intake.BatchSendAlerts, batch)
    true("the violation names the alert", "[1]" in details["BadRequest"].field_violations[0].field)
    equal("phase after a refused batch", get(client, first.incident).phase, enums.INCIDENT_PHASE_RESOLVED)


class Watcher:
    """Follows the incidents from before the first one on, in the background."""

    def __init__(self, client):
        self.client = client
        self.messages = []
        self.stream = client.workflow.WatchIncidents(workflow.WatchIncidentsRequest())
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        until("the snapshot is complete", lambda: any(m.HasField("snapshot_complete") for m in list(self.messages)))

    def read(self):
        try:
            for message in self.stream:
                self.messages.append(message)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.CANCELLED:
                raise

    def check(self, closed):
        def phases(messages):
            return [m.change.incident.phase for m in messages if m.change.incident.name == closed.name]

        until("the watch saw it closed", lambda: enums.INCIDENT_PHASE_CLOSED in phases(list(self.messages)))
        self.stream.cancel()
        equal("order of the phases seen", phases(self.messages), sorted(phases(self.messages)))
        true("every message has a token", all(m.resume_token for m in self.messages))
        resumed = self.client.workflow.WatchIncidents(
            workflow.WatchIncidentsRequest(resume_token=self.messages[0].resume_token), timeout=30)
        for message in resumed:
            if message.change.incident.phase == enums.INCIDENT_PHASE_CLOSED:
                break
        else:
            raise AssertionError("the resumed watch ended before it came to the close")
        resumed.cancel()


def get(client, name):
    return client.workflow.GetIncident(workflow.GetIncidentRequest(name=name)).incident


def history(client, name):
    """The kinds of event in the history, read in small pages; the numbers must have no gap."""
    entries, token = [], ""
    while True:
        page = client.workflow.ListTimelineEntries(
            workflow.ListTimelineEntriesRequest(parent=name, page_size=5, page_token=token))
        entries.extend(page.timeline_entries)
        token = page.next_page_token
        if not token:
            break
    equal("numbers in the history", [each.number for each in entries], list(range(1, len(entries) + 1)))
    return [each.kind for each in entries]


def has_kind(client, name, kind):
    kinds = history(client, name)
    return kinds if kind in kinds else None


def main(address):
    client = Client(address)
    health_and_reflection(client)
    apply_policy(client)
    watcher = Watcher(client)
    name = report(client)
    triage_it(client, name)
    respond(client, name)
    investigate_and_fix(client, name)
    closed = document_and_close(client, name)
    look_back(client, closed)
    clocks_are_explained(client, closed)
    watcher.check(closed)
    alert_comes_and_goes(client)
    print(f"the Python client walked {closed.reference} from its report to its review")


if __name__ == "__main__":
    main(*sys.argv[1:])
