"""`fleet preview --base` as its user meets it: a command in a clone of the project, compared with a commit of it."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.samples import ROOT

PROJECT = (
    "__main__.py",
    "Pulumi.yaml",
    "capacity",
    "components",
    "fleet",
    "infra",
    "requirements.txt",
    "sizing",
    "stacks",
)
IDENTITY = {f"GIT_{who}_{what}": "test@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(root: Path, *arguments: str) -> str:
    environment = os.environ | IDENTITY | {"GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def environment(**others: str) -> dict[str, str]:
    """Without credentials, home, or a way to this project's own modules."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "COLUMNS": "200", **others}


def fleet(root: Path, *arguments: str, preexec: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `python -m fleet preview` in a clone, by the clone's own modules."""
    return subprocess.run(
        [sys.executable, "-m", "fleet", "preview", *arguments],
        cwd=root,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        preexec_fn=preexec,
    )


def affected(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m fleet affected` likewise."""
    command = [sys.executable, "-m", "fleet", "affected", *arguments]
    return subprocess.run(
        command, cwd=root, env=environment(), capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The project in a repository of its own, with three of its stacks, committed once."""
    root = tmp_path / "clone"
    root.mkdir()
    for name in PROJECT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    for file in (root / "stacks").glob("Pulumi.*.yaml"):
        if file.name.split(".")[1] not in ("platform-dev", "ads-dev", "search-dev"):
            file.unlink()
    git(root, "init", "--quiet", "--initial-branch", "main")
    commit(root)
    return root


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "a change")


def edit(root: Path, path: str, old: str, new: str) -> None:
    file = root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def stacks(result: subprocess.CompletedProcess[str]) -> Mapping[str, Any]:
    return {stack["stack"]: stack for stack in json.loads(result.stdout)["stacks"]}


def properties(stack: Mapping[str, Any], name: str) -> dict[str, tuple[Any, Any]]:
    """The inputs that change of the resources with a name."""
    return {
        each["path"]: (each["before"], each["after"])
        for change in stack["difference"]["changes"]
        if change["name"] == name
        for each in change["properties"]
        if each["part"] == "input"
    }


def test_stacks_that_do_not_change_are_a_line_each(clone: Path) -> None:
    result = fleet(clone, "--base", "HEAD")
    assert result.returncode == 0, result.stderr
    lines = [line for line in result.stdout.splitlines() if line]
    assert lines[0].startswith("Compared with HEAD (")
    *stacks, total = lines[1:]
    assert [line.split()[0] for line in stacks] == ["ads-dev", "platform-dev", "search-dev"]
    assert all("no change" in line for line in stacks)
    assert total.startswith("All of development: ")
    assert total.endswith(", as before.")


def test_an_uncommitted_setting_shows_by_property_and_cost(clone: Path) -> None:
    edit(clone, "stacks/Pulumi.ads-dev.yaml", "maxNodes: 20", "maxNodes: 24")
    result = fleet(clone, "--base", "HEAD", "--format", "json")
    found = stacks(result)
    assert found["platform-dev"]["difference"]["changes"] == []
    assert found["search-dev"]["difference"]["changes"] == []
    changed = found["ads-dev"]
    assert changed["difference"]["added"] == changed["difference"]["removed"] == 0
    assert (20, 24) in properties(changed, "ads-batch-main").values()
    before, after = (changed[key]["owners"][0]["maxUsdPerHour"] for key in ("costBefore", "cost"))
    assert after / before == pytest.approx(24 / 20)


def test_other_nodes_within_a_generation_fail_the_preview_and_are_not_deployed(clone: Path) -> None:
    edit(clone, "stacks/Pulumi.ads-dev.yaml", "[r7i.2xlarge, r6i.2xlarge]", "[r7g.4xlarge, r6g.4xlarge]")
    result = fleet(clone, "ads-dev", "--base", "HEAD")
    assert result.returncode == 1
    assert result.stdout.endswith("                 generation: b\n                 retiring: [a]\n")
    said = affected(clone, "--base", "HEAD")
    assert said.returncode == 1
    assert said.stderr == "error: not deployable, see `fleet preview --base HEAD`: ads-dev\n"
    lines = "\n            generation: b\n            retiring: [a]"
    edit(clone, "stacks/Pulumi.ads-dev.yaml", "maxNodes: 20", f"maxNodes: 20{lines}")
    assert fleet(clone, "ads-dev", "--base", "HEAD").returncode == 0


def test_what_a_person_wrote_is_told_first(clone: Path) -> None:
    edit(clone, "stacks/Pulumi.ads-dev.yaml", "maxNodes: 20", "maxNodes: 24")
    edit(clone, "stacks/Pulumi.ads-dev.yaml", "role/ads-lead", "role/ads-boss")
    lines = fleet(clone, "ads-dev", "--base", "HEAD").stdout.splitlines()
    arn = "arn:aws:iam::111122223333:role"
    assert lines[1] == "ads-batch: max nodes 20 → 24, CPU 157 → 187, +1,902 USD a month at maximum"
    assert lines[2] == f"ads-dev: people.lead.principalArn {arn}/ads-lead → {arn}/ads-boss"


def test_where_no_file_differs_nothing_is_previewed(clone: Path) -> None:
    (clone / "__main__.py").write_text("raise SystemExit('nothing is to be run')\n")
    (clone / ".gitignore").write_text("__pycache__/\n")
    commit(clone)
    result = affected(clone, "--base", "HEAD")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"Compared with {git(clone, 'rev-parse', 'HEAD')}.\nNothing is to be deployed.\n"


@pytest.mark.parametrize("change", ["edited", "new"])
def test_where_a_file_differs_stacks_are_previewed(clone: Path, change: str) -> None:
    if change == "new":
        shutil.copy(clone / "stacks/Pulumi.ads-dev.yaml", clone / "stacks/Pulumi.more-dev.yaml")
    else:
        edit(clone, "stacks/Pulumi.ads-dev.yaml", "maxNodes: 20", "maxNodes: many")
    result = affected(clone, "--base", "HEAD")
    assert result.returncode == 1
    assert result.stderr.startswith("error: not deployable")


def test_a_changed_component_shows_though_no_setting_changed(clone: Path) -> None:
    edit(clone, "components/queue/queue.py", "SYNC_SECONDS: Final = 300", "SYNC_SECONDS: Final = 301")
    found = stacks(fleet(clone, "--base", "HEAD", "--format", "json"))
    assert properties(found["ads-dev"], "ads-batch-sync")["spec.template.spec.activeDeadlineSeconds"] == (300, 301)
    assert found["platform-dev"]["difference"]["changes"] == []


def test_the_base_runs_its_own_program_with_its_own_settings(clone: Path) -> None:
    """A setting has another name now, so that neither program takes the other's file."""
    edit(clone, "infra/settings/tenant.py", "    at_once:", "    together:")
    edit(clone, "infra/settings/tenant_sizes.py", "drivers.at_once", "drivers.together")
    edit(clone, "stacks/Pulumi.ads-dev.yaml", "atOnce", "together")
    (stack,) = stacks(fleet(clone, "ads-dev", "--base", "HEAD", "--format", "json")).values()
    assert stack["difference"]["changes"] == []


def test_a_module_of_today_does_not_answer_for_one_that_the_base_lacks(clone: Path) -> None:
    shutil.move(clone / "sizing", clone / "kept")
    commit(clone)
    shutil.move(clone / "kept", clone / "sizing")
    (stack,) = stacks(fleet(clone, "platform-dev", "--base", "HEAD", "--format", "json")).values()
    assert stack["ok"]
    assert stack["difference"] is None
    text = fleet(clone, "platform-dev", "--base", "HEAD").stdout
    assert "the revision can't be previewed" in text
    assert "No module named 'sizing'" in " ".join(text.split())


def test_a_module_from_another_tree_is_told_and_not_compared(clone: Path) -> None:
    shutil.move(clone / "sizing", clone / "kept")
    entry = clone / "__main__.py"
    text = entry.read_text()
    entry.write_text(f"import sys\n\nsys.path.append({str(ROOT)!r})\n{text}")
    commit(clone)
    shutil.move(clone / "kept", clone / "sizing")
    result = fleet(clone, "platform-dev", "--base", "HEAD")
    assert "modules of another tree took part: sizing" in result.stdout


def test_a_stack_that_the_base_lacks_is_all_new_and_one_that_is_no_more_all_gone(clone: Path) -> None:
    shutil.move(clone / "stacks/Pulumi.search-dev.yaml", clone / "later")
    commit(clone)
    shutil.move(clone / "later", clone / "stacks/Pulumi.search-dev.yaml")
    (clone / "stacks/Pulumi.ads-dev.yaml").unlink()
    found = stacks(fleet(clone, "--base", "HEAD", "--format", "json"))
    new, gone = found["search-dev"], found["ads-dev"]
    looked_at = [one for one in new["resources"] if one["type"] == "pulumi:pulumi:StackReference"]
    assert new["difference"]["added"] == len(new["resources"]) - len(looked_at) > 20
    assert new["costBefore"] is None
    assert gone["removed"]
    assert gone["difference"]["removed"] > 20
    assert gone["cost"] is None
    assert gone["costBefore"]["lines"]


def test_nodes_of_a_type_that_only_the_base_knows_are_not_known_before(clone: Path) -> None:
    edit(clone, "stacks/Pulumi.ads-dev.yaml", "r6i.2xlarge", "r6a.2xlarge")
    edit(clone, "stacks/Pulumi.ads-dev.yaml", "r7i.2xlarge", "r6i.2xlarge")
    file = clone / "sizing/data/instances.json"
    kept = [line for line in file.read_text().splitlines(keepends=True) if '"r7i.2xlarge"' not in line]
    file.write_text("".join(kept))
    result = fleet(clone, "ads-dev", "--base", "HEAD", "--out", "out")
    assert result.returncode == 0, result.stderr
    for form in ("preview.txt", "preview.md", "preview.html", "preview.json"):
        text = (clone / "out" / form).read_text().replace("\\", "")
        assert "Before, not known: cost, queues, pools (unknown instance type" in text
    (stack,) = json.loads((clone / "out/preview.json").read_text())["stacks"]
    assert stack["costBefore"] is None
    assert stack["cost"]["complete"]


def test_a_base_whose_components_had_other_inputs_is_shown_as_far_as_it_can_be_read(clone: Path) -> None:
    ours, then = "inputs = inputs_of(args)", "inputs = _without_drivers(args)"
    edit(clone, "components/base.py", ours, then)
    file = clone / "components/base.py"
    file.write_text(
        f"{file.read_text()}\n\ndef _without_drivers(args: Any) -> dict[str, Any]:\n"
        '    return {name: value for name, value in inputs_of(args).items() if name != "drivers"}\n'
    )
    commit(clone)
    edit(clone, "components/base.py", then, ours)
    result = fleet(clone, "ads-dev", "--base", "HEAD", "--out", "out")
    assert result.returncode == 0, result.stderr
    for form in ("preview.txt", "preview.md", "preview.html", "preview.json"):
        text = (clone / "out" / form).read_text().replace("\\", "").replace("&#39;", "'")
        assert "Before, not known: queues (its components had no input 'drivers' then)" in text
    (stack,) = json.loads((clone / "out/preview.json").read_text())["stacks"]
    assert stack["costBefore"] == stack["cost"]


def test_other_pinned_requirements_are_said(clone: Path) -> None:
    pinned = (clone / "requirements.txt").read_text()
    (clone / "requirements.txt").write_text(pinned.replace("pulumi-aws==", "pulumi-aws==0.0.1+was-"))
    commit(clone)
    result = fleet(clone, "platform-dev", "--base", "HEAD")
    assert result.returncode == 0, result.stderr
    assert "pulumi-aws 0.0.1+was-" in result.stdout
    assert "What the packages themselves changed does not show" in result.stdout


class TestBadInput:
    def refused(self, result: subprocess.CompletedProcess[str], code: int = 1) -> str:
        assert result.returncode == code, result.stdout
        assert "Traceback" not in result.stderr
        assert result.stdout == ""
        return result.stderr

    def test_a_revision_that_does_not_exist(self, clone: Path) -> None:
        assert "no revision 'nowhere' in this repository" in self.refused(fleet(clone, "--base", "nowhere"))

    def test_a_revision_that_looks_like_an_option(self, clone: Path) -> None:
        assert "no revision" in self.refused(fleet(clone, "--base=--output=x"))
        assert not (clone / "x").exists()

    def test_a_folder_that_is_in_no_repository(self, clone: Path) -> None:
        shutil.rmtree(clone / ".git")
        said = self.refused(fleet(clone, "--base", "HEAD"))
        assert f"{clone} can't be compared with 'HEAD': " in said
        assert "not a git repository" in said

    def test_a_shallow_clone(self, clone: Path, tmp_path: Path) -> None:
        first = git(clone, "rev-parse", "HEAD")
        (clone / "more").touch()
        commit(clone)
        shallow = tmp_path / "shallow"
        git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{clone}", str(shallow))
        assert "fetch-depth: 0" in self.refused(fleet(shallow, "--base", first))

    def test_a_revision_from_before_the_project_was_there(self, clone: Path) -> None:
        git(clone, "checkout", "--quiet", "--orphan", "before")
        git(clone, "rm", "--quiet", "--cached", "-r", ".")
        git(clone, "commit", "--quiet", "--allow-empty", "--message", "nothing yet")
        result = fleet(clone, "platform-dev", "--base", "before", "--format", "json")
        (stack,) = stacks(result).values()
        assert stack["difference"]["added"] == len(stack["resources"])

    def test_a_stack_that_is_wrong_now_has_no_cost_to_compare_with(self, clone: Path) -> None:
        file = clone / "stacks/Pulumi.platform-dev.yaml"
        file.write_text(file.read_text().replace("volumeGib: 30", "volumeGib: 1"))
        result = fleet(clone, "platform-dev", "--base", "HEAD")
        assert result.returncode == 1
        assert "volumeGib" in result.stdout
        assert "Cost in USD" not in result.stdout

    def test_a_stack_that_neither_side_has(self, clone: Path) -> None:
        assert "no stack nobody; there are: ads-dev" in self.refused(fleet(clone, "nobody", "--base", "HEAD"), 2)

    def test_a_folder_that_can_not_be_written(self, clone: Path) -> None:
        (clone / "taken").touch()
        assert "taken/out can't be written" in self.refused(fleet(clone, "--out", "taken/out"))

    def test_a_full_disk_leaves_what_was_there(self, clone: Path) -> None:
        (clone / "out").mkdir()
        (clone / "out/preview.json").write_text("the one before")

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

        result = fleet(clone, "platform-dev", "--out", "out", preexec=limit)
        assert "out can't be written" in self.refused(result)
        assert {file.name for file in (clone / "out").iterdir()} == {"preview.json"}
        assert (clone / "out/preview.json").read_text() == "the one before"

    def test_a_folder_with_a_program_of_its_own(self, clone: Path) -> None:
        shutil.copytree(clone, clone / "inner", ignore=shutil.ignore_patterns(".git"))
        assert "has a program of its own" in self.refused(fleet(clone, "--root", "inner"), 2).replace("\n", " ")

    def test_several_formats_without_a_folder(self, clone: Path) -> None:
        error = self.refused(fleet(clone, "--format", "json", "--format", "html"), 2)
        assert "several formats need --out" in error

    @pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
    def test_an_interrupted_run_leaves_nothing(self, clone: Path, tmp_path: Path, sent: signal.Signals) -> None:
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        with subprocess.Popen(
            [sys.executable, "-m", "fleet", "preview", "--base", "HEAD", "--out", "out"],
            cwd=clone,
            env=environment(TMPDIR=str(scratch)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            for _ in range(600):
                if any(scratch.glob("fleet-base-*/stacks")):
                    break
                time.sleep(0.05)
            os.killpg(process.pid, sent) if sent is signal.SIGINT else process.send_signal(sent)
            _, errors = process.communicate(timeout=60)
        assert process.returncode not in (0, None)
        assert "Traceback" not in errors
        assert list(scratch.iterdir()) == []
        assert not (clone / "out").exists()
