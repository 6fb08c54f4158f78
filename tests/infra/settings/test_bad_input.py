"""What a judge would write into a queue's catalogs, data, places and secrets: one clear error each, all at once."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings.findings import SettingsError
from infra.settings.tenancy import AwsTenancy
from infra.settings.validation import PLATFORM_KEY, stack_settings
from infra.tenant.aws import policy_findings
from sizing.spark.catalogs import REDACTED, RestCatalog, catalog_properties
from tests.infra.settings.on_platforms import wrong
from tests.infra.settings.tenants import by_path, findings, read
from tests.samples import changed, config_of, contract, platform, tenant, tenant_config

CATALOGS = "queues.explore.catalogs"
DATA = "queues.explore.data"
REACH = "queues.adhoc.reach"
SECRETS = "queues.adhoc.secrets"
HOST = {"host": "db.example.com", "ports": [5432], "purpose": "jdbc"}
RANGE = {"cidr": "10.60.1.0/24", "ports": [9092], "purpose": "kafka"}
LAKE = {"bucket": "example-research", "access": "readWrite"}
KEY = "arn:aws:kms:eu-central-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER_KEY = KEY.replace("1234abcd-", "4234abcd-")
ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:search/adhoc/db-a1B2c3"
PARAMETER = "arn:aws:ssm:eu-central-1:111122223333:parameter/search/adhoc/db"


def research(path: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    return changed(tenant("research-dev"), path, value)


def search(path: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    return changed(tenant("search-dev"), path, value)


def on(settings: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What is wrong on the sample platform with settings that are right by themselves."""
    return by_path(wrong(read(settings), "eu-central-1", contract()))


def of_platform(settings: dict[str, Any]) -> dict[str, tuple[str, str]]:
    try:
        stack_settings("platform-dev", config_of(settings))
    except SettingsError as error:
        return {path.removeprefix(f"{PLATFORM_KEY}."): said for path, said in by_path(error.findings).items()}
    return {}


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("169.254.169.254.nip.io", "stands for an address"),
        ("169-254-170-23.example.com", "stands for an address"),
        ("a9fea9fe.nip.io", "stands for an address"),
        ("db.10-40-0-9.sslip.io", "stands for an address"),
        ("127.0.0.1.example.com", "stands for an address"),
        ("lvh.me", "stands for an address"),
        ("db.localtest.me", "stands for an address"),
        ("metadata.google.internal", "a host outside"),
        ("localhost.localdomain", "a host outside"),
    ],
)
def test_a_name_that_stands_for_an_address_of_every_node_is_refused(host: str, said: str) -> None:
    for settings, path in (
        (search(REACH, {"x": {**HOST, "host": host}}), f"{REACH}.x.host"),
        (research(CATALOGS, {"x": {"hive": {"host": host}}}), f"{CATALOGS}.x.hive.host"),
        (research(CATALOGS, {"x": {"rest": {"uri": f"https://{host}/x"}}}), f"{CATALOGS}.x.rest.uri"),
    ):
        ((where, (_, allowed)),) = findings(tenant_config(settings)).items()
        assert where == path
        assert said in allowed


@pytest.mark.parametrize(
    "host", ["db-127-1.example.com", "10.0.0.example.com", "nip.io.example.com", "sts.amazonaws.com"]
)
def test_a_name_with_numbers_in_it_may_be_named(host: str) -> None:
    assert on(search(REACH, {"x": {**HOST, "host": host}})) == {}


def test_the_platforms_own_endpoint_is_refused_in_whatever_letters_it_is_exported() -> None:
    there = contract()
    assert there.aws
    there = there.model_copy(update={"aws": there.aws.model_copy(update={"endpoint": "https://API.Example.com:443"})})
    settings = search(REACH, {"x": {**HOST, "host": "api.example.com"}})
    ((where, (_, allowed)),) = by_path(wrong(read(settings), "eu-central-1", there)).items()
    assert where == f"{REACH}.x.host"
    assert "the API of platform-dev" in allowed


def test_a_port_of_a_place_is_named_once() -> None:
    copies = {"a": HOST, "b": {**HOST, "ports": [5433, 5432], "purpose": "other"}, "c": RANGE, "d": RANGE}
    said = findings(tenant_config(search(REACH, copies)))
    assert said == {
        f"{REACH}.b.ports[1]": ("5432 of db.example.com", "a port or place of its own: a has it"),
        f"{REACH}.d.ports[0]": ("9092 of 10.60.1.0/24", "a port or place of its own: c has it"),
    }
    both = changed(search(REACH, {"a": HOST}), "queues.scheduled.reach", {"b": HOST})
    assert on(both) == {}
    wider = {"a": RANGE, "b": {**RANGE, "cidr": "10.60.0.0/16"}, "c": {**RANGE, "ports": [9094]}}
    assert on(search(REACH, wider)) == {}


@pytest.mark.parametrize("below", ["scheduled/db", "scheduled/x/db"])
@pytest.mark.parametrize("arn", [ARN, PARAMETER])
def test_a_secret_below_another_queues_name_is_refused_whoever_names_it(arn: str, below: str) -> None:
    settings = search(SECRETS, {"DB": arn.replace("adhoc/db", below)})
    ((where, (_, allowed)),) = on(settings).items()
    assert where == f"{SECRETS}.DB"
    assert allowed == "a secret of this queue's own: search/scheduled/... is for queue scheduled"


