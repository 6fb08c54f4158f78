"""The part of a tenant that is in AWS: who its people and jobs are, and its nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components.access.aws_rights.data import DataLocation
from components.access.iam import policy_document, policy_length
from components.access.tenant_people import TenantPeople, TenantPeopleArgs
from components.network.policy_engine import STARTUP_TAINT
from components.nodes.boot import NodeBoot
from components.nodes.pool import Pool, PoolArgs, ZoneGroup
from components.nodes.pool_quota import PoolQuota, PoolQuotaArgs
from components.nodes.schedules import PoolSchedules, PoolSchedulesArgs, ScheduleSpec
from components.observability.logs.queue_logs import LogReaders, LogReadersArgs, QueueLogs, QueueLogsArgs
from components.queue.folder import QueueFolder, QueueFolderArgs
from components.queue.history import QueueHistory, QueueHistoryArgs
from components.queue.identity import MAXIMUM_POLICY, QueueIdentity, QueueIdentityArgs, queue_statements
from components.queue.past_logs.containers import PastLogs
from components.queue.uploads import QueueUploads, QueueUploadsArgs
from infra.contract import AwsContract
from infra.settings import tenant as tenant_settings
from infra.settings.catalogs import databases
from infra.settings.findings import Finding
from infra.settings.nodes import pool_allocatable
from infra.settings.tenancy import AwsTenancy
from infra.settings.tenant_rules import hours
from infra.settings.tenant_sizes import shows_logs
from infra.tenant.people import accepted_principals, queue_principals, tenants_principals
from sizing import names
from sizing.arns import Arns
from sizing.cost_tags import QUEUE_TAG, queue_tags, tenant_tags
from sizing.history import HistoryServer
from sizing.instances import instance
from sizing.spark.application import OFFICIAL


def policy_findings(tenancy: AwsTenancy) -> list[Finding]:
    """The queues whose data locations, databases and secrets make a longer policy than AWS takes.

    Each at that of the three which takes most of it.
    """
    return [found for name in sorted(tenancy.settings.queues) for found in _too_long(tenancy, name)]


def _too_long(tenancy: AwsTenancy, name: str) -> Iterator[Finding]:
    identity = _identity(tenancy, name)
    length = _length(identity)
    if length <= MAXIMUM_POLICY:
        return
    named = {"data": len(identity.data), "catalogs": len(identity.databases), "secrets": len(identity.secrets)}
    words = zip(("locations", "databases", "secrets"), named.values(), strict=True)
    without = {
        "data": _length(replace(identity, data=())),
        "catalogs": _length(replace(identity, databases={})),
        "secrets": _length(replace(identity, secrets=())),
    }
    yield Finding(
        f"queues.{name}.{min(without, key=lambda part: without[part])}",
        f"{', '.join(f'{number} {what}' for what, number in words if number)}, a policy of {length} characters",
        f"fewer, or with shorter names and prefixes: AWS takes {MAXIMUM_POLICY} characters",
    )


def _length(identity: QueueIdentityArgs) -> int:
    return policy_length(policy_document(*queue_statements(identity)))


class AwsTenantResources:
    """Registers what a tenant has in AWS, with one provider that is held to the tenant's accounts."""

    def __init__(self, tenancy: AwsTenancy) -> None:
        settings, contract = tenancy.settings, tenancy.contract
        self.tenancy = tenancy
        self._settings = settings
        self._contract = contract
        self._aws = contract.aws
        self._boot = _boot(contract)
        self._tags = tenant_tags(contract.tags, settings.tags, settings.name)
        provider = aws.Provider(
            "aws",
            region=self._aws.region,
            allowed_account_ids=list(settings.allowed_account_ids),
            default_tags={"tags": self._tags},
        )
        self._opts = pulumi.ResourceOptions(providers=[provider])

    def people(self) -> None:
        """The access entries of the tenant's people that are known by IAM principals."""
        principals = {
            name: (person.principal_arn, names.tenant_group(self._settings.name, person.purpose))
            for name, person in self._settings.people.items()
            if person.principal_arn and person.purpose
        }
        if principals:
            TenantPeople(
                f"{self._settings.name}-people",
                TenantPeopleArgs(cluster_name=self._contract.platform, principals=principals),
                self._opts,
            )

    def log_readers(self) -> None:
        """The role by which those of the tenant's people read logs who may see data, and are IAM principals."""
        if principals := tenants_principals(self._settings):
            role = names.readers_role(self._contract.platform, self._settings.name)
            self._log_readers(self._settings.name, role, tuple(sorted(self._settings.queues)), principals, {})

    def _log_readers(
        self, name: str, role: str, queues: tuple[str, ...], principals: list[str], tags: Mapping[str, str]
    ) -> None:
        if self._aws.logs:
            LogReaders(
                f"{name}-log-readers",
                LogReadersArgs(
                    platform=self._contract.platform,
                    arns=Arns(self._aws.account_id, self._aws.region),
                    tenant=self._settings.name,
                    queues=queues,
                    bucket=self._aws.buckets["logs"],
                    bucket_key_alias=self._aws.data_key_alias,
                    principals=principals,
                    role_name=role,
                    tags=tags,
                ),
                self._opts,
            )

    def _people_of(self, name: str) -> None:
        """The roles of those who see a queue's data: to upload, and where others than the tenant's own are accepted, to
        read that queue's logs alone."""
        namespace = names.namespace(self._settings.name, name)
        principals = queue_principals(self.tenancy, name)
        if principals:
            QueueUploads(
                f"{namespace}-uploads",
                QueueUploadsArgs(
                    platform=self._contract.platform,
                    arns=Arns(self._aws.account_id, self._aws.region),
                    tenant=self._settings.name,
                    queue=name,
                    bucket=self._aws.buckets["artifacts"],
                    key_alias=self._aws.data_key_alias,
                    principals=principals,
                ),
                self._opts,
            )
        if accepted_principals(self.tenancy, name):
            role = names.queue_readers_role(self._contract.platform, namespace)
            self._log_readers(namespace, role, (name,), principals, {QUEUE_TAG: namespace})

    def queue(self, name: str, kubernetes: k8s.Provider) -> list[pulumi.Resource]:
        """A queue's role, its folder for event logs, its log group, and the groups of its pools with their maxima.

        Gives what must be there as long as anything runs in the queue.
        """
        namespace = names.namespace(self._settings.name, name)
        identity = QueueIdentity(
            f"{namespace}-identity",
            replace(
                _identity(self.tenancy, name),
                tags={QUEUE_TAG: namespace},
            ),
            self._opts,
        )
        folder = QueueFolder(
            f"{namespace}-folder",
            QueueFolderArgs(tenant=self._settings.name, queue=name, events_bucket=self._aws.buckets["events"]),
            self._opts,
        )
        self._people_of(name)
        needed: list[pulumi.Resource] = [identity, folder]
        if self._aws.logs:
            logs = QueueLogs(
                f"{namespace}-logs",
                QueueLogsArgs(
                    platform=self._contract.platform,
                    tenant=self._settings.name,
                    queue=name,
                    group_key_arn=self._aws.logs.group_key_arn,
                    retention_days=self._aws.logs.retention_days,
                    protect=self._contract.environment == "production",
                ),
                self._opts,
            )
            needed.append(logs)
        for pool_name, pool in sorted(self._settings.queues[name].pools.items()):
            needed += [*self._pool(name, pool_name, pool), self._quota(name, pool_name, pool, kubernetes)]
        return needed

    def history(self, name: str, server: HistoryServer, after: pulumi.Resource, kubernetes: k8s.Provider) -> None:
        """A queue's history server, in the namespace that `after` makes."""
        image = self._settings.queues[name].history.image
        QueueHistory(
            f"{names.namespace(self._settings.name, name)}-history",
            QueueHistoryArgs(
                platform=self._contract.platform,
                arns=Arns(self._aws.account_id, self._aws.region),
                tenant=self._settings.name,
                queue=name,
                events_bucket=self._aws.buckets["events"],
                key_alias=self._aws.data_key_alias,
                image=image or OFFICIAL.image,
                packages=() if image else OFFICIAL.packages,
                server=server,
                logs=PastLogs(bucket=self._aws.buckets["logs"]) if shows_logs(self._contract) else None,
            ),
            pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(providers=[kubernetes], depends_on=[after])
            ),
        )

    def _pool(self, queue: str, name: str, pool: tenant_settings.PoolSettings) -> list[pulumi.Resource]:
        identity = names.pool_identity(self._settings.name, queue, name)
        made: list[pulumi.Resource] = []
        if pool.capacity == "spot":
            made.append(self._groups(f"{identity}{names.SPOT_SUFFIX}", queue, identity, pool, spot=True))
            if not pool.fallback:
                return made
        groups = self._groups(identity, queue, identity, pool, spot=False)
        if pool.schedules:
            PoolSchedules(
                f"{identity}-schedules",
                PoolSchedulesArgs(
                    pool=groups,
                    group_names=groups.group_names,
                    base_minimum=dict(pool.zones),
                    schedules={
                        schedule_name: ScheduleSpec(
                            hours=hours(schedule), time_zone=schedule.time_zone, minimum=dict(schedule.zones)
                        )
                        for schedule_name, schedule in pool.schedules.items()
                    },
                ),
                self._opts,
            )
        return [*made, groups]

    def _quota(
        self, queue: str, name: str, pool: tenant_settings.PoolSettings, kubernetes: k8s.Provider
    ) -> pulumi.Resource:
        identity = names.pool_identity(self._settings.name, queue, name)
        return PoolQuota(
            f"{identity}-maximum",
            PoolQuotaArgs(identity=identity, generation=pool.generation, maximum=pool.max_nodes),
            pulumi.ResourceOptions(providers=[kubernetes]),
        )

    def _groups(
        self, resource: str, queue: str, identity: str, pool: tenant_settings.PoolSettings, *, spot: bool
    ) -> Pool:
        first = instance(pool.instance_types[0])
        namespace = names.namespace(self._settings.name, queue)
        return Pool(
            resource,
            PoolArgs(
                boot=self._boot,
                identity=identity,
                purpose="executor",
                generation=pool.generation,
                retiring=pool.retiring,
                instance_types=pool.instance_types,
                architecture=first.architecture,
                # Any zone may grow to the pool's maximum; its quota holds the sum.
                zones={
                    zone: ZoneGroup(subnet_id=self._aws.subnet_ids[zone], minimum=minimum, maximum=pool.max_nodes)
                    for zone, minimum in pool.zones.items()
                },
                maximum=pool.max_nodes,
                capacity="spot" if spot else "on-demand",
                disk_gib=pool.disk_gib,
                instance_store=first.nvme_disks > 0,
                allocatable=pool_allocatable(first.name, self._aws.executor_pods_per_node, pool.disk_gib),
                labels={
                    names.TENANT_LABEL: self._settings.name,
                    names.QUEUE_LABEL: namespace,
                },
                scale_in="empty",
                unneeded_time=pool.unneeded_time,
                tags=queue_tags(self._tags, namespace),
                protect=self._contract.environment == "production",
            ),
            self._opts,
        )


