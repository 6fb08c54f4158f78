"""`fleet check`, and what the policy pack adds to a preview."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from fleet.cli import app
from fleet.formats.schema import check_schema
from policies.catalogue import RULES
from policies.config import config_file
from tests import samples

STACKS = ("demo-kind", "platform-kind")
BROKEN = "images-come-from-listed-registries"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of stacks on an existing cluster, which take little time, with a configuration that they don't keep."""
    (tmp_path / "stacks").mkdir()
    for stack in STACKS:
        shutil.copy(samples.ROOT / "stacks" / f"Pulumi.{stack}.yaml", tmp_path / "stacks")
    return tmp_path


def _configure(root: Path, config: dict[str, object]) -> None:
    config_file(root, "demo-kind").parent.mkdir(parents=True)
    config_file(root, "demo-kind").write_text(json.dumps(config))


def _fleet(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def _in_words(said: str) -> str:
    """An output as it reads, wherever its lines end."""
    return " ".join(said.split())


def test_stacks_that_keep_every_rule_are_named_and_the_exit_code_is_0(root: Path) -> None:
    code, said = _fleet("check", "--root", str(root))
    assert code == 0
    rules = len(RULES)
    assert _in_words(said) == f"demo-kind and platform-kind keep all {rules} rules of the policy pack, and go together."


def test_one_stack_is_said_to_fit_the_others(root: Path) -> None:
    code, said = _fleet("check", "demo-kind", "--root", str(root))
    assert code == 0
    assert "demo-kind keeps all" in said
    assert _in_words(said).endswith("rules of the policy pack, and fits the other stacks.")


def test_a_rule_that_is_switched_off_is_told(root: Path) -> None:
    _configure(root, {BROKEN: "disabled"})
    code, said = _fleet("check", "--root", str(root))
    assert code == 0
    assert _in_words(said).endswith(f"demo-kind has switched off {BROKEN}.")


def test_a_broken_mandatory_rule_makes_exit_code_1_and_says_what_to_do(root: Path) -> None:
    _configure(root, {BROKEN: {"registries": ["quay.io"]}})
    code, said = _fleet("check", "demo-kind", "--root", str(root))
    assert code == 1
    assert f"error: demo-kind: Job demo-try-sync: registry.k8s.io/pause is not listed ({BROKEN})" in _in_words(said)
    assert "list your own in this rule's option `registries`" in _in_words(said)


def test_a_policy_configuration_of_no_stack_is_told_when_all_stacks_are_checked(root: Path) -> None:
    _configure(root, {})
    config_file(root, "demo-kind").rename(config_file(root, "demo-knid"))
    code, said = _fleet("check", "--root", str(root))
    assert code == 1
    words = _in_words(said)
    assert "error: demo-knid found rules for it in policies/config/demo-knid.json, and no stacks/" in words
    assert "rename it to policies/config/demo-kind.json if it is meant for demo-kind, delete it if the" in words
    assert _fleet("check", "demo-kind", "--root", str(root))[0] == 0


def test_a_preview_in_files_says_which_mandatory_rule_stops_it(root: Path, tmp_path: Path) -> None:
    _configure(root, {BROKEN: {"registries": ["quay.io"]}})
    code, said = _fleet("preview", "demo-kind", "--root", str(root), "--out", str(tmp_path / "out"))
    assert code == 1
    assert f"error: demo-kind: Job demo-try-sync: registry.k8s.io/pause is not listed ({BROKEN})" in _in_words(said)


def test_an_advisory_finding_leaves_the_exit_code_0(root: Path) -> None:
    _configure(root, {BROKEN: {"registries": ["quay.io"], "enforcementLevel": "advisory"}})
    code, said = _fleet("check", "demo-kind", "--root", str(root))
    assert code == 0
    assert f"advice: demo-kind: Job demo-try-sync: registry.k8s.io/pause is not listed ({BROKEN})" in _in_words(said)
    assert "demo-kind breaks no mandatory one of the policy pack's" in said


def test_a_wrong_configuration_is_one_error_of_its_stack(root: Path) -> None:
    _configure(root, {"no-such-rule": "advisory"})
    code, said = _fleet("check", "--root", str(root))
    assert code == 1
    assert "error: policies/config/demo-kind.json: no rule is named no-such-rule" in said
    assert "platform-kind keeps all" in said


def test_the_json_keeps_to_its_schema(root: Path) -> None:
    _configure(root, {BROKEN: {"registries": ["quay.io"]}})
    code, said = _fleet("check", "--format", "json", "--root", str(root))
    assert code == 1
    found = json.loads(said)
    jsonschema.validate(found, check_schema())
    assert [stack["ok"] for stack in found["stacks"]] == [False, True]
    assert found["stacks"][0]["policyFindings"][0]["rule"] == BROKEN


def test_a_preview_shows_findings_and_fails_for_a_mandatory_one(root: Path) -> None:
    _configure(root, {BROKEN: {"registries": ["quay.io"]}})
    code, said = _fleet("preview", "--resources", "--root", str(root))
    assert code == 1
    assert "demo-try-sync  Job  1 policy finding" in said
    assert "registry.k8s.io/pause is not listed" in said


def test_every_format_has_the_findings(root: Path, tmp_path: Path) -> None:
    _configure(root, {BROKEN: {"registries": ["quay.io"]}})
    code, _ = _fleet("preview", "--out", str(tmp_path / "out"), "--root", str(root))
    assert code == 1
    comment = (tmp_path / "out" / "preview.md").read_text()
    assert "| **1 mandatory** |" in comment
    assert comment.index("[!CAUTION]") < comment.index("is not listed") < comment.index("| stack |")
    page = (tmp_path / "out" / "preview.html").read_text()
    assert page.count("registry.k8s.io/pause is not listed") >= 2
    stack = json.loads((tmp_path / "out" / "preview.json").read_text())["stacks"][0]
    assert not stack["ok"]
    assert stack["policyFindings"][0]["enforcement"] == "mandatory"


@pytest.mark.parametrize("command", ["check", "preview"])
def test_an_arn_in_an_error_is_printed_as_it_is(root: Path, command: str) -> None:
    for stack in ("ads-dev", "platform-dev"):
        shutil.copy(samples.ROOT / "stacks" / f"Pulumi.{stack}.yaml", root / "stacks")
    file = root / "stacks" / "Pulumi.ads-dev.yaml"
    arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rocket:x-a1B2c3"
    file.write_text(
        file.read_text().replace("        pools:\n", f"        secrets: {{X: '{arn}'}}\n        pools:\n", 1)
    )
    code, said = _fleet(command, "ads-dev", "--root", str(root))
    assert code == 1
    assert arn in "".join(said.split())


def _edit(root: Path, stack: str, old: str, new: str) -> None:
    file = root / "stacks" / f"Pulumi.{stack}.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_a_broken_rule_of_a_platform_hides_neither_its_policies_nor_those_of_its_tenants(root: Path) -> None:
    _configure(root, {BROKEN: {"registries": ["quay.io"]}})
    shutil.copy(config_file(root, "demo-kind"), config_file(root, "platform-kind"))
    _edit(root, "platform-kind", "system: {nodes: 1, cpu: 4, memory: 8Gi}", "system: {nodes: 1, cpu: 4, memory: 1Gi}")
    code, said = _fleet("check", "--root", str(root))
    assert code == 1
    assert "elastic-spark:platform.pools.system" in said
    assert "error: demo-kind: Job demo-try-sync: registry.k8s.io/pause is not listed" in _in_words(said)
    assert "error: platform-kind: " in said
    assert "was not asked" not in said
    assert "keep" not in said


def test_where_a_value_is_wrong_it_is_said_that_the_pack_was_not_asked_and_others_are(root: Path) -> None:
    _configure(root, {BROKEN: {"registries": ["quay.io"]}})
    shutil.copy(config_file(root, "demo-kind"), config_file(root, "platform-kind"))
    _edit(root, "demo-kind", "atOnce: 2", "atOnce: some")
    code, said = _fleet("check", "--root", str(root))
    assert code == 1
    assert "elastic-spark:tenant.queues.try.drivers.atOnce" in said
    assert "The policy pack was not asked about demo-kind: mend the above first." in _in_words(said)
    assert "error: platform-kind: " in said
    stacks = json.loads(_fleet("check", "--format", "json", "--root", str(root))[1])["stacks"]
    assert {stack["stack"]: stack["policiesAsked"] for stack in stacks} == {"demo-kind": False, "platform-kind": True}


def test_what_does_not_fit_the_platform_is_told_beside_a_wrong_value(root: Path) -> None:
    _edit(root, "demo-kind", "atOnce: 2", "atOnce: some")
    _edit(root, "demo-kind", "    queues:\n", "    accepts: {airflow: {try: submitter}}\n    queues:\n")
    code, said = _fleet("check", "demo-kind", "--root", str(root))
    assert code == 1
    assert "elastic-spark:tenant.queues.try.drivers.atOnce" in said
    assert "a principal that platform-kind shares (none yet)" in _in_words(said)


def test_what_is_wrong_between_stacks_is_told_beside_a_wrong_value(root: Path) -> None:
    shutil.copy(root / "stacks" / "Pulumi.demo-kind.yaml", root / "stacks" / "Pulumi.other-kind.yaml")
    _edit(root, "demo-kind", "atOnce: 2", "atOnce: some")
    said = _in_words(_fleet("check", "--root", str(root))[1])
    assert "demo-kind and other-kind found tenants of the name demo on one platform" in said
