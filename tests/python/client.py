"""What the walk in life.py needs to speak to a server: stubs, waiting, and checks that say what they saw.

It holds no step of the walk.
"""

import itertools
import time
import uuid

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_status import rpc_status
from stentor.v1 import (
    intake_service_pb2_grpc,
    oncall_service_pb2_grpc,
    policy_service_pb2_grpc,
    resolution_service_pb2_grpc,
    review_service_pb2_grpc,
    triage_service_pb2_grpc,
    workflow_service_pb2_grpc,
)

DEADLINE = 30  # seconds for one call, and for one thing to come true


class Client:
    """One channel and the stubs of every service on it."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address)
        grpc.channel_ready_future(self.channel).result(timeout=DEADLINE)
        self.health = health_pb2_grpc.HealthStub(self.channel)
        self.intake = intake_service_pb2_grpc.IntakeServiceStub(self.channel)
        self.triage = triage_service_pb2_grpc.TriageServiceStub(self.channel)
        self.resolution = resolution_service_pb2_grpc.ResolutionServiceStub(self.channel)
        self.oncall = oncall_service_pb2_grpc.OnCallServiceStub(self.channel)
        self.review = review_service_pb2_grpc.ReviewServiceStub(self.channel)
        self.workflow = workflow_service_pb2_grpc.WorkflowServiceStub(self.channel)
        self.policy = policy_service_pb2_grpc.PolicyServiceStub(self.channel)

    def health_of(self, service):
        status = self.health.Check(health_pb2.HealthCheckRequest(service=service), timeout=DEADLINE).status
        return health_pb2.HealthCheckResponse.ServingStatus.Name(status)


def new_id():
    return str(uuid.uuid4())


def equal(what, seen, wanted):
    if seen != wanted:
        raise AssertionError(f"{what}: {seen!r} instead of {wanted!r}")


def true(what, condition):
    if not condition:
        raise AssertionError(f"not so: {what}")


def until(what, check, patience=DEADLINE):
    """Waits until check() gives something true and returns it."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {patience} s: {what}")


def refused(code, reason, method, request):
    """The call must be refused with that gRPC code and that ErrorInfo; returns the details by type name.
    Without a reason any will do, for those that are no contract."""
    try:
        answer = method(request, timeout=DEADLINE)
    except grpc.RpcError as error:
        equal(f"code of the refusal {reason}", error.code(), code)
        details = {}
        for packed in rpc_status.from_call(error).details:
            name = packed.TypeName().rsplit(".", 1)[-1]
            detail = getattr(error_details_pb2, name)()
            packed.Unpack(detail)
            details[name] = detail
        equal("reason of the refusal", details["ErrorInfo"].reason, reason or details["ErrorInfo"].reason)
        equal("domain of the refusal", details["ErrorInfo"].domain, "stentor.dev")
        return details
    raise AssertionError(f"accepted instead of refused with {reason}: {answer}")


class Reflection:
    """Calls a method without any generated code, as grpcurl does: everything is asked from the server."""

    def __init__(self, channel, version):
        # v1 and v1alpha differ only in the name of the service, so one set of messages speaks both.
        self.channel = channel
        self.ask_all = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        self.pool = descriptor_pool.DescriptorPool()
        self.known = set()

    def ask(self, **question):
        request = reflection_pb2.ServerReflectionRequest(**question)
        return next(self.ask_all(iter([request]), timeout=DEADLINE))

    def services(self):
        return {each.name for each in self.ask(list_services="").list_services_response.service}

    def load(self, **question):
        """Adds the files that the answer holds, each after what it imports."""
        files = self.ask(**question).file_descriptor_response.file_descriptor_proto
        beside = {file.name: file for file in map(descriptor_pb2.FileDescriptorProto.FromString, files)}
        for file in beside.values():
            self.add(file, beside)

    def add(self, file, beside):
        if file.name in self.known:
            return
        self.known.add(file.name)
        for needed in file.dependency:
            if needed in beside:
                self.add(beside[needed], beside)
            else:
                self.load(file_by_filename=needed)
        self.pool.Add(file)

    def call(self, service, method, **fields):
        self.load(file_containing_symbol=service)
        found = self.pool.FindServiceByName(service).methods_by_name[method]
        request = message_factory.GetMessageClass(found.input_type)(**fields)
        answer = message_factory.GetMessageClass(found.output_type)
        invoke = self.channel.unary_unary(
            f"/{service}/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        return invoke(request, timeout=DEADLINE)


def in_order(what, seen, wanted):
    """Every wanted item is in seen, in this order; others may stand between."""
    rest = iter(seen)
    missing = list(itertools.filterfalse(lambda item: item in rest, wanted))
    if missing:
        raise AssertionError(f"{what}: {missing} missing or out of order in {list(seen)}")
