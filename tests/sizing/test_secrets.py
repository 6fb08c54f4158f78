"""Which ARNs are secrets of a queue, and what they are called."""

from __future__ import annotations

import re

import pytest

from sizing.secrets import LINES, PREFIX, secret_lines, secret_of

OF_SECRETS = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ads/batch/db-a1B2c3"
OF_SYSTEMS = "arn:aws:ssm:eu-central-1:111122223333:parameter/ads/batch/db"


def test_a_secret_is_known_by_its_name_without_what_aws_put_at_its_end() -> None:
    found = secret_of(OF_SECRETS)
    assert (found.service, found.partition, found.region, found.account, found.name) == (
        "secretsmanager",
        "aws",
        "eu-central-1",
        "111122223333",
        "ads/batch/db",
    )


def test_a_parameter_is_known_by_its_path() -> None:
    found = secret_of(OF_SYSTEMS)
    assert (found.service, found.name) == ("ssm", "ads/batch/db")
    assert secret_of(OF_SYSTEMS.replace("arn:aws:", "arn:aws-us-gov:")).partition == "aws-us-gov"


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "ads/batch/db",
        OF_SECRETS.removesuffix("-a1B2c3"),
        OF_SECRETS.removesuffix("a1B2c3"),
        f"{OF_SECRETS}?",
        f"{OF_SECRETS}\n",
        OF_SECRETS.replace("batch", "*"),
        OF_SECRETS.replace("batch", "${aws:PrincipalTag/x}"),
        OF_SECRETS.replace("secret:", "secret/"),
        OF_SECRETS.replace("111122223333", "1111"),
        OF_SECRETS.replace("eu-central-1", ""),
        OF_SECRETS.replace("arn:aws:", "arn:aws-iso:"),
        OF_SYSTEMS.replace("parameter/", "parameter//"),
        OF_SYSTEMS.replace("parameter/", "parameter:"),
        f"{OF_SYSTEMS}/",
        f"{OF_SYSTEMS}:3",
        OF_SYSTEMS.replace("ads", "*"),
        OF_SYSTEMS.replace(":ssm:", ":kms:"),
    ],
)
def test_what_is_no_whole_arn_is_refused(arn: str) -> None:
    with pytest.raises(ValueError, match="the whole ARN of a secret, with the six characters"):
        secret_of(arn)


def test_a_name_is_below_a_prefix_only_behind_a_slash() -> None:
    found = secret_of(OF_SECRETS)
    assert found.below("ads")
    assert found.below("ads/batch")
    assert not found.below("ad")
    assert not found.below("ads/batch/db")


@pytest.mark.parametrize(
    ("prefix", "fine"), [("ads", True), ("ads/x", True), ("aws/x", False), ("", False), ("a/", False)]
)
def test_a_prefix_is_none_of_awss_own(prefix: str, fine: bool) -> None:
    assert bool(re.fullmatch(PREFIX, prefix)) is fine


def test_what_a_namespace_says_of_secrets_is_what_admission_lets_it_say() -> None:
    lines = secret_lines({"DB": OF_SECRETS, "A.b-c": OF_SYSTEMS})
    assert lines == f"A.b-c={OF_SYSTEMS}\nDB={OF_SECRETS}"
    assert re.search(LINES, lines)
    assert re.search(LINES, "")
