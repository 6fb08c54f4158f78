"""Settings that Hypothesis makes up: every one of them is valid, and together they reach what settings can say."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

from hypothesis import strategies as st

from sizing.instances import known

REGION = "eu-central-1"
ACCOUNT = "111122223333"
LABELS = st.from_regex(r"[a-z]([a-z0-9-]{0,12}[a-z0-9])?", fullmatch=True)
ENDPOINTS = ("autoscaling", "ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "kms", "logs", "secretsmanager", "sts")


def _sizes(least_vcpu: int, least_gib: int) -> list[tuple[str, ...]]:
    """Instance types of at least a size, in groups of alike ones."""
    groups: dict[tuple[int, int, str], list[str]] = {}
    for item in known().values():
        if item.vcpu >= least_vcpu and item.memory_mib >= least_gib * 1024 and item.vcpu <= 64:
            groups.setdefault((item.vcpu, item.memory_mib, item.architecture), []).append(item.name)
    return [tuple(names) for names in groups.values()]


def instance_types(least_vcpu: int, least_gib: int) -> st.SearchStrategy[list[str]]:
    """One to three alike types of at least a size."""
    return st.sampled_from(_sizes(least_vcpu, least_gib)).flatmap(
        lambda names: st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
    )


def _zones(count: int) -> dict[str, Mapping[str, str]]:
    private = list(IPv4Network("10.40.0.0/16").subnets(new_prefix=18))
    public = list(private[3].subnets(new_prefix=24))
    return {
        f"{REGION}{'abc'[index]}": {"private": str(private[index]), "public": str(public[index])}
        for index in range(count)
    }


@st.composite
def platforms(draw: st.DrawFn) -> dict[str, Any]:
    """The `elastic-spark:platform` object of a platform in AWS."""
    count = draw(st.integers(2, 3))
    low = draw(st.integers(0, 3))
    deployers = {
        "platform": {"principalArn": f"arn:aws:iam::{ACCOUNT}:role/platform", "stacks": "platform"},
        **{
            name: {"principalArn": f"arn:aws:iam::{ACCOUNT}:role/tenants/{name}", "stacks": "tenants"}
            for name in draw(st.lists(LABELS.filter(lambda n: n != "platform"), max_size=2, unique=True))
        },
    }
    people = draw(st.lists(LABELS.filter(lambda n: n not in deployers), max_size=2, unique=True))
    return {
        "name": draw(LABELS),
        "environment": draw(st.sampled_from(["development", "production"])),
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
            "publicAccessCidrs": draw(st.sampled_from([[], ["203.0.113.0/24"]])),
            "deletionProtection": draw(st.booleans()),
            "logRetentionDays": draw(st.sampled_from([1, 30, 365])),
        },
        "access": {
            "deployers": deployers,
            "people": {
                name: {
                    "principalArn": f"arn:aws:iam::{ACCOUNT}:role/people/{name}",
                    "access": draw(st.sampled_from(["admin", "viewer"])),
                }
                for name in people
            },
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
    }
