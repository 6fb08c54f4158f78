import json
import re
from pathlib import Path
from typing import Any

import pytest

from components.nodes.autoscaler import EVERY_GROUP, FLAGS, SPOT_GROUPS, Autoscaler, AutoscalerArgs, flags
from components.software.chart import ChartSource
from fleet.offline.registration import Registrations
from sizing import names, system
from sizing.arns import Arns
from sizing.autoscaling_tags import DELAY_AFTER_SCALE_OUT, UNNEEDED_TIME, discovery_tags
from tests.components.software.releases import assert_on_system_pool, chart, values
from tests.recording import registrations_of

ROOT = Path(__file__).parents[3]
KNOWN_FLAGS = (ROOT / "tests/data/cluster-autoscaler-1.36.1-flags.txt").read_text().split()
DECISION = ROOT / "docs/decisions/0006-autoscaler-tuning.md"
TAINT = "node.cilium.io/agent-not-ready"


def registrations(**changes: Any) -> Registrations:  # noqa: ANN401
    given: dict[str, Any] = {
        "platform": "demo",
        "cluster_name": "demo",
        "arns": Arns("111122223333", "eu-central-1"),
        "kubernetes_version": "1.36",
        "source": ChartSource(),
        "workload": system.autoscaler(500),
        "startup_taints": (TAINT,),
        "unneeded_time": UNNEEDED_TIME,
        "delay_after_scale_out": DELAY_AFTER_SCALE_OUT,
    }
    return registrations_of(lambda: Autoscaler("ca", AutoscalerArgs(**(given | changes))))


