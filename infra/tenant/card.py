"""The queue card: all that a queue's people, and their programs, must know of it, in one ConfigMap in its namespace.

Plain values, known at preview: names, sizes, list prices. No ARN of a secret, and no value of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from components.queue.history import PORT as HISTORY_PORT
from infra.contract import AwsContract, ExistingContract
from infra.settings.catalogs import Catalog
from infra.settings.sharing_rules import sharing_of
from infra.settings.tenancy import AwsTenancy, Tenancy
from infra.settings.tenant import PoolSettings, default_pool
from infra.settings.tenant_sizes import QueueNumbers
from infra.tenant.door import logs_page, queue_pages
from infra.tenant.outputs import event_logs, exported_shape, queue_facts
from infra.tenant.people import accepted_principals, queue_principals, tenants_principals
from sizing import names
from sizing.arns import Arns
from sizing.instances import instance
from sizing.nodes import Resources
from sizing.pricing.node_prices import node_usd
from sizing.pricing.prices import plain
from sizing.secrets import DIRECTORY
from sizing.shapes import usual_shape
from sizing.sharing import executors_of_a_job
from sizing.spark.application import OFFICIAL

CARD_VERSION: Final = 1
"""Grows when a program that reads the previous one can't read the new one. New fields are none of that."""


def card_text(tenancy: Tenancy, name: str, numbers: QueueNumbers) -> str:
    """The card of a queue as it is published: JSON, the same for the same settings; see `queue_card`."""
    return json.dumps(queue_card(tenancy, name, numbers), sort_keys=True)


def queue_card(tenancy: Tenancy, name: str, numbers: QueueNumbers) -> dict[str, Any]:
    """The card of a queue; docs/queue-card.md has its fields. What the platform doesn't have is left out.

    Args:
        tenancy: whose queue it is.
        name: of the queue.
        numbers: its numbers.
    """
    settings, contract = tenancy.settings, tenancy.contract
    queue = settings.queues[name]
    exported = queue_facts(tenancy, name, numbers)
    pools = [_pool(tenancy, name, pool, numbers) for pool in sorted(queue.pools)]
    card = {
        "version": CARD_VERSION,
        "platform": contract.platform,
        "environment": contract.environment,
        "tenant": settings.name,
        "queue": name,
        "namespace": exported["namespace"],
        "queues": sorted(names.namespace(settings.name, other) for other in settings.queues),
        **{
            key: exported.get(key)
            for key in (
                "guaranteed",
                "maximum",
                "applicationsAtOnce",
                "order",
                "backfill",
                "maxExecutorsPerJob",
            )
        },
        "driver": _driver(tenancy, numbers, exported["sparkApplication"]["spec"]["driver"]),
        "pools": pools,
        "maximumExecutors": next(
            shape["maximumExecutors"] for pool in pools if pool["default"] for shape in pool["shapes"] if shape["usual"]
        ),
        "spark": _spark(tenancy),
        "application": exported["sparkApplication"],
        "conf": exported["sparkDefaults"],
        "reach": [
            _without_none(
                {
                    "name": place,
                    "host": one.host,
                    "cidr": str(one.cidr) if one.cidr else None,
                    "ports": list(one.ports),
                    "purpose": one.purpose,
                }
            )
            for place, one in sorted(queue.reach.items())
        ],
        "applicationsKeptHours": contract.jobs.kept_hours if contract.jobs else None,
        **(_in_aws(tenancy, name, numbers) if isinstance(tenancy, AwsTenancy) else {}),
    }
    return _without_none(card)


def _driver(tenancy: Tenancy, numbers: QueueNumbers, largest: Mapping[str, Any]) -> dict[str, Any]:
    size = {key: largest[key] for key in ("cores", "coreRequest", "memory", "memoryOverhead")}
    return _without_none(
        {
            **size,
            "architecture": tenancy.contract.driver.architecture,
            "hourlyUsd": _share_of_a_driver_node(tenancy.contract, numbers.drivers.driver),
        }
    )


def _share_of_a_driver_node(contract: AwsContract | ExistingContract, driver: Resources) -> str | None:
    """What the larger of its shares of cpu and memory costs by the hour; None where nobody knows what a node costs."""
    node = contract.driver
    if node.hourly_usd is None:
        return None
    share = max(Decimal(driver.cpu) / node.usable.cpu, Decimal(driver.memory) / node.usable.memory)
    return plain(Decimal(node.hourly_usd) * share)


def _pool(tenancy: Tenancy, queue: str, name: str, numbers: QueueNumbers) -> dict[str, Any]:
    settings, share = tenancy.settings, numbers.shares[name]
    sharing = sharing_of(settings.queues[queue])
    return {
        "name": name,
        "identity": names.pool_identity(settings.name, queue, name),
        "default": name == default_pool(settings.queues[queue]),
        "minimumNodes": share.min_nodes,
        "maximumNodes": share.max_nodes,
        "shapes": [
            {
                **exported_shape(shape),
                "usual": shape == usual_shape(numbers.shapes[name]),
                "maximumExecutors": executors_of_a_job(share.max_nodes * shape.per_node, sharing),
            }
            for shape in numbers.shapes[name]
        ],
        **(
            _bought(tenancy.settings.queues[queue].pools[name], tenancy.contract.aws.region)
            if isinstance(tenancy, AwsTenancy)
            else {}
        ),
    }


