"""The monitoring of a platform on EKS: with volumes, rights and services of AWS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.access.iam import Statement
from components.access.pod_identity import PodIdentity, PodIdentityArgs
from components.cluster.cluster import Cluster
from components.observability.constants import PoolConstants
from components.observability.credentials import CredentialsMonitor, CredentialsMonitorArgs
from components.observability.managed import (
    ManagedGrafana,
    ManagedGrafanaArgs,
    ManagedPrometheus,
    ManagedPrometheusArgs,
    write_right,
)
from components.observability.objectives import Objectives
from components.observability.stack import ALERTMANAGER_ACCOUNT, PROMETHEUS_ACCOUNT, RemoteWrite
from components.storage.storage_class import STORAGE_CLASS
from infra.platform.context import Platform
from infra.platform.kubernetes_part import Definitions
from infra.platform.observability import Surroundings, monitoring
from infra.settings.platform import DriverPoolSettings, SystemPoolSettings
from sizing import names
from sizing.durations import DAY, parse_duration
from sizing.nodes import Resources
from sizing.pricing.node_prices import node_prices

PROMETHEUS_OUTPUT: Final = "managedPrometheus"
"""The export of the address at which Amazon Managed Prometheus is queried."""
GRAFANA_OUTPUT: Final = "managedGrafana"
"""The export of the address of Amazon Managed Grafana."""


def aws_monitoring(
    platform: Platform,
    cluster: Cluster,
    kubernetes: k8s.Provider,
    defined: Definitions,
    after: Sequence[pulumi.Resource],
) -> None:
    """Register monitoring, with rights in AWS where it uses any.

    Args:
        platform: whose.
        cluster: for whose service accounts the rights are.
        kubernetes: the cluster's provider.
        defined: what the API server knows by then.
        after: what must be there first: network policies, storage.
    """
    wanted = platform.settings.monitoring
    if not wanted.enabled:
        return
    topics = platform.arns.topics(names.alert_topics(platform.name))
    # Tenants' stacks name receivers later on, so that the right is there in any case.
    rights: list[pulumi.Resource] = [
        _identity(platform, cluster, ALERTMANAGER_ACCOUNT, Statement(actions=("sns:Publish",), resources=(topics,)))
    ]
    remote_write = None
    if wanted.managed_prometheus.enabled:
        remote_write = _managed_prometheus(platform)
        rights.append(_identity(platform, cluster, PROMETHEUS_ACCOUNT, write_right(platform.arns, platform.name)))
    if wanted.managed_grafana.enabled:
        grafana = ManagedGrafana(
            f"{platform.name}-managed-grafana",
            ManagedGrafanaArgs(
                permissions_boundary=platform.boundary,
                platform=platform.name,
                arns=platform.arns,
                authentication=wanted.managed_grafana.authentication,
                protect=platform.protect,
            ),
            platform.options(),
        )
        pulumi.export(GRAFANA_OUTPUT, grafana.endpoint)
    headroom = platform.settings.pools.driver.headroom
    CredentialsMonitor(
        f"{platform.name}-credentials-monitor",
        CredentialsMonitorArgs(namespace=names.SYSTEM_NAMESPACE),
        platform.options(kubernetes, after=[*after, defined.namespace, defined.monitoring]),
    )
    monitoring(
        platform.settings,
        defined,
        Surroundings(
            storage_class=STORAGE_CLASS,
            remote_write=remote_write,
            region=platform.arns.region,
            objectives=Objectives(
                headroom_driver=Resources(cpu=headroom.cpu, memory=headroom.memory),
                unneeded=parse_duration(platform.settings.autoscaler.unneeded_time),
                delay_after_scale_out=parse_duration(platform.settings.autoscaler.delay_after_scale_out),
                node_age=wanted.node_age_days * DAY,
            ),
            autoscaled=True,
            door=platform.settings.door is not None,
            pools=_pools(platform),
        ),
        # Pods get credentials only if the association is there before them.
        platform.options(kubernetes, after=[*after, *rights]),
    )


def _managed_prometheus(platform: Platform) -> RemoteWrite:
    workspace = ManagedPrometheus(
        f"{platform.name}-managed-prometheus",
        ManagedPrometheusArgs(
            platform=platform.name,
            retention_days=platform.settings.monitoring.managed_prometheus.retention_days,
            protect=platform.protect,
        ),
        platform.options(),
    )
    pulumi.export(PROMETHEUS_OUTPUT, workspace.endpoint)
    return RemoteWrite(url=workspace.remote_write, region=platform.arns.region)


def _identity(platform: Platform, cluster: Cluster, account: str, statement: Statement) -> PodIdentity:
    return PodIdentity(
        f"{platform.name}-{account}-identity",
        PodIdentityArgs(
            permissions_boundary=platform.boundary,
            platform=platform.name,
            cluster_name=cluster.ready,
            arns=platform.arns,
            role_name=names.role(platform.name, account),
            namespace=names.SYSTEM_NAMESPACE,
            service_account=account,
            statements=(statement,),
            managed_policies=(),
            more_service_accounts=(),
        ),
        platform.options(),
    )


def _pools(platform: Platform) -> tuple[PoolConstants, ...]:
    system, driver = platform.settings.pools.system, platform.settings.pools.driver
    size, zones = driver.nodes_per_zone, len(platform.zones)
    return (
        _pool(platform, names.SYSTEM_POOL, system, system.nodes_per_zone * zones, system.nodes_per_zone * zones),
        _pool(platform, names.DRIVER_POOL, driver, size.min * zones, size.max * zones),
    )


def _pool(
    platform: Platform, identity: str, pool: SystemPoolSettings | DriverPoolSettings, minimum: int, maximum: int
) -> PoolConstants:
    prices = node_prices(platform.arns.region, pool.instance_types, ("on-demand",), pool.disk_gib)
    return PoolConstants(identity=identity, minimum=minimum, maximum=maximum, prices=prices)
