import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.cluster.add_ons import AddOn, AddOns, AddOnsArgs, node_add_ons, system_add_ons
from components.software import versions
from fleet.offline.registration import Registrations
from sizing.arns import Arns
from tests.recording import registrations_of

ADD_ON = "aws:eks/addon:Addon"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ARNS = Arns("111122223333", "eu-central-1")


def system(**changes: Any) -> tuple[AddOn, ...]:  # noqa: ANN401
    given: dict[str, Any] = {
        "arns": ARNS,
        "max_nodes": 300,
        "system_nodes": 6,
        "volume_tags": {"team": "data"},
        "volume_key_alias": None,
    }
    return system_add_ons(**(given | changes))


def registrations(add_ons: tuple[AddOn, ...], after: tuple[pulumi.Resource, ...] = ()) -> Registrations:
    args = AddOnsArgs(
        platform="demo", cluster_name="demo", arns=ARNS, add_ons=add_ons, versions=versions.ADD_ONS, after=after
    )
    return registrations_of(lambda: AddOns("a", args))


def configuration(registered: Registrations, add_on: str) -> dict[str, Any]:
    return dict(json.loads(registered.one(ADD_ON, f"a-{add_on}").inputs["configurationValues"]))


def test_nodes_get_network_proxy_and_pod_identity() -> None:
    names = sorted(r.inputs["addonName"] for r in registrations(node_add_ons()).of_type(ADD_ON))
    assert names == ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"]


def test_the_system_pool_gets_dns_storage_and_metrics() -> None:
    names = sorted(r.inputs["addonName"] for r in registrations(system()).of_type(ADD_ON))
    assert names == ["aws-ebs-csi-driver", "coredns", "metrics-server"]


def test_every_version_is_pinned_and_settings_win_over_the_cluster() -> None:
    for add_on in registrations((*node_add_ons(), *system())).of_type(ADD_ON):
        assert add_on.inputs["addonVersion"] == versions.ADD_ONS[add_on.inputs["addonName"]]
        assert add_on.inputs["resolveConflictsOnCreate"] == "OVERWRITE"
        assert add_on.inputs["resolveConflictsOnUpdate"] == "OVERWRITE"


def test_an_add_on_without_a_version_is_refused() -> None:
    with pytest.raises(KeyError, match="unheard-of"):
        registrations((AddOn(name="unheard-of", configuration={}),))


def test_pods_are_not_annotated_with_their_address_which_only_calico_reads() -> None:
    assert "ANNOTATE_POD_IP" not in configuration(registrations(node_add_ons()), "vpc-cni")["env"]


def test_pods_get_addresses_by_prefix_and_the_plugins_own_policy_engine_is_off() -> None:
    values = configuration(registrations(node_add_ons()), "vpc-cni")
    assert values["env"]["ENABLE_PREFIX_DELEGATION"] == "true"
    assert values["enableNetworkPolicy"] == "false"


def test_network_plugin_and_storage_driver_have_identities_of_their_own() -> None:
    registered = registrations((*node_add_ons(), *system()))
    associations = {r.inputs["serviceAccount"]: r.inputs["roleArn"] for r in registered.of_type(ASSOCIATION)}
    assert associations == {
        "aws-node": "arn:aws:iam::111122223333:role/demo-vpc-cni",
        "ebs-csi-controller-sa": "arn:aws:iam::111122223333:role/demo-aws-ebs-csi-driver",
    }
    policies = {r.inputs["policyArn"] for r in registered.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")}
    assert policies == {
        "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
        "arn:aws:iam::aws:policy/AmazonEBSCSIDriverEKSClusterScopedPolicy",
    }


def test_an_add_on_waits_for_its_identity() -> None:
    registered = registrations(node_add_ons())
    assert registered.one(ASSOCIATION).urn in registered.one(ADD_ON, "a-vpc-cni").dependencies
    assert not registered.one(ADD_ON, "a-kube-proxy").dependencies


def test_add_ons_wait_for_the_system_pool_and_their_identities_do_not() -> None:
    def program() -> None:
        pool = aws.sqs.Queue("pool")
        args = AddOnsArgs(
            platform="demo", cluster_name="demo", arns=ARNS, add_ons=system(), versions=versions.ADD_ONS, after=[pool]
        )
        AddOns("a", args)

    registered = registrations_of(program)
    pool = registered.one("aws:sqs/queue:Queue").urn
    assert all(pool in add_on.dependencies for add_on in registered.of_type(ADD_ON))
    assert pool not in registered.one(ASSOCIATION).dependencies


def test_deployments_run_on_the_system_pool() -> None:
    registered = registrations(system())
    placed = [configuration(registered, name) for name in ("coredns", "metrics-server")]
    placed.append(configuration(registered, "aws-ebs-csi-driver")["controller"])
    for values in placed:
        assert values["nodeSelector"] == {"elastic-spark/pool": "system"}
        assert [t["key"] for t in values["tolerations"]] == ["elastic-spark/pool"]


def test_the_storage_driver_serves_every_node() -> None:
    assert configuration(registrations(system()), "aws-ebs-csi-driver")["node"] == {
        "tolerateAllTaints": False,
        "tolerations": [{"key": "elastic-spark/pool", "operator": "Exists", "effect": "NoSchedule"}],
    }


def test_dns_is_scaled_by_eks_up_to_what_the_system_pool_has_room_for() -> None:
    values = configuration(registrations(system()), "coredns")
    assert values["autoScaling"] == {"enabled": True, "minReplicas": 2, "maxReplicas": 12}
    assert values["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1}


def test_metrics_server_is_given_its_place_and_nothing_else() -> None:
    assert configuration(registrations(system()), "metrics-server").keys() == {"nodeSelector", "tolerations"}


def test_volumes_carry_the_cost_tags() -> None:
    controller = configuration(registrations(system()), "aws-ebs-csi-driver")["controller"]
    assert controller["extraVolumeTags"] == {"team": "data"}


def test_the_storage_driver_may_use_one_key_through_ec2_only() -> None:
    registered = registrations(system(volume_key_alias="alias/demo-volumes"))
    statements = json.loads(registered.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    for statement in statements:
        assert statement["Condition"]["ForAnyValue:StringEquals"] == {"kms:ResourceAliases": "alias/demo-volumes"}
        assert statement["Condition"]["StringEquals"] == {"kms:ViaService": "ec2.eu-central-1.amazonaws.com"}
    grants = [s for s in statements if "kms:CreateGrant" in s["Action"]]
    assert all(s["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"} for s in grants)


def test_without_a_key_the_storage_driver_has_aws_policy_only() -> None:
    assert not registrations(system()).of_type("aws:iam/rolePolicy:RolePolicy")
