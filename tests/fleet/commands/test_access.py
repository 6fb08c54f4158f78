"""The command `fleet access`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from components.access.iam import Statement, policy_document
from fleet.cli import app
from infra.settings.stack_file import stack_path
from tests.benchmarks.generated import write_fleet
from tests.samples import ROOT


def run(*arguments: str, root: Path = ROOT) -> Result:
    return CliRunner().invoke(app, ["access", *arguments, "--root", str(root)])


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("tenant-deployer", "ads-dev"), ["spark-dev-deploy-ads-1", "spark-dev-deploy-ads-2"]),
        (("preview", "ads-dev"), ["spark-dev-preview-ads-1"]),
        (("preview", "platform-dev"), ["spark-dev-preview-1"]),
    ],
)
def test_policies_are_printed_by_their_names(arguments: tuple[str, ...], names: list[str]) -> None:
    found = run(*arguments)
    assert found.exit_code == 0
    policies = json.loads(found.stdout)
    assert list(policies) == names
    assert all(policy["Version"] == "2012-10-17" and policy["Statement"] for policy in policies.values())


def test_a_platforms_deployer_comes_with_the_boundary_of_the_platforms_roles() -> None:
    assert next(iter(json.loads(run("platform-deployer", "platform-dev").stdout))) == "spark-dev-platform"


def test_what_is_printed_is_what_the_platform_makes_of_it() -> None:
    from tests.samples import platform_registrations

    made = {
        policy.inputs["name"]: json.loads(policy.inputs["policy"])
        for policy in platform_registrations("platform-dev").of_type("aws:iam/policy:Policy")
        if "-deploy-" in policy.inputs["name"]
    }
    assert len(made) == 2
    assert made == json.loads(run("tenant-deployer", "ads-dev").stdout)


def test_files_are_written_and_named(tmp_path: Path) -> None:
    found = run("platform-deployer", "platform-prod", "--out", str(tmp_path / "rights"))
    assert found.exit_code == 0
    files = sorted(path.name for path in (tmp_path / "rights").iterdir())
    assert "spark-prod-platform.json" in files
    assert len(files) > 3
    for name in files:
        assert name in found.stdout
        assert json.loads((tmp_path / "rights" / name).read_text())["Statement"]


def test_all_tenants_of_a_platform_take_as_much_as_one_however_many_they_are(tmp_path: Path) -> None:
    write_fleet(tmp_path, 100)
    found = run("tenant-deployer", "platform-large", "--all-tenants", root=tmp_path)
    assert found.exit_code == 0
    assert list(json.loads(found.stdout)) == [f"spark-large-deploy-all-{number}" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("owner", "ads-dev"), 2, "platform-deployer"),
        (("preview", "nobody"), 2, "no stack nobody"),
        (("platform-deployer", "ads-dev"), 1, "ads-dev is a tenant's stack, and platform-deployer takes a platform's"),
        (("tenant-deployer", "platform-dev"), 1, "with --all-tenants"),
        (("tenant-deployer", "ads-dev", "--all-tenants"), 1, "--all-tenants takes a platform's: platform-dev"),
        (("preview", "demo-kind"), 1, "demo-kind has nothing in AWS"),
        (("platform-deployer", "platform-kind"), 1, "platform-kind has nothing in AWS"),
    ],
)
def test_a_wrong_role_or_stack_is_one_clear_error(arguments: tuple[str, ...], code: int, said: str) -> None:
    found = run(*arguments)
    assert found.exit_code == code
    assert said in found.stderr
    assert "Traceback" not in found.output


def test_without_the_owners_boundary_a_platforms_deployer_has_no_policy(tmp_path: Path) -> None:
    write_fleet(tmp_path, 1)
    found = run("platform-deployer", "platform-large", root=tmp_path)
    assert found.exit_code == 1
    assert "stacks/Pulumi.platform-large.yaml: ownerBoundary is not set" in found.stderr


def test_a_tenant_that_is_not_listed_has_no_policy(tmp_path: Path) -> None:
    write_fleet(tmp_path, 2)
    path = stack_path(tmp_path, "platform-large")
    path.write_text(path.read_text().replace(", tenant001: {}", ""))
    found = run("tenant-deployer", "tenant001", root=tmp_path)
    assert found.exit_code == 1
    assert "add it under tenants in stacks/Pulumi.platform-large.yaml" in found.stderr


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "111122223333")
    with mock_aws():
        yield boto3.client("iam")


def policy(iam: Any, name: str, **tags: str) -> None:  # noqa: ANN401
    document = policy_document(Statement(actions=("s3:GetObject",), resources=("*",)))
    listed = [{"Key": key.replace("__", "-").replace("_", ":"), "Value": value} for key, value in tags.items()]
    iam.create_policy(PolicyName=name, PolicyDocument=document, Tags=listed)


def test_a_boundarys_name_that_another_has_is_told_before_the_first_up(account: Any) -> None:  # noqa: ANN401
    policy(account, "spark-dev-platform")
    policy(account, "spark-dev-tenant-ads")
    policy(account, "spark-dev-tenant-search", elastic__spark_platform="spark-dev")
    found = run("platform-deployer", "platform-dev", "--check")
    assert found.exit_code == 1
    (line,) = found.stderr.splitlines()
    assert line.startswith(
        "error: arn:aws:iam::111122223333:policy/spark-dev-tenant-ads is there already and has no tag"
    )


def test_a_platform_whose_names_are_free_is_fine_once_its_owner_has_made_the_boundary(account: Any) -> None:  # noqa: ANN401
    found = run("platform-deployer", "platform-dev", "--check")
    assert found.exit_code == 1
    assert "spark-dev-platform is not there" in found.stderr
    policy(account, "spark-dev-platform")
    assert run("platform-deployer", "platform-dev", "--check").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("platform-deployer", "platform-prod"),
        ("tenant-deployer", "ads-prod"),
        ("tenant-deployer", "platform-prod", "--all-tenants"),
        ("preview", "platform-prod"),
    ],
)
def test_iam_takes_what_is_written(account: Any, arguments: tuple[str, ...], tmp_path: Path) -> None:  # noqa: ANN401
    assert run(*arguments, "--out", str(tmp_path)).exit_code == 0
    for file in tmp_path.iterdir():
        account.create_policy(PolicyName=file.stem, PolicyDocument=file.read_text())


def test_only_a_platforms_names_are_checked() -> None:
    found = run("tenant-deployer", "ads-dev", "--check")
    assert found.exit_code == 1
    assert "--check takes platform-deployer" in found.stderr
