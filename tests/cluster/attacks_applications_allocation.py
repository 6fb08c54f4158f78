"""How many executors admission lets applications have that do not say."""

from __future__ import annotations

from typing import Final

from tests.cluster.api import Json, Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attempts import Case, Completion
from tests.cluster.completions import at, completed, conf

BY_ONE_CORE: Final = 150
"""Executors of one core and a GiB of heap that the queue can hold, without its drivers."""


def allocation(name: str, thing: Object, becomes: Json, twin: Object, stays: Json) -> Completion:
    """How many executors an application gets."""
    return completed(name, "application-allocation", thing, at("dynamicAllocation"), becomes, twin, stays)


CASES: Final[tuple[Case, ...]] = (
    allocation(
        "executors come and go with the work, up to what the queue holds",
        application(),
        {"enabled": True, "shuffleTrackingEnabled": True, "maxExecutors": BY_ONE_CORE},
        application(executor={"instances": 3}),
        None,
    ),
    allocation(
        "a schedule's executors too, by their size",
        scheduled(executor={"cores": 7, "memory": "1g"}),
        {"enabled": True, "shuffleTrackingEnabled": True, "maxExecutors": BY_ONE_CORE // 7},
        scheduled(sparkConf={"spark.executor.instances": "3"}),
        None,
    ),
    allocation(
        "they have a limit where an application names none",
        application(dynamicAllocation={"enabled": True, "minExecutors": 2}),
        {"enabled": True, "minExecutors": 2, "maxExecutors": BY_ONE_CORE},
        application(dynamicAllocation={"enabled": True, "maxExecutors": 4}),
        {"enabled": True, "maxExecutors": 4},
    ),
    allocation(
        "or not at all, if an application says so",
        connect(),
        {"enabled": True, "shuffleTrackingEnabled": True, "maxExecutors": BY_ONE_CORE},
        connect(dynamicAllocation={"enabled": False}),
        {"enabled": False},
    ),
    completed(
        "they have a limit where an application asks for them by a setting",
        "application-allocation",
        application(sparkConf={"spark.dynamicAllocation.enabled": "true"}),
        conf("spark.dynamicAllocation.maxExecutors"),
        str(BY_ONE_CORE),
        application(sparkConf={"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.maxExecutors": "4"}),
        "4",
    ),
)
