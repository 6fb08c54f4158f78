"""A tenant's settings by themselves: what is refused, where the error points, and what it says; queues and pools apart."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings.tenant import AwsTenant, ExistingTenant
from infra.settings.validation import TENANT_KEY, stack_settings
from tests.infra.settings.tenants import POOL, assert_named, findings
from tests.samples import AWS_TENANTS, TENANTS, changed, config_of, platform, tenant, tenant_config

ARN = "arn:aws:iam::111122223333:role/x"


@pytest.mark.parametrize("stack", TENANTS)
def test_a_sample_is_a_tenant(stack: str) -> None:
    settings = stack_settings(stack, tenant_config(tenant(stack)))
    assert isinstance(settings.settings, AwsTenant if stack in AWS_TENANTS else ExistingTenant)
    assert settings.region == ("eu-central-1" if stack in AWS_TENANTS else None)


@pytest.mark.parametrize(
    ("path", "value", "where", "found", "allowed"),
    [
        ("platform", ..., "platform", "nothing", "The platform's stack"),
        ("platform", "plat form", "platform", '"plat form"', "the name of a stack"),
        ("name", "ads-team", "name", '"ads-team"', "lower-case letters and digits"),
        ("name", "a" * 17, "name", '"aaa', "1 to 16"),
        ("name", "2ads", "name", '"2ads"', "starting with a letter"),
        ("name", ..., "name", "nothing", "a value"),
        ("allowedAccountIds", [], "allowedAccountIds", "[]", "at least 1"),
        ("allowedAccountIds", [111122223333], "allowedAccountIds[0]", "111122223333", "put it in quotes"),
        ("tags", {"elastic-spark:tenant": "search"}, "tags.elastic-spark:tenant", '"elastic-spark:tenant"', "elastic-spark:"),
        ("budget", {"monthlyUsd": 0}, "budget.monthlyUsd", "0", "1 or more"),
        ("colour", "red", "colour", "an unknown key", "one of accepts, alerts, allowedAccountIds"),
        ("existing", True, "allowedAccountIds", "an unknown key", "one of accepts, alerts, existing, name"),
        ("existing", False, "existing", "false", "true, for a platform on an existing cluster"),
        ("existing", None, "existing", "null", "true, for a platform on an existing cluster"),
        ("people", {"x": {"purpose": "viewer"}}, "people.x", "neither principalArn nor group", "principalArn, group, or both"),
        ("people", {"x": {"principalArn": ARN}}, "people.x", "neither purpose nor queues", "purpose, in all queues"),
        ("people", {"x": {"group": "g", "purpose": "viewer", "queues": {"batch": "viewer"}}}, "people.x", "both purpose and queues", "queues of a group"),
        ("people", {"x": {"group": "g", "queues": {}}}, "people.x.queues", "{}", "at least 1"),
        ("people", {"x": {"group": "g", "queues": {"batch": "admin"}}}, "people.x.queues.batch", '"admin"', "'owner'"),
        ("people", {"x": {"group": "g", "queues": {"night": "viewer"}}}, "people.x.queues.night", "night", "a queue of the tenant: batch"),
        ("people", {"x": {"principalArn": ARN, "queues": {"batch": "viewer"}}}, "people.x.queues", f"queues, and the principal {ARN}", "shares (access.shared)"),
        ("people", {"x": {"group": "oidc:analysts", "purpose": "viewer"}}, "people.x.group", "oidc:analysts", "analysts, as the issuer says it"),
        ("people", {"x": {"group": "oidc:", "purpose": "viewer"}}, "people.x.group", "oidc:", "a name, as the issuer says it"),
        ("people", {"x": {"group": "a ", "purpose": "viewer"}}, "people.x.group", '"a "', "the name of a group"),
        ("people", {"x": {"group": "g", "purpose": "viewer"}, "y": {"group": "g", "purpose": "owner"}}, "people.y", "g", "people.x has this one"),
        ("people", {"x": {"group": "g", "purpose": "viewer"}, "y": {"group": "g", "queues": {"batch": "owner"}}}, "people.y", "g", "people.x has this one"),
        ("people", {"x": {"group": "system:masters", "purpose": "owner"}}, "people.x.group", '"system:masters"', "not one of Kubernetes' own"),
        ("people", {"x": {"group": "elastic-spark:ads:viewer", "purpose": "owner"}}, "people.x.group", "elastic-spark:ads:viewer", "does not start with elastic-spark:"),
        ("people", {"x": {"group": "g", "purpose": "admin"}}, "people.x.purpose", '"admin"', "'owner'"),
        ("people", {"x": {"principalArn": "*", "purpose": "owner"}}, "people.x.principalArn", '"*"', "the ARN of an IAM role"),
        ("people", {"x": {"principalArn": ARN, "purpose": "owner"}, "y": {"principalArn": ARN, "purpose": "viewer"}}, "people.y", ARN, "people.x has this one"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_what_is_allowed(
    path: str,
    value: Any,  # noqa: ANN401
    where: str,
    found: str,
    allowed: str,
) -> None:
    assert_named(findings(tenant_config(changed(tenant(), path, value))), where, found, allowed)


@pytest.mark.parametrize(
    ("path", "value", "where", "found", "allowed"),
    [
        ("people.everybody", {"principalArn": ARN, "purpose": "viewer"}, "people.everybody.principalArn", ARN, "a group: the platform is not in AWS"),
        ("people.everybody", {"purpose": "viewer"}, "people.everybody", "neither principalArn nor group", "a group"),
        ("people.everybody", {"group": "elastic-spark:demo:owner", "purpose": "viewer"}, "people.everybody.group", "elastic-spark:demo", "does not start with elastic-spark:"),
        ("people.everybody", {"group": "x", "queues": {"no": "viewer"}}, "people.everybody.queues.no", "no", "a queue of the tenant: try"),
        ("existing", False, "existing", "false", "true"),
        ("existing", "yes", "existing", '"yes"', "true"),
        ("allowedAccountIds", ["111122223333"], "allowedAccountIds", "an unknown key", "one of accepts, alerts, existing"),
        ("queues.try.pools.main.instanceTypes", ["m7i.large"], "queues.try.pools.main.instanceTypes", "an unknown key", "cpu, memory, nodes"),
        ("queues.try.data", [], "queues.try.data", "an unknown key",
         "backfill, defaultPool, drivers, maxExecutorsPerJob, order, pools"),
        ("queues.try.drivers.memory", "100Mi", "queues.try.drivers.memory", "100Mi", "at least 896Mi"),
        ("queues.try.pools.main.nodes", 0, "queues.try.pools.main.nodes", "0", "1 or more"),
    ],
)  # fmt: skip
def test_what_is_wrong_on_an_existing_cluster_is_named_too(
    path: str,
    value: Any,  # noqa: ANN401
    where: str,
    found: str,
    allowed: str,
) -> None:
    assert_named(findings(tenant_config(changed(tenant("demo-kind"), path, value))), where, found, allowed)


@pytest.mark.parametrize(
    ("config", "where"),
    [
        (tenant_config(tenant()) | config_of(platform()), "config"),
        (tenant_config("ads"), TENANT_KEY),
        (tenant_config([]), TENANT_KEY),
        (tenant_config(tenant(), region=None), "aws:region"),
        (tenant_config(tenant(), region="nowhere"), "aws:region"),
        (tenant_config(tenant(), **{"elastic-spark:extra": "1"}), "elastic-spark:extra"),
        (tenant_config(tenant("demo-kind"), **{"aws:region": "eu-central-1"}), "aws:region"),
    ],
)
def test_a_configuration_that_is_not_one_tenant_is_refused(config: dict[str, str], where: str) -> None:
    assert where in findings(config)


def test_all_errors_come_at_once_those_of_rules_too() -> None:
    settings = tenant()
    for path, value in [
        ("name", "A-B"),
        ("people.lead.group", "elastic-spark:x"),
        ("tags", {"aws:x": "y"}),
        (f"{POOL}.maxNodes", 1),
    ]:
        settings = changed(settings, path, value)
    assert set(findings(tenant_config(settings))) == {"name", "people.lead.group", "tags.aws:x", f"{POOL}.zones"}
