"""The boundary of each tenant: all that its roles have, and nothing of anybody else's."""

from __future__ import annotations

import json

import pytest

from components.access.iam import MAXIMUM_MANAGED_POLICY, policy_length
from fleet.offline.registration import Registrations
from sizing import names
from tests.access.stacks import platform_of
from tests.iam_eval import Request, allowed
from tests.infra.tenant.tenant_registrations import ROLE, ROLE_POLICY
from tests.infra.tenant.test_tenant_isolation import folders, reaches
from tests.samples import (
    AWS_TENANTS,
    contract,
    doored_registrations,
    platform_registrations,
    sample_registrations,
    tenant,
)

POLICY = "aws:iam/policy:Policy"


def boundary(stack: str) -> str:
    """The text of the boundary that a sample tenant's platform makes for it."""
    wanted = names.boundary(contract(platform_of(stack)).platform, tenant(stack)["name"])
    (text,) = [
        p.inputs["policy"]
        for p in platform_registrations(platform_of(stack)).of_type(POLICY)
        if p.inputs["name"] == wanted
    ]
    return str(text)


@pytest.mark.parametrize("stack", AWS_TENANTS)
def test_every_role_of_a_tenant_has_its_platforms_boundary(stack: str) -> None:
    aws = contract(platform_of(stack)).aws
    assert aws
    wanted = (
        f"arn:aws:iam::{aws.account_id}:policy/{contract(platform_of(stack)).platform}-tenant-{tenant(stack)['name']}"
    )
    roles = sample_registrations(stack).of_type(ROLE)
    assert len(roles) > 2
    assert {role.inputs.get("permissionsBoundary") for role in roles} == {wanted}


def requests(registrations: Registrations, kind: str = "") -> list[Request]:
    """What each statement of each of a tenant's roles, of a kind, allows: its actions on its resources, by its
    conditions."""
    found = []
    for policy in (one for one in registrations.of_type(ROLE_POLICY) if kind in one.inputs["role"]):
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            conditions = statement.get("Condition", {})
            asked: list[dict[str, str | tuple[str, ...]]] = [{}]
            for keys in conditions.values():
                for key, values in keys.items():
                    listed = [values] if isinstance(values, str) else values
                    asked = [{**one, key: _instance(key, value)} for one in asked for value in listed]
            found += [
                Request(action=action, resource=resource.replace("*", "x"), context=context)
                for action in statement["Action"]
                for resource in statement["Resource"]
                for context in asked
            ]
    return found


def _instance(key: str, value: str) -> str | tuple[str, ...]:
    return (value,) if key == "kms:ResourceAliases" else value.replace("*", "x")


@pytest.mark.parametrize("stack", AWS_TENANTS)
def test_a_boundary_takes_nothing_away_that_a_role_needs(stack: str) -> None:
    asked = requests(sample_registrations(stack))
    assert len(asked) > 20
    assert [request for request in asked if not allowed(boundary(stack), request)] == []


def test_nor_from_a_history_server_beside_which_a_page_shows_logs() -> None:
    asked, without = (
        requests(found, "-hist-") for found in (doored_registrations("search-dev"), sample_registrations("search-dev"))
    )
    assert {request.action for request in asked if request not in without} == {"s3:GetObject", "s3:ListBucket"}
    assert [request for request in asked if not allowed(boundary("search-dev"), request)] == []


@pytest.mark.parametrize("own", AWS_TENANTS)
def test_a_boundary_reaches_no_other_tenants_prefix(own: str) -> None:
    places = folders({stack: sample_registrations(stack) for stack in AWS_TENANTS})
    for other, (bucket, prefix) in places.items():
        for purpose in ("events", "artifacts", "logs"):
            at = bucket.replace("-events-", f"-{purpose}-")
            assert reaches(boundary(own), at, prefix) == (own == other.stack), (other, at)


@pytest.mark.parametrize("own", AWS_TENANTS)
@pytest.mark.parametrize("other", AWS_TENANTS)
def test_a_boundary_allows_nothing_that_another_tenants_roles_alone_have(own: str, other: str) -> None:
    """But what reads queries of one's own, uses the platform's key, or is one's own too."""
    if own == other:
        return
    mine = {(r.action, r.resource) for r in requests(sample_registrations(own))}
    let_through = {
        (r.action, r.resource)
        for r in requests(sample_registrations(other))
        if allowed(boundary(own), r) and not r.action.startswith(("kms:", "logs:GetQuery", "logs:StopQuery"))
    }
    assert let_through - mine == set()


