"""Amazon Managed Service for Prometheus, which keeps samples for long, and Amazon Managed Grafana, which shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.access.iam import Statement, policy_document, service_trust
from components.base import Component
from sizing import names
from sizing.arns import Arns
from sizing.cost_tags import PLATFORM_TAG

Authentication = Literal["AWS_SSO", "SAML"]


@dataclass(frozen=True, kw_only=True)
class ManagedPrometheusArgs:
    """What is kept, and how long.

    Args:
        platform: the platform's name, which is the workspace's alias.
        retention_days: samples are kept.
        protect: refuse to delete the workspace, and with it all samples.
    """

    platform: str
    retention_days: int
    protect: bool


class ManagedPrometheus(Component):
    """A workspace. AWS invents its identifier, so rights on it are by the tag that names the platform (`write_right`).

    Attributes:
        endpoint: of its API, with a slash at the end.
        remote_write: where Prometheus writes.
    """

    module = "managed_monitoring"

    def __init__(self, name: str, args: ManagedPrometheusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        workspace = aws.amp.Workspace(f"{name}-workspace", alias=args.platform, opts=self.child(protect=args.protect))
        aws.amp.WorkspaceConfiguration(
            f"{name}-configuration",
            workspace_id=workspace.id,
            retention_period_in_days=args.retention_days,
            opts=self.child(),
        )
        self.endpoint = workspace.prometheus_endpoint
        self.remote_write = pulumi.Output.concat(workspace.prometheus_endpoint, "api/v1/remote_write")
        self.register_outputs({"endpoint": self.endpoint})


def write_right(arns: Arns, platform: str) -> Statement:
    """What Prometheus needs to write to the platform's workspace.

    Source: https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-and-IAM.html and
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmanagedserviceforprometheus.html
    """
    return _right(arns, platform, "RemoteWrite")


def _right(arns: Arns, platform: str, *actions: str) -> Statement:
    return Statement(
        actions=[f"aps:{action}" for action in actions],
        resources=(arns.prometheus_workspaces(),),
        conditions={"StringEquals": {f"aws:ResourceTag/{PLATFORM_TAG}": platform}},
    )


@dataclass(frozen=True, kw_only=True)
class ManagedGrafanaArgs:
    """Whose Grafana it is.

    Args:
        platform: the platform's name, which is the workspace's.
        arns: the account and region.
        authentication: how people sign in.
        protect: refuse to delete the workspace, and with it what people made in it.
        permissions_boundary: ARN of the policy that bounds its roles; None for none.
    """

    platform: str
    arns: Arns
    authentication: Authentication
    protect: bool
    permissions_boundary: str | None = None


class ManagedGrafana(Component):
    """A workspace that may query the platform's Managed Prometheus and nothing else.

    It has the newest version when it is made; AWS upgrades it only when asked to, and never back.

    Attributes:
        endpoint: where people see it.
    """

    module = "managed_monitoring"

    def __init__(self, name: str, args: ManagedGrafanaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        role_name = names.role(args.platform, "grafana")
        role = aws.iam.Role(
            f"{name}-role",
            name=role_name,
            description=f"Amazon Managed Grafana of {args.platform}",
            assume_role_policy=service_trust(
                "grafana.amazonaws.com", args.arns.account, args.arns.grafana_workspaces()
            ),
            permissions_boundary=args.permissions_boundary,
            opts=self.child(),
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            name=role_name,
            role=role.name,
            policy=policy_document(*query_rights(args.arns, args.platform)),
            opts=self.child(),
        )
        workspace = aws.grafana.Workspace(
            f"{name}-workspace",
            name=args.platform,
            description=f"Dashboards of {args.platform}",
            account_access_type="CURRENT_ACCOUNT",
            authentication_providers=[args.authentication],
            # The role is ours; AWS would make a wider one.
            permission_type="CUSTOMER_MANAGED",
            role_arn=args.arns.role(role_name),
            data_sources=["PROMETHEUS"],
            opts=self.child(protect=args.protect, depends_on=[role, policy]),
        )
        self.endpoint = workspace.endpoint
        self.register_outputs({"endpoint": self.endpoint})


def query_rights(arns: Arns, platform: str) -> tuple[Statement, ...]:
    """What Grafana needs to find the platform's Managed Prometheus, and to query it.

    Source: https://docs.aws.amazon.com/grafana/latest/userguide/AMG-manage-permissions.html
    """
    return (
        # It can't be limited to a workspace: it lists them.
        Statement(sid="Find", actions=("aps:ListWorkspaces",), resources=("*",)),
        _right(
            arns,
            platform,
            "DescribeWorkspace",
            "GetLabels",
            "GetMetricMetadata",
            "GetSeries",
            "QueryMetrics",
        ),
    )
