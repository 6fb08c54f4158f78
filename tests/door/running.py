"""A door that runs: issuer, backends, Envoy Gateway with its Envoy, and the stand-in for the load balancer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from components.door.gateway import CONTROLLER
from components.door.login import CALLBACK
from components.door.start.program import Objects
from sizing import names
from tests.cluster.api import Object
from tests.cluster.certificates import Authority
from tests.door import programs, wire
from tests.door.balancer import balancer
from tests.door.manifests import CLIENT, DOMAIN, PROGRAMS, SECRET, Places, on_loopback, upstreams_of
from tests.door.start import PLACE, fill, start_page
from tests.door.upstream import Upstream, upstreams
from tests.issuer import Client, Provider, served

XDS_PORT: Final = 18_000
"""Fixed in Envoy Gateway, so that one runs at a time."""
START_SECONDS: Final = 60


class DoorError(Exception):
    """The door doesn't run; the message has the end of Envoy Gateway's log."""


@dataclass
class Opened:
    """A door that runs, however it came to be.

    Attributes:
        issuer: whose tokens open it.
        folder: with `ca.crt`, which signed for the issuer and the balancer.
        port: of the balancer, with TLS.
        plain_port: of Envoy itself.
        upstreams: by namespace and service; the start page is the real program and none of them.
    """

    issuer: Provider
    folder: Path
    port: int
    plain_port: int
    upstreams: dict[tuple[str, str], Upstream]

    def marked(self, mark: str) -> list[tuple[str, str]]:
        """Whom a request reached."""
        return [place for place, upstream in self.upstreams.items() if upstream.marked(mark)]

    def log(self) -> str:
        """Of Envoy Gateway and Envoy."""
        return (self.folder / "gateway.log").read_text(errors="replace")

    def wait(self, holds: Callable[[], bool], seconds: float = START_SECONDS) -> float:
        """Until something holds; gives the seconds that it took.

        Raises:
            DoorError: it doesn't, in that time.
        """
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            with suppress(OSError):
                if holds():
                    return time.monotonic() - began
            time.sleep(0.05)
        raise DoorError(f"not so after {seconds:.0f} s:\n{self.log()[-3000:]}")


@dataclass
class Door(Opened):
    """A door whose objects are in a file."""

    _places: Places
    _listed: dict[str, Objects]
    _process: subprocess.Popen[bytes] | None = None

    def write(self, things: Iterable[Object]) -> None:
        """Make these the objects of the cluster, at once."""
        moved = on_loopback(things, self._places)
        fill(self._listed, moved)
        text = yaml.safe_dump_all(moved, sort_keys=False)
        scratch = self.folder / "objects.new"
        scratch.write_text(text)
        scratch.rename(self.folder / "resources" / "objects.yaml")

    def begin(self) -> None:
        """Start Envoy Gateway with its Envoy, anew where they run: neither knows anything of before."""
        self.end()
        with (self.folder / "gateway.log").open("a") as log:
            self._process = subprocess.Popen(
                [programs.gateway().path, "server", "--config-path", self.folder / "gateway.yaml"],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )
        running = self._process
        self.wait(lambda: running.poll() is None and wire.answers(self.plain_port))

    def end(self) -> None:
        """End them, where they run. Envoy is in the group of Envoy Gateway, which ends it in its own time."""
        if self._process is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, sign)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(3)

    @contextmanager
    def behind(self, namespace: str, service: str, upstream: Upstream) -> Iterator[None]:
        """For a while, routes find a service at this backend."""
        place = (namespace, service)
        self._places.upstreams[place], self.upstreams[place] = upstream.port, upstream
        try:
            yield
        finally:
            del self._places.upstreams[place], self.upstreams[place]


def hosts(namespaces: Iterable[str]) -> list[str]:
    """Of queues and pages, and by them where logins may come back to."""
    return [names.door_host(each, DOMAIN) for each in namespaces]


@contextmanager
def running(folder: Path, things: Iterable[Object]) -> Iterator[Door]:
    """A door with these objects, as stacks register them, once it answers.

    Args:
        folder: for all files.
        things: what stacks register.

    Raises:
        DoorError: it doesn't run.
    """
    things = list(things)
    wanted = sorted(upstreams_of(things) - {PLACE})
    login, account = folder / "issuer", folder / "account"
    login.mkdir()
    account.mkdir()
    (folder / "resources").mkdir()
    with (
        served(login, provider_of(things)) as provider,
        upstreams([f"{space}/{name}" for space, name in wanted]) as made,
        start_page(account) as (start_port, listed),
    ):
        # Envoy wants a name of an issuer, and no address.
        provider.url = provider.url.replace("127.0.0.1", "localhost")
        ports = dict(zip(wanted, made, strict=True))
        places = Places(
            gateway=_free_port(),
            issuer=provider.url,
            issuer_port=int(provider.url.rpartition(":")[2]),
            authority=(login / "ca.crt").read_text(),
            upstreams={PLACE: start_port} | {place: upstream.port for place, upstream in ports.items()},
        )
        pair = Authority(folder).server("door")
        with balancer(pair, places.gateway) as port:
            door = Door(provider, folder, port, places.gateway, ports, places, listed)
            door.write(things)
            with _gateway(door):
                yield door


def provider_of(things: Iterable[Object]) -> Provider:
    """An issuer that knows the door's client and that of programs, and where logins at these routes come back to."""
    found = sorted(
        {
            host
            for thing in things
            if thing["kind"] in ("HTTPRoute", "GRPCRoute")
            for host in thing["spec"].get("hostnames", ())
        }
    )
    redirects = tuple(f"https://{host}{CALLBACK}" for host in found)
    clients = {CLIENT: Client(CLIENT, redirects=redirects, secret=SECRET), PROGRAMS: Client(PROGRAMS)}
    return Provider(clients=clients)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def _gateway(door: Door) -> Iterator[None]:
    with socket.socket() as taken:
        if taken.connect_ex(("127.0.0.1", XDS_PORT)) == 0:
            raise DoorError(f"port {XDS_PORT} is taken: another Envoy Gateway runs on this machine, and only one can")
    home = door.folder / "home"
    envoy = programs.envoy()
    assert envoy is not None
    there = home / "envoy-versions" / programs.envoy_version() / "bin" / "envoy"
    there.parent.mkdir(parents=True)
    there.symlink_to(envoy)
    program = programs.gateway().path
    # Envoy's sockets are in here, whose names have an end.
    config = door.folder / "gateway.yaml"
    config.write_text(yaml.safe_dump(_configuration(door.folder, home)))
    subprocess.run(
        [program, "certgen", "--local", "--config-home", home], check=True, capture_output=True, cwd=door.folder
    )
    try:
        door.begin()
        yield
    finally:
        door.end()


def _configuration(folder: Path, home: Path) -> Object:
    own = {"configHome": str(home), "dataHome": str(home), "stateHome": str(home), "runtimeDir": str(home / "run")}
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "EnvoyGateway",
        "gateway": {"controllerName": CONTROLLER},
        "provider": {
            "type": "Custom",
            "custom": {
                "resource": {"type": "File", "file": {"paths": [str(folder / "resources")]}},
                "infrastructure": {"type": "Host", "host": own},
            },
        },
        "logging": {"level": {"default": "info"}},
        # In the cluster there are services.
        "extensionApis": {"enableBackend": True},
    }
