from __future__ import annotations

import pytest

from sizing import names
from sizing.node_labels import ANYTHING, label_lines, pool_labels
from tests import samples

LABELS = pool_labels(
    identity="ads-batch-main",
    purpose="executor",
    architecture="amd64",
    instance_types=("r7i.2xlarge", "r6i.2xlarge"),
    zones=("eu-central-1b", "eu-central-1a"),
    capacities=("spot", "on-demand"),
    generations=("b", "a"),
    labels={names.TENANT_LABEL: "ads"},
)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("kubernetes.io/arch", ("amd64",)),
        ("beta.kubernetes.io/arch", ("amd64",)),
        ("kubernetes.io/os", ("linux",)),
        ("node.kubernetes.io/instance-type", ("r6i.2xlarge", "r7i.2xlarge")),
        ("topology.kubernetes.io/region", ("eu-central-1",)),
        ("topology.kubernetes.io/zone", ("eu-central-1a", "eu-central-1b")),
        ("failure-domain.beta.kubernetes.io/zone", ("eu-central-1a", "eu-central-1b")),
        ("kubernetes.io/hostname", ANYTHING),
        (names.POOL_LABEL, ("ads-batch-main",)),
        (names.CAPACITY_LABEL, ("on-demand", "spot")),
        (names.GENERATION_LABEL, ("a", "b")),
        (names.TENANT_LABEL, ("ads",)),
    ],
)
def test_a_label_has_the_values_that_nodes_of_the_pool_may_have(key: str, values: tuple[str, ...]) -> None:
    assert LABELS[key] == values


def test_each_value_is_a_line_and_so_is_a_label_that_can_be_anything() -> None:
    assert label_lines({"b": ("2", "1"), "a": ANYTHING}) == ["a", "b=2", "b=1"]


@pytest.mark.parametrize("stack", samples.AWS_TENANTS)
def test_every_label_that_a_group_gives_its_nodes_is_known_of_them(stack: str) -> None:
    registrations = samples.sample_registrations(stack)
    namespaces = registrations.of_type("kubernetes:core/v1:Namespace")
    lines = {
        line
        for namespace in namespaces
        for line in namespace.inputs["metadata"]["annotations"][names.NODE_LABELS_ANNOTATION].splitlines()
    }
    prefix = "k8s.io/cluster-autoscaler/node-template/label/"
    for group in registrations.of_type("aws:autoscaling/group:Group"):
        tags = {tag["key"]: tag["value"] for tag in group.inputs["tags"]}
        pool = tags[prefix + names.POOL_LABEL]
        labels = {key.removeprefix(prefix): value for key, value in tags.items() if key.startswith(prefix)}
        assert labels
        assert {f"{pool} {key}={value}" for key, value in labels.items()} <= lines
