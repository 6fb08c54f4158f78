"""What platforms and tenants register of monitoring."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fleet.offline.programs import run_program
from fleet.offline.registration import Registration, Registrations, Unknown
from sizing.quantities import parse_bytes
from tests import samples
from tests.iam_eval import Request, allowed

RELEASE = "kubernetes:helm.sh/v3:Release"
RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
RECEIVERS = "kubernetes:monitoring.coreos.com/v1alpha1:AlertmanagerConfig"


def stack_release(registrations: Registrations) -> Registration:
    (found,) = [r for r in registrations.of_type(RELEASE) if r.inputs["chart"] == "kube-prometheus-stack"]
    return found


def platform_with(monitoring: dict[str, Any], stack: str = "platform-dev") -> Registrations:
    settings = samples.platform(stack) | {"monitoring": monitoring}
    return run_program(stack, samples.config_of(settings), {})


@pytest.mark.parametrize("stack", ["platform-dev", "platform-prod", "platform-kind"])
def test_a_platform_measures_itself_and_says_so(stack: str) -> None:
    registrations = samples.platform_registrations(stack)
    assert stack_release(registrations).inputs["namespace"] == "spark-system"
    assert samples.contract(stack).monitoring
    assert (
        registrations.one("kubernetes:monitoring.coreos.com/v1:PodMonitor").inputs["metadata"]["name"]
        == "spark-drivers"
    )


def test_monitoring_can_be_off_and_then_nothing_of_it_is_there() -> None:
    registrations = platform_with({"enabled": False})
    assert "kube-prometheus-stack" not in {r.inputs["chart"] for r in registrations.of_type(RELEASE)}
    assert not [
        r
        for r in registrations.values()
        if "monitoring.coreos.com" in r.type and r.type != RELEASE and ":Rule" in r.type
    ]
    assert not registrations.of_type(RULE)
    exports = samples.exports(registrations, "platform-dev")
    tenant = run_program("ads-dev", samples.tenant_config(samples.tenant()), {"platform-dev": exports})
    assert not tenant.of_type(RULE)


def test_production_has_two_of_each_and_development_one() -> None:
    for stack, replicas in (("platform-dev", 1), ("platform-prod", 2), ("platform-kind", 1)):
        values = stack_release(samples.platform_registrations(stack)).inputs["values"]
        assert values["prometheus"]["prometheusSpec"]["replicas"] == replicas
        assert values["alertmanager"]["alertmanagerSpec"]["replicas"] == replicas


def test_a_larger_platform_has_a_larger_prometheus() -> None:
    def memory(stack: str) -> str:
        spec = stack_release(samples.platform_registrations(stack)).inputs["values"]["prometheus"]["prometheusSpec"]
        return str(spec["resources"]["requests"]["memory"])

    assert parse_bytes(memory("platform-dev")) < parse_bytes(memory("platform-prod"))


def test_volumes_are_of_the_platforms_class_in_aws_and_of_the_default_elsewhere() -> None:
    assert "'storageClassName': 'gp3'" in str(
        stack_release(samples.platform_registrations("platform-dev")).inputs["values"]
    )
    assert "storageClassName" not in str(
        stack_release(samples.platform_registrations("platform-kind")).inputs["values"]
    )


def test_it_comes_after_what_its_pods_need() -> None:
    registrations = samples.platform_registrations("platform-prod")
    before = {urn.rpartition("::")[2] for urn in stack_release(registrations).dependencies}
    for name in (
        "spark-prod-namespace",
        "spark-prod-monitoring-crds",
        "spark-prod-storage-class-gp3",
        "spark-prod-network-policy-chart",
        "spark-prod-alertmanager-identity-association",
        "spark-prod-prometheus-identity-association",
    ):
        assert name in before, before


def test_alertmanager_publishes_to_the_platforms_topics_only() -> None:
    registrations = samples.platform_registrations("platform-dev")
    (policy,) = [r for r in registrations.of_type("aws:iam/rolePolicy:RolePolicy") if "alertmanager" in r.name]

    def may(action: str, topic: str) -> bool:
        asked = Request(action=action, resource=f"arn:aws:sns:eu-central-1:111122223333:{topic}")
        return allowed(policy.inputs["policy"], asked)

    assert may("sns:Publish", "spark-dev-alerts-ads")
    assert not may("sns:Publish", "payroll")
    assert not may("sns:DeleteTopic", "spark-dev-alerts-ads")


def test_without_amazon_managed_prometheus_nobody_may_write_to_it() -> None:
    registrations = samples.platform_registrations("platform-dev")
    assert not [r for r in registrations.values() if r.type.startswith(("aws:amp", "aws:grafana"))]
    assert not [r for r in registrations.values() if "prometheus-identity" in r.name]


def test_with_it_prometheus_may_write_to_the_platforms_own_workspace() -> None:
    registrations = samples.platform_registrations("platform-prod")
    (target,) = stack_release(registrations).inputs["values"]["prometheus"]["prometheusSpec"]["remoteWrite"]
    assert isinstance(target["url"], Unknown)
    assert isinstance(registrations.stack.outputs["managedPrometheus"], Unknown)
    assert (
        registrations.one("aws:amp/workspaceConfiguration:WorkspaceConfiguration").inputs["retentionPeriodInDays"]
        == 400
    )
    (policy,) = [r for r in registrations.of_type("aws:iam/rolePolicy:RolePolicy") if "prometheus-identity" in r.name]
    (statement,) = json.loads(policy.inputs["policy"])["Statement"]
    assert statement["Action"] == ["aps:RemoteWrite"]
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceTag/elastic-spark:platform": "spark-prod"}}


def test_amazon_managed_grafana_queries_and_does_nothing_else() -> None:
    managed = {"managedPrometheus": {"enabled": True}, "managedGrafana": {"enabled": True}}
    registrations = platform_with({**managed, "grafana": {"enabled": False}})
    workspace = registrations.one("aws:grafana/workspace:Workspace")
    assert isinstance(registrations.stack.outputs["managedGrafana"], Unknown)
    assert workspace.inputs["permissionType"] == "CUSTOMER_MANAGED"
    assert workspace.inputs["roleArn"] == "arn:aws:iam::111122223333:role/spark-dev-grafana"
    (policy,) = [r for r in registrations.of_type("aws:iam/rolePolicy:RolePolicy") if "managed-grafana" in r.name]
    actions = {action for s in json.loads(policy.inputs["policy"])["Statement"] for action in s["Action"]}
    assert "aps:QueryMetrics" in actions
    assert not [action for action in actions if action.split(":")[1].startswith(("Create", "Delete", "Put", "Remote"))]
    assert stack_release(registrations).inputs["values"]["grafana"] == {"enabled": False}


def test_the_platforms_rules_know_its_driver_size_and_its_pools() -> None:
    rules = {
        r.inputs["metadata"]["name"]: r.inputs["spec"]
        for r in samples.platform_registrations("platform-dev").of_type(RULE)
    }
    constants = rules["elastic-spark-constants-spark-dev"]["groups"][0]["rules"]
    found = {(r["record"], r["labels"]["pool"]): r["expr"] for r in constants if "instance_type" not in r["labels"]}
    assert found["elastic_spark_pool_maximum_nodes", "driver"] == "vector(8)"
    assert found["elastic_spark_pool_minimum_nodes", "system"] == "vector(2)"
    assert all("instance_type" in r["labels"] for r in constants if "usd" in r["record"])
    headroom = [r for spec in rules.values() for g in spec["groups"] for r in g["rules"] if "headroom" in str(r)]
    assert any("/ 1.0)" in str(rule.get("expr")) for rule in headroom)


def test_links_to_runbooks_are_the_settings() -> None:
    registrations = platform_with({"runbooks": "https://wiki.example.com/runbooks"})
    links = {
        rule["annotations"]["runbook_url"]
        for r in registrations.of_type(RULE)
        for group in r.inputs["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    assert links
    assert all(link.startswith("https://wiki.example.com/runbooks/ElasticSpark") for link in links)


def test_on_a_cluster_without_an_autoscaler_none_is_missed() -> None:
    names = {r.inputs["metadata"]["name"] for r in samples.platform_registrations("platform-kind").of_type(RULE)}
    assert "elastic-spark-alerts-autoscaler" not in names
    assert "elastic-spark-alerts-scheduling" in names


def test_every_name_is_used_once() -> None:
    for stack in ("platform-dev", "platform-kind"):
        found = [r.inputs["metadata"]["name"] for r in samples.platform_registrations(stack).of_type(RULE)]
        assert len(found) == len(set(found))


@pytest.mark.parametrize("stack", samples.TENANTS)
def test_a_tenant_says_what_its_queues_are_in_their_own_namespaces(stack: str) -> None:
    registrations, settings = samples.sample_registrations(stack), samples.tenant(stack)
    spaces = {f"{settings['name']}-{queue}" for queue in settings["queues"]}
    rules = registrations.of_type(RULE)
    assert {r.inputs["metadata"]["namespace"] for r in rules} == spaces
    for rule in rules:
        for record in (record for group in rule.inputs["spec"]["groups"] for record in group["rules"]):
            assert record["labels"]["tenant"] == settings["name"]
            assert record["labels"].get("queue", rule.inputs["metadata"]["namespace"]) in spaces


def test_a_queues_numbers_are_those_that_yunikorn_is_told() -> None:
    registrations = samples.sample_registrations("ads-dev")
    records: dict[str, str] = {}
    for rule in registrations.of_type(RULE):
        if rule.inputs["metadata"]["name"] == "elastic-spark-queue-ads-batch":
            records = {r["record"]: r["expr"] for group in rule.inputs["spec"]["groups"] for r in group["rules"]}
    space = next(
        r for r in registrations.of_type("kubernetes:core/v1:Namespace") if r.inputs["metadata"]["name"] == "ads-batch"
    )
    annotations = space.inputs["metadata"]["annotations"]
    for name, key in (
        ("guaranteed_cpu_millicores", "guaranteed-cpu-millicores"),
        ("guaranteed_memory_bytes", "guaranteed-memory-bytes"),
        ("maximum_cpu_millicores", "maximum-cpu-millicores"),
        ("maximum_memory_bytes", "maximum-memory-bytes"),
        ("max_apps", "max-apps"),
    ):
        assert records[f"elastic_spark_queue_{name}"] == f"vector({annotations[f'elastic-spark/{key}']})"


def test_a_budget_is_said_once_a_tenant() -> None:
    records = [
        record
        for rule in samples.sample_registrations("ads-prod").of_type(RULE)
        for group in rule.inputs["spec"]["groups"]
        for record in group["rules"]
        if "budget" in record["record"]
    ]
    assert [(r["expr"], r["labels"]) for r in records] == [("vector(420000)", {"tenant": "ads"})]


def test_a_tenants_receivers_are_in_one_of_its_queues_and_about_it_alone() -> None:
    registered = samples.sample_registrations("ads-prod").one(RECEIVERS)
    assert registered.inputs["metadata"]["namespace"] == "ads-nightly"
    assert {m["name"]: m["value"] for m in registered.inputs["spec"]["route"]["matchers"]} == {
        "audience": "tenant",
        "tenant": "ads",
    }
    assert not samples.sample_registrations("ads-dev").of_type(RECEIVERS)


def test_both_capacities_of_a_spot_pool_with_a_fall_back_have_a_price() -> None:
    capacities = {
        (record["labels"]["pool"], record["labels"]["capacity"])
        for stack in samples.AWS_TENANTS
        for rule in samples.sample_registrations(stack).of_type(RULE)
        for group in rule.inputs["spec"]["groups"]
        for record in group["rules"]
        if record["record"].endswith("node_usd_per_hour")
    }
    assert len({pool for pool, capacity in capacities if capacity == "spot"}) >= 1
    assert {pool for pool, capacity in capacities if capacity == "spot"} <= {
        pool for pool, capacity in capacities if capacity == "on-demand"
    }
