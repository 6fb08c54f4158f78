"""What a job might do to have more of its queue than others, and what its queue lets it do.

The sample queue `research-explore` has a lane for backfill, an order of `fair` and 24 executors a job; `ads-batch` has
none of these.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_pods_placement import spec
from tests.cluster.attempts import Attempt, Case, Completion, Create
from tests.cluster.cluster import SCHEDULER, Account, User, Who
from tests.cluster.completions import at, conf
from tests.cluster.pod_shapes import DRIVER, ENGINEER, driver, executor, placeholder

SHARED: Final = "research-explore"
SCIENTIST: Final = User("scientist", ("elastic-spark:research:submitter",))
SHARED_DRIVER: Final = Account(SHARED, "spark-driver")
LANE: Final = "elastic-spark/lane"
BACKFILL: Final = {LANE: "backfill"}
GANG: Final = {"elastic-spark/gang": "true"}
IN_BACKFILL: Final = ["elastic-spark-backfill", -5, "Never"]
AS_OTHERS: Final = ["elastic-spark-job", 0, "Never"]
A_JOB: Final = 24
MAXIMUM: Final = "spark.dynamicAllocation.maxExecutors"
PRIORITY: Final = spec("priorityClassName", "priority", "preemptionPolicy")


def shared(thing: Object) -> Object:
    """The same in the queue `research-explore`."""
    moved = copy.deepcopy(thing)
    moved["metadata"]["namespace"] = SHARED
    return moved


def _labelled(thing: Object, labels: Mapping[str, str]) -> Object:
    moved = copy.deepcopy(thing)
    moved["metadata"]["labels"] = {**moved["metadata"].get("labels", {}), **labels}
    return moved


def _classes() -> Iterator[Case]:
    for name, pod, who in (("an executor", executor, DRIVER), ("a driver", driver, DRIVER)):
        yield Attempt(
            name=f"{name} in the lane of a queue that has none",
            who=who,
            does=Create(pod(labels=BACKFILL)),
            rule="lane",
            twin=Create(shared(pod(labels=BACKFILL))),
            twin_who=SHARED_DRIVER,
        )
    yield Attempt(
        name="an executor in a lane that nobody has",
        who=SHARED_DRIVER,
        does=Create(shared(executor(labels={LANE: "express"}))),
        rule="lane",
        twin=Create(shared(executor(labels=BACKFILL))),
    )
    for name, labels, wrong in (
        ("the class of backfill without its label", {}, "elastic-spark-backfill"),
        ("the class of others in the lane for backfill", BACKFILL, "elastic-spark-job"),
        ("the system's class in the lane for backfill", BACKFILL, "system-node-critical"),
    ):
        yield Attempt(
            name=f"an executor with {name}",
            who=SHARED_DRIVER,
            does=Create(shared(executor(labels=labels, priorityClassName=wrong))),
            rule="priority",
            twin=Create(shared(executor(labels=labels))),
        )
    yield Attempt(
        name="an executor with the class of backfill in a queue without it",
        who=DRIVER,
        does=Create(executor(priorityClassName="elastic-spark-backfill")),
        rule="priority",
        twin=Create(executor(priorityClassName="elastic-spark-job")),
    )
    yield Completion(
        name="a pod in the lane for backfill waits for all others",
        who=SHARED_DRIVER,
        does=Create(shared(executor(labels=BACKFILL))),
        rule="priority",
        field=PRIORITY,
        becomes=IN_BACKFILL,
        twin=Create(shared(executor())),
        stays=AS_OTHERS,
    )
    yield Completion(
        name="a placeholder of a gang in backfill has its driver's class",
        who=SHARED_DRIVER,
        does=Create(shared(driver(labels=BACKFILL))),
        rule="priority",
        field=PRIORITY,
        becomes=IN_BACKFILL,
        twin=Create(placeholder(priorityClassName="elastic-spark-backfill")),
        twin_who=SCHEDULER,
        stays=IN_BACKFILL,
    )


def _gangs() -> Iterator[Case]:
    yield Attempt(
        name="a gang where YuniKorn refuses gangs",
        who=SHARED_DRIVER,
        does=Create(shared(driver(labels=GANG))),
        rule="gang-order",
        twin=Create(driver(labels=GANG)),
        twin_who=DRIVER,
    )
    for name, gang in (
        ("by its driver's labels", application(driver={"cores": 1, "memory": "1g", "labels": GANG})),
        ("by a schedule's labels", _labelled(scheduled(), GANG)),
        ("by a setting", application(sparkConf={"spark.kubernetes.executor.label.elastic-spark/gang": "true"})),
        ("by a server's template", connect(server={"template": {"metadata": {"labels": GANG}}})),
    ):
        yield _submitting(f"a gang where YuniKorn refuses gangs, {name}", "application-gang", shared(gang), gang)


def _submitting(name: str, rule: str, attempt: Object, twin: Object) -> Attempt:
    """Somebody submits an application, each in its queue."""

    def who(thing: Object) -> Who:
        return SCIENTIST if thing["metadata"]["namespace"] == SHARED else ENGINEER

    return Attempt(name=name, who=who(attempt), does=Create(attempt), rule=rule, twin=Create(twin), twin_who=who(twin))


def _lanes() -> Iterator[Case]:
    for name, thing in (
        ("a job", _labelled(application(), BACKFILL)),
        ("a schedule", _labelled(scheduled(), BACKFILL)),
        ("a Spark Connect server", _labelled(connect(), BACKFILL)),
        ("executors", application(executor={"cores": 1, "memory": "1g", "labels": BACKFILL})),
        ("a driver by a setting", application(sparkConf={f"spark.kubernetes.driver.label.{LANE}": "backfill"})),
        ("executors by a template", connect(executor={"template": {"metadata": {"labels": BACKFILL}}})),
    ):
        yield _submitting(f"{name} in the lane of a queue that has none", "application-lane", thing, shared(thing))
    yield _submitting(
        "a job in a lane that nobody has",
        "application-lane",
        shared(_labelled(application(), {LANE: "express"})),
        shared(_labelled(application(), BACKFILL)),
    )
    yield _submitting(
        "a job that has its driver elsewhere than its executors",
        "application-lane",
        shared(application(driver={"cores": 1, "memory": "1g", "labels": {LANE: "normal"}})),
        shared(application(driver={"cores": 1, "memory": "1g", "labels": BACKFILL})),
    )
    for name, template in (("without a template", None), ("with another label", {"metadata": {"labels": {"a": "b"}}})):
        server: dict[str, Any] = {"cores": 1, **({"template": template} if template else {})}
        yield Completion(
            name=f"a Spark Connect server {name} is in the lane that its label says",
            who=SCIENTIST,
            does=Create(shared(_labelled(connect(server=server), BACKFILL))),
            rule="application-lane",
            field=at("server", "template", "metadata", "labels", LANE),
            becomes="backfill",
            twin=Create(shared(connect(server=server))),
            stays=None,
        )


def _executors() -> Iterator[Case]:
    more, enough = A_JOB + 1, A_JOB
    forms: tuple[tuple[str, Callable[[int], Object]], ...] = (
        ("a number", lambda n: application(executor={"cores": 1, "memory": "1g", "instances": n})),
        ("a schedule's number", lambda n: scheduled(executor={"cores": 1, "memory": "1g", "instances": n})),
        ("at most", lambda n: application(dynamicAllocation={"enabled": True, "maxExecutors": n})),
        ("at first", lambda n: application(dynamicAllocation={"enabled": True, "initialExecutors": n})),
        ("a setting", lambda n: application(sparkConf={"spark.executor.instances": str(n)})),
        ("a setting at most", lambda n: scheduled(sparkConf={MAXIMUM: f" {n} "})),
        ("a server's setting at least", lambda n: connect(sparkConf={"spark.dynamicAllocation.minExecutors": str(n)})),
    )
    for name, form in forms:
        yield _submitting(
            f"more executors than one job may have, by {name}",
            "application-executors",
            shared(form(more)),
            shared(form(enough)),
        )
        yield _submitting(
            f"as many where a job may have all, by {name}", "application-executors", shared(form(more)), form(more)
        )
    yield Completion(
        name="a job that says nothing gets what one job may have",
        who=SCIENTIST,
        does=Create(shared(application())),
        rule="application-allocation",
        field=at("dynamicAllocation", "maxExecutors"),
        becomes=A_JOB,
        twin=Create(shared(application(dynamicAllocation={"enabled": True, "maxExecutors": 3}))),
        stays=3,
    )
    yield Completion(
        name="and so does one that says it by Spark's settings, however they are spelled",
        who=SCIENTIST,
        does=Create(shared(application(sparkConf={"spark.dynamicAllocation.enabled": " True"}))),
        rule="application-allocation",
        field=conf(MAXIMUM),
        becomes=str(A_JOB),
        twin=Create(shared(application(sparkConf={"spark.dynamicAllocation.enabled": "true", MAXIMUM: "3"}))),
        stays="3",
    )
    yield Completion(
        name="of executors as large as a node no more than the queue holds",
        who=SCIENTIST,
        does=Create(shared(application(executor={"cores": 15, "memory": "100g"}))),
        rule="application-allocation",
        field=at("dynamicAllocation", "maxExecutors"),
        becomes=12,
        twin=Create(shared(application(executor={"cores": 15, "memory": "100g", "instances": 2}))),
        stays=None,
    )


CASES: Final[tuple[Case, ...]] = (*_classes(), *_gangs(), *_lanes(), *_executors())
