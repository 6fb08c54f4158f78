"""A mutating webhook for pods, such as the Spark operator and YuniKorn have, that does what a test wants."""

from __future__ import annotations

import base64
import json
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from tests.cluster.api import Api, Object, RefusedError
from tests.cluster.certificates import LOOPBACK, Authority

Patch = Callable[[Object], Sequence[Object]]
"""Gives the JSON patches for a pod."""
NAME: Final = "tests.elastic-spark"
CALLED: Final = "tests.elastic-spark/called"
"""The annotation by which a pod shows that the webhook saw it."""


@contextmanager
def webhook(api: Api, namespace: str, patch: Patch, probe: Object) -> Iterator[None]:
    """Have the API server call a webhook for each new pod of a namespace, while this is entered.

    Args:
        api: as somebody who may do everything.
        namespace: the webhook sees its pods only.
        patch: what it does.
        probe: a pod that may be created, by which it is seen when the webhook is called.
    """
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        pair = authority.server("webhook")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        server = ThreadingHTTPServer((LOOPBACK, 0), _handler(patch))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        configuration = _configuration(namespace, f"https://{LOOPBACK}:{server.server_port}/", authority.certificate)
        api.create(configuration)
        try:
            _wait_until_called(api, probe)
            yield
        finally:
            api.delete(configuration)
            server.shutdown()
            server.server_close()
            thread.join()


def _configuration(namespace: str, url: str, authority: Path) -> Object:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": NAME},
        "webhooks": [
            {
                "name": f"{NAME}.test",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "reinvocationPolicy": "Never",
                "clientConfig": {"url": url, "caBundle": base64.b64encode(authority.read_bytes()).decode()},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
            }
        ],
    }


def _handler(patch: Patch) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["request"]
            patches = [*patch(request["object"]), *_called(request["object"])]
            answer = {
                "apiVersion": "admission.k8s.io/v1",
                "kind": "AdmissionReview",
                "response": {
                    "uid": request["uid"],
                    "allowed": True,
                    "patchType": "JSONPatch",
                    "patch": base64.b64encode(json.dumps(patches).encode()).decode(),
                },
            }
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:  # noqa: ANN401
            """Says nothing."""

    return Handler


def _called(pod: Object) -> list[Object]:
    annotations = {**pod["metadata"].get("annotations", {}), CALLED: "true"}
    return [{"op": "add", "path": "/metadata/annotations", "value": annotations}]


def _wait_until_called(api: Api, probe: Object) -> None:
    for _ in range(200):
        try:
            if CALLED in api.create(probe, dryRun="All")["metadata"].get("annotations", {}):
                return
        except RefusedError as error:
            if "webhook" not in error.message:
                return
    raise TimeoutError("the API server does not call the webhook")
