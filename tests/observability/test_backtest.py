"""What a back-test asks, on a real Prometheus: of the story, and of measurements that stop and go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from capacity.backtesting.measured import Measured
from capacity.declared import Platform, platforms
from components.observability import series
from fleet.errors import FleetError
from fleet.live.cost.period import Span
from fleet.live.cost.prometheus import Prometheus
from fleet.live.measurements import measure
from tests.observability.programs import Programs
from tests.observability.prometheus import prometheus
from tests.observability.replayed import Replayed
from tests.observability.samples import Samples
from tests.samples import ROOT

START = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
HOURS = 6
MAIN = {"tenant": "ads", "queue": "ads-batch", "pool": "ads-batch-main", "purpose": "executor"}
STRANGE = {"tenant": "other", "queue": "other-queue", "pool": "other-queue-main", "purpose": "executor"}
WAITS = [5.0 + 10 * number for number in range(20)]
"""Seconds that drivers of `ads-batch` wait, one each quarter of an hour from the third on."""


@cache
def fleet() -> list[Platform]:
    return platforms(ROOT)


def asking(address: str) -> Prometheus:
    return Prometheus(address, token=None, ca_file=None, timeout=60)


def asked(address: str, begin: float = 0, end: float = HOURS, *match: str) -> Measured:
    """Of so many hours after the start."""
    span = Span(START + timedelta(hours=begin), START + timedelta(hours=end))
    return measure(asking(address), span, fleet(), match)


def pod(found: Samples, name: str, pool: str, times: list[float], started: float, wait: float, kind: str) -> None:
    """A pod as kube-state-metrics tells of it, by two replicas."""
    for replica in "ab":
        of = {"namespace": "ads-batch", "pod": name, "uid": f"uid-{name}", "prometheus_replica": replica}
        container = {"exec": "spark-kubernetes-executor", "sidecar": "sidecar"}.get(name, "spark-kubernetes-driver")
        running = [time for time in times if started <= time]
        found.set("kube_pod_nodeselectors", {**of, "pool": pool}, times, 1)
        found.set("kube_pod_created", of, times, started - wait)
        found.set("kube_pod_info", {**of, "created_by_kind": kind}, times, 1)
        found.set("kube_pod_container_state_started", {**of, "container": container}, running, started)


def samples() -> Samples:
    """Six hours of three nodes, in the fourth of which nobody looks; a driver each quarter of the clock's hours."""
    found = Samples()
    begin = START.timestamp()
    minutes = [begin + 60 * minute for minute in range(60 * HOURS + 5)]
    seen = [time for number, time in enumerate(minutes) if not 180 < number <= 240]
    for replica in "ab":
        of = {"prometheus_replica": replica}
        for zone, nodes in (("a", 2), ("b", 1)):
            found.set(series.POOL_NODES, {**MAIN, "zone": zone, **of}, seen, nodes)
        found.set(series.POOL_NODES, {"pool": "system", "purpose": "system", "zone": "a", **of}, seen, 4)
        found.set(series.POOL_NODES, {**STRANGE, "zone": "a", **of}, seen, 9)
        # What nobody sees any more is a pool without nodes, and not one that isn't known.
        found.set(series.POOL_NODES, {**MAIN, **of}, [time for time in minutes if time not in seen], 0)
        found.set(series.POOL_NODES, {"pool": "system", "purpose": "system", **of}, set(minutes) - set(seen), 0)
    scrapes = [begin + 15 * number for number in range(240 * HOURS + 20)]
    for number, wait in enumerate(WAITS):
        started = begin + 900 * (number + 2)
        times = [time for time in scrapes if started - wait <= time < started + 5400]
        pod(found, f"job-{number}-driver", "driver", times, started, wait, "SparkApplication")
    executor, server = begin + 4000, begin + 5000
    pod(found, "exec", "ads-batch-main", [t for t in scrapes if t >= executor], executor, 500, "Pod")
    pod(found, "sidecar", "ads-batch-main", [t for t in scrapes if t >= executor], executor, 600, "Pod")
    pod(found, "history", "driver", [t for t in scrapes if t >= server], server, 900, "ReplicaSet")
    found.end_series(scrapes)
    return found


@pytest.fixture(scope="module")
def address(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("backtest")
    with prometheus(programs, folder) as server:
        server.write(samples())
        yield server.address


def test_node_hours_are_of_known_pools_for_as_long_as_somebody_looked(address: str) -> None:
    found = asked(address)
    assert found.node_hours == {("ads-batch", "main"): pytest.approx(3 * 5)}
    assert [slot.share for slot in found.slots] == pytest.approx([1, 1, 1, 0, 1, 1])
    assert found.covered == pytest.approx(5 / 6)


def test_replicas_count_once_and_one_of_them_can_be_chosen(address: str) -> None:
    one, both = asked(address, 0, HOURS, "prometheus_replica=b"), asked(address)
    assert (one.node_hours, one.waits) == (both.node_hours, both.waits)
    with pytest.raises(FleetError, match=r"has no elastic_spark:pool:nodes from "):
        asked(address, 0, HOURS, "prometheus_replica=c")


def test_each_driver_waits_once_from_its_pods_creation_to_its_container(address: str) -> None:
    """Neither executors nor history servers; drivers that run for hours, or start on the full hour, count once."""
    waits = asked(address).waits
    assert waits.keys() == {"ads-batch"}
    assert waits["ads-batch"].jobs == len(WAITS)
    assert waits["ads-batch"].p50 == pytest.approx(np.quantile(WAITS, 0.5))
    assert waits["ads-batch"].p95 == pytest.approx(np.quantile(WAITS, 0.95))


def test_parts_of_a_time_have_its_drivers_and_node_hours_between_them(address: str) -> None:
    parts = [asked(address, hour, hour + 2) for hour in (0, 2, 4)]
    assert sum(part.waits["ads-batch"].jobs or 0 for part in parts) == len(WAITS)
    assert sum(part.node_hours["ads-batch", "main"] for part in parts) == pytest.approx(3 * 5)


def test_a_time_in_which_nobody_looked_is_told(address: str) -> None:
    with pytest.raises(FleetError, match="is it the platform's Prometheus"):
        asked(address, -48, -24)


def test_in_the_story_drivers_wait_for_twelve_seconds_and_200_nodes_count(replayed: Replayed) -> None:
    """Minutes 12 to 28: 200 nodes; the small job begins at 45. Times are by the clock's minutes, hence the slack."""
    first = datetime.fromtimestamp(replayed.start, UTC).replace(second=0) + timedelta(minutes=1)

    def of(begin: float, end: float) -> Measured:
        span = Span(first + timedelta(minutes=begin), first + timedelta(minutes=end))
        return measure(asking(replayed.server.address), span, fleet())

    assert of(12, 28).node_hours["ads-batch", "main"] == pytest.approx(200 * 16 / 60)
    waits = of(0, 80).waits["ads-batch"]
    assert waits.jobs == 2
    assert (waits.p50, waits.p95) == pytest.approx((12, 12), abs=0.01)
