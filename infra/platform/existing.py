"""A platform on a cluster that is there already: the Kubernetes part alone, pools are only labels."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as k8s

from components.admission.networks import NetworkRulesArgs
from components.nodes.labelled_pool import LabelledPool, LabelledPoolArgs
from components.observability.constants import PoolConstants
from components.observability.crds import monitoring_crds
from components.observability.objectives import Objectives
from components.queue.network import ports_outside
from components.software.chart import ChartSource
from infra.contract import CONTRACT_VERSION
from infra.platform.export import export_contract, job_rules, shared_principals
from infra.platform.kubernetes_part import (
    Definitions,
    application_args,
    job_systems,
    system_namespace,
)
from infra.platform.observability import Surroundings, monitoring
from infra.settings.platform import PODS_PER_NODE, ExistingPlatform, LabelledNodes
from sizing import names
from sizing.nodes import Resources


def deploy(settings: ExistingPlatform) -> None:
    """Register what the platform installs on the cluster, and export its contract."""
    cluster = settings.cluster.existing
    provider = k8s.Provider(
        f"{settings.name}-kubernetes",
        kubeconfig=cluster.kubeconfig,
        context=cluster.context,
        # A kubeconfig moved or rewritten is still the same cluster's.
        cluster_identifier=settings.name,
    )
    opts = pulumi.ResourceOptions(providers=[provider])
    _labelled_pool(settings.name, "system", settings.pools.system)
    _labelled_pool(settings.name, "driver", settings.pools.driver)
    source = ChartSource(mirror=settings.charts.mirror)
    defined = Definitions(
        system_namespace(settings.name, opts), monitoring_crds(f"{settings.name}-monitoring-crds", source, opts)
    )
    job_systems(
        settings.name,
        source,
        defined,
        max_nodes=settings.max_nodes,
        operator_workers=settings.spark_operator.workers,
        replicas=settings.replicas,
        applications=application_args(settings.spark, kept_hours=settings.spark_operator.applications_kept_hours),
        networks=NetworkRulesArgs(clusters_own=settings.cluster_cidrs, egress_ports=ports_outside(on_eks=False)),
        # Who is in it is for the cluster's own sign-in to say; an administrator deploys without.
        deployer_groups=(names.TENANT_DEPLOYERS,),
        people_groups="",
        door=None,
        opts=opts,
    )
    monitoring(
        settings,
        defined,
        Surroundings(
            storage_class=settings.monitoring.storage_class,
            # No room for drivers is promised where nobody makes nodes.
            objectives=Objectives(headroom_drivers=0, daemon_sets=Resources()),
            autoscaled=False,
            pools=[
                PoolConstants(identity=identity, minimum=pool.nodes, maximum=pool.nodes)
                for identity, pool in (
                    (names.SYSTEM_POOL, settings.pools.system),
                    (names.DRIVER_POOL, settings.pools.driver),
                )
            ],
        ),
        opts,
    )
    _export(settings)


def _labelled_pool(platform: str, purpose: str, nodes: LabelledNodes) -> None:
    LabelledPool(
        f"{platform}-{purpose}",
        LabelledPoolArgs(
            identity=purpose, purpose=purpose, queue="", nodes=nodes.nodes, cpu=nodes.cpu, memory=nodes.memory
        ),
    )


def _export(settings: ExistingPlatform) -> None:
    driver = settings.pools.driver
    export_contract(
        {
            "version": CONTRACT_VERSION,
            "platform": settings.name,
            "environment": settings.environment,
            "kubernetesVersion": settings.cluster.version,
            "tags": {},
            "cluster": {
                "kubeconfig": settings.cluster.existing.kubeconfig,
                "context": settings.cluster.existing.context,
            },
            "driver": {
                "maxNodes": driver.nodes,
                "usable": {"cpu": driver.cpu, "memory": driver.memory, "pods": PODS_PER_NODE},
                "architecture": None,
                "encryptsInTransit": False,
                "hourlyUsd": None,
            },
            "daemonSets": [],
            "monitoring": settings.monitoring.enabled,
            "clusterCidrs": list(settings.cluster_cidrs),
            "jobs": job_rules(settings.spark, settings.spark_operator),
            "shared": shared_principals(settings.access.shared),
            "identity": None,
            "door": None,
            "aws": None,
        }
    )
