"""Fluent Bit: takes the logs of all containers, and Kubernetes' events, to CloudWatch and S3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
from pulumi_kubernetes.networking.v1 import NetworkPolicySpecArgsDict

from components.access.aws_rights.keys import keys
from components.access.iam import Statement
from components.access.pod_identity import PodIdentity, PodIdentityArgs
from components.base import Component
from components.nodes.placement import every_pool_tolerations, system_placement
from components.observability.crds import MONITOR_LABELS, NODE_SCRAPE_INTERVAL
from components.observability.logs.pipelines import (
    FOLDER,
    PORT,
    STATE,
    SUMMARIES_FOLDER,
    Destinations,
    Pipeline,
    event_pipeline,
    files,
    node_pipeline,
)
from components.queue.network import PROMETHEUS, pods_of, to_dns, to_outside
from components.software.chart import ChartSource, release
from components.software.chart_values import NODE_PRIORITY, resources
from components.software.versions import FLUENT_BIT
from sizing import daemonsets, names
from sizing.arns import Arns
from sizing.kubernetes import SecurityContext
from sizing.quantities import MIB, format_bytes, format_cpu
from sizing.system import Workload
from sizing.values import Json

NODE_NAMESPACE: Final = "kube-system"
"""Of what reads the nodes' files, which no pod of the platform's own namespace may."""
NODE_ACCOUNT: Final = "fluent-bit"
EVENT_ACCOUNT: Final = "fluent-bit-events"
NODE_LABELS: Final = {"app.kubernetes.io/name": "fluent-bit"}
MEMORY_LIMIT: Final = 512 * MIB
"""Of the pod on a node: what waits in memory (`pipelines.CHUNKS_IN_MEMORY`), and what is being compressed."""
KEPT_METRICS: Final = (
    "fluentbit_(input_(records_total|ingestion_paused)"
    "|output_(proc_bytes|proc_records|dropped_records|errors|retries_failed)_total)"
)
"""About 45 series a node."""
EVENT_DISK: Final = "1Gi"
"""For the pod that watches events: two outputs of `EVENT_STORE` and `EVENT_QUARANTINE`, and the database."""
GROUPS: Final = ("platform", "events", SUMMARIES_FOLDER)
NOBODY: Final = 65534


@dataclass(frozen=True, kw_only=True)
class LogShippingArgs:
    """What is shipped where.

    Args:
        platform: the platform's name.
        cluster_name: the same name; see `components.access.pod_identity`.
        arns: the account and region.
        bucket: the platform's bucket of logs.
        bucket_key_alias: alias of the key that encrypts it.
        group_key_arn: the key that encrypts log groups.
        retention_days: how long log groups keep what is in them.
        executors_in_cloud_watch: whether executors' logs go to CloudWatch too, and not only to S3.
        events: the workload that watches events.
        source: where charts come from.
        egress_ports: TCP ports by which pods reach AWS and the API server.
        protect: whether log groups are protected from deletion.
        permissions_boundary: ARN of the policy that bounds its roles; None for none.
    """

    platform: str
    cluster_name: pulumi.Input[str]
    arns: Arns
    bucket: str
    bucket_key_alias: str
    group_key_arn: pulumi.Input[str]
    retention_days: int
    executors_in_cloud_watch: bool
    events: Workload
    source: ChartSource
    egress_ports: tuple[int, ...]
    protect: bool
    permissions_boundary: str | None = None


class LogShipping(Component):
    """A DaemonSet on all nodes, one pod for events, their roles, and the log groups of what belongs to no queue.

    Queues' log groups belong to tenants' stacks (`components.observability.logs.queue_logs`).
    """

    module = "logs"

    def __init__(self, name: str, args: LogShippingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        groups = [self._create_group(name, args, what) for what in sorted(GROUPS)]
        to = Destinations(
            platform=args.platform,
            region=args.arns.region,
            bucket=args.bucket,
            executors_in_cloud_watch=args.executors_in_cloud_watch,
        )
        network = self._create_network_policy(name, args)
        self._create_release(
            f"{name}-nodes", args, NODE_NAMESPACE, NODE_ACCOUNT, node_values(node_pipeline(to)), [*groups, network]
        )
        self._create_release(
            f"{name}-events",
            args,
            names.SYSTEM_NAMESPACE,
            EVENT_ACCOUNT,
            event_values(event_pipeline(to), args.events),
            groups,
        )
        self.register_outputs({})

    def _create_group(self, name: str, args: LogShippingArgs, what: str) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{name}-{what}",
            name=names.log_group(args.platform, what),
            retention_in_days=args.retention_days,
            kms_key_id=args.group_key_arn,
            opts=self.child(protect=args.protect),  # what is in it can't be had again
        )

    def _create_release(
        self,
        name: str,
        args: LogShippingArgs,
        namespace: str,
        account: str,
        values: Mapping[str, object],
        after: Sequence[pulumi.Resource],
    ) -> None:
        identity = PodIdentity(
            f"{name}-identity",
            PodIdentityArgs(
                platform=args.platform,
                cluster_name=args.cluster_name,
                arns=args.arns,
                role_name=names.role(args.platform, account),
                namespace=namespace,
                service_account=account,
                statements=rights(args),
                managed_policies=(),
                more_service_accounts=(),
                permissions_boundary=args.permissions_boundary,
            ),
            self.child(),
        )
        release(
            f"{name}-chart",
            FLUENT_BIT,
            source=args.source,
            namespace=namespace,
            values=values,
            # Credentials are given to pods that start after the association, and only to those.
            opts=self.child(depends_on=[identity, *after]),
        )

    def _create_network_policy(self, name: str, args: LogShippingArgs) -> k8s.networking.v1.NetworkPolicy:
        """The platform's own namespace has its policies; in this one nothing else holds pods back."""
        return k8s.networking.v1.NetworkPolicy(
            f"{name}-network",
            metadata={"name": NODE_ACCOUNT, "namespace": NODE_NAMESPACE},
            spec=network_policy(args.egress_ports),
            opts=self.child(),
        )


