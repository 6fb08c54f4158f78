"""What monitoring takes, by series and nodes."""

import pytest

from sizing import observability
from sizing.quantities import GIB, MIB


@pytest.mark.parametrize(
    ("series", "cpu", "memory"),
    [(0, 250, 512 * MIB), (40_340, 332, GIB), (180_000, 610, 2816 * MIB), (840_000, 1930, 10_496 * MIB)],
)
def test_prometheus_grows_with_its_series_in_whole_steps(series: int, cpu: int, memory: int) -> None:
    workload = observability.prometheus(series, 2)
    assert (workload.cpu, workload.memory, workload.replicas) == (cpu, memory, 2)
    assert workload.memory % (256 * MIB) == 0


@pytest.mark.parametrize(("nodes", "cpu", "memory"), [(1, 100, 257), (200, 100, 456), (4000, 2000, 4256)])
def test_kube_state_metrics_grows_with_the_nodes(nodes: int, cpu: int, memory: int) -> None:
    workload = observability.kube_state_metrics(nodes)
    assert (workload.cpu, workload.memory, workload.replicas) == (cpu, memory * MIB, 1)


def test_everything_that_runs_is_counted_once() -> None:
    def replicas(*, grafana: bool, gate: bool = False) -> dict[str, int]:
        found = observability.workloads(series=1000, max_nodes=10, replicas=2, grafana=grafana, query_gate=gate)
        return {workload.name: workload.replicas for workload in found}

    cluster = {
        "prometheus": 2,
        "alertmanager": 2,
        "prometheus-config-reloader": 4,
        "kube-state-metrics": 1,
        "prometheus-operator": 1,
    }
    assert replicas(grafana=False) == cluster
    grafana = {**cluster, "grafana": 1, "grafana-sidecar": 2}
    assert replicas(grafana=True) == grafana
    assert replicas(grafana=True, gate=True) == {**grafana, "query-gate-envoy": 2, "query-gate-label-proxy": 2}


def test_a_volume_holds_what_is_kept_and_room_to_work() -> None:
    minimum = observability.minimum_volume_gib(100_000, 15)
    written = 100_000 * 15 * 86_400 // observability.SECONDS_BETWEEN_SAMPLES * observability.BYTES_PER_SAMPLE
    assert observability.retention_size_gib(minimum) * GIB <= minimum * GIB
    assert minimum * GIB * observability.RETAINED_PERCENT / 100 >= written
    assert (minimum - 1) * GIB * observability.RETAINED_PERCENT / 100 < written


@pytest.mark.parametrize(("volume", "retained"), [(10, 8), (100, 85), (16_384, 13_926)])
def test_samples_never_fill_the_volume(volume: int, retained: int) -> None:
    assert observability.retention_size_gib(volume) == retained
