"""What holds in the registrations of any tenant, asserted on what it registers."""

from __future__ import annotations

import base64
import json
import re

from components.nodes.autoscaler import SPOT_GROUPS
from fleet.offline.registration import Registration, Registrations
from infra.settings.nodes import pool_usable
from sizing import names
from sizing.nodes import Resources
from sizing.quantities import parse_bytes, parse_cpu
from sizing.sharing import ROOT_QUEUES

GROUP = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SCHEDULE = "aws:autoscaling/schedule:Schedule"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ENTRY = "aws:eks/accessEntry:AccessEntry"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
FOLDER = "aws:s3/bucketObjectv2:BucketObjectv2"
NAMESPACE = "kubernetes:core/v1:Namespace"
QUOTA = "kubernetes:autoscaling.x-k8s.io/v1alpha1:CapacityQuota"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
JOB = "kubernetes:batch/v1:Job"
POOL = "elastic-spark:pool:Pool"
NODE = "k8s.io/cluster-autoscaler/node-template"
YUNIKORN = "yunikorn.apache.org"


def tags(group: Registration) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in group.inputs["tags"]}


def queue_annotations(registrations: Registrations) -> dict[str, dict[str, str]]:
    """Of each queue's namespace, by its name."""
    return {n.inputs["metadata"]["name"]: n.inputs["metadata"]["annotations"] for n in registrations.of_type(NAMESPACE)}


def job(registrations: Registrations, namespace: str) -> str:
    found: list[str] = [
        r.inputs["metadata"]["name"]
        for r in registrations.of_type(JOB)
        if r.inputs["metadata"]["namespace"] == namespace
    ]
    (name,) = found
    return name


def amount(text: str) -> tuple[int, int]:
    quantities = json.loads(text)
    return parse_cpu(quantities["cpu"]), parse_bytes(quantities["memory"])


def requested(workload: Registration) -> tuple[int, int]:
    """What a pod of it requests: all its containers together."""
    containers = workload.inputs["spec"]["template"]["spec"]["containers"]
    each = [container["resources"]["requests"] for container in containers]
    return sum(parse_cpu(one["cpu"]) for one in each), sum(parse_bytes(one["memory"]) for one in each)


