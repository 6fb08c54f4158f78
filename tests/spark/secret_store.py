"""moto's Secrets Manager and Systems Manager on a loopback port, which know from whose credentials each request is."""

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

from tests.spark.s3 import REGION

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ADMIN: Final = "ASIAADMIN"
"""Access key of the test itself."""
CREDENTIAL: Final = re.compile(r"Credential=(\w+)/\d+/([\w-]+)/(?:secretsmanager|ssm)/")


@dataclass
class SecretStore:
    """A server of both services.

    Args:
        endpoint: its address.
        known: the session tokens of those who may come, by their access keys; everybody else is refused.
        asked: the access key and region of each request.
    """

    endpoint: str
    known: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def secret(self, name: str, value: str | bytes) -> str:
        """Makes a secret, and gives its ARN."""
        content = {"SecretString": value} if isinstance(value, str) else {"SecretBinary": value}
        arn: str = self._client("secretsmanager").create_secret(Name=name, **content)["ARN"]
        return arn

    def rotate(self, arn: str, value: str) -> None:
        """Puts a new value into a secret."""
        self._client("secretsmanager").put_secret_value(SecretId=arn, SecretString=value)

    def parameter(self, name: str, value: str) -> str:
        """Makes a parameter that is encrypted, and gives its ARN."""
        client = self._client("ssm")
        client.put_parameter(Name=name, Value=value, Type="SecureString")
        arn: str = client.get_parameter(Name=name)["Parameter"]["ARN"]
        return arn

    def _client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ADMIN,
            aws_secret_access_key="secret",  # noqa: S106 - of nothing
            aws_session_token=self.known[ADMIN],
        )


@contextmanager
def secret_store() -> Iterator[SecretStore]:
    """An empty store."""
    store = SecretStore("", {ADMIN: "token-of-admin"})
    moto = DomainDispatcherApplication(create_backend_app)

    def gate(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        signed = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        key, region = (signed[1], signed[2]) if signed else ("", "")
        if key != ADMIN:
            store.asked.append((key, region))
        if not key or store.known.get(key) != environ.get("HTTP_X_AMZ_SECURITY_TOKEN"):
            refusal = '{"__type": "UnrecognizedClientException", "message": "not known here"}'
            return Response(refusal, 400, content_type="application/x-amz-json-1.1")(environ, start_response)
        answer: Iterable[bytes] = moto(environ, start_response)
        return answer

    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=_Quiet)
    store.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401 - as werkzeug has it
        pass
