"""A storm: 200,000 alerts from 500 sources in one minute, one in a hundred of them new, while people acknowledge what
they are paged for. Prints one JSON object; fails if an accepted alert belongs to no incident or a page is lost.

Run by tests/soak/run storm. The figures are of this machine, clients and receiver included.
"""

import json
import os
import queue
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc

from client import Client, equal, new_id, true
from stentor.v1 import intake_service_pb2 as intake
from stentor.v1 import policy_service_pb2 as policy
from stentor.v1 import resolution_paging_pb2 as paging
from stentor.v1 import workflow_messages_pb2 as workflow

SOURCES, SERVICES = 500, 50
MINUTES = int(os.environ.get("STENTOR_STORM_MINUTES", "1"))
ALERTS, BATCH, SECONDS = 200_000 * MINUTES, 20, 60 * MINUTES
KEYS = 4 * MINUTES  # new alerts of each source: 2,000 a minute in all, one in a hundred
SENDERS, ACKNOWLEDGERS = 8, 4
BUDGET = 20  # new incidents of one service in five minutes, the default


def document():
    """Each source has an integration, each service a person of its own, and everything else is as it comes."""
    lines = ["stentor: 1", "organisation: {name: Storm, zone: UTC, default_service: s0, last_resort: [p0]}",
             "providers: {push: webhook/push}", "people:"]
    lines += [f"  p{n}: {{name: P{n}, contacts: {{push: p{n}}}, urgent: [push@0s], normal: [push@0s]}}"
              for n in range(SERVICES)]
    lines += ["teams:"] + [f"  t{n}: {{lead: p{n}, members: [p{n}]}}" for n in range(SERVICES)]
    lines += ["escalation_policies:"]
    lines += [f"  e{n}: {{levels: [{{id: first, targets: [person/p{n}], delay: 1h}}], fallback: [person/p{n}]}}"
              for n in range(SERVICES)]
    lines += ["services:"]
    lines += [f"  s{n}: {{team: t{n}, tier: 1, escalation: {{default: e{n}}}}}" for n in range(SERVICES)]
    lines += ["integrations:"] + [f"  i{n}: {{kind: alertmanager}}" for n in range(SOURCES)]
    lines += ["routes:"]
    lines += [f"  - {{id: r{n}, when: 'label(\"service\") == \"s{n}\"', service: s{n}}}" for n in range(SERVICES)]
    return "\n".join(lines).encode()


class Receiver:
    """Where pages arrive: when the first of each service came, and how many each person got."""

    def __init__(self, port):
        self.first, self.count, self.seen, self.pages = {}, {}, set(), queue.Queue()
        self.lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                receiver.take(self.headers["webhook-id"], body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, identity, body):
        if body["type"] != "incident.page":
            return
        data = body["data"]
        with self.lock:
            if identity in self.seen:
                return
            self.seen.add(identity)
            self.first.setdefault(data["service"], time.monotonic())
            self.count[data["person"]] = self.count.get(data["person"], 0) + 1
        self.pages.put((data["incident"], data["person"]))


class Sent:
    """What the senders were told."""

    def __init__(self):
        self.lock = threading.Lock()
        self.accepted, self.refused, self.storm, self.begun, self.unattached = 0, 0, 0, {}, 0
        self.latency = []


def send(address, share, started, sent):
    client = Client(address)
    for n in share:
        wait = started + n * SECONDS * BATCH / ALERTS - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        source = n % SOURCES
        service = f"s{source % SERVICES}"
        newest = n * BATCH * KEYS // ALERTS
        alerts = [
            intake.AlertSignal(
                status=intake.SIGNAL_STATUS_FIRING, dedup_key=f"k{i % (newest + 1)}", severity="critical",
                title=f"disk {i % (newest + 1)} of source {source} is full",
                labels={"alertname": f"Disk{i % (newest + 1)}", "service": service, "source": str(source)},
            )
            for i in range(BATCH)
        ]
        request = intake.BatchSendAlertsRequest(
            alerts=alerts, integration=f"integrations/i{source}", request_id=new_id())
        begun = time.monotonic()
        with sent.lock:
            sent.begun.setdefault(service, begun)
        try:
            results = client.intake.BatchSendAlerts(request, timeout=30).results
        except grpc.RpcError:
            with sent.lock:
                sent.refused += BATCH
            continue
        with sent.lock:
            sent.latency.append(time.monotonic() - begun)
            sent.accepted += len(results)
            sent.storm += sum(result.storm for result in results)
            sent.unattached += sum(not result.incident for result in results)


