"""A resource provider plugin that stands in for any other: it accepts every resource and gives its inputs back.

Run as `echo_provider.py NAME [engine address]`, it prints the port it serves on, as the engine expects of a plugin,
and serves until the engine ends it. It keeps what a well-behaved provider keeps: secrets, unknowns, and the difference
between a preview (no id, no outputs but the inputs) and an update (the id is `<name>-id`). Which inputs of a resource
change the engine finds out by itself; the provider says which of them force a new resource, by the table in
`fleet.offline.changes.force_new`.

A remote component is registered as its plugin would register it. Those in `COMPONENT_OUTPUTS` get a child of the module
`echo` that holds their outputs, so that these are unknown until the component is deployed and known ever after.
Source: pulumi/pulumi proto/pulumi/provider.proto, whose method names these are.
"""
# ruff: noqa: N802

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent import futures
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from grpc import ServicerContext, StatusCode, insecure_channel, server  # type: ignore[import-untyped]
from pulumi.runtime import rpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, resource_pb2, resource_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as api

from fleet.offline.changes.force_new import forces_replacement
from fleet.offline.changes.property_paths import contains, parsed

Json = Any
OUTPUTS_MODULE = "echo"
FAILING: Final = "ECHO_FAILING_DELETIONS"
"""Environment variable: a folder with a file for each resource, named like it, that can't be deleted."""
COMPUTED_OUTPUTS: dict[str, dict[str, Json]] = {
    "aws": {
        "allocationId": "eipalloc-{name}",
        "arn": "arn:aws:echo:{name}",
        "endpoint": "{name}.example.com",
        "keyId": "key",
        "latestVersion": 1,
        "prometheusEndpoint": "https://{name}.example.com/workspaces/ws-1/",
        "publicIp": "192.0.2.1",
    },
    "kubernetes": {"status": {}},
}
"""Outputs beside the inputs that every resource of a package has once it is deployed; a preview leaves them unknown.

In their texts, `{name}` stands for the resource's.
"""

COMPONENT_OUTPUTS = {
    "eks:index:Cluster": (
        "clusterSecurityGroupId",
        "kubeconfig",
        "kubeconfigJson",
        "nodeSecurityGroupId",
        "oidcIssuer",
        "oidcProviderArn",
        "oidcProviderUrl",
    )
}


class EchoProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers for the package `name`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._outputs_type = f"{name}:{OUTPUTS_MODULE}:Outputs"

    def Handshake(
        self, request: api.ProviderHandshakeRequest, context: ServicerContext
    ) -> api.ProviderHandshakeResponse:
        return api.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    def GetPluginInfo(self, request: Empty, context: ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=metadata.version(f"pulumi-{self._name}"))

    def GetSchema(self, request: api.GetSchemaRequest, context: ServicerContext) -> api.GetSchemaResponse:
        return api.GetSchemaResponse(schema=json.dumps({"name": self._name}))

    def CheckConfig(self, request: api.CheckRequest, context: ServicerContext) -> api.CheckResponse:
        return api.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: api.DiffRequest, context: ServicerContext) -> api.DiffResponse:
        return _diff("pulumi:providers:" + self._name, request)

    def Configure(self, request: api.ConfigureRequest, context: ServicerContext) -> api.ConfigureResponse:
        return api.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    def Check(self, request: api.CheckRequest, context: ServicerContext) -> api.CheckResponse:
        return api.CheckResponse(inputs=request.news)

    def Diff(self, request: api.DiffRequest, context: ServicerContext) -> api.DiffResponse:
        return _diff(request.type, request)

    def Create(self, request: api.CreateRequest, context: ServicerContext) -> api.CreateResponse:
        if request.preview:
            return api.CreateResponse(properties=request.properties)
        return api.CreateResponse(
            id=f"{request.name}-id", properties=self._deployed(request.type, request.name, request.properties)
        )

    def Read(self, request: api.ReadRequest, context: ServicerContext) -> api.ReadResponse:
        return api.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: api.UpdateRequest, context: ServicerContext) -> api.UpdateResponse:
        if request.preview:
            return api.UpdateResponse(properties=_updated(request))
        return api.UpdateResponse(properties=self._deployed(request.type, request.name, request.news))

    def Delete(self, request: api.DeleteRequest, context: ServicerContext) -> Empty:
        if (Path(os.environ[FAILING]) / request.name).exists():
            context.abort(StatusCode.UNAVAILABLE, f"{request.name} can't be deleted")
        return Empty()

    def Invoke(self, request: api.InvokeRequest, context: ServicerContext) -> api.InvokeResponse:
        return api.InvokeResponse()

    def Construct(self, request: api.ConstructRequest, context: ServicerContext) -> api.ConstructResponse:
        with insecure_channel(request.monitorEndpoint, options=_GRPC_CHANNEL_OPTIONS) as channel:
            monitor = resource_pb2_grpc.ResourceMonitorStub(channel)
            urn = monitor.RegisterResource(_component_request(request)).urn
            state = Struct()
            if names := COMPONENT_OUTPUTS.get(request.type):
                outputs = monitor.RegisterResource(self._outputs_request(request.name, urn, names)).object
                known = json_format.MessageToDict(outputs)
                state.update({name: known.get(name, rpc.UNKNOWN) for name in names})
            monitor.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn=urn, outputs=state))
        return api.ConstructResponse(urn=urn, state=state)

    def Cancel(self, request: Empty, context: ServicerContext) -> Empty:
        return Empty()

    def GetMapping(self, request: api.GetMappingRequest, context: ServicerContext) -> api.GetMappingResponse:
        return api.GetMappingResponse()

    def GetMappings(self, request: api.GetMappingsRequest, context: ServicerContext) -> api.GetMappingsResponse:
        return api.GetMappingsResponse()

    def _deployed(self, token: str, name: str, inputs: Struct) -> Struct:
        """The outputs of a deployed resource of type `token`: what is computed, overridden by its inputs."""
        properties = Struct()
        if token == self._outputs_type:
            properties.update({n: _component_output(name, n) for n in json_format.MessageToDict(inputs)["names"]})
        else:
            computed = COMPUTED_OUTPUTS.get(self._name, {}).items()
            properties.update(
                {n: value.format(name=name) if isinstance(value, str) else value for n, value in computed}
            )
        properties.MergeFrom(inputs)
        return properties

    def _outputs_request(self, name: str, parent: str, names: Iterable[str]) -> resource_pb2.RegisterResourceRequest:
        inputs = Struct()
        inputs.update({"names": list(names)})
        return resource_pb2.RegisterResourceRequest(
            type=self._outputs_type,
            name=name,
            parent=parent,
            custom=True,
            object=inputs,
            acceptSecrets=True,
            acceptResources=True,
            supportsPartialValues=True,
        )


