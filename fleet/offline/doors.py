"""The hosts of a fleet's doors: what an issuer must know of each, and who passes there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from components.door.login import CALLBACK
from fleet.offline.registration import Registration, Registrations

ROUTE: Final = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"
POLICY: Final = "kubernetes:gateway.envoyproxy.io/v1alpha1:SecurityPolicy"


@dataclass(frozen=True, kw_only=True, order=True)
class DoorHost:
    """What a platform's door shows at a host.

    Args:
        stack: that makes its route.
        host: its name.
        path: below which it is; "/" for all that no longer one is for.
        groups: the issuer's groups that pass; of none, nobody does.
        everybody: whether all of the issuer's people pass instead.
    """

    stack: str
    host: str
    path: str
    groups: tuple[str, ...]
    everybody: bool = False

    @property
    def shown(self) -> str:
        """The host, with the path where that is not all of it."""
        return self.host if self.path == "/" else f"{self.host}{self.path}"

    @property
    def redirect_uri(self) -> str:
        """Where the issuer sends a browser back to after the login: the client must name it."""
        return f"https://{self.host}{CALLBACK}"


def door_hosts(registered: Mapping[str, Registrations]) -> list[DoorHost]:
    """What is shown at hosts for which stacks register routes, by stack, host and path.

    Args:
        registered: by stack. No two stacks have one host: it is made of a namespace, or a page of the platform's.
    """
    return sorted(host for stack, found in registered.items() for host in _of_stack(stack, found))


def _of_stack(stack: str, registrations: Registrations) -> Iterator[DoorHost]:
    policies = registrations.of_type(POLICY)
    for route in registrations.of_type(ROUTE):
        claims = [claim for policy in policies if _is_about(policy, route) for claim in _claims(policy)]
        # Each rule for a list of groups has a twin for one group, and what else tokens must say is no list.
        groups = {value for claim in claims if claim.get("valueType") == "StringArray" for value in claim["values"]}
        everybody = any(claim["name"] == "iss" for claim in claims)
        path = _path(route)
        for host in route.inputs["spec"].get("hostnames", []):
            yield DoorHost(stack=stack, host=host, path=path, groups=tuple(sorted(groups)), everybody=everybody)


def _path(route: Registration) -> str:
    """The shortest one that its rules are for."""
    matches = [match for rule in route.inputs["spec"]["rules"] for match in rule["matches"]]
    paths: list[str] = [match["path"]["value"] for match in matches]
    return min(paths, key=len)


def _is_about(policy: Registration, route: Registration) -> bool:
    metadata = route.inputs["metadata"]
    targets = policy.inputs["spec"].get("targetRefs", [])
    return policy.inputs["metadata"]["namespace"] == metadata["namespace"] and any(
        (target["kind"], target["name"]) == ("HTTPRoute", metadata["name"]) for target in targets
    )


def _claims(policy: Registration) -> Iterator[dict[str, Any]]:
    for rule in policy.inputs["spec"]["authorization"].get("rules", []):
        yield from rule["principal"]["jwt"]["claims"]
