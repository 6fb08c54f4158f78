"""Puts applications through a real API server, as many as some weeks bring, and watches what stays of them.

They are made as an engineer makes them, end, and are deleted by their time. Where SPARK_OPERATOR_BINARY names the
operator's program, its controller does both: it finds no Spark, so that each submission fails, which is an end like
another. Elsewhere a loop does, by the operator's rule: what has ended goes `timeToLiveSeconds` later.

What was deleted is in storage until the API server compacts it: with its usual five minutes, storage would grow for the
first ten of a run, which takes about twenty.

Source of the rule: kubeflow/spark-operator v2.5.2, internal/controller/sparkapplication/controller.go, pkg/util
(IsExpired)
"""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlparse

from sizing import names
from tests import samples
from tests.cluster.api import Api, Object, RefusedError
from tests.cluster.application_shapes import application
from tests.cluster.binaries import available
from tests.cluster.cluster import OPERATOR, Cluster
from tests.cluster.control_plane import control_plane, running
from tests.cluster.pod_shapes import ENGINEER, NAMESPACE
from tests.cluster.tables import PLATFORM, TENANTS

COUNT: Final = int(os.environ.get("APPLICATIONS", "50000"))
KEPT_SECONDS: Final = int(os.environ.get("KEPT_SECONDS", "90"))
MAKERS: Final = 4
WORKERS: Final = 4
"""That delete, where the operator does not."""
SAMPLE_SECONDS: Final = 5
COMPACTION: Final = "--etcd-compaction-interval=1m"
LEVEL: Final = 1.2
"""How much more there may be in the last third of the time than in the second."""
PROGRAM: Final = "SPARK_OPERATOR_BINARY"
PROGRAM_SECONDS: Final = 24 * 3600
"""For how long the operator's token lasts, which asks for no other."""
PATH: Final = f"/apis/sparkoperator.k8s.io/v1beta2/namespaces/{NAMESPACE}/sparkapplications"
STORAGE: Final = re.compile(r"^apiserver_storage_size_bytes\{.*\} (\S+)$", re.MULTILINE)


def main() -> None:
    """Print how many objects and how much storage there were, third by third; the exit code says if they level off."""
    with ExitStack() as stack:
        cluster = Cluster(stack.enter_context(control_plane(available(), api_server=[COMPACTION])))
        cluster.deploy(samples.platform_registrations(PLATFORM), [samples.sample_registrations(one) for one in TENANTS])
        program = os.environ.get(PROGRAM, "")
        objects: list[int] = []
        storage: list[float] = []
        stack.enter_context(_again_and_again(lambda: _sample(cluster.admin, objects, storage), SAMPLE_SECONDS))
        if program:
            stack.enter_context(_operator(cluster, Path(program)))
        else:
            stack.enter_context(_again_and_again(lambda: _delete_expired(_operating(cluster)), SAMPLE_SECONDS))
        began = time.monotonic()
        refused = sum(_put_through(cluster, by_itself=bool(program)))
        took = time.monotonic() - began
    by = "the operator's controller" if program else "a loop with the operator's rule"
    print(f"{COUNT} applications in {took:.0f} s, kept for {KEPT_SECONDS} s, deleted by {by}; {refused} refused")
    level = [_thirds("objects", objects), _thirds("bytes of storage", storage)]
    sys.exit(0 if all(level) and not refused else 1)


def _put_through(cluster: Cluster, *, by_itself: bool) -> Iterator[int]:
    engineer, operator = cluster.acting(ENGINEER), _operating(cluster)
    thing = application(timeToLiveSeconds=KEPT_SECONDS)

    def one(_: int) -> int:
        try:
            made = engineer.create(thing)
            if not by_itself:
                _end(operator, made)
        except RefusedError as error:
            print(error)
            return 1
        return 0

    with ThreadPoolExecutor(MAKERS) as makers:
        yield from makers.map(one, range(COUNT))


