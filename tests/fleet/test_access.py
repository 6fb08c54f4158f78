"""The command `fleet access`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fleet.cli import app
from infra.stack_file import stack_path
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
    from tests.samples import platform_plan

    made = {
        policy.inputs["name"]: json.loads(policy.inputs["policy"])
        for policy in platform_plan("platform-dev").of_type("aws:iam/policy:Policy")
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
    assert list(json.loads(found.stdout)) == ["spark-large-deploy-all-1", "spark-large-deploy-all-2"]


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