def recomputed(registrations: Registrations, queue: str, pods_per_node: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Guaranteed and maximum of a queue's executors, from the inputs of its groups: nodes times usable."""
    minimum = maximum = Resources()
    seen = set()
    for pool in registrations.of_type(POOL):
        inputs = pool.inputs
        if inputs["labels"][names.QUEUE_LABEL] != queue or inputs["identity"] in seen:
            continue
        seen.add(inputs["identity"])
        sets = [p.inputs["capacity"] for p in registrations.of_type(POOL) if p.inputs["identity"] == inputs["identity"]]
        usable = pool_usable(inputs["instanceTypes"][0], pods_per_node, inputs["diskGib"], spot="spot" in sets)
        zones = inputs["zones"].values()
        minimum += usable * sum(zone["minimum"] for zone in zones)
        maximum += usable * inputs["maximum"]
    return (minimum.cpu, minimum.memory), (maximum.cpu, maximum.memory)


def check_numbers(registrations: Registrations, pods_per_node: int) -> None:
    """The first invariant of the design, on what is registered."""
    for queue, found in queue_annotations(registrations).items():
        guaranteed, executors = recomputed(registrations, queue, pods_per_node)
        drivers = int(found[names.DRIVERS_AT_ONCE_ANNOTATION])
        history = [int(found[key]) for key in (names.HISTORY_CPU_ANNOTATION, names.HISTORY_MEMORY_ANNOTATION)]
        maximum = (
            executors[0] + drivers * int(found["elastic-spark/driver-cpu-millicores"]) + history[0],
            executors[1] + drivers * int(found["elastic-spark/driver-memory-bytes"]) + history[1],
        )
        assert amount(found[f"{YUNIKORN}/namespace.guaranteed"]) == guaranteed
        assert amount(found[f"{YUNIKORN}/namespace.quota"]) == maximum
        assert found[f"{YUNIKORN}/namespace.maxApps"] == found["elastic-spark/max-apps"]
        assert int(found["elastic-spark/max-apps"]) == drivers + (history[0] > 0)
        servers = [s for s in registrations.of_type(STATEFUL_SET) if s.inputs["metadata"]["namespace"] == queue]
        assert [requested(server) for server in servers] == [tuple(history)] * (history[0] > 0)
        assert guaranteed == (
            int(found["elastic-spark/guaranteed-cpu-millicores"]),
            int(found["elastic-spark/guaranteed-memory-bytes"]),
        )
        assert maximum == (
            int(found["elastic-spark/maximum-cpu-millicores"]),
            int(found["elastic-spark/maximum-memory-bytes"]),
        )


def node_config(template: Registration) -> str:
    """What the user data says, plain; a contract's values are known in a preview of a tenant."""
    return base64.b64decode(template.inputs["userData"]).decode()


def check_groups(registrations: Registrations) -> None:
    """Label, taint and tags say one identity; sizes are the autoscaler's; nothing else takes nodes away."""
    pools = registrations.of_type(POOL)
    for pool in pools:
        identity, queue = pool.inputs["identity"], pool.inputs["labels"][names.QUEUE_LABEL]
        assert identity.startswith(f"{queue}-")
        children = registrations.children(pool.urn)
        for group in (r for r in children if r.type == GROUP):
            found = tags(group)
            assert found[f"{NODE}/label/{names.POOL_LABEL}"] == identity
            assert found[f"{NODE}/taint/{names.POOL_LABEL}"] == f"{identity}:NoSchedule"
            assert found[f"{NODE}/label/{names.QUEUE_LABEL}"] == queue
            assert found[f"{NODE}/label/{names.CAPACITY_LABEL}"] == pool.inputs["capacity"]
            assert found[f"{NODE}/autoscaling-options/scaledownutilizationthreshold"] == "0"
            assert "desiredCapacity" not in group.inputs
            assert group.inputs["protectFromScaleIn"] is True
            assert {"AZRebalance", "AlarmNotification"} <= set(group.inputs["suspendedProcesses"])
            assert len(group.inputs["vpcZoneIdentifiers"]) == 1
            assert bool(re.search(SPOT_GROUPS, group.inputs["name"])) == (pool.inputs["capacity"] == "spot")
            if pool.inputs["capacity"] == "spot":
                assert group.inputs["minSize"] == 0
        for template in (r for r in children if r.type == TEMPLATE):
            written = node_config(template)
            assert f"{names.POOL_LABEL}={identity}" in written
            assert f'"value": "{identity}"' in written
    owned = [r.urn for pool in pools for r in registrations.children(pool.urn) if r.type == GROUP]
    assert sorted(owned) == sorted(group.urn for group in registrations.of_type(GROUP))


def check_quotas(registrations: Registrations) -> None:
    """Each pool has one, of its name, on its current generation's nodes, and of its maximum."""
    pools = {
        pool.inputs["identity"]: (pool.inputs["generation"], pool.inputs["maximum"])
        for pool in registrations.of_type(POOL)
    }
    quotas = {quota.inputs["metadata"]["name"]: quota.inputs["spec"] for quota in registrations.of_type(QUOTA)}
    assert quotas == {
        identity: {
            "selector": {"matchLabels": {names.POOL_LABEL: identity, names.GENERATION_LABEL: generation}},
            "limits": {"resources": {"nodes": maximum}},
        }
        for identity, (generation, maximum) in pools.items()
    }


def check_queues(registrations: Registrations) -> None:
    """What every queue has, and what none has."""
    assert not registrations.of_type("kubernetes:core/v1:ResourceQuota")
    assert not [r.urn for r in registrations.values() if r.type.endswith((":ClusterRole", ":ClusterRoleBinding"))]
    queues = set(queue_annotations(registrations))
    configured = registrations.of_type("kubernetes:core/v1:ConfigMap")
    assert {one.inputs["metadata"]["namespace"] for one in configured} == queues
    assert {one.inputs["metadata"]["name"] for one in configured} == {names.QUEUE_CARD}
    for registration in registrations.values():
        if registration.type.startswith("kubernetes:") and registration.type not in (NAMESPACE, QUOTA):
            assert registration.inputs["metadata"]["namespace"] in queues, registration.urn
    for namespace in registrations.of_type(NAMESPACE):
        labels = namespace.inputs["metadata"]["labels"]
        name = namespace.inputs["metadata"]["name"]
        found = namespace.inputs["metadata"]["annotations"]
        assert name.startswith(f"{labels[names.TENANT_LABEL]}-")
        assert labels[names.QUEUE_LABEL] == name
        assert found[f"{YUNIKORN}/parentqueue"] in [
            f"{root}.{labels[names.TENANT_LABEL]}" for root in ROOT_QUEUES.values()
        ]
        (deny,) = [
            r.inputs["spec"]
            for r in registrations.of_type(POLICY)
            if r.inputs["metadata"] == {"name": "default-deny", "namespace": name}
        ]
        assert deny == {"podSelector": {}, "policyTypes": ["Egress", "Ingress"]}