def statements() -> dict[str, Any]:
    policy = json.loads(registrations().one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_groups_are_found_by_the_tags_that_pools_have() -> None:
    chosen = values(registrations())
    assert chosen["autoDiscovery"] == {"clusterName": "demo"}
    assert set(discovery_tags("demo")) == {"k8s.io/cluster-autoscaler/enabled", "k8s.io/cluster-autoscaler/demo"}
    assert (chosen["cloudProvider"], chosen["awsRegion"]) == ("aws", "eu-central-1")


def test_only_groups_that_this_cluster_owns_can_be_changed() -> None:
    scale = statements()["Scale"]
    assert scale["Action"] == ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
    (key,) = scale["Condition"]["StringEquals"]
    assert scale["Condition"] == {"StringEquals": {key: "owned"}}
    assert discovery_tags("demo")[key.removeprefix("aws:ResourceTag/")] == "owned"
    assert scale["Resource"] == [
        "arn:aws:autoscaling:eu-central-1:111122223333:autoScalingGroup:*:autoScalingGroupName/*"
    ]


def test_on_everything_else_it_may_only_look() -> None:
    assert statements().keys() == {"See", "Scale"}
    assert all(action.split(":")[1].startswith("Describe") for action in statements()["See"]["Action"])


def test_capacity_failures_can_be_seen() -> None:
    assert "autoscaling:DescribeScalingActivities" in statements()["See"]["Action"]


def test_its_rights_are_there_before_its_pods() -> None:
    registered = registrations()
    association = registered.one("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert association.inputs["roleArn"] == "arn:aws:iam::111122223333:role/demo-cluster-autoscaler"
    assert association.inputs["namespace"] == chart(registered).inputs["namespace"] == "kube-system"
    assert association.inputs["serviceAccount"] == values(registered)["rbac"]["serviceAccount"]["name"]
    assert association.urn in chart(registered).dependencies


def test_its_image_follows_the_clusters_minor_version() -> None:
    assert values(registrations())["image"] == {"tag": "v1.36.1"}


def test_a_kubernetes_version_without_an_image_is_refused() -> None:
    with pytest.raises(KeyError, match=r"1\.99"):
        registrations(kubernetes_version="1.99")


def test_it_runs_on_the_system_pool_with_the_size_that_was_computed() -> None:
    chosen = values(registrations(workload=system.Workload(name="ca", replicas=3, cpu=700, memory=2**30)))
    assert_on_system_pool(chosen)
    assert chosen["replicaCount"] == 3
    assert chosen["resources"] == {"requests": {"cpu": "700m", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}


def test_its_replicas_are_spread_and_only_one_is_disrupted_at_a_time() -> None:
    chosen = values(registrations())
    selectors = [constraint["labelSelector"] for constraint in chosen["topologySpreadConstraints"]]
    assert selectors == [{"matchLabels": {"app.kubernetes.io/instance": chart(registrations()).inputs["name"]}}] * 2
    assert chosen["podDisruptionBudget"] == {"maxUnavailable": 1}


def test_it_may_watch_quotas_without_which_capacity_buffers_never_start() -> None:
    assert values(registrations())["rbac"]["additionalRules"] == [
        {"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["get", "list", "watch"]}
    ]


def test_its_monitor_has_the_platforms_label() -> None:
    monitor = values(registrations())["serviceMonitor"]
    assert monitor["enabled"]
    assert monitor["selector"] == {"release": "elastic-spark"}


@pytest.mark.parametrize("flag", sorted(FLAGS))
def test_every_flag_exists_and_has_its_reason(flag: str) -> None:
    assert flag in KNOWN_FLAGS
    assert FLAGS[flag].reason


@pytest.mark.parametrize("flag", ["max-empty-bulk-delete", "bypassed-scheduler-names", "cloud-config"])
def test_flags_that_do_harm_are_not_given(flag: str) -> None:
    assert flag not in values(registrations())["extraArgs"]


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("scan-interval", "10s"),
        ("expander", "priority,least-waste"),
        ("scale-down-delay-type-local", "true"),
        ("scale-down-utilization-threshold", "0"),
        ("ignore-daemonsets-utilization", "true"),
        ("skip-nodes-with-custom-controller-pods", "true"),
        ("enforce-node-group-min-size", "true"),
        ("capacity-buffer-controller-enabled", "true"),
        ("capacity-buffer-pod-injection-enabled", "true"),
        ("capacity-buffer-pod-dry-run-enabled", "false"),
    ],
)
def test_the_flags_that_the_design_rests_on_reach_the_chart(flag: str, value: str) -> None:
    assert values(registrations())["extraArgs"][flag] == value


def test_how_long_empty_nodes_stay_is_an_argument() -> None:
    given = values(registrations(unneeded_time="5m", delay_after_scale_out="0s"))["extraArgs"]
    assert (given["scale-down-unneeded-time"], given["scale-down-delay-after-add"]) == ("5m", "0s")


def test_each_startup_taint_is_a_flag_of_its_own() -> None:
    given = flags(("one.io/a", "two.io/b"), unneeded_time="1m", delay_after_scale_out="0s")
    assert [given[key] for key in sorted(given) if key.split("_")[0] == "startup-taint"] == ["one.io/a", "two.io/b"]
    assert "startup-taint" in KNOWN_FLAGS


def test_the_decision_page_has_the_same_flags_values_and_reasons() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| `([^`]+)` \| (.+) \|$", DECISION.read_text(), re.MULTILINE)
    documented = {flag: (value, reason) for flag, value, reason in rows}
    assert documented == {flag: tuple(FLAGS[flag]) for flag in FLAGS}


def test_spot_groups_come_before_all_others_and_every_group_has_a_tier() -> None:
    assert values(registrations())["expanderPriorities"] == {"20": [SPOT_GROUPS], "10": [EVERY_GROUP]}


@pytest.mark.parametrize("zone", ["eu-central-1a", "us-gov-west-1b", "ap-southeast-2c", "us-isob-east-1a"])
@pytest.mark.parametrize(
    ("identity", "spot"),
    [
        ("ads-batch-large-spot", True),
        ("ads-batch-spot", True),
        ("ads-batch-large", False),
        ("ads-spot-large", False),
        ("ads-batch-spot-ab", False),
        ("ads-batch-spot-us", False),
        ("ads-batch-spotty", False),
        ("driver", False),
    ],
)
def test_a_spot_group_is_told_by_the_end_of_its_pools_identity(identity: str, spot: bool, zone: str) -> None:
    group = names.group("spark-prod", identity, zone, "a2")
    assert bool(re.search(SPOT_GROUPS, group)) is spot
    assert re.search(EVERY_GROUP, group)
