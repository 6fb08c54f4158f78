"""In which order a stack is destroyed: nothing goes while something that needs it to go, or to be reached, is there.

The engine deletes a resource once all that depend on it are gone: those that name it, its provider's or its parent's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import pytest

from fleet.offline.registration import Registration, Registrations
from tests import samples
from tests.destroy_order import outlived_by

PLATFORMS = ("platform-dev", "platform-prod")
GROUP = "aws:autoscaling/group:Group"
RELEASE = "kubernetes:helm.sh/v3:Release"
ADD_ON = "aws:eks/addon:Addon"
ENTRY = "aws:eks/accessEntry:AccessEntry"
ACCESS = (ENTRY, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
CONTROL_PLANE = "eks:index:Cluster"
NETWORK = ("aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/natGateway:NatGateway", "aws:ec2/route:Route")
NODE_ADD_ONS = {"eks-pod-identity-agent", "kube-proxy", "vpc-cni"}
NAMESPACE = "kubernetes:core/v1:Namespace"


@cache
def _platform(stack: str) -> Registrations:
    return samples.platform_registrations(stack)


@cache
def _tenant(stack: str) -> Registrations:
    return samples.sample_registrations(stack)


def _kept_until(registrations: Registrations, first: Iterable[Registration], then: Iterable[Registration]) -> list[str]:
    """Pairs that may be deleted the other way round, or at the same time."""
    after, later = outlived_by(registrations), list(then)
    assert later
    return [f"{one.name} and {other.name}" for one in first for other in later if other.urn not in after[one.urn]]


def _of(
    registrations: Registrations, *types: str, where: Callable[[Registration], bool] = lambda _: True
) -> list[Registration]:
    found = [r for kind in types for r in registrations.of_type(kind) if where(r)]
    assert found, types
    return found


def _in_kubernetes(registrations: Registrations) -> list[Registration]:
    return [r for r in registrations.values() if r.custom and r.type.startswith("kubernetes:")]


@pytest.mark.parametrize("stack", PLATFORMS)
def test_whoever_deploys_a_platform_is_let_in_until_nothing_of_it_is_in_kubernetes(stack: str) -> None:
    registrations = _platform(stack)
    deployers = _of(registrations, *ACCESS, where=lambda r: "-access-" in r.name)
    assert (
        _kept_until(registrations, _in_kubernetes(registrations), [*deployers, *_of(registrations, CONTROL_PLANE)])
        == []
    )


@pytest.mark.parametrize("stack", PLATFORMS)
def test_software_goes_before_the_nodes_that_it_runs_on(stack: str) -> None:
    registrations = _platform(stack)
    software = _of(registrations, RELEASE, where=lambda r: "monitoring-crds" not in r.name)
    system = _of(registrations, GROUP, where=lambda r: "-system-" in r.inputs["name"])
    assert _kept_until(registrations, software, system) == []


@pytest.mark.parametrize("stack", PLATFORMS)
def test_the_autoscaler_is_gone_before_the_groups_whose_sizes_it_sets(stack: str) -> None:
    registrations = _platform(stack)
    autoscaler = _of(registrations, RELEASE, where=lambda r: r.inputs["name"] == "cluster-autoscaler")
    assert _kept_until(registrations, autoscaler, _of(registrations, GROUP)) == []


@pytest.mark.parametrize("stack", PLATFORMS)
def test_names_volumes_and_credentials_are_served_until_the_software_that_needs_them_is_gone(stack: str) -> None:
    registrations = _platform(stack)
    software = [
        r
        for r in _of(registrations, RELEASE)
        if not any(name in r.name for name in ("monitoring-crds", "network-policy"))
    ]
    assert _kept_until(registrations, [*software, *_of(registrations, NAMESPACE)], _of(registrations, ADD_ON)) == []


@pytest.mark.parametrize("stack", PLATFORMS)
def test_nodes_have_a_network_and_credentials_until_they_are_gone(stack: str) -> None:
    registrations = _platform(stack)
    nodes = _of(registrations, GROUP)
    plugins = _of(registrations, ADD_ON, where=lambda r: r.inputs["addonName"] in NODE_ADD_ONS)
    joins = _of(registrations, ENTRY, where=lambda r: r.inputs.get("type") == "EC2_LINUX")
    assert _kept_until(registrations, nodes, [*plugins, *joins, *_of(registrations, CONTROL_PLANE)]) == []


@pytest.mark.parametrize("stack", PLATFORMS)
def test_the_network_goes_after_nodes_and_control_plane(stack: str) -> None:
    registrations = _platform(stack)
    made = [kind for kind in NETWORK if registrations.of_type(kind)]
    if not made:
        pytest.skip("this platform lives in a network of somebody else's")
    assert _kept_until(registrations, _of(registrations, GROUP), _of(registrations, *made)) == []
    of_cluster = _of(registrations, "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", where=lambda r: "public" not in r.name)
    assert _kept_until(registrations, _of(registrations, CONTROL_PLANE), of_cluster) == []


@pytest.mark.parametrize("stack", samples.AWS_TENANTS)
def test_what_runs_in_a_queue_goes_before_its_nodes_its_rights_and_its_logs(stack: str) -> None:
    registrations = _tenant(stack)
    for namespace in _of(registrations, NAMESPACE):
        queue = namespace.inputs["metadata"]["name"]
        below = [
            r
            for r in registrations.values()
            if r.custom
            and r.type.startswith("aws:")
            and r.name.startswith((f"{queue}-", f"{registrations.stack.name}-{queue}"))
            and "-history" not in r.name
            # what people have, whom nothing that runs waits for
            and not r.name.startswith((f"{queue}-uploads", f"{queue}-log-readers"))
            and r.type != "aws:autoscaling/schedule:Schedule"  # of a group, and gone before it
        ]
        assert {GROUP, ASSOCIATION} <= {r.type for r in below}
        assert _kept_until(registrations, [namespace], below) == []


@pytest.mark.parametrize("stack", [*PLATFORMS, *samples.AWS_TENANTS])
def test_nobody_is_left_without_credentials(stack: str) -> None:
    """A pod's role is associated until its workload is gone."""
    registrations = _platform(stack) if stack in PLATFORMS else _tenant(stack)
    after = outlived_by(registrations)
    workloads = [
        r for r in registrations.values() if r.type in (RELEASE, ADD_ON, NAMESPACE) or r.type.endswith(":StatefulSet")
    ]
    used = {urn for workload in workloads for urn in after[workload.urn]}
    assert [r.name for r in registrations.of_type(ASSOCIATION) if r.urn not in used] == []


