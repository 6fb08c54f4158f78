"""A queue at the door: its route, who passes it, and the one way from the door to what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.door.login import ENVOY_API, GATEWAY_API, Login, people_policy
from components.door.proxy import PROXY_LABELS
from components.door.routes import BACKENDS, METHODS, history_route, logs_route
from components.queue.history import LABELS as HISTORY_LABELS
from components.queue.network import pods_of
from sizing import names
from sizing.values import Json

NETWORK_POLICY: Final = "door"


@dataclass(frozen=True, kw_only=True)
class QueueDoorArgs:
    """What of a queue the door shows, and to whom.

    Args:
        namespace: the queue's.
        domain: the door's.
        groups: of the issuer's people who see the queue; of none, nobody passes.
        log_groups: of those among them who read its logs; None: its logs are not shown.
        login: the platform's: whose tokens open the door.
    """

    namespace: str
    domain: str
    groups: tuple[str, ...]
    log_groups: tuple[str, ...] | None
    login: Login


class QueueDoor(Component):
    """The queue's host at the platform's door: its history server, to look at, for its people who are groups.

    Below a path of their own are its logs, by a route and a policy of their own, since not all of its people read them.

    Principals of AWS have no place at the door: what they are says AWS, and no token. The platform's Gateway is closed
    where no policy opens it, so a route that comes before its policy shows nothing to anybody.
    """

    module = "queue_door"

    def __init__(self, name: str, args: QueueDoorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        shown = [names.HISTORY_SERVER, *(() if args.log_groups is None else (names.PAST_LOGS,))]
        k8s.networking.v1.NetworkPolicy(
            f"{name}-network",
            metadata={"name": NETWORK_POLICY, "namespace": args.namespace},
            spec={
                "pod_selector": {"match_labels": dict(HISTORY_LABELS)},
                "policy_types": ["Ingress"],
                "ingress": [
                    {
                        "from_": [pods_of(names.SYSTEM_NAMESPACE, PROXY_LABELS)],
                        "ports": [{"port": BACKENDS[service], "protocol": "TCP"} for service in shown],
                    }
                ],
            },
            opts=self.child(),
        )
        if args.log_groups is not None:
            spec = logs_route(args.namespace, args.domain)
            self._show(f"{name}-logs", args, names.PAST_LOGS, spec, args.log_groups)
        self._show(name, args, names.HISTORY_SERVER, history_route(args.namespace, args.domain), args.groups)
        self.register_outputs({})

    def _show(
        self, name: str, args: QueueDoorArgs, service: str, route: dict[str, Json], groups: tuple[str, ...]
    ) -> None:
        """A route and who passes it, both called after what they show."""
        metadata = {"name": service, "namespace": args.namespace}
        policy = k8s.apiextensions.CustomResource(
            f"{name}-people",
            api_version=ENVOY_API,
            kind="SecurityPolicy",
            metadata=metadata,
            spec=people_policy(args.login, service, groups, METHODS),
            opts=self.child(),
        )
        k8s.apiextensions.CustomResource(
            f"{name}-route",
            api_version=GATEWAY_API,
            kind="HTTPRoute",
            metadata=metadata,
            spec=route,
            # Until its policy is there, everybody would be refused.
            opts=self.child(depends_on=[policy]),
        )
