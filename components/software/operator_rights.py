"""What the Spark operator may do in Kubernetes, in place of its chart's roles.

The chart gives a controller that finds its namespaces by label all of its rights in every namespace. Here it has them
in queues only, by a role that each queue binds for itself (`components.access.queue_rbac`): with the operator's
token nobody writes anywhere else, and nobody reads a secret. What it watches it watches everywhere, since only then it
finds queues.

Source: kubeflow/spark-operator v2.5.2, cmd/operator/*/start.go, internal/controller/**, internal/webhook/**;
apache/spark 4.0, deploy/k8s/submit/KubernetesClientApplication.scala, which it runs
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.access.queue_rbac import APPLICATIONS, RbacRule, policy_rules
from components.base import Component
from sizing import names

CONTROLLER: Final = "spark-operator-controller"
WEBHOOK: Final = "spark-operator-webhook"
"""Service accounts of the two, and first part of the names of what each keeps in the platform's namespace."""
WEBHOOK_CERTIFICATE: Final = f"{WEBHOOK}-certs"
WATCH: Final = ("list", "watch")
_RBAC: Final = "rbac.authorization.k8s.io"
_WEBHOOKS: Final = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")

EVERYWHERE: Final = {
    CONTROLLER: (
        RbacRule("", ("configmaps", "namespaces", "pods", "services"), WATCH),
        RbacRule(names.OPERATOR_GROUP, APPLICATIONS, WATCH),
    ),
    WEBHOOK: (
        RbacRule(names.OPERATOR_GROUP, ("sparkapplications",), WATCH),
        # It writes the certificate that it makes into its own configurations, which it watches by name.
        RbacRule("admissionregistration.k8s.io", _WEBHOOKS, ("get", *WATCH, "update"), (WEBHOOK,)),
    ),
}
"""Rights in all of the cluster, by account."""


def _leader(account: str) -> tuple[RbacRule, ...]:
    """Of two replicas one works."""
    return (
        RbacRule("coordination.k8s.io", ("leases",), ("create",)),
        RbacRule("coordination.k8s.io", ("leases",), ("get", "update"), (f"{account}-lock",)),
        RbacRule("", ("events",), ("create", "patch")),
    )


AT_HOME: Final = {
    CONTROLLER: _leader(CONTROLLER),
    WEBHOOK: (
        *_leader(WEBHOOK),
        # A name can't be required of what isn't there yet.
        RbacRule("", ("secrets",), ("create",)),
        RbacRule("", ("secrets",), ("get", "update"), (WEBHOOK_CERTIFICATE,)),
    ),
}
"""Rights in the platform's own namespace, by account."""


@dataclass(frozen=True, kw_only=True)
class OperatorRightsArgs:
    """Where the operator runs.

    Args:
        namespace: it exists already; the service accounts in it are the chart's.
    """

    namespace: str


class OperatorRights(Component):
    """Roles and bindings of the operator's two service accounts; without them it doesn't start."""

    module = "operator_rights"

    def __init__(self, name: str, args: OperatorRightsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        for account in (CONTROLLER, WEBHOOK):
            self._everywhere(name, args.namespace, account)
            self._at_home(name, args.namespace, account)
        self.register_outputs({})

    def _everywhere(self, name: str, namespace: str, account: str) -> None:
        metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": f"elastic-spark:{account}"}
        resource = f"{name}-{_short(account)}-everywhere"
        role = k8s.rbac.v1.ClusterRole(
            resource, metadata=metadata, rules=policy_rules(EVERYWHERE[account]), opts=self.child()
        )
        k8s.rbac.v1.ClusterRoleBinding(
            f"{resource}-binding",
            metadata=metadata,
            role_ref={"api_group": _RBAC, "kind": "ClusterRole", "name": f"elastic-spark:{account}"},
            subjects=[subject(namespace, account)],
            # The API server takes a binding to a role that isn't there, and gives nothing by it.
            opts=self.child(depends_on=[role]),
        )

    def _at_home(self, name: str, namespace: str, account: str) -> None:
        metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": f"elastic-spark:{account}", "namespace": namespace}
        resource = f"{name}-{_short(account)}-home"
        role = k8s.rbac.v1.Role(resource, metadata=metadata, rules=policy_rules(AT_HOME[account]), opts=self.child())
        k8s.rbac.v1.RoleBinding(
            f"{resource}-binding",
            metadata=metadata,
            role_ref={"api_group": _RBAC, "kind": "Role", "name": f"elastic-spark:{account}"},
            subjects=[subject(namespace, account)],
            opts=self.child(depends_on=[role]),
        )


def subject(namespace: str, account: str = CONTROLLER) -> k8s.rbac.v1.SubjectArgsDict:
    """A service account of the operator, which runs in `namespace`, for a binding."""
    return {"kind": "ServiceAccount", "name": account, "namespace": namespace}


def _short(account: str) -> str:
    return account.removeprefix("spark-operator-")
