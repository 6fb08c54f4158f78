"""Times a real API server: its start, pods with and without the admission policies, and the objects of many tenants.

`make bench-cluster` runs it. What the figures may be at most is in LIMITS; the exit code says whether they are.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from tests import samples
from tests.cluster.api import Api, Object
from tests.cluster.binaries import available
from tests.cluster.cluster import TENANT_DEPLOYER, Cluster
from tests.cluster.control_plane import control_plane
from tests.cluster.objects import apply_all, objects_of
from tests.cluster.pod_shapes import DRIVER, NAMESPACE, executor
from tests.cluster.rules import policies
from tests.cluster.tables import PLATFORM, TENANTS

STARTS: Final = 3
PODS: Final = 1000
WARM_UP: Final = 100
GENERATED_TENANTS: Final = 200
PIPELINES: Final = 4
"""So many tenants are deployed side by side."""
LIMITS: Final = {
    "a running control plane, seconds": 20.0,
    "p50 of creating a pod, with policies over without": 1.15,
    "objects of 200 generated tenants, seconds": 300.0,
    "of these refused": 0.0,
}


@dataclass(frozen=True)
class Figure:
    """A number, and how it came about."""

    what: str
    value: float
    detail: str

    @property
    def kept(self) -> bool:
        """Whether it is within its limit."""
        return self.value <= LIMITS[self.what]


def starts() -> Figure:
    """From cached binaries until the API server and the controllers say that they are ready."""
    seconds = []
    for _ in range(STARTS):
        began = time.perf_counter()
        with control_plane(available()):
            seconds.append(time.perf_counter() - began)
    detail = f"median of {STARTS}, {min(seconds):.1f} to {max(seconds):.1f}"
    return Figure("a running control plane, seconds", statistics.median(seconds), detail)


def pods() -> Figure:
    """Executors, as drivers make them, on two control planes of which one has no policies, by turns."""
    with _platform() as guarded, _platform() as bare:
        _remove_policies(bare)
        apis = {"with": guarded.acting(DRIVER), "without": bare.acting(DRIVER)}
        seconds: dict[str, list[float]] = {name: [] for name in apis}
        for turn in range(WARM_UP + PODS):
            # Whoever is first in a turn finds other caches: they take turns in that too.
            for name in sorted(apis, reverse=bool(turn % 2)):
                took = _timed(apis[name], executor())
                if turn >= WARM_UP:
                    seconds[name].append(took)
    medians = {name: 1000 * statistics.median(found) for name, found in seconds.items()}
    detail = f"{medians['with']:.2f} ms over {medians['without']:.2f} ms, {PODS} pods each, by turns"
    return Figure("p50 of creating a pod, with policies over without", medians["with"] / medians["without"], detail)


def tenants() -> Iterator[Figure]:
    """The objects of generated tenants, each applied in its order, several tenants side by side."""
    stacks = [objects_of(samples.tenant_plan(_generated(number))) for number in range(GENERATED_TENANTS)]
    with _platform() as cluster, ThreadPoolExecutor(PIPELINES) as pipelines:
        api = cluster.acting(TENANT_DEPLOYER)
        began = time.perf_counter()
        refused = [text for texts in pipelines.map(lambda things: apply_all(api, things), stacks) for text in texts]
        took = time.perf_counter() - began
    count = sum(map(len, stacks))
    yield Figure(f"objects of {GENERATED_TENANTS} generated tenants, seconds", took, f"{count} objects")
    yield Figure("of these refused", len(refused), "; ".join(refused[:3]))


@contextmanager
def _platform() -> Iterator[Cluster]:
    with ExitStack() as stack:
        cluster = Cluster(stack.enter_context(control_plane(available())))
        cluster.deploy(samples.platform_plan(PLATFORM), [samples.sample_plan(tenant) for tenant in TENANTS])
        if cluster.refused:
            raise RuntimeError("refused: " + "; ".join(cluster.refused))
        yield cluster


def _remove_policies(cluster: Cluster) -> None:
    """Also lowers the Pod Security level of the queue, which pods only keep once the policies have completed them."""
    for policy in policies(cluster.admin):
        cluster.admin.delete({**policy, "kind": f"{policy['kind']}Binding"})
        cluster.admin.delete(policy)
    cluster.canary.settle()
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    level = {"pod-security.kubernetes.io/enforce": "baseline"}
    cluster.admin.merge(namespace, {"metadata": {"labels": level}})


def _timed(api: Api, pod: Object) -> float:
    began = time.perf_counter()
    api.create(pod)
    return time.perf_counter() - began


def _generated(number: int) -> dict[str, Any]:
    """The settings of a tenant like one of the samples, with a name of its own."""
    settings = samples.tenant(TENANTS[number % len(TENANTS)])
    return samples.changed(settings, "name", f"t{number:03}")


def main() -> None:
    """Print the table that docs/benchmarks.md keeps a copy of."""
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("what", "found", "at most", "how"):
        table.add_column(column, justify="right" if column in ("found", "at most") else "left")
    figures = [starts(), pods(), *tenants()]
    for figure in figures:
        table.add_row(figure.what, f"{figure.value:.2f}", f"{LIMITS[figure.what]:g}", figure.detail)
    console = Console()
    console.print(table)
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs")
    sys.exit(0 if all(figure.kept for figure in figures) else 1)


if __name__ == "__main__":
    main()
