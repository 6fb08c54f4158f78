"""A queue at the door: its route, who passes it, and the one way from the door to what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component, hidden
from components.door.routes import ENVOY_API, GATEWAY_API, history_route, people_policy
from components.queue.history import LABELS as HISTORY_LABELS
from components.queue.history import PORT as HISTORY_PORT
from components.queue.network import pods_of
from sizing import names
from sizing.values import Json

PROXY: Final = {
    "app.kubernetes.io/component": "proxy",
    "gateway.envoyproxy.io/owning-gateway-name": names.DOOR,
}
"""Of the door's own pods, by Envoy Gateway (v1.9.1, internal/infrastructure/kubernetes/proxy)."""
NETWORK_POLICY: Final = "door"


@dataclass(frozen=True, kw_only=True)
class QueueDoorArgs:
    """What of a queue the door shows, and to whom.

    Args:
        namespace: the queue's.
        host: the queue's own.
        domain: the door's.
        groups: of the issuer's people who see the queue; of none, nobody passes.
        groups_claim: the claim that has somebody's groups.
        required_claims: what else a token must say.
        jwt: the platform's, word for word.
    """

    namespace: str
    host: str
    domain: str
    groups: tuple[str, ...]
    groups_claim: str
    required_claims: Mapping[str, str]
    jwt: Mapping[str, Json] = hidden()  # the policy shows it


class QueueDoor(Component):
    """The queue's host at the platform's door: its history server, to look at, for its people who are groups.

    Principals of AWS have no place at the door: what they are says AWS, and no token. The platform's Gateway is closed
    where no policy opens it, so a route that comes before its policy shows nothing to anybody.
    """

    module = "queue_door"

    def __init__(self, name: str, args: QueueDoorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        metadata = {"name": names.HISTORY_SERVER, "namespace": args.namespace}
        k8s.networking.v1.NetworkPolicy(
            f"{name}-network",
            metadata={"name": NETWORK_POLICY, "namespace": args.namespace},
            spec={
                "pod_selector": {"match_labels": dict(HISTORY_LABELS)},
                "policy_types": ["Ingress"],
                "ingress": [
                    {
                        "from_": [pods_of(names.SYSTEM_NAMESPACE, PROXY)],
                        "ports": [{"port": HISTORY_PORT, "protocol": "TCP"}],
                    }
                ],
            },
            opts=self.child(),
        )
        policy = k8s.apiextensions.CustomResource(
            f"{name}-people",
            api_version=ENVOY_API,
            kind="SecurityPolicy",
            metadata=metadata,
            spec=people_policy(args.jwt, args.groups, args.groups_claim, args.required_claims),
            opts=self.child(),
        )
        k8s.apiextensions.CustomResource(
            f"{name}-route",
            api_version=GATEWAY_API,
            kind="HTTPRoute",
            metadata=metadata,
            spec=history_route(args.namespace, args.domain),
            # Until its policy is there, everybody would be refused.
            opts=self.child(depends_on=[policy]),
        )
        self.register_outputs({})