def acknowledge(address, receiver, latency, ended):
    client = Client(address)
    while not ended.is_set() or not receiver.pages.empty():
        try:
            incident, person = receiver.pages.get(timeout=0.2)
        except queue.Empty:
            continue
        begun = time.monotonic()
        request = paging.AcknowledgeIncidentRequest(name=incident, request_id=new_id())
        client.resolution.AcknowledgeIncident(
            request, timeout=30, metadata=[("stentor-actor", f"people/{person}")])
        latency.append(time.monotonic() - begun)


def resident(pid):
    """MiB resident, and how many of them are not pages of files."""
    with open(f"/proc/{pid}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return tuple(round(int(fields[field].split()[0]) / 1024, 1) for field in ("VmRSS", "RssAnon"))


def percentile(values, share):
    return round(1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))], 1) if values else None


def attached(client):
    """Alerts of all open incidents."""
    alerts, token = 0, ""
    while True:
        answer = client.workflow.ListIncidents(workflow.ListIncidentsRequest(page_size=500, page_token=token))
        alerts += sum(incident.alert_count for incident in answer.incidents)
        token = answer.next_page_token
        if not token:
            return alerts


def main(address):
    client, pid = Client(address), int(os.environ["STENTOR_PID"])
    receiver = Receiver(int(os.environ["STENTOR_HOOK_PORT"]))
    dry = policy.ApplyPolicyRequest(document=document(), validate_only=True, request_id=new_id())
    accept = [f"{finding.code}@{finding.path}" for finding in client.policy.ApplyPolicy(dry).findings]
    client.policy.ApplyPolicy(
        policy.ApplyPolicyRequest(document=document(), accept=accept, request_id=new_id()), timeout=60)

    sent, acks, ended, memory = Sent(), [], threading.Event(), [resident(pid)]
    started = time.monotonic() + 1
    shares = [range(k, ALERTS // BATCH, SENDERS) for k in range(SENDERS)]
    senders = [threading.Thread(target=send, args=(address, share, started, sent)) for share in shares]
    people = [threading.Thread(target=acknowledge, args=(address, receiver, acks, ended)) for _ in range(ACKNOWLEDGERS)]
    for thread in senders + people:
        thread.start()
    while any(thread.is_alive() for thread in senders):
        time.sleep(1)
        memory.append(resident(pid))
    took = time.monotonic() - started
    time.sleep(5)
    ended.set()
    for thread in people:
        thread.join()

    waits = [receiver.first.get(service, float("inf")) - begun for service, begun in sent.begun.items()]
    print(json.dumps({
        "campaign": "storm", "alerts": ALERTS, "sources": SOURCES, "seconds": round(took, 1), "accepted": sent.accepted,
        "refused": sent.refused, "storm_alerts": sent.storm, "request_p50_ms": percentile(sent.latency, 0.5),
        "request_p99_ms": percentile(sent.latency, 0.99), "first_page_p50_ms": percentile(waits, 0.5),
        "first_page_max_ms": percentile(waits, 1), "pages": len(receiver.seen),
        "pages_of_one_person_max": max(receiver.count.values()), "acknowledged": len(acks),
        "ack_p50_ms": percentile(acks, 0.5), "ack_p99_ms": percentile(acks, 0.99),
        "rss_and_anonymous_mib": {"before": memory[0], "quarters": [memory[len(memory) * k // 4] for k in (1, 2, 3)], "end": memory[-1]},
    }), flush=True)
    equal("accepted alerts that belong to no incident", sent.unattached, 0)
    equal("alerts of open incidents", attached(client), SOURCES * KEYS)
    equal("services that were paged", len(receiver.first), SERVICES)
    # Each source may have a storm of its own at each service, and it is at one.
    true("nobody is paged more than the budget", max(receiver.count.values()) <= BUDGET + SOURCES // SERVICES)


main(sys.argv[1])
