"""`fleet preview` as its user meets it: a command in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from fleet.formats.schema import preview_schema
from infra.settings.stack_file import stack_names
from tests.samples import ROOT

SAMPLES = stack_names(ROOT)


def fleet(*arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `python -m fleet` with no credentials, no Pulumi CLI and no home to find any in."""
    environment = {"PATH": "/nonexistent", "PYTHONPATH": str(ROOT), "COLUMNS": "200", "HOME": "/nonexistent"}
    command = [sys.executable, "-m", "fleet", *arguments, *(["--root", str(root)] if "--help" not in arguments else [])]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of its own with the sample stacks, to break something in."""
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    return tmp_path


def edit(project: Path, stack: str, old: str, new: str) -> None:
    path = project / "stacks" / f"Pulumi.{stack}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_every_sample_is_registered_and_two_runs_give_the_same_bytes() -> None:
    first = fleet("preview", "--format", "json")
    assert first.returncode == 0, first.stderr
    document = json.loads(first.stdout)
    jsonschema.Draft202012Validator(preview_schema()).validate(document)
    assert [stack["stack"] for stack in document["stacks"]] == SAMPLES
    assert all(stack["ok"] and stack["resources"] for stack in document["stacks"])
    assert fleet("preview", "--format", "json", "--jobs", "1").stdout == first.stdout


def test_a_preview_shows_components_and_pools() -> None:
    result = fleet("preview", "platform-dev")
    assert result.returncode == 0, result.stderr
    for shown in ("spark-dev-network", "Cluster", "driver", "m7i.2xlarge", "eu-central-1a, b", "0 to 8"):
        assert shown in result.stdout
    assert "platform-prod" not in result.stdout


def test_resources_are_named_on_request() -> None:
    assert "spark-dev-network-vpc" in fleet("preview", "platform-dev", "--resources").stdout


def test_a_wrong_stack_is_reported_and_the_others_still_previewed(project: Path) -> None:
    edit(project, "platform-dev", "nodesPerZone: {min: 0, max: 4}", "nodesPerZone: {min: 9, max: 4}")
    (project / "stacks" / "Pulumi.broken.yaml").write_bytes(bytes(range(256)))
    result = fleet("preview", root=project)
    assert result.returncode == 1
    assert "stacks/Pulumi.platform-dev.yaml: 1 error" in result.stdout
    assert "elastic-spark:platform.pools.driver.nodesPerZone.min" in result.stdout
    assert "stacks/Pulumi.broken.yaml: 1 error" in result.stdout
    assert "platform-prod " in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_what_is_wrong_is_told_when_the_preview_goes_to_files_as_well(project: Path, tmp_path: Path) -> None:
    edit(project, "platform-kind", "name: spark-kind", "name: Spark_Kind")
    result = fleet("preview", "platform-kind", "--out", str(tmp_path / "out"), root=project)
    assert result.returncode == 1
    assert "elastic-spark:platform.name" in result.stderr
    assert "elastic-spark:platform.name" in (tmp_path / "out" / "preview.txt").read_text()


def test_errors_are_in_the_json_too(project: Path) -> None:
    edit(project, "platform-kind", "name: spark-kind", "name: Spark_Kind")
    result = fleet("preview", "platform-kind", "--format", "json", root=project)
    assert result.returncode == 1
    (stack,) = json.loads(result.stdout)["stacks"]
    assert not stack["ok"]
    assert stack["errors"][0]["path"] == "elastic-spark:platform.name"
    assert stack["errors"][0]["found"] == '"Spark_Kind"'


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["preview", "nobody"], "no stack nobody; there are: ads-dev"),
        (["preview", "--format", "xml"], "'xml' is not one of"),
        (["preview", "--jobs", "0"], "greater than or equal to 1"),
        (["prevew"], "No such command"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_right(arguments: list[str], message: str) -> None:
    result = fleet(*arguments) if arguments[0] == "preview" else fleet(*arguments, "--help")
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")
    assert message in result.stderr


def test_a_folder_without_stacks_is_wrong_usage(tmp_path: Path) -> None:
    result = fleet("preview", root=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")
    assert "has no file Pulumi.<stack>.yaml" in result.stderr


@pytest.mark.parametrize(
    "command", ["preview", "check", "render", "cost", "quotas", "affected", "guard", "pools patch", "refresh-instances"]
)
def test_help_has_examples(command: str) -> None:
    result = fleet(*command.split(), "--help")
    assert result.returncode == 0
    assert f"fleet {command}" in result.stdout


def test_a_misnamed_stack_file_is_not_passed_over_in_silence(project: Path) -> None:
    (project / "stacks" / "Pulumi.we ird.yaml").write_text("config: {}\n")
    result = fleet("preview", root=project)
    assert result.returncode == 2
    assert "Pulumi.we ird.yaml" in result.stderr


def test_a_reader_that_leaves_early_is_no_error_of_a_stack() -> None:
    command = f"{sys.executable} -m fleet preview platform-kind --resources | head -1; exit ${{PIPESTATUS[0]}}"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        ["bash", "-c", command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode in (0, 141)
    assert result.stderr == ""


def test_output_that_can_not_be_written_is_one_clear_error() -> None:
    command = f"{sys.executable} -m fleet preview platform-kind > /dev/full"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        ["bash", "-c", command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr == "error: the output can't be written: No space left on device\n"


def test_the_preview_touches_neither_the_network_nor_files(project: Path) -> None:
    """In a sandbox without any network interface, and with the project read-only to it, the output is the same."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("needs root and unshare to take the network away")
    before = sorted((path, path.stat().st_mtime_ns) for path in project.rglob("*"))
    command = ["unshare", "--net", sys.executable, "-m", "fleet", "preview", "platform-dev", "--root", str(project)]
    environment = {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    if "unshare failed" in result.stderr:
        pytest.skip(result.stderr.strip())
    assert result.returncode == 0, result.stderr
    assert sorted((path, path.stat().st_mtime_ns) for path in project.rglob("*")) == before


INTERRUPTED = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "fleet.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
import fleet.__main__
"""


def test_interrupted_while_it_loads_the_command_just_ends() -> None:
    result = subprocess.run([sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (-signal.SIGINT, "")
