"""Drives Prometheus and Alertmanager against a running server and checks what became of their alerts.

It knows the server only by its command line and its webhook addresses. It judges the path of an alert, not the rules
behind it. Use: alertmanager.py WORK_FOLDER, with the server's path in STENTOR_BIN.
"""

import contextlib
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

POLICY = Path(__file__).parent.parent / "policy.yaml"
DEADLINE = 60  # seconds for any one thing to come true; everything takes less than ten on an idle machine
ERRORS = 'error_ratio{service="checkout",region="eu"}'
DISK = 'disk_free_ratio{service="checkout",host="db-1"}'

RULES = """
groups:
- name: shop
  rules:
  - alert: HighErrorRate
    expr: error_ratio > 0.05
    labels: {severity: critical, team: payments}
    annotations:
      summary: "{{ $labels.service }} fails {{ $value | humanizePercentage }} of requests in {{ $labels.region }}"
      description: "Größe über Grenze — 受注キュー"
  - alert: DiskWillFill
    expr: disk_free_ratio < 0.1
    labels: {severity: warning, team: platform}
    annotations: {summary: "Disk on {{ $labels.host }} is down to {{ $value | humanizePercentage }} free"}
"""

PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s, external_labels: {{cluster: eu-1, prometheus_replica: a}}}}
rule_files: [rules.yml]
alerting:
  alertmanagers:
  - static_configs: [{{targets: ['127.0.0.1:{port}']}}]
    path_prefix: {prefix}
    api_version: v2
scrape_configs:
- job_name: shop
  static_configs: [{{targets: ['127.0.0.1:{target}']}}]
"""

ALERTMANAGER = """
route:
  receiver: stentor
  group_by: ['alertname', 'service']
  group_wait: 1s
  group_interval: 2s
  repeat_interval: 4s
receivers:
- name: stentor
  webhook_configs:
  - url: http://127.0.0.1:{port}/integrations/alertmanager/dev
    send_resolved: true
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, check, process=None):
    """Waits until check() gives something true and returns it; what says what was missing if it never does.
    With a process, its end ends the wait."""
    end = time.monotonic() + DEADLINE
    last = None
    while time.monotonic() < end:
        try:
            last = check()
            if last:
                return last
        except (OSError, subprocess.CalledProcessError) as error:
            last = error
        if process and process.poll() is not None:
            raise AssertionError(f"ended with {process.returncode} before this: {what}")
        time.sleep(0.2)
    raise AssertionError(f"not within {DEADLINE} s: {what}; last seen: {last}")


class Shop(http.server.BaseHTTPRequestHandler):
    """The watched shop: answers every scrape with the values of the moment."""

    values: dict = {}

    def do_GET(self):
        body = "".join(f"{name} {value}\n" for name, value in self.values.items()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    @classmethod
    def healthy(cls):
        cls.values = {ERRORS: 0.01, DISK: 0.5}

    @classmethod
    def broken(cls):
        cls.values = {ERRORS: 0.12, DISK: 0.04}


def serve_shop(stack):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stack.callback(server.shutdown)
    return server.server_address[1]


def start(stack, folder, name, *command):
    """Starts a process that ends with the stack; its output goes to a file that is shown when the test fails."""
    log = stack.enter_context(open(folder / f"{name}.log", "wb"))
    process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)

    def stop():
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    stack.callback(stop)
    return process


def ready(url):
    with urllib.request.urlopen(url, timeout=2) as answer:
        return answer.status == 200


