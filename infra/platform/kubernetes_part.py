"""The part of a platform that runs on any Kubernetes: definitions, scheduler, Spark operator, tenants' rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_kubernetes as k8s

from components.access.queue_rbac import BINDABLE_ROLES, TenantRoles
from components.access.tenant_deployers import TenantDeployers, TenantDeployersArgs
from components.admission.admission import Admission, AdmissionArgs
from components.admission.applications import ApplicationArgs
from components.admission.networks import NetworkRulesArgs
from components.admission.routes import DoorRulesArgs
from components.software.chart import ChartSource
from components.software.spark_operator import SparkOperator, SparkOperatorArgs
from components.software.yunikorn import YuniKorn, YuniKornArgs, scheduler_user
from infra.settings.platform import Spark
from sizing import names, system
from sizing.node_labels import NodeLabels


@dataclass(frozen=True)
class Definitions:
    """What the API server must know before anything uses it.

    Attributes:
        namespace: the namespace of the platform's own software.
        monitoring: the definitions of service and pod monitors.
    """

    namespace: k8s.core.v1.Namespace
    monitoring: pulumi.Resource


def system_namespace(platform: str, opts: pulumi.ResourceOptions) -> k8s.core.v1.Namespace:
    """Register the namespace of the platform's own software.

    Args:
        platform: the platform's name.
        opts: the provider, and what must be there as long as the namespace is.
    """
    return k8s.core.v1.Namespace(
        f"{platform}-namespace",
        metadata={
            "name": names.SYSTEM_NAMESPACE,
            "labels": {"pod-security.kubernetes.io/enforce": "baseline"},
        },
        opts=opts,
    )


def job_systems(
    platform: str,
    source: ChartSource,
    defined: Definitions,
    *,
    max_nodes: int,
    operator_workers: int,
    replicas: int,
    applications: ApplicationArgs,
    networks: NetworkRulesArgs,
    deployer_groups: Sequence[str],
    people_groups: str | None,
    door: DoorRulesArgs | None,
    opts: pulumi.ResourceOptions,
) -> None:
    """Register admission, the scheduler and the Spark operator, and what deployers of tenant stacks may do.

    Args:
        platform: the platform's name.
        source: where charts come from.
        defined: the platform's namespace, and the definitions of monitors.
        max_nodes: of the cluster, by which the scheduler is sized.
        operator_workers: submissions at once.
        replicas: of what can have several; at most the nodes of the system pool.
        applications: what applications of the Spark operator may use.
        networks: what network policies of queues are held to.
        deployer_groups: the Kubernetes groups of those who deploy tenant stacks.
        people_groups: as in `AdmissionArgs`.
        door: the same.
        opts: the providers, and what must be there first.
    """
    after = pulumi.ResourceOptions(depends_on=[defined.namespace, defined.monitoring])
    opts = pulumi.ResourceOptions.merge(opts, after)
    admission = Admission(
        f"{platform}-admission",
        AdmissionArgs(
            scheduler_user=scheduler_user(names.SYSTEM_NAMESPACE),
            applications=applications,
            networks=networks,
            people_groups=people_groups,
            door=door,
        ),
        opts,
    )
    # From the first job on, and from the first namespace of a queue.
    opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[admission]))
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
    TenantDeployers(
        f"{platform}-tenant-deployers",
        TenantDeployersArgs(bindable_roles=BINDABLE_ROLES, groups=deployer_groups),
        opts,
    )
    TenantRoles(f"{platform}-tenant-roles", opts)


def application_args(
    spark: Spark,
    *,
    kept_hours: int,
    region: str | None = None,
    events_bucket: str | None = None,
    driver_nodes: NodeLabels | None = None,
) -> ApplicationArgs:
    """What applications may use, by a platform's settings; region, bucket and labels of nodes only where there is AWS.

    Args:
        spark: the settings.
        kept_hours: how long an application that ended stays.
        region: of the platform.
        events_bucket: its bucket of event logs.
        driver_nodes: the labels of the driver pool's nodes.
    """
    return ApplicationArgs(
        images=spark.images,
        packages=spark.packages,
        conf_keys=spark.conf_keys,
        region=region,
        events_bucket=events_bucket,
        driver_nodes=driver_nodes or {},
        kept_seconds=kept_hours * 3600,
    )
