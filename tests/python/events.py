"""Takes the event stream as others would: parsed by the CloudEvents SDK, its signatures checked by the library of
Standard Webhooks, with one answer in between that is no success.

It judges what a receiver sees. Use: events.py HOST:PORT, with STENTOR_HOOK_PORT and STENTOR_HOOK_SECRET as the server's
file of sinks has them
"""

import http.server
import os
import sys
import threading

from client import Client, equal, new_id, true, until
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks.webhooks import Webhook
from stentor.v1 import intake_service_pb2 as intake
from stentor.v1 import resolution_paging_pb2 as paging
from stentor.v1 import sink_service_pb2 as sinks
from stentor.v1 import sink_service_pb2_grpc
from stentor.v1 import workflow_messages_pb2 as workflow

FAILS = 3  # the request, counted from 1, that is answered with 500


class Hook(http.server.BaseHTTPRequestHandler):
    """Remembers (status, event, signed) of each request."""

    seen = []
    secret = Webhook(os.environ["STENTOR_HOOK_SECRET"])

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            self.secret.verify(body, headers)
            signed = True
        except Exception as error:  # whatever is wrong with it is told below
            signed = str(error)
        event = from_http_event(HTTPMessage(headers=headers, body=body))
        status = 500 if len(self.seen) + 1 == FAILS else 204
        self.seen.append((status, event, signed))
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def the_sink(stub):
    answer = stub.ListSinks(sinks.ListSinksRequest(), timeout=30)
    equal("names of the sinks", [sink.name for sink in answer.sinks], ["sinks/hook"])
    return answer.sinks[0]


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["STENTOR_HOOK_PORT"])), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = Client(sys.argv[1])
    stub = sink_service_pb2_grpc.SinkServiceStub(client.channel)
    until("the server is ready", lambda: client.health_of("readiness") == "SERVING")

    request = intake.ReportIncidentRequest(title="Größe 注文", service="services/checkout", request_id=new_id())
    name = client.intake.ReportIncident(request).incident.name
    ack = paging.AcknowledgeIncidentRequest(name=name, request_id=new_id())
    client.resolution.AcknowledgeIncident(ack)
    until("a failure is listed", lambda: the_sink(stub).failure_count == 1)
    waiting = the_sink(stub)
    equal("its state", waiting.state, sinks.SINK_STATE_WAITING)
    true("it says why", "500" in waiting.last_error)
    until("nothing is left", lambda: the_sink(stub).lag_count == 0)

    accepted = [event for status, event, _ in Hook.seen if status == 204]
    equal("signatures", {signed for _, _, signed in Hook.seen}, {True})
    equal("nothing came twice", len({event.get_id() for event in accepted}), len(accepted))
    entries = client.workflow.ListTimelineEntries(
        workflow.ListTimelineEntriesRequest(parent=name, page_size=1000)).timeline_entries
    told = [event for event in accepted if event.get_subject() == name]
    equal("order of the events", [event.get_data()["number"] for event in told], [entry.number for entry in entries])
    equal("kinds", [event.get_data()["kind"] for event in told], [entry.kind for entry in entries])
    equal("summaries", [event.get_data()["summary"] for event in told], [entry.summary for entry in entries])
    equal("source", {event.get_source() for event in told}, {"//stentor.example"})
    equal("the first", told[0].get_type(), "stentor.incident.reported")
    true("the acknowledgement", "stentor.incident.acknowledged" in {event.get_type() for event in told})
    true("titles are as they were written", "Größe 注文" in str(told[0].get_data()))
    sequence = [event.get_extension("sequence") for event in told]
    equal("sequence", sequence, sorted(sequence))
    print(f"{len(accepted)} events, each parsed, signed and in order")


main()
