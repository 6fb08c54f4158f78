"""Rights to objects of buckets: what reading and writing takes, and data outside the platform's own buckets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from components.access.iam import Statement
from sizing.arns import Arns

READ: Final = ("s3:GetObject",)
WRITE: Final = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject")
"""Also delete: to S3A a rename, by which Spark finishes event logs and output, is a copy and a delete.

Not `s3:ListBucketMultipartUploads`, which knows no prefix and so would show what others upload; the buckets' lifecycle
removes uploads that were left behind.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""


@dataclass(frozen=True, kw_only=True)
class DataLocation:
    """Objects outside the platform's own buckets.

    Args:
        bucket: the bucket's name.
        prefix: without slashes at start and end; empty for the whole bucket.
        access: `readWrite` also lets objects be replaced and removed.
        kms_key: ARN of the key that encrypts them, or of its alias; None where S3's own or no named one does.

    Raises:
        ValueError: a character of the bucket, the prefix or the key means more than itself in an IAM policy.
    """

    bucket: str
    prefix: str
    access: Literal["read", "readWrite"]
    kms_key: str | None = None

    def __post_init__(self) -> None:
        if special := re.search(r"[*?$]", self.bucket + self.prefix + (self.kms_key or "")):
            raise ValueError(
                f"data location {self.bucket}/{self.prefix}: IAM would read {special[0]} as more than a character"
            )


def data_statements(arns: Arns, data: Sequence[DataLocation]) -> Iterator[Statement]:
    """Lets a role use data outside the platform's buckets."""
    writable = [location for location in data if location.access == "readWrite"]
    if data:
        yield Statement(sid="Data", actions=READ, resources=_objects(arns, data))
    if writable:
        yield Statement(sid="WritableData", actions=WRITE, resources=_objects(arns, writable))
    for index, bucket in enumerate(sorted({location.bucket for location in data})):
        prefixes = {location.prefix for location in data if location.bucket == bucket}
        yield Statement(
            sid=f"DataNames{index}",
            actions=("s3:ListBucket",),
            resources=(arns.bucket(bucket),),
            conditions={} if "" in prefixes else {"StringLike": {"s3:prefix": _names(prefixes)}},
        )


def _objects(arns: Arns, data: Iterable[DataLocation]) -> list[str]:
    """The objects under each prefix, and the one that is called like it: a prefix may also be a single file."""
    found = set()
    for location in data:
        found.add(arns.objects(location.bucket, location.prefix))
        if location.prefix:
            found.add(f"{arns.bucket(location.bucket)}/{location.prefix}")
    return sorted(found)


def _names(prefixes: Iterable[str]) -> list[str]:
    """What may be listed: each prefix with and without a slash.

    S3A asks for the object `sales` before it lists `sales/`, and S3 says that there is none only to those who may list
    `sales`; others it turns away, and the job fails. So the names of what begins alike, such as `sales2/`, are seen;
    the objects are not read.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html; apache/hadoop 3.4.1, S3AFileSystem
    (s3GetFileStatus); that S3 takes the object's name for `s3:prefix` then: https://github.com/ceph/ceph/pull/68577
    """
    return [name for prefix in prefixes for name in (prefix, f"{prefix}/*")]