class Stentor:
    """The server under test, asked only through its command line."""

    def __init__(self, stack, folder):
        self.binary = os.environ["STENTOR_BIN"]
        self.port = free_port()
        process = start(stack, folder, "stentor", self.binary, "serve", "--dev", "--policy", str(POLICY),
                        "--listen", f"127.0.0.1:{self.port}", "--metrics", f"127.0.0.1:{free_port()}",
                        "--data", str(folder / "data"))
        until("the server answers", lambda: self.ask("incident", "list") == [], process)

    def ask(self, *words):
        address = f"http://127.0.0.1:{self.port}"
        command = [self.binary, *words, "--server", address, "-o", "json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=30).stdout)

    def incidents(self):
        """The incidents by the name of the alert that opened them."""
        return {each["labels"]["alertname"]: each for each in self.ask("incident", "list")}

    def show(self, incident):
        return self.ask("incident", "show", incident["reference"])

    def history(self, incident):
        """The kinds of event in its history, in order."""
        return [entry["kind"] for entry in self.ask("incident", "timeline", incident["reference"])]


def equal(what, seen, wanted):
    if seen != wanted:
        raise AssertionError(f"{what}: {seen!r} instead of {wanted!r}")


def holds(what, kinds, *wanted):
    missing = [kind for kind in wanted if kind not in kinds]
    if missing:
        raise AssertionError(f"{what} lacks {missing}: {kinds}")


def start_prometheus(stack, folder, target, port, prefix):
    listen = free_port()
    (folder / "rules.yml").write_text(RULES)
    (folder / "prometheus.yml").write_text(PROMETHEUS.format(port=port, prefix=prefix, target=target))
    process = start(stack, folder, "prometheus", "prometheus", "--config.file=prometheus.yml",
                    "--storage.tsdb.path=tsdb", f"--web.listen-address=127.0.0.1:{listen}",
                    "--rules.alert.resend-delay=2s")
    until("Prometheus is ready", lambda: ready(f"http://127.0.0.1:{listen}/-/ready"), process)


def start_alertmanager(stack, folder, port):
    listen = free_port()
    (folder / "alertmanager.yml").write_text(ALERTMANAGER.format(port=port))
    process = start(stack, folder, "alertmanager", "prometheus-alertmanager", "--config.file=alertmanager.yml",
                    "--storage.path=am", f"--web.listen-address=127.0.0.1:{listen}",
                    "--cluster.listen-address=")
    until("Alertmanager is ready", lambda: ready(f"http://127.0.0.1:{listen}/-/ready"), process)
    return listen


def check_firing(stentor):
    until("both alerts opened an incident", lambda: len(stentor.incidents()) == 2)
    found = stentor.incidents()
    equal("the incidents", sorted(found), ["DiskWillFill", "HighErrorRate"])
    expected = {"HighErrorRate": ("PRIORITY_P1", "payments"), "DiskWillFill": ("PRIORITY_P3", "hardware")}
    for name, (priority, category) in expected.items():
        incident = found[name]
        equal(f"priority of {name}", incident["priority"], priority)
        equal(f"category of {name}", incident["category"], category)
        equal(f"service of {name}", incident["service"], "services/checkout")
        equal(f"phase of {name}", incident["phase"], "INCIDENT_PHASE_ACTIVE")
        until(f"{name} was delivered to Ana", lambda each=incident: "DeliveryRecorded" in stentor.history(each))
        holds(f"history of {name}", stentor.history(incident), "Alerted", "Paged")
        equal(f"people paged for {name}", stentor.show(incident)["escalation"]["pagedPeople"], ["people/ana"])
    return found


def check_repeats(stentor, found):
    """What fires on is sent again and again; it must join its incident and page nobody anew."""
    for name, incident in found.items():
        until(f"repeats of {name} came in", lambda each=incident: int(stentor.show(each)["alerts"][0]["count"]) >= 3)
        equal(f"pages of {name}", stentor.history(incident).count("Paged"), 1)
    equal("number of incidents", len(stentor.ask("incident", "list")), 2)


def check_end(stentor, found):
    """P3 resolves by itself; P1 returned to normal and waits for a person to confirm."""
    ends = {"DiskWillFill": ("INCIDENT_PHASE_RESOLVED", "AutoResolved"),
            "HighErrorRate": ("INCIDENT_PHASE_MITIGATED", "Mitigated")}
    for name, (phase, event) in ends.items():
        incident = found[name]
        until(f"{name} is {phase}", lambda each=incident, want=phase: stentor.show(each)["phase"] == want)
        holds(f"history of {name}", stentor.history(incident), "AlertCleared", "AllCleared", event)


def run(folder, path):
    folder.mkdir()
    Shop.healthy()
    with contextlib.ExitStack() as stack:
        stentor = Stentor(stack, folder)
        target = serve_shop(stack)
        if path == "webhook":
            start_prometheus(stack, folder, target, start_alertmanager(stack, folder, stentor.port), "/")
        else:
            start_prometheus(stack, folder, target, stentor.port, "/integrations/prometheus/dev")
        Shop.broken()
        found = check_firing(stentor)
        check_repeats(stentor, found)
        Shop.healthy()
        check_end(stentor, found)
    print(f"{path}: two alerts opened, paged, repeated and ended as the policy says", flush=True)


def main(work):
    for path in ("webhook", "notifier"):
        folder = Path(work) / path
        try:
            run(folder, path)
        except Exception:
            for log in sorted(folder.glob("*.log")):
                tail = log.read_text(errors="replace").splitlines()[-30:]
                print(f"--- {log.name}", *tail, sep="\n", file=sys.stderr)
            raise


if __name__ == "__main__":
    main(*sys.argv[1:])
