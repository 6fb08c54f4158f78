"""A door as a platform on EKS has it: objects of stacks on a real API server, and Envoy Gateway with its rights there.

No node runs pods. So Envoy Gateway runs beside the cluster, with its account's token, and the Envoy of the Deployment
that it makes is started by hand, with its arguments and what its volumes hold. Each has a root of its own, with its
certificates where its image has them: what certgen, with its own account's rights, wrote into the cluster. Envoy has a
network of its own, as ports of Envoy Gateway's are its own too; what routes lead to has endpoints at the other end of
it, as no API server takes a loopback address. Of Envoy's arguments but the name of Envoy Gateway's service is changed.
"""

from __future__ import annotations

import base64
import os
import re
import socket
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from components.door.login import ENVOY_GROUP, GATEWAY_GROUP
from components.door.proxy import PORT
from fleet.offline.registration import Registrations
from sizing import names
from tests.cluster.api import Object, RefusedError
from tests.cluster.binaries import Binaries
from tests.cluster.certificates import LOOPBACK, Authority
from tests.cluster.cluster import Account, Cluster, Who
from tests.cluster.control_plane import control_plane
from tests.cluster.control_plane import running as program
from tests.cluster.logins import login_of
from tests.cluster.objects import apply_all, define_as_written, objects_of
from tests.door import programs, rooms
from tests.door.balancer import balancer
from tests.door.chart import ACCOUNT, CERTGEN, Chart, configuration
from tests.door.manifests import login_secret, platform, tenant, upstreams_of
from tests.door.rooms import MACHINE, POD, network, room
from tests.door.running import XDS_PORT, DoorError, Opened, provider_of
from tests.door.upstream import upstreams
from tests.issuer import served

ISSUER: Final = "issuer.example.com"
CERTIFICATES: Final = "envoy-gateway"
"""The secret that certgen makes for Envoy Gateway."""
SECONDS: Final = 60


@dataclass
class Deployed(Opened):
    """A door on a real API server.

    Attributes:
        cluster: where it is.
        tenants: objects of its tenants, by stack.
    """

    cluster: Cluster
    tenants: Mapping[str, Sequence[Object]]

    def add(self, stack: str) -> list[str]:
        """A tenant's stack is deployed, by who deploys it; gives what was refused."""
        refused = apply_all(self.cluster.acting(self.deployer(stack)), self.tenants[stack])
        self.give_endpoints(self.tenants[stack])
        return refused

    def take_away(self, stack: str) -> None:
        """A tenant's stack is destroyed, by who deploys it, and all is gone: what is in its namespaces with them.

        Raises:
            RefusedError: they may not.
            DoorError: its namespaces stay.
        """
        api, things = self.cluster.acting(self.deployer(stack)), self.tenants[stack]
        spaces = [thing for thing in things if thing["kind"] == "Namespace"]
        inside = [space["metadata"]["name"] for space in spaces]
        for thing in reversed(things):
            if thing["metadata"].get("namespace") not in inside:
                api.delete(thing)
        self.wait(lambda: not any(self.is_there(space) for space in spaces))

    def deployer(self, stack: str) -> Who:
        """Who deploys a tenant's stack."""
        return self.cluster.deployer(self.tenants[stack])

    def is_there(self, thing: Object) -> bool:
        """Whether the API server has it."""
        try:
            self.cluster.admin.read(thing)
        except RefusedError as error:
            if error.code != 404:
                raise
            return False
        return True

    def give_endpoints(self, things: Iterable[Object]) -> None:
        """Services that these routes lead to get endpoints, as they would by their pods."""
        for space, name in sorted(upstreams_of(things)):
            service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": space}}
            (port,) = self.cluster.admin.read(service)["spec"]["ports"]
            own = {"name": port.get("name", ""), "port": self.upstreams[space, name].port, "protocol": "TCP"}
            self.cluster.admin.apply(
                {
                    "apiVersion": "discovery.k8s.io/v1",
                    "kind": "EndpointSlice",
                    "metadata": {"name": name, "namespace": space, "labels": {"kubernetes.io/service-name": name}},
                    "addressType": "IPv4",
                    "endpoints": [{"addresses": [MACHINE], "conditions": {"ready": True}}],
                    "ports": [own],
                }
            )

    def log(self) -> str:
        """Of Envoy Gateway, then of Envoy."""
        files = (self.folder / f"{name}.log" for name in ("gateway", "envoy"))
        return "\n".join(file.read_text(errors="replace") for file in files if file.is_file())


def door_parts(things: Iterable[Object]) -> list[Object]:
    """The objects that Envoy Gateway reads, without namespaces, in the order of deployment."""
    return [t for t in things if t["apiVersion"].partition("/")[0] in (GATEWAY_GROUP, ENVOY_GROUP)]


def missing() -> str:
    """Why it can't run here; empty: it can."""
    if not programs.available():
        return programs.MISSING
    if why := rooms.missing():
        return why
    try:
        Chart()
    except LookupError as error:
        return str(error)
    return ""


