import pytest

from sizing import daemonsets, system
from sizing.instances import instance
from sizing.nodes import Resources, allocatable, usable
from sizing.quantities import GIB, MIB
from sizing.system import Workload


@pytest.mark.parametrize(
    ("max_nodes", "cpu", "memory"), [(1, 500, GIB), (500, 2000, 4000 * MIB), (2000, 8000, 16000 * MIB)]
)
def test_the_scheduler_grows_with_the_cluster(max_nodes: int, cpu: int, memory: int) -> None:
    assert system.scheduler(max_nodes) == Workload(name="yunikorn-scheduler", replicas=1, cpu=cpu, memory=memory)


@pytest.mark.parametrize(
    ("max_nodes", "cpu", "memory"), [(1, 250, 512 * MIB), (500, 500, 1000 * MIB), (2000, 1000, 4000 * MIB)]
)
def test_the_autoscaler_grows_with_the_cluster(max_nodes: int, cpu: int, memory: int) -> None:
    assert system.autoscaler(max_nodes) == Workload(name="cluster-autoscaler", replicas=2, cpu=cpu, memory=memory)


@pytest.mark.parametrize(("workers", "cpu", "memory"), [(1, 500, 1408 * MIB), (30, 3750, 12544 * MIB)])
def test_the_operator_grows_with_its_workers(workers: int, cpu: int, memory: int) -> None:
    workload = system.operator(workers)
    assert (workload.cpu, workload.memory) == (cpu, memory)


@pytest.mark.parametrize(("max_nodes", "cpu", "memory"), [(5, 100, 200 * MIB), (500, 500, 1000 * MIB)])
def test_metrics_server_is_counted_by_what_it_takes(max_nodes: int, cpu: int, memory: int) -> None:
    workload = system.metrics_server(max_nodes)
    assert (workload.cpu, workload.memory) == (cpu, memory)


def test_everything_that_runs_on_the_system_pool_is_counted_once() -> None:
    named = {w.name: w for w in system.workloads(max_nodes=500, operator_workers=30, dns_replicas=12)}
    assert sorted(named) == [
        "cilium-operator",
        "cluster-autoscaler",
        "coredns",
        "ebs-csi-controller",
        "fluent-bit-events",
        "metrics-server",
        "spark-operator-controller",
        "spark-operator-webhook",
        "yunikorn-admission-controller",
        "yunikorn-scheduler",
        "yunikorn-web",
    ]
    assert named["coredns"].replicas == 12
    assert named["yunikorn-scheduler"] == system.scheduler(500)


def test_totals_count_every_replica() -> None:
    workloads = (
        Workload(name="a", replicas=2, cpu=100, memory=MIB),
        Workload(name="b", replicas=1, cpu=50, memory=GIB),
    )
    assert system.total(workloads) == Resources(cpu=250, memory=GIB + 2 * MIB, pods=3)


@pytest.mark.parametrize(
    ("usable_node", "nodes"),
    [
        (Resources(cpu=1000, memory=100 * GIB, pods=100), 5),
        (Resources(cpu=100_000, memory=2 * GIB, pods=100), 3),
        (Resources(cpu=100_000, memory=100 * GIB, pods=1), 5),
    ],
)
def test_the_scarcest_resource_decides_how_many_nodes_are_needed(usable_node: Resources, nodes: int) -> None:
    assert system.nodes_for((Workload(name="a", replicas=4, cpu=1000, memory=GIB),), usable_node) == nodes


def test_three_zones_of_two_large_nodes_hold_a_platform_of_500_nodes() -> None:
    node = usable(allocatable(instance("m7i.2xlarge"), 58, 100), daemonsets.AWS_DAEMON_SETS)
    workloads = system.workloads(max_nodes=500, operator_workers=30, dns_replicas=12)
    assert system.nodes_for(workloads, node) <= 6


def test_a_spot_node_carries_the_handler_beside_what_every_node_carries() -> None:
    assert set(daemonsets.SPOT_DAEMON_SETS) - set(daemonsets.AWS_DAEMON_SETS) == {daemonsets.TERMINATION_HANDLER}
    overhead = sum((d.resources for d in daemonsets.AWS_DAEMON_SETS), start=Resources())
    assert (overhead.cpu, overhead.memory, overhead.pods) == (380, 632 * MIB, 6)


@pytest.mark.parametrize(
    ("nodes", "system_nodes", "replicas"), [(1, 1, 2), (32, 6, 2), (33, 6, 3), (500, 6, 12), (500, 40, 32)]
)
def test_dns_replicas_follow_nodes_up_to_two_for_each_system_node(nodes: int, system_nodes: int, replicas: int) -> None:
    assert system.dns_replicas(nodes, system_nodes) == replicas
