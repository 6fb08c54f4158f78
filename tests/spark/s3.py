"""moto's S3 and Glue on a loopback port, which know from whose credentials each request is."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
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
CREDENTIAL: Final = re.compile(r"Credential=(\w+)/\d+/([\w-]+)/(?:glue|s3)/")
OPERATION: Final = "HTTP_X_AMZ_TARGET"
"""The header by which Glue is told what to do, `AWSGlue.<operation>`."""


@dataclass
class S3:
    """A server of S3 and Glue.

    Args:
        endpoint: its address.
        known: the session tokens of those who may come, by their access keys; everybody else is refused.
        seen: how many requests came from each access key and region that they were signed for.
        glue: the operations that Glue was asked for, each with its request.
    """

    endpoint: str
    known: dict[str, str] = field(default_factory=dict)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    glue: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def conf(self) -> dict[str, str]:
        """What Spark must be told to come here and not to AWS."""
        return {
            "spark.hadoop.fs.s3a.endpoint": self.endpoint,
            "spark.hadoop.fs.s3a.path.style.access": "true",
            "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
        }

    def make(self, bucket: str, objects: Mapping[str, str | bytes]) -> None:
        """A bucket with these objects."""
        client = self._client("s3")
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        for key, content in objects.items():
            body = content.encode() if isinstance(content, str) else content
            client.put_object(Bucket=bucket, Key=key, Body=body)

    def has(self, bucket: str) -> bool:
        """Whether there is such a bucket."""
        return any(found["Name"] == bucket for found in self._client("s3").list_buckets()["Buckets"])

    def keys(self, bucket: str) -> list[str]:
        """Of the objects in a bucket."""
        return [found["Key"] for found in self._client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]

    def make_database(self, name: str) -> None:
        """A database of Glue without a place of its own."""
        self._client("glue").create_database(DatabaseInput={"Name": name})
        self.glue.clear()

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
def s3_server() -> Iterator[S3]:
    """An empty S3 and Glue."""
    s3 = S3("", {ADMIN: "token-of-admin"})
    moto = DomainDispatcherApplication(create_backend_app)

    def gate(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        signed = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        key, region = (signed[1], signed[2]) if signed else ("", "")
        s3.seen[key, region] += 1
        if not key or s3.known.get(key) != environ.get("HTTP_X_AMZ_SECURITY_TOKEN"):
            refusal = "<Error><Code>InvalidAccessKeyId</Code><Message>not known here</Message></Error>"
            return Response(refusal, 403, content_type="application/xml")(environ, start_response)
        if OPERATION in environ:
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = BytesIO(body)
            s3.glue.append((environ[OPERATION].rpartition(".")[2], json.loads(body)))
        answer: Iterable[bytes] = moto(environ, start_response)
        return answer

    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=_Quiet)
    s3.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield s3
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401 - as werkzeug has it
        pass
