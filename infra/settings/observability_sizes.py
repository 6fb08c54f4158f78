"""How large a platform's monitoring is, by what the platform may have at most."""

from __future__ import annotations

from typing import Final

from components.observability.cardinality import Load, series
from infra.settings.platform import AwsPlatform, ExistingPlatform
from sizing import observability
from sizing.system import Workload

EXECUTORS_PER_NODE: Final = 4
"""On average; executors of five cores, of which nodes of 16 to 32 hold so many."""
DRIVERS_PER_NODE: Final = 8
MINIMUM_QUEUES: Final = 20
NODES_PER_QUEUE: Final = 10


def load(settings: AwsPlatform | ExistingPlatform) -> Load:
    """What there may be at most, as far as the platform knows: how large executors are is for tenants to say."""
    if isinstance(settings, AwsPlatform):
        zones = len(settings.network.zones)
        executor_nodes = settings.executors.nodes_per_zone * zones
        driver_nodes = settings.pools.driver.nodes_per_zone.max * zones
    else:
        # Nodes of tenants are counted there, as the pools of an existing cluster are labels.
        executor_nodes = settings.max_nodes
        driver_nodes = settings.pools.driver.nodes
    return Load(
        nodes=settings.max_nodes,
        executors=executor_nodes * EXECUTORS_PER_NODE,
        drivers=driver_nodes * DRIVERS_PER_NODE,
        queues=max(MINIMUM_QUEUES, executor_nodes // NODES_PER_QUEUE),
    )


def replicas(settings: AwsPlatform | ExistingPlatform) -> int:
    """Of Prometheus and Alertmanager: two in production, where there are nodes for two."""
    if settings.environment != "production":
        return 1
    return 2 if isinstance(settings, AwsPlatform) else settings.replicas


def prometheus(settings: AwsPlatform | ExistingPlatform) -> Workload:
    """What Prometheus requests."""
    return observability.prometheus(series(load(settings)), replicas(settings))


def kube_state_metrics(settings: AwsPlatform | ExistingPlatform) -> Workload:
    """What kube-state-metrics requests."""
    return observability.kube_state_metrics(settings.max_nodes)


def workloads(settings: AwsPlatform | ExistingPlatform) -> tuple[Workload, ...]:
    """All that monitoring runs on the system pool."""
    if not settings.monitoring.enabled:
        return ()
    return observability.workloads(
        series=series(load(settings)),
        max_nodes=settings.max_nodes,
        replicas=replicas(settings),
        grafana=settings.monitoring.grafana.enabled,
        query_gate=settings.monitoring.grafana.enabled and settings.monitoring.grafana.sign_in is not None,
    )


def minimum_volume_gib(settings: AwsPlatform | ExistingPlatform) -> int:
    """The smallest volume that keeps samples for as long as the settings say."""
    return observability.minimum_volume_gib(series(load(settings)), settings.monitoring.retention_days)
