"""A tenant on a platform, assembled from its settings and the platform's contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import pulumi
import pulumi_kubernetes as k8s

from components.nodes.labelled_pool import LabelledPool, LabelledPoolArgs
from components.queue.network import ports_outside
from components.queue.queue import Queue, QueueArgs
from components.software import versions
from infra.settings.catalogs import catalog_openings
from infra.settings.contract_rules import tenancy_of
from infra.settings.findings import Finding, SettingsError
from infra.settings.reach import openings
from infra.settings.secrets import arns_of
from infra.settings.sharing_rules import sharing_of
from infra.settings.tenancy import AwsTenancy, ExistingTenancy, Tenancy
from infra.settings.tenant import BUDGET_OUTPUT, AwsTenant, ExistingTenant, default_pool
from infra.settings.tenant_conf import queue_conf
from infra.settings.tenant_sizes import QueueNumbers, executor_labels, queue_numbers
from infra.settings.validation import TENANT_KEY, StackSettings, file_of
from infra.tenant.aws import AwsTenantResources, policy_findings
from infra.tenant.card import card_text
from infra.tenant.contract_reader import platform_reference, read_contract
from infra.tenant.door import queue_door
from infra.tenant.observability import tenant_monitoring
from infra.tenant.outputs import budget_output, queue_outputs
from infra.tenant.people import queue_groups, trust_findings
from sizing import names
from sizing.node_labels import NodeLabels
from sizing.reach import Opening
from sizing.secrets import Way


def deploy(settings: AwsTenant | ExistingTenant, stack: StackSettings) -> None:
    """Register the tenant, once the platform's contract is known, and export what its people need.

    Raises:
        pulumi.RunError: the platform has no contract that this program reads, or the settings don't fit it.
    """
    reference = platform_reference(settings.platform)

    async def program() -> None:
        contract = await read_contract(settings.platform, reference)
        match tenancy_of(settings, stack.region, contract):
            case list(findings):
                _refuse(stack, findings)
            case AwsTenancy() as tenancy if findings := [*policy_findings(tenancy), *trust_findings(tenancy)]:
                _refuse(stack, findings)
            case tenancy:
                _assemble(tenancy)

    pulumi.run(program)


def _refuse(stack: StackSettings, findings: Sequence[Finding]) -> NoReturn:
    found = [Finding(f"{TENANT_KEY}.{each.path}", each.found, each.allowed) for each in findings]
    error = SettingsError(file_of(stack.stack), found)
    raise pulumi.RunError(str(error)) from error


def _assemble(tenancy: Tenancy) -> None:
    settings, contract = tenancy.settings, tenancy.contract
    kubernetes = k8s.Provider(
        f"{settings.name}-kubernetes",
        kubeconfig=contract.cluster.kubeconfig,
        context=contract.cluster.context,
        # A kubeconfig that changes is still the same cluster's.
        cluster_identifier=contract.platform,
    )
    opts = pulumi.ResourceOptions(providers=[kubernetes])
    resources = AwsTenantResources(tenancy) if isinstance(tenancy, AwsTenancy) else None
    if resources:
        resources.people()
        resources.log_readers()
    outputs, queues = {}, {}
    for name in sorted(settings.queues):
        numbers = queue_numbers(tenancy, name)
        # What runs in the queue is gone before its nodes, its rights and the place of its logs are.
        below = resources.queue(name, kubernetes) if resources else []
        after = pulumi.ResourceOptions(depends_on=below)
        queue = _queue(tenancy, name, numbers, pulumi.ResourceOptions.merge(opts, after))
        if resources and numbers.history:
            resources.history(name, numbers.history, queue, kubernetes)
            queue_door(
                resources.tenancy, name, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[queue]))
            )
        if isinstance(tenancy, ExistingTenancy):
            _labelled_pools(tenancy.settings, name)
        queues[name] = (queue, numbers)
        outputs[name] = queue_outputs(tenancy, name, numbers, queue.path)
    tenant_monitoring(tenancy, queues, opts)
    pulumi.export("queues", outputs)
    if isinstance(settings, AwsTenant) and settings.budget:
        pulumi.export(BUDGET_OUTPUT, budget_output(settings.budget))


def _openings(tenancy: Tenancy, name: str) -> tuple[Opening, ...]:
    named = openings(tenancy.settings.queues[name].reach)
    catalogs = catalog_openings(tenancy.settings.queues[name].catalogs) if isinstance(tenancy, AwsTenancy) else ()
    return tuple(sorted({*named, *catalogs}))


def _queue(
    tenancy: Tenancy,
    name: str,
    numbers: QueueNumbers,
    opts: pulumi.ResourceOptions,
) -> Queue:
    settings = tenancy.settings
    first = default_pool(settings.queues[name])
    others = [pool for pool in sorted(settings.queues[name].pools) if pool != first]
    return Queue(
        names.namespace(settings.name, name),
        QueueArgs(
            tenant=settings.name,
            queue=name,
            size=numbers.size,
            drivers=numbers.drivers,
            pools=[names.pool_identity(settings.name, name, pool) for pool in (first, *others)],
            shares={names.pool_identity(settings.name, name, pool): share for pool, share in numbers.shares.items()},
            people=queue_groups(settings, name, tenancy.contract.shared),
            egress_ports=ports_outside(on_eks=isinstance(tenancy, AwsTenancy)),
            spark_conf=queue_conf(tenancy, name),
            openings=_openings(tenancy, name),
            secrets=_secrets(tenancy, name, "file"),
            variables=_secrets(tenancy, name, "environment"),
            sync_image=versions.PAUSE_IMAGE,
            protect=tenancy.contract.environment == "production",
            sharing=sharing_of(settings.queues[name]),
            node_labels=_node_labels(tenancy, name),
            card=card_text(tenancy, name, numbers),
        ),
        opts,
    )


def _secrets(tenancy: Tenancy, queue: str, way: Way) -> dict[str, str]:
    """The secrets that a queue's jobs find in one way: ARNs by names."""
    return arns_of(tenancy.settings.queues[queue].secrets, way) if isinstance(tenancy, AwsTenancy) else {}


def _node_labels(tenancy: Tenancy, queue: str) -> dict[str, NodeLabels]:
    """The labels of each pool's nodes, by its identity; on a cluster that was there they are its owner's."""
    if isinstance(tenancy, ExistingTenancy):
        return {}
    tenant = tenancy.settings.name
    labels = {names.TENANT_LABEL: tenant, names.QUEUE_LABEL: names.namespace(tenant, queue)}
    return {
        names.pool_identity(tenant, queue, pool): executor_labels(
            settings, names.pool_identity(tenant, queue, pool), labels
        )
        for pool, settings in sorted(tenancy.settings.queues[queue].pools.items())
    }


def _labelled_pools(settings: ExistingTenant, name: str) -> None:
    for pool_name, pool in sorted(settings.queues[name].pools.items()):
        identity = names.pool_identity(settings.name, name, pool_name)
        LabelledPool(
            identity,
            LabelledPoolArgs(
                identity=identity,
                purpose="executor",
                queue=names.namespace(settings.name, name),
                nodes=pool.nodes,
                cpu=pool.cpu,
                memory=pool.memory,
            ),
        )