def rights(args: LogShippingArgs) -> tuple[Statement, ...]:
    """All that Fluent Bit may do in AWS: add to the platform's log groups and bucket, and read nothing back.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
    """
    return (
        Statement(
            sid="Groups",
            actions=("logs:CreateLogStream", "logs:PutLogEvents"),
            resources=(args.arns.log_group(names.log_group(args.platform, "*")),),
        ),
        Statement(sid="Objects", actions=("s3:PutObject",), resources=(args.arns.objects(args.bucket),)),
        Statement(
            sid="Key",
            actions=("kms:GenerateDataKey",),
            resources=(keys(args.arns),),
            conditions={
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": args.bucket_key_alias},
                "StringEquals": {"kms:ViaService": f"s3.{args.arns.region}.amazonaws.com"},
            },
        ),
    )


def network_policy(egress_ports: Sequence[int]) -> NetworkPolicySpecArgsDict:
    """Out to DNS, AWS and the API server; in for Prometheus. Credentials are allowed for the whole cluster."""
    return {
        "pod_selector": {"match_labels": dict(NODE_LABELS)},
        "policy_types": ["Egress", "Ingress"],
        "egress": [
            to_dns(),
            to_outside(egress_ports),
        ],
        "ingress": [
            {
                "from_": [pods_of(names.SYSTEM_NAMESPACE, PROMETHEUS)],
                "ports": [{"port": PORT, "protocol": "TCP"}],
            }
        ],
    }


def node_values(pipeline: Pipeline) -> dict[str, object]:
    """The chart's values of the DaemonSet."""
    pod = daemonsets.FLUENT_BIT
    return {
        **_values(NODE_ACCOUNT, pipeline),
        "kind": "DaemonSet",
        "tolerations": every_pool_tolerations(),
        "priorityClassName": NODE_PRIORITY,
        "resources": {
            "requests": {"cpu": format_cpu(pod.cpu), "memory": format_bytes(pod.memory)},
            "limits": {"memory": format_bytes(MEMORY_LIMIT)},
        },
        # The files are root's; it needs no more of root than that.
        "securityContext": _security(user=0),
        "podAnnotations": {
            # When the autoscaler takes an empty node, what has not been uploaded yet is.
            "cluster-autoscaler.kubernetes.io/enable-ds-eviction": "true",
        },
        "daemonSetVolumes": [
            {"name": "logs", "hostPath": {"path": "/var/log"}},
            {"name": "state", "hostPath": {"path": STATE, "type": "DirectoryOrCreate"}},
        ],
        "daemonSetVolumeMounts": [
            {"name": "logs", "mountPath": "/var/log", "readOnly": True},
            {"name": "state", "mountPath": STATE},
        ],
        # A node's logs wait on its disk meanwhile.
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}},
    }


def event_values(pipeline: Pipeline, workload: Workload) -> dict[str, object]:
    """The chart's values of the one pod that watches events: two would write each event twice."""
    values = _values(EVENT_ACCOUNT, pipeline)
    return {
        **values,
        "kind": "Deployment",
        "fullnameOverride": EVENT_ACCOUNT,
        "replicaCount": workload.replicas,
        "rbac": {**values["rbac"], "eventsAccess": True},
        **system_placement(),
        "resources": resources(workload),
        "securityContext": _security(user=NOBODY),
        "podSecurityContext": {"fsGroup": NOBODY},
        "updateStrategy": {"type": "Recreate"},
        "extraVolumes": [{"name": "state", "emptyDir": {"sizeLimit": EVENT_DISK}}],
        "extraVolumeMounts": [{"name": "state", "mountPath": STATE}],
    }


def _values(account: str, pipeline: Pipeline) -> dict[str, Json]:
    return {
        "image": {"tag": FLUENT_BIT.app_version},
        "serviceAccount": {"name": account},
        "rbac": {"create": True, "nodeAccess": False},
        "testFramework": {"enabled": False},
        "command": ["/fluent-bit/bin/fluent-bit"],
        "args": [f"--config={FOLDER}/fluent-bit.yaml"],
        # The files that the chart itself makes are of the older format; nothing reads them.
        "config": {
            "service": "",
            "inputs": "",
            "filters": "",
            "outputs": "",
            "customParsers": "",
            "extraFiles": files(pipeline),
        },
        "metricsPort": PORT,
        "service": {"port": PORT},
        # Its upload of what it still has takes its grace period.
        "terminationGracePeriodSeconds": 60,
        "serviceMonitor": {
            "enabled": True,
            "interval": NODE_SCRAPE_INTERVAL,
            # The chart's word for the monitor's labels.
            "selector": dict(MONITOR_LABELS),
            # Whose pods' logs it reads; of its own pod Prometheus knows only the name.
            "relabelings": [{"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"}],
            "metricRelabelings": [{"sourceLabels": ["__name__"], "regex": KEPT_METRICS, "action": "keep"}],
        },
    }


def _security(user: int) -> SecurityContext:
    return {
        "runAsUser": user,
        "runAsNonRoot": user != 0,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
