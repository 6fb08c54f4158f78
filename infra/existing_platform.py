"""A platform on a cluster that is there already: the Kubernetes part alone, pools are only labels."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as k8s

from components.chart import ChartSource
from components.labelled_pool import LabelledPool, LabelledPoolArgs
from infra.contract import CONTRACT_VERSION, export_contract
from infra.kubernetes_part import application_args, definitions, job_systems
from infra.settings import PODS_PER_NODE, ExistingPlatform, LabelledNodes


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
    job_systems(
        settings.name,
        source,
        definitions(settings.name, source, opts),
        max_nodes=settings.max_nodes,
        operator_workers=settings.spark_operator.workers,
        replicas=settings.replicas,
        applications=application_args(settings.spark),
        opts=opts,
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
            },
            "daemonSets": [],
            "aws": None,
        }
    )
