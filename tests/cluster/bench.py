"""Times a real API server: its start, pods with and without the admission policies, and the objects of many tenants.

`make bench-cluster` runs it. What the figures may be at most is in LIMITS; the exit code says whether they are.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from pydantic.alias_generators import to_camel
from rich import box
from rich.console import Console
from rich.table import Table

from components.admission.pod_variables import NEW_PODS
from components.admission.policy import (
    AdmissionRule,
    MutatingPolicy,
    Mutation,
    ValidatingPolicy,
    mutating_spec,
    validating_spec,
)
from tests import samples
from tests.cluster.binaries import available
from tests.cluster.cluster import TENANT_DEPLOYER, Cluster
from tests.cluster.control_plane import control_plane
from tests.cluster.objects import apply_all, objects_of
from tests.cluster.pod_shapes import DRIVER, NAMESPACE, driver, executor, owner
from tests.cluster.rules import MUTATING, VALIDATING, policies
from tests.cluster.settling import GROUP
from tests.cluster.tables import PLATFORM, TENANTS

STARTS: Final = 3
PODS: Final = 1000
WARM_UP: Final = 100
GENERATED_TENANTS: Final = 200
PIPELINES: Final = 4
"""So many tenants are deployed side by side."""
OVER: Final = "p50 of creating a pod, with policies over without"
MINIMUM: Final = "the same, with one policy that adds a label and one that asks for nothing"
"""What any policies cost that change pods and then decide on them: the API server's own part."""
LIMITS: Final = {
    "a running control plane, seconds": 20.0,
    OVER: 1.15,
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
    def limit(self) -> float | None:
        """What it may be at most, if that is said."""
        return LIMITS.get(self.what)

    @property
    def kept(self) -> bool:
        """Whether it is within its limit."""
        return self.limit is None or self.value <= self.limit


def starts() -> Figure:
    """From cached binaries until the API server and the controllers say that they are ready."""
    seconds = []
    for _ in range(STARTS):
        began = time.perf_counter()
        with control_plane(available()):
            seconds.append(time.perf_counter() - began)
    detail = f"median of {STARTS}, {min(seconds):.1f} to {max(seconds):.1f}"
    return Figure("a running control plane, seconds", statistics.median(seconds), detail)


def pods() -> Iterator[Figure]:
    """Executors, as drivers make them, on control planes with the policies, with none, and with the least, by turns."""
    with ExitStack() as stack:
        planes = {name: stack.enter_context(_platform(as_in_production=True)) for name in ("least", "with", "without")}
        _remove_policies(planes["without"])
        _put_least(planes["least"])
        makers = {name: _executors(plane) for name, plane in planes.items()}
        seconds: dict[str, list[float]] = {name: [] for name in makers}
        for turn in range(WARM_UP + PODS):
            # Whoever is first in a turn finds other caches: they take turns in that too.
            for name in sorted(makers, reverse=bool(turn % 2)):
                took = makers[name]()
                if turn >= WARM_UP:
                    seconds[name].append(took)
    medians = {name: 1000 * statistics.median(found) for name, found in seconds.items()}
    for name, what in ((OVER, "with"), (MINIMUM, "least")):
        detail = f"{medians[what]:.2f} ms over {medians['without']:.2f} ms, {PODS} pods each, by turns"
        yield Figure(name, medians[what] / medians["without"], detail)


def tenants() -> Iterator[Figure]:
    """The objects of generated tenants, each applied in its order, several tenants side by side."""
    stacks = [objects_of(samples.tenant_registrations(_generated(number))) for number in range(GENERATED_TENANTS)]
    with _platform() as cluster, ThreadPoolExecutor(PIPELINES) as pipelines:
        api = cluster.acting(TENANT_DEPLOYER)
        began = time.perf_counter()
        refused = [text for texts in pipelines.map(lambda things: apply_all(api, things), stacks) for text in texts]
        took = time.perf_counter() - began
    count = sum(map(len, stacks))
    yield Figure(f"objects of {GENERATED_TENANTS} generated tenants, seconds", took, f"{count} objects")
    yield Figure("of these refused", len(refused), "; ".join(refused[:3]))


@contextmanager
def _platform(*, as_in_production: bool = False) -> Iterator[Cluster]:
    with ExitStack() as stack:
        cluster = Cluster(stack.enter_context(control_plane(available(), as_in_production=as_in_production)))
        cluster.deploy(
            samples.platform_registrations(PLATFORM), [samples.sample_registrations(tenant) for tenant in TENANTS]
        )
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


def _put_least(cluster: Cluster) -> None:
    """In the place of the policies, one of each kind that does next to nothing about pods."""
    _remove_policies(cluster)
    label = "[JSONPatch{op: 'add', path: '/metadata/labels/tests', value: 'least'}]"
    placement = MutatingPolicy(name="least-placement", match=NEW_PODS, mutations=(Mutation("label", label),))
    guard = ValidatingPolicy(name="least-guard", match=NEW_PODS, rules=(AdmissionRule("nothing", "true", "nothing"),))
    for kind, name, spec, action in (
        (MUTATING, placement.name, mutating_spec(placement), {}),
        (VALIDATING, guard.name, validating_spec(guard), {"validationActions": ["Deny"]}),
    ):
        policy = {"apiVersion": GROUP, "kind": kind, "metadata": {"name": name}}
        cluster.admin.create({**policy, "spec": _as_json(spec)})
        cluster.admin.create({**policy, "kind": f"{kind}Binding", "spec": {"policyName": name, **action}})
    cluster.canary.settle()


def _as_json(value: Any) -> Any:  # noqa: ANN401
    """A spec with the names of its fields as Kubernetes writes them, which Pulumi otherwise sees to."""
    if isinstance(value, dict):
        return {to_camel(key): _as_json(each) for key, each in value.items()}
    return [_as_json(each) for each in value] if isinstance(value, list) else value


def _executors(cluster: Cluster) -> Callable[[], float]:
    """Makes one executor of a driver that is there, without which the garbage collector would come in between.

    It gives the seconds that this took.
    """
    api = cluster.acting(DRIVER)
    owning = api.create(driver())["metadata"]
    pod = executor(owners=[owner(owning["uid"], name=owning["name"])])

    def make() -> float:
        began = time.perf_counter()
        api.create(pod)
        return time.perf_counter() - began

    return make


def _generated(number: int) -> dict[str, Any]:
    """The settings of a tenant like one of the samples, with a name of its own."""
    settings = samples.tenant(TENANTS[number % len(TENANTS)])
    return samples.changed(settings, "name", f"t{number:03}")


def main() -> None:
    """Print the table that docs/benchmarks.md keeps a copy of."""
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("what", "found", "at most", "how"):
        table.add_column(column, justify="right" if column in ("found", "at most") else "left")
    figures = [starts(), *pods(), *tenants()]
    for figure in figures:
        limit = "" if figure.limit is None else f"{figure.limit:g}"
        table.add_row(figure.what, f"{figure.value:.2f}", limit, figure.detail)
    console = Console()
    console.print(table)
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs")
    sys.exit(0 if all(figure.kept for figure in figures) else 1)


if __name__ == "__main__":
    main()