def _operating(cluster: Cluster) -> Api:
    """The API as the operator's account, for longer than a token of it lasts."""
    account = f"system:serviceaccount:{OPERATOR.namespace}:{OPERATOR.name}"
    return cluster.admin.as_user(account, ("system:serviceaccounts", f"system:serviceaccounts:{OPERATOR.namespace}"))


def _end(api: Api, made: Object) -> None:
    """Say that it has ended, as the operator does."""
    status = {"applicationState": {"state": "COMPLETED"}, "terminationTime": datetime.now(UTC).isoformat()}
    api.request("PUT", f"{PATH}/{made['metadata']['name']}/status", {**made, "status": status})


def _delete_expired(api: Api) -> None:
    now = datetime.now(UTC)
    # As an informer reads: all of it, from the API server's cache, where nothing is compacted away meanwhile.
    found = api.request("GET", PATH, resourceVersion="0")

    def has_expired(item: Object) -> bool:
        ended = item.get("status", {}).get("terminationTime")
        kept: int = item["spec"]["timeToLiveSeconds"]
        return bool(ended) and (now - datetime.fromisoformat(ended)).total_seconds() > kept

    def delete(item: Object) -> None:
        try:
            api.request("DELETE", f"{PATH}/{item['metadata']['name']}")
        except RefusedError as error:
            if error.code != 404:
                raise

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(delete, filter(has_expired, found["items"])))


def _sample(api: Api, objects: list[int], storage: list[float]) -> None:
    found = api.request("GET", PATH, limit="1")
    objects.append(len(found["items"]) + found["metadata"].get("remainingItemCount", 0))
    # A busy API server answers without it at times.
    storage.extend(map(float, STORAGE.findall(api.request("GET", "/metrics"))[:1]))


def _thirds(what: str, found: list[int] | list[float]) -> bool:
    size = len(found) // 3
    first, second, last = (statistics.median(found[start * size : (start + 1) * size] or [0]) for start in range(3))
    print(f"{what}: {first:.0f}, {second:.0f}, {last:.0f} in the thirds of the time; at most {max(found):.0f}")
    return last <= LEVEL * second


@contextmanager
def _again_and_again(what: Callable[[], None], seconds: float) -> Iterator[None]:
    """Does something in a thread of its own, with pauses, until this is left; a failure of it ends the program."""
    ending = threading.Event()

    def loop() -> None:
        while not ending.wait(seconds):
            what()

    with ThreadPoolExecutor(1) as thread:
        running_loop = thread.submit(loop)
        try:
            yield
        finally:
            ending.set()
            running_loop.result()


@contextmanager
def _operator(cluster: Cluster, program: Path) -> Iterator[None]:
    """The operator's controller with its account's rights, and without a Spark.

    Raises:
        StartError: it did not start.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        token = cluster.admin.token(OPERATOR.namespace, OPERATOR.name, seconds=PROGRAM_SECONDS)
        server = {"server": cluster.plane.server, "certificate-authority": str(cluster.plane.authority)}
        here = {"cluster": "test", "user": "test"}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": server}],
            "users": [{"name": "test", "user": {"token": token}}],
            "contexts": [{"name": "test", "context": here}],
            "current-context": "test",
        }
        (folder / "kubeconfig").write_text(json.dumps(config))
        address = urlparse(cluster.plane.server)
        os.environ |= {
            "SPARK_HOME": name,
            "KUBERNETES_SERVICE_HOST": str(address.hostname),
            "KUBERNETES_SERVICE_PORT": str(address.port),
        }
        command = [
            str(program),
            "controller",
            "start",
            f"--kubeconfig={folder / 'kubeconfig'}",
            f"--namespace-selector={names.QUEUE_LABEL}",
            "--kube-api-qps=1000",
            "--kube-api-burst=2000",
            "--workqueue-ratelimiter-bucket-qps=1000",
            "--workqueue-ratelimiter-bucket-size=10000",
            "--workqueue-ratelimiter-max-delay=2s",
            "--enable-ui-service=false",
            "--health-probe-bind-address=0",
        ]
        with running(command, folder / "spark-operator.log"):
            yield


if __name__ == "__main__":
    main()
