"""What nodes boot with: the facts that all pools of a platform share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.base import hidden
from sizing import names
from sizing.autoscaling_tags import Taint


@dataclass(frozen=True, kw_only=True)
class NodeBoot:
    """How a node of any pool of a platform becomes one of its cluster.

    Args:
        platform: the cluster's name.
        kubernetes_version: of its API server, such as `1.36`.
        ami_release: of the EKS AL2023 AMI, such as `v20261110`.
        endpoint: URL of the API server.
        certificate_authority: of the API server, base64.
        service_cidr: addresses of Kubernetes services.
        instance_profile: name of the nodes' instance profile.
        security_group_ids: of the nodes.
        volume_key_arn: of the KMS key, or of its alias, that encrypts root volumes; None for the account's default.
        startup_taints: of a node that is not ready yet, which whoever makes it ready takes away; the autoscaler must
            know their keys.
    """

    platform: str
    kubernetes_version: str
    ami_release: str
    endpoint: pulumi.Input[str]
    certificate_authority: pulumi.Input[str] = hidden()  # noqa: RUF009 - it makes a field
    service_cidr: str
    instance_profile: pulumi.Input[str]
    security_group_ids: Sequence[pulumi.Input[str]]
    volume_key_arn: str | None
    startup_taints: tuple[Taint, ...]

    def ami_parameter(self, architecture: str) -> str:
        """`resolve:ssm:<parameter>` of the AMI for an architecture, as in the label kubernetes.io/arch."""
        return names.ami_parameter(self.kubernetes_version, architecture, self.ami_release)
