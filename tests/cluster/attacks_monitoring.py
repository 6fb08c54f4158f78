"""What tenants and their deployers might tell Prometheus and Alertmanager, which read their objects everywhere."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Final

from components.observability.constants import PoolConstants, pool_constants
from components.observability.groups import rule_file
from components.observability.receivers import AlertReceiversArgs, Receiver, spec
from sizing import names
from tests.cluster.api import Object
from tests.cluster.attempts import Attempt, Case, Create
from tests.cluster.cluster import TENANT_DEPLOYER
from tests.cluster.pod_shapes import DRIVER, NAMESPACE, OWNER

OTHER_TENANT, OTHER_QUEUE = "search", "ads-other"


def _object(version: str, kind: str, content: Object) -> Object:
    return {
        "apiVersion": f"monitoring.coreos.com/{version}",
        "kind": kind,
        "metadata": {"generateName": "tests-", "namespace": NAMESPACE},
        "spec": content,
    }


def constants() -> Object:
    """A PrometheusRule like a tenant's stack registers it."""
    pool = PoolConstants(identity=f"{NAMESPACE}-main", minimum=1, maximum=4, queue=NAMESPACE, tenant="ads")
    return _object("v1", "PrometheusRule", rule_file([pool_constants(NAMESPACE, [pool])]))


def receivers() -> Object:
    """An AlertmanagerConfig like a tenant's stack registers it."""
    receiver = Receiver(
        sns_topic_arn="arn:aws:sns:eu-central-1:111122223333:spark-dev-alerts-ads", region="eu-central-1"
    )
    args = AlertReceiversArgs(namespace=NAMESPACE, receivers=(receiver,), tenant="ads")
    return _object("v1alpha1", "AlertmanagerConfig", spec(args))


def _with_rule(**changes: object) -> Object:
    thing = constants()
    thing["spec"]["groups"][0]["rules"][0] |= changes
    return thing


def _with_labels(**labels: str) -> Object:
    thing = constants()
    thing["spec"]["groups"][0]["rules"][0]["labels"] |= labels
    return thing


def _with_group(**changes: object) -> Object:
    thing = constants()
    thing["spec"]["groups"][0] |= changes
    return thing


def _with_matchers(*matchers: tuple[str, str, str]) -> Object:
    thing = receivers()
    thing["spec"]["route"]["matchers"] = [
        {"name": name, "matchType": match_type, "value": value} for name, match_type, value in matchers
    ]
    return thing


def _elsewhere(thing: Object) -> Object:
    moved = copy.deepcopy(thing)
    moved["metadata"]["namespace"] = names.SYSTEM_NAMESPACE
    return moved


def _alert() -> Object:
    thing = constants()
    (rule, *_) = thing["spec"]["groups"][0]["rules"]
    thing["spec"]["groups"][0]["rules"] = [{"alert": "Any", "expr": "vector(1)", "labels": rule["labels"]}]
    return thing


def _rules() -> Iterator[Case]:
    for name, rule, thing in (
        ("computes something of all queues", "monitoring-constants", _with_rule(expr="sum(kube_pod_info)")),
        ("lets Prometheus compute for long", "monitoring-constants", _with_rule(expr="vector(1) + vector(1)")),
        ("passes for what the platform's rules compute", "monitoring-constants", _with_rule(record="elastic_spark:x")),
        ("passes for what is measured", "monitoring-constants", _with_rule(record="kube_node_labels")),
        ("raises an alert", "monitoring-constants", _alert()),
        ("labels a whole group", "monitoring-constants", _with_group(labels={"tenant": OTHER_TENANT})),
        ("speaks for another tenant", "monitoring-owner", _with_labels(tenant=OTHER_TENANT)),
        ("speaks for nobody", "monitoring-owner", _with_rule(labels={"queue": NAMESPACE})),
        ("speaks for another queue", "monitoring-owner", _with_labels(queue=OTHER_QUEUE)),
    ):
        yield Attempt(
            name=f"a rule in a queue that {name}",
            who=TENANT_DEPLOYER,
            does=Create(thing),
            rule=rule,
            twin=Create(constants()),
        )


def _receivers() -> Iterator[Case]:
    tenant, audience = ("tenant", "=", "ads"), ("audience", "=", "tenant")
    silencing = receivers()
    silencing["spec"]["inhibitRules"] = [
        {
            "sourceMatch": [{"name": "tenant", "value": "ads"}],
            "targetMatch": [{"name": "severity", "value": "critical"}],
        }
    ]
    for name, rule, thing in (
        ("hears of everybody's alerts", "monitoring-receivers", _with_matchers()),
        ("hears of another tenant's", "monitoring-receivers", _with_matchers(("tenant", "=", OTHER_TENANT), audience)),
        ("hears of any tenant's", "monitoring-receivers", _with_matchers(("tenant", "=~", "ads"), audience)),
        ("hears of all but its own", "monitoring-receivers", _with_matchers(("tenant", "!=", "ads"), audience)),
        ("hears of the platform's", "monitoring-receivers", _with_matchers(tenant)),
        ("silences others", "monitoring-inhibitions", silencing),
    ):
        yield Attempt(
            name=f"a receiver that {name}",
            who=TENANT_DEPLOYER,
            does=Create(thing),
            rule=rule,
            twin=Create(_with_matchers(tenant, audience, ("severity", "=", "critical"))),
        )


def _people() -> Iterator[Case]:
    for what, thing in (("rules", constants()), ("receivers", receivers())):
        yield Attempt(
            name=f"a tenant's deployer who makes {what} in the platform's namespace",
            who=TENANT_DEPLOYER,
            does=Create(_elsewhere(thing)),
            rule="deployer-place",
            twin=Create(thing),
        )
        for whose, who in (("a tenant's owner", OWNER), ("a driver", DRIVER)):
            yield Attempt(
                name=f"{whose} who makes {what}",
                who=who,
                does=Create(thing),
                refused="cannot create",
                twin=Create(thing),
                twin_who=TENANT_DEPLOYER,
            )


CASES: Final[tuple[Case, ...]] = (*_rules(), *_receivers(), *_people())
