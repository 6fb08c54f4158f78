"""The logs of a platform on EKS."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as k8s

from components.cluster.cluster import Cluster
from components.observability.logs.shipping import LogShipping, LogShippingArgs
from components.queue.network import ports_outside
from components.storage.buckets import Storage
from components.storage.encryption import EncryptionKey
from infra.platform.context import Platform
from infra.platform.kubernetes_part import Definitions
from sizing.system import LOG_EVENTS


def log_shipping(
    platform: Platform,
    cluster: Cluster,
    kubernetes: k8s.Provider,
    defined: Definitions,
    storage: Storage,
    data_key: EncryptionKey,
    logs_key: EncryptionKey,
    ready: Sequence[pulumi.Resource],
) -> None:
    """What takes logs and events to CloudWatch and S3, unless the settings switch it off."""
    settings = platform.settings.logs
    if not settings.enabled:
        return
    LogShipping(
        f"{platform.name}-logs",
        LogShippingArgs(
            permissions_boundary=platform.boundary,
            platform=platform.name,
            cluster_name=cluster.ready,
            arns=platform.arns,
            bucket=storage.logs.bucket,
            bucket_key_alias=data_key.alias,
            group_key_arn=logs_key.arn,
            retention_days=settings.cloud_watch_days,
            executors_in_cloud_watch=settings.executors_in_cloud_watch,
            events=LOG_EVENTS,
            source=platform.charts,
            egress_ports=ports_outside(on_eks=True),
            protect=platform.protect,
        ),
        platform.options(kubernetes, after=[*ready, defined.namespace, defined.monitoring]),
    )
