"""A queue's history server: shows what its finished applications did, by their event logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.access.aws_rights.keys import keys
from components.access.iam import Statement
from components.access.pod_identity import PodIdentity, PodIdentityArgs
from components.base import Component
from components.nodes.placement import DRIVER_NODE_SELECTOR, driver_tolerations
from components.queue.annotations import YUNIKORN
from components.queue.folder import event_location
from components.queue.past_logs import containers as past_logs
from components.queue.past_logs.program import ROOT as LOGS_PATH
from sizing import names
from sizing.arns import Arns
from sizing.cost_tags import QUEUE_TAG
from sizing.history import HistoryServer
from sizing.nodes import Resources
from sizing.quantities import GIB, MIB, format_bytes, format_cpu
from sizing.spark.application import SPARK_USER
from sizing.spark.defaults import IVY_FOLDER, s3_properties

PORT: Final = 18080
SCRATCH: Final = "/tmp"  # noqa: S108 - a volume of the pod's own
STORE: Final = f"{SCRATCH}/history"
STORE_LIMIT: Final = 2 * GIB
"""Of what it has read, on disk rather than in its heap."""
SCRATCH_LIMIT: Final = 6 * GIB
"""The store, and S3A with its packages, which take 1.1 GiB (measured: hadoop-aws 3.4.1)."""
START_SECONDS: Final = 900
"""To fetch packages, and to read all logs that there are."""
PROBE_SECONDS: Final = 10
LABELS: Final = {"app.kubernetes.io/name": names.HISTORY_SERVER}


@dataclass(frozen=True, kw_only=True)
class QueueHistoryArgs:
    """Whose history is shown.

    Args:
        platform: the platform's name, which is the cluster's.
        arns: the account and region.
        tenant: the tenant's name.
        queue: the queue's name within the tenant.
        events_bucket: the platform's bucket of event logs.
        key_alias: alias of the key that encrypts it.
        image: an image of Spark.
        packages: Maven coordinates of what it lacks to reach S3; they are fetched at each start.
        server: its size.
        logs: where the logs are kept that a page beside it shows; None: there is no such page.
    """

    platform: str
    arns: Arns
    tenant: str
    queue: str
    events_bucket: str
    key_alias: str
    image: str
    packages: Sequence[str]
    server: HistoryServer
    logs: past_logs.PastLogs | None = None


class QueueHistory(Component):
    """One pod that reads the queue's event logs, its logs where a page beside it shows them, and nothing else.

    Its service account no job may have.

    It runs on driver nodes, which always have room and are never scaled in, as an application of the queue whose share
    is part of the queue's maximum. A StatefulSet, so that its pod has a name: rights to forward a port can be given for
    a name only. Nothing of other namespaces reaches it (`components.queue.network`).

    Logs are removed by the bucket's lifecycle, so the server's own cleaner, which would need the right to, stays off.
    """

    module = "history"

    def __init__(self, name: str, args: QueueHistoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self._namespace = names.namespace(args.tenant, args.queue)
        identity = PodIdentity(
            f"{name}-identity",
            PodIdentityArgs(
                platform=args.platform,
                cluster_name=args.platform,
                arns=args.arns,
                role_name=names.history_role(args.platform, self._namespace),
                namespace=self._namespace,
                service_account=names.HISTORY_SERVER,
                statements=history_statements(args),
                managed_policies=(),
                more_service_accounts=(),
                permissions_boundary=args.arns.policy(names.boundary(args.platform, args.tenant)),
                tags={QUEUE_TAG: self._namespace},
            ),
            self.child(),
        )
        account = k8s.core.v1.ServiceAccount(
            f"{name}-account",
            metadata=self._metadata(),
            automount_service_account_token=False,
            opts=self.child(),
        )
        service = k8s.core.v1.Service(
            f"{name}-service",
            # An `up` must not wait for a pod that may wait for its place.
            metadata={**self._metadata(), "annotations": {"pulumi.com/skipAwait": "true"}},
            spec={"selector": dict(LABELS), "ports": [{"name": "http", "port": PORT, "target_port": PORT}]},
            opts=self.child(),
        )
        if args.logs:
            k8s.core.v1.Service(
                f"{name}-logs",
                metadata={
                    **self._metadata(),
                    "name": names.PAST_LOGS,
                    "annotations": {"pulumi.com/skipAwait": "true"},
                },
                spec={
                    "selector": dict(LABELS),
                    "ports": [{"name": "http", "port": past_logs.PORT, "target_port": past_logs.PORT}],
                    # The server beside it may read event logs for minutes before it answers.
                    "publish_not_ready_addresses": True,
                },
                opts=self.child(),
            )
        # Credentials are given to pods that start after the association, and only to those.
        self._create_server(name, args, self.child(depends_on=[identity, account, service]))
        self.register_outputs({})

    def _create_server(self, name: str, args: QueueHistoryArgs, opts: pulumi.ResourceOptions) -> None:
        application = f"{names.application_prefix(self._namespace)}-{names.HISTORY_SERVER}"
        k8s.apps.v1.StatefulSet(
            f"{name}-server",
            metadata={**self._metadata(), "annotations": {"pulumi.com/skipAwait": "true"}},
            spec={
                "replicas": 1,
                "service_name": names.HISTORY_SERVER,
                "selector": {"match_labels": dict(LABELS)},
                "template": {
                    "metadata": {"labels": {**LABELS, f"{YUNIKORN}/app-id": application}},
                    "spec": {
                        "service_account_name": names.HISTORY_SERVER,
                        "automount_service_account_token": False,
                        "enable_service_links": False,
                        "scheduler_name": "yunikorn",
                        "node_selector": dict(DRIVER_NODE_SELECTOR),
                        "tolerations": driver_tolerations(),
                        "security_context": {
                            "run_as_non_root": True,
                            "run_as_user": SPARK_USER,
                            "run_as_group": SPARK_USER,
                            "fs_group": SPARK_USER,
                            "seccomp_profile": {"type": "RuntimeDefault"},
                        },
                        "containers": [
                            _container(args),
                            *(past_logs.containers(args.arns, args.tenant, args.queue, args.logs) if args.logs else ()),
                        ],
                        "volumes": [
                            {"name": "scratch", "empty_dir": {"size_limit": format_bytes(SCRATCH_LIMIT)}},
                        ],
                    },
                },
            },
            opts=opts,
        )

    def _metadata(self) -> k8s.meta.v1.ObjectMetaArgsDict:
        return {"name": names.HISTORY_SERVER, "namespace": self._namespace, "labels": dict(LABELS)}


def _container(args: QueueHistoryArgs) -> k8s.core.v1.ContainerArgsDict:
    amount = _quantities(args.server.container)
    return {
        "name": "history",
        "image": args.image,
        "command": command(args),
        "ports": [{"name": "http", "container_port": PORT}],
        "resources": {"requests": dict(amount), "limits": {"memory": amount["memory"]}},
        "startup_probe": _answers(failures=START_SECONDS // PROBE_SECONDS),
        "readiness_probe": _answers(failures=3),
        "liveness_probe": _answers(failures=6),
        "security_context": {
            "allow_privilege_escalation": False,
            "capabilities": {"drop": ["ALL"]},
            "read_only_root_filesystem": True,
        },
        "volume_mounts": [{"name": "scratch", "mount_path": SCRATCH}],
    }


def _answers(failures: int) -> k8s.core.v1.ProbeArgsDict:
    return {
        "http_get": {"path": "/api/v1/version", "port": PORT},
        "period_seconds": PROBE_SECONDS,
        "timeout_seconds": 5,
        "failure_threshold": failures,
    }


def command(args: QueueHistoryArgs) -> list[str]:
    """How the server is started: by spark-submit, which fetches packages where the image lacks S3A."""
    location = event_location(args.events_bucket, args.tenant, args.queue)
    conf = {
        **history_conf(location, args.server, args.arns.region),
        "spark.jars.ivy": IVY_FOLDER,
        **(LINKED_LOGS if args.logs else {}),
    }
    return [
        "/opt/spark/bin/spark-submit",
        "--master=local",
        f"--driver-memory={args.server.heap // MIB}m",
        "--driver-java-options=-XX:+ExitOnOutOfMemoryError",
        "--class=org.apache.spark.deploy.history.HistoryServer",
        *([f"--packages={','.join(args.packages)}"] if args.packages else []),
        *(f"--conf={key}={value}" for key, value in sorted(conf.items())),
        # Spark's own word for a program that is in Spark's jars.
        "spark-internal",
    ]


LINKED_LOGS: Final = {"spark.history.custom.executor.log.url": f"{LOGS_PATH}/{{{{APP_ID}}}}/"}
"""By which each executor of Spark's page leads to the logs of its application, on the same host.

On Kubernetes executors tell their application (Spark 4.0.4, BasicExecutorFeatureStep.scala); of one that doesn't, the
page shows no link.
"""


def history_conf(location: str, server: HistoryServer, region: str | None) -> dict[str, str]:
    """The server's settings.

    Args:
        location: the folder of event logs.
        server: its size.
        region: of the bucket; `None` for a folder that is not in S3.

    Source: https://spark.apache.org/docs/4.0.4/monitoring.html#spark-history-server-configuration-options
    """
    conf = {
        "spark.history.fs.logDirectory": location,
        "spark.history.fs.update.interval": f"{server.refresh_seconds}s",
        "spark.history.fs.cleaner.enabled": "false",
        "spark.history.fs.numReplayThreads": "2",
        "spark.history.retainedApplications": "20",
        "spark.history.store.path": STORE,
        "spark.history.store.maxDiskUsage": f"{STORE_LIMIT // MIB}m",
        "spark.history.store.serializer": "PROTOBUF",
        "spark.history.ui.port": str(PORT),
    }
    return {**conf, **(s3_properties(region) if region else {})}


def history_statements(args: QueueHistoryArgs) -> tuple[Statement, ...]:
    """All that the pod's role may do: read the queue's event logs, and logs where they are shown."""
    prefix = names.queue_prefix(args.tenant, args.queue)
    return (
        Statement(sid="Own", actions=("s3:GetObject",), resources=(args.arns.objects(args.events_bucket, prefix),)),
        Statement(
            sid="OwnNames",
            actions=("s3:ListBucket",),
            resources=(args.arns.bucket(args.events_bucket),),
            conditions={"StringLike": {"s3:prefix": f"{prefix}/*"}},
        ),
        *(past_logs.statements(args.arns, args.tenant, args.queue, args.logs) if args.logs else ()),
        Statement(
            sid="Key",
            actions=("kms:Decrypt",),
            resources=(keys(args.arns),),
            conditions={
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": args.key_alias},
                "StringEquals": {"kms:ViaService": f"s3.{args.arns.region}.amazonaws.com"},
            },
        ),
    )


def _quantities(amount: Resources) -> dict[str, str]:
    return {"cpu": format_cpu(amount.cpu), "memory": format_bytes(amount.memory)}
