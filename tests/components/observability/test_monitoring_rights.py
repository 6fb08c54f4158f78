"""What Prometheus and its operator may do in Kubernetes."""

from __future__ import annotations

from typing import Any, Final

from components.observability.rights import MonitoringRights, MonitoringRightsArgs
from components.observability.stack import OPERATOR_ACCOUNT, PROMETHEUS_ACCOUNT, values
from fleet.offline.registration import Registrations
from tests.components.observability.test_stack import args
from tests.recording import registrations_of

RBAC: Final = "kubernetes:rbac.authorization.k8s.io/v1"
READS: Final = {"get", "list", "watch"}
ARGS: Final = MonitoringRightsArgs(namespace="spark-system", operator=OPERATOR_ACCOUNT, prometheus=PROMETHEUS_ACCOUNT)


def registrations() -> Registrations:
    return registrations_of(lambda: MonitoringRights("r", ARGS))


def rules(kind: str, account: str, namespace: str | None = None) -> list[dict[str, Any]]:
    """What an account may do by its role of a kind."""
    (found,) = (
        role
        for role in registrations().of_type(f"{RBAC}:{kind}")
        if role.inputs["metadata"]["name"] == f"elastic-spark:{account}"
        and role.inputs["metadata"].get("namespace") == namespace
    )
    return list(found.inputs["rules"])


def verbs(of: list[dict[str, Any]], resource: str) -> set[str]:
    return {verb for rule in of if resource in rule.get("resources", ()) for verb in rule["verbs"]}


def test_the_chart_brings_no_rights_and_its_accounts_are_those_that_get_ours() -> None:
    chosen = values(args())
    assert chosen["global"] == {"rbac": {"create": False}}
    assert chosen["prometheusOperator"]["serviceAccount"] == {"name": OPERATOR_ACCOUNT}
    assert chosen["prometheus"]["serviceAccount"] == {"name": PROMETHEUS_ACCOUNT}


def test_outside_of_the_platforms_namespace_the_operator_changes_no_secret_and_runs_nothing() -> None:
    everywhere = rules("ClusterRole", OPERATOR_ACCOUNT)
    assert verbs(everywhere, "secrets") == verbs(everywhere, "configmaps") == READS
    changing = {kind for rule in everywhere if not READS.issuperset(rule["verbs"]) for kind in rule["resources"]}
    assert changing == {"events"}


def test_it_looks_for_what_it_runs_where_it_may_run_it() -> None:
    operator = values(args())["prometheusOperator"]
    for kind in ("alertmanager", "prometheus", "thanosRuler"):
        assert operator[f"{kind}InstanceNamespaces"] == ["spark-system"]
    home = rules("Role", OPERATOR_ACCOUNT, "spark-system")
    for resource in ("statefulsets", "secrets", "configmaps"):
        assert verbs(home, resource) >= {"create", "update", "delete"}


def test_it_keeps_the_kubelets_service_and_nothing_else_of_its_namespace() -> None:
    of = rules("Role", OPERATOR_ACCOUNT, "kube-system")
    assert {resource for rule in of for resource in rule["resources"]} == {"endpointslices", "services"}


def test_prometheus_only_reads_and_no_secret() -> None:
    of = rules("ClusterRole", PROMETHEUS_ACCOUNT)
    assert {verb for rule in of for verb in rule["verbs"]} <= READS
    assert not verbs(of, "secrets") | verbs(of, "configmaps") | verbs(of, "nodes/proxy")


def test_each_role_is_bound_to_its_account_after_it_is_there() -> None:
    registered = registrations()
    for kind in ("ClusterRoleBinding", "RoleBinding"):
        bindings = registered.of_type(f"{RBAC}:{kind}")
        assert len(bindings) == 2
        for binding in bindings:
            (subject,) = binding.inputs["subjects"]
            assert subject["namespace"] == "spark-system"
            assert binding.inputs["roleRef"]["name"] == f"elastic-spark:{subject['name']}"
            assert any(registered[urn].inputs["metadata"] == binding.inputs["metadata"] for urn in binding.dependencies)
