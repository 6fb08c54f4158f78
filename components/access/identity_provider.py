"""The company's login at the cluster's API: ID tokens of one issuer, beside AWS's principals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import Component
from sizing import names


@dataclass(frozen=True, kw_only=True)
class IdentityProviderArgs:
    """The issuer whose tokens the API server takes.

    Args:
        cluster_name: the cluster's name; `Cluster.ready` makes the association wait for the control plane.
        platform: the platform's name.
        issuer: as its tokens have it in `iss`.
        client_id: what its tokens have in `aud`.
        username_claim: the claim that tells people apart.
        groups_claim: the claim that has their groups.
        required_claims: what else a token must say.
    """

    cluster_name: pulumi.Input[str]
    platform: str
    issuer: str
    client_id: str
    username_claim: str
    groups_claim: str
    required_claims: Mapping[str, str]


class IdentityProvider(Component):
    """An issuer of OpenID Connect, associated with the cluster: its people come with their groups and no rights.

    EKS keeps one for a cluster and changes none, so another takes its place when it has gone: for the time of both,
    some 20 minutes each, the issuer's people are refused. Principals of AWS are not, nor is anything that runs. No
    other resource waits for it.

    Users and groups have a prefix of their own, which EKS leaves to us, so that no token speaks for one of Kubernetes'
    or of the stacks' own groups, whoever writes groups at the issuer.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/authenticate-oidc-identity-provider.html
    """

    module = "identity_provider"

    def __init__(self, name: str, args: IdentityProviderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        aws.eks.IdentityProviderConfig(
            f"{name}-issuer",
            cluster_name=args.cluster_name,
            oidc=aws.eks.IdentityProviderConfigOidcArgs(
                identity_provider_config_name=names.identity_provider(args.platform),
                issuer_url=args.issuer,
                client_id=args.client_id,
                username_claim=args.username_claim,
                username_prefix=names.ISSUERS,
                groups_claim=args.groups_claim,
                groups_prefix=names.ISSUERS,
                required_claims=dict(sorted(args.required_claims.items())) or None,
            ),
            # EKS takes one: the new one would be refused beside the old.
            opts=self.child(delete_before_replace=True),
        )
        self.register_outputs({})
