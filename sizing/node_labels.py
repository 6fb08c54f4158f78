"""Which labels the nodes of a pool have, by which a job's node selectors can be judged before there is a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sizing import names

NodeLabels = Mapping[str, Sequence[str]]
"""The values that a label has on the nodes of a pool, by its key; none where it can be anything."""

ANYTHING: Final[tuple[str, ...]] = ()
_BETA: Final = {
    "kubernetes.io/arch": "beta.kubernetes.io/arch",
    "kubernetes.io/os": "beta.kubernetes.io/os",
    "node.kubernetes.io/instance-type": "beta.kubernetes.io/instance-type",
    "topology.kubernetes.io/region": "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone": "failure-domain.beta.kubernetes.io/zone",
}
"""Labels that nodes still have under their old names too."""
_OF_EACH: Final = ("k8s.io/cloud-provider-aws", "kubernetes.io/hostname", "topology.k8s.aws/zone-id")
"""Labels whose values are a node's own, or AWS's."""


def pool_labels(
    *,
    identity: str,
    purpose: str,
    architecture: str,
    instance_types: Sequence[str],
    zones: Sequence[str],
    capacities: Sequence[str],
    generations: Sequence[str],
    labels: Mapping[str, str],
) -> NodeLabels:
    """All labels of a pool's nodes in AWS.

    Args:
        identity: of the pool.
        purpose: `driver` or `executor`.
        architecture: as in the label kubernetes.io/arch.
        instance_types: of its nodes.
        zones: that it has groups in.
        capacities: `on-demand`, `spot`, or both.
        generations: of its groups, the retiring ones too.
        labels: of its own, such as the tenant's and the queue's.

    Source: https://kubernetes.io/docs/reference/labels-annotations-taints/; kubernetes/cloud-provider-aws,
    pkg/providers/v1 (the instance's metadata), which runs in EKS's control plane
    """
    given = {
        "kubernetes.io/arch": (architecture,),
        "kubernetes.io/os": ("linux",),
        "node.kubernetes.io/instance-type": tuple(sorted(instance_types)),
        "topology.kubernetes.io/region": tuple(sorted({zone.rstrip("abcdefghijklmnopqrstuvwxyz") for zone in zones})),
        "topology.kubernetes.io/zone": tuple(sorted(zones)),
    }
    own = {
        names.POOL_LABEL: (identity,),
        names.PURPOSE_LABEL: (purpose,),
        names.CAPACITY_LABEL: tuple(sorted(capacities)),
        names.GENERATION_LABEL: tuple(sorted(generations)),
        **{key: (value,) for key, value in labels.items()},
    }
    old = {_BETA[key]: values for key, values in given.items()}
    return dict(sorted({**given, **old, **own, **dict.fromkeys(_OF_EACH, ANYTHING)}.items()))


def label_lines(labels: NodeLabels) -> list[str]:
    """Labels as `key=value`, one for each value, and as `key` where it can be anything."""
    return [line for key in sorted(labels) for line in ([f"{key}={v}" for v in labels[key]] or [key])]
