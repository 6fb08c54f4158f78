"""A platform whose software works: submitted jobs are scheduled, run and end, as far as a test plays their programs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final, TypeVar

from tests import samples
from tests.cluster.api import Object, RefusedError
from tests.cluster.binaries import Binaries
from tests.cluster.cluster import Account, Cluster
from tests.cluster.control_plane import control_plane
from tests.cluster.operator_webhook import operator_webhook
from tests.cluster.spark import Spark
from tests.end_to_end.executors import executor_of, properties_of
from tests.end_to_end.kubelets import Kubelets, kubelets
from tests.end_to_end.nodes import nodes_of
from tests.end_to_end.operator import operator_controller
from tests.end_to_end.programs import Programs
from tests.end_to_end.yunikorn import yunikorn

PLATFORM: Final = "platform-dev"
TENANT: Final = "ads-dev"
QUEUE: Final = "ads-batch"
DRIVER: Final = Account(QUEUE, "spark-driver")
HISTORY: Final = "spark-history-0"
NAME: Final = "sparkoperator.k8s.io/app-name"
JOB_ID: Final = "elastic-spark/job-id"
SECONDS: Final = 240
"""For what is waited for: a submission alone takes seconds of both cores."""
T = TypeVar("T")


class Platform:
    """A running platform with one queue, in which one job runs at a time.

    Attributes:
        cluster: where it is.
        kubelets: run its pods.
    """

    def __init__(self, cluster: Cluster, kubelets: Kubelets) -> None:
        self.cluster = cluster
        self.kubelets = kubelets

    def applications(self) -> list[Object]:
        """Those of the queue."""
        found = self.cluster.admin.items("sparkoperator.k8s.io/v1beta2", "SparkApplication", QUEUE)
        return [{"apiVersion": "sparkoperator.k8s.io/v1beta2", "kind": "SparkApplication", **each} for each in found]

    def pods(self, job: str, role: str | None = None) -> list[Object]:
        """A job's pods, all or those of a role."""
        selector = f"{NAME}={job}" + (f",spark-role={role}" if role else "")
        return [_pod(each) for each in self.cluster.admin.items("v1", "Pod", QUEUE, labelSelector=selector)]

    def driver(self, job: str) -> Object | None:
        """A job's driver, if it is there."""
        return next(iter(self.pods(job, "driver")), None)

    def running_driver(self, job: str) -> Object:
        """A job's driver, once it runs."""

        def running() -> Object | None:
            found = self.driver(job)
            return found if found and found["status"].get("phase") == "Running" else None

        return self.eventually(running, f"the driver of {job} runs")

    def says(self, job: str, *lines: str) -> None:
        """A job's driver prints lines."""
        self.kubelets.log(QUEUE, f"{job}-driver", *lines)

    def makes_executors(self, driver: Object, count: int) -> list[Object]:
        """A driver makes executors, which then run."""
        as_driver = self.cluster.acting(DRIVER)
        properties = self._properties(driver)
        made = [as_driver.create(executor_of(driver, properties, number)) for number in range(1, count + 1)]
        job = driver["metadata"]["labels"][NAME]

        def run() -> bool:
            found = self.pods(job, "executor")
            return len(found) == count and all(pod["status"].get("phase") == "Running" for pod in found)

        self.eventually(run, f"the executors of {job} run")
        return made

    def ends(self, driver: Object, code: int = 0) -> None:
        """A driver lets its executors go, and ends."""
        as_driver = self.cluster.acting(DRIVER)
        for executor in self.pods(driver["metadata"]["labels"][NAME], "executor"):
            as_driver.delete(executor)
        self.kubelets.end(driver, code)

    def is_empty(self) -> None:
        """Remove all jobs, and wait until their pods are gone."""
        for application in self.applications():
            self.cluster.remove(application)
        self.eventually(
            lambda: not self.cluster.admin.items("v1", "Pod", QUEUE, labelSelector="spark-role"), "the queue is empty"
        )

    def eventually(self, found: Callable[[], T | None], what: str) -> T:
        """What is found once it is there. Raises TimeoutError, with the pods of the queue."""
        end = time.monotonic() + SECONDS
        while not (there := found()):
            if time.monotonic() > end:
                raise TimeoutError(f"not so after {SECONDS} s: {what}; {self._state()}")
            time.sleep(0.2)
        return there

    def _properties(self, driver: Object) -> dict[str, str]:
        volumes = driver["spec"]["volumes"]
        name = next(each["configMap"]["name"] for each in volumes if each["name"] == "spark-conf-volume-driver")
        metadata = {"namespace": QUEUE, "name": name}
        found = self.cluster.admin.read({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
        return properties_of(found["data"]["spark.properties"])

    def _state(self) -> dict[str, Any]:
        pods = self.cluster.admin.items("v1", "Pod", QUEUE)
        return {
            "applications": {each["metadata"]["name"]: each.get("status") for each in self.applications()},
            "pods": {each["metadata"]["name"]: each["status"] for each in pods},
        }


@contextmanager
def platform(programs: Programs, binaries: Binaries, spark: Spark) -> Iterator[Platform]:
    """The sample platform with its tenant `ads`, whose queue runs one job at a time, and all of its software.

    Raises:
        StartError: a part of it did not start.
        TimeoutError: a part of it doesn't work.
    """
    registered = samples.platform_registrations(PLATFORM)
    tenant = samples.tenant_registrations(samples.changed(samples.tenant(TENANT), "queues.batch.drivers.atOnce", 1))
    with ExitStack() as stack:
        cluster = Cluster(stack.enter_context(control_plane(binaries)))
        cluster.deploy(registered, [])
        nodes = [*nodes_of(registered, 1), *nodes_of(tenant, 2)]
        there = Platform(cluster, stack.enter_context(kubelets(cluster, programs.kwok, nodes)))
        stack.enter_context(yunikorn(cluster, registered, programs.scheduler, programs.admission))
        stack.enter_context(operator_webhook(cluster, programs.operator))
        stack.enter_context(operator_controller(cluster, registered, programs.operator, spark))
        cluster.deploy(registered, [tenant])
        if cluster.refused:
            raise RuntimeError("; ".join(cluster.refused))
        # Both count as the queue's applications, and come first, as in a queue that has been there for a while.
        there.eventually(lambda: _runs(cluster, HISTORY), "the history server runs")
        there.kubelets.end(there.eventually(lambda: _of_a_job(cluster), "a pod tells YuniKorn of the queue"))
        yield there


def _runs(cluster: Cluster, name: str) -> bool:
    try:
        found = cluster.admin.read(_pod({"metadata": {"name": name, "namespace": QUEUE}}))
    except RefusedError:
        return False
    return bool(found["status"].get("phase") == "Running")


def _of_a_job(cluster: Cluster) -> Object | None:
    """The pod of the queue that a Job made, if it runs."""
    found = cluster.admin.items("v1", "Pod", QUEUE, labelSelector="batch.kubernetes.io/job-name")
    return next((_pod(each) for each in found if each["status"].get("phase") == "Running"), None)


def _pod(found: Object) -> Object:
    return {"apiVersion": "v1", "kind": "Pod", **found}
