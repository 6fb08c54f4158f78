from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing.autoscaling_tags import (
    MAXIMUM_TAGS,
    ScaleIn,
    Taint,
    discovery_tags,
    group_tags,
    option_tags,
    template_tags,
)
from sizing.nodes import AUTOSCALER_KUBE_PROXY_MILLICORES, Resources
from sizing.quantities import GIB, MIB, parse_bytes, parse_cpu

PREFIX = "k8s.io/cluster-autoscaler/node-template/"
NODE = Resources(cpu=15_890, memory=58 * GIB, ephemeral_storage=200 * GIB, pods=58)


def test_a_template_has_the_labels_the_taint_and_what_a_node_offers_with_the_autoscalers_own_kube_proxy() -> None:
    tags = template_tags({"b": "2", "a": "1"}, [Taint("elastic-spark/pool", "ads-batch-main")], NODE)
    assert tags == {
        f"{PREFIX}label/a": "1",
        f"{PREFIX}label/b": "2",
        f"{PREFIX}taint/elastic-spark/pool": "ads-batch-main:NoSchedule",
        f"{PREFIX}resources/cpu": "15990m",
        f"{PREFIX}resources/memory": "58Gi",
        f"{PREFIX}resources/ephemeral-storage": "200Gi",
        f"{PREFIX}resources/pods": "59",
    }


@pytest.mark.parametrize(
    ("scale_in", "unneeded_time", "options"),
    [
        (
            "never",
            None,
            {
                "scaledownutilizationthreshold": "-1",
                "scaledowngpuutilizationthreshold": "-1",
                "scaledownunneededtime": "87600h",
                "scaledownunreadytime": "87600h",
            },
        ),
        (
            "empty",
            None,
            {
                "scaledownutilizationthreshold": "0",
                "scaledowngpuutilizationthreshold": "0",
                "ignoredaemonsetsutilization": "true",
            },
        ),
        (
            "empty",
            "3m",
            {
                "scaledownutilizationthreshold": "0",
                "scaledowngpuutilizationthreshold": "0",
                "ignoredaemonsetsutilization": "true",
                "scaledownunneededtime": "3m",
            },
        ),
    ],
)
def test_options_of_a_group(scale_in: ScaleIn, unneeded_time: str | None, options: dict[str, str]) -> None:
    expected = {f"{PREFIX}autoscaling-options/{option}": value for option, value in options.items()}
    assert option_tags(scale_in, unneeded_time) == expected


def test_a_group_that_is_never_scaled_in_takes_no_unneeded_time() -> None:
    with pytest.raises(ValueError, match="found 3m"):
        option_tags("never", "3m")


def test_a_group_is_found_by_the_autoscaler_only_when_it_shall_be() -> None:
    discovery = {"k8s.io/cluster-autoscaler/enabled": "true", "k8s.io/cluster-autoscaler/prod": "owned"}
    assert discovery_tags("prod") == discovery
    found = group_tags("prod-driver", "prod", cost_tags={}, template={}, options={}, discovered=True)
    left = group_tags("prod-driver", "prod", cost_tags={}, template={}, options={}, discovered=False)
    assert found == left | discovery
    assert left == {"Name": "prod-driver", "kubernetes.io/cluster/prod": "owned"}


def test_a_cost_tag_does_not_replace_what_the_autoscaler_reads() -> None:
    cost = {"team": "data", "k8s.io/cluster-autoscaler/prod": "shared", "Name": "mine"}
    tags = group_tags("prod-driver", "prod", cost_tags=cost, template={}, options={}, discovered=True)
    assert tags["team"] == "data"
    assert tags["k8s.io/cluster-autoscaler/prod"] == "owned"
    assert tags["Name"] == "prod-driver"


def test_more_tags_than_a_group_can_have_are_refused_with_the_number_that_fits() -> None:
    fitting = {f"cost-{number}": "x" for number in range(MAXIMUM_TAGS - 4)}
    assert len(group_tags("g", "prod", cost_tags=fitting, template={}, options={}, discovered=True)) == MAXIMUM_TAGS
    with pytest.raises(
        ValueError, match=f"g would have 51 tags .* at most {MAXIMUM_TAGS - 4} tags for cost allocation"
    ):
        group_tags("g", "prod", cost_tags=fitting | {"one": "more"}, template={}, options={}, discovered=True)


@given(
    st.builds(
        Resources,
        cpu=st.integers(1, 192_000),
        memory=st.integers(1, 3 * 2**20).map(lambda mib: mib * MIB),
        ephemeral_storage=st.integers(1, 30 * 2**20).map(lambda mib: mib * MIB),
        pods=st.integers(1, 250),
    )
)
def test_resource_tags_are_quantities_that_say_exactly_what_the_node_offers(node: Resources) -> None:
    tags = template_tags({}, [], node)
    assert parse_cpu(tags[f"{PREFIX}resources/cpu"]) == node.cpu + AUTOSCALER_KUBE_PROXY_MILLICORES
    assert parse_bytes(tags[f"{PREFIX}resources/memory"]) == node.memory
    assert parse_bytes(tags[f"{PREFIX}resources/ephemeral-storage"]) == node.ephemeral_storage
    assert int(tags[f"{PREFIX}resources/pods"]) == node.pods + 1


@pytest.mark.parametrize("scale_in", ["never", "empty"])
def test_durations_use_units_that_the_autoscaler_parses(scale_in: ScaleIn) -> None:
    values = [value for key, value in option_tags(scale_in, None).items() if key.endswith("time")]
    assert all(re.fullmatch(r"\d+(h|m|s)", value) for value in values)
