"""The class of volumes that claims get which name none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from components.base import Component
from sizing.cost_tags import volume_tags

STORAGE_CLASS: Final = "gp3"
"""The name of the class."""
DRIVER: Final = "ebs.csi.aws.com"
DEFAULT_CLASS: Final = "storageclass.kubernetes.io/is-default-class"


@dataclass(frozen=True)
class StorageClassArgs:
    """What the class says beyond what is the same on every platform in AWS.

    Args:
        key_arn: of the KMS key that encrypts volumes, not of its alias: the driver compares it when it copies a
            volume (pkg/driver/controller.go of aws-ebs-csi-driver 1.64); None for the account's default.
    """

    key_arn: pulumi.Input[str] | None


class StorageClass(Component):
    """Encrypted EBS volumes, made in the zone of the pod that needs them, whose tags tell tenant and queue.

    EKS itself makes the class `gp2` and makes it no default. A volume of that class has the platform's tags alone.
    """

    module = "storage_class"

    def __init__(self, name: str, args: StorageClassArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        k8s.storage.v1.StorageClass(
            f"{name}-{STORAGE_CLASS}",
            metadata={"name": STORAGE_CLASS, "annotations": {DEFAULT_CLASS: "true"}},
            provisioner=DRIVER,
            parameters={
                "type": "gp3",
                "encrypted": "true",
                **({"kmsKeyId": args.key_arn} if args.key_arn is not None else {}),
                # The provider's default tags don't reach what the driver makes, and its own extra tags know no queue.
                **{f"tagSpecification_{number}": tag for number, tag in enumerate(volume_tags(), start=1)},
            },
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            reclaim_policy="Delete",
            # Its parameters can't be changed, and two objects can't have one name.
            opts=self.child(delete_before_replace=True),
        )
        self.register_outputs({})