def _boot(contract: AwsContract) -> NodeBoot:
    shared = contract.aws
    alias = shared.volume_key_alias
    return NodeBoot(
        platform=contract.platform,
        kubernetes_version=contract.kubernetes_version,
        ami_release=shared.ami_release,
        endpoint=shared.endpoint,
        certificate_authority=shared.certificate_authority,
        service_cidr=shared.service_cidr,
        instance_profile=shared.instance_profile,
        security_group_ids=list(shared.security_group_ids),
        volume_key_arn=Arns(shared.account_id, shared.region).key_alias(alias) if alias else None,
        startup_taints=(STARTUP_TAINT,),
    )


def _identity(tenancy: AwsTenancy, queue: str) -> QueueIdentityArgs:
    shared = tenancy.contract.aws
    return QueueIdentityArgs(
        platform=tenancy.contract.platform,
        arns=Arns(shared.account_id, shared.region),
        tenant=tenancy.settings.name,
        queue=queue,
        buckets=(shared.buckets["events"], shared.buckets["artifacts"]),
        key_alias=shared.data_key_alias,
        data=tuple(
            DataLocation(
                bucket=location.bucket, prefix=location.prefix, access=location.access, kms_key=location.kms_key
            )
            for location in tenancy.settings.queues[queue].data
        ),
        databases=databases(tenancy.settings.queues[queue].catalogs),
        secrets=tuple(sorted(secret.arn for secret in tenancy.settings.queues[queue].secrets.values())),
    )
