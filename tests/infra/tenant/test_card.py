"""The queue card: what it says is what is registered, for every sample, and it stays small."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from infra.settings.findings import SettingsError
from sizing import names
from sizing.instances import instance
from sizing.pricing.node_prices import node_prices
from tests.samples import (
    AWS_TENANTS,
    TENANTS,
    changed,
    contract,
    sample_registrations,
    tenant,
    tenant_registrations,
)

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
ROLE = "aws:iam/role:Role"
LARGEST = 256 * 1024
"""A quarter of what etcd takes."""


def cards(stack: str) -> dict[str, dict[str, Any]]:
    return {
        (card := json.loads(one.inputs["data"][names.QUEUE_CARD_KEY]))["queue"]: card
        for one in sample_registrations(stack).of_type(CONFIG_MAP)
    }


@pytest.mark.parametrize("stack", TENANTS)
def test_each_queue_has_a_card_that_says_what_the_stack_exports(stack: str) -> None:
    exported = sample_registrations(stack).stack.outputs["queues"]
    assert cards(stack).keys() == exported.keys()
    for queue, card in cards(stack).items():
        assert card["version"] == 1
        assert card["namespace"] == names.namespace(tenant(stack)["name"], queue)
        assert card["queues"] == sorted(names.namespace(tenant(stack)["name"], other) for other in exported)
        for key in ("guaranteed", "maximum", "applicationsAtOnce", "order", "backfill", "maxExecutorsPerJob"):
            assert card.get(key) == exported[queue].get(key)
        assert card["application"] == exported[queue]["sparkApplication"]
        assert card["conf"] == exported[queue]["sparkDefaults"]
        assert card["maximumExecutors"] == card["application"]["spec"]["dynamicAllocation"]["maxExecutors"]
        driver = card["application"]["spec"]["driver"]
        assert {key: card["driver"][key] for key in ("cores", "coreRequest", "memory", "memoryOverhead")} == {
            key: driver[key] for key in ("cores", "coreRequest", "memory", "memoryOverhead")
        }
        for pool in card["pools"]:
            shapes = [
                {key: shape[key] for key in shape if key not in ("maximumExecutors", "usual")}
                for shape in pool["shapes"]
            ]
            assert shapes == exported[queue]["executorShapes"][pool["name"]]
            assert [shape["usual"] for shape in pool["shapes"]].count(True) == 1
        assert [pool["default"] for pool in card["pools"]].count(True) == 1


@pytest.mark.parametrize("stack", TENANTS)
def test_a_card_has_no_arn_of_a_secret_and_nothing_unknown(stack: str) -> None:
    text = json.dumps(cards(stack))
    assert "secretsmanager" not in text
    assert ":parameter/" not in text
    assert "unknown" not in text
    assert "null" not in text


@pytest.mark.parametrize("stack", AWS_TENANTS)
def test_the_roles_that_a_card_names_are_made(stack: str) -> None:
    made = {role.inputs["name"] for role in sample_registrations(stack).of_type(ROLE)}
    named = {
        arn.rpartition("/")[2]
        for card in cards(stack).values()
        for arn in (card["artifacts"].get("uploadRoleArn"), card.get("logs", {}).get("readersRoleArn"))
        if arn
    }
    assert named
    assert named <= made


def test_where_only_viewers_are_there_nobody_uploads() -> None:
    settings = changed(changed(tenant("search-dev"), "people.engineers", ...), "accepts.airflow.scheduled", ...)
    registered = tenant_registrations(settings)
    for one in registered.of_type(CONFIG_MAP):
        card = json.loads(one.inputs["data"][names.QUEUE_CARD_KEY])
        assert "uploadRoleArn" not in card["artifacts"]
        assert "readersRoleArn" not in card["logs"]
    assert not [role for role in registered.of_type(ROLE) if role.inputs["name"].endswith((".put", ".log", ".logs"))]


def test_a_viewer_that_is_shared_uploads_nothing_and_reads_no_log() -> None:
    registered = sample_registrations("search-dev")
    trusts = {role.inputs["name"]: role.inputs["assumeRolePolicy"] for role in registered.of_type(ROLE)}
    airflow = {name for name, trust in trusts.items() if "role/airflow" in trust}
    assert airflow == {"spark-dev-q-search-scheduled.put", "spark-dev-q-search-scheduled.log"}
    assert "role/search-engineers" in trusts["spark-dev-q-search-adhoc.put"]
    assert "role/search-auditors" not in json.dumps(trusts)
    assert cards("search-dev")["scheduled"]["logs"]["readersRoleArn"].endswith("/spark-dev-q-search-scheduled.log")
    assert cards("search-dev")["adhoc"]["logs"]["readersRoleArn"].endswith("/spark-dev-queue-search.logs")


def test_a_node_costs_its_list_price_and_a_driver_its_share_of_one() -> None:
    card = cards("ads-dev")["batch"]
    (pool,) = card["pools"]
    (price,) = node_prices("eu-central-1", ("r7i.2xlarge",), ("on-demand",), 100)
    assert abs(Decimal(pool["hourlyUsd"]) - price.usd_per_hour) < Decimal("0.0001")
    node = contract().driver
    assert node.hourly_usd
    share = max(Decimal(1000) / node.usable.cpu, Decimal(4 * 2**30) / node.usable.memory)
    assert abs(Decimal(card["driver"]["hourlyUsd"]) - Decimal(node.hourly_usd) * share) < Decimal("0.0001")


def test_spot_with_a_fall_back_is_priced_at_what_it_may_cost() -> None:
    (pool,) = cards("research-dev")["explore"]["pools"]
    assert (pool["capacity"], pool["fallback"], pool["localDisks"]) == ("spot", True, True)
    (price,) = node_prices("eu-central-1", ("r6id.4xlarge",), ("on-demand",), 100)
    assert abs(Decimal(pool["hourlyUsd"]) - price.usd_per_hour) < Decimal("0.0001")
    settings = changed(tenant("research-dev"), "queues.explore.pools.nvme.fallback", False)
    (one,) = tenant_registrations(settings).of_type(CONFIG_MAP)
    (alone,) = json.loads(one.inputs["data"][names.QUEUE_CARD_KEY])["pools"]
    assert Decimal(alone["hourlyUsd"]) < Decimal(pool["hourlyUsd"]) / 2


def test_a_card_says_what_its_queue_may_use() -> None:
    research = cards("research-dev")["explore"]
    assert research["maxExecutorsPerJob"] == 24
    assert all(shape["maximumExecutors"] <= 24 for pool in research["pools"] for shape in pool["shapes"])
    assert {name: one["kind"] for name, one in research["catalogs"].items()} == {
        "lake": "glue",
        "legacy": "hive",
        "partners": "rest",
    }
    assert research["catalogs"]["lake"]["databases"] == {"research": "readWrite", "reference": "read"}
    adhoc = cards("search-dev")["adhoc"]
    assert {one["name"] for one in adhoc["secrets"]} == set(tenant("search-dev")["queues"]["adhoc"]["secrets"])
    assert {one["name"] for one in adhoc["reach"]} == set(tenant("search-dev")["queues"]["adhoc"]["reach"])
    assert adhoc["artifacts"]["uploads"] == "search/adhoc/uploads/"
    assert adhoc["history"]["port"] == 18080
    assert adhoc["spark"]["images"] == ["docker.io/apache/spark"]
    assert adhoc["applicationsKeptHours"] == 24


def test_on_an_existing_cluster_a_card_has_what_there_is() -> None:
    card = cards("demo-kind")["try"]
    assert not card.keys() & {"cluster", "artifacts", "events", "logs", "data", "catalogs", "secrets", "history"}
    (pool,) = card["pools"]
    assert not pool.keys() & {"hourlyUsd", "architecture", "instanceTypes", "capacity"}
    assert (pool["minimumNodes"], pool["maximumNodes"]) == (1, 1)
    assert card["spark"]["packages"] == []


def test_a_card_of_very_many_pools_is_far_from_what_etcd_takes() -> None:
    settings = tenant()
    pool = settings["queues"]["batch"]["pools"]["main"]
    large = {**pool, "instanceTypes": ["r7i.48xlarge"], "zones": {"eu-central-1a": 0}, "maxNodes": 60}
    assert instance("r7i.48xlarge").vcpu == 192
    settings["queues"]["batch"]["pools"] = {f"pool-{number:03d}": large for number in range(100)}
    settings["queues"]["batch"]["defaultPool"] = "pool-000"
    (one,) = tenant_registrations(settings).of_type(CONFIG_MAP)
    assert len(one.inputs["data"][names.QUEUE_CARD_KEY].encode()) < LARGEST


def test_more_people_than_a_trust_policy_holds_are_refused_with_their_number() -> None:
    settings = tenant()
    for number in range(60):
        arn = f"arn:aws:iam::111122223333:role/somebody-{number:02d}"
        settings["people"][f"p{number}"] = {"principalArn": arn, "purpose": "submitter"}
    with pytest.raises(SettingsError, match=r"(?s)tenant\.people\n.*63 submitters and owners of queue batch.*2048"):
        tenant_registrations(settings)
