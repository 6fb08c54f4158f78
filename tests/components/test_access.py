from typing import Any

from components.access import Access, AccessArgs, Deployer, Person
from components.tenant_deployers import TenantDeployers, TenantDeployersArgs
from fleet.registration import Plan
from sizing.arns import Arns
from tests.recording import plan_of

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
            "tenants": Deployer(principal_arn=f"{IAM}/tenants", stacks="tenants"),
        },
        "people": {
            "oncall": Person(principal_arn=f"{IAM}/oncall", access="admin"),
            "support": Person(principal_arn=f"{IAM}/support", access="viewer"),
        },
        "creator": "pipeline",
    }
    return AccessArgs(**(given | changes))


def plan(**changes: Any) -> Plan:  # noqa: ANN401
    return plan_of(lambda: Access("a", args(**changes)))


def tenant_deployers() -> Plan:
    return plan_of(lambda: TenantDeployers("t", TenantDeployersArgs(bindable_roles=("spark-job", "queue-owner"))))


def test_deployers_of_platform_stacks_are_administrators() -> None:
    registered = plan()
    assert registered.one(ASSOCIATION, "a-second-policy").inputs == {
        "clusterName": "demo",
        "principalArn": f"{IAM}/second",
        "policyArn": ADMIN,
        "accessScope": {"type": "cluster"},
    }
    assert registered.one(ENTRY, "a-second-entry").urn in registered.one(ASSOCIATION, "a-second-policy").dependencies


def test_the_creators_entry_is_left_to_eks_and_its_rights_are_ours() -> None:
    registered = plan()
    assert "a-pipeline-entry" not in [r.name for r in registered.of_type(ENTRY)]
    assert registered.one(ASSOCIATION, "a-pipeline-policy").inputs["policyArn"] == ADMIN


def test_deployers_of_tenant_stacks_are_in_a_group_and_hold_no_access_policy() -> None:
    registered = plan()
    entry = registered.one(ENTRY, "a-tenants-entry")
    assert entry.inputs["kubernetesGroups"] == ["elastic-spark:tenant-deployers"]
    assert "a-tenants-policy" not in [r.name for r in registered.of_type(ASSOCIATION)]


def test_people_are_administrators_or_viewers() -> None:
    registered = plan()
    assert registered.one(ASSOCIATION, "a-oncall-policy").inputs["policyArn"] == ADMIN
    assert registered.one(ASSOCIATION, "a-support-policy").inputs["policyArn"] == VIEW


def test_only_deployers_of_tenant_stacks_are_in_a_group() -> None:
    assert [r.name for r in plan().of_type(ENTRY) if "kubernetesGroups" in r.inputs] == ["a-tenants-entry"]


def test_the_group_is_bound_to_its_role() -> None:
    binding = tenant_deployers().one(BINDING)
    assert binding.inputs["roleRef"]["name"] == tenant_deployers().one(ROLE).inputs["metadata"]["name"]
    assert [(s["kind"], s["name"]) for s in binding.inputs["subjects"]] == [("Group", "elastic-spark:tenant-deployers")]


def test_deployers_of_tenant_stacks_bind_the_named_roles_only() -> None:
    (bind,) = [r for r in tenant_deployers().one(ROLE).inputs["rules"] if "bind" in r["verbs"]]
    assert bind["resources"] == ["clusterroles"]
    assert bind["resourceNames"] == ["queue-owner", "spark-job"]


def test_deployers_of_tenant_stacks_write_what_a_tenant_stack_registers_and_nothing_else() -> None:
    rules = tenant_deployers().one(ROLE).inputs["rules"]
    written = sorted(resource for r in rules if "create" in r["verbs"] for resource in r["resources"])
    assert written == [
        "alertmanagerconfigs",
        "jobs",
        "limitranges",
        "namespaces",
        "networkpolicies",
        "prometheusrules",
        "rolebindings",
        "serviceaccounts",
        "services",
        "statefulsets",
    ]


def test_deployers_of_tenant_stacks_read_no_secret_and_escalate_nothing() -> None:
    rules = tenant_deployers().one(ROLE).inputs["rules"]
    everything = {value for r in rules for key in ("resources", "verbs", "apiGroups") for value in r[key]}
    assert not everything & {"*", "secrets", "roles", "clusterrolebindings", "escalate", "impersonate", "pods/exec"}
