"""Every version that the platform installs, pinned in one place; of jobs' image, `sizing.spark.application`.

Add-on builds are those that EKS offered for Kubernetes 1.36 in October 2026. EKS withdraws old builds: before an
upgrade, ask `aws eks describe-addon-versions --kubernetes-version 1.36`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ADD_ONS: Final[Mapping[str, str]] = {
    "aws-ebs-csi-driver": "v1.66.0-eksbuild.1",
    "coredns": "v1.14.7-eksbuild.10",
    "eks-pod-identity-agent": "v1.4.0-eksbuild.3",
    "kube-proxy": "v1.36.0-eksbuild.25",
    "metrics-server": "v0.9.0-eksbuild.11",
    "vpc-cni": "v1.23.2-eksbuild.1",
}
"""Version by add-on, for Kubernetes 1.36."""

AMI_RELEASE: Final = "v20260930"
"""The release of the AL2023 images for EKS, part of an image's name and of its parameter's.

Source: https://github.com/awslabs/amazon-eks-ami/releases
"""


@dataclass(frozen=True, kw_only=True)
class ChartVersion:
    """A pinned Helm chart.

    Args:
        repository: the address of its official repository, `oci://` or `https://`.
        chart: its name there.
        version: the chart's version.
        app_version: the version of the software in it, where the values set it; otherwise what the chart says.
    """

    repository: str
    chart: str
    version: str
    app_version: str


CLUSTER_AUTOSCALER: Final = ChartVersion(
    repository="https://kubernetes.github.io/autoscaler",
    chart="cluster-autoscaler",
    version="9.59.0",
    app_version="1.35.0",
)
"""The autoscaler itself follows the cluster's minor version: see `AUTOSCALER_TAGS`."""
YUNIKORN: Final = ChartVersion(
    repository="https://apache.github.io/yunikorn-release", chart="yunikorn", version="1.9.0", app_version="1.9.0"
)
"""1.10.0, which CVE-2026-92393 names as out, should try a failed binding again (YUNIKORN-2884, on the main branch of
apache/yunikorn-k8shim since 19 August 2026, a month after the branch of 1.9). It is not pinned: its chart and program
have not been seen here, and it also changes gangs, placeholders and users (YUNIKORN-3311, -3315, -3329). Until it has
run on simulated nodes, `ElasticSparkPodForgotten` tells of such pods; what the CVE lets people write on workloads,
admission refuses on their pods (`components.admission.pods_guard`).
"""
SPARK_OPERATOR: Final = ChartVersion(
    repository="https://kubeflow.github.io/spark-operator",
    chart="spark-operator",
    version="2.5.2",
    app_version="2.5.2",
)
TERMINATION_HANDLER: Final = ChartVersion(
    repository="oci://public.ecr.aws/aws-ec2/helm",
    chart="aws-node-termination-handler",
    version="0.27.6",
    app_version="1.25.6",
)
CILIUM: Final = ChartVersion(
    repository="https://helm.cilium.io", chart="cilium", version="1.19.6", app_version="1.19.6"
)
FLUENT_BIT: Final = ChartVersion(
    repository="https://fluent.github.io/helm-charts", chart="fluent-bit", version="0.58.1", app_version="5.1.1"
)
MONITORING_CRDS: Final = ChartVersion(
    repository="https://prometheus-community.github.io/helm-charts",
    chart="prometheus-operator-crds",
    version="31.0.1",
    app_version="v0.93.1",
)
KUBE_PROMETHEUS_STACK: Final = ChartVersion(
    repository="https://prometheus-community.github.io/helm-charts",
    chart="kube-prometheus-stack",
    version="88.5.3",
    app_version="v0.93.1",
)
"""Its definitions are `MONITORING_CRDS`, of the same version of the operator."""

ENVOY_GATEWAY: Final = ChartVersion(
    repository="oci://docker.io/envoyproxy", chart="gateway-helm", version="v1.9.1", app_version="v1.9.1"
)
"""It brings the definitions of Gateway API with it; its Envoy is `DOOR_ENVOY_IMAGE`."""
DOOR_ENVOY_IMAGE: Final = "docker.io/envoyproxy/envoy:distroless-v1.39.0"
"""The one that Envoy Gateway 1.9 is made for (`DefaultEnvoyProxyImage`): another knows other fields."""

AUTOSCALER_TAGS: Final[Mapping[str, str]] = {"1.36": "v1.36.1"}
"""Image of cluster-autoscaler by the cluster's Kubernetes version: upstream supports equal minor versions only.

Source: https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler#releases
"""
ENVOY_IMAGE: Final = "docker.io/envoyproxy/envoy:distroless-v1.40.0"
LABEL_PROXY_IMAGE: Final = "quay.io/prometheuscommunity/prom-label-proxy:v0.14.0"
"""Both of the gate before Prometheus (`components.observability.query_gate`)."""
AWS_CLI_IMAGE: Final = "public.ecr.aws/aws-cli/aws-cli:2.36.46"
"""Reads queues' secrets before drivers and executors start (`components.queue.secrets`)."""
PYTHON_IMAGE: Final = "docker.io/library/python:3.13.9-slim-trixie"
"""Runs the platform's own pages (`components.software.page_server`), which are on its standard library alone."""
PAUSE_IMAGE: Final = "registry.k8s.io/pause:3.10.1"
"""What runs in a placeholder of YuniKorn's gang scheduling."""


def supported_kubernetes_versions() -> tuple[str, ...]:
    """The Kubernetes versions (`1.36`) for which everything that depends on them is pinned."""
    return tuple(sorted(AUTOSCALER_TAGS, key=lambda version: tuple(map(int, version.split(".")))))
