"""Sends events as the CloudEvents SDK makes them, in both of its forms, and sees what became of them.

It judges what a sender sees, and the incident that follows. Use: senders.py HOST:PORT
"""

import sys
import urllib.request
from datetime import datetime, timezone

from client import Client, equal, true
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from stentor.v1 import incident_enums_pb2 as enums
from stentor.v1 import workflow_messages_pb2 as workflow


def event(number, kind):
    attributes = {
        "id": f"delivery-{number}",
        "source": "//disks.example/db-1",
        "type": f"com.example.disk.full.{kind}",
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "time": datetime.now(timezone.utc),
    }
    return CloudEvent(attributes, {"title": "Disk is full", "severity": "critical", "free": "0%"})


def send(address, message):
    request = urllib.request.Request(f"http://{address}/integrations/cloudevents/dev", bytes(message.body),
                                     dict(message.headers), method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status


def incidents(client):
    return list(client.workflow.ListIncidents(workflow.ListIncidentsRequest(), timeout=30).incidents)


def main():
    address = sys.argv[1]
    client = Client(address)
    equal("status of a structured event", send(address, to_structured_event(event(1, "raised"))), 204)
    opened = incidents(client)
    equal("titles of incidents", [i.title for i in opened], ["Disk is full"])

    equal("status of a binary event", send(address, to_binary_event(event(2, "raised"))), 204)
    equal("incidents after a repeat", len(incidents(client)), 1)

    equal("status of the end", send(address, to_binary_event(event(3, "resolved"))), 204)
    request = workflow.GetIncidentRequest(name=opened[0].name)
    alerts = client.workflow.GetIncident(request, timeout=30).incident.alerts
    true("its alert is clear", [a.state for a in alerts] == [enums.ALERT_STATE_CLEARED])
    print("the CloudEvents SDK's events became an incident, and ended its alert")


if __name__ == "__main__":
    main()