@pytest.mark.parametrize("stack", samples.AWS_TENANTS)
def test_a_queue_is_fenced_in_until_its_namespace_is_gone(stack: str) -> None:
    registrations = _tenant(stack)
    fences = _of(
        registrations,
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        "kubernetes:core/v1:LimitRange",
    )
    queues = {r.inputs["metadata"]["name"]: r.urn for r in _of(registrations, NAMESPACE)}
    assert {r.options.deleted_with == queues[r.inputs["metadata"]["namespace"]] for r in fences} == {True}


@pytest.mark.parametrize("stack", PLATFORMS)
def test_a_bucket_that_is_not_empty_stays_as_it_was(stack: str) -> None:
    """It can't be deleted then: what makes it private, encrypted and tidy is not taken off before, nor its key gone."""
    registrations = _platform(stack)
    buckets = {r.inputs["bucket"]: r.urn for r in _of(registrations, "aws:s3/bucket:Bucket")}
    settings = [
        r for r in registrations.values() if r.type.startswith("aws:s3/bucket") and r.urn not in buckets.values()
    ]
    assert len(settings) >= 6 * len(buckets)
    assert [r.name for r in settings if not r.options.deleted_with] == []
    key = _of(registrations, "aws:kms/key:Key", where=lambda r: "-data-" in r.name)
    assert _kept_until(registrations, _of(registrations, "aws:s3/bucket:Bucket"), key) == []
