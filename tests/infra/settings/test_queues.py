"""A queue's settings by themselves: what is refused, where the error points, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.settings.tenants import QUEUE, assert_named, findings
from tests.samples import changed, tenant, tenant_config


@pytest.mark.parametrize(
    ("path", "value", "where", "found", "allowed"),
    [
        (f"{QUEUE}.pool", {}, f"{QUEUE}.pool", "an unknown key", "did you mean pools?"),
        ("queues", {}, "queues", "{}", "at least 1"),
        ("queues", ..., "queues", "nothing", "a value"),
        (f"{QUEUE}.drivers", ..., f"{QUEUE}.drivers", "nothing", "a value"),
        (f"{QUEUE}.drivers.atOnce", 0, f"{QUEUE}.drivers.atOnce", "0", "1 or more"),
        (f"{QUEUE}.drivers.atOnce", 10_000, f"{QUEUE}.drivers.atOnce", "10000", "1000 or less"),
        (f"{QUEUE}.drivers.cpu", 0, f"{QUEUE}.drivers.cpu", "0", "a positive Kubernetes quantity"),
        (f"{QUEUE}.drivers.memory", "512Mi", f"{QUEUE}.drivers.memory", "512Mi", "at least 896Mi"),
        ("queues.batch-", tenant()["queues"]["batch"], "queues.batch-", '"batch-"', "not ending with '-'"),
        (f"{QUEUE}.data", [{"bucket": "s3://lake", "access": "read"}], f"{QUEUE}.data[0].bucket", '"s3://lake"', "without s3:// and path"),
        (f"{QUEUE}.data", [{"bucket": "lake", "prefix": "a*", "access": "read"}], f"{QUEUE}.data[0].prefix", '"a*"', "a prefix of object names"),
        (f"{QUEUE}.data", [{"bucket": "lake", "prefix": "a/${aws:userid}", "access": "read"}], f"{QUEUE}.data[0].prefix", '"a/${aws:userid}"', "a prefix of object names"),
        (f"{QUEUE}.data", [{"bucket": "lake", "prefix": "/a/", "access": "read"}], f"{QUEUE}.data[0].prefix", '"/a/"', "without slashes at start and end"),
        (f"{QUEUE}.data", [{"bucket": "lake", "access": "write"}], f"{QUEUE}.data[0].access", '"write"', "'read' or 'readWrite'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_queue_is_named_with_what_is_allowed(
    path: str,
    value: Any,  # noqa: ANN401
    where: str,
    found: str,
    allowed: str,
) -> None:
    assert_named(findings(tenant_config(changed(tenant(), path, value))), where, found, allowed)


@pytest.mark.parametrize(("name", "queue"), [("kube", "system"), ("spark", "system"), ("kube", "public")])
def test_a_queue_does_not_take_the_systems_namespace(name: str, queue: str) -> None:
    settings = changed(changed(tenant(), "name", name), "queues", {queue: tenant()["queues"]["batch"]})
    assert f"the namespace {name}-{queue}" in findings(tenant_config(settings))[f"queues.{queue}"][0]


def test_the_default_pool_is_one_of_the_queues() -> None:
    result = findings(tenant_config(changed(tenant(), "queues.batch.defaultPool", "other")))
    assert result == {"queues.batch.defaultPool": ("other", "a pool of the queue: main")}


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("order", "lifo", "fifo"),
        ("maxExecutorsPerJob", 0, "1"),
        ("maxExecutorsPerJob", "many", "number"),
        ("backfill", "sometimes", "true"),
    ],
)
def test_how_jobs_share_a_queue_is_said_in_words_that_it_knows(key: str, value: object, allowed: str) -> None:
    found = findings(tenant_config(changed(tenant(), f"{QUEUE}.{key}", value)))
    assert allowed in found[f"{QUEUE}.{key}"][1]
