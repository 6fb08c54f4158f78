"""Tenants that Hypothesis makes up: every one of them is valid on a platform that lists what it names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from sizing import names, schedules
from sizing.instances import CATALOG
from sizing.nodes import Resources
from sizing.quantities import GIB

REGION = "eu-central-1"
ACCOUNT = "111122223333"
LABELS = st.from_regex(r"[a-z]([a-z0-9-]{0,12}[a-z0-9])?", fullmatch=True)


def _sizes(minimum_vcpu: int, minimum_gib: int) -> list[tuple[str, ...]]:
    """Instance types of at least a size, in groups of alike ones."""
    groups: dict[tuple[int, int, str], list[str]] = {}
    for item in CATALOG.instances.values():
        if item.vcpu >= minimum_vcpu and item.memory_mib >= minimum_gib * 1024 and item.vcpu <= 64:
            groups.setdefault((item.vcpu, item.memory_mib, item.architecture), []).append(item.name)
    return [tuple(names) for names in groups.values()]


def instance_types(minimum_vcpu: int, minimum_gib: int) -> st.SearchStrategy[list[str]]:
    """One to three alike types of at least a size."""
    return st.sampled_from(_sizes(minimum_vcpu, minimum_gib)).flatmap(
        lambda names: st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
    )


TENANT_NAMES = st.from_regex(r"[a-d][a-d0-1]{0,2}", fullmatch=True)
"""Few letters, so that names begin alike."""
QUEUE_NAMES = st.from_regex(r"[a-d]([a-d0-1-]{0,3}[a-d0-1])?", fullmatch=True)
POOL_NAMES = QUEUE_NAMES.filter(lambda name: not name.endswith(names.SPOT_SUFFIX))
DRIVER = {"cpu": 1, "memory": "4Gi"}
DRIVER_SIZE = Resources(cpu=1000, memory=4 * GIB)
PURPOSES = ("viewer", "submitter", "owner")
HISTORIES: tuple[dict[str, Any], ...] = ({}, {"applicationsAWeek": 20_000}, {"enabled": False})
DAYS = st.lists(st.sampled_from(schedules.DAYS), min_size=1, max_size=7, unique=True)
KEYS = (
    f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    f"arn:aws:kms:{REGION}:999988887777:key/mrk-1234abcd12ab34cd56ef1234567890ab",
    f"arn:aws:kms:{REGION}:999988887777:alias/lake",
)
LOCATIONS = st.fixed_dictionaries(
    {
        "bucket": st.sampled_from(["example-lake", "example-lake2"]),
        "prefix": st.from_regex(r"([a-c]{1,2}(/[a-c]{1,2})?)?", fullmatch=True),
        "access": st.sampled_from(["read", "readWrite"]),
    },
    optional={"kmsKey": st.sampled_from(KEYS)},
)


def place(location: dict[str, str]) -> tuple[str, str, str]:
    """What a data location is about, whatever is done there; a list has it once."""
    return location["bucket"], location["prefix"], location.get("kmsKey", "")


HOSTS = st.sampled_from(["10.20.30.40", "catalog.example.com", "metastore.example.internal"])
DATABASES = st.dictionaries(
    st.from_regex(r"[ab]_?[01]", fullmatch=True), st.sampled_from(["read", "readWrite"]), min_size=1, max_size=3
)
CATALOGS = st.fixed_dictionaries(
    {},
    optional={
        "lake": st.fixed_dictionaries({"glue": st.fixed_dictionaries({"databases": DATABASES})}),
        "events": HOSTS.map(lambda host: {"rest": {"uri": f"https://{host}/iceberg", "warehouse": "main"}}),
        "legacy": st.builds(lambda host, port: {"hive": {"host": host, "port": port}}, HOSTS, st.integers(1, 65535)),
    },
)


def sharings(pools: Iterable[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """How jobs share a queue with these pools."""
    # Any node holds an executor.
    executors = min(2, max(pool["maxNodes"] for pool in pools))
    return st.fixed_dictionaries(
        {},
        optional={
            "order": st.sampled_from(["fifo", "fair"]),
            "maxExecutorsPerJob": st.integers(1, executors),
            "backfill": st.booleans(),
        },
    )


@st.composite
def executor_pools(draw: st.DrawFn, zones: list[str]) -> dict[str, Any]:
    """A pool in some of these zones."""
    spot = draw(st.booleans())
    top = draw(st.integers(1, 5))
    chosen = draw(st.lists(st.sampled_from(zones), min_size=1, unique=True))
    minimum = {zone: 0 if spot else draw(st.integers(0, top // len(chosen))) for zone in chosen}
    pool: dict[str, Any] = {
        "instanceTypes": draw(instance_types(4, 16)),
        "zones": minimum,
        "maxNodes": top,
        "capacity": "spot" if spot else "on-demand",
        "fallback": draw(st.booleans()),
        "diskGib": draw(st.sampled_from([50, 100, 500])),
        "generation": "b",
        "retiring": draw(st.sampled_from([[], ["a"]])),
    }
    if not spot and draw(st.booleans()):
        zone = draw(st.sampled_from(chosen))
        spare = top - sum(minimum.values())
        pool["schedules"] = {
            "busy": {
                "days": draw(DAYS),
                "start": "22:30",
                "end": draw(st.sampled_from(["05:00", "23:45"])),
                "timeZone": "Europe/Berlin",
                "zones": {zone: minimum[zone] + draw(st.integers(0, spare))},
            }
        }
    return pool


def groups(queues: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """People of a tenant with these queues who are groups of an issuer: one purpose, or one in each queue."""
    purposes = st.sampled_from(PURPOSES)
    in_queues = st.dictionaries(st.sampled_from(queues), purposes, min_size=1)
    return st.fixed_dictionaries(
        {},
        optional={
            "everywhere": purposes.map(lambda purpose: {"group": "ops", "purpose": purpose}),
            "somewhere": in_queues.map(lambda by_queue: {"group": "Some where:/@=,+-_.", "queues": by_queue}),
        },
    )


@st.composite
def queues_of(draw: st.DrawFn, pools: dict[str, Any]) -> dict[str, Any]:
    """A queue with these pools."""
    return {
        "pools": pools,
        "drivers": {"atOnce": draw(st.integers(1, 3)), **DRIVER},
        "history": draw(st.sampled_from(HISTORIES)),
        **draw(sharings(pools.values())),
        "data": draw(st.lists(LOCATIONS, max_size=3, unique_by=place)),
        "catalogs": draw(CATALOGS),
    }


@st.composite
def tenants(draw: st.DrawFn, name: str, zones: list[str], issuer: bool) -> dict[str, Any]:
    """The `elastic-spark:tenant` object of a tenant on a platform in these zones, whose stack is called `platform`.

    People are groups as well where the platform has an issuer that says who is in them.
    """
    queues = draw(st.lists(QUEUE_NAMES, min_size=1, max_size=2, unique=True))
    pools = {queue: draw(st.lists(POOL_NAMES, min_size=1, max_size=2, unique=True)) for queue in queues}
    identities = [names.pool_identity(name, queue, pool) for queue in queues for pool in pools[queue]]
    assume(len(set(identities)) == len(identities))
    return {
        "name": name,
        "platform": "platform",
        "allowedAccountIds": [ACCOUNT],
        "tags": draw(st.dictionaries(LABELS, LABELS, max_size=3)),
        "people": {
            "team": {
                "principalArn": f"arn:aws:iam::{ACCOUNT}:role/teams/{name}",
                "purpose": draw(st.sampled_from(PURPOSES)),
            }
        }
        | (draw(groups(queues)) if issuer else {}),
        "queues": {
            queue: draw(queues_of({pool: draw(executor_pools(zones)) for pool in pools[queue]})) for queue in queues
        },
    }