@pytest.mark.parametrize(
    ("bucket", "name"), [("example-ads-lake", "raw/x"), ("example-ads-lake", "curated2/x"), ("example-other", "x")]
)
def test_listed_data_is_all_that_a_boundary_lets_be_written(bucket: str, name: str) -> None:
    assert not allowed(boundary("ads-prod"), Request(action="s3:PutObject", resource=f"arn:aws:s3:::{bucket}/{name}"))
    assert allowed(
        boundary("ads-prod"), Request(action="s3:PutObject", resource="arn:aws:s3:::example-ads-lake/curated/x")
    )


@pytest.mark.parametrize("context", ["arn:aws:s3:::example-ads-lake", "arn:aws:s3:::example-ads-lake/raw/x"])
def test_a_key_of_the_datas_own_is_used_for_listed_buckets_only(context: str) -> None:
    def decrypts(of: str, by: str) -> bool:
        key = "arn:aws:kms:eu-west-1:999988887777:key/1"
        asked: dict[str, str | tuple[str, ...]] = {"kms:EncryptionContext:aws:s3:arn": of, "kms:ViaService": by}
        return allowed(boundary("ads-prod"), Request(action="kms:Decrypt", resource=key, context=asked))

    assert decrypts(context, "s3.eu-west-1.amazonaws.com")
    assert not decrypts(context, "ec2.eu-west-1.amazonaws.com")
    assert not decrypts(context.replace("lake", "lake2"), "s3.eu-west-1.amazonaws.com")


def test_boundaries_are_short_enough() -> None:
    assert all(policy_length(boundary(stack)) <= MAXIMUM_MANAGED_POLICY for stack in AWS_TENANTS)


NAMED = "arn:aws:kms:eu-central-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    ("key", "by", "fine"),
    [
        (NAMED, "s3.eu-central-1.amazonaws.com", True),
        (NAMED, "s3.eu-west-1.amazonaws.com", False),
        (NAMED, "ec2.eu-central-1.amazonaws.com", False),
        (NAMED.replace("1234abcd", "4321abcd"), "s3.eu-central-1.amazonaws.com", False),
        (NAMED.replace("9999", "1111"), "s3.eu-central-1.amazonaws.com", False),
    ],
)
def test_of_data_with_a_listed_key_the_boundary_lets_that_key_be_used_alone(key: str, by: str, fine: bool) -> None:
    context = {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::example-partner-clicks/daily/x", "kms:ViaService": by}
    assert allowed(boundary("research-dev"), Request(action="kms:Decrypt", resource=key, context=context)) == fine
    assert not allowed(boundary("ads-dev"), Request(action="kms:Decrypt", resource=key, context=context))


@pytest.mark.parametrize(
    ("tenant_stack", "table", "reads", "writes"),
    [
        ("research-dev", "research/runs", True, True),
        ("research-dev", "reference/countries", True, False),
        ("research-dev", "research2/runs", False, False),
        ("ads-dev", "research/runs", False, False),
        ("search-dev", "reference/countries", False, False),
    ],
)
def test_a_boundary_holds_the_databases_that_are_listed_for_its_tenant(
    tenant_stack: str, table: str, reads: bool, writes: bool
) -> None:
    arn = f"arn:aws:glue:eu-central-1:111122223333:table/{table}"
    assert allowed(boundary(tenant_stack), Request(action="glue:GetTable", resource=arn)) == reads
    for action in ("glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable"):
        assert allowed(boundary(tenant_stack), Request(action=action, resource=arn)) == writes
    assert not allowed(boundary(tenant_stack), Request(action="glue:DeleteDatabase", resource=arn))


def test_nodes_reach_a_bucket_of_another_account_that_is_listed_with_it_and_no_other() -> None:
    (policy,) = [
        str(r.inputs["policy"])
        for r in platform_registrations("platform-dev").of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
        if r.inputs["serviceName"].endswith(".s3")
    ]
    for bucket, fine in (("example-partner-clicks", True), ("example-partner-clicks2", False), ("example-x", False)):
        request = Request(
            action="s3:GetObject",
            resource=f"arn:aws:s3:::{bucket}/daily/x",
            context={"aws:PrincipalAccount": "111122223333", "aws:ResourceAccount": "999988887777"},
            principal=("AWS", "arn:aws:iam::111122223333:role/spark-dev-queue-research-explore"),
        )
        assert allowed(policy, request) == fine