def _bought(pool: PoolSettings, region: str) -> dict[str, Any]:
    """What the nodes of a pool are; the price is what one costs at most: on demand, unless it is Spot alone."""
    first = instance(pool.instance_types[0])
    spot_alone = pool.capacity == "spot" and not pool.fallback
    return _without_none(
        {
            "architecture": first.architecture,
            "capacity": pool.capacity,
            "fallback": pool.fallback if pool.capacity == "spot" else None,
            "instanceTypes": list(pool.instance_types),
            "zones": sorted(pool.zones),
            "localDisks": first.nvme_disks > 0,
            "hourlyUsd": node_usd(region, first.name, "spot" if spot_alone else "on-demand", pool.disk_gib),
        }
    )


def _spark(tenancy: Tenancy) -> dict[str, Any]:
    jobs = tenancy.contract.jobs
    return {
        "version": OFFICIAL.spark_version,
        "image": OFFICIAL.image,
        "python": OFFICIAL.python,
        "packages": list(OFFICIAL.packages) if isinstance(tenancy, AwsTenancy) else [],
        **({"images": list(jobs.images), "packageGroups": list(jobs.package_groups)} if jobs else {}),
    }


def _in_aws(tenancy: AwsTenancy, name: str, numbers: QueueNumbers) -> dict[str, Any]:
    """What only a platform in AWS has."""
    aws, queue = tenancy.contract.aws, tenancy.settings.queues[name]
    events = event_logs(tenancy, name)
    return {
        "cluster": {"name": tenancy.contract.platform, "region": aws.region, "accountId": aws.account_id},
        "artifacts": _artifacts(tenancy, name),
        "events": {"location": events.location} if events else None,
        "logs": _logs(tenancy, name, numbers),
        "data": [
            {"bucket": location.bucket, "prefix": location.prefix, "access": location.access} for location in queue.data
        ],
        "catalogs": {catalog: _catalog(one) for catalog, one in sorted(queue.catalogs.items())},
        "secrets": [
            {"name": secret, "as": one.way, **({"path": f"{DIRECTORY}/{secret}"} if one.way == "file" else {})}
            for secret, one in sorted(queue.secrets.items())
        ],
        "history": _history(numbers, aws.event_log_days),
        "pages": queue_pages(tenancy, name, numbers),
    }


def _artifacts(tenancy: AwsTenancy, name: str) -> dict[str, Any]:
    aws, tenant = tenancy.contract.aws, tenancy.settings.name
    bucket, prefix = aws.buckets["artifacts"], f"{names.queue_prefix(tenant, name)}/"
    role = names.upload_role(tenancy.contract.platform, names.namespace(tenant, name))
    return _without_none(
        {
            "bucket": bucket,
            "prefix": prefix,
            "location": f"s3a://{bucket}/{prefix}",
            "uploads": f"{prefix}{names.UPLOADS}/",
            "records": f"{prefix}{names.JOB_RECORDS}/",
            "region": aws.region,
            "keyAlias": aws.data_key_alias,
            "uploadRoleArn": _role(tenancy, role) if queue_principals(tenancy, name) else None,
        }
    )


def _logs(tenancy: AwsTenancy, name: str, numbers: QueueNumbers) -> dict[str, Any] | None:
    contract, aws, tenant = tenancy.contract, tenancy.contract.aws, tenancy.settings.name
    if not aws.logs:
        return None
    namespace = names.namespace(tenant, name)
    readers = None
    if accepted_principals(tenancy, name):
        readers = names.queue_readers_role(contract.platform, namespace)
    elif tenants_principals(tenancy.settings):
        readers = names.readers_role(contract.platform, tenant)
    return _without_none(
        {
            "bucket": aws.buckets["logs"],
            "prefix": f"{names.queue_prefix(tenant, name)}/",
            "logGroup": names.queue_log_group(contract.platform, namespace),
            "readersRoleArn": _role(tenancy, readers) if readers else None,
            "cloudWatchDays": aws.logs.retention_days,
            "logDays": aws.logs.object_days,
            "page": logs_page(tenancy, name, numbers),
        }
    )


def _role(tenancy: AwsTenancy, name: str) -> str:
    return Arns(tenancy.contract.aws.account_id, tenancy.contract.aws.region).role(name)


def _catalog(catalog: Catalog) -> dict[str, Any]:
    return dict(_catalog_fields(catalog))


def _catalog_fields(catalog: Catalog) -> Iterator[tuple[str, Any]]:
    if catalog.glue:
        yield "kind", "glue"
        yield "databases", dict(sorted(catalog.glue.databases.items()))
        if catalog.glue.warehouse:
            yield "warehouse", catalog.glue.warehouse
    if catalog.rest:
        yield "kind", "rest"
        yield "uri", catalog.rest.uri
        if catalog.rest.warehouse:
            yield "warehouse", catalog.rest.warehouse
    if catalog.hive:
        yield "kind", "hive"
        yield "host", catalog.hive.host
        yield "port", catalog.hive.port


def _history(numbers: QueueNumbers, event_log_days: int) -> dict[str, Any] | None:
    if not numbers.history:
        return None
    return {
        "service": names.HISTORY_SERVER,
        "pod": names.HISTORY_POD,
        "port": HISTORY_PORT,
        "refreshMinutes": -(-numbers.history.refresh_seconds // 60),
        "eventLogDays": event_log_days,
    }


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
