"""Asks who is on call, takes over, and reads the calendars as a calendar client does: with a library that knows
iCalendar and nothing of this server.

It judges what a client sees, not the rules. Use: oncall.py HOST:PORT
"""

import sys
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import icalendar
from client import Client, equal, new_id, true, until
from google.protobuf.timestamp_pb2 import Timestamp
from stentor.v1 import oncall_messages_pb2 as oncall
from stentor.v1 import oncall_pb2
from stentor.v1 import policy_service_pb2 as policy

POLICY = Path(__file__).parent.parent.parent / "workflow/core/policy/sample.yaml"
SCHEDULE = "schedules/shop-primary"


def given_policy(client):
    request = policy.ApplyPolicyRequest(document=POLICY.read_bytes(), validate_only=True, request_id=new_id())
    findings = client.policy.ApplyPolicy(request).findings
    accept = [f"{finding.code}@{finding.path}" for finding in findings]
    client.policy.ApplyPolicy(
        policy.ApplyPolicyRequest(document=POLICY.read_bytes(), accept=accept, request_id=new_id()))


def take_over(client):
    """Somebody else takes over for two hours; returns who."""
    shift = client.oncall.GetOnCall(oncall.GetOnCallRequest(schedule=SCHEDULE)).shift
    other = "people/chi" if "people/chi" not in shift.people else "people/bo"
    end = Timestamp()
    end.GetCurrentTime()
    end.seconds += 7200
    request = oncall.CreateOverrideRequest(
        schedule=SCHEDULE, person=other, end_time=end, reason="dentist; back soon, really", request_id=new_id())
    made = client.oncall.CreateOverride(request).override
    equal("state of the override", made.state, oncall_pb2.OVERRIDE_STATE_ACTIVE)
    now = client.oncall.GetOnCall(oncall.GetOnCallRequest(schedule=SCHEDULE)).shift
    equal("who is on call now", list(now.people), [other])
    equal("why", list(now.overrides), [made.name])
    return other


def events_of(text):
    calendar = icalendar.Calendar.from_ical(text)
    equal("version", str(calendar["VERSION"]), "2.0")
    equal("method", str(calendar["METHOD"]), "PUBLISH")
    true("the calendar says who wrote it", "PRODID" in calendar)
    equal("how often to look again", calendar["REFRESH-INTERVAL"].dt, timedelta(hours=1))
    events = calendar.walk("VEVENT")
    true("there are shifts", events)
    equal("names that occur twice", len({str(event["UID"]) for event in events}), len(events))
    for event in events:
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        true(f"{start} and {end} are in UTC", start.utcoffset() == end.utcoffset() == timedelta(0))
        true(f"{start} is before {end}", start < end)
        true("the event says when it was made", event["DTSTAMP"].dt.tzinfo is not None)
        true("the event has a sequence", event["SEQUENCE"] >= 1)
    return events


def read(address, path, etag=None):
    request = urllib.request.Request(f"http://{address}{path}", headers={"If-None-Match": etag} if etag else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, ""


def calendars(client, address, person):
    of_schedule = client.oncall.GetCalendarFeed(oncall.GetCalendarFeedRequest(name=SCHEDULE))
    events = sorted(events_of(of_schedule.calendar), key=lambda event: event["DTSTART"].dt)
    holes = [(a["DTEND"].dt, b["DTSTART"].dt) for a, b in zip(events, events[1:]) if a["DTEND"].dt != b["DTSTART"].dt]
    equal("holes between shifts", holes, [])
    status, headers, text = read(address, of_schedule.path)
    equal("answer to a calendar client", (status, text), (200, of_schedule.calendar))
    equal("its kind", headers["Content-Type"], "text/calendar; charset=utf-8")
    equal("answer to one that has it", read(address, of_schedule.path, headers["ETag"])[0], 304)
    guess = of_schedule.path.replace("shop-primary", "shop-secondary")
    equal("answer to one that guesses", read(address, guess)[0], 404)
    of_person = client.oncall.GetCalendarFeed(oncall.GetCalendarFeedRequest(name=person))
    own = events_of(of_person.calendar)
    true("the override is in the calendar of who takes over",
         any("overrides/1" in str(event["DESCRIPTION"]) for event in own))


def main(address):
    client = Client(address)
    until("the server is ready", lambda: client.health_of("readiness") == "SERVING")
    given_policy(client)
    person = take_over(client)
    calendars(client, address, person)
    print("the Python client read the calendars")


if __name__ == "__main__":
    main(*sys.argv[1:])
