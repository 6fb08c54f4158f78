"""Settings that Hypothesis makes up: every one of them is valid, and together they reach what settings can say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network
from typing import Any

from hypothesis import strategies as st

from infra.settings.nodes import pool_usable
from sizing import names
from sizing.history import history_server
from sizing.network import INTERFACE_ENDPOINTS
from sizing.nodes import Resources
from sizing.queues import DriverAllowance, driver_nodes, on_driver_nodes
from tests.door_strategies import IDENTITIES, WITH_KEYS, doors
from tests.tenant_strategies import ACCOUNT, DRIVER_SIZE, LABELS, REGION, TENANT_NAMES, instance_types, place, tenants

ENDPOINTS = INTERFACE_ENDPOINTS
REACHED: tuple[dict[str, Any], ...] = (
    {"publicAccessCidrs": ["203.0.113.0/24"]},
    {"privateAccess": {"cidrs": ["10.8.0.0/22", "10.40.0.0/16"]}},
    {"privateAccess": {"securityGroups": ["sg-0123456789abcdef0"]}},
    {"publicAccessCidrs": ["203.0.113.0/24"], "privateAccess": {"cidrs": ["10.40.0.0/16"]}},
)
"""Ways to the API endpoint."""
SECRET = {"secret": "alert-receivers", "key": "address"}


def _zones(count: int) -> dict[str, Mapping[str, str]]:
    private = list(IPv4Network("10.40.0.0/16").subnets(new_prefix=18))
    public = list(private[3].subnets(new_prefix=24))
    return {
        f"{REGION}{'abc'[index]}": {"private": str(private[index]), "public": str(public[index])}
        for index in range(count)
    }


@st.composite
def monitorings(draw: st.DrawFn) -> dict[str, Any]:
    """The `monitoring` object of a platform in AWS; somebody is told, as production needs."""
    if not draw(st.sampled_from([True, True, True, False])):
        return {"enabled": False}
    kept = draw(st.booleans())
    return {
        "retentionDays": draw(st.integers(1, 20)),
        "volumeGib": draw(st.integers(100, 500)),
        "receivers": {"us": draw(st.sampled_from([{"webhook": SECRET}, {"pagerDuty": SECRET}]))},
        "grafana": {"enabled": draw(st.booleans())},
        "managedPrometheus": {"enabled": kept},
        "managedGrafana": {"enabled": kept and draw(st.booleans())},
    }


def _principals(platform: str, *taken: str) -> st.SearchStrategy[list[str]]:
    """Names of roles that the platform doesn't make."""
    free = LABELS.filter(lambda role: role not in taken and not names.is_role_of(platform, role))
    return st.lists(free, max_size=2, unique=True)


@st.composite
def platforms(draw: st.DrawFn) -> dict[str, Any]:
    """The `elastic-spark:platform` object of a platform in AWS."""
    name = draw(LABELS)
    count = draw(st.integers(2, 3))
    low = draw(st.integers(0, 3))
    deployers = {
        "platform": {"principalArn": f"arn:aws:iam::{ACCOUNT}:role/platform", "stacks": "platform"},
        **{
            deployer: {
                "principalArn": f"arn:aws:iam::{ACCOUNT}:role/tenants/{deployer}",
                "stacks": "tenants",
                "tenants": draw(st.sampled_from(["all", ["ads"], ["search", "research"]])),
            }
            for deployer in draw(_principals(name, "platform"))
        },
    }
    people = draw(_principals(name, *deployers))
    door = draw(st.none() | doors(REGION, ACCOUNT))
    identity = draw(st.sampled_from(WITH_KEYS if door else IDENTITIES))
    return {
        "name": name,
        **({"identity": identity} if identity else {}),
        **({"door": door} if door else {}),
        "environment": draw(st.sampled_from(["development", "production"])),
        "tenants": {"ads": {}, "research": {}, "search": {}},
        "allowedAccountIds": [ACCOUNT],
        "tags": draw(st.dictionaries(LABELS, LABELS, max_size=5)),
        "network": {
            "vpc": {
                "cidr": "10.40.0.0/16",
                "zones": _zones(count),
                "nat": draw(st.sampled_from(["perZone", "single"])),
                "endpoints": draw(st.lists(st.sampled_from(ENDPOINTS), unique=True)),
                "flowLogs": draw(st.booleans()),
            }
        },
        "cluster": {
            "version": "1.36",
            **draw(st.sampled_from(REACHED)),
            "deletionProtection": draw(st.booleans()),
            "volumeKey": draw(st.booleans()),
            "logRetentionDays": draw(st.sampled_from([1, 30, 365])),
        },
        "access": {
            "deployers": deployers,
            "people": {
                person: {
                    "principalArn": f"arn:aws:iam::{ACCOUNT}:role/people/{person}",
                    "access": draw(st.sampled_from(["admin", "viewer"])),
                }
                for person in people
            }
            | ({"a-group-of-people": {"group": "ops", "access": "viewer"}} if identity else {}),
        },
        "pools": {
            "system": {
                "instanceTypes": draw(instance_types(8, 32)),
                "nodesPerZone": draw(st.integers(2, 3)),
                "generation": draw(st.sampled_from(["a", "b2"])),
            },
            "driver": {
                "instanceTypes": draw(instance_types(4, 16)),
                "nodesPerZone": {"min": low, "max": low + draw(st.integers(1, 20))},
                "headroom": {"drivers": draw(st.integers(1, 2)), "cpu": 1, "memory": "4Gi"},
                "generation": "b",
                "retiring": draw(st.sampled_from([[], ["a"]])),
            },
        },
        "executors": {"nodesPerZone": draw(st.integers(1, 100)), "podsPerNode": draw(st.integers(8, 40))},
        "sparkOperator": {"workers": draw(st.integers(1, 20))},
        "monitoring": draw(monitorings()),
        "logs": {"enabled": draw(st.sampled_from([True, True, False]))},
    }


