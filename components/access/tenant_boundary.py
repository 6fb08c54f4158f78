"""The policy in AWS that bounds all roles of a tenant's stack."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.access.aws_rights.tenant_boundary import TenantBoundaryArgs, boundary_statements
from components.access.iam import MAXIMUM_MANAGED_POLICY, policy_document, policy_length
from components.base import Component
from sizing import names


class TenantBoundary(Component):
    """The permissions boundary of a tenant: an IAM policy that gives nothing and lets a role have no more than it says.

    The platform's stack makes it, so that who deploys a tenant has no say in it.

    Attributes:
        arn: the policy's ARN, known before deployment.

    Raises:
        ValueError: it is longer than AWS allows.
    """

    module = "tenant_boundary"

    def __init__(self, name: str, args: TenantBoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        document = policy_document(*boundary_statements(args))
        if (length := policy_length(document)) > MAXIMUM_MANAGED_POLICY:
            raise ValueError(
                f"tenant {args.tenant}: {len(args.data)} data locations and {len(args.databases)} databases make a "
                f"boundary of {length} characters, and AWS allows {MAXIMUM_MANAGED_POLICY}: list fewer, with shorter "
                "prefixes"
            )
        super().__init__(name, args, opts)
        policy_name = names.boundary(args.platform, args.tenant)
        self.arn = args.arns.policy(policy_name)
        aws.iam.Policy(
            f"{name}-policy",
            name=policy_name,
            description=f"All that roles of tenant {args.tenant} on platform {args.platform} may ever do",
            policy=document,
            opts=self.child(),
        )
        self.register_outputs({"arn": self.arn})