def _component_request(request: api.ConstructRequest) -> resource_pb2.RegisterResourceRequest:
    return resource_pb2.RegisterResourceRequest(
        type=request.type,
        name=request.name,
        parent=request.parent,
        object=request.inputs,
        protect=request.protect,
        dependencies=request.dependencies,
        ignoreChanges=request.ignoreChanges,
        providers=request.providers,
        aliases=request.aliases,
        aliasSpecs=True,
        acceptSecrets=True,
        acceptResources=True,
        supportsPartialValues=True,
    )


def _updated(request: api.UpdateRequest) -> Struct:
    """The outputs that an update in place would give: what is computed stays, the inputs are the new ones."""
    properties = Struct()
    properties.CopyFrom(request.news)
    for name in request.olds.fields.keys() - request.old_inputs.fields.keys() - request.news.fields.keys():
        properties.fields[name].CopyFrom(request.olds.fields[name])
    return properties


def _component_output(name: str, output: str) -> Json:
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": f"https://{name}.invalid", "certificate-authority-data": ""}}
        ],
    }
    match output:
        case "kubeconfig":
            return kubeconfig
        case "kubeconfigJson":
            return json.dumps(kubeconfig)
        case _:
            return f"{name}-{output}"


def _diff(token: str, request: api.DiffRequest) -> api.DiffResponse:
    """What forces a new resource; where a provider doesn't know what changes, the engine compares the inputs."""
    old, new = (_without_secrets(json_format.MessageToDict(inputs)) for inputs in (request.old_inputs, request.news))
    ignored = [parsed(pattern) for pattern in request.ignoreChanges]
    forcing = {
        path[0]
        for path in _changed((), old, new)
        if forces_replacement(token, path) and not any(contains(pattern, path) for pattern in ignored)
    }
    return api.DiffResponse(changes=api.DiffResponse.DIFF_UNKNOWN, replaces=sorted(forcing))


def _changed(path: tuple[str, ...], old: Json, new: Json) -> Iterator[tuple[str, ...]]:
    """The paths of what differs, down to lists."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _changed((*path, key), old.get(key), new.get(key))
    elif old != new:
        yield path


def _without_secrets(value: Json) -> Json:
    match value:
        case {rpc._special_sig_key: rpc._special_secret_sig, "value": content}:
            return _without_secrets(content)
        case dict():
            return {key: _without_secrets(item) for key, item in value.items()}
        case list():
            return [_without_secrets(item) for item in value]
        case _:
            return value


def main() -> None:
    """Serve the package that the first argument names."""
    echo = server(futures.ThreadPoolExecutor(max_workers=16), options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(EchoProvider(sys.argv[1]), echo)
    port = echo.add_insecure_port("127.0.0.1:0")
    echo.start()
    print(port, flush=True)
    echo.wait_for_termination()


if __name__ == "__main__":
    main()