EVENT_LOG_DAYS = 90
"""As long as a platform keeps event logs that says nothing of them."""
OWNERS = {"example-lake": [{}, {"accountId": ACCOUNT}], "example-lake2": [{"accountId": "999988887777"}]}
"""How a platform may say whose each of these buckets is."""


@st.composite
def listings(draw: st.DrawFn, data: list[dict[str, str]]) -> list[dict[str, str]]:
    """What a platform lists so that a tenant may name these data locations: each, or something that covers it."""
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for location in data:
        parts = location["prefix"].split("/")
        prefix = "/".join(parts[: draw(st.integers(0, len(parts)))])
        access = "readWrite" if location["access"] == "readWrite" else draw(st.sampled_from(["read", "readWrite"]))
        listed = {"bucket": location["bucket"], "prefix": prefix, "access": access}
        listed |= {"kmsKey": location["kmsKey"]} if "kmsKey" in location else {}
        listed |= draw(st.sampled_from(OWNERS[location["bucket"]]))
        if found.setdefault(place(listed), listed)["access"] == "read":
            found[place(listed)] = listed
    return list(found.values())


def listed_databases(tenants: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The databases that queues of tenants name, each with the widest access."""
    named = [
        found
        for tenant in tenants
        for queue in tenant["queues"].values()
        for found in queue["catalogs"].get("lake", {"glue": {"databases": {}}})["glue"]["databases"].items()
    ]
    return {**dict(named), **{name: access for name, access in named if access == "readWrite"}}


@st.composite
def fleets(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A platform in AWS, and one to five tenants on it, for whom its drivers and executors are just enough."""
    platform = draw(platforms())
    zones = sorted(platform["network"]["vpc"]["zones"])
    called = draw(st.lists(TENANT_NAMES, min_size=1, max_size=5, unique=True))
    on_it = [draw(tenants(name, zones, "identity" in platform)) for name in called]
    queues = [queue for tenant in on_it for queue in tenant["queues"].values()]
    pools = [pool for queue in queues for pool in queue["pools"].values()]
    in_zone = (sum(pool["maxNodes"] for pool in pools if zone in pool["zones"]) for zone in zones)
    platform["executors"]["nodesPerZone"] = max(in_zone)
    platform["tenants"] |= {
        tenant["name"]: {
            "data": draw(listings([d for q in tenant["queues"].values() for d in q["data"]])),
            "databases": listed_databases([tenant]),
        }
        for tenant in on_it
    }
    vpc = platform["network"]["vpc"]
    if vpc["endpoints"] and listed_databases(on_it):
        vpc["endpoints"] = sorted({*vpc["endpoints"], "glue"})
    driver = platform["pools"]["driver"]
    driver["podsPerNode"], driver["diskGib"] = 40, 100
    usable = pool_usable(driver["instanceTypes"][0], driver["podsPerNode"], driver["diskGib"])
    shown = "door" in platform and platform["logs"]["enabled"]
    allowances = [
        allowance
        for queue in queues
        for allowance in on_driver_nodes(
            DriverAllowance(at_once=queue["drivers"]["atOnce"], driver=DRIVER_SIZE), _server(queue, logs=shown)
        )
    ]
    driver["nodesPerZone"] = {"min": 0, "max": -(-driver_nodes(allowances, usable) // len(zones))}
    return platform, on_it


def _server(queue: dict[str, Any], *, logs: bool) -> Resources | None:
    """What a queue's history server takes of driver nodes."""
    history = queue["history"]
    if not history.get("enabled", True):
        return None
    return history_server(history.get("applicationsAWeek", 200), EVENT_LOG_DAYS, logs=logs).pod
