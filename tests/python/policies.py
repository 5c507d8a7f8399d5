"""A policy is edited while 10,000 incidents are open: none of them changes, until somebody moves them; and a move does
what its preview said.

It judges what a client sees of every single incident. Use: policies.py HOST:PORT
"""

import sys
from pathlib import Path

from client import Client, equal, new_id, true, until
from stentor.v1 import incident_enums_pb2 as enums
from stentor.v1 import intake_service_pb2 as intake
from stentor.v1 import policy_pb2 as documents
from stentor.v1 import policy_service_pb2 as policy
from stentor.v1 import workflow_messages_pb2 as workflow

POLICY = Path(__file__).parent.parent / "policy.yaml"
INCIDENTS = 10_000
BATCH = 500
PAGE = 500
PATIENCE = 120  # seconds for a call that moves them all, and for all their pages to one person


def edited(delay):
    return POLICY.read_text().replace("delay: 5m", f"delay: {delay}").encode()


def apply(client, document, **how):
    lint = policy.ApplyPolicyRequest(document=document, validate_only=True, request_id=new_id())
    accept = [f"{finding.code}@{finding.path}" for finding in client.policy.ApplyPolicy(lint).findings]
    request = policy.ApplyPolicyRequest(document=document, accept=accept, request_id=new_id(), **how)
    return client.policy.ApplyPolicy(request, timeout=PATIENCE)


def open_them(client):
    """Each alert opens an incident of its own, which pages and then waits five minutes."""
    for first in range(0, INCIDENTS, BATCH):
        alerts = [
            intake.AlertSignal(
                status=intake.SIGNAL_STATUS_FIRING, dedup_key=f"k{n}", title=f"checkout {n} is broken",
                severity="critical", labels={"alertname": f"a{n}", "service": "checkout", "team": "payments"},
            )
            for n in range(first, first + BATCH)
        ]
        request = intake.BatchSendAlertsRequest(
            alerts=alerts, integration="integrations/dev", request_id=new_id())
        results = client.intake.BatchSendAlerts(request).results
        equal("alerts that opened no incident", [r for r in results if r.outcome != intake.INTAKE_OUTCOME_CREATED], [])


def lasting(incident):
    """The incident without what is computed at the instant of reading."""
    for clock in incident.clocks:
        clock.ClearField("elapsed_duration")
        clock.ClearField("remaining_duration")
    return incident


def incidents(client):
    """Every open incident by its reference."""
    found, token = {}, ""
    while True:
        request = workflow.ListIncidentsRequest(view=enums.INCIDENT_VIEW_FULL, page_size=PAGE, page_token=token)
        answer = client.workflow.ListIncidents(request)
        found.update((incident.reference, lasting(incident)) for incident in answer.incidents)
        token = answer.next_page_token
        if not token:
            return found


def at_rest(client):
    """All incidents, when every page has been recorded and nothing moves any more."""
    seen = {}

    def rests():
        nonlocal seen
        before, seen = seen, {name: incident.etag for name, incident in incidents(client).items()}
        return seen and seen == before

    until("every page is recorded", rests, PATIENCE)
    return incidents(client)


def due(incident):
    return incident.escalation.next_due_time


def an_edit_changes_nothing_that_is_open(client, before):
    applied = apply(client, edited("9m"))
    equal("moves that nobody asked for", (applied.move_count, len(applied.moves)), (0, 0))
    after = incidents(client)
    changed = [name for name, incident in before.items() if after[name] != incident]
    equal("incidents that an edit changed", changed, [])
    return applied.policy.name


def a_move_does_what_its_preview_says(client, before, version):
    which = {"migrate": documents.POLICY_MIGRATION_OPEN}
    preview = apply(client, edited("9m"), validate_only=True, **which)
    equal("incidents that would move", preview.move_count, INCIDENTS)
    equal("pages of the preview", {page for move in preview.moves for page in move.pages}, set())
    still = incidents(client)
    equal("incidents that a preview changed", [n for n, i in before.items() if still[n] != i], [])

    moved = apply(client, edited("9m"), **which)
    equal("incidents that moved", moved.move_count, INCIDENTS)
    equal("what the moves did, against what they were to do", list(moved.moves), list(preview.moves))
    after = incidents(client)
    equal("policies of the incidents", {incident.policy for incident in after.values()}, {version})
    promised = {move.reference: move.next_escalation_time for move in preview.moves}
    true("the preview tells of moves one by one", promised)
    wrong = [name for name, at in promised.items() if due(after[name]) != at]
    equal("incidents that escalate otherwise than the preview said", wrong, [])
    late = [n for n, i in after.items() if due(i).seconds - due(before[n]).seconds != 4 * 60]
    equal("incidents whose next level does not wait four minutes more", late, [])


def main(address):
    client = Client(address)
    until("the server is ready", lambda: client.health_of("readiness") == "SERVING")
    apply(client, edited("5m"))
    open_them(client)
    before = at_rest(client)
    equal("open incidents", len(before), INCIDENTS)
    version = an_edit_changes_nothing_that_is_open(client, before)
    a_move_does_what_its_preview_says(client, before, version)
    print(f"policies: {INCIDENTS} open incidents kept their policy through an edit, and moved as the preview said")


if __name__ == "__main__":
    main(sys.argv[1])
