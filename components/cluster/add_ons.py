"""The add-ons that EKS keeps: what they are is computed here, one component installs a set of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.access.aws_rights.keys import keys
from components.access.iam import Statement
from components.access.pod_identity import PodIdentity, PodIdentityArgs
from components.base import Component, hidden
from components.nodes.placement import every_pool_tolerations, system_placement, zone_spread
from sizing import names, system
from sizing.arns import Arns

NAMESPACE: Final = "kube-system"

STORAGE_DRIVER_POLICY: Final = "AmazonEBSCSIDriverEKSClusterScopedPolicy"
"""Volumes and snapshots that are tagged with this cluster's name, and instances that are: see `volume_cluster_tag` of
`sizing.autoscaling_tags`. Of the other two, one reaches every volume of the account that some cluster's driver made.

The policy compares with the tag `eks-cluster-name` of the session, which Pod Identity sets. The driver tags what it
makes by its `--k8s-tag-cluster-id`, which EKS sets for the add-on; none of our own extra tags may be called so.
Sources: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEBSCSIDriverEKSClusterScopedPolicy.html,
https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html, and docs/tagging.md of aws-ebs-csi-driver
"""


@dataclass(frozen=True, kw_only=True)
class AddOn:
    """One add-on.

    Args:
        name: EKS's name of it.
        configuration: its values, by the schema that `aws eks describe-addon-configuration` shows.
        service_account: the one that has rights in AWS; empty when none has.
        managed_policies: the names of these rights' policies.
        statements: further rights.
    """

    name: str
    configuration: Mapping[str, object]
    service_account: str = ""
    managed_policies: Sequence[str] = ()
    statements: Sequence[Statement] = field(default=(), metadata={"hidden": True})


@dataclass(frozen=True, kw_only=True)
class AddOnsArgs:
    """A set of add-ons that are installed at the same moment.

    Args:
        platform: the platform's name, which is the cluster's.
        cluster_name: the same name; `Cluster.ready` makes the add-ons wait for the control plane.
        arns: the account and region.
        add_ons: what to install: `node_add_ons` before the first node, `system_add_ons` after the system pool.
        versions: the version by add-on; `components.software.versions.ADD_ONS` unless settings say otherwise.
        after: what must be there before the add-ons; their roles don't wait for it.
        permissions_boundary: ARN of the policy that bounds its roles; None for none.
    """

    platform: str
    cluster_name: pulumi.Input[str]
    arns: Arns
    add_ons: Sequence[AddOn]
    versions: Mapping[str, str]
    after: Sequence[pulumi.Resource] = hidden()
    permissions_boundary: str | None = None


class AddOns(Component):
    """Installs add-ons, each with the identity it needs.

    Nodes should depend on the set of `node_add_ons`: they are not ready without a network plugin.

    Raises:
        KeyError: an add-on has no version.
    """

    module = "addons"

    def __init__(self, name: str, args: AddOnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        for add_on in sorted(args.add_ons, key=lambda a: a.name):
            identity = [self._create_identity(name, args, add_on)] if add_on.service_account else []
            self._create_add_on(name, args, add_on, [*args.after, *identity])
        self.register_outputs({"versions": {a.name: args.versions[a.name] for a in args.add_ons}})

    def _create_identity(self, name: str, args: AddOnsArgs, add_on: AddOn) -> PodIdentity:
        return PodIdentity(
            f"{name}-{add_on.name}",
            PodIdentityArgs(
                platform=args.platform,
                cluster_name=args.cluster_name,
                arns=args.arns,
                role_name=names.role(args.platform, add_on.name),
                namespace=NAMESPACE,
                service_account=add_on.service_account,
                statements=add_on.statements,
                managed_policies=add_on.managed_policies,
                more_service_accounts=(),
                permissions_boundary=args.permissions_boundary,
            ),
            self.child(),
        )

    def _create_add_on(self, name: str, args: AddOnsArgs, add_on: AddOn, after: Sequence[pulumi.Resource]) -> None:
        aws.eks.Addon(
            f"{name}-{add_on.name}",
            cluster_name=args.cluster_name,
            addon_name=add_on.name,
            addon_version=args.versions[add_on.name],
            configuration_values=json.dumps(add_on.configuration, sort_keys=True) if add_on.configuration else None,
            # The settings are the only source of an add-on's configuration: what somebody changed by hand, or what an
            # interrupted deployment left behind, gives way.
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            # Pods that start before the association run without credentials; Deployments without a node fail.
            opts=self.child(depends_on=list(after)),
        )


def node_add_ons() -> tuple[AddOn, ...]:
    """What every node needs to become ready: DaemonSets on the node's own network that tolerate every taint.

    So EKS ships them (charts aws-vpc-cni of aws/eks-charts and eks-pod-identity-agent of aws/eks-pod-identity-agent).

    kube-proxy and the Pod Identity agent need no configuration.
    """
    return (
        AddOn(
            name="vpc-cni",
            configuration={
                "env": {
                    # A /28 of addresses at a time: more pods on a node, fewer calls to EC2 when hundreds of nodes come.
                    "ENABLE_PREFIX_DELEGATION": "true",
                    "WARM_PREFIX_TARGET": "1",
                },
                # The platform's own engine enforces network policies: this one doesn't cover Spark's pods.
                "enableNetworkPolicy": "false",
            },
            service_account="aws-node",
            managed_policies=("AmazonEKS_CNI_Policy",),
        ),
        AddOn(name="kube-proxy", configuration={}),
        AddOn(name="eks-pod-identity-agent", configuration={}),
    )


def system_add_ons(
    *, arns: Arns, max_nodes: int, system_nodes: int, volume_tags: Mapping[str, str], volume_key_alias: str | None
) -> tuple[AddOn, ...]:
    """What runs on the system pool, sized for the largest cluster that the platform may become.

    Args:
        arns: the account and region.
        max_nodes: nodes of all pools at their maximum.
        system_nodes: nodes of the system pool.
        volume_tags: on volumes that the storage driver makes; the provider's default tags don't reach these.
        volume_key_alias: of the KMS key that encrypts these volumes; `None` for AWS's own key.
    """
    return (
        AddOn(
            name="coredns",
            configuration={
                **system_placement(),
                "autoScaling": {
                    "enabled": True,
                    "minReplicas": system.MINIMUM_DNS_REPLICAS,
                    "maxReplicas": system.dns_replicas(max_nodes, system_nodes),
                },
                "topologySpreadConstraints": zone_spread({"k8s-app": "kube-dns"}),
                "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
            },
        ),
        AddOn(
            name="aws-ebs-csi-driver",
            configuration={
                "controller": {
                    **system_placement(),
                    "extraVolumeTags": dict(volume_tags),
                    "topologySpreadConstraints": zone_spread({"app": "ebs-csi-controller"}),
                },
                # On the pod network: by itself it tolerates every taint, and with other tolerations any NoExecute.
                "node": {"tolerateAllTaints": False, "tolerations": every_pool_tolerations()},
            },
            service_account="ebs-csi-controller-sa",
            managed_policies=(STORAGE_DRIVER_POLICY,),
            statements=volume_key(arns, volume_key_alias) if volume_key_alias else (),
        ),
        # Two replicas and a budget are what EKS ships.
        AddOn(name="metrics-server", configuration=system_placement()),
    )


def volume_key(arns: Arns, alias: str) -> tuple[Statement, ...]:
    """What the storage driver needs to make, and attach, volumes that are encrypted by the key that has this alias.

    Source: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/install.md
    """
    only_this = {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": alias},
        "StringEquals": {"kms:ViaService": f"ec2.{arns.region}.amazonaws.com"},
    }
    return (
        Statement(
            actions=("kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext"),
            resources=(keys(arns),),
            conditions=only_this,
        ),
        Statement(
            actions=("kms:CreateGrant",),
            resources=(keys(arns),),
            conditions={**only_this, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )
