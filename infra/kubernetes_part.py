"""The part of a platform that runs on any Kubernetes: definitions, scheduler, Spark operator, tenants' rights."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pulumi
import pulumi_kubernetes as k8s

from components.chart import ChartSource
from components.monitoring import monitoring_crds
from components.spark_operator import SparkOperator, SparkOperatorArgs
from components.tenant_deployers import TenantDeployers, TenantDeployersArgs
from components.tenant_roles import BINDABLE_ROLES, TenantRoles
from components.yunikorn import YuniKorn, YuniKornArgs
from sizing import names, system


@dataclass(frozen=True)
class Definitions:
    """What the API server must know before anything uses it.

    Attributes:
        namespace: the namespace of the platform's own software.
        monitoring: the definitions of service and pod monitors.
    """

    namespace: k8s.core.v1.Namespace
    monitoring: pulumi.Resource


def definitions(platform: str, source: ChartSource, opts: pulumi.ResourceOptions) -> Definitions:
    """Register the platform's namespace and the definitions of monitors.

    Args:
        platform: the platform's name.
        source: where charts come from.
        opts: the providers, and what must be there first.
    """
    namespace = k8s.core.v1.Namespace(
        f"{platform}-namespace",
        metadata={
            "name": names.SYSTEM_NAMESPACE,
            "labels": {"pod-security.kubernetes.io/enforce": "baseline"},
        },
        opts=opts,
    )
    return Definitions(namespace, monitoring_crds(f"{platform}-monitoring-crds", source, opts))


def job_systems(
    platform: str,
    source: ChartSource,
    defined: Definitions,
    *,
    max_nodes: int,
    operator_workers: int,
    replicas: int,
    opts: pulumi.ResourceOptions,
) -> None:
    """Register the scheduler and the Spark operator, and what deployers of tenant stacks may do.

    Args:
        platform: the platform's name.
        source: where charts come from.
        defined: what `definitions` gave.
        max_nodes: of the cluster, by which the scheduler is sized.
        operator_workers: submissions at once.
        replicas: of what can have several; at most the nodes of the system pool.
        opts: the providers, and what must be there first.
    """
    after = pulumi.ResourceOptions(depends_on=[defined.namespace, defined.monitoring])
    opts = pulumi.ResourceOptions.merge(opts, after)
    YuniKorn(
        f"{platform}-yunikorn",
        YuniKornArgs(
            platform=platform,
            namespace=names.SYSTEM_NAMESPACE,
            source=source,
            workload=system.scheduler(max_nodes),
        ),
        opts,
    )
    SparkOperator(
        f"{platform}-spark-operator",
        SparkOperatorArgs(
            namespace=names.SYSTEM_NAMESPACE,
            source=source,
            workload=replace(system.operator(operator_workers), replicas=replicas),
            workers=operator_workers,
        ),
        opts,
    )
    TenantDeployers(f"{platform}-tenant-deployers", TenantDeployersArgs(bindable_roles=BINDABLE_ROLES), opts)
    TenantRoles(f"{platform}-tenant-roles", opts)
