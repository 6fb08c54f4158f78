"""A platform on EKS, assembled from its settings."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components.access.platform_viewers import PlatformViewers, PlatformViewersArgs
from components.admission.networks import NetworkRulesArgs
from components.admission.routes import DoorRulesArgs
from components.cluster.add_ons import node_add_ons
from components.cluster.cluster import Cluster
from components.network.policy_engine import NetworkPolicyEngine, NetworkPolicyEngineArgs
from components.network.system_network import SystemNetwork, SystemNetworkArgs
from components.network.vpc import NetworkIds
from components.nodes.node_role import NodeRole
from components.observability.crds import monitoring_crds
from components.queue.network import ports_outside
from components.storage.buckets import Storage
from components.storage.encryption import EncryptionKey
from components.storage.storage_class import StorageClass, StorageClassArgs
from infra.contract import CONTRACT_VERSION
from infra.platform import foundation
from infra.platform.aws_observability import aws_monitoring
from infra.platform.context import Platform, cost_tags
from infra.platform.door import balancer, door, door_pages
from infra.platform.export import export_contract, job_rules, listed_door, listed_identity, shared_principals
from infra.platform.kubernetes_part import (
    Definitions,
    application_args,
    job_systems,
    system_namespace,
)
from infra.platform.logs import log_shipping
from infra.platform.pools import NodeSupply, autoscaling, driver_labels, driver_pool, headroom, node_boot, system_pool
from infra.settings.door import door_login
from infra.settings.nodes import network_encrypts, pool_usable
from infra.settings.platform import AwsPlatform
from infra.settings.platform_rules import account_id
from sizing import names
from sizing.arns import Arns
from sizing.daemonsets import AWS_DAEMON_SETS
from sizing.instances import instance
from sizing.pricing.node_prices import node_usd


def deploy(settings: AwsPlatform, region: str) -> None:
    """Register the platform, from the network to what runs on it, and export its contract."""
    arns = Arns(account_id(settings), region)
    provider = aws.Provider(
        "aws",
        region=arns.region,
        allowed_account_ids=list(settings.allowed_account_ids),
        default_tags={"tags": cost_tags(settings)},
    )
    platform = Platform(settings, arns, provider)

    data_key = foundation.key(platform, "data", flow_logs=settings.flow_logs)
    storage = foundation.storage(platform, data_key)
    network, way_out = foundation.network(platform, storage)
    logs_key = foundation.logs_key(platform)
    cluster = foundation.cluster(platform, network, logs_key)
    access = foundation.access(platform, cluster)
    foundation.identity(platform, cluster)
    foundation.tenants(platform)
    node_role = foundation.node_role(platform, cluster)
    volume_key = foundation.key(platform, "volumes", volumes=True) if settings.cluster.volume_key else None
    volume_keys = (volume_key,) if volume_key else ()
    node_plugins = foundation.add_ons(platform, "node-add-ons", cluster, node_add_ons())
    boot = node_boot(platform, cluster, node_role)
    supply = NodeSupply(boot, network, after=(*way_out, *volume_keys, node_role, node_plugins))
    system = system_pool(platform, supply)

    kubernetes = k8s.Provider(
        f"{platform.name}-kubernetes",
        kubeconfig=cluster.kubeconfig_json,
        # Without it a kubeconfig that is not yet known looks like another cluster's, and everything is replaced.
        cluster_identifier=platform.name,
        # What is in Kubernetes is deleted first, all of it, and whoever deletes it is let in until then.
        opts=pulumi.ResourceOptions(depends_on=[cluster, access]),
    )
    monitors = monitoring_crds(f"{platform.name}-monitoring-crds", platform.charts, platform.options(kubernetes))
    policy_engine = NetworkPolicyEngine(
        f"{platform.name}-network-policy",
        NetworkPolicyEngineArgs(platform=platform.name, source=platform.charts),
        platform.options(kubernetes, after=[system, monitors]),
    )
    system_plugins = foundation.add_ons(
        platform, "system-add-ons", cluster, foundation.system_add_ons_of(platform), after=[policy_engine]
    )
    ready = (policy_engine, system_plugins)
    # The storage driver deletes the volumes of what ran in the namespace.
    defined = Definitions(system_namespace(platform.name, platform.options(kubernetes, after=ready)), monitors)
    SystemNetwork(
        f"{platform.name}-system-network",
        SystemNetworkArgs(
            namespace=names.SYSTEM_NAMESPACE,
            egress_ports=ports_outside(on_eks=True),
            pages=door_pages(settings) if settings.door else None,
        ),
        platform.options(kubernetes, after=[defined.namespace]),
    )
    storage_class = StorageClass(
        f"{platform.name}-storage-class",
        StorageClassArgs(key_arn=volume_key.arn if volume_key else None),
        platform.options(kubernetes, after=[*ready, *volume_keys]),
    )
    log_shipping(platform, cluster, kubernetes, defined, storage, data_key, logs_key, ready)
    drivers = driver_pool(platform, supply)
    # It is there no longer than the groups whose sizes it sets.
    autoscaler = autoscaling(platform, cluster, kubernetes, defined, (*ready, drivers))
    job_systems(
        platform.name,
        platform.charts,
        defined,
        max_nodes=settings.max_nodes,
        operator_workers=settings.spark_operator.workers,
        replicas=2,
        applications=application_args(
            settings.spark,
            region=arns.region,
            events_bucket=storage.events.bucket,
            kept_hours=settings.spark_operator.applications_kept_hours,
            driver_nodes=driver_labels(platform),
        ),
        networks=NetworkRulesArgs(clusters_own=settings.cluster_cidrs, egress_ports=ports_outside(on_eks=True)),
        deployer_groups=foundation.deployer_groups(settings.access),
        people_groups=names.ISSUERS if settings.identity else None,
        door=_door_rules(settings),
        opts=platform.options(kubernetes, after=ready),
    )
    viewers = [who.group for who in settings.access.people.values() if who.group]
    if viewers:
        PlatformViewers(
            f"{platform.name}-viewers", PlatformViewersArgs(groups=viewers), platform.options(kubernetes, after=ready)
        )
    headroom(platform, kubernetes, defined, autoscaler)
    aws_monitoring(platform, cluster, kubernetes, defined, (*ready, storage_class))
    balancer(platform, cluster, network, system)
    door(platform, kubernetes, defined, ready)
    _export(platform, cluster, network, node_role, storage, data_key, logs_key)


def _door_rules(settings: AwsPlatform) -> DoorRulesArgs | None:
    """What admission knows of the door; None without one."""
    login = door_login(settings.door, settings.identity)
    return DoorRulesArgs(domain=settings.door.domain, login=login) if settings.door and login else None


def _export(
    platform: Platform,
    cluster: Cluster,
    network: NetworkIds,
    node_role: NodeRole,
    storage: Storage,
    data_key: EncryptionKey,
    logs_key: EncryptionKey,
) -> None:
    settings = platform.settings
    driver = settings.pools.driver
    usable = pool_usable(driver.instance_types[0], driver.pods_per_node, driver.disk_gib)
    export_contract(
        {
            "version": CONTRACT_VERSION,
            "platform": platform.name,
            "environment": settings.environment,
            "kubernetesVersion": settings.cluster.version,
            "tags": platform.cost_tags,
            "cluster": {"kubeconfig": cluster.kubeconfig_json, "context": None},
            "driver": {
                "maxNodes": driver.nodes_per_zone.max * len(platform.zones),
                "usable": {"cpu": usable.cpu, "memory": usable.memory, "pods": usable.pods},
                "architecture": instance(driver.instance_types[0]).architecture,
                "encryptsInTransit": network_encrypts(driver.instance_types, driver.retiring),
                "hourlyUsd": node_usd(platform.arns.region, driver.instance_types[0], "on-demand", driver.disk_gib),
            },
            "daemonSets": [{"name": d.name, "cpu": d.cpu, "memory": d.memory} for d in AWS_DAEMON_SETS],
            "monitoring": settings.monitoring.enabled,
            "clusterCidrs": list(settings.cluster_cidrs),
            "jobs": job_rules(settings.spark, settings.spark_operator),
            "shared": shared_principals(settings.access.shared),
            "identity": listed_identity(settings.identity),
            "door": listed_door(settings.door, settings.identity),
            "aws": {
                "accountId": platform.arns.account,
                "region": platform.arns.region,
                "subnetIds": dict(network.private_subnet_ids),
                "securityGroupIds": [cluster.security_group_id],
                "instanceProfile": node_role.instance_profile_name,
                "endpoint": cluster.endpoint,
                "certificateAuthority": cluster.certificate_authority,
                "serviceCidr": str(settings.cluster.service_cidr),
                "amiRelease": platform.ami_release,
                "executorNodesPerZone": settings.executors.nodes_per_zone,
                "executorPodsPerNode": settings.executors.pods_per_node,
                "buckets": {
                    "events": storage.events.bucket,
                    "artifacts": storage.artifacts.bucket,
                    "logs": storage.logs.bucket,
                },
                "dataKeyAlias": data_key.alias,
                "volumeKeyAlias": platform.volume_key_alias,
                "eventLogDays": settings.storage.event_log_days,
                "logs": {
                    "groupKeyArn": logs_key.arn,
                    "retentionDays": settings.logs.cloud_watch_days,
                    "objectDays": settings.storage.log_days,
                }
                if settings.logs.enabled
                else None,
                "endpoints": sorted(settings.network.vpc.endpoints) if settings.network.vpc else None,
                "tenants": {
                    name: settings.tenants[name].model_dump(
                        by_alias=True, include={"data", "databases", "secrets"}, exclude_none=True
                    )
                    for name in sorted(settings.tenants)
                },
            },
        }
    )
