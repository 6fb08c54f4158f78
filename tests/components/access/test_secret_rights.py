"""Asks what of secrets a queue's role and its tenant's boundary allow, by evaluating them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.access.iam import policy_document
from components.queue.identity import queue_statements
from tests.access.test_boundary import boundary
from tests.components.queue.test_identity import ARGS, KEY
from tests.iam_eval import Request, allowed

PLACE = "arn:aws:{}:eu-central-1:111122223333:{}"
SECRET = PLACE.format("secretsmanager", "secret:ads/batch/db-a1B2c3")
PARAMETER = PLACE.format("ssm", "parameter/ads/batch/db")
ROLE = policy_document(*queue_statements(replace(ARGS, secrets=(SECRET, PARAMETER))))
OTHERS = {
    SECRET: (
        "secret:ads/batch/db-Zz9Zz9",
        "secret:ads/batch/db-a1B2c3-d4E5f6",
        "secret:ads/batch/db",
        "secret:ads/batch2/db-a1B2c3",
        "secret:search/adhoc/db-a1B2c3",
    ),
    PARAMETER: ("parameter/ads/batch/db2", "parameter/ads/batch/db/x", "parameter/ads/batch", "parameter/search/db"),
}
READ = {SECRET: "secretsmanager:GetSecretValue", PARAMETER: "ssm:GetParameter"}
CONTEXT = {SECRET: ("secretsmanager", "SecretARN"), PARAMETER: ("ssm", "PARAMETER_ARN")}


def decrypts(policy: str, of: str, arn: str, service: str = "", region: str = "eu-central-1") -> bool:
    """Whether a key of the account may be used for a secret, through its service."""
    own, key = CONTEXT[of]
    context = {
        "kms:ViaService": f"{service or own}.{region}.amazonaws.com",
        f"kms:EncryptionContext:{key}": arn,
    }
    return allowed(policy, Request(action="kms:Decrypt", resource=KEY, context=context))


@pytest.mark.parametrize("arn", [SECRET, PARAMETER])
def test_a_role_reads_exactly_what_its_queue_names(arn: str) -> None:
    assert allowed(ROLE, Request(action=READ[arn], resource=arn))
    others = [arn.rpartition(":secret:")[0] or arn.rpartition(":parameter")[0]]
    for other in OTHERS[arn]:
        assert not allowed(ROLE, Request(action=READ[arn], resource=f"{others[0]}:{other}")), other


@pytest.mark.parametrize("arn", [SECRET, PARAMETER])
def test_a_role_uses_a_key_for_its_own_secrets_through_their_service_alone(arn: str) -> None:
    assert decrypts(ROLE, arn, arn)
    assert not decrypts(ROLE, arn, arn.replace("ads/batch", "search/adhoc"))
    assert not decrypts(ROLE, arn, arn, service="s3")
    assert not decrypts(ROLE, arn, arn, region="eu-west-1")
    assert not allowed(ROLE, Request(action="kms:Decrypt", resource=KEY))


@pytest.mark.parametrize(
    "action",
    [
        "secretsmanager:DescribeSecret",
        "secretsmanager:ListSecrets",
        "secretsmanager:PutSecretValue",
        "secretsmanager:PutResourcePolicy",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "ssm:GetParameterHistory",
        "ssm:PutParameter",
    ],
)
def test_a_role_does_nothing_else_with_secrets(action: str) -> None:
    assert not any(allowed(ROLE, Request(action=action, resource=arn)) for arn in (SECRET, PARAMETER, "*"))


def test_a_role_of_a_queue_without_secrets_reads_none() -> None:
    role = policy_document(*queue_statements(ARGS))
    assert not any(allowed(role, Request(action=READ[arn], resource=arn)) for arn in (SECRET, PARAMETER))


@pytest.mark.parametrize(("of", "name"), [(SECRET, "secret:{}/adhoc/db-a1B2c3"), (PARAMETER, "parameter/{}/adhoc/db")])
def test_a_boundary_holds_a_tenants_roles_to_the_names_that_its_platform_lists(of: str, name: str) -> None:
    own = PLACE.format(CONTEXT[of][0], name.format("search"))
    assert allowed(boundary("search-dev"), Request(action=READ[of], resource=own))
    assert decrypts(boundary("search-dev"), of, own)
    for other in ("ads", "search2", "searc", "x/search"):
        arn = PLACE.format(CONTEXT[of][0], name.format(other))
        assert not allowed(boundary("search-dev"), Request(action=READ[of], resource=arn)), other
        assert not decrypts(boundary("search-dev"), of, arn), other
    assert not allowed(boundary("ads-dev"), Request(action=READ[of], resource=own))
