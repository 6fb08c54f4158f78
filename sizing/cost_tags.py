"""Cost-allocation tags: by these, AWS's bill is split into platforms, tenants and queues.

AWS puts a tag into the bill only after somebody activates its key there, and never for the time before; see
docs/costs.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sizing import names

PLATFORM_TAG: Final = "elastic-spark:platform"
"""The platform's name, on all that a platform or one of its tenants has."""
TENANT_TAG: Final = "elastic-spark:tenant"
"""The tenant's name, on all that a tenant has."""
QUEUE_TAG: Final = "elastic-spark:queue"
"""The queue's namespace, on all that a queue has; what has no such tag is the platform's, or its tenant's."""
TENANT_TAGS: Final = 2
"""How many tags a queue's resources have beside those of platform and of the tenant's settings."""


def platform_tags(own: Mapping[str, str], platform: str) -> dict[str, str]:
    """The tags of a platform's resources, sorted: those of its settings, and its name."""
    return dict(sorted({**own, PLATFORM_TAG: platform}.items()))


def tenant_tags(platform: Mapping[str, str], own: Mapping[str, str], tenant: str) -> dict[str, str]:
    """The tags of a tenant's resources, sorted: its platform's, those of its settings, and its name."""
    return dict(sorted({**platform, **own, TENANT_TAG: tenant}.items()))


def queue_tags(tenant_tags: Mapping[str, str], namespace: str) -> dict[str, str]:
    """The tags of a queue's resources, sorted: its tenant's, and the queue's namespace."""
    return dict(sorted({**tenant_tags, QUEUE_TAG: namespace}.items()))


def volume_tags() -> tuple[str, str]:
    """`key=value` of tenant and queue, for volumes that the EBS driver makes for claims; empty in our own namespaces.

    The values are Go templates of the claim's namespace (aws-ebs-csi-driver, docs/tagging.md).
    """
    ours = " ".join(f'"{namespace}"' for namespace in sorted(names.RESERVED_NAMESPACES))

    def of_queue(value: str) -> str:
        return f"{{{{ if not (eq .PVCNamespace {ours}) }}}}{{{{ {value} }}}}{{{{ end }}}}"

    return (
        f"{TENANT_TAG}=" + of_queue('.PVCNamespace | field "-" 0'),
        f"{QUEUE_TAG}=" + of_queue(".PVCNamespace"),
    )
