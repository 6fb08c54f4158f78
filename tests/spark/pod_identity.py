"""EKS Pod Identity's agent as a pod sees it, on a loopback port; and the node's metadata, which no pod may come to."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

CREDENTIALS_PATH: Final = "/v1/credentials"
CUT: Final = 0
"""In place of a status: the connection ends without an answer."""


@dataclass
class PodIdentity:
    """What a pod has of its service account's association, and what was asked of it.

    Args:
        key: the access key that it gives; with it, what it gives is told from all else.
        environment: what EKS' webhook puts into a pod's containers, and where this machine has the node's metadata.
        failures: how the next requests fail, one after the other: HTTP statuses, or `CUT`.
        asked: how often credentials were asked for.
        unknown: requests without the token of the pod's file.
        node_asked: paths that were asked of the node's metadata.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
    """

    key: str
    environment: dict[str, str]
    failures: deque[int]
    asked: int = 0
    unknown: int = 0
    node_asked: list[str] = field(default_factory=list)

    @property
    def session_token(self) -> str:
        """That S3 asks for beside the key."""
        return f"token-of-{self.key}"


@contextmanager
def pod_identity(folder: Path, key: str, failures: Sequence[int] = ()) -> Iterator[PodIdentity]:
    """An agent that answers whoever shows the pod's token, once it has failed as it is told to.

    Args:
        folder: for the token's file; empty.
        key: the access key to give.
        failures: see `PodIdentity`.
    """
    token = f"service-account-token-for-{key}"
    token_file = folder / "eks-pod-identity-token"
    token_file.write_text(token)
    agent, node = (ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) for _ in range(2))
    identity = PodIdentity(
        key=key,
        environment={
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{agent.server_port}{CREDENTIALS_PATH}",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token_file),
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{node.server_port}",
        },
        failures=deque(failures),
    )
    agent.RequestHandlerClass = _agent(identity, token)
    node.RequestHandlerClass = _node(identity)
    threads = [threading.Thread(target=server.serve_forever, args=(0.05,)) for server in (agent, node)]
    for thread in threads:
        thread.start()
    try:
        yield identity
    finally:
        for server in (agent, node):
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
        pass

    def answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


def _agent(identity: PodIdentity, token: str) -> type[BaseHTTPRequestHandler]:
    class Agent(_Quiet):
        def do_GET(self) -> None:
            identity.asked += 1
            if identity.failures:
                status = identity.failures.popleft()
                if status == CUT:
                    self.close_connection = True
                else:
                    self.answer(status, "not now")
            elif self.path != CREDENTIALS_PATH or self.headers["Authorization"] != token:
                identity.unknown += 1
                self.answer(400, "who are you?")
            else:
                self.answer(200, json.dumps(_credentials(identity.key, identity.session_token)))

    return Agent


def _node(identity: PodIdentity) -> type[BaseHTTPRequestHandler]:
    """Metadata that gives the node's role away to whoever asks, as it does where a pod reaches it."""

    class Node(_Quiet):
        def do_PUT(self) -> None:
            self.note("session")

        def do_GET(self) -> None:
            whole = self.path.rstrip("/").endswith("node-role")
            self.note(json.dumps(_credentials("ASIANODE", "token-of-node")) if whole else "node-role")

        def note(self, text: str) -> None:
            identity.node_asked.append(self.path)
            self.answer(200, text)

    return Node


def _credentials(key: str, session_token: str) -> dict[str, str]:
    return {
        "AccessKeyId": key,
        "SecretAccessKey": f"secret-of-{key}",
        "Token": session_token,
        "Code": "Success",
        "Type": "AWS-HMAC",
        "Expiration": (datetime.now(UTC) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
