"""A small API server over HTTP: what a queue has, for the command as it is called. It admits whatever it is told to."""

from __future__ import annotations

import base64
import copy
import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import yaml
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Request

from tests.client.cards import card_json
from tests.cluster.certificates import Authority

Object = dict[str, Any]
QUEUE: Final = "ads-batch"
APPLICATIONS: Final = "sparkapplications"
OLD: Final = "2026-11-29T08:00:00Z"


@dataclass
class Log:
    """What a container wrote so far; whoever follows it waits for more until it is closed."""

    lines: list[str] = field(default_factory=list)
    closed: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)
    breaks_after: int | None = None
    """Lines after which the connection breaks, once."""

    def write(self, *lines: str) -> None:
        """More lines."""
        with self.changed:
            self.lines += lines
            self.changed.notify_all()

    def close(self) -> None:
        """No more lines come."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()


@dataclass
class StandIn:
    """What is in the cluster, and how its API answers.

    Attributes:
        objects: by plural, namespace and name.
        logs: by the pod's name.
        refusal: of admission, for each application that is submitted.
        code: with which everything is answered, if with no other.
        user: who asks.
        groups: of them.
        seen: methods and paths.
        logins: of each of these what it was asked with.
        lose: how many POSTs are done without an answer.
        ports: of this machine, behind the ports of any pod.
    """

    objects: dict[tuple[str, str, str], Object] = field(default_factory=dict)
    logs: dict[str, Log] = field(default_factory=dict)
    refusal: str = ""
    code: int | None = None
    user: str = "ana"
    groups: list[str] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    lose: int = 0
    ports: dict[int, int] = field(default_factory=dict)
    url: str = ""

    def add_card(self, namespace: str = QUEUE, **changes: Any) -> None:  # noqa: ANN401
        """A queue."""
        card = card_json(namespace=namespace, queues=[namespace], queue=namespace.partition("-")[2], **changes)
        name = "elastic-spark-queue-card"
        self.objects["configmaps", namespace, name] = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": namespace},
            "data": {"card.json": json.dumps(card)},
        }

    def add_job(self, name: str, state: str = "", namespace: str = QUEUE, **status: Any) -> Object:  # noqa: ANN401
        """An application in a state of the operator's."""
        executor = {"cores": 3, "memory": "27629m", "instances": 4}
        job: Object = {
            "apiVersion": "sparkoperator.k8s.io/v1beta2",
            "kind": "SparkApplication",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "creationTimestamp": OLD,
                "labels": {"elastic-spark/job-id": name.rpartition("-")[2]},
                "annotations": {"elastic-spark/submitter": "arn:aws:sts::111122223333:assumed-role/people/ana"},
            },
            "spec": {"type": "Python", "mainApplicationFile": "local:///job.py", "executor": executor, "driver": {}},
        }
        self.objects[APPLICATIONS, namespace, name] = job
        self.set_state(name, state, namespace, **status)
        return job

    def set_state(self, name: str, state: str, namespace: str = QUEUE, **status: Any) -> None:  # noqa: ANN401
        """The operator says where an application is."""
        job = self.objects[APPLICATIONS, namespace, name]
        message = status.pop("message", "")
        job["status"] = {
            **job.get("status", {}),
            "applicationState": {"state": state, "errorMessage": message},
            **({"terminationTime": now()} if state in ("COMPLETED", "FAILED") else {}),
            **status,
        }

    def add_pod(
        self, name: str, job: str, role: str, *, phase: str = "Running", node: str = "node-1", number: int | None = None
    ) -> None:
        """A pod of an application."""
        labels = {"spark-role": role, "sparkoperator.k8s.io/app-name": job}
        labels |= {"spark-exec-id": str(number)} if number else {}
        self.objects["pods", QUEUE, name] = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": QUEUE, "labels": labels, "creationTimestamp": OLD},
            "spec": {"containers": [], **({"nodeName": node} if node else {})},
            "status": {"phase": phase, "startTime": OLD},
        }

    def run(self, name: str, *lines: str) -> Log:
        """The application's driver runs and has written these lines."""
        driver = f"{name}-driver"
        self.add_pod(driver, name, "driver")
        log = self.logs.setdefault(driver, Log())
        log.write(*lines)
        self.set_state(name, "RUNNING", sparkApplicationId=f"spark-{'0' * 32}", driverInfo={"podName": driver})
        return log

    def end(self, name: str, state: str = "COMPLETED", message: str = "") -> None:
        """The application ends, and its driver's log with it."""
        driver = f"{name}-driver"
        self.objects["pods", QUEUE, driver]["status"]["phase"] = "Succeeded" if state == "COMPLETED" else "Failed"
        self.logs[driver].close()
        self.set_state(name, state, message=message)

    def jobs(self) -> list[Object]:
        """The applications that are there."""
        return [job for (plural, _, _), job in sorted(self.objects.items()) if plural == APPLICATIONS]


