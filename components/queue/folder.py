"""The folder of a queue's event logs, without which no job with an event log starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.base import Component
from sizing import names

EVENT_FOLDER: Final = "spark-events"


@dataclass(frozen=True, kw_only=True)
class QueueFolderArgs:
    """Whose event logs go where.

    Args:
        tenant: the tenant's name.
        queue: the queue's name within the tenant.
        events_bucket: the platform's bucket of event logs.
    """

    tenant: str
    queue: str
    events_bucket: str


class QueueFolder(Component):
    """An empty object whose name ends with a slash, which S3A takes for a folder.

    Spark makes no folder for its event logs, it refuses to start (apache/spark 4.0, EventLogFileWriters.scala,
    requireLogBaseDirAsDirectory). The bucket's expiry must leave empty objects alone, or a queue that rests long enough
    never starts again.

    Attributes:
        location: the folder as Spark takes it (`spark.eventLog.dir`).
    """

    module = "queue_folder"

    def __init__(self, name: str, args: QueueFolderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.location = event_location(args.events_bucket, args.tenant, args.queue)
        aws.s3.BucketObjectv2(
            f"{name}-events",
            bucket=args.events_bucket,
            key=f"{_key(args.tenant, args.queue)}/",
            content="",
            content_type="application/x-directory",
            # Objects take 10 tags, and the provider's default tags may be more.
            override_provider={"default_tags": {"tags": {}}},
            opts=self.child(),
        )
        self.register_outputs({"location": self.location})


def event_location(bucket: str, tenant: str, queue: str) -> str:
    """Where a queue's event logs are: below its prefix, which itself is no folder that its role can open."""
    return f"s3a://{bucket}/{_key(tenant, queue)}"


def _key(tenant: str, queue: str) -> str:
    return f"{names.queue_prefix(tenant, queue)}/{EVENT_FOLDER}"
