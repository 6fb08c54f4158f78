"""The EKS control plane, and nothing that runs on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks

from components.access.iam import service_trust
from components.base import Component
from sizing import names
from sizing.arns import Arns

MANAGED_POLICIES: Final = ("AmazonEKSClusterPolicy",)
LOG_TYPES: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
"""All that the control plane can log.

Source: https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
"""
SUPPORT: Final = "STANDARD"
"""At the end of standard support AWS upgrades the control plane, instead of charging six times its price per hour.

Source: https://docs.aws.amazon.com/eks/latest/userguide/view-support-policy.html
"""


API_PORT: Final = 443
"""Of the endpoint's addresses inside the VPC."""


@dataclass(frozen=True, kw_only=True)
class PrivateAccess:
    """Who reaches the endpoint inside the VPC, beside the nodes.

    Args:
        cidrs: networks, such as `10.40.0.0/16`.
        security_groups: ids of security groups, of the VPC or of a peered one in the same region.
    """

    cidrs: Sequence[str] = ()
    security_groups: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """The control plane of a platform.

    Args:
        platform: the platform's name, which becomes the cluster's.
        arns: the account and region.
        version: Kubernetes, such as `1.36`.
        vpc_id: the network.
        private_subnet_ids: the subnets for the control plane's network interfaces, in at least two zones.
        service_cidr: the addresses of Kubernetes services; it can't be changed later.
        public_access_cidrs: who may reach the endpoint from the internet; empty for an endpoint inside the VPC only.
        private_access: who may reach it inside the VPC.
        secrets_key_arn: the KMS key that encrypts Kubernetes secrets; it can't be taken away later.
        logs_key_arn: the KMS key that encrypts the control plane's logs.
        log_retention_days: how long these are kept.
        deletion_protection: whether AWS refuses to delete the cluster.
        protect: whether Pulumi refuses to delete the cluster and its logs.
        permissions_boundary: ARN of the policy that bounds its roles; None for none.
    """

    platform: str
    arns: Arns
    version: str
    vpc_id: pulumi.Input[str]
    private_subnet_ids: Sequence[pulumi.Input[str]]
    service_cidr: str
    public_access_cidrs: Sequence[str]
    secrets_key_arn: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    log_retention_days: int
    deletion_protection: bool
    protect: bool
    permissions_boundary: str | None = None
    private_access: PrivateAccess


