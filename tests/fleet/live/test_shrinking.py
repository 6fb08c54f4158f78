"""What a deployment would take away: which nodes that run are more than registrations leave room for."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.live.groups import Group
from fleet.live.shrinking import GROUP_TYPE, POOL_TAG, TENANT_TAG, Shrink, at_work, shrinks
from fleet.offline.registration import Registrations
from tests.fleet.offline.recorded import sample, tenant_with

POOL = "ads-batch-main"
NAME = "spark-dev-ads-batch-main-eu-central-1a-a"


def group(name: str = NAME, running: int = 0, *, minimum: int = 2, pool: str = POOL, tenant: str = "ads") -> Group:
    tags = {POOL_TAG: pool} | ({TENANT_TAG: tenant} if tenant else {})
    return Group(name=name, minimum=minimum, desired=running, maximum=99, retiring=False, running=running, tags=tags)


def tenant(**pool: Any) -> Registrations:  # noqa: ANN401
    return tenant_with(*((f"queues.batch.pools.main.{key}", value) for key, value in pool.items()))


@pytest.mark.parametrize(("running", "refused"), [(0, False), (8, False), (9, True)])
def test_a_maximum_is_refused_when_more_runs(running: int, refused: bool) -> None:
    found = shrinks(tenant(maxNodes=8), [group(running=running)])
    assert found == ([Shrink(f"pool {POOL}", 9, 8)] if refused else [])


def test_the_zones_of_a_pool_count_together() -> None:
    registrations = tenant(maxNodes=8, zones={"eu-central-1a": 1, "eu-central-1b": 1})
    other = NAME.replace("1a", "1b")
    assert shrinks(registrations, [group(running=5), group(other, 3)]) == []
    assert shrinks(registrations, [group(running=5), group(other, 4)]) == [Shrink(f"pool {POOL}", 9, 8)]


def test_a_pool_that_goes_is_refused_while_anything_runs_in_it() -> None:
    gone = group("spark-dev-ads-batch-old-eu-central-1a-a", 1, pool="ads-batch-old")
    (found,) = shrinks(tenant(), [group(running=2), gone])
    assert str(found) == "pool ads-batch-old: 1 node runs, and it would have none"


def test_a_group_that_goes_is_refused_though_its_pool_stays() -> None:
    """Another generation without `retiring`, or another zone: the group is deleted, and its nodes with it."""
    other = NAME.replace("1a-a", "1c-a")
    assert shrinks(tenant(maxNodes=8), [group(running=2), group(other, 3)]) == [Shrink(f"group {other}", 3, 0)]


def test_a_retiring_generation_keeps_its_nodes_beside_its_successors() -> None:
    registrations = tenant(maxNodes=8, generation="b", retiring=["a"])
    assert shrinks(registrations, [group(running=6), group(NAME[:-1] + "b", 8)]) == []
    assert shrinks(registrations, [group(running=6), group(NAME[:-1] + "b", 9)]) == [Shrink(f"pool {POOL}", 9, 8)]


def test_other_tenants_and_the_platforms_own_pools_are_none_of_its_business() -> None:
    others = [group("x", 50, pool="search-x-main", tenant="search"), group("y", 50, pool="driver", tenant="")]
    assert shrinks(tenant(), others) == []


def test_a_platform_looks_at_its_own_pools() -> None:
    registrations = sample("platform-dev")
    maxima = {one.inputs["name"]: one.inputs["maxSize"] for one in registrations.of_type(GROUP_TYPE)}
    drivers = [name for name in maxima if "-driver-" in name]
    full = [group(name, maxima[name], pool="driver", tenant="") for name in drivers]
    assert shrinks(registrations, [*full, group(running=99)]) == []
    more = [*full[:-1], group(drivers[-1], maxima[drivers[-1]] + 1, pool="driver", tenant="")]
    assert [found.what for found in shrinks(registrations, more)] == ["pool driver"]


def test_what_is_destroyed_may_have_its_minimum_running_and_no_more() -> None:
    registrations = tenant()
    assert at_work(registrations, [group(running=2)]) == []
    (found,) = at_work(registrations, [group(running=5)])
    assert str(found) == f"pool {POOL}: 5 nodes run, and 2 are its minimum: the others came for work"