def now() -> str:
    """The time as Kubernetes writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def kubeconfig(path: Path, server: str, context: str = "spark-dev") -> Path:
    """A kubeconfig with one context, of somebody with a token."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "clusters": [{"name": context, "cluster": {"server": server}}],
        "users": [{"name": context, "user": {"token": "ana's"}}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
    }
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in socketserver
        """Says nothing of commands that end before their answer comes."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served() -> Iterator[StandIn]:
    """An API server with an empty queue."""
    there = StandIn()
    there.add_card()

    class Handler(_Handler):
        stand_in = there

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    there.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield there
    finally:
        for log in there.logs.values():
            log.close()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: StandIn

    def do_GET(self) -> None:
        if not (where := self._begin()):
            return
        namespace, plural, name, part, query = where
        if part == "log":
            self._log(name, query)
        elif part == "portforward":
            self._forward(int(query["ports"][0]))
        elif name:
            found = self.stand_in.objects.get((plural, namespace, name))
            self._json(200, found) if found else self._status(404, "NotFound", f"{plural} {name} not found")
        else:
            self._json(200, {"kind": "List", "apiVersion": "v1", "metadata": {}, "items": self._listed(where)})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not (where := self._begin()):
            return
        namespace, plural, _, _, query = where
        if plural == "selfsubjectreviews":
            user = {"username": self.stand_in.user, "groups": self.stand_in.groups}
            self._json(201, {**body, "metadata": {}, "status": {"userInfo": user}})
            return
        name = body["metadata"]["name"]
        if self.stand_in.refusal:
            self._status(422, "Invalid", f'sparkapplications "{name}" is forbidden: {self.stand_in.refusal}')
            return
        if (plural, namespace, name) in self.stand_in.objects:
            self._status(409, "AlreadyExists", f'sparkapplications "{name}" already exists')
            return
        made = copy.deepcopy(body)
        made["metadata"] |= {"creationTimestamp": now(), "uid": name}
        if "dryRun" not in query:
            self.stand_in.objects[plural, namespace, name] = made
        if self.stand_in.lose:
            self.stand_in.lose -= 1
            self.close_connection = True
            return
        self._json(201, made)

    def do_DELETE(self) -> None:
        if not (where := self._begin()):
            return
        namespace, plural, name, _, _ = where
        if self.stand_in.objects.pop((plural, namespace, name), None) is None:
            self._status(404, "NotFound", f"{plural} {name} not found")
        else:
            self._status(200, "", "", status="Success")

    def _begin(self) -> tuple[str, str, str, str, dict[str, list[str]]] | None:
        url = urlsplit(self.path)
        self.stand_in.seen.append((self.command, self.path))
        self.stand_in.logins.append(self.headers.get("Authorization", ""))
        if code := self.stand_in.code:
            self._status(code, {401: "Unauthorized", 403: "Forbidden"}.get(code, ""), f"answered {code}")
            return None
        _, _, inside = url.path.partition("/namespaces/")
        if not inside:
            return "", url.path.rpartition("/")[2], "", "", parse_qs(url.query)
        namespace, plural, name, part, *_ = [*inside.split("/"), "", ""]
        return namespace, plural, name, part, parse_qs(url.query)

    def _listed(self, where: tuple[str, str, str, str, dict[str, list[str]]]) -> list[Object]:
        namespace, plural, _, _, query = where
        wanted = dict(pair.split("=", 1) for pair in query.get("labelSelector", [""])[0].split(",") if "=" in pair)
        return [
            each
            for (kind, at, _), each in sorted(self.stand_in.objects.items())
            if (kind, at) == (plural, namespace) and wanted.items() <= (each["metadata"].get("labels") or {}).items()
        ]

    def _log(self, pod: str, query: dict[str, list[str]]) -> None:
        log = self.stand_in.logs.get(pod)
        if log is None:
            self._status(404, "NotFound", f"pods {pod} not found")
            return
        follow = query.get("follow") == ["true"]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        sent = max(0, len(log.lines) - int(query["tailLines"][0])) if "tailLines" in query else 0
        with suppress(OSError), log.changed:
            while True:
                for number in range(sent, len(log.lines)):
                    if number == log.breaks_after:
                        log.breaks_after = None
                        self.close_connection = True
                        return
                    stamp = f"2026-11-29T09:00:00.{number:09}Z " if query.get("timestamps") == ["true"] else ""
                    self._chunk(f"{stamp}{log.lines[number]}\n".encode())
                sent = len(log.lines)
                if log.closed or not follow:
                    break
                log.changed.wait(0.5)
            self._chunk(b"")

    def _forward(self, port: int) -> None:
        """As the kubelet does: a channel of bytes and one of errors, whose first messages name the port."""
        connection = WSConnection(ConnectionType.SERVER)
        asked = f"GET {self.path} HTTP/1.1\r\n" + "".join(f"{key}: {value}\r\n" for key, value in self.headers.items())
        connection.receive_data(f"{asked}\r\n".encode())
        (request,) = [event for event in connection.events() if isinstance(event, Request)]
        out = self.connection
        out.sendall(connection.send(AcceptConnection(subprotocol=request.subprotocols[0])))
        named = port.to_bytes(2, "little")
        for channel in (0, 1):
            out.sendall(connection.send(BytesMessage(data=bytes([channel]) + named)))
        with socket.create_connection(("127.0.0.1", self.stand_in.ports[port])) as inside:
            threading.Thread(target=self._back, args=(inside, out, connection), daemon=True).start()
            with suppress(OSError):
                while data := out.recv(65536):
                    connection.receive_data(data)
                    for event in connection.events():
                        if isinstance(event, BytesMessage):
                            inside.sendall(bytes(event.data[1:]))
                        if isinstance(event, CloseConnection):
                            self.close_connection = True
                            return
        self.close_connection = True

    @staticmethod
    def _back(inside: socket.socket, out: socket.socket, connection: WSConnection) -> None:
        with suppress(OSError):
            while data := inside.recv(65536):
                out.sendall(connection.send(BytesMessage(data=b"\0" + data)))

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _json(self, code: int, content: Object) -> None:
        data = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _status(self, code: int, reason: str, message: str, status: str = "Failure") -> None:
        self._json(
            code,
            {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": status,
                "reason": reason,
                "message": message,
                "code": code,
            },
        )

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


def certificate_authority(folder: Path) -> str:
    """The certificate of an authority, as EKS has it."""
    return base64.b64encode(Authority(folder).certificate.read_bytes()).decode()
