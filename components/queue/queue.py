"""A queue in Kubernetes: its namespace, who works in it, what its pods may reach, and its numbers for YuniKorn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.access.queue_rbac import DRIVER_ROLE, OPERATOR_ROLE, PURPOSE_ROLES, Purpose
from components.base import Component, hidden
from components.nodes.placement import DRIVER_NODE_SELECTOR, driver_tolerations
from components.queue.annotations import (
    YUNIKORN,
    conf_annotation,
    fingerprint,
    pool_annotations,
    queue_annotations,
)
from components.queue.network import queue_policies
from components.queue.reach import CILIUM_API, CILIUM_POLICY, REACH, hosts_policy, ranges_policy
from components.software.operator_rights import subject
from sizing import names
from sizing.node_labels import NodeLabels
from sizing.queues import DriverAllowance, PoolShare, QueueSize
from sizing.reach import Opening
from sizing.secrets import secret_lines
from sizing.sharing import Sharing, parent_queue

DRIVER_ACCOUNT: Final = "spark-driver"
EXECUTOR_ACCOUNT: Final = "spark-executor"
POD_SECURITY: Final = dict.fromkeys(("enforce", "audit", "warn"), "restricted")
"""Admission adds what the level asks for and Spark leaves out (`components.admission.pods_placement`)."""
DEFAULT_REQUEST: Final = {"cpu": "100m", "memory": "256Mi"}
"""Of containers that request nothing, which would otherwise not count towards the queue's maximum."""
SYNC_JOB: Final = "queue-sync"
"""How the name of the Job starts that makes YuniKorn read a queue's numbers."""
SYNC_REQUEST: Final = {"cpu": "10m", "memory": "16Mi"}
SYNC_SECONDS: Final = 300
"""On a node, to pull the image and end. Without a limit, a pod that can't start would hold one of the applications."""
NOBODY: Final = 65534
_RBAC: Final = "rbac.authorization.k8s.io"


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    """What a queue is.

    Args:
        tenant: the tenant's name.
        queue: the queue's name within the tenant.
        size: guaranteed and maximum, in cpu and memory, and applications at once.
        drivers: how many drivers run at once, and how large each is at most.
        pools: the identities of its executor pools, first that on which executors run that choose none.
        shares: what each pool gives the queue, by its identity; the size follows from it.
        people: what each Kubernetes group may do in the queue.
        egress_ports: TCP ports by which pods reach the world outside the cluster and the API server: 443 on EKS;
            elsewhere also the port on which the API server itself listens.
        spark_conf: settings that the queue's applications get where they say nothing else.
        openings: what else they reach; hosts by name only where Cilium is the engine of network policies.
        secrets: ARNs of the secrets that drivers and executors find as files, by the files' names.
        variables: ARNs of those that they find as environment variables, by the variables' names.
        sync_image: Kubernetes' pause image, which ends at once when asked for its version.
        protect: refuse to delete the namespace.
        sharing: how its jobs share it.
        node_labels: the labels of each pool's nodes, by its identity; empty where they are somebody else's.
        card: what its people must know of it, as `infra.tenant.card` writes it.
    """

    tenant: str
    queue: str
    size: QueueSize
    drivers: DriverAllowance
    pools: Sequence[str]
    shares: Mapping[str, PoolShare]
    people: Mapping[str, Purpose]
    egress_ports: tuple[int, ...]
    spark_conf: Mapping[str, str]
    openings: tuple[Opening, ...]
    secrets: Mapping[str, str]
    variables: Mapping[str, str]
    sync_image: str
    protect: bool
    sharing: Sharing
    node_labels: Mapping[str, NodeLabels]
    card: str = hidden()  # its ConfigMap shows it


