import json

from components.nodes.node_role import NodeRole, NodeRoleArgs
from fleet.offline.registration import Registrations
from sizing.arns import Arns
from tests.recording import registrations_of

ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def registrations(*, session_manager: bool = False) -> Registrations:
    arns = Arns("111122223333", "eu-central-1")
    args = NodeRoleArgs(platform="demo", cluster_name="demo", arns=arns, session_manager=session_manager)
    return registrations_of(lambda: NodeRole("n", args))


def attached(registered: Registrations) -> list[str]:
    return sorted(
        r.inputs["policyArn"].removeprefix("arn:aws:iam::aws:policy/") for r in registered.of_type(ATTACHMENT)
    )


def test_nodes_pull_images_and_hand_out_pod_identities_and_that_is_all() -> None:
    assert attached(registrations()) == ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy"]


def test_session_manager_is_asked_for() -> None:
    assert "AmazonSSMManagedInstanceCore" in attached(registrations(session_manager=True))


def test_the_network_plugin_gets_nothing_by_way_of_nodes() -> None:
    assert "AmazonEKS_CNI_Policy" not in attached(registrations(session_manager=True))


def test_nodes_may_read_what_they_need_to_boot() -> None:
    policy = registrations().one("aws:iam/rolePolicy:RolePolicy")
    (statement,) = json.loads(policy.inputs["policy"])["Statement"]
    assert statement["Action"] == ["ec2:DescribeInstanceTypes", "ec2:DescribeInstances"]


def test_role_and_instance_profile_have_the_name_that_others_compute() -> None:
    registered = registrations()
    assert registered.one("aws:iam/role:Role").inputs["name"] == "demo-node"
    profile = registered.one("aws:iam/instanceProfile:InstanceProfile")
    assert profile.inputs == {"name": "demo-node", "role": "demo-node"}


def test_nodes_join_by_an_access_entry_that_waits_for_the_role() -> None:
    registered = registrations()
    entry = registered.one("aws:eks/accessEntry:AccessEntry")
    assert entry.inputs == {
        "clusterName": "demo",
        "principalArn": "arn:aws:iam::111122223333:role/demo-node",
        "type": "EC2_LINUX",
    }
    assert registered.one("aws:iam/role:Role").urn in entry.dependencies
