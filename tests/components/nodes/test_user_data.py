from __future__ import annotations

import base64
import json
from dataclasses import replace
from email import message_from_bytes
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.nodes.boot import NodeBoot
from components.nodes.user_data import node_config, user_data
from sizing.autoscaling_tags import Taint
from tests.components.nodes.boots import BOOT


def config(boot: NodeBoot = BOOT, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    values: dict[str, Any] = {
        "labels": {"elastic-spark/purpose": "driver", "elastic-spark/pool": "driver"},
        "taints": [Taint("elastic-spark/pool", "driver")],
        "max_pods": 48,
        "instance_store": False,
    }
    return node_config(boot, **(values | changes))


def parts(text: str) -> list[tuple[str, Any]]:
    """Media type and JSON of each part, as a MIME reader sees them."""
    message = message_from_bytes(base64.b64decode(text))
    return [
        (part.get_content_type(), json.loads(str(part.get_payload())))
        for part in message.walk()
        if not part.is_multipart()
    ]


def test_a_node_config_says_where_the_cluster_is() -> None:
    assert config()["apiVersion"] == "node.eks.aws/v1alpha1"
    assert config()["kind"] == "NodeConfig"
    assert config()["spec"]["cluster"] == {
        "name": "prod",
        "apiServerEndpoint": "https://api.example.com",
        "certificateAuthority": "Y2E=",
        "cidr": "172.20.0.0/16",
    }


def test_labels_are_one_kubelet_flag_sorted_by_key() -> None:
    flags = config()["spec"]["kubelet"]["flags"]
    assert flags == ["--node-labels=elastic-spark/pool=driver,elastic-spark/purpose=driver"]


def test_a_node_registers_with_its_taint() -> None:
    taints = config()["spec"]["kubelet"]["config"]["registerWithTaints"]
    assert taints == [{"key": "elastic-spark/pool", "value": "driver", "effect": "NoSchedule"}]


def test_the_pod_limit_is_an_expression_so_that_memory_is_reserved_for_it() -> None:
    kubelet = config(max_pods=110)["spec"]["kubelet"]
    assert kubelet["maxPodsExpression"] == "110"
    assert "maxPods" not in kubelet["config"]


def test_no_pod_may_use_up_a_nodes_processes() -> None:
    assert config()["spec"]["kubelet"]["config"]["podPidsLimit"] == 16384


def test_a_pod_that_names_no_seccomp_profile_has_the_runtimes() -> None:
    assert config()["spec"]["kubelet"]["config"]["seccompDefault"] is True


def test_local_disks_become_a_raid_0_only_where_there_are_some() -> None:
    assert "instance" not in config(instance_store=False)["spec"]
    assert config(instance_store=True)["spec"]["instance"] == {"localStorage": {"strategy": "RAID0"}}


def test_user_data_is_one_node_config_part_that_reads_back_as_it_was() -> None:
    assert parts(user_data(config())) == [("application/node.eks.aws", config())]


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_value_can_break_out_of_its_mime_part(endpoint: str, authority: str) -> None:
    hostile = config(replace(BOOT, endpoint=endpoint, certificate_authority=f"\n--elastic-spark--\n{authority}"))
    assert parts(user_data(hostile)) == [("application/node.eks.aws", hostile)]


def test_the_same_config_gives_the_same_text() -> None:
    reordered = dict(reversed(list(config().items())))
    assert user_data(reordered) == user_data(config())
