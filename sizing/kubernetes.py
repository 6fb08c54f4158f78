"""Pieces of pods, by the names that Kubernetes gives them: what charts and SparkApplications take as it is.

Only the fields that are set here. Pods that stacks register themselves have the SDK's types, in Python's names.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

from typing import Literal, NotRequired, Required, TypedDict


class Toleration(TypedDict, total=False):
    """A taint that a pod bears; without a key, any."""

    key: str
    operator: Required[Literal["Equal", "Exists"]]
    value: str
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]


class Placement(TypedDict):
    """On which nodes a pod runs."""

    nodeSelector: dict[str, str]
    tolerations: list[Toleration]


class LabelSelector(TypedDict):
    """Pods by their labels."""

    matchLabels: dict[str, str]


class TopologySpread(TypedDict):
    """How even pods are spread; a chart that adds the selector itself takes none."""

    maxSkew: int
    topologyKey: str
    whenUnsatisfiable: Literal["DoNotSchedule", "ScheduleAnyway"]
    labelSelector: NotRequired[LabelSelector]


class PodAffinityTerm(TypedDict):
    """Pods, and what of nodes counts as one place."""

    topologyKey: str
    labelSelector: LabelSelector


class WeightedPodAffinityTerm(TypedDict):
    """A term that is preferred, with its weight from 1 to 100."""

    weight: int
    podAffinityTerm: PodAffinityTerm


class PodAntiAffinity(TypedDict):
    """Which pods a pod keeps away from, where it can."""

    preferredDuringSchedulingIgnoredDuringExecution: list[WeightedPodAffinityTerm]


class Affinity(TypedDict):
    """Which pods a pod seeks or avoids."""

    podAntiAffinity: PodAntiAffinity


class ResourceRequirements(TypedDict):
    """What a container has for certain and at most, as quantities by resource."""

    requests: dict[str, str]
    limits: dict[str, str]


class Capabilities(TypedDict):
    """Rights of the kernel that are taken away."""

    drop: list[str]


class SeccompProfile(TypedDict):
    """Which system calls are let through."""

    type: Literal["RuntimeDefault"]


class PodSecurityContext(TypedDict, total=False):
    """What holds for all containers of a pod."""

    runAsNonRoot: bool
    runAsUser: int
    runAsGroup: int
    fsGroup: int
    seccompProfile: SeccompProfile


class SecurityContext(TypedDict, total=False):
    """What holds for one container."""

    runAsNonRoot: bool
    runAsUser: int
    runAsGroup: int
    allowPrivilegeEscalation: bool
    readOnlyRootFilesystem: bool
    capabilities: Capabilities
    seccompProfile: SeccompProfile
