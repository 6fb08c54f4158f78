"""Rules for software: which versions run, from where, and with what room."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from policies.model import Enforcement, Resource, Severity, resource_rule
from policies.rules.pools import TEMPLATE
from policies.rules.queues import RELEASE
from policies.values import Items, Properties
from sizing.values import Json

WORKLOADS: Final = (
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:ReplicaSet",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:batch/v1:CronJob",
    "kubernetes:batch/v1:Job",
    "kubernetes:core/v1:Pod",
    "kubernetes:core/v1:PodTemplate",
    "kubernetes:core/v1:ReplicationController",
)
BY_PLUGIN: Final = (
    "kubernetes:helm.sh/v2:Chart",
    "kubernetes:helm.sh/v3:Chart",
    "kubernetes:helm.sh/v4:Chart",
    "kubernetes:kustomize:Directory",
    "kubernetes:kustomize/v2:Directory",
    "kubernetes:yaml:ConfigFile",
    "kubernetes:yaml:ConfigGroup",
    "kubernetes:yaml/v2:ConfigFile",
    "kubernetes:yaml/v2:ConfigGroup",
)
EXACT_VERSION: Final = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
"""Semantic Versioning 2.0.0, with the `v` that some charts have."""
ADD_ON_VERSION: Final = re.compile(r"v\d+\.\d+\.\d+-eksbuild\.\d+")
NO_IMAGE: Final = "none"
"""What the template of a CapacityBuffer names: no pod is ever made of it (components/nodes/headroom.py)."""
MOVING_TAGS: Final = frozenset({"", "latest", "main", "master", "nightly", "stable", "edge"})
REGISTRIES: Final = (
    "docker.io/apache",
    "docker.io/envoyproxy",
    "ghcr.io/kubeflow",
    "public.ecr.aws",
    "quay.io/cilium",
    "quay.io/prometheuscommunity",
    "registry.k8s.io",
)
REPOSITORIES: Final = (
    "https://apache.github.io/yunikorn-release",
    "https://fluent.github.io/helm-charts",
    "https://helm.cilium.io",
    "https://kubeflow.github.io/spark-operator",
    "https://kubernetes.github.io/autoscaler",
    "https://prometheus-community.github.io/helm-charts",
    "oci://docker.io/envoyproxy",
    "oci://public.ecr.aws/aws-ec2/helm",
)


@dataclass(frozen=True)
class ChartNeeds:
    """Where a chart's values say how much room its pods have.

    Attributes:
        resources: paths of `resources`, one for each kind of its pods.
        budgets: paths of its PodDisruptionBudgets, by those of the replicas that each is about.
    """

    resources: tuple[str, ...] = ()
    budgets: Mapping[str, str] = field(default_factory=dict)


CHARTS: Final[Mapping[str, ChartNeeds]] = {
    # a DaemonSet has no disruption budget: no drain takes it
    "aws-node-termination-handler": ChartNeeds(("resources",)),
    "gateway-helm": ChartNeeds(
        ("deployment.envoyGateway.resources", "certgen.job.resources"), {"deployment.replicas": "podDisruptionBudget"}
    ),
    "cilium": ChartNeeds(("resources", "operator.resources"), {"operator.replicas": "operator.podDisruptionBudget"}),
    "cluster-autoscaler": ChartNeeds(("resources",), {"replicaCount": "podDisruptionBudget"}),
    # a DaemonSet, or the one pod that reads events
    "fluent-bit": ChartNeeds(("resources",)),
    "kube-prometheus-stack": ChartNeeds(
        (
            "alertmanager.alertmanagerSpec.resources",
            "grafana.resources",
            "kube-state-metrics.resources",
            "prometheus.prometheusSpec.resources",
            "prometheusOperator.resources",
        ),
        {
            "alertmanager.alertmanagerSpec.replicas": "alertmanager.podDisruptionBudget",
            "prometheus.prometheusSpec.replicas": "prometheus.podDisruptionBudget",
        },
    ),
    # definitions, no pods
    "prometheus-operator-crds": ChartNeeds(),
    "spark-operator": ChartNeeds(
        ("controller.resources", "webhook.resources"),
        {
            "controller.replicas": "controller.podDisruptionBudget",
            "webhook.replicas": "webhook.podDisruptionBudget",
        },
    ),
    # the chart has no budget: components/software/yunikorn.py makes the admission controller's; one pod schedules
    "yunikorn": ChartNeeds(("resources", "admissionController.resources")),
}


@resource_rule(
    RELEASE,
    "aws:eks/addon:Addon",
    "eks:index:Addon",
    remedy="Name one exact version (components/software/versions.py has all of them).",
)
def versions_of_charts_and_add_ons_are_exact(resource: Resource) -> Iterator[str]:
    """A chart or an add-on has one exact version.

    With a range or none, two deployments of the same commit install different software.
    """
    if resource.type == RELEASE:
        version = resource.props.get("version", "")
        if not _is_file(resource) and not EXACT_VERSION.fullmatch(version):
            yield f"version is {version or 'not set'}"
    elif not ADD_ON_VERSION.fullmatch(resource.props.get("addonVersion", "")):
        yield f"addonVersion is {resource.props.get('addonVersion', 'not set')}"


@resource_rule(
    RELEASE,
    *BY_PLUGIN,
    remedy="Install charts as helm.v3.Release with `values`, and write other objects as resources.",
)
def software_is_installed_by_values_alone(resource: Resource) -> Iterator[str]:
    """Third-party software is a Helm release whose values stand in the program.

    What comes from files of values, from commands that change a chart's output, or out of the provider's plugin is seen
    by nobody before the deployment, these rules included.
    """
    if resource.type == RELEASE:
        yield from (f"{way} is set" for way in ("postrender", "valueYamlFiles") if resource.props.get(way))
    else:
        yield f"its objects come out of a plugin: {resource.type.partition(':')[2]}"


@resource_rule(TEMPLATE, remedy="Name one release of the AMI (components/software/versions.py, AMI_RELEASE).")
def nodes_boot_one_release(template: Resource) -> Iterator[str]:
    """Nodes boot one named release of their image.

    With `recommended` or `latest`, the nodes of one pool differ by the day on which they came.
    """
    image = template.props.get("imageId", "")
    if image.startswith("resolve:ssm:") and re.search(r"/(recommended|latest)(/|$)", image):
        yield f"imageId is {image}"


@resource_rule(
    *WORKLOADS,
    RELEASE,
    remedy="Name a version, or a digest, for each image.",
)
def images_have_a_version(resource: Resource) -> Iterator[str]:
    """Every image that a stack names has a version that doesn't move.

    `latest` is another program tomorrow, and on another node today.
    """
    for image in _images(resource):
        if image.tag in MOVING_TAGS:
            yield f"{image.shown or 'an image'} has the tag {image.tag or 'latest, by default'}"


@resource_rule(
    *WORKLOADS,
    RELEASE,
    remedy="Use an image of a listed registry, or list your own in this rule's option `registries`.",
    options={
        "registries": {
            "type": "array",
            "items": {"type": "string"},
            "default": list(REGISTRIES),
            "description": "Registries, or folders in them, whose images may run.",
        }
    },
)
def images_come_from_listed_registries(resource: Resource, registries: Sequence[str]) -> Iterator[str]:
    """Every image that a stack names comes from a listed registry.

    The platform's software has rights on nodes and on AWS: so does whatever is in its image.
    """
    for image in _images(resource):
        if image.place and not any(image.place == one or image.place.startswith(f"{one}/") for one in registries):
            yield f"{image.place} is not listed"


@resource_rule(
    RELEASE,
    severity=Severity.MEDIUM,
    enforcement=Enforcement.ADVISORY,
    remedy="Take the chart from its own repository, or list your mirror in this rule's option `repositories`.",
    options={
        "repositories": {
            "type": "array",
            "items": {"type": "string"},
            "default": list(REPOSITORIES),
            "description": "Addresses of chart repositories that may be used.",
        }
    },
)
def charts_come_from_listed_repositories(chart: Resource, repositories: Sequence[str]) -> Iterator[str]:
    """A chart comes from its project's own repository, or from a listed mirror.

    A chart is a program that Helm runs with the deployer's rights.
    """
    name = str(chart.props["chart"])
    repository = (
        name.rpartition("/")[0] if name.startswith("oci://") else (chart.props.get("repositoryOpts") or {}).get("repo")
    )
    if repository and not any(repository == one or repository.startswith(f"{one}/") for one in repositories):
        yield f"{repository} is not listed"


@resource_rule(
    RELEASE,
    severity=Severity.MEDIUM,
    remedy="Set resources and a PodDisruptionBudget in the chart's values (components/software/chart_values.py).",
)
def charts_say_what_their_pods_need(chart: Resource) -> Iterator[str]:
    """A chart's values request cpu and memory, limit memory, and bound what a drain may take of what has replicas.

    The system pool is sized by these requests; a pod without them is placed anywhere and killed first.
    """
    name = re.sub(r"-v?\d+\.\d+\.\d+.*\.tgz$", "", str(chart.props["chart"]).rpartition("/")[2])
    if name not in CHARTS:
        yield f"nothing is known of the chart {name}: add it to CHARTS in policies/rules/software.py"
        return
    values = chart.props.get("values") or {}
    for path in CHARTS[name].resources:
        if (_at(values, path.rpartition(".")[0]) or {}).get("enabled") is False:
            continue
        found = _at(values, path) or {}
        for part, kind in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
            if not (found.get(part) or {}).get(kind):
                yield f"values.{path}.{part}.{kind} is not set"
    for replicas, path in CHARTS[name].budgets.items():
        budget = _at(values, path)
        if _at(values, replicas) == 1:
            continue
        if not budget or budget.get("enabled", budget.get("enable", True)) is False:
            yield f"values.{path} is not set"


@dataclass(frozen=True)
class _Image:
    """An image as far as it is named: `place` without tag and digest, empty where only a tag is."""

    place: str
    tag: str
    shown: str


def _images(resource: Resource) -> Iterator[_Image]:
    if resource.type == RELEASE:
        yield from _images_in_values(resource.props.get("values"))
    else:
        # A PodTemplate has its template where others have a specification.
        yield from (_parsed(image) for image in _container_images(resource.props) if image != NO_IMAGE)


def _container_images(value: Json) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key in value:
            if key in ("containers", "initContainers", "ephemeralContainers"):
                yield from (container.get("image", "") for container in value[key] or ())
            elif key in ("spec", "template", "jobTemplate"):
                yield from _container_images(value[key])


def _images_in_values(value: Json) -> Iterator[_Image]:
    if isinstance(value, Items):
        for item in value.known():
            yield from _images_in_values(item)
    if not isinstance(value, Properties):
        return
    for key, item in value.known_items():
        of_image = key.lower().endswith("image")
        if of_image and isinstance(item, str) and item:
            yield _parsed(item)
        elif isinstance(item, Properties) and (
            (of_image and item.keys() & {"tag", "repository", "digest"}) or {"repository", "tag"} <= item.keys()
        ):
            yield _parsed_values(item)
        else:
            yield from _images_in_values(item)


def _parsed_values(image: Mapping[str, Json]) -> _Image:
    parts = [str(image[part]) for part in ("registry", "repository") if image.get(part)]
    place = "/".join(parts)
    # Where only one of tag and repository is said, the chart says the other, and the chart is pinned.
    tag = str(image.get("digest") or image.get("sha") or image.get("tag", "the chart's"))
    return _Image(_with_registry(place) if place else "", tag or "the chart's", f"{place}:{tag}".strip(":"))


def _parsed(image: str) -> _Image:
    place, _, digest = image.partition("@")
    name = place.rpartition("/")[2]
    tag = digest or name.partition(":")[2]
    place = place.removesuffix(f":{name.partition(':')[2]}") if ":" in name else place
    return _Image(_with_registry(place), tag, image)


def _with_registry(place: str) -> str:
    """A place with the registry that a container runtime adds where none is named."""
    first, slash, _ = place.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return place
    return f"docker.io/{place}" if slash else f"docker.io/library/{place}"


def _is_file(chart: Resource) -> bool:
    return str(chart.props["chart"]).endswith(".tgz")


def _at(values: Json, path: str) -> Json:
    for part in path.split(".") if path else ():
        values = (values or {}).get(part)
    return values
