"""What is installed for monitoring, and with which values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from components.observability import kube_state, scraped
from components.observability.crds import MONITOR_LABELS
from components.observability.grafana import ACCOUNT, GrafanaArgs
from components.observability.stack import Monitoring, MonitoringArgs, RemoteWrite, values
from components.software.chart import ChartSource
from components.software.versions import KUBE_PROMETHEUS_STACK, MONITORING_CRDS
from sizing import observability
from tests.components.software.releases import RELEASE, assert_on_system_pool
from tests.recording import registrations_of


def args(**changes: object) -> MonitoringArgs:
    settings: dict[str, Any] = {
        "platform": "spark-dev",
        "namespace": "spark-system",
        "source": ChartSource(),
        "prometheus": observability.prometheus(200_000, 2),
        "kube_state_metrics": observability.kube_state_metrics(300),
        "retention_days": 15,
        "volume_gib": 100,
        "storage_class": "gp3",
        "grafana": GrafanaArgs(),
    }
    return MonitoringArgs(**{**settings, **changes})


ONE = observability.prometheus(20_000, 1)


def placed(chosen: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Values of everything that has pods."""
    return {
        "alertmanager": chosen["alertmanager"]["alertmanagerSpec"],
        "grafana": chosen["grafana"],
        "kube-state-metrics": chosen["kube-state-metrics"],
        "operator": chosen["prometheusOperator"],
        "prometheus": chosen["prometheus"]["prometheusSpec"],
    }


@pytest.mark.parametrize("part", sorted(placed(values(args()))))
def test_everything_runs_on_the_system_pool_with_its_priority_and_held_to_its_memory(part: str) -> None:
    chosen = placed(values(args()))[part]
    assert_on_system_pool(chosen)
    assert chosen["priorityClassName"] == "system-cluster-critical"
    assert chosen["resources"]["limits"]["memory"] == chosen["resources"]["requests"]["memory"]
    assert chosen["resources"]["requests"]["cpu"]


def test_containers_beside_the_main_ones_have_requests_too() -> None:
    chosen = values(args())
    for resources in (
        chosen["prometheusOperator"]["prometheusConfigReloader"]["resources"],
        chosen["grafana"]["sidecar"]["resources"],
    ):
        assert set(resources) == {"requests", "limits"}


@pytest.mark.parametrize("part", ["alertmanager", "prometheus"])
def test_replicas_are_apart_and_one_of_them_may_be_moved_at_a_time(part: str) -> None:
    chosen = values(args())
    spec = placed(chosen)[part]
    assert spec["replicas"] == 2
    assert [c["topologyKey"] for c in spec["topologySpreadConstraints"]] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]
    assert {tuple(c["labelSelector"]["matchLabels"].items()) for c in spec["topologySpreadConstraints"]} == {
        (("app.kubernetes.io/name", part),)
    }
    assert chosen[part]["podDisruptionBudget"] == {"enabled": True, "minAvailable": 1}


@pytest.mark.parametrize("part", ["alertmanager", "prometheus"])
def test_a_single_replica_does_not_block_a_drain(part: str) -> None:
    assert "podDisruptionBudget" not in values(args(prometheus=ONE))[part]


