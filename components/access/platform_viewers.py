"""People of the platform who are known by a group of the issuer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from sizing import names

RBAC: Final = "rbac.authorization.k8s.io"
VIEW: Final = "view"
"""Kubernetes' own role, which reads what is in namespaces but secrets, as EKS's AmazonEKSViewPolicy does.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
"""


@dataclass(frozen=True, kw_only=True)
class PlatformViewersArgs:
    """Who may look at everything.

    Args:
        groups: as the issuer names them.
    """

    groups: Sequence[str]


class PlatformViewers(Component):
    """Lets groups of the issuer read all namespaces, secrets excepted.

    There is no such thing for administrators: they can switch admission off, and whoever writes groups at the issuer
    could become one.
    """

    module = "platform_viewers"

    def __init__(self, name: str, args: PlatformViewersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        k8s.rbac.v1.ClusterRoleBinding(
            f"{name}-binding",
            metadata={"name": names.PLATFORM_VIEWERS},
            role_ref={"api_group": RBAC, "kind": "ClusterRole", "name": VIEW},
            subjects=[
                {"api_group": RBAC, "kind": "Group", "name": names.issuers_group(group)}
                for group in sorted(args.groups)
            ],
            opts=self.child(),
        )
        self.register_outputs({})
