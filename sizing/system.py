"""What the platform's own software takes of the system pool, by the size of the cluster that it serves."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from sizing.nodes import Resources
from sizing.quantities import MIB

SCHEDULER_MILLICORES_PER_NODE: Final = 4
SCHEDULER_MEMORY_PER_NODE: Final = 8 * MIB
"""YuniKorn keeps every node and pod in memory and decides on one of its replicas: 2 cores and 4 GiB for 500 nodes
(inferred from its published benchmarks on 2,000 and 5,000 nodes)."""
AUTOSCALER_MEMORY_PER_NODE: Final = 2 * MIB
"""cluster-autoscaler simulates on a copy of the cluster; 1 GiB serves 1,000 nodes (proposals/scalability_tests.md)."""
SUBMIT_MILLICORES: Final = 125
SUBMIT_MEMORY: Final = 384 * MIB
"""Every worker of the Spark operator runs a spark-submit JVM, seldom all at once: 2.1 core-seconds in as many seconds,
and 256 MiB of heap beside 110 MiB (measured: Spark 4.0.1, the JVM options of components/software/spark_operator.py)."""
MINIMUM_METRICS_NODES: Final = 100
METRICS_MEMORY_PER_NODE: Final = 2 * MIB
"""metrics-server takes 1m and 2 MiB for each node, 100 nodes at least.

Source: https://kubernetes-sigs.github.io/metrics-server/#scaling
"""
MINIMUM_DNS_REPLICAS: Final = 2
"""One replica may be lost or moved at any time."""
NODES_PER_DNS_REPLICA: Final = 16
"""How EKS scales CoreDNS by nodes. It also wants a replica for each 256 cores, which executors seldom make use of.

Source: https://docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html
"""
DNS_REPLICAS_PER_SYSTEM_NODE: Final = 2
"""At most, so that they don't crowd out what else runs there."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One Deployment on the system pool, or a DaemonSet on its nodes, with what one of its pods requests."""

    name: str
    replicas: int
    cpu: int
    """Millicores."""
    memory: int
    """Bytes."""

    @property
    def pod(self) -> Resources:
        """What one pod requests."""
        return Resources(cpu=self.cpu, memory=self.memory, pods=1)


SCHEDULER_WEB: Final = Workload(name="yunikorn-web", replicas=1, cpu=100, memory=100 * MIB)
"""YuniKorn's pages, a container of the scheduler's pod; as in its chart."""
ADMISSION_CONTROLLER: Final = Workload(name="yunikorn-admission-controller", replicas=2, cpu=250, memory=500 * MIB)
"""YuniKorn's webhook; its chart's memory, and cpu for bursts of executors (inferred)."""
OPERATOR_WEBHOOK: Final = Workload(name="spark-operator-webhook", replicas=2, cpu=250, memory=512 * MIB)
"""Sees every driver and executor, and caches them (inferred)."""
CILIUM_OPERATOR: Final = Workload(name="cilium-operator", replicas=2, cpu=100, memory=512 * MIB)
"""Keeps the cluster's identities and endpoints (inferred)."""
EBS_CONTROLLER: Final = Workload(name="ebs-csi-controller", replicas=2, cpu=60, memory=232 * MIB)
"""Six containers, as in its chart v1.64.0, the snapshotter counted."""

DOOR_CONTROLLER: Final = Workload(name="envoy-gateway", replicas=2, cpu=100, memory=512 * MIB)
"""Keeps every route, policy and secret of the cluster; its chart's cpu, and half of its limit of memory (inferred)."""
DOOR_PROXY: Final = Workload(name="door", replicas=2, cpu=500, memory=512 * MIB)
"""Envoy: some 50 MiB, and 64 KiB for each of 4,000 connections (inferred)."""
DOOR_SHUTDOWN: Final = Workload(name="door-shutdown", replicas=2, cpu=10, memory=32 * MIB)
"""Lets an Envoy finish what it does, a container of its pod; as Envoy Gateway requests it."""
DOOR_START: Final = Workload(name="door-start", replicas=2, cpu=50, memory=128 * MIB)
"""The start page: one Python with the cluster's routes and policies (inferred)."""
DOOR: Final = (DOOR_CONTROLLER, DOOR_PROXY, DOOR_SHUTDOWN)
"""The door, where a platform has one."""
LOG_EVENTS: Final = Workload(name="fluent-bit-events", replicas=1, cpu=50, memory=256 * MIB)
"""Watches Kubernetes' events; what it may hold in memory, and as much again (components/observability/logs)."""


