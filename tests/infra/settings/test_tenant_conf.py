"""Which queues are told to encrypt by Spark: those some of whose traffic the network doesn't encrypt."""

from __future__ import annotations

from typing import Any

import pytest

from infra.contract import PlatformContract
from infra.settings.findings import Finding
from infra.settings.tenancy import tenancy
from infra.settings.tenant import AwsTenant, ExistingTenant
from infra.settings.tenant_conf import queue_conf
from infra.settings.validation import stack_settings
from sizing.spark.defaults import ENCRYPTION
from tests.samples import changed, contract, tenant, tenant_config

POOL = "queues.batch.pools.main"
IN_THE_OPEN = ["r5.2xlarge"]
ENCRYPTED = ["r7i.2xlarge", "r6i.2xlarge"]


def conf(settings: dict[str, Any], queue: str, on: PlatformContract) -> dict[str, str]:
    read = stack_settings("test", tenant_config(settings)).settings
    assert isinstance(read, AwsTenant | ExistingTenant)
    found = tenancy(read, on)
    assert not isinstance(found, Finding)
    return queue_conf(found, queue)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, {}),
        ({"instanceTypes": IN_THE_OPEN}, ENCRYPTION),
        ({"instanceTypes": [ENCRYPTED[0], IN_THE_OPEN[0]]}, ENCRYPTION),
        ({"generation": "b", "retiring": ["a"]}, ENCRYPTION),
    ],
)
def test_a_queue_is_told_to_encrypt_where_a_type_of_its_nodes_does_not(
    changes: dict[str, Any], told: dict[str, str]
) -> None:
    settings = tenant()
    for key, value in changes.items():
        settings = changed(settings, f"{POOL}.{key}", value)
    assert conf(settings, "batch", contract()) == told


def test_a_queue_is_told_to_encrypt_where_drivers_run_on_other_nodes() -> None:
    on = contract()
    driver = on.driver.model_copy(update={"encrypts_in_transit": False})
    assert conf(tenant(), "batch", on.model_copy(update={"driver": driver})) == ENCRYPTION


def test_a_queue_is_told_to_encrypt_on_a_cluster_of_which_nothing_is_known() -> None:
    settings = tenant("demo-kind")
    (queue, *_) = settings["queues"]
    assert conf(settings, queue, contract("platform-kind")) == ENCRYPTION
