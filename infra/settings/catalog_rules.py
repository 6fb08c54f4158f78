"""Rules of catalogs and of keys of data, by themselves and on a platform."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from infra.contract import AwsContract
from infra.settings.catalogs import Catalog, places
from infra.settings.findings import Finding, shown
from infra.settings.listed_tenants import ListedTenant
from infra.settings.stack_file import STACKS
from infra.settings.tenant import AwsTenant, DataLocation
from sizing.arns import partition
from sizing.reach import place_error
from sizing.spark.catalogs import RESERVED

GLUE_ENDPOINT: Final = "glue"
"""AWS Glue as interface endpoints call it."""
KINDS: Final = ("glue", "rest", "hive")
SIGNED: Final = re.compile(
    r"(^|\.)(glue|s3tables)(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws|vpce\.amazonaws\.com)$"
)
"""Iceberg's REST protocol as AWS speaks it, which answers requests that a role of the account has signed.

Sources: https://docs.aws.amazon.com/glue/latest/dg/connect-glu-iceberg-rest.html;
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html
"""


class WithKey(Protocol):
    """A data location, a tenant's or one that a platform lists."""

    @property
    def kms_key(self) -> str | None: ...


def keys_are_the_regions(path: str, data: Sequence[WithKey], region: str | None) -> Iterator[Finding]:
    """S3 uses keys of a bucket's region alone, and jobs have S3A for the platform's.

    Args:
        path: of the list.
        data: the locations.
        region: of the stack; None where it is wrong.
    """
    for index, location in enumerate(data):
        if location.kms_key and region:
            _, aws, _, of_key, *_ = location.kms_key.split(":")
            if (aws, of_key) != (partition(region), region):
                allowed = f"a key of the stack's region, arn:{partition(region)}:kms:{region}:..."
                yield Finding(f"{path}[{index}].kmsKey", location.kms_key, allowed)


def catalog_rules(settings: AwsTenant) -> Iterator[Finding]:
    """What holds of a queue's catalogs on any platform."""
    for queue_name, queue in sorted(settings.queues.items()):
        path = f"queues.{queue_name}.catalogs"
        metastores = [name for name, catalog in sorted(queue.catalogs.items()) if catalog.hive]
        for name in metastores[1:]:
            allowed = f"one Hive metastore, as a session of Spark has one: {metastores[0]} is there"
            yield Finding(f"{path}.{name}.hive", "a second Hive metastore", allowed)
        for name, catalog in sorted(queue.catalogs.items()):
            at = f"{path}.{name}"
            if name in RESERVED:
                yield Finding(at, name, "another name: Spark has a catalog or a database of this one by itself")
            given = [kind for kind in KINDS if getattr(catalog, kind)]
            if len(given) != 1:
                yield Finding(at, " and ".join(given) or "nothing", f"exactly one of {', '.join(KINDS)}")
            yield from _warehouse(at, catalog, queue.data)
            yield from _hosts(at, catalog)


def _warehouse(at: str, catalog: Catalog, data: Sequence[DataLocation]) -> Iterator[Finding]:
    """What a catalog has written must be the queue's to write."""
    if catalog.glue and (folder := catalog.glue.warehouse):
        bucket, _, prefix = folder.removeprefix("s3://").partition("/")
        places = [one for one in data if one.access == "readWrite" and one.bucket == bucket]
        if not any(not one.prefix or f"{prefix}/".startswith(f"{one.prefix}/") for one in places):
            allowed = "a folder of the queue's data with access: readWrite"
            yield Finding(f"{at}.glue.warehouse", folder, allowed)


def _hosts(at: str, catalog: Catalog) -> Iterator[Finding]:
    """A catalog is somebody's outside the cluster: nothing within it is reached, nor the node."""
    for field, value, host, port in places(catalog):
        if not 1 <= port <= 65535:
            yield Finding(f"{at}.{field}", value, "a port from 1 to 65535")
        if error := place_error(host):
            yield Finding(f"{at}.{field}", value, error)
    if catalog.rest and SIGNED.search(host := next(host for _, _, host, _ in places(catalog))):
        allowed = "a catalog that asks for no signatures of AWS, which no queue's role makes; AWS Glue goes under glue"
        yield Finding(f"{at}.rest.uri", host, allowed)
    if catalog.rest and catalog.rest.uri.rstrip("/").endswith("/v1"):
        yield Finding(f"{at}.rest.uri", catalog.rest.uri, "the address without /v1 at its end, which Iceberg adds")


def catalogs_on_platform(settings: AwsTenant, contract: AwsContract) -> Iterator[Finding]:
    """Databases are those that the platform lists, on a network that leads to Glue; no host is the cluster's."""
    platform = contract.aws
    listed = platform.tenants.get(settings.name, ListedTenant())
    file = f"{STACKS}/Pulumi.{settings.platform}.yaml"
    for queue_name, queue in sorted(settings.queues.items()):
        for name, catalog in sorted(queue.catalogs.items()):
            at = f"queues.{queue_name}.catalogs.{name}"
            if catalog.glue and platform.endpoints and GLUE_ENDPOINT not in platform.endpoints:
                allowed = (
                    f"a catalog that its endpoints lead to ({', '.join(sorted(platform.endpoints))}); or add "
                    f"{GLUE_ENDPOINT} to network.vpc.endpoints in {file} and deploy the platform first"
                )
                yield Finding(f"{at}.glue", f"AWS Glue, for which {settings.platform} has no endpoint", allowed)
            for database, access in sorted(catalog.glue.databases.items()) if catalog.glue else ():
                if listed.databases.get(database) not in (access, "readWrite"):
                    offered = ", ".join(f"{one}: {how}" for one, how in sorted(listed.databases.items()))
                    allowed = (
                        f"what {settings.platform} lists for {settings.name} ({offered or 'nothing yet'}); or add it "
                        f"under tenants.{settings.name}.databases in {file} and deploy the platform first"
                    )
                    yield Finding(f"{at}.glue.databases.{database}", access, allowed)
            for field, value, host, _ in places(catalog):
                if host == platform.api_server:
                    yield Finding(f"{at}.{field}", shown(value), "another host: this is the cluster's own API server")
                elif error := place_error(host, contract.cluster_cidrs):
                    yield Finding(f"{at}.{field}", shown(value), error)
