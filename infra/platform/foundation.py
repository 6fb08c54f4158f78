"""The part of a platform that is in AWS and not nodes: keys, buckets, network, control plane, access."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.access.cluster_access import Access, AccessArgs, Deployer, Person, Shared
from components.access.deployer_policies import DeployerPolicies, DeployerPoliciesArgs
from components.access.identity_provider import IdentityProvider, IdentityProviderArgs
from components.access.tenant_boundary import TenantBoundary
from components.cluster.add_ons import AddOn, AddOns, AddOnsArgs, system_add_ons
from components.cluster.cluster import Cluster, ClusterArgs, PrivateAccess
from components.network.endpoints import Endpoints, EndpointsArgs
from components.network.vpc import FlowLogs, Network, NetworkArgs, NetworkIds, ZoneCidrs
from components.nodes.node_role import NodeRole, NodeRoleArgs
from components.software import versions
from components.storage.buckets import Storage, StorageArgs
from components.storage.encryption import EncryptionKey, EncryptionKeyArgs
from infra.platform.context import Platform
from infra.settings.network import Vpc
from infra.settings.platform import Access as AccessSettings
from infra.settings.platform_rules import creator
from infra.settings.rights import boundary_args, scope_of
from infra.settings.shared import shared_groups
from sizing import names


def key(
    platform: Platform,
    purpose: str,
    *,
    log_groups: tuple[str, ...] = (),
    flow_logs: bool = False,
    volumes: bool = False,
) -> EncryptionKey:
    """One of the platform's KMS keys."""
    return EncryptionKey(
        f"{platform.name}-{purpose}",
        EncryptionKeyArgs(
            platform=platform.name,
            purpose=purpose,
            account=platform.arns.account,
            region=platform.arns.region,
            log_groups=log_groups,
            flow_logs=flow_logs,
            volumes=volumes,
            protect=platform.protect,
        ),
        platform.options(),
    )


def storage(platform: Platform, key: EncryptionKey) -> Storage:
    """The platform's buckets."""
    keep = platform.settings.storage
    return Storage(
        f"{platform.name}-storage",
        StorageArgs(
            platform=platform.name,
            account=platform.arns.account,
            region=platform.arns.region,
            key_arn=key.arn,
            event_days=keep.event_log_days,
            log_days=keep.log_days,
            noncurrent_days=keep.artifact_version_days,
            protect=platform.protect,
        ),
        # As long as there is a bucket with something in it, there is its key.
        platform.options(after=[key]),
    )


def network(platform: Platform, storage: Storage) -> tuple[NetworkIds, list[pulumi.Resource]]:
    """The network, made or given, and what nodes must wait for so that they have a way out."""
    existing = platform.settings.network.existing
    if existing:
        subnets = {zone: subnet.private_subnet_id for zone, subnet in sorted(existing.zones.items())}
        return NetworkIds(vpc_id=existing.id, private_subnet_ids=subnets, public_subnet_ids={}), []
    vpc = platform.settings.network.vpc
    assert vpc is not None  # noqa: S101 the settings' rules hold it
    network = _new_network(platform, vpc, storage)
    if not vpc.endpoints:
        return network.ids, [network]
    endpoints = Endpoints(
        f"{platform.name}-endpoints",
        EndpointsArgs(
            account=platform.arns.account,
            region=platform.arns.region,
            services=vpc.endpoints,
            vpc_id=network.vpc_id,
            vpc_cidrs=(str(vpc.cidr),),
            subnet_ids=network.private_subnet_ids,
        ),
        platform.options(),
    )
    return network.ids, [network, endpoints]


def _new_network(platform: Platform, vpc: Vpc, storage: Storage) -> Network:
    return Network(
        f"{platform.name}-network",
        NetworkArgs(
            platform=platform.name,
            account=platform.arns.account,
            region=platform.arns.region,
            vpc_cidr=str(vpc.cidr),
            zones={
                zone: ZoneCidrs(private=str(subnets.private), public=str(subnets.public))
                for zone, subnets in vpc.zones.items()
            },
            nat=vpc.nat,
            shared_buckets=tuple(platform.arns.bucket(bucket) for bucket in _others_buckets(platform, vpc)),
            flow_logs=FlowLogs(bucket_arn=storage.logs.arn, after=storage.logs) if vpc.flow_logs else None,
            protect=platform.protect,
        ),
        platform.options(),
    )


def _others_buckets(platform: Platform, vpc: Vpc) -> list[str]:
    """Buckets of other accounts that nodes reach: those that the network names, and those of tenants' data."""
    listed = {
        location.bucket
        for tenant in platform.settings.tenants.values()
        for location in tenant.data
        if location.account_id not in (None, platform.arns.account)
    }
    return [*vpc.shared_buckets, *sorted(listed - set(vpc.shared_buckets))]


def logs_key(platform: Platform) -> EncryptionKey:
    """The key of all log groups: the control plane's, the platform's own and those of queues."""
    groups = (names.control_plane_log_group(platform.name), names.log_group(platform.name, "*"))
    return key(platform, "logs", log_groups=tuple(platform.arns.log_group(group) for group in groups))


