"""The offline preview shows what the engine would: the same program on both, and the echo providers' own manners."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fleet.offline.monitor import record
from fleet.offline.registration import Registrations, Secret, Unknown
from sizing.values import Json
from tests.engine import every_kind
from tests.engine.harness import Engine, EngineError, Run, differences

CLUSTER = "eks:index:Cluster"
PARAMETER = "aws:ssm/parameter:Parameter"
OTHER: dict[str, Json] = {"contract": {"version": 1, "names": ["a", None, True]}}


def _project(directory: Path, main: str) -> Path:
    directory.mkdir()
    shutil.copy(every_kind.__file__, directory)
    (directory / "__main__.py").write_text(main)
    (directory / "Pulumi.yaml").write_text("name: elastic-spark\nruntime: python\n")
    return directory


@pytest.fixture(scope="module")
def engine(engine_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    project = _project(
        tmp_path_factory.mktemp("every_kind") / "project", "from every_kind import program\n\nprogram()\n"
    )
    engine = Engine(engine_dir / "every_kind", project)
    engine.add_stack("other", OTHER)
    return engine


@pytest.fixture(scope="module")
def first(engine: Engine) -> Run:
    """The preview of a stack that was never deployed."""
    return engine.preview("test")


@pytest.fixture(scope="module")
def deployed(engine: Engine, first: Run) -> Run:
    """An update after that preview."""
    return engine.up("test")


def test_the_recording_monitor_registers_what_the_engine_does(first: Run) -> None:
    offline = record(
        every_kind.program,
        stack="test",
        project="elastic-spark",
        config={},
        stack_outputs={"organization/elastic-spark/other": OTHER}.__getitem__,
    )
    assert differences(offline, first.registrations) == {}


def test_a_preview_keeps_options_unknowns_and_secrets(first: Run) -> None:
    bucket = first.registrations.one("aws:s3/bucket:Bucket", "options")
    assert bucket.options.protect
    assert bucket.options.delete_before_replace
    assert bucket.options.ignore_changes == ("tags", "forceDestroy")
    assert bucket.provider.endswith("::elsewhere")
    key = first.registrations.one(PARAMETER, "tree-leaf-key")
    assert key.inputs["value"] == Secret("hunter2")
    assert key.inputs["description"] == Unknown(
        (first.registrations.one("aws:s3/bucket:Bucket", "tree-leaf-bucket").urn,)
    )


def test_resources_of_a_provider_whose_settings_are_unknown_have_no_known_output(first: Run) -> None:
    map_type = "kubernetes:core/v1:ConfigMap"
    assert first.registrations.one(map_type, "early-map").inputs["metadata"]["namespace"] == "early-system"
    assert isinstance(first.registrations.one(map_type, "late-map").inputs["metadata"]["namespace"], Unknown)


def test_a_remote_component_is_registered_once_without_its_children(first: Run) -> None:
    cluster = first.registrations.one(CLUSTER)
    assert cluster.remote
    assert cluster.inputs["encryptionConfigKeyArn"] == Secret("arn:aws:kms:eu-west-1:000123456789:key/x")
    assert {r.name for r in first.registrations.children(cluster.urn)} == {"endpoint"}


def test_another_stacks_exports_are_read(first: Run) -> None:
    value = first.registrations.one(PARAMETER, "from-other").inputs["value"]
    assert isinstance(value, Secret)
    assert json.loads(value.value) == OTHER["contract"]


def test_an_update_knows_what_a_preview_could_not(deployed: Run) -> None:
    assert not _unknowns(deployed.registrations)
    assert deployed.registrations.one(PARAMETER, "endpoint").inputs["value"] == Secret("https://platform.invalid")


def test_nothing_changes_after_an_update(engine: Engine, deployed: Run) -> None:
    again = engine.preview("test", "--expect-no-changes")
    assert sorted(again.registrations) == sorted(deployed.registrations)


def test_a_failing_program_is_an_error_that_tells_why(engine_dir: Path, tmp_path: Path) -> None:
    project = _project(tmp_path / "project", "raise ValueError('no such thing')\n")
    with pytest.raises(EngineError, match="no such thing"):
        Engine(engine_dir / "failing", project).preview("test")


def _unknowns(registrations: Registrations) -> list[str]:
    def has(value: Json) -> bool:
        match value:
            case Unknown():
                return True
            case Secret(content):
                return has(content)
            case dict():
                return any(has(item) for item in value.values())
            case list():
                return any(has(item) for item in value)
        return False

    return [
        urn
        for urn, registration in registrations.items()
        if has(dict(registration.inputs)) or has(dict(registration.outputs))
    ]
