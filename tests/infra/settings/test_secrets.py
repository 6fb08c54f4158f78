"""The secrets that a tenant's queues name: what is refused, where the error points, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from infra.contract import AwsContract, PlatformContract
from infra.settings.findings import SettingsError
from infra.settings.secrets import arns_of
from infra.settings.tenant import AwsTenant
from infra.settings.validation import PLATFORM_KEY, stack_settings
from tests.infra.settings.on_platforms import wrong
from tests.infra.settings.tenants import by_path, findings, read
from tests.samples import changed, config_of, contract, platform, tenant, tenant_config

ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:search/adhoc/db-a1B2c3"
PARAMETER = "arn:aws:ssm:eu-central-1:111122223333:parameter/search/adhoc/db"
AT = "queues.adhoc.secrets"


def naming(secrets: Any, queue: str = "adhoc") -> dict[str, Any]:  # noqa: ANN401
    return changed(tenant("search-dev"), f"queues.{queue}.secrets", secrets)


def in_environment(arn: str = ARN) -> dict[str, str]:
    return {"arn": arn, "as": "environment"}


def on(settings: dict[str, Any], there: PlatformContract) -> dict[str, tuple[str, str]]:
    return by_path(wrong(read(settings), "eu-central-1", there))


def with_endpoints(*services: str) -> PlatformContract:
    found = contract()
    assert isinstance(found, AwsContract)
    return found.model_copy(update={"aws": found.aws.model_copy(update={"endpoints": services})})


@pytest.mark.parametrize(
    ("secrets", "where", "found", "allowed"),
    [
        ({"DB": "hunter2"}, f"{AT}.DB", "7 characters, not shown", "the whole ARN of a secret"),
        ({"DB": ARN.removesuffix("-a1B2c3")}, f"{AT}.DB", "adhoc/db", "the six characters"),
        ({"DB": ARN.replace("adhoc", "*")}, f"{AT}.DB", "*", "the whole ARN"),
        ({"DB": ARN.replace("eu-central-1", "eu-west-1")}, f"{AT}.DB", "eu-west-1", "a secret in eu-central-1"),
        ({"DB": PARAMETER.replace("eu-central-1", "us-east-1")}, f"{AT}.DB", "us-east-1", "a secret in eu-central-1"),
        ({"DB": ARN.replace("arn:aws:", "arn:aws-cn:")}, f"{AT}.DB", "aws-cn", "arn:aws:...:eu-central-1"),
        ({"../DB": ARN}, f"{AT}.../DB", '"../DB"', "the name of a file"),
        ({"A=B": ARN}, f"{AT}.A=B", '"A=B"', "the name of a file"),
        ({f"S{number}": ARN for number in range(21)}, AT, "", "at most 20"),
        ([ARN], AT, ARN[:20], "mapping"),
        ({"DB": 5}, f"{AT}.DB", "5", "the whole ARN of a secret or a parameter, or a mapping of `arn` and `as`"),
        ({"DB": None}, f"{AT}.DB", "null", "or a mapping of `arn` and `as`"),
        ({"DB": [ARN]}, f"{AT}.DB", ARN[:20], "or a mapping of `arn` and `as`"),
        ({"DB": {"as": "environment"}}, f"{AT}.DB.arn", "nothing", "a value"),
        ({"DB": {"arn": "hunter2"}}, f"{AT}.DB.arn", "hunter2", "the whole ARN of a secret"),
        ({"DB": {"arn": ARN, "as": "env"}}, f"{AT}.DB.as", '"env"', "one of 'environment' or 'file'"),
        ({"DB": {"arn": ARN, "way": "file"}}, f"{AT}.DB.way", "an unknown key", "one of arn, as"),
        ({"DB": in_environment(ARN.replace("eu-central-1", "eu-west-1"))}, f"{AT}.DB", "eu-west-1", "in eu-central-1"),
        ({"db.login": in_environment()}, f"{AT}.db.login", "db.login", "the name of an environment variable: 1 to 63"),
        ({"db-login": in_environment()}, f"{AT}.db-login", "db-login", "leave `as` out"),
        ({"_DB": in_environment()}, f"{AT}._DB", "_DB", "starting with a letter"),
        *(
            ({name: in_environment()}, f"{AT}.{name}", name, "a variable that neither Spark nor Kubernetes")
            for name in (
                "PATH",
                "HOME",
                "LD_PRELOAD",
                "JAVA_TOOL_OPTIONS",
                "JDK_JAVA_OPTIONS",
                "PYTHONPATH",
                "PYSPARK_PYTHON",
                "SPARK_HOME",
                "SPARK_DRIVER_BIND_ADDRESS",
                "SPARK_JAVA_OPT_0",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "KUBERNETES_SERVICE_HOST",
                "BASH_ENV",
                "HADOOP_CONF_DIR",
                "MASTER",
                "HOSTNAME",
            )
        ),
    ],
)
def test_a_secret_that_no_queue_may_name_is_refused(
    secrets: Any,  # noqa: ANN401
    where: str,
    found: str,
    allowed: str,
) -> None:
    said = findings(tenant_config(naming(secrets)))
    assert list(said) == [where]
    assert found in said[where][0]
    assert allowed in said[where][1]


def test_a_secret_is_a_file_or_a_variable_and_one_may_be_both() -> None:
    secrets = {
        "LONG": {"arn": ARN},
        "db.login": {"arn": ARN, "as": "file"},
        "PATH": ARN,
        "WAREHOUSE_PASSWORD": in_environment(),
        "hive_password": in_environment(PARAMETER),
    }
    settings = read(naming(secrets))
    assert isinstance(settings, AwsTenant)
    found = settings.queues["adhoc"].secrets
    assert arns_of(found, "file") == {"LONG": ARN, "PATH": ARN, "db.login": ARN}
    assert arns_of(found, "environment") == {"WAREHOUSE_PASSWORD": ARN, "hive_password": PARAMETER}
    assert on(naming(secrets), contract()) == {}


def test_another_queues_secret_is_refused_as_a_variable_too() -> None:
    both = changed(naming({"DB": ARN}), "queues.scheduled.secrets", {"DB": in_environment()})
    assert "queue adhoc has this one" in findings(tenant_config(both))["queues.scheduled.secrets.DB"][1]
    found, allowed = on(naming({"DB": in_environment(ARN.replace("search/", "ads/"))}), contract())[f"{AT}.DB"]
    assert "ads/adhoc/db" in found
    assert "(search/...)" in allowed


def test_another_queues_secret_is_refused_and_one_under_two_names_is_not() -> None:
    both = changed(naming({"DB": ARN, "SAME": ARN}), "queues.scheduled.secrets", {"DB": ARN})
    said = findings(tenant_config(both))
    assert list(said) == ["queues.scheduled.secrets.DB"]
    assert "queue adhoc has this one" in said["queues.scheduled.secrets.DB"][1]
    assert on(naming({"DB": ARN, "SAME": ARN}), contract()) == {}


@pytest.mark.parametrize("name", ["ads/batch/db", "search2/db", "db", "searc/h"])
@pytest.mark.parametrize("arn", [ARN, PARAMETER])
def test_another_tenants_secret_is_refused(arn: str, name: str) -> None:
    found, allowed = on(naming({"DB": arn.replace("search/adhoc/db", name)}), contract())[f"{AT}.DB"]
    assert name in found
    assert "(search/...)" in allowed
    assert "tenants.search.secrets in stacks/Pulumi.platform-dev.yaml" in allowed


def test_a_tenant_for_which_the_platform_lists_none_is_told_so() -> None:
    arn = ARN.replace("search/adhoc", "ads/batch")
    (said,) = on(changed(tenant(), "queues.batch.secrets", {"DB": arn}), contract()).values()
    assert "nothing yet" in said[1]


def test_a_secret_of_another_account_is_refused() -> None:
    said = on(naming({"DB": ARN.replace("111122223333", "999988887777")}), contract())
    assert said[f"{AT}.DB"][1] == "a secret of the platform's account, 111122223333"


def test_a_platform_with_endpoints_has_one_of_the_service() -> None:
    settings = naming({"DB": ARN, "LOGIN": PARAMETER})
    assert on(settings, with_endpoints("secretsmanager", "ssm")) == {}
    assert on(settings, with_endpoints()) == {}
    said = on(settings, with_endpoints("secretsmanager", "ec2"))
    assert list(said) == [f"{AT}.LOGIN"]
    assert "add ssm under network.vpc.endpoints" in said[f"{AT}.LOGIN"][1]


def test_on_an_existing_cluster_there_are_none() -> None:
    said = findings(tenant_config(changed(tenant("demo-kind"), "queues.try.secrets", {"DB": ARN})))
    assert said["queues.try.secrets"][0] == "an unknown key"


@pytest.mark.parametrize(
    ("ads", "search", "where"),
    [
        (["shared"], ["shared"], {"ads", "search"}),
        (["shared"], ["shared/search"], {"search"}),
        (["ads/x"], ["search", "ads"], {"ads"}),
        (["ads"], ["ads2"], set()),
        (["ads", "ads/x"], ["search"], set()),
    ],
)
def test_no_two_tenants_secrets_have_names_that_begin_alike(ads: list[str], search: list[str], where: set[str]) -> None:
    settings = changed(changed(platform(), "tenants.ads.secrets", ads), "tenants.search.secrets", search)
    if not where:
        stack_settings("platform-dev", config_of(settings))
        return
    with pytest.raises(SettingsError) as error:
        stack_settings("platform-dev", config_of(settings))
    assert {f.path.removeprefix(f"{PLATFORM_KEY}.") for f in error.value.findings} == {
        f"tenants.{name}.secrets" for name in where
    }


@pytest.mark.parametrize("prefix", ["", "aws/x", "a/", "*", "a b"])
def test_a_platform_lists_beginnings_of_names_and_none_of_awss(prefix: str) -> None:
    with pytest.raises(SettingsError) as error:
        stack_settings("platform-dev", config_of(changed(platform(), "tenants.ads.secrets", [prefix])))
    assert [f.path for f in error.value.findings] == [f"{PLATFORM_KEY}.tenants.ads.secrets[0]"]