@pytest.mark.parametrize("below", ["db", "adhoc/scheduled/db", "scheduled2/db", "scheduled", "shared/db"])
def test_a_secret_that_is_called_like_no_other_queue_is_taken(below: str) -> None:
    assert on(search(SECRETS, {"DB": ARN.replace("adhoc/db", below)})) == {}


def test_a_secret_that_was_made_anew_is_still_the_other_queues() -> None:
    both = changed(
        search(SECRETS, {"DB": ARN.replace("adhoc/", "")}),
        "queues.scheduled.secrets",
        {"DB": ARN.replace("adhoc/", "").replace("a1B2c3", "d4E5f6")},
    )
    ((where, (_, allowed)),) = findings(tenant_config(both)).items()
    assert where == "queues.scheduled.secrets.DB"
    assert "queue adhoc has this one" in allowed


def test_more_secrets_than_a_policy_holds_are_a_finding_at_the_secrets() -> None:
    many = {f"S{number}": ARN.replace("db", f"{number}{'x' * 400}") for number in range(20)}
    settings = read(search(SECRETS, many))
    found = contract()
    tenancy = AwsTenancy(settings, found)  # type: ignore[arg-type]
    (said,) = policy_findings(tenancy)
    assert said.path == SECRETS
    assert said.found.startswith("1 locations, 20 secrets, a policy of ")


@pytest.mark.parametrize(
    ("uri", "allowed"),
    [
        ("https://catalog.example.com/v1", "without /v1"),
        ("https://catalog.example.com/iceberg/v1/", "without /v1"),
        ("https://glue.eu-central-1.amazonaws.com/iceberg", "asks for no signatures of AWS"),
        ("https://s3tables.eu-central-1.amazonaws.com/iceberg", "asks for no signatures of AWS"),
        ("https://glue.eu-central-1.api.aws/iceberg", "asks for no signatures of AWS"),
    ],
)
def test_a_rest_catalog_that_no_job_could_use_is_refused(uri: str, allowed: str) -> None:
    ((where, (_, said)),) = findings(tenant_config(research(CATALOGS, {"x": {"rest": {"uri": uri}}}))).items()
    assert where == f"{CATALOGS}.x.rest.uri"
    assert allowed in said


@pytest.mark.parametrize(
    "uri",
    [
        "https://polaris.example.com/api/catalog",
        "https://acme.snowflakecomputing.com/polaris/api/catalog",
        "https://dbc-a1b2c3d4-e5f6.cloud.databricks.com/api/2.1/unity-catalog/iceberg-rest",
        "http://nessie.example.internal:19120/iceberg/main",
        "https://biglake.googleapis.com/iceberg/v1/restcatalog",
        "https://10.60.1.5:8181/catalog/",
        "https://glue.example.com/iceberg",
    ],
)
def test_rest_catalogs_of_other_makers_are_taken(uri: str) -> None:
    assert on(research(CATALOGS, {"x": {"rest": {"uri": uri, "warehouse": "prod"}}})) == {}


@pytest.mark.parametrize(
    "warehouse", ["s3://example-research/../x", "s3://example-research/a/./b", "s3://example-research/.."]
)
def test_a_warehouse_is_where_it_says(warehouse: str) -> None:
    glue = {"databases": {"research": "readWrite"}, "warehouse": warehouse}
    assert list(findings(tenant_config(research(CATALOGS, {"x": {"glue": glue}})))) == [f"{CATALOGS}.x.glue.warehouse"]


@pytest.mark.parametrize(
    ("location", "field"),
    [
        ({**LAKE, "prefix": "raw/../curated"}, "prefix"),
        ({**LAKE, "prefix": "."}, "prefix"),
        ({**LAKE, "prefix": ".."}, "prefix"),
        ({**LAKE, "bucket": "10.0.0.1"}, "bucket"),
        ({**LAKE, "bucket": "example..lake"}, "bucket"),
        ({**LAKE, "bucket": "xn--lake"}, "bucket"),
        ({**LAKE, "bucket": "example-lake-s3alias"}, "bucket"),
        ({**LAKE, "bucket": "example--euc1-az1--x-s3"}, "bucket"),
        ({**LAKE, "bucket": "abcdefgh.mrap"}, "bucket"),
    ],
)
def test_a_bucket_and_a_prefix_are_such_as_s3_and_hadoop_take(location: dict[str, str], field: str) -> None:
    assert list(findings(tenant_config(research(DATA, [location])))) == [f"{DATA}[0].{field}"]
    assert list(of_platform(changed(platform(), "tenants.research.data", [location]))) == [
        f"tenants.research.data[0].{field}"
    ]


@pytest.mark.parametrize("location", [{**LAKE, "prefix": "year=2026/a.b"}, {**LAKE, "prefix": "..a/b..c"}])
def test_dots_within_names_are_just_dots(location: dict[str, str]) -> None:
    assert on(changed(research(DATA, [location]), CATALOGS, {})) == {}


