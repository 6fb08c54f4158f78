"""How many series the platform's Prometheus writes at the platform's maximum; docs/monitoring.md shows the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from components.observability import scraped

KUBE_STATE_NODE: Final[Mapping[str, int]] = {
    "kube_node_created": 1,
    "kube_node_labels": 1,
    "kube_node_spec_taint": 2,
    # cpu, memory, pods, ephemeral storage, and what else a node may have.
    "kube_node_status_allocatable": 8,
    # Four conditions, each true, false or unknown.
    "kube_node_status_condition": 12,
}
"""Of one node."""
KUBE_STATE_POD: Final[Mapping[str, int]] = {
    scraped.ANNOTATIONS: 1,
    "kube_pod_container_resource_requests": 2,
    "kube_pod_container_state_started": 1,
    "kube_pod_created": 1,
    "kube_pod_info": 1,
    "kube_pod_nodeselectors": 1,
    "kube_pod_status_phase": 3,
    "kube_pod_status_scheduled_time": 1,
    # While it waits.
    "kube_pod_status_unschedulable": 1,
}
"""Of one pod with one container, outside kube-system."""
RECORDED_OF_POD: Final = 2
"""By the platform's rules, while it is given a node; 1 before and after."""

RECORDED_OF_DRIVER: Final = 2
"""By the platform's rules, of a job with a deadline."""

TARGET: Final = 5
"""Of every target, by Prometheus itself: `up` and how the scrape went."""
TARGETS_OF_NODE: Final = 5
"""The kubelet, its cAdvisor, Cilium's agent, Fluent Bit, and the agent of EKS Pod Identity."""
FLUENT_BIT: Final = 45
"""Of one node, by components/observability/logs/shipping.py."""
RECORDED_OF_NODE: Final = 1
"""By the platform's rules, while it is empty."""
QUEUE: Final = 200
"""Of one queue with a pool: YuniKorn's (25), the Spark operator's (90), what is declared and what rules record."""
PLATFORM: Final = 8000
"""Of what there is once: cluster-autoscaler, YuniKorn, the Spark operator, and monitoring itself."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a platform may have at most.

    Args:
        nodes: of all pools.
        executors: pods.
        drivers: pods.
        queues: of all tenants.
    """

    nodes: int
    executors: int
    drivers: int
    queues: int


def per_node() -> int:
    """Series of one node, and of what runs on each."""
    tables = (scraped.CADVISOR_NODE, scraped.KUBELET, scraped.CILIUM_AGENT, scraped.POD_IDENTITY, KUBE_STATE_NODE)
    return sum(sum(table.values()) for table in tables) + FLUENT_BIT + TARGETS_OF_NODE * TARGET + RECORDED_OF_NODE


def per_executor() -> int:
    """Series of one executor: its pod's, and what its driver says of it."""
    of_others = KUBE_STATE_POD[scraped.NOT_OF_EXECUTORS] + KUBE_STATE_POD[scraped.ANNOTATIONS]
    return per_pod() - of_others + sum(scraped.EXECUTOR.values())


def per_driver() -> int:
    """Series of one driver: its pod's, its own, and those of it as an executor, from two targets."""
    of_spark = sum(scraped.DRIVER.values()) + sum(scraped.EXECUTOR.values())
    return per_pod() + RECORDED_OF_DRIVER + of_spark + 2 * TARGET


def per_pod() -> int:
    """Series of one pod with one container."""
    return sum(KUBE_STATE_POD.values()) + sum(scraped.CADVISOR_CONTAINER.values()) + RECORDED_OF_POD


def series(load: Load) -> int:
    """All series that are written at one moment."""
    return (
        PLATFORM
        + load.nodes * per_node()
        + load.executors * per_executor()
        + load.drivers * per_driver()
        + load.queues * QUEUE
    )
