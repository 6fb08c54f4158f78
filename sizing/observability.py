"""What monitoring takes: Prometheus by the series that it keeps, the others by the size of the cluster.

How many series there are is `components.observability.cardinality`'s to say, which knows what is scraped.
"""

from __future__ import annotations

import math
from typing import Final

from sizing.quantities import GIB, KIB, MIB
from sizing.system import Workload

MEMORY_PER_SERIES: Final = 8 * KIB
"""Of a series in Prometheus' head: its labels, its index, its newest samples, and queries over it. Published figures
are between 3 and 8 KiB.

Source: https://www.robustperception.io/how-much-ram-does-prometheus-2-x-need-for-cardinality-and-ingestion/
"""
PROMETHEUS_MEMORY: Final = 512 * MIB
"""For rules and queries, and for nothing."""
CHURN_PERCENT: Final = 150
"""Series in the head, of those that are written at one moment: those of executors that have gone stay in it for up to
three hours."""
MILLICORES_PER_1000_SERIES: Final = 2
PROMETHEUS_MILLICORES: Final = 250
"""To scrape, and to evaluate rules that other people wait for (inferred)."""

SECONDS_BETWEEN_SAMPLES: Final = 20
"""Some are taken every 15 seconds, some every 30 (`components.observability.crds`)."""
BYTES_PER_SAMPLE: Final = 2
"""Compressed: 1 to 2 (https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects)."""
RETAINED_PERCENT: Final = 85
"""Of the volume that blocks may fill; the rest is for the write-ahead log, and compaction, which writes blocks anew."""

KUBE_STATE_MEMORY: Final = 256 * MIB
KUBE_STATE_MEMORY_PER_NODE: Final = MIB
"""For pods and nodes alone (inferred); its own rule, for everything in a cluster, was 2 MiB a node."""

OPERATOR: Final = Workload(name="prometheus-operator", replicas=1, cpu=100, memory=256 * MIB)
"""Writes the configurations of Prometheus and Alertmanager (inferred)."""
RELOADER: Final = Workload(name="prometheus-config-reloader", replicas=1, cpu=10, memory=64 * MIB)
"""A container of each pod of Prometheus and Alertmanager (inferred; the operator's own default is 10m and 50Mi)."""
ALERTMANAGER: Final = Workload(name="alertmanager", replicas=1, cpu=25, memory=128 * MIB)
"""Keeps alerts and silences, of which there are few (inferred)."""
GRAFANA: Final = Workload(name="grafana", replicas=1, cpu=250, memory=512 * MIB)
"""Serves dashboards to a handful of people at once (inferred)."""
GRAFANA_SIDECAR: Final = Workload(name="grafana-sidecar", replicas=1, cpu=20, memory=128 * MIB)
"""Each of its two containers that fetch dashboards and data sources (inferred)."""

GATE_ENVOY: Final = Workload(name="query-gate-envoy", replicas=1, cpu=50, memory=128 * MIB)
"""Checks a token for each question (inferred)."""
GATE_LABEL_PROXY: Final = Workload(name="query-gate-label-proxy", replicas=1, cpu=50, memory=128 * MIB)
"""Takes each tenant's question apart; answers stream through (inferred)."""


def prometheus(series: int, replicas: int) -> Workload:
    """One Prometheus, and as many that scrape the same.

    Args:
        series: that are written at the platform's maximum.
        replicas: of Prometheus.
    """
    in_head = series * CHURN_PERCENT // 100
    memory = PROMETHEUS_MEMORY + in_head * MEMORY_PER_SERIES
    return Workload(
        name="prometheus",
        replicas=replicas,
        cpu=PROMETHEUS_MILLICORES + math.ceil(series / 1000) * MILLICORES_PER_1000_SERIES,
        # Whole steps, so that one node more doesn't restart it.
        memory=math.ceil(memory / (256 * MIB)) * 256 * MIB,
    )


def kube_state_metrics(max_nodes: int) -> Workload:
    """kube-state-metrics, which has one replica: a second one would double every series."""
    return Workload(
        name="kube-state-metrics",
        replicas=1,
        cpu=max(100, max_nodes // 2),
        memory=KUBE_STATE_MEMORY + max_nodes * KUBE_STATE_MEMORY_PER_NODE,
    )


def workloads(*, series: int, max_nodes: int, replicas: int, grafana: bool, query_gate: bool) -> tuple[Workload, ...]:
    """Everything of monitoring that runs on the system pool.

    Args:
        series: that are written at the platform's maximum.
        max_nodes: nodes of all pools at their maximum.
        replicas: of Prometheus, Alertmanager and the gate.
        grafana: whether Grafana runs in the cluster.
        query_gate: whether Grafana asks through the gate.
    """
    dashboards = (GRAFANA, _times(GRAFANA_SIDECAR, 2)) if grafana else ()
    gate = (_times(GATE_ENVOY, replicas), _times(GATE_LABEL_PROXY, replicas)) if query_gate else ()
    return (
        prometheus(series, replicas),
        _times(ALERTMANAGER, replicas),
        _times(RELOADER, 2 * replicas),
        kube_state_metrics(max_nodes),
        OPERATOR,
        *dashboards,
        *gate,
    )


def minimum_volume_gib(series: int, days: int) -> int:
    """The smallest volume, in GiB, that keeps so many days of a platform at its maximum."""
    samples = series * days * 86_400 // SECONDS_BETWEEN_SAMPLES
    return math.ceil(samples * BYTES_PER_SAMPLE * 100 / RETAINED_PERCENT / GIB)


def retention_size_gib(volume_gib: int) -> int:
    """What of a volume blocks may fill, in GiB: the oldest go when they have more, however young."""
    return volume_gib * RETAINED_PERCENT // 100


def _times(workload: Workload, replicas: int) -> Workload:
    return Workload(name=workload.name, replicas=replicas, cpu=workload.cpu, memory=workload.memory)
