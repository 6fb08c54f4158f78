"""Standing headroom: room for drivers that always stands ready, so that a driver starts without waiting for a node."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from components.nodes.buffer_crd import ACTIVE, API_VERSION, KIND
from components.nodes.placement import DRIVER_NODE_SELECTOR, driver_tolerations
from sizing.nodes import Resources
from sizing.quantities import format_bytes, format_cpu


@dataclass(frozen=True, kw_only=True)
class HeadroomArgs:
    """How much room is held ready.

    Args:
        namespace: where buffer and template live; no quota may bound it.
        drivers: how many drivers fit into the room.
        driver: what one driver requests, overhead included; only cpu and memory count.
    """

    namespace: pulumi.Input[str]
    drivers: int
    driver: Resources


class Headroom(Component):
    """A CapacityBuffer on the driver pool, with the template of the drivers that it counts.

    cluster-autoscaler counts pods of the template that don't exist, so nothing has to be preempted when a real driver
    comes. It needs `--capacity-buffer-controller-enabled`, `--capacity-buffer-pod-injection-enabled` and, so as not to
    need the right to create pods, `--capacity-buffer-pod-dry-run-enabled=false`. The definition of CapacityBuffer
    (`components.nodes.buffer_crd`) comes first.
    """

    module = "headroom"

    def __init__(self, name: str, args: HeadroomArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        template = self._create_template(name, args)
        self._create_buffer(name, args, template)
        self.register_outputs({})

    def _create_template(self, name: str, args: HeadroomArgs) -> k8s.core.v1.PodTemplate:
        return k8s.core.v1.PodTemplate(
            f"{name}-template",
            metadata={"name": name, "namespace": args.namespace},
            template={
                "spec": {
                    "node_selector": dict(DRIVER_NODE_SELECTOR),
                    "tolerations": driver_tolerations(),
                    "containers": [
                        {
                            "name": "driver",
                            # A template must name an image; no pod is ever made of this one.
                            "image": "none",
                            "resources": {
                                "requests": {
                                    "cpu": format_cpu(args.driver.cpu),
                                    "memory": format_bytes(args.driver.memory),
                                }
                            },
                        }
                    ],
                }
            },
            opts=self.child(),
        )

    def _create_buffer(self, name: str, args: HeadroomArgs, template: k8s.core.v1.PodTemplate) -> None:
        k8s.apiextensions.CustomResource(
            f"{name}-buffer",
            api_version=API_VERSION,
            kind=KIND,
            metadata={"name": name, "namespace": args.namespace},
            spec={
                "provisioningStrategy": ACTIVE,
                "podTemplateRef": {"name": name},
                "replicas": args.drivers,
            },
            # The template is referred to by its plain name, which says nothing of the order.
            opts=self.child(depends_on=[template]),
        )