def test_samples_survive_and_never_fill_the_volume() -> None:
    spec = values(args())["prometheus"]["prometheusSpec"]
    claim = spec["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert (claim["resources"]["requests"]["storage"], claim["storageClassName"]) == ("100Gi", "gp3")
    assert (spec["retention"], spec["retentionSize"]) == ("15d", "85GiB")


def test_without_a_storage_class_the_clusters_default_is_taken() -> None:
    assert "storageClassName" not in str(values(args(storage_class=None)))


def test_the_volumes_are_counted_for_whoever_pays() -> None:
    registrations = registrations_of(lambda: Monitoring("m", args()))
    assert registrations.one("elastic-spark:monitoring:Monitoring").inputs["volumesGib"] == 2 * (100 + 1) + 10


def test_what_eks_hides_and_what_is_not_used_is_off() -> None:
    chosen = values(args())
    for part in ("kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy", "nodeExporter"):
        assert chosen[part] == {"enabled": False}
    assert chosen["defaultRules"] == {"create": False}
    assert chosen["grafana"]["defaultDashboardsEnabled"] is False


def test_of_the_api_server_only_what_alerts_use_is_kept() -> None:
    monitor = values(args())["kubeApiServer"]["serviceMonitor"]
    assert monitor["metricRelabelings"] == scraped.api_server_relabelings()
    keeping = monitor["metricRelabelings"][0]
    assert keeping["action"] == "keep"
    assert set(keeping["regex"].split("|")) == set(scraped.API_SERVER)


def test_annotations_of_pods_are_asked_for_by_name() -> None:
    (pods,) = values(args())["kube-state-metrics"]["metricAnnotationsAllowList"]
    assert pods == "pods=[elastic-spark/deadline,elastic-spark/submitter]"


def test_definitions_stay_with_their_own_chart_of_the_same_operator() -> None:
    assert values(args())["crds"] == {"enabled": False}
    assert KUBE_PROMETHEUS_STACK.app_version == MONITORING_CRDS.app_version


def test_prometheus_takes_what_is_ours_and_what_its_chart_makes() -> None:
    spec = values(args())["prometheus"]["prometheusSpec"]
    for kind in ("podMonitor", "rule", "serviceMonitor"):
        (expression,) = spec[f"{kind}Selector"]["matchExpressions"]
        assert expression["key"] == "release"
        assert expression["values"] == [MONITOR_LABELS["release"], "kube-prometheus-stack"]


def test_alerts_are_matched_by_their_own_labels() -> None:
    chosen = values(args())["alertmanager"]
    assert chosen["alertmanagerSpec"]["alertmanagerConfigMatcherStrategy"] == {"type": "None"}
    assert chosen["alertmanagerSpec"]["alertmanagerConfigSelector"] == {"matchLabels": MONITOR_LABELS}
    assert chosen["config"]["route"]["receiver"] == "null"


def test_kube_state_metrics_collects_what_rules_use_and_nothing_else() -> None:
    chosen = values(args())["kube-state-metrics"]
    assert chosen["collectors"] == ["nodes", "pods"]
    assert chosen["metricAllowlist"] == sorted(kube_state.METRICS)
    (labels,) = chosen["metricLabelsAllowlist"]
    assert labels == f"nodes=[{','.join(sorted(kube_state.NODE_LABELS))}]"
    assert chosen["extraArgs"] == ["--metric-opt-in-list=kube_pod_nodeselectors"]


def test_samples_go_to_amazon_too_where_it_is_wanted_signed_and_once() -> None:
    spec = values(args(remote_write=RemoteWrite(url="https://aps/write", region="eu-central-1")))["prometheus"]
    (target,) = spec["prometheusSpec"]["remoteWrite"]
    assert (target["url"], target["sigv4"]) == ("https://aps/write", {"region": "eu-central-1"})
    assert spec["prometheusSpec"]["replicaExternalLabelName"] == "__replica__"
    assert spec["prometheusSpec"]["externalLabels"] == {"cluster": "spark-dev"}


def test_without_it_nothing_leaves_the_cluster() -> None:
    assert "remoteWrite" not in values(args())["prometheus"]["prometheusSpec"]


def test_grafana_has_no_password_in_what_is_registered_no_ingress_and_nobody_unknown() -> None:
    chosen = values(args())["grafana"]
    keys = [key.lower() for key in _keys(chosen)]
    assert not [key for key in keys if "password" in key or "secret" in key]
    assert "ingress" not in chosen
    assert chosen["grafana.ini"]["auth.anonymous"] == {"enabled": False}
    assert chosen["grafana.ini"]["users"]["allow_sign_up"] is False


def test_grafana_reads_configmaps_of_its_own_namespace_and_no_secret() -> None:
    registrations = registrations_of(lambda: Monitoring("m", args()))
    assert values(args())["grafana"]["rbac"] == {"create": False}
    role = registrations.one("kubernetes:rbac.authorization.k8s.io/v1:Role", "m-grafana-role")
    assert role.inputs["metadata"]["namespace"] == "spark-system"
    assert [(r["resources"], r["verbs"]) for r in role.inputs["rules"]] == [(["configmaps"], ["get", "list", "watch"])]
    binding = registrations.one("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "m-grafana-binding")
    assert [s["name"] for s in binding.inputs["subjects"]] == [ACCOUNT]
    for sidecar in ("dashboards", "datasources"):
        chosen = values(args())["grafana"]["sidecar"][sidecar]
        assert (chosen["resource"], chosen["searchNamespace"]) == ("configmap", "spark-system")


def test_grafana_can_be_left_out() -> None:
    registrations = registrations_of(lambda: Monitoring("m", args(grafana=None)))
    assert values(args(grafana=None))["grafana"] == {"enabled": False}
    assert not [r for r in registrations.values() if "grafana" in r.name]
    assert registrations.one(RELEASE).inputs["values"]["grafana"] == {"enabled": False}


def test_values_hold_no_null_which_would_mean_the_charts_own() -> None:
    assert None not in list(_leaves(values(args())))


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _keys(item)


def _leaves(value: object) -> Iterator[object]:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if items is None:
        yield value
    else:
        for item in items:
            yield from _leaves(item)
