"""How the API server is told of an issuer of ID tokens, as EKS tells its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sizing.values import Json


def authentication(oidc: Mapping[str, Json], authority: Path, place: str | None = None) -> Json:
    """A configuration of the API server that trusts what an association of EKS says.

    Args:
        oidc: as registered, `oidc` of an `aws.eks.IdentityProviderConfig`.
        authority: the PEM file of who issued the certificate of the issuer.
        place: where the issuer's documents are, if not at its URL.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration,
    which says what the flags `--oidc-...` are in it; EKS's fields are called like these.
    """
    required = oidc.get("requiredClaims") or {}
    issuer = {
        "url": oidc["issuerUrl"],
        "certificateAuthority": authority.read_text(),
        "audiences": [oidc["clientId"]],
        **({"discoveryURL": f"{place}/.well-known/openid-configuration"} if place else {}),
    }
    return {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AuthenticationConfiguration",
        "jwt": [
            {
                "issuer": issuer,
                "claimMappings": {
                    "username": {"claim": oidc["usernameClaim"], "prefix": oidc["usernamePrefix"]},
                    "groups": {"claim": oidc["groupsClaim"], "prefix": oidc["groupsPrefix"]},
                },
                "claimValidationRules": [
                    {"claim": claim, "requiredValue": value} for claim, value in sorted(required.items())
                ],
            }
        ],
    }