@contextmanager
def deployed(folder: Path, binaries: Binaries, stacks: Mapping[str, Sequence[str]]) -> Iterator[Deployed]:
    """A platform with a door and its tenants on an API server, and the door's programs, once the door answers.

    Args:
        folder: for all files.
        binaries: of the control plane.
        stacks: sample tenants, with groups of their people.

    Raises:
        DoorError: it doesn't run.
    """
    with socket.socket() as taken:
        if taken.connect_ex((LOOPBACK, XDS_PORT)) == 0:
            raise DoorError(f"port {XDS_PORT} is taken: another Envoy Gateway runs on this machine, and only one can")
    login = folder / "issuer"
    login.mkdir()
    with ExitStack() as stack:
        inside = stack.enter_context(network())
        provider = stack.enter_context(served(login, address=MACHINE, host=ISSUER))
        provider.url = f"https://{ISSUER}:{provider.url.rpartition(':')[2]}"
        registered = platform(provider.url)
        registrations = {name: tenant(name, groups, provider.url) for name, groups in stacks.items()}
        tenants = {name: objects_of(each) for name, each in registrations.items()}
        things = [*objects_of(registered), *(thing for each in tenants.values() for thing in each)]
        provider.clients.update(provider_of(things).clients)
        wanted = sorted(upstreams_of(things))
        made = stack.enter_context(upstreams([f"{space}/{name}" for space, name in wanted], MACHINE))
        cluster = Cluster(stack.enter_context(control_plane(binaries)))
        _deploy(cluster, registered, list(registrations.values()))
        port = stack.enter_context(balancer(Authority(folder).server("door"), PORT, POD))
        backends = dict(zip(wanted, made, strict=True))
        door = Deployed(provider, folder, port, PORT, backends, cluster, tenants)
        door.give_endpoints(things)
        stack.enter_context(_gateway(door))
        stack.enter_context(_envoy(door, inside))
        yield door


def _deploy(cluster: Cluster, registered: Registrations, tenants: Sequence[Registrations]) -> None:
    """What stacks register, and what charts bring: definitions, accounts, and services of the platform's pages."""
    chart = Chart()
    define_as_written(cluster.admin, chart.definitions())
    cluster.deploy(registered, tenants, defined=(GATEWAY_GROUP, ENVOY_GROUP))
    things = objects_of(registered)
    ports = {backend["name"]: backend["port"] for backend in _backends(things)}
    for name, port in ports.items():
        metadata = {"name": name, "namespace": names.SYSTEM_NAMESPACE}
        spec = {"ports": [{"port": port, "protocol": "TCP"}]}
        cluster.admin.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})
    for thing in (*chart.accounts(), login_secret()):
        cluster.admin.apply(thing)


def _backends(things: Iterable[Object]) -> Iterator[Object]:
    for thing in things:
        if thing["kind"] == "HTTPRoute":
            for rule in thing["spec"]["rules"]:
                yield from rule["backendRefs"]


@contextmanager
def _gateway(door: Deployed) -> Iterator[None]:
    binary = str(programs.gateway().path)
    subprocess.run(
        [binary, "certgen", "--disable-topology-injector"],
        check=True,
        capture_output=True,
        env=_environment(door, CERTGEN),
    )
    config = door.folder / "envoy-gateway.yaml"
    config.write_text(yaml.safe_dump(configuration()))
    inside = _room(door, "gateway", {"certs": _data(door, "Secret", CERTIFICATES)})
    command = [*inside, binary, "server", "--config-path", str(config)]
    with program(command, door.folder / "gateway.log", _environment(door, ACCOUNT)):
        yield


@contextmanager
def _envoy(door: Deployed, inside: Sequence[str]) -> Iterator[None]:
    binary = programs.envoy()
    assert binary is not None
    pod = _made(door)["spec"]["template"]["spec"]
    (container,) = (each for each in pod["containers"] if each["name"] == "envoy")
    sources = {volume["name"]: volume for volume in pod["volumes"]}
    volumes = {}
    for mount in container["volumeMounts"]:
        match sources[mount["name"]]:
            case {"secret": {"secretName": name}}:
                volumes[mount["mountPath"].strip("/")] = _data(door, "Secret", name)
            case {"configMap": {"name": name}}:
                volumes[mount["mountPath"].strip("/")] = _data(door, "ConfigMap", name)
            case other:
                raise DoorError(f"nobody knows what such a volume holds: {other}")
    arguments = [_here(each) for each in container["args"]]
    # Another one's shared memory on this machine is none of its business.
    command = [*inside, *_room(door, "envoy", volumes), str(binary), *arguments, "--disable-hot-restart"]
    with program(command, door.folder / "envoy.log"):
        yield


def _made(door: Deployed) -> Object:
    """The Deployment that Envoy Gateway makes."""
    metadata = {"name": names.DOOR, "namespace": names.SYSTEM_NAMESPACE}
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
    door.wait(lambda: door.is_there(wanted), SECONDS)
    return door.cluster.admin.read(wanted)


def _here(argument: str) -> str:
    """An argument of Envoy's as a kubelet would fill it in, and where Envoy Gateway is."""
    argument = re.sub(r"\$\(([A-Z_]+)\)", lambda found: found[1].lower(), argument)
    return argument.replace(f"envoy-gateway.{names.SYSTEM_NAMESPACE}.svc.cluster.local.", MACHINE)


def _room(door: Deployed, name: str, volumes: Mapping[str, Mapping[str, bytes]]) -> list[str]:
    authority = (door.folder / "issuer" / "ca.crt").read_bytes()
    return room(door.folder / f"{name}-room", volumes, authority, {ISSUER: MACHINE})


def _data(door: Deployed, kind: str, name: str) -> dict[str, bytes]:
    metadata = {"name": name, "namespace": names.SYSTEM_NAMESPACE}
    found = door.cluster.admin.read({"apiVersion": "v1", "kind": kind, "metadata": metadata})["data"]
    if kind == "Secret":
        return {key: base64.b64decode(value) for key, value in found.items()}
    return {key: value.encode() for key, value in found.items()}


def _environment(door: Deployed, account: Account) -> Mapping[str, str]:
    login = login_of(door.cluster, account, door.folder / f"{account.name}.kubeconfig")
    return {**os.environ, "KUBECONFIG": str(login), "ENVOY_GATEWAY_NAMESPACE": names.SYSTEM_NAMESPACE}
