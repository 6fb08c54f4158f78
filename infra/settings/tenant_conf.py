"""The Spark settings that a queue's declaration gives its applications."""

from __future__ import annotations

from infra.settings.catalogs import spark_catalogs
from infra.settings.nodes import network_encrypts
from infra.settings.tenancy import AwsTenancy, ExistingTenancy, Tenancy
from sizing.spark.catalogs import catalog_properties
from sizing.spark.defaults import ENCRYPTION


def queue_conf(tenancy: Tenancy, name: str) -> dict[str, str]:
    """What applications of a queue get where they say nothing else.

    Args:
        tenancy: whose queue it is.
        name: of the queue.
    """
    encryption = {} if encrypted_by_network(tenancy, name) else dict(ENCRYPTION)
    return {**encryption, **_catalogs(tenancy, name)}


def _catalogs(tenancy: Tenancy, name: str) -> dict[str, str]:
    match tenancy:
        case AwsTenancy(settings, contract):
            return catalog_properties(spark_catalogs(settings.queues[name].catalogs, contract.aws.region))
        case ExistingTenancy():
            return {}


def encrypted_by_network(tenancy: Tenancy, name: str) -> bool:
    """Whether the network encrypts what drivers and executors of a queue say to each other.

    On EC2 it does between instances of some types; of an existing cluster nobody knows.

    Args:
        tenancy: whose queue it is.
        name: of the queue.
    """
    match tenancy:
        case AwsTenancy(settings, contract):
            pools = settings.queues[name].pools.values()
            executors = all(network_encrypts(pool.instance_types, pool.retiring) for pool in pools)
            return executors and contract.driver.encrypts_in_transit
        case ExistingTenancy():
            return False
