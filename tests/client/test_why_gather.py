"""What is looked at in the cluster to tell why a job failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from skate.aio import AsyncClient
from skate.async_job import AsyncJob
from skate.cluster import Cluster
from skate.errors import NotAllowedError
from skate.why import Kind, cause_of
from skate.why.gather import MOST_EVENTS_OF, gather
from skate.why.past import DRIVER_LINES

from tests.client.endings import ending


class RecordedCluster:
    """A cluster that has what is left of one job.

    Attributes:
        asked: the objects whose events were asked for.
        read: the logs that were read, each with its container and how many lines.
    """

    def __init__(self, found: dict[str, Any], *, gone: bool = False, forbidden: bool = False) -> None:
        self.found = found
        self.gone = gone
        self.forbidden = forbidden
        self.asked: list[str] = []
        self.read: list[tuple[str, str, int | None]] = []

    async def application(self, namespace: str, name: str) -> dict[str, Any] | None:
        """The application, if it isn't gone."""
        assert (namespace, name) == ("ads-batch", self.found["application"]["metadata"]["name"])
        return None if self.gone else self.found["application"]

    async def pods(self, namespace: str, selector: dict[str, str]) -> list[dict[str, Any]]:
        """Those that are left."""
        assert selector == {"sparkoperator.k8s.io/app-name": self.found["application"]["metadata"]["name"]}
        return [] if self.gone else self.found["pods"]

    async def events_of(self, namespace: str, name: str) -> list[dict[str, Any]]:
        """Those of one object."""
        self.asked.append(name)
        return [event for event in self.found["events"] if event["involvedObject"]["name"] == name]

    async def log(
        self, namespace: str, pod: str, container: str, *, follow: bool, tail: int | None
    ) -> AsyncIterator[str]:
        """The recorded log."""
        assert not follow
        self.read.append((pod, container, tail))
        if self.forbidden:
            raise NotAllowedError("You may not read logs.", "An owner of the tenant can let you.")
        key = pod if container.startswith("spark-kubernetes") else f"{pod}/{container}"
        for line in self.found["logs"].get(key, ()):
            yield line


def job(cluster: RecordedCluster) -> AsyncJob:
    """The job of a recorded cluster."""
    client = AsyncClient(cluster=cast("Cluster", cluster))
    return AsyncJob(client, cluster.found["application"])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("executor-killed", Kind.EXECUTOR_MEMORY),
        ("secret-unreadable", Kind.SECRET),
        ("package-missing", Kind.DEPENDENCY),
        ("no-capacity", Kind.CAPACITY),
    ],
)
def test_a_job_tells_why(name: str, kind: Kind) -> None:
    assert asyncio.run(job(RecordedCluster(ending(name))).why()).kind is kind


def test_the_driver_s_log_and_that_of_an_init_container_are_read_from_their_ends() -> None:
    cluster = RecordedCluster(ending("secret-unreadable"))
    asyncio.run(job(cluster).why())
    assert ("lake-driver", "spark-kubernetes-driver", DRIVER_LINES) in cluster.read
    assert ("lake-driver", "elastic-spark-secrets") in [(pod, container) for pod, container, _ in cluster.read]


def test_logs_that_may_not_be_read_are_left_out() -> None:
    cluster = RecordedCluster(ending("executor-killed"), forbidden=True)
    assert asyncio.run(job(cluster).why()).kind is Kind.EXECUTOR_MEMORY


def test_a_job_that_is_gone_while_it_ran_was_stopped() -> None:
    found = ending("no-capacity")
    assert asyncio.run(job(RecordedCluster(found, gone=True)).why()).kind is Kind.STOPPED


def test_a_job_that_ended_and_is_gone_is_told_by_what_is_known_of_it() -> None:
    found = ending("package-missing")
    assert asyncio.run(job(RecordedCluster(found, gone=True)).why()).kind is Kind.DEPENDENCY


def test_of_hundreds_of_executors_that_failed_few_are_asked_for() -> None:
    found = ending("executor-killed")
    found["application"]["status"]["executorState"] = {f"etl-exec-{number}": "FAILED" for number in range(400)}
    cluster = RecordedCluster(found)
    asyncio.run(gather(cast("Cluster", cluster), found["application"]))
    assert len(cluster.asked) == MOST_EVENTS_OF + 2


def test_the_log_of_a_driver_whose_pod_is_gone_is_read_where_it_is_kept() -> None:
    found = ending("driver-heap")
    (driver,) = [name for name in found["logs"] if name.endswith("-driver")]
    lines = found["logs"].pop(driver)
    found["pods"] = []
    found["application"]["status"] |= {"sparkApplicationId": "spark-1", "driverInfo": {"podName": driver}}
    asked = []

    async def kept(application_id: str) -> tuple[str, ...]:
        asked.append(application_id)
        return tuple(lines)

    evidence = asyncio.run(gather(cast("Cluster", RecordedCluster(found)), found["application"], kept))
    assert asked == ["spark-1"]
    assert cause_of(evidence).kind is Kind.DRIVER_HEAP


def test_where_no_log_is_kept_of_it_the_rest_tells() -> None:
    found = ending("driver-node-gone")
    found["application"]["status"]["sparkApplicationId"] = "spark-1"

    async def kept(_: str) -> tuple[str, ...]:
        raise NotAllowedError("You may not read logs.", "An owner of the tenant can let you.")

    evidence = asyncio.run(gather(cast("Cluster", RecordedCluster(found)), found["application"], kept))
    assert cause_of(evidence).kind is Kind.NODE_LOST