class Cluster(Component):
    """A control plane without nodes, add-ons or access entries, which are resources of ours: see decision page 2.

    Nodes and control plane share the security group that EKS makes: it lets its members talk to each other, and nobody
    else in. Rules of ours let those in who deploy and look; what waits for this component waits for them too, since
    nothing can be said to Kubernetes before.

    Attributes:
        cluster_name: the cluster's name.
        ready: the same name, known at preview, for inputs of what the control plane must exist for.
        kubeconfig_json: how to reach the cluster with the credentials of whoever uses it; it holds no credentials.
        endpoint: the API server's address.
        certificate_authority: the API server's CA, in base64.
        security_group_id: the security group of control plane and nodes.
    """

    module = "cluster"

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        role, policy = self._create_role(name, args)
        logs = self._create_log_group(name, args)
        control_plane = self._create_control_plane(name, args, role, [policy, logs])
        self.cluster_name = args.platform
        self.ready = known_once(args.platform, control_plane)
        self.kubeconfig_json = control_plane.kubeconfig_json
        self.endpoint = self.kubeconfig_json.apply(endpoint_of)
        self.certificate_authority = self.kubeconfig_json.apply(certificate_authority_of)
        self.security_group_id = control_plane.cluster_security_group_id
        self._let_in(name, args.private_access)
        self.register_outputs(
            {
                "clusterName": self.cluster_name,
                "endpoint": self.endpoint,
                # Rules over a whole stack see outputs alone.
                "publicAccessCidrs": sorted(args.public_access_cidrs),
            }
        )

    def _create_role(self, name: str, args: ClusterArgs) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        role = aws.iam.Role(
            f"{name}-role",
            name=names.role(args.platform, "cluster"),
            description=f"Control plane of cluster {args.platform}",
            # https://docs.aws.amazon.com/eks/latest/userguide/cross-service-confused-deputy-prevention.html
            assume_role_policy=service_trust("eks.amazonaws.com", args.arns.account, args.arns.cluster(args.platform)),
            permissions_boundary=args.permissions_boundary,
            opts=self.child(),
        )
        (managed,) = MANAGED_POLICIES
        policy = aws.iam.RolePolicyAttachment(
            f"{name}-{managed}",
            role=role.name,
            policy_arn=args.arns.managed_policy(managed),
            opts=self.child(),
        )
        return role, policy

    def _create_log_group(self, name: str, args: ClusterArgs) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=names.control_plane_log_group(args.platform),
            retention_in_days=args.log_retention_days,
            kms_key_id=args.logs_key_arn,
            # It holds the audit log.
            opts=self.child(protect=args.protect),
        )

    def _create_control_plane(
        self, name: str, args: ClusterArgs, role: aws.iam.Role, before: Sequence[pulumi.Resource]
    ) -> eks.Cluster:
        return eks.Cluster(
            f"{name}-control-plane",
            name=args.platform,
            version=args.version,
            service_role=role,
            vpc_id=args.vpc_id,
            private_subnet_ids=args.private_subnet_ids,
            kubernetes_service_ip_address_range=args.service_cidr,
            endpoint_private_access=True,
            endpoint_public_access=bool(args.public_access_cidrs),
            public_access_cidrs=sorted(args.public_access_cidrs) or None,
            authentication_mode=eks.AuthenticationMode.API,
            encryption_config_key_arn=args.secrets_key_arn,
            enabled_cluster_log_types=list(LOG_TYPES),
            deletion_protection=args.deletion_protection,
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type=SUPPORT),
            # What follows leaves to us all that runs on the control plane.
            skip_default_node_group=True,
            skip_default_security_groups=True,
            create_oidc_provider=False,
            bootstrap_self_managed_addons=False,
            use_default_vpc_cni=True,
            kube_proxy_addon_options=eks.KubeProxyAddonOptionsArgs(enabled=False),
            coredns_addon_options=eks.CoreDnsAddonOptionsArgs(enabled=False),
            # A role without its policy can't make the control plane; EKS makes the log group itself when it is missing,
            # without key and retention.
            opts=self.child(depends_on=list(before), protect=args.protect),
        )

    def _let_in(self, name: str, access: PrivateAccess) -> None:
        """Source: https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html#private-access"""
        for cidr in sorted(access.cidrs):
            role = f"api-{cidr.replace('.', '-').replace('/', '-')}"
            self._ingress(f"{name}-{role}", f"Kubernetes API from {cidr}", cidr=cidr)
        for group in sorted(access.security_groups):
            self._ingress(f"{name}-api-{group}", f"Kubernetes API from {group}", group=group)

    def _ingress(self, name: str, description: str, *, cidr: str | None = None, group: str | None = None) -> None:
        aws.vpc.SecurityGroupIngressRule(
            name,
            security_group_id=self.security_group_id,
            description=description,
            ip_protocol="tcp",
            from_port=API_PORT,
            to_port=API_PORT,
            cidr_ipv4=cidr,
            referenced_security_group_id=group,
            opts=self.child(),
        )


def endpoint_of(kubeconfig_json: str) -> str:
    """The API server's address in a kubeconfig of one cluster."""
    return str(json.loads(kubeconfig_json)["clusters"][0]["cluster"]["server"])


def certificate_authority_of(kubeconfig_json: str) -> str:
    """The API server's CA, in base64, in a kubeconfig of one cluster."""
    return str(json.loads(kubeconfig_json)["clusters"][0]["cluster"]["certificate-authority-data"])


def known_once(value: str, resource: pulumi.Resource) -> pulumi.Output[str]:
    """A value that is known at preview; whatever takes it as an input is deployed after `resource`."""

    async def content() -> str:
        return value

    async def known() -> bool:
        return True

    return pulumi.Output({resource}, content(), known())
