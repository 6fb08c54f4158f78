from typing import Any

import pytest

from components.access.cluster_access import Access, AccessArgs, Deployer, Person, Shared
from components.access.tenant_deployers import TenantDeployers, TenantDeployersArgs
from fleet.offline.registration import Registrations
from sizing.arns import Arns
from tests.recording import registrations_of

ENTRY = "aws:eks/accessEntry:AccessEntry"
ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"

IAM = "arn:aws:iam::111122223333:role"
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


def args(**changes: Any) -> AccessArgs:  # noqa: ANN401
    given: dict[str, Any] = {
        "cluster_name": "demo",
        "arns": Arns("111122223333", "eu-central-1"),
        "deployers": {
            "pipeline": Deployer(principal_arn=f"{IAM}/pipeline", stacks="platform"),
            "second": Deployer(principal_arn=f"{IAM}/second", stacks="platform"),
            "tenants": Deployer(principal_arn=f"{IAM}/tenants", stacks="tenants", tenants="all"),
            "some": Deployer(principal_arn=f"{IAM}/some", stacks="tenants", tenants=("search", "ads")),
        },
        "people": {
            "oncall": Person(principal_arn=f"{IAM}/oncall", access="admin"),
            "support": Person(principal_arn=f"{IAM}/support", access="viewer"),
        },
        "shared": {},
        "creator": "pipeline",
    }
    return AccessArgs(**(given | changes))


def registrations(**changes: Any) -> Registrations:  # noqa: ANN401
    return registrations_of(lambda: Access("a", args(**changes)))


def tenant_deployers(*groups: str) -> Registrations:
    args = TenantDeployersArgs(bindable_roles=("spark-job", "queue-owner"), groups=groups)
    return registrations_of(lambda: TenantDeployers("t", args))


def test_deployers_of_platform_stacks_are_administrators() -> None:
    registered = registrations()
    assert registered.one(ASSOCIATION, "a-second-policy").inputs == {
        "clusterName": "demo",
        "principalArn": f"{IAM}/second",
        "policyArn": ADMIN,
        "accessScope": {"type": "cluster"},
    }
    assert registered.one(ENTRY, "a-second-entry").urn in registered.one(ASSOCIATION, "a-second-policy").dependencies


def test_the_creators_entry_is_left_to_eks_and_its_rights_are_ours() -> None:
    registered = registrations()
    assert "a-pipeline-entry" not in [r.name for r in registered.of_type(ENTRY)]
    assert registered.one(ASSOCIATION, "a-pipeline-policy").inputs["policyArn"] == ADMIN


@pytest.mark.parametrize(
    ("who", "groups"),
    [
        ("tenants", ["elastic-spark:tenant-deployers"]),
        ("some", ["elastic-spark:tenant-deployers:ads", "elastic-spark:tenant-deployers:search"]),
    ],
)
def test_deployers_of_tenant_stacks_are_in_their_groups_and_hold_no_access_policy(who: str, groups: list[str]) -> None:
    registered = registrations()
    assert registered.one(ENTRY, f"a-{who}-entry").inputs["kubernetesGroups"] == groups
    assert f"a-{who}-policy" not in [r.name for r in registered.of_type(ASSOCIATION)]


def test_people_are_administrators_or_viewers() -> None:
    registered = registrations()
    assert registered.one(ASSOCIATION, "a-oncall-policy").inputs["policyArn"] == ADMIN
    assert registered.one(ASSOCIATION, "a-support-policy").inputs["policyArn"] == VIEW


def test_only_deployers_of_tenant_stacks_are_in_a_group() -> None:
    assert [r.name for r in registrations().of_type(ENTRY) if "kubernetesGroups" in r.inputs] == [
        "a-some-entry",
        "a-tenants-entry",
    ]


def test_the_groups_that_are_used_are_bound_to_the_role() -> None:
    registered = tenant_deployers("elastic-spark:tenant-deployers:b", "elastic-spark:tenant-deployers:a")
    binding = registered.one(BINDING)
    assert binding.inputs["roleRef"]["name"] == registered.one(ROLE).inputs["metadata"]["name"]
    assert [(s["kind"], s["name"]) for s in binding.inputs["subjects"]] == [
        ("Group", "elastic-spark:tenant-deployers:a"),
        ("Group", "elastic-spark:tenant-deployers:b"),
    ]


def test_where_nobody_deploys_tenant_stacks_the_role_is_bound_to_nobody() -> None:
    assert tenant_deployers().of_type(BINDING) == []


def test_deployers_of_tenant_stacks_bind_the_named_roles_only() -> None:
    (bind,) = [r for r in tenant_deployers().one(ROLE).inputs["rules"] if "bind" in r["verbs"]]
    assert bind["resources"] == ["clusterroles"]
    assert bind["resourceNames"] == ["queue-owner", "spark-job"]


def test_deployers_of_tenant_stacks_write_what_a_tenant_stack_registers_and_nothing_else() -> None:
    rules = tenant_deployers().one(ROLE).inputs["rules"]
    written = sorted(resource for r in rules if "create" in r["verbs"] for resource in r["resources"])
    assert written == [
        "alertmanagerconfigs",
        "capacityquotas",
        "ciliumnetworkpolicies",
        "configmaps",
        "grpcroutes",
        "httproutefilters",
        "httproutes",
        "jobs",
        "limitranges",
        "namespaces",
        "networkpolicies",
        "prometheusrules",
        "rolebindings",
        "securitypolicies",
        "serviceaccounts",
        "services",
        "statefulsets",
    ]


def test_deployers_of_tenant_stacks_read_and_change_no_configuration_but_queues_cards() -> None:
    rules = [r for r in tenant_deployers().one(ROLE).inputs["rules"] if "configmaps" in r["resources"]]
    assert [(r["verbs"], r.get("resourceNames")) for r in rules] == [
        (["create"], None),
        (["delete", "get", "list", "watch", "patch", "update"], ["elastic-spark-queue-card"]),
    ]


def test_a_principal_of_several_queues_has_one_entry_with_a_group_for_each_and_no_access_policy() -> None:
    groups = ["elastic-spark:shared:airflow:search-x:viewer", "elastic-spark:shared:airflow:ads-batch:submitter"]
    shared = {"airflow": Shared(principal_arn="arn:aws:iam::111122223333:role/airflow", groups=groups)}
    registered = registrations(shared=shared)
    assert registered.one(ENTRY, "a-airflow-entry").inputs["kubernetesGroups"] == sorted(groups)
    assert "a-airflow-policy" not in [r.name for r in registered.of_type(ASSOCIATION)]


def test_deployers_of_tenant_stacks_read_no_secret_and_escalate_nothing() -> None:
    rules = tenant_deployers().one(ROLE).inputs["rules"]
    everything = {value for r in rules for key in ("resources", "verbs", "apiGroups") for value in r[key]}
    assert not everything & {"*", "secrets", "roles", "clusterrolebindings", "escalate", "impersonate", "pods/exec"}
