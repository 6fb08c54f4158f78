"""Principals that serve several queues: what is refused on either side, and where the error points."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings.shared import ListedShared
from infra.settings.tenant import AwsTenant
from infra.settings.validation import stack_settings
from infra.tenant.people import queue_groups
from sizing import names
from tests.infra.settings.on_platforms import wrong
from tests.infra.settings.tenants import findings as tenant_findings
from tests.infra.settings.test_fleet_rules import dev, one
from tests.infra.settings.test_fleet_rules import findings as fleet
from tests.infra.settings.test_platform import findings as platform_findings
from tests.samples import changed, config_of, contract, platform, platform_registrations, tenant, tenant_config

AIRFLOW = "arn:aws:iam::111122223333:role/airflow"
AT = "access.shared.airflow"


def shared(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    settings = platform()
    airflow = settings["access"]["shared"]["airflow"] | changes
    settings["access"]["shared"]["airflow"] = {key: value for key, value in airflow.items() if value is not ...}
    return settings


@pytest.mark.parametrize(
    ("changes", "where", "found", "allowed"),
    [
        ({"queues": {}}, ".queues", "{}", "at least 1"),
        ({"queues": {"ads": "viewer"}}, ".queues.ads", "ads", "<tenant>-<queue>"),
        ({"queues": {"ads-batch": "admin"}}, ".queues.ads-batch", '"admin"', "'submitter'"),
        ({"queues": {"finance-x": "viewer"}}, ".queues.finance-x", "finance-x", "under tenants: ads, research, search"),
        ({"principalArn": "arn:aws:iam::111122223333:role/data-platform"}, ".principalArn", "data-platform", "its own"),
        ({"principalArn": "arn:aws:iam::111122223333:role/spark-dev-node"}, ".principalArn", "node", "no stack makes"),
        ({"principalArn": "arn:aws-cn:iam::111122223333:role/airflow"}, ".principalArn", "aws-cn", "partition"),
        ({"group": "system:masters"}, ".group", "system:masters", "not one of Kubernetes' own"),
        ({"group": "elastic-spark:ads:owner"}, ".group", "elastic-spark:ads", "does not start with elastic-spark:"),
        ({"principalArn": ...}, "", "neither principalArn nor group", "principalArn, group, or both"),
    ],
)
def test_a_principal_that_no_platform_may_share_is_refused(
    changes: dict[str, Any], where: str, found: str, allowed: str
) -> None:
    said = platform_findings(config_of(shared(**changes)))
    assert list(said) == [f"{AT}{where}"]
    ((is_found, is_allowed),) = said.values()
    assert found in is_found
    assert allowed in is_allowed


def test_its_name_is_no_deployers_or_persons() -> None:
    settings = shared()
    settings["access"]["shared"]["ads-pipeline"] = {"principalArn": f"{AIRFLOW}2", "queues": {"ads-batch": "viewer"}}
    said = platform_findings(config_of(settings))
    assert list(said) == ["access.shared.ads-pipeline"]


@pytest.mark.parametrize(
    ("change", "value", "path", "allowed"),
    [
        (
            "accepts",
            {"dagster": {"batch": "viewer"}},
            "accepts.dagster",
            "shares (airflow); or add it under access.shared",
        ),
        ("accepts", {"airflow": {"batch": "owner"}}, "accepts.airflow.batch", "ads-batch: submitter"),
        (
            "people.airflow",
            {"principalArn": AIRFLOW, "purpose": "owner"},
            "people.airflow.principalArn",
            "accepts.airflow",
        ),
    ],
)
def test_what_a_tenant_accepts_is_what_its_platform_shares(change: str, value: Any, path: str, allowed: str) -> None:  # noqa: ANN401
    settings = changed(tenant(), change, value)
    found = wrong(stack_settings("ads-dev", tenant_config(settings)).settings, "eu-central-1", contract())
    assert [one.path for one in found] == [path]
    assert allowed in found[0].allowed


def test_a_queue_of_which_the_platform_says_nothing_is_not_accepted() -> None:
    settings = tenant("search-dev")
    settings["queues"]["third"] = settings["queues"]["adhoc"] | {"secrets": {}}
    settings["accepts"]["airflow"]["third"] = "viewer"
    (found,) = wrong(stack_settings("search-dev", tenant_config(settings)).settings, "eu-central-1", contract())
    assert found.path == "accepts.airflow.third"
    assert "nothing of search-third" in found.allowed


def test_a_tenant_accepts_in_queues_that_it_has() -> None:
    said = tenant_findings(tenant_config(changed(tenant(), "accepts.airflow", {"night": "viewer"})))
    assert list(said) == ["accepts.airflow.night"]


@pytest.mark.parametrize("stack", ["ads-dev", "demo-kind"])
def test_no_tenant_is_called_like_the_groups(stack: str) -> None:
    settings = changed(tenant(stack), "name", "shared")
    assert "name" in tenant_findings(tenant_config(settings))


def test_no_platform_lets_a_tenant_of_that_name_in() -> None:
    settings = platform()
    settings["tenants"]["shared"] = {}
    assert list(platform_findings(config_of(settings))) == ["tenants.shared"]


@pytest.mark.parametrize(
    ("accepts", "says"),
    [({}, "doesn't accept"), ({"dagster": {"batch": "submitter"}}, "doesn't accept")],
)
def test_what_a_platform_shares_the_tenant_accepts(accepts: dict[str, Any], says: str) -> None:
    found = one(dev(ads_dev=changed(tenant(), "accepts", accepts)))
    assert found.stacks == ("ads-dev", "platform-dev")
    assert says in found.found
    assert "accepts: {airflow: {batch: submitter}}" in found.allowed


def test_what_a_platform_shares_is_a_queue_that_is_there() -> None:
    configs = dev(ads_dev=tenant())
    queues = {**platform()["access"]["shared"]["airflow"]["queues"], "ads-night": "viewer"}
    configs["platform-dev"] = config_of(shared(queues=queues))
    found = one(configs)
    assert "ads-night, which isn't there" in found.found
    assert found.allowed == "a queue of ads: batch"


def test_of_tenants_without_a_stack_here_nothing_is_said() -> None:
    assert fleet(dev(search_dev=tenant("search-dev"))) == []


def test_on_an_existing_cluster_groups_alone_are_shared() -> None:
    settings = platform("platform-kind")
    settings["access"] = {"shared": {"airflow": {"queues": {"demo-try": "submitter"}}}}
    demo = {**tenant("demo-kind"), "accepts": {"airflow": {"try": "submitter"}}}
    configs = {"platform-kind": config_of(settings, None), "demo-kind": tenant_config(demo)}
    assert fleet(configs) == []
    group = "elastic-spark:shared:airflow:demo-try:submitter"
    listed = {"airflow": ListedShared(queues={"demo-try": "submitter"})}
    assert queue_groups(stack_settings("demo-kind", configs["demo-kind"]).settings, "try", listed) == {  # type: ignore[arg-type]
        "demo-users": "owner",
        group: "submitter",
    }
    settings["access"]["shared"]["airflow"]["principalArn"] = AIRFLOW
    assert list(platform_findings(config_of(settings, None))) == [f"{AT}.principalArn"]


def test_the_contract_has_what_is_shared_and_the_platform_one_entry() -> None:
    entries = [
        entry.inputs
        for entry in platform_registrations("platform-dev").of_type("aws:eks/accessEntry:AccessEntry")
        if entry.inputs["principalArn"] == AIRFLOW
    ]
    queues = platform()["access"]["shared"]["airflow"]["queues"]
    assert [entry["kubernetesGroups"] for entry in entries] == [
        sorted(names.shared_group("airflow", namespace, purpose) for namespace, purpose in queues.items())
    ]
    assert contract().shared["airflow"].queues == queues
    assert contract("platform-kind").shared == {}


def test_a_queue_binds_who_is_accepted_in_it_alone() -> None:
    settings = stack_settings("search-dev", tenant_config(tenant("search-dev"))).settings
    assert isinstance(settings, AwsTenant)
    listed = contract().shared
    assert names.shared_group("airflow", "search-adhoc", "viewer") in queue_groups(settings, "adhoc", listed)
    assert [
        group for group in queue_groups(settings, "scheduled", listed) if group.startswith(names.SHARED_GROUPS)
    ] == [names.shared_group("airflow", "search-scheduled", "submitter")]
