import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.cluster.cluster import Cluster, ClusterArgs, PrivateAccess, certificate_authority_of, endpoint_of
from fleet.offline.registration import Registration, Registrations, Unknown
from sizing.arns import Arns
from tests.recording import registrations_of

CLUSTER = "eks:index:Cluster"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def args(**changes: Any) -> ClusterArgs:  # noqa: ANN401
    given: dict[str, Any] = {
        "platform": "demo",
        "arns": Arns("111122223333", "eu-central-1"),
        "version": "1.36",
        "vpc_id": "vpc-1",
        "private_subnet_ids": ("subnet-1", "subnet-2"),
        "service_cidr": "172.20.0.0/16",
        "public_access_cidrs": (),
        "private_access": PrivateAccess(),
        "secrets_key_arn": "arn:secrets",
        "logs_key_arn": "arn:logs",
        "log_retention_days": 90,
        "deletion_protection": True,
        "protect": True,
    }
    return ClusterArgs(**(given | changes))


def registrations(**changes: Any) -> Registrations:  # noqa: ANN401
    return registrations_of(lambda: Cluster("c", args(**changes)))


def control_plane(**changes: Any) -> Registration:  # noqa: ANN401
    return registrations(**changes).one(CLUSTER)


def test_the_component_registers_a_control_plane_its_role_and_its_logs_and_nothing_else() -> None:
    types = sorted(r.type for r in registrations().values() if r.custom or r.remote)
    assert types == sorted([CLUSTER, LOGS, ROLE, ATTACHMENT])


def test_name_version_network_and_services_are_those_of_the_settings() -> None:
    inputs = control_plane().inputs
    assert inputs["name"] == "demo"
    assert inputs["version"] == "1.36"
    assert inputs["vpcId"] == "vpc-1"
    assert inputs["privateSubnetIds"] == ["subnet-1", "subnet-2"]
    assert inputs["kubernetesServiceIpAddressRange"] == "172.20.0.0/16"


def test_no_public_subnet_is_given() -> None:
    assert not {"publicSubnetIds", "subnetIds"} & control_plane().inputs.keys()


