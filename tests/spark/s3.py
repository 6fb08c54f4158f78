"""moto's S3 and Glue on a loopback port, which know from whose credentials each request is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from werkzeug.wrappers import Response

from tests.spark.stand_in import REGION, StandIn, served

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

OPERATION: Final = "HTTP_X_AMZ_TARGET"
"""The header by which Glue is told what to do, `AWSGlue.<operation>`."""


@dataclass
class S3(StandIn):
    """A server of S3 and Glue.

    Args:
        seen: how many requests came from each access key and region that they were signed for.
        glue: the operations that Glue was asked for, each with its request.
    """

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
        client = self.client("s3")
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        for key, content in objects.items():
            body = content.encode() if isinstance(content, str) else content
            client.put_object(Bucket=bucket, Key=key, Body=body)

    def keys(self, bucket: str) -> list[str]:
        """Of the objects in a bucket."""
        return [found["Key"] for found in self.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]

    def make_database(self, name: str) -> None:
        """A database of Glue without a place of its own."""
        self.client("glue").create_database(DatabaseInput={"Name": name})
        self.glue.clear()

    def refusal(self) -> Response:
        """As S3 says it."""
        text = "<Error><Code>InvalidAccessKeyId</Code><Message>not known here</Message></Error>"
        return Response(text, 403, content_type="application/xml")

    def came(self, key: str, region: str) -> None:
        """Counts it."""
        self.seen[key, region] += 1

    def passed(self, environ: WSGIEnvironment) -> None:
        """Keeps what Glue is asked for."""
        if OPERATION in environ:
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = BytesIO(body)
            self.glue.append((environ[OPERATION].rpartition(".")[2], json.loads(body)))


@contextmanager
def s3_server() -> Iterator[S3]:
    """An empty S3 and Glue."""
    s3 = S3()
    with served(s3):
        yield s3