def test_a_place_with_a_key_is_there_once_and_with_two_keys_twice() -> None:
    twice = [{**LAKE, "access": "read"}, {**LAKE, "prefix": "a"}, LAKE]
    ((where, (found, allowed)),) = findings(tenant_config(changed(research(DATA, twice), CATALOGS, {}))).items()
    assert where == f"{DATA}[2]"
    assert found == "readWrite of example-research/"
    assert f"{DATA}[0] is the same" in allowed
    listed = changed(platform(), "tenants.research.data", twice)
    assert list(of_platform(listed)) == ["tenants.research.data[2]"]
    keys = [LAKE, {**LAKE, "kmsKey": KEY}, {**LAKE, "kmsKey": OTHER_KEY}]
    assert of_platform(changed(platform(), "tenants.research.data", keys)) == {}


def test_a_bucket_has_one_owner_whoever_uses_it() -> None:
    here, there = {**LAKE, "prefix": "a"}, {**LAKE, "prefix": "b", "accountId": "999988887777"}
    one = changed(platform(), "tenants.research.data", [here, there])
    assert of_platform(one) == {
        "tenants.research.data[1].accountId": (
            "example-research of 999988887777",
            "one account for a bucket: tenants.research.data[0] has it in 111122223333",
        )
    }
    two = changed(changed(platform(), "tenants.ads.data", [there]), "tenants.research.data", [here])
    assert list(of_platform(two)) == ["tenants.research.data[0].accountId"]
    alike = changed(platform(), "tenants.research.data", [{**here, "accountId": "999988887777"}, there])
    assert of_platform(alike) == {}


@pytest.mark.parametrize(
    ("alias", "whose"),
    [("spark-dev-data", "the platform's own"), ("spark-dev-secrets", "the platform's own"), ("pulumi", "Pulumi's")],
)
def test_data_is_under_no_key_of_the_platforms_and_not_under_pulumis(alias: str, whose: str) -> None:
    location = {**LAKE, "kmsKey": f"arn:aws:kms:eu-central-1:111122223333:alias/{alias}"}
    settings = changed(platform(), "tenants.research.data", [location])
    settings = changed(settings, "state", {"bucket": "example-state", "keyAlias": "alias/pulumi"})
    assert of_platform(settings) == {
        "tenants.research.data[0].kmsKey": (f"alias/{alias}", f"a key of the data, not {whose}")
    }


@pytest.mark.parametrize("prefix", ["aws", "..", "ads/../search", "./ads"])
def test_secrets_are_listed_by_names_and_none_of_awss(prefix: str) -> None:
    assert list(of_platform(changed(platform(), "tenants.ads.secrets", [prefix]))) == ["tenants.ads.secrets[0]"]


def test_one_wrong_entry_hides_no_other_mistake() -> None:
    settings = research(
        CATALOGS,
        {
            "Bad-Name": {"hive": {"host": "m.example.com"}},
            "nothing": {},
            "system": {"rest": {"uri": "https://catalog.example.com"}},
            "api": {"hive": {"host": "kubernetes.default.svc"}},
        },
    )
    settings = changed(settings, "queues.explore.secrets", {"A": "x", "B": ARN.replace("central", "west")})
    settings = changed(settings, "queues.explore.reach", {"a": {**HOST, "ports": [0]}, "b": {**HOST, **RANGE}})
    assert set(findings(tenant_config(settings))) == {
        f"{CATALOGS}.Bad-Name",
        f"{CATALOGS}.nothing",
        f"{CATALOGS}.system",
        f"{CATALOGS}.api.hive",  # the second one, whatever the first is called
        f"{CATALOGS}.api.hive.host",
        "queues.explore.secrets.A",
        "queues.explore.secrets.B",
        "queues.explore.reach.a.ports[0]",
        "queues.explore.reach.b",
    }


def test_what_a_rest_catalog_is_let_in_by_stays_out_of_pages_and_logs() -> None:
    found = catalog_properties([("x", RestCatalog(uri="https://catalog.example.com", warehouse=None))])
    assert found["spark.redaction.regex"] == REDACTED


@pytest.mark.parametrize(
    ("settings", "path", "found"),
    [
        (
            research(CATALOGS, {"x": {"rest": {"uri": "https://me:hunter2@a.example.com"}}}),
            f"{CATALOGS}.x.rest.uri",
            '"https://...@a.example.com"',
        ),
        (
            search(SECRETS, {"A": "hunter2"}),
            f"{SECRETS}.A",
            "7 characters, not shown: a secret itself belongs into no file",
        ),
        (search(SECRETS, {"a/b": ARN}), f"{SECRETS}.a/b", '"a/b"'),
        (search(SECRETS, {"A": "arn:aws:s3:::b"}), f"{SECRETS}.A", '"arn:aws:s3:::b"'),
    ],
)
def test_what_may_be_a_password_is_not_said_again(settings: dict[str, Any], path: str, found: str) -> None:
    said = findings(tenant_config(settings))
    assert {where: one for where, (one, _) in said.items()} == {path: found}
