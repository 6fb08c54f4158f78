"""A pool's settings by themselves: what is refused, where the error points, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.settings.tenants import POOL, QUEUE, assert_named, findings, read, with_pool
from tests.samples import changed, tenant, tenant_config

NIGHTLY = {
    "days": ["mon", "tue"],
    "start": "22:00",
    "end": "05:00",
    "timeZone": "Europe/Berlin",
    "zones": {"eu-central-1a": 4},
}


def hours(start: str, end: str, *days: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {**NIGHTLY, "start": start, "end": end, "days": list(days), **changes}


@pytest.mark.parametrize(
    ("path", "value", "where", "found", "allowed"),
    [
        (f"{POOL}.maxNode", 3, f"{POOL}.maxNode", "an unknown key", "did you mean maxNodes?"),
        (f"{POOL}.desired", 3, f"{POOL}.desired", "an unknown key", "one of capacity, diskGib"),
        (f"{QUEUE}.pools", {}, f"{QUEUE}.pools", "{}", "at least 1"),
        (f"{POOL}.instanceTypes", ["r7i.2xlrge"], f"{POOL}.instanceTypes[0]", '"r7i.2xlrge"', "did you mean r7i.2xlarge"),
        (f"{POOL}.instanceTypes", [], f"{POOL}.instanceTypes", "[]", "at least 1"),
        (f"{POOL}.instanceTypes", ["r7i.2xlarge", "r7i.xlarge"], f"{POOL}.instanceTypes[1]", "r7i.xlarge: 4 vCPU", "as r7i.2xlarge: 8 vCPU"),
        (f"{POOL}.instanceTypes", ["r7i.2xlarge", "r7g.2xlarge"], f"{POOL}.instanceTypes[1]", "r7g.2xlarge: 8 vCPU, 65536 MiB, arm64", "amd64"),
        (f"{POOL}.maxNodes", 10_000, f"{POOL}.maxNodes", "10000", "2000 or less"),
        (f"{POOL}.maxNodes", 0, f"{POOL}.maxNodes", "0", "1 or more"),
        (f"{POOL}.maxNodes", 1, f"{POOL}.zones", "2 nodes at any time", "at most maxNodes, which is 1"),
        (f"{POOL}.zones", {}, f"{POOL}.zones", "{}", "at least 1"),
        (f"{POOL}.zones", {"eu-central-1a": -1}, f"{POOL}.zones.eu-central-1a", "-1", "0 or more"),
        (f"{POOL}.zones", {"eu-central-1": 1}, f"{POOL}.zones.eu-central-1", '"eu-central-1"', "an Availability Zone"),
        (f"{POOL}.zones", {"eu-west-1a": 1}, f"{POOL}.zones.eu-west-1a", '"eu-west-1a"', "a zone of eu-central-1"),
        (f"{POOL}.capacity", "Spot", f"{POOL}.capacity", '"Spot"', "'on-demand' or 'spot'"),
        (f"{POOL}.capacity", "spot", f"{POOL}.zones", "2 nodes at any time", "0 in each zone: Spot promises no node"),
        (POOL, with_pool(capacity="spot", zones={"eu-central-1a": 0}, schedules={"n": NIGHTLY}), f"{POOL}.schedules", "n", "none: Spot has no minimum"),
        *(
            (f"{POOL}.unneededTime", value, f"{POOL}.unneededTime", shown, "10 seconds to an hour, such as 90s or 5m")
            for value, shown in (("9s", '"9s"'), ("1h1s", '"1h1s"'), ("2 m", '"2 m"'), ("1d", '"1d"'), ("", '""'))
        ),
        (f"{POOL}.unneededTime", 120, f"{POOL}.unneededTime", "120", "quotes"),
        (f"{POOL}.retiring", ["a"], f"{POOL}.retiring[0]", "a", "an earlier generation"),
        (f"{POOL}.diskGib", 5, f"{POOL}.diskGib", "5", "20 or more"),
        (f"{QUEUE}.pools.main-spot", with_pool(), f"{QUEUE}.pools.main-spot", "main-spot", "does not end with -spot"),
        (f"{QUEUE}.pools.spot", with_pool(), f"{QUEUE}.pools.spot", "spot", "another name than spot"),
        (f"{QUEUE}.pools.Main", with_pool(), f"{QUEUE}.pools.Main", '"Main"', "lower-case letters"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "zones": {"eu-central-1a": 21}}}, f"{POOL}.schedules.n.zones", "21 nodes in these hours", "at most maxNodes, which is 20"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "zones": {"eu-central-1a": 1}}}, f"{POOL}.schedules.n.zones.eu-central-1a", "1", "the zone's own minimum, 2"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "zones": {"eu-central-1b": 3}}}, f"{POOL}.schedules.n.zones.eu-central-1b", "eu-central-1b", "a zone of the pool: eu-central-1a"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "zones": {}}}, f"{POOL}.schedules.n.zones", "{}", "at least 1"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "timeZone": "Europe/Berln"}}, f"{POOL}.schedules.n.timeZone", '"Europe/Berln"', "did you mean Europe/Berlin?"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "start": "25:00"}}, f"{POOL}.schedules.n.start", '"25:00"', "a quoted time of day"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "start": 1320}}, f"{POOL}.schedules.n.start", "1320", "put it in quotes"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "days": ["monday"]}}, f"{POOL}.schedules.n.days[0]", '"monday"', "'mon'"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "days": []}}, f"{POOL}.schedules.n.days", "[]", "at least 1"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "days": ["mon", "mon"]}}, f"{POOL}.schedules.n.days", "[", "once"),
        (f"{POOL}.schedules", {"n": {**NIGHTLY, "min": 9}}, f"{POOL}.schedules.n.min", "an unknown key", "zones"),
        (f"{POOL}.schedules", {"a": hours("08:00", "12:00", "mon"), "b": hours("11:00", "13:00", "mon")}, f"{POOL}.schedules.b", "hours that meet those of a", "a minute or more"),
        (f"{POOL}.schedules", {"a": hours("08:00", "12:00", "mon"), "b": hours("12:00", "13:00", "mon")}, f"{POOL}.schedules.b", "hours that meet those of a", "a minute or more"),
        (f"{POOL}.schedules", {"a": hours("22:00", "08:00", "sun"), "b": hours("07:00", "09:00", "mon")}, f"{POOL}.schedules.b", "hours that meet those of a", "a minute or more"),
        (f"{POOL}.schedules", {"a": hours("08:00", "08:00", "mon", "tue")}, f"{POOL}.schedules.a", "hours that meet those of a", "a minute or more"),
        (f"{POOL}.schedules", {"a": NIGHTLY, "b": hours("08:00", "12:00", "mon", timeZone="UTC")}, f"{POOL}.schedules", "Europe/Berlin, UTC", "one time zone"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_pool_is_named_with_what_is_allowed(
    path: str,
    value: Any,  # noqa: ANN401
    where: str,
    found: str,
    allowed: str,
) -> None:
    assert_named(findings(tenant_config(changed(tenant(), path, value))), where, found, allowed)


def test_hours_may_be_a_minute_apart() -> None:
    apart = {"a": hours("08:00", "12:00", "mon"), "b": hours("12:01", "13:00", "mon")}
    read(changed(tenant(), f"{POOL}.schedules", apart))


def test_two_pools_do_not_have_one_identity() -> None:
    """Label and taint `ads-etl-x-y` would be of pool `y` in `etl-x` and of pool `x-y` in `etl`."""
    batch = tenant()["queues"]["batch"]
    queues = {"etl": {**batch, "pools": {"x-y": with_pool()}}, "etl-x": {**batch, "pools": {"y": with_pool()}}}
    result = findings(tenant_config(changed(changed(tenant(), "queues", queues), "accepts", {})))
    assert result == {
        "queues.etl-x.pools.y": ("the identity ads-etl-x-y", "a name by which it differs from queues.etl.pools.x-y")
    }
