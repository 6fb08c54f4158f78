"""`fleet render`: manifests of what a stack registers, all or nothing."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_kubernetes as k8s
import pytest
from typer.testing import CliRunner

from fleet.cli import app
from fleet.files import write_folder
from fleet.offline.manifests import RenderError, manifests
from fleet.offline.programs import run_program
from infra.settings.yaml_reader import read_yaml
from tests.recording import registrations_of
from tests.samples import ROOT, config_of, platform


def test_every_object_of_a_stack_is_written_in_the_order_of_its_deployment(tmp_path: Path) -> None:
    registrations = run_program("platform-kind", config_of(platform("platform-kind"), None), {})
    rendered = manifests(registrations)
    write_folder(tmp_path / "out", {manifest.file: manifest.text for manifest in rendered})
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == [manifest.file for manifest in rendered]
    objects = [r for r in registrations.values() if r.type.startswith("kubernetes:") and r.custom]
    assert len(written) == len(objects)
    namespace = next(index for index, name in enumerate(written) if "namespace-spark-system" in name)
    monitor = next(index for index, name in enumerate(written) if "servicemonitor" in name)
    assert namespace < monitor
    read = read_yaml((tmp_path / "out" / written[namespace]).read_text())
    assert read["kind"] == "Namespace"
    assert read["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "baseline"


def test_a_charts_values_are_written_and_the_chart_is_not(tmp_path: Path) -> None:
    rendered = manifests(run_program("platform-kind", config_of(platform("platform-kind"), None), {}))
    (yunikorn,) = [m for m in rendered if m.file.endswith("release-yunikorn.values.yaml")]
    assert read_yaml(yunikorn.text)["nodeSelector"] == {"elastic-spark/pool": "system"}


def test_a_secret_is_in_no_file() -> None:
    def program() -> None:
        k8s.core.v1.Secret("s", metadata={"name": "s"}, string_data={"key": pulumi.Output.secret("hush")})

    with pytest.raises(RenderError, match="s holds a secret"):
        manifests(registrations_of(program))


@pytest.mark.parametrize("there", ["file", "full folder", "unwritable"])
def test_where_it_can_not_write_it_says_so_and_writes_nothing(there: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    match there:
        case "file":
            out.write_text("mine")
        case "full folder":
            out.mkdir()
            (out / "mine").write_text("mine")
        case _:
            out = Path("/proc/nowhere/out")
    result = CliRunner().invoke(app, ["render", "platform-kind", "--root", str(ROOT), "--out", str(out)])
    assert result.exit_code == 1
    assert str(out) in result.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "out"] == []
    assert not out.exists() or out.is_file() or [path.name for path in out.iterdir()] == ["mine"]


def test_an_unknown_stack_is_wrong_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["render", "nobody", "--root", str(ROOT), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()
