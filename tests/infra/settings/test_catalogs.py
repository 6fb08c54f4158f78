"""A queue's catalogs and its data's keys: what is refused, by itself or on its platform, and what follows from them."""

from __future__ import annotations

from typing import Any

import pytest

from infra.contract import AwsContract
from infra.settings.catalogs import Catalog, catalog_openings, databases
from infra.settings.findings import SettingsError
from infra.settings.validation import stack_settings
from sizing.reach import CATALOG, Opening
from tests.infra.settings.tenants import by_path, findings, on, read
from tests.samples import changed, config_of, contract, platform, tenant, tenant_config

QUEUE = "queues.explore"
KEY = "arn:aws:kms:eu-central-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"
URL = "an http or https address"
HOST = "the full name of a host"
OUTSIDE = " outside"


def with_catalog(**catalog: Any) -> dict[str, Any]:  # noqa: ANN401
    """A tenant whose queue has one catalog, `x`."""
    return changed(tenant("research-dev"), f"{QUEUE}.catalogs", {"x": catalog})


@pytest.mark.parametrize(
    ("catalog", "where", "found", "allowed"),
    [
        ({}, "", "nothing", "exactly one of glue, rest, hive"),
        ({"hive": {"host": "a.example"}, "rest": {"uri": "https://a.example"}}, "", "rest and hive", "exactly one of"),
        ({"iceberg": {}}, ".iceberg", "an unknown key", "glue, hive, rest"),
        ({"glue": {}}, ".glue.databases", "nothing", "makes and removes tables"),
        ({"glue": {"databases": {}}}, ".glue.databases", "{}", "at least 1"),
        ({"glue": {"databases": ["a"]}}, ".glue.databases", "[", "a mapping"),
        ({"glue": {"databases": {"a": "write"}}}, ".glue.databases.a", '"write"', "'read' or 'readWrite'"),
        *(
            ({"glue": {"databases": {name: "read"}}}, f".glue.databases.{name}", f'"{name}"', "a database of AWS Glue")
            for name in ("*", "sal?s", "Sales", "sales-eu", "a/b", "${aws:userid}")
        ),
        *(
            (
                {"glue": {"databases": {"reference": "read"}, "warehouse": folder}},
                ".glue.warehouse",
                folder,
                "readWrite",
            )
            for folder in (
                "s3://example-other/tables",
                "s3://example-research2/tables",
                "s3://example-partner-clicks/daily",
            )
        ),
        *(
            (
                {"glue": {"databases": {"a": "read"}, "warehouse": text}},
                ".glue.warehouse",
                f'"{text}"',
                "a folder in S3",
            )
            for text in ("s3a://example-research/x", "example-research/x", "s3://example-research/x/", "s3://a/*")
        ),
        *(
            ({"rest": {"uri": uri}}, ".rest.uri", f'"{uri}"', URL)
            for uri in (
                "catalog.example.com",
                "thrift://catalog.example.com",
                "https://catalog",
                "https://user:word@catalog.example.com",
                "https://catalog.example.com?token=x",
                "https://catalog.example.com/a b",
                "https://catalog.example.com/${env:HOME}",
                "https://2852039166/",
                "https://[fd00::1]/",
            )
        ),
        ({"rest": {"uri": "https://c.example\nspark.x=y"}}, ".rest.uri", '"https://c.example', URL),
        ({"glue": {"databases": {"a" * 253: "read"}}}, f".glue.databases.{'a' * 253}", '"aaa', "1 to 252"),
        (
            {"rest": {"uri": "https://c.example:70000"}},
            ".rest.uri",
            "https://c.example:70000",
            "a port from 1 to 65535",
        ),
        ({"rest": {"uri": "https://c.example", "warehouse": "a b"}}, ".rest.warehouse", '"a b"', "a warehouse"),
        ({"rest": {"uri": "https://c.example", "warehouse": "${x}"}}, ".rest.warehouse", '"${x}"', "a warehouse"),
        ({"hive": {"host": "metastore"}}, ".hive.host", '"metastore"', HOST),
        ({"hive": {"host": "Metastore.example"}}, ".hive.host", '"Metastore.example"', HOST),
        ({"hive": {"host": "10.0.0"}}, ".hive.host", '"10.0.0"', HOST),
        ({"hive": {"host": "010.0.0.1"}}, ".hive.host", '"010.0.0.1"', HOST),
        ({"hive": {"host": "m.example", "port": 0}}, ".hive.port", "0", "1 or more"),
        ({"hive": {"host": "m.example", "port": 65536}}, ".hive.port", "65536", "65535 or less"),
        *(
            ({"hive": {"host": host}}, ".hive.host", host, OUTSIDE)
            for host in (
                "169.254.169.254",
                "169.254.170.23",
                "127.0.0.1",
                "0.0.0.0",  # noqa: S104 - refused
                "x.localhost",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
            )
        ),
        ({"rest": {"uri": "http://169.254.169.254/x"}}, ".rest.uri", "http://169.254.169.254/x", OUTSIDE),
    ],
)
def test_what_is_wrong_with_a_catalog_is_named_with_what_is_allowed(
    catalog: dict[str, Any], where: str, found: str, allowed: str
) -> None:
    ((path, (is_there, may_be)),) = findings(tenant_config(with_catalog(**catalog))).items()
    assert path == f"{QUEUE}.catalogs.x{where}"
    assert is_there.startswith(found) or found in is_there
    assert allowed in may_be


