"""IAM documents as plain JSON, so that previews and policies see every statement before anything is deployed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

POLICY_VERSION = "2012-10-17"
"""The current version of the policy language.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
"""

MAXIMUM_MANAGED_POLICY = 6_144
"""Characters of a policy that is made apart from a role, as boundaries are; white space not counted.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

MAXIMUM_TRUST: Final = 2_048
"""Characters of a role's trust policy, white space not counted, unless AWS has raised it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]
Principals = Literal["*"] | Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of an IAM policy, trust policy, or resource policy.

    Args:
        actions: what is allowed or denied.
        resources: ARNs or patterns; empty in a trust policy, which has none.
        principals: by kind (`AWS`, `Service`), or `*` for everybody; `None` in a policy of a role, which has none.
        conditions: by operator, then by condition key.
        effect: `Allow`, or `Deny`.
        sid: the statement's name, letters and digits; empty for none.
    """

    actions: Sequence[str]
    resources: Sequence[str] = ()
    principals: Principals | None = None
    conditions: Conditions = field(default_factory=dict)
    effect: Literal["Allow", "Deny"] = "Allow"
    sid: str = ""

    def document(self) -> dict[str, object]:
        """The statement as IAM reads it, lists sorted, what is empty left out."""
        parts = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Principal": self.principals if self.principals == "*" else _lists(self.principals or {}),
            "Action": sorted(self.actions),
            "Resource": sorted(self.resources),
            "Condition": {operator: _lists(keys) for operator, keys in self.conditions.items()},
        }
        return {key: value for key, value in parts.items() if value}


def policy_document(*statements: Statement) -> str:
    """The JSON text of a policy of these statements, in their order; the same statements give the same text."""
    document = {"Version": POLICY_VERSION, "Statement": [statement.document() for statement in statements]}
    return json.dumps(document, sort_keys=True)


def policy_length(document: str) -> int:
    """Characters of a policy as IAM counts them: without white space."""
    return len("".join(document.split()))


def pod_identity_trust(
    account: str, cluster_arn: str, *, namespace: str = "", service_account: str | Sequence[str] = ""
) -> str:
    """The trust policy of a role that only pods of one cluster may take, by EKS Pod Identity.

    Args:
        account: the account of the cluster.
        cluster_arn: the cluster's ARN.
        namespace: where given, only pods of this namespace may take the role.
        service_account: where given, only pods of this service account, or one of these, may take the role.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html (the tags),
    https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html (the cluster)
    """
    tags = {"kubernetes-namespace": namespace, "kubernetes-service-account": service_account}
    return policy_document(
        Statement(
            actions=("sts:AssumeRole", "sts:TagSession"),
            principals={"Service": "pods.eks.amazonaws.com"},
            conditions={
                "ArnEquals": {"aws:SourceArn": cluster_arn},
                "StringEquals": {
                    "aws:SourceAccount": account,
                    **{f"aws:RequestTag/{tag}": value for tag, value in tags.items() if value},
                },
            },
        )
    )


def service_trust(service: str, account: str | None = None, source_arn: str | None = None) -> str:
    """The trust policy of a role that an AWS service takes.

    Args:
        service: its principal, such as `ec2.amazonaws.com`.
        account: where given, the service may act for this account's resources only. Not every service says for whom
            it acts (EC2 does not): see the service's own page on the confused deputy.
        source_arn: where given, the service may act for this resource only.
    """
    conditions: dict[str, dict[str, str]] = {}
    if account:
        conditions["StringEquals"] = {"aws:SourceAccount": account}
    if source_arn:
        conditions["ArnLike"] = {"aws:SourceArn": source_arn}
    return policy_document(
        Statement(actions=("sts:AssumeRole",), principals={"Service": service}, conditions=conditions)
    )


def people_trust(principals: Sequence[str]) -> str:
    """The trust policy of a role that people take with a role or user of their own; each of these must be there.

    Args:
        principals: ARNs of IAM roles and users.
    """
    return policy_document(Statement(actions=("sts:AssumeRole",), principals={"AWS": sorted(principals)}))


def _lists(values: Mapping[str, str | Sequence[str]]) -> dict[str, str | list[str]]:
    return {key: value if isinstance(value, str) else sorted(value) for key, value in values.items()}