def cluster(platform: Platform, network: NetworkIds, logs_key: EncryptionKey) -> Cluster:
    """The control plane, with the key of its secrets."""
    settings = platform.settings.cluster
    return Cluster(
        f"{platform.name}-cluster",
        ClusterArgs(
            permissions_boundary=platform.boundary,
            platform=platform.name,
            arns=platform.arns,
            version=settings.version,
            vpc_id=network.vpc_id,
            private_subnet_ids=[network.private_subnet_ids[zone] for zone in platform.zones],
            service_cidr=str(settings.service_cidr),
            public_access_cidrs=[str(cidr) for cidr in settings.public_access_cidrs],
            private_access=PrivateAccess(
                cidrs=[str(cidr) for cidr in settings.private_access.cidrs],
                security_groups=settings.private_access.security_groups,
            ),
            secrets_key_arn=key(platform, "secrets").arn,
            logs_key_arn=logs_key.arn,
            log_retention_days=settings.log_retention_days,
            deletion_protection=settings.deletion_protection,
            protect=platform.protect,
        ),
        platform.options(),
    )


def access(platform: Platform, cluster: Cluster) -> Access:
    """Who may use the cluster's API."""
    settings = platform.settings.access
    return Access(
        f"{platform.name}-access",
        AccessArgs(
            cluster_name=cluster.ready,
            arns=platform.arns,
            deployers=_deployers(settings),
            people={
                name: Person(principal_arn=who.principal_arn, access=who.access)
                for name, who in settings.people.items()
                if who.principal_arn
            },
            creator=creator(platform.settings),
            shared={
                name: Shared(principal_arn=who.principal_arn, groups=shared_groups(name, who.queues))
                for name, who in settings.shared.items()
                if who.principal_arn
            },
        ),
        platform.options(),
    )


def identity(platform: Platform, cluster: Cluster) -> None:
    """The issuer whose people the cluster's API knows beside principals of AWS, where the settings name one."""
    if settings := platform.settings.identity:
        IdentityProvider(
            f"{platform.name}-identity",
            IdentityProviderArgs(
                cluster_name=cluster.ready,
                platform=platform.name,
                issuer=settings.issuer,
                client_id=settings.client_id,
                username_claim=settings.username_claim,
                groups_claim=settings.groups_claim,
                required_claims=settings.required_claims,
            ),
            platform.options(),
        )


def tenants(platform: Platform) -> None:
    """What bounds the roles of each tenant that the platform lets in, and where wanted what its deployers may do."""
    for tenant in sorted(platform.settings.tenants):
        TenantBoundary(
            f"{platform.name}-tenant-{tenant}",
            boundary_args(platform.settings, platform.arns, tenant),
            platform.options(),
        )
        if stack := platform.settings.tenants[tenant].deployer_policies:
            scope = scope_of(platform.settings, platform.arns, tenant=tenant, stack=stack, reads=(pulumi.get_stack(),))
            DeployerPolicies(f"{platform.name}-deploy-{tenant}", DeployerPoliciesArgs(scope=scope), platform.options())


def deployer_groups(settings: AccessSettings) -> tuple[str, ...]:
    """The Kubernetes groups of all who deploy tenant stacks, each once, sorted."""
    return tuple(sorted({group for deployer in _deployers(settings).values() for group in deployer.groups}))


def _deployers(settings: AccessSettings) -> dict[str, Deployer]:
    return {
        name: Deployer(principal_arn=who.principal_arn, stacks=who.stacks, tenants=who.tenants or ())
        for name, who in settings.deployers.items()
    }


def node_role(platform: Platform, cluster: Cluster) -> NodeRole:
    """The identity of all nodes."""
    return NodeRole(
        f"{platform.name}-nodes",
        NodeRoleArgs(
            permissions_boundary=platform.boundary,
            platform=platform.name,
            cluster_name=cluster.ready,
            arns=platform.arns,
            session_manager=platform.settings.cluster.session_manager,
        ),
        platform.options(),
    )


def add_ons(
    platform: Platform,
    role: str,
    cluster: Cluster,
    add_ons: Sequence[AddOn],
    after: Sequence[pulumi.Resource] = (),
) -> AddOns:
    """A set of EKS add-ons."""
    return AddOns(
        f"{platform.name}-{role}",
        AddOnsArgs(
            permissions_boundary=platform.boundary,
            platform=platform.name,
            cluster_name=cluster.ready,
            arns=platform.arns,
            add_ons=add_ons,
            versions=dict(versions.ADD_ONS) | {str(k): v for k, v in platform.settings.cluster.add_ons.items()},
            after=after,
        ),
        platform.options(),
    )


def system_add_ons_of(platform: Platform) -> tuple[AddOn, ...]:
    """The add-ons that run on the system pool."""
    return system_add_ons(
        arns=platform.arns,
        max_nodes=platform.settings.max_nodes,
        system_nodes=platform.system_nodes,
        volume_tags=platform.cost_tags,
        volume_key_alias=platform.volume_key_alias,
    )