@pytest.mark.parametrize(
    "catalog",
    [
        {"glue": {"databases": {"a_1": "read", "2": "readWrite"}}},
        {"glue": {"databases": {"research": "readWrite"}, "warehouse": "s3://example-research"}},
        {"rest": {"uri": "http://10.20.30.40:8181"}},
        {"rest": {"uri": "https://catalog.example.com/v/iceberg/", "warehouse": "arn:aws:s3tables:eu-central-1:1:b/x"}},
        {"hive": {"host": "10.20.30.40", "port": 9084}},
    ],
)
def test_each_kind_of_catalog_is_taken(catalog: dict[str, Any]) -> None:
    read(with_catalog(**catalog))


@pytest.mark.parametrize("name", ["Lake", "1lake", "my-lake", "a.b", "a=b", "a" * 65])
def test_a_catalogs_name_is_one_of_sparks(name: str) -> None:
    catalogs = {name: {"hive": {"host": "m.example"}}}
    found = findings(tenant_config({**tenant("research-dev"), "queues": {"explore": queue(catalogs=catalogs)}}))
    assert "lower-case letters, digits and '_'" in found[f"{QUEUE}.catalogs.{name}"][1]


def queue(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    found: dict[str, Any] = {**tenant("research-dev")["queues"]["explore"], **changes}
    return found


@pytest.mark.parametrize("name", ["spark_catalog", "system", "default", "global_temp"])
def test_a_catalog_that_spark_has_by_itself_is_not_replaced(name: str) -> None:
    settings = changed(tenant("research-dev"), f"{QUEUE}.catalogs", {name: {"hive": {"host": "m.example"}}})
    assert findings(tenant_config(settings)) == {
        f"{QUEUE}.catalogs.{name}": (name, "another name: Spark has a catalog or a database of this one by itself")
    }


def test_a_session_has_one_hive_metastore() -> None:
    two = {name: {"hive": {"host": "m.example"}} for name in ("a", "b")}
    found = findings(tenant_config(changed(tenant("research-dev"), f"{QUEUE}.catalogs", two)))
    assert list(found) == [f"{QUEUE}.catalogs.b.hive"]
    assert "a is there" in found[f"{QUEUE}.catalogs.b.hive"][1]


WRONG_KEYS = [
    ("alias/partners", "the ARN of a KMS key or of its alias"),
    ("1234abcd-12ab-34cd-56ef-1234567890ab", "the ARN of a KMS key or of its alias"),
    ("arn:aws:kms:eu-central-1:999988887777:key/*", "the ARN of a KMS key or of its alias"),
    ("arn:aws:kms:eu-central-1:999988887777:key/1234", "the ARN of a KMS key or of its alias"),
    ("arn:aws:kms:*:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab", "the ARN of a KMS key or of its alias"),
    ("arn:aws:kms:eu-central-1::key/1234abcd-12ab-34cd-56ef-1234567890ab", "the ARN of a KMS key or of its alias"),
    ("arn:aws:kms:eu-central-1:999988887777:alias/aws/s3", "the ARN of a KMS key or of its alias"),
    ("arn:aws:s3:::example-research", "the ARN of a KMS key or of its alias"),
    (KEY.replace("eu-central-1", "eu-west-1"), "a key of the stack's region, arn:aws:kms:eu-central-1:..."),
    (KEY.replace("arn:aws:", "arn:aws-cn:"), "a key of the stack's region, arn:aws:kms:eu-central-1:..."),
]


@pytest.mark.parametrize(("key", "allowed"), WRONG_KEYS)
def test_a_key_is_named_by_its_arn_in_the_stacks_region(key: str, allowed: str) -> None:
    location = {"bucket": "example-research", "access": "readWrite", "kmsKey": key}
    of_tenant = findings(tenant_config(changed(tenant("research-dev"), f"{QUEUE}.data.0", location)))
    of_platform = by_path_of_platform(changed(platform(), "tenants.research.data.0", location))
    assert list(of_tenant) == [f"{QUEUE}.data[0].kmsKey"]
    assert list(of_platform) == ["elastic-spark:platform.tenants.research.data[0].kmsKey"]
    for _, said in (*of_tenant.values(), *of_platform.values()):
        assert allowed in said


def by_path_of_platform(settings: dict[str, Any]) -> dict[str, tuple[str, str]]:
    with pytest.raises(SettingsError) as error:
        stack_settings("test", config_of(settings))
    return by_path(error.value.findings)


@pytest.mark.parametrize(
    "key",
    [
        KEY,
        KEY.replace("1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab"),
        "arn:aws:kms:eu-central-1:999988887777:alias/partners/clicks",
    ],
)
def test_a_key_of_any_account_is_taken_with_the_data_that_the_platform_lists_it_with(key: str) -> None:
    location = {"bucket": "example-partner-clicks", "access": "read", "kmsKey": key}
    settings = changed(tenant("research-dev"), f"{QUEUE}.data.1", {**location, "prefix": "x"})
    assert on(settings, listing(data=[location, {"bucket": "example-research", "access": "readWrite"}])) == {}


def listing(**listed: Any) -> AwsContract:  # noqa: ANN401
    """The contract of a platform that lists this for research, and what it lists already."""
    found = contract()
    assert isinstance(found, AwsContract)
    research = found.aws.tenants["research"].model_dump(by_alias=True, mode="json")
    given = found.model_dump(by_alias=True, mode="json")
    given["aws"]["tenants"]["research"] = {**research, **listed}
    return AwsContract.model_validate_json(
        AwsContract.model_validate(given, strict=False).model_dump_json(by_alias=True)
    )


@pytest.mark.parametrize("key", [KEY.replace("1234abcd", "12345678"), KEY.replace("9999", "1111")])
def test_a_key_that_the_platform_does_not_list_with_the_data_is_refused(key: str) -> None:
    result = on(changed(tenant("research-dev"), f"{QUEUE}.data.1.kmsKey", key), contract())
    ((where, (found, allowed)),) = result.items()
    assert where == f"{QUEUE}.data[1]"
    assert found == f"read of example-partner-clicks/daily by {key}"
    assert f"read of example-partner-clicks/ by {KEY}" in allowed
    assert "tenants.research.data in stacks/Pulumi.platform-dev.yaml" in allowed


@pytest.mark.parametrize(
    ("database", "access", "fine"),
    [
        ("research", "readWrite", True),
        ("research", "read", True),
        ("reference", "read", True),
        ("reference", "readWrite", False),
        ("research2", "read", False),
        ("default", "read", False),
        ("ads", "readWrite", False),
    ],
)
def test_databases_are_those_that_the_platform_lists(database: str, access: str, fine: bool) -> None:
    result = on(with_catalog(glue={"databases": {database: access}}), contract())
    if fine:
        assert result == {}
        return
    ((where, (found, allowed)),) = result.items()
    assert (where, found) == (f"{QUEUE}.catalogs.x.glue.databases.{database}", access)
    assert "(reference: read, research: readWrite)" in allowed
    assert "tenants.research.databases in stacks/Pulumi.platform-dev.yaml" in allowed


@pytest.mark.parametrize(
    ("endpoints", "fine"), [(None, True), ((), True), (("kms", "sts"), False), (("glue", "kms"), True)]
)
def test_glue_is_refused_on_a_platform_whose_endpoints_lack_it(endpoints: tuple[str, ...] | None, fine: bool) -> None:
    found = contract()
    assert isinstance(found, AwsContract)
    by_endpoints = found.model_copy(update={"aws": found.aws.model_copy(update={"endpoints": endpoints})})
    result = on(changed(tenant("research-dev"), f"{QUEUE}.secrets", {}), by_endpoints)
    if fine:
        assert result == {}
        return
    ((where, (said, allowed)),) = result.items()
    assert where == f"{QUEUE}.catalogs.lake.glue"
    assert said == "AWS Glue, for which platform-dev has no endpoint"
    assert "add glue to network.vpc.endpoints in stacks/Pulumi.platform-dev.yaml" in allowed


def test_a_catalog_is_not_the_clusters_own_api_server() -> None:
    found = contract()
    assert isinstance(found, AwsContract)
    here = found.aws.model_copy(update={"endpoint": "https://api.example.com"})
    own = {"uri": "https://api.example.com/x"}
    result = on(with_catalog(rest=own), found.model_copy(update={"aws": here}))
    assert list(result) == [f"{QUEUE}.catalogs.x.rest.uri"]
    assert "the cluster's own API server" in result[f"{QUEUE}.catalogs.x.rest.uri"][1]


def catalogs(**given: Any) -> dict[str, Catalog]:  # noqa: ANN401
    return {name: Catalog.model_validate(value) for name, value in given.items()}


def test_hosts_and_ports_of_catalogs_are_told_with_their_names_but_not_https() -> None:
    found = catalogs(
        a={"rest": {"uri": "https://catalog.example.com/x"}},
        b={"rest": {"uri": "http://catalog.example.com"}},
        c={"rest": {"uri": "http://10.0.0.1:8181/y"}},
        d={"rest": {"uri": "https://catalog.example.com/z"}},
        e={"glue": {"databases": {"a": "read"}}},
        f={"hive": {"host": "metastore.example.internal"}},
    )
    assert catalog_openings(found) == (
        Opening("10.0.0.1/32", 8181, "c", CATALOG),
        Opening("catalog.example.com", 80, "b", CATALOG),
        Opening("metastore.example.internal", 9083, "f", CATALOG),
    )


def test_a_database_of_several_catalogs_has_the_widest_access() -> None:
    found = catalogs(
        a={"glue": {"databases": {"x": "readWrite", "y": "read"}}},
        b={"glue": {"databases": {"x": "read", "z": "read"}}},
    )
    assert databases(found) == {"x": "readWrite", "y": "read", "z": "read"}