def test_without_cidrs_the_endpoint_is_inside_the_network_only() -> None:
    inputs = control_plane().inputs
    assert inputs["endpointPrivateAccess"] is True
    assert inputs["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in inputs


def test_a_public_endpoint_is_for_the_given_cidrs_and_stays_reachable_inside() -> None:
    inputs = control_plane(public_access_cidrs=("203.0.113.0/24", "198.51.100.7/32")).inputs
    assert inputs["endpointPrivateAccess"] is True
    assert inputs["endpointPublicAccess"] is True
    assert inputs["publicAccessCidrs"] == ["198.51.100.7/32", "203.0.113.0/24"]


def test_networks_and_security_groups_are_let_in_to_the_endpoint_by_a_rule_each() -> None:
    registered = registrations(
        private_access=PrivateAccess(cidrs=("10.64.0.0/16", "10.8.0.0/22"), security_groups=("sg-2", "sg-1"))
    )
    rules = registered.of_type(INGRESS)
    assert [(rule.name, rule.inputs["description"]) for rule in rules] == [
        ("c-api-10-64-0-0-16", "Kubernetes API from 10.64.0.0/16"),
        ("c-api-10-8-0-0-22", "Kubernetes API from 10.8.0.0/22"),
        ("c-api-sg-1", "Kubernetes API from sg-1"),
        ("c-api-sg-2", "Kubernetes API from sg-2"),
    ]
    sources = [rule.inputs.get("cidrIpv4") or rule.inputs["referencedSecurityGroupId"] for rule in rules]
    assert sources == ["10.64.0.0/16", "10.8.0.0/22", "sg-1", "sg-2"]
    for rule in rules:
        assert (rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"]) == ("tcp", 443, 443)
        assert rule.inputs["securityGroupId"] == Unknown((registered.one(CLUSTER).urn,))


def test_access_is_by_entries_only() -> None:
    inputs = control_plane().inputs
    assert inputs["authenticationMode"] == "API"
    assert not {"accessEntries", "roleMappings", "userMappings", "instanceRoles"} & inputs.keys()


def test_everything_is_logged_and_secrets_are_encrypted() -> None:
    inputs = control_plane().inputs
    assert inputs["enabledClusterLogTypes"] == ["api", "audit", "authenticator", "controllerManager", "scheduler"]
    assert inputs["encryptionConfigKeyArn"] == "arn:secrets"


def test_extended_support_is_not_paid_for() -> None:
    assert control_plane().inputs["upgradePolicy"] == {"supportType": "STANDARD"}


def test_the_package_makes_no_nodes_no_add_ons_no_security_groups_and_no_identity_provider() -> None:
    inputs = control_plane().inputs
    assert inputs["skipDefaultNodeGroup"] is True
    assert inputs["skipDefaultSecurityGroups"] is True
    assert inputs["createOidcProvider"] is False
    assert inputs["bootstrapSelfManagedAddons"] is False
    assert inputs["useDefaultVpcCni"] is True
    assert inputs["kubeProxyAddonOptions"]["enabled"] is False
    assert inputs["corednsAddonOptions"]["enabled"] is False


def test_the_log_group_exists_before_the_control_plane_would_make_it() -> None:
    registered = registrations()
    logs = registered.one(LOGS)
    assert logs.inputs == {"name": "/aws/eks/demo/cluster", "retentionInDays": 90, "kmsKeyId": "arn:logs"}
    assert logs.urn in registered.one(CLUSTER).dependencies


def test_the_role_is_for_this_cluster_and_has_its_policy_first() -> None:
    registered = registrations()
    role = registered.one(ROLE)
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert role.inputs["name"] == "demo-cluster"
    assert trust["Condition"]["ArnLike"] == {"aws:SourceArn": "arn:aws:eks:eu-central-1:111122223333:cluster/demo"}
    assert registered.one(ATTACHMENT).inputs["policyArn"] == "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
    assert registered.one(ATTACHMENT).urn in registered.one(CLUSTER).dependencies
    assert registered.one(CLUSTER).inputs["serviceRole"] == role.urn


@pytest.mark.parametrize("protect", [True, False])
def test_cluster_and_logs_are_protected_where_settings_say_so(protect: bool) -> None:
    registered = registrations(protect=protect)
    assert registered.one(CLUSTER).options.protect is protect
    assert registered.one(LOGS).options.protect is protect


def test_deletion_protection_is_a_setting() -> None:
    assert control_plane(deletion_protection=False).inputs["deletionProtection"] is False


def test_what_takes_the_ready_name_sees_it_at_preview_and_waits_for_the_control_plane() -> None:
    def program() -> None:
        cluster = Cluster("c", args())
        aws.eks.AccessEntry("entry", cluster_name=cluster.ready, principal_arn="arn")

    registered = registrations_of(program)
    entry = registered.one("aws:eks/accessEntry:AccessEntry")
    assert entry.inputs["clusterName"] == "demo"
    assert entry.dependencies == (registered.one(CLUSTER).urn,)


def test_only_what_aws_invents_is_unknown() -> None:
    def program() -> None:
        cluster = Cluster("c", args())
        pulumi.export("name", cluster.cluster_name)
        pulumi.export("endpoint", cluster.endpoint)
        pulumi.export("ca", cluster.certificate_authority)
        pulumi.export("securityGroup", cluster.security_group_id)

    outputs = registrations_of(program).stack.outputs
    assert outputs["name"] == "demo"
    assert [name for name, value in outputs.items() if isinstance(value, Unknown)] == [
        "ca",
        "endpoint",
        "securityGroup",
    ]


def test_endpoint_and_ca_come_out_of_the_kubeconfig() -> None:
    cluster = {"server": "https://x.eks.amazonaws.com", "certificate-authority-data": "Q0E="}
    kubeconfig = json.dumps({"clusters": [{"name": "kubernetes", "cluster": cluster}]})
    assert endpoint_of(kubeconfig) == "https://x.eks.amazonaws.com"
    assert certificate_authority_of(kubeconfig) == "Q0E="