class Queue(Component):
    """The namespace of a queue with all that is in it before the first job.

    There is no ResourceQuota on cpu or memory: it refuses pods that the queue lets wait. Nor does the LimitRange set a
    maximum, because a pod larger than any node is better seen waiting, with the scheduler's reason, than missing.

    Attributes:
        namespace: the namespace's name.
        path: the queue's full name in YuniKorn.
    """

    module = "queue"

    def __init__(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.namespace = names.namespace(args.tenant, args.queue)
        self.path = f"{parent_queue(args.tenant, args.sharing.order)}.{self.namespace}"
        annotations = queue_annotations(args.tenant, args.queue, args.size, args.drivers, args.pools, args.sharing)
        secrets = {
            annotation: secret_lines(arns)
            for annotation, arns in (
                (names.SECRETS_ANNOTATION, args.secrets),
                (names.VARIABLES_ANNOTATION, args.variables),
            )
            if arns
        }
        namespace = k8s.core.v1.Namespace(
            f"{name}-namespace",
            metadata={
                "name": self.namespace,
                "labels": {
                    names.TENANT_LABEL: args.tenant,
                    names.QUEUE_LABEL: self.namespace,
                    **({names.SECRETS_LABEL: "true"} if secrets else {}),
                    **{f"pod-security.kubernetes.io/{mode}": level for mode, level in POD_SECURITY.items()},
                },
                "annotations": annotations
                | pool_annotations(
                    args.shares, args.node_labels, {*args.egress_ports, *(one.port for one in args.openings)}
                )
                | conf_annotation(args.spark_conf)
                | secrets,
            },
            opts=self.child(protect=args.protect),  # running jobs go with it
        )
        # Children name it by its plain name, known in a first preview, which says nothing of the order.
        # They go with it and not before it: what runs there is fenced in until it is gone.
        inside = self.child(depends_on=[namespace], deleted_with=namespace)
        self._create_accounts(name, inside)
        self._create_bindings(name, args, inside)
        self._create_limits(name, inside)
        self._create_card(name, args.card, inside)
        self._create_network(name, args, inside)
        self._create_sync(name, args, fingerprint(annotations), inside)
        self.register_outputs({"namespace": self.namespace, "path": self.path})

    def _create_accounts(self, name: str, opts: pulumi.ResourceOptions) -> None:
        for account, talks_to_kubernetes in ((DRIVER_ACCOUNT, True), (EXECUTOR_ACCOUNT, False)):
            k8s.core.v1.ServiceAccount(
                f"{name}-account-{account}",
                metadata=self._metadata(account),
                automount_service_account_token=talks_to_kubernetes,
                opts=opts,
            )
        # Kubernetes makes this one itself, and the provider refuses to create what exists: hence a patch.
        k8s.core.v1.ServiceAccountPatch(
            f"{name}-account-default",
            metadata={"name": "default", "namespace": self.namespace},
            automount_service_account_token=False,
            opts=opts,
        )

    def _create_bindings(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions) -> None:
        self._bind(
            f"{name}-bind-driver",
            DRIVER_ROLE,
            [{"kind": "ServiceAccount", "name": DRIVER_ACCOUNT, "namespace": self.namespace}],
            opts,
        )
        self._bind(f"{name}-bind-operator", OPERATOR_ROLE, [subject(names.SYSTEM_NAMESPACE)], opts)
        for purpose in sorted(PURPOSE_ROLES):
            groups = sorted(group for group, given in args.people.items() if given == purpose)
            if groups:
                self._bind(
                    f"{name}-bind-{purpose}",
                    PURPOSE_ROLES[purpose],
                    [{"api_group": _RBAC, "kind": "Group", "name": group} for group in groups],
                    opts,
                )

    def _bind(
        self, name: str, role: str, subjects: list[k8s.rbac.v1.SubjectArgsDict], opts: pulumi.ResourceOptions
    ) -> None:
        k8s.rbac.v1.RoleBinding(
            name,
            metadata=self._metadata(role),
            role_ref={"api_group": _RBAC, "kind": "ClusterRole", "name": role},
            subjects=subjects,
            opts=opts,
        )

    def _create_limits(self, name: str, opts: pulumi.ResourceOptions) -> None:
        """Requests only: Spark sets no cpu limit, and a default one, below its request, would make its pods invalid."""
        k8s.core.v1.LimitRange(
            f"{name}-limits",
            metadata=self._metadata("default-requests"),
            spec={"limits": [{"type": "Container", "default_request": dict(DEFAULT_REQUEST)}]},
            opts=opts,
        )

    def _create_card(self, name: str, card: str, opts: pulumi.ResourceOptions) -> None:
        """Admission lets nobody write or remove it who works in the queue: programs act by what it says."""
        k8s.core.v1.ConfigMap(
            f"{name}-card",
            metadata=self._metadata(names.QUEUE_CARD),
            data={names.QUEUE_CARD_KEY: card},
            opts=opts,
        )

    def _create_network(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions) -> None:
        named = ranges_policy(args.openings)
        for policy, spec in (queue_policies(args.egress_ports) | ({REACH: named} if named else {})).items():
            k8s.networking.v1.NetworkPolicy(
                f"{name}-network-{policy}", metadata=self._metadata(policy), spec=spec, opts=opts
            )
        if hosts := hosts_policy(args.openings):
            k8s.apiextensions.CustomResource(
                f"{name}-network-hosts",
                api_version=CILIUM_API,
                kind=CILIUM_POLICY,
                metadata={"name": REACH, "namespace": self.namespace},
                spec=hosts,
                opts=opts,
            )

    def _create_sync(self, name: str, args: QueueArgs, digits: str, opts: pulumi.ResourceOptions) -> None:
        """Submits an application of its own, by which YuniKorn reads changed numbers at once.

        It does so when an application is submitted, whether that then runs or waits: this one may wait behind the
        queue's jobs, as one of maxApps like any other. A YuniKorn that is away meanwhile reads them when it is back.
        The finished Job stays: if it went by itself, the next refresh would miss it.
        """
        job = f"{SYNC_JOB}-{digits}"
        k8s.batch.v1.Job(
            f"{name}-sync",
            metadata={
                **self._metadata(job),
                # An `up` must not wait for a place in a full queue.
                "annotations": {"pulumi.com/skipAwait": "true"},
            },
            spec={
                # Its submission was the point: whatever becomes of the pod, no second one is needed.
                "backoff_limit": 0,
                "template": {
                    # Unique in all of YuniKorn. Without one, the pod would join an application of the namespace's.
                    "metadata": {"labels": {f"{YUNIKORN}/app-id": f"{names.application_prefix(self.namespace)}-{job}"}},
                    "spec": {
                        "scheduler_name": "yunikorn",
                        "restart_policy": "Never",
                        "active_deadline_seconds": SYNC_SECONDS,
                        "automount_service_account_token": False,
                        "enable_service_links": False,
                        # Driver nodes have room at any time.
                        "node_selector": dict(DRIVER_NODE_SELECTOR),
                        "tolerations": driver_tolerations(),
                        "security_context": {
                            "run_as_non_root": True,
                            "run_as_user": NOBODY,
                            "run_as_group": NOBODY,
                            "seccomp_profile": {"type": "RuntimeDefault"},
                        },
                        "containers": [
                            {
                                "name": "sync",
                                "image": args.sync_image,
                                "command": ["/pause", "-v"],
                                "resources": {"requests": dict(SYNC_REQUEST)},
                                "security_context": {
                                    "allow_privilege_escalation": False,
                                    "capabilities": {"drop": ["ALL"]},
                                    "read_only_root_filesystem": True,
                                },
                            }
                        ],
                    },
                },
            },
            opts=opts,
        )

    def _metadata(self, name: str) -> k8s.meta.v1.ObjectMetaArgsDict:
        return {"name": name, "namespace": self.namespace}
