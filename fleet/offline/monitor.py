"""A resource monitor that records instead of deploying: the offline stand-in for the Pulumi engine."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, NoReturn, ParamSpec, TypeVar
from unittest import mock

from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import configure
from pulumi.runtime.stack import run_in_stack

from fleet.offline.registration import (
    Registration,
    Registrations,
    Secret,
    Unknown,
    from_read,
    from_request,
    has_unknown,
    make_urn,
    plain_properties,
)
from sizing.values import Json, mapped

STACK_REFERENCE_TYPE = "pulumi:pulumi:StackReference"

StackOutputs = Callable[[str], Mapping[str, Json]]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class ProgramError(Exception):
    """The program can't be previewed offline; the message says why."""


class RecordingMonitor(mocks.MockMonitor):
    """Answers a program as the engine's preview of a new stack does, and keeps each raw request.

    A resource's outputs are its inputs; everything else is unknown, the id included, as before a first deployment.

    Args:
        stack: the stack's short name, and `project` the project's, of which URNs are made.
        stack_outputs: gives the exports of another stack by its full name; what it raises ends the program.
    """

    def __init__(self, stack: str, project: str, stack_outputs: StackOutputs) -> None:
        super().__init__(_NoMocks())
        self._stack = stack
        self._project = project
        self._stack_outputs = stack_outputs
        self._registrations: dict[str, Registration] = {}

    def registrations(self) -> Registrations:
        """All that was registered so far."""
        return Registrations(self._registrations.values())

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:  # noqa: N802
        urn = make_urn(self._stack, self._project, request.parent, request.type, request.name)
        registration = from_request(urn, request)
        self._record(registration)
        outputs = request.object if self._answers(registration) else struct_pb2.Struct()
        return resource_pb2.RegisterResourceResponse(urn=urn, object=outputs)

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:  # noqa: N802
        urn = make_urn(self._stack, self._project, request.parent, request.type, request.name)
        self._record(from_read(urn, request))
        if request.type != STACK_REFERENCE_TYPE:
            return resource_pb2.ReadResourceResponse(urn=urn, properties=request.properties)
        properties = {"name": request.id, "outputs": self._stack_outputs(request.id), "secretOutputNames": []}
        return resource_pb2.ReadResourceResponse(urn=urn, properties=to_struct(properties))

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> empty_pb2.Empty:  # noqa: N802
        registration = self._registrations[request.urn]
        self._registrations[request.urn] = replace(registration, outputs=plain_properties(request.outputs))
        return empty_pb2.Empty()

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> NoReturn:  # noqa: N802
        raise ProgramError(
            f"the program calls {request.tok}, which only a cloud can answer; "
            "a preview depends on nothing but its settings"
        )

    def RegisterStackTransform(self, request: object) -> NoReturn:  # noqa: N802
        raise ProgramError("the program registers a stack transform, which the offline preview does not run")

    RegisterStackInvokeTransform = RegisterStackTransform

    def _answers(self, registration: Registration) -> bool:
        """Whether a preview gives a resource's inputs back as outputs.

        Not for a remote component, and not where the explicit provider is itself not fully known yet: the engine does
        not configure such a provider, and leaves every output unknown.
        """
        provider = self._registrations.get(registration.provider)
        return not registration.remote and not (provider and has_unknown(provider.inputs))

    def _record(self, registration: Registration) -> None:
        if registration.urn in self._registrations:
            raise ProgramError(f"two resources have the URN {registration.urn}")
        self._registrations[registration.urn] = registration


class _NoMocks(mocks.Mocks):
    """The recording monitor answers by itself; reaching a mock is a mistake of ours."""

    def call(self, args: mocks.MockCallArgs) -> NoReturn:
        raise NotImplementedError(args.token)

    def new_resource(self, args: mocks.MockResourceArgs) -> NoReturn:
        raise NotImplementedError(args.typ)


def record(
    program: Callable[[], Any],
    *,
    stack: str,
    project: str,
    config: Mapping[str, str],
    organization: str = "organization",
    stack_outputs: StackOutputs,
) -> Registrations:
    """Run `program` as `pulumi preview` would for a stack that has never been deployed.

    The Pulumi SDK keeps its settings in the process: call this once in a process of its own, or one call at a time.

    Args:
        program: the Pulumi program, a function without arguments.
        config: the stack's configuration as the engine hands it over (`PULUMI_CONFIG`): every value a string.
        organization: what `pulumi.get_organization()` answers; `organization` is that of the file and bucket backends.
        stack_outputs: see `RecordingMonitor`.

    Raises:
        whatever the program raises; ProgramError when it needs what no offline preview has.
    """
    monitor = RecordingMonitor(stack, project, stack_outputs)
    settings = mocks.MockSettings(  # type: ignore[no-untyped-call]  # the SDK's mocks are untyped, here and below
        monitor=monitor,
        monitor_features=monitor_features(monitor),
        engine=mocks.MockEngine(logging.getLogger("pulumi")),
        project=project,
        stack=stack,
        dry_run=True,
        organization=organization,
        callbacks=None,
        outputs=set(),
    )
    configure(settings)
    with (
        mock.patch.dict(os.environ, {"PULUMI_CONFIG": json.dumps(dict(config))}),
        # The SDK sends each resource's stack trace along, for the engine's own messages, and reads source files for it.
        mock.patch.object(sys, "tracebacklimit", 1, create=True),
    ):
        asyncio.run(_run(program))
    return monitor.registrations()


async def _run(program: Callable[[], Any]) -> None:
    """Run `program` in a stack, to the end of all its tasks."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(_SameThread())
    loop.set_exception_handler(_report)

    async def to_the_end() -> None:
        program()
        # The SDK waits for its tasks one by one, and looks at all the others each time: a third of what it did for a
        # stack of 200 resources. Once they have ended there is nothing left to look at; what failed it raises as ever.
        while pending := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(pending)

    await run_in_stack(to_the_end)


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Print what went wrong in the event loop, but for what follows from a failure that the SDK raises by itself."""
    if not context["message"].endswith("exception was never retrieved"):
        loop.default_exception_handler(context)


class _SameThread(ThreadPoolExecutor):
    """Runs in the caller's thread what the SDK hands to another, to wait there for the engine: the monitor answers at
    once, and in the order asked."""

    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Result]:
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def monitor_features(monitor: mocks.MockMonitor) -> set[int]:
    """What the monitor says it can do; the SDK decides by it how it sends things."""
    info = monitor.GetDeploymentInfo(empty_pb2.Empty())  # type: ignore[no-untyped-call]
    return set(info.supportedFeatures)


def to_struct(properties: Mapping[str, Json]) -> struct_pb2.Struct:
    """A property map as the engine sends it, with the SDK's sentinels for `Unknown` and `Secret`."""
    struct = struct_pb2.Struct()
    struct.update(mapped(properties, _wire))
    return struct


def _wire(leaf: Json) -> Json:
    match leaf:
        case Unknown():
            return rpc.UNKNOWN
        case Secret(content):
            return {rpc._special_sig_key: rpc._special_secret_sig, "value": mapped(content, _wire)}
        case _:
            return leaf
