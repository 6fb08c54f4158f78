"""AWS as moto plays it, on a loopback port, which knows from whose credentials each request is."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import boto3  # type: ignore[import-untyped]
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ADMIN: Final = "ASIAADMIN"
"""Access key of the test itself."""
REGION: Final = "eu-central-1"
CREDENTIAL: Final = re.compile(r"Credential=(\w+)/\d+/([\w-]+)/\w+/")


@dataclass
class StandIn:
    """A server of some of AWS's services.

    Args:
        endpoint: its address, once it is served.
        known: the session tokens of those who may come, by their access keys; everybody else is refused.
    """

    endpoint: str = ""
    known: dict[str, str] = field(default_factory=lambda: {ADMIN: "token-of-admin"})

    def refusal(self) -> Response:
        """The answer to somebody who isn't known."""
        return Response('{"__type": "UnrecognizedClientException", "message": "not known here"}', 400)

    def came(self, key: str, region: str) -> None:
        """Somebody came, or nobody (empty texts)."""

    def passed(self, environ: WSGIEnvironment) -> None:
        """A request of somebody who is known goes on to moto."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """A client of boto3 for the test itself."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ADMIN,
            aws_secret_access_key="secret",  # noqa: S106 - of nothing
            aws_session_token=self.known[ADMIN],
        )


@contextmanager
def served(stand_in: StandIn) -> Iterator[None]:
    """Serves it, empty at first."""
    moto = DomainDispatcherApplication(create_backend_app)

    def gate(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        signed = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        key, region = (signed[1], signed[2]) if signed else ("", "")
        stand_in.came(key, region)
        if not key or stand_in.known.get(key) != environ.get("HTTP_X_AMZ_SECURITY_TOKEN"):
            return stand_in.refusal()(environ, start_response)
        stand_in.passed(environ)
        answer: Iterable[bytes] = moto(environ, start_response)
        return answer

    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=_Quiet)
    stand_in.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401 - as werkzeug has it
        pass
