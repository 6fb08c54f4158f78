"""A platform with as many tenants as one likes, to measure with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from infra.settings.stack_file import stack_path

PLATFORM: Final = "platform-large"
ACCOUNT: Final = "111122223333"
ZONES: Final = ("eu-central-1a", "eu-central-1b")
DRIVERS_PER_NODE: Final = 5
"""Drivers of a core and 4 GiB on an m7i.2xlarge."""
EXECUTOR_NODES: Final = 4
"""Maximum of each tenant's pool."""


def write_fleet(root: Path, tenants: int) -> list[str]:
    """Write stack files for a platform and its tenants below a folder.

    Args:
        root: where `stacks/` is made.
        tenants: how many, each with a queue, a pool and people of its own.

    Returns:
        the names of the tenants' stacks.
    """
    (root / "stacks").mkdir(parents=True, exist_ok=True)
    stack_path(root, PLATFORM).write_text(_platform(tenants), encoding="utf-8")
    names = [_name(index) for index in range(tenants)]
    for index, name in enumerate(names):
        stack_path(root, name).write_text(_tenant(name, ZONES[index % len(ZONES)]), encoding="utf-8")
    return names


def _name(index: int) -> str:
    return f"tenant{index:03d}"


def _platform(tenants: int) -> str:
    drivers = -(-tenants // DRIVERS_PER_NODE) + 4
    executors = -(-tenants // len(ZONES)) * EXECUTOR_NODES
    return f"""\
config:
  aws:region: eu-central-1
  elastic-spark:platform:
    name: spark-large
    environment: development
    allowedAccountIds: ["{ACCOUNT}"]
    network:
      vpc:
        cidr: 10.40.0.0/16
        nat: single
        zones:
          {ZONES[0]}: {{private: 10.40.0.0/18, public: 10.40.128.0/24}}
          {ZONES[1]}: {{private: 10.40.64.0/18, public: 10.40.129.0/24}}
    cluster:
      version: "1.36"
      publicAccessCidrs: [203.0.113.0/24]
      deletionProtection: false
    access:
      deployers:
        platform-team:
          principalArn: arn:aws:iam::{ACCOUNT}:role/data-platform
          stacks: platform
    tenants: {{{", ".join(f"{_name(index)}: {{}}" for index in range(tenants))}}}
    pools:
      system:
        instanceTypes: [m7i.4xlarge, m6i.4xlarge]
        nodesPerZone: 2
      driver:
        instanceTypes: [m7i.2xlarge, m6i.2xlarge]
        nodesPerZone: {{min: 0, max: {drivers}}}
        headroom: {{drivers: 2, cpu: 1, memory: 4Gi}}
    executors:
      nodesPerZone: {executors}
"""


def _tenant(name: str, zone: str) -> str:
    return f"""\
config:
  aws:region: eu-central-1
  elastic-spark:tenant:
    name: {name}
    platform: {PLATFORM}
    allowedAccountIds: ["{ACCOUNT}"]
    people:
      engineers:
        principalArn: arn:aws:iam::{ACCOUNT}:role/{name}-engineers
        purpose: submitter
    queues:
      batch:
        drivers: {{atOnce: 2, cpu: 1, memory: 4Gi}}
        pools:
          main:
            instanceTypes: [r7i.2xlarge, r6i.2xlarge]
            zones: {{{zone}: 1}}
            maxNodes: {EXECUTOR_NODES}
"""
