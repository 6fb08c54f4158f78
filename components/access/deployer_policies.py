"""What a tenant's deployers may do in AWS, as managed policies that the account's owner attaches."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.access.aws_rights.documents import documents
from components.access.aws_rights.scope import Scope
from components.access.aws_rights.tenant import tenant_deployer
from components.base import Component
from sizing import names


@dataclass(frozen=True, kw_only=True)
class DeployerPoliciesArgs:
    """Whose deployers.

    Args:
        scope: the tenant, on its platform.
    """

    scope: Scope


class DeployerPolicies(Component):
    """Managed policies of IAM; nobody has them until somebody attaches them.

    Attributes:
        arns: the policies' ARNs, known before deployment.
    """

    module = "deployer_policies"

    def __init__(self, name: str, args: DeployerPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self.arns = []
        for number, document in enumerate(documents(tenant_deployer(args.scope)), start=1):
            policy = names.deployer_policy(args.scope.platform, args.scope.tenant, number)
            aws.iam.Policy(
                f"{name}-{number}",
                name=policy,
                description=f"What deploying tenant {args.scope.tenant} on platform {args.scope.platform} takes",
                policy=document,
                opts=self.child(),
            )
            self.arns.append(args.scope.arns.policy(policy))
        self.register_outputs({"arns": self.arns})
