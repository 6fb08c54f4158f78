"""A value that is wrong hides no other mistake, and what is said beside it is what is said once it is mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.settings.findings import SettingsError
from infra.settings.validation import PLATFORM_KEY, TENANT_KEY, stack_settings
from tests.samples import changed, config_of, platform, tenant, tenant_config

WRONG: list[Any] = [[[]]]
"""No setting takes it for a value."""
MISNAMED = "Not a name!"

Place = tuple[str | int, ...]


def told(key: str, values: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """What is allowed, by path and by what was found."""
    config = config_of(values) if key == PLATFORM_KEY else tenant_config(values)
    if "existing" in values.get("cluster", {}):
        config = config_of(values, None)
    try:
        stack_settings("test", config)
    except SettingsError as error:
        return {(one.path.removeprefix(f"{key}."), one.found): one.allowed for one in error.findings}
    return {}


def broken_platform() -> dict[str, Any]:
    """A platform that breaks rules of most sections."""
    values = platform()
    for path, value in {
        "network.vpc.zones.eu-central-1a.public": "10.40.4.0/28",
        "cluster.serviceCidr": "10.40.0.0/16",
        "cluster.publicAccessCidrs": ["10.0.0.0/8"],
        "pools.driver.nodesPerZone": {"min": 9, "max": 4},
        "pools.system.instanceTypes": ["m7i.2xlarge", "r7i.2xlarge"],
        "executors.nodesPerZone": 5000,
        "tags": {"team": "a", "Team": "b"},
        "access.creator": "nobody",
        "access.people": {"viewer": {"principalArn": "arn:aws-us-gov:iam::111122223333:role/x", "access": "viewer"}},
        "monitoring": {"volumeGib": 10, "retentionDays": 400},
    }.items():
        values = changed(values, path, value)
    values["monitoring"]["receivers"] = {"team": {}, "others": {"snsTopic": "arn:aws:sns:eu-central-1:111122223333:x"}}
    return values


def broken_tenant() -> dict[str, Any]:
    """A tenant that breaks rules in several queues."""
    values = tenant("search-dev")
    for queue in values["queues"].values():
        queue["defaultPool"] = "nowhere"
        queue["drivers"]["memory"] = "100Mi"
        for pool in queue["pools"].values():
            pool["maxNodes"] = 1
            pool["zones"] = {"eu-central-1a": 2, "us-east-1a": 0}
    values["people"] = {"a": {"purpose": "viewer"}, "b": {"group": "elastic-spark:x", "purpose": "viewer"}}
    values["accepts"] = {"airflow": {"gone": "submitter"}}
    values["tags"] = {"team": "a", "Team": "b"}
    values["alerts"] = {"receivers": {"team": {}}, "queue": "gone"}
    return values


def places(value: Any, at: Place = ()) -> Iterator[Place]:  # noqa: ANN401
    """Where there are values, from the top down."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*at, key)
        yield from places(inner, (*at, key))


def misnamed(values: dict[str, Any], place: Place) -> dict[str, Any]:
    """The values with another key at a place."""
    path = ".".join(map(str, place))
    value: Any = values
    for part in place:
        value = value[part]
    return changed(changed(values, path, ...), ".".join(map(str, (*place[:-1], MISNAMED))), value)


BROKEN = {PLATFORM_KEY: broken_platform(), TENANT_KEY: broken_tenant()}
MENDED = {key: told(key, values) for key, values in BROKEN.items()}
PLACES = [
    (key, place)
    for key, values in BROKEN.items()
    for place in places(values)
    if place not in {("cluster",), ("platform",)}  # by which it is known what kind of settings these are
]
NEEDS = {
    "access.creator": ["access.deployers"],
    "accepts": ["queues"],
    "alerts.queue": ["queues"],
    "cluster.serviceCidr": ["network.vpc.cidr"],
    "monitoring.receivers.others.snsTopic": ["name", "allowedAccountIds"],
    "monitoring.volumeGib": ["monitoring.retentionDays", "executors", "network.vpc.zones", "pools"],
    "network.vpc.zones.eu-central-1a.private": ["executors", "pools"],
    "network.vpc.zones.eu-central-1a.public": ["network.vpc.cidr", "network.vpc.zones"],
    "network.vpc.zones.eu-central-1b.private": ["executors", "pools"],
    "pools.driver.nodesPerZone.min": ["pools.driver.nodesPerZone.max"],
    "pools.system.instanceTypes": [
        "pools", "executors", "network.vpc.zones", "monitoring", "sparkOperator", "environment",
    ],
    "queues": ["queues"],
    "tags": ["tags"],
}  # fmt: skip
"""What a finding follows from beside the value that it is about."""


def where(case: tuple[str, Place]) -> str:
    key, place = case
    return f"{key.removeprefix('elastic-spark:')}.{'.'.join(map(str, place))}"


def test_the_settings_that_values_are_made_wrong_in_break_many_rules_and_have_no_wrong_value() -> None:
    for found in MENDED.values():
        assert len(found) >= 12
        assert not {said for _, said in found} & {"an unknown key"}


@pytest.mark.parametrize("case", PLACES, ids=where)
def test_what_is_said_beside_a_wrong_value_is_true_whatever_it_should_be(case: tuple[str, Place]) -> None:
    key, place = case
    path = ".".join(map(str, place))
    beside = told(key, changed(BROKEN[key], path, WRONG))
    said = {found for found in beside if not _at(found[0], place)}
    assert beside.keys() - said, "the wrong value itself is told"
    assert said <= MENDED[key].keys()
    for finding, _ in MENDED[key].keys() - beside.keys():
        own = [needed for start, needed in NEEDS.items() if finding.startswith(start)]
        follows = any(_touch(path, needed) for each in own for needed in each)
        assert _at(finding, place) or follows, f"{finding} is hidden"


@pytest.mark.parametrize("queue", ["adhoc", "scheduled"])
@pytest.mark.parametrize("wrong", ["drivers.memory", "defaultPool", "pools.main.zones", "pools.main.maxNodes"])
def test_a_wrong_value_of_one_queue_hides_nothing_of_another(queue: str, wrong: str) -> None:
    beside = told(TENANT_KEY, changed(BROKEN[TENANT_KEY], f"queues.{queue}.{wrong}", WRONG))
    hidden = MENDED[TENANT_KEY].keys() - beside.keys()
    assert all(path.startswith(f"queues.{queue}.") for path, _ in hidden)


@pytest.mark.parametrize("case", [case for case in PLACES if isinstance(case[1][-1], str)], ids=where)
def test_what_is_said_beside_a_wrong_name_is_true_whatever_it_should_be(case: tuple[str, Place]) -> None:
    key, place = case
    beside = told(key, misnamed(BROKEN[key], place))
    own = {"an unknown key", "nothing", f'"{MISNAMED}"'}
    assert any(found in own for _, found in beside), "the wrong name itself is told"
    renamed = {(path.replace(MISNAMED, str(place[-1])), found) for path, found in beside}
    assert {(path, found) for path, found in renamed if found not in own or not _at(path, place)} <= MENDED[key].keys()


def _touch(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _at(path: str, place: Place) -> bool:
    dotted = path.replace("[", ".").replace("]", "").split(".")
    return dotted[: len(place)] == [str(part) for part in place]