def scheduler(max_nodes: int) -> Workload:
    """YuniKorn's scheduler; it has one replica by design, and never less than half a core and 1 GiB."""
    return Workload(
        name="yunikorn-scheduler",
        replicas=1,
        cpu=max(500, max_nodes * SCHEDULER_MILLICORES_PER_NODE),
        memory=max(1024 * MIB, max_nodes * SCHEDULER_MEMORY_PER_NODE),
    )


def autoscaler(max_nodes: int) -> Workload:
    """cluster-autoscaler: a leader and a standby."""
    return Workload(
        name="cluster-autoscaler",
        replicas=2,
        cpu=max(250, min(max_nodes, 1000)),
        memory=max(512 * MIB, max_nodes * AUTOSCALER_MEMORY_PER_NODE),
    )


def operator(workers: int) -> Workload:
    """The Spark operator's controller, a leader and a standby that can take over all of its work."""
    return Workload(
        name="spark-operator-controller",
        replicas=2,
        cpu=max(500, workers * SUBMIT_MILLICORES),
        memory=1024 * MIB + workers * SUBMIT_MEMORY,
    )


def dns(replicas: int) -> Workload:
    """CoreDNS, as EKS's add-on requests it."""
    return Workload(name="coredns", replicas=replicas, cpu=100, memory=70 * MIB)


def metrics_server(max_nodes: int) -> Workload:
    """metrics-server by what it takes; EKS's add-on requests what 100 nodes need and has no limit."""
    nodes = max(MINIMUM_METRICS_NODES, max_nodes)
    return Workload(name="metrics-server", replicas=2, cpu=nodes, memory=nodes * METRICS_MEMORY_PER_NODE)


def job_systems(*, max_nodes: int, operator_workers: int, replicas: int) -> tuple[Workload, ...]:
    """The scheduler and the Spark operator, which run on the system pool of any platform.

    Args:
        max_nodes: nodes of all pools at their maximum.
        operator_workers: applications that the Spark operator submits at the same time.
        replicas: of what can have several, but for the scheduler's webhook, which has two.
    """
    return (
        scheduler(max_nodes),
        SCHEDULER_WEB,
        ADMISSION_CONTROLLER,
        replace(operator(operator_workers), replicas=replicas),
        replace(OPERATOR_WEBHOOK, replicas=replicas),
    )


def dns_replicas(max_nodes: int, system_nodes: int) -> int:
    """How many CoreDNS replicas there may be: as EKS wants by nodes, as far as the system pool has room for them."""
    wanted = math.ceil(max_nodes / NODES_PER_DNS_REPLICA)
    return max(MINIMUM_DNS_REPLICAS, min(wanted, DNS_REPLICAS_PER_SYSTEM_NODE * system_nodes))


def workloads(*, max_nodes: int, operator_workers: int, dns_replicas: int) -> tuple[Workload, ...]:
    """Everything that runs as a Deployment on the system pool of a platform on EKS.

    Args:
        max_nodes: nodes of all pools at their maximum.
        operator_workers: applications that the Spark operator submits at the same time.
        dns_replicas: CoreDNS replicas at most.
    """
    return (
        *job_systems(max_nodes=max_nodes, operator_workers=operator_workers, replicas=2),
        autoscaler(max_nodes),
        CILIUM_OPERATOR,
        LOG_EVENTS,
        dns(dns_replicas),
        EBS_CONTROLLER,
        metrics_server(max_nodes),
    )


def total(workloads: tuple[Workload, ...]) -> Resources:
    """What all pods of workloads request together."""
    return sum((workload.pod * workload.replicas for workload in workloads), start=Resources())


def nodes_for(workloads: tuple[Workload, ...], usable: Resources) -> int:
    """The minimum of nodes that can hold the workloads by cpu, memory and pods, a tenth left for gaps.

    Args:
        usable: what one node has for them.
    """
    needed = total(workloads)
    shares = (needed.cpu / usable.cpu, needed.memory / usable.memory, needed.pods / usable.pods)
    return math.ceil(max(shares) / 0.9)
