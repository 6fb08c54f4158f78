"""Runs the `run` steps of a job as a runner of Actions would: in order, in bash, with the files that it gives them.

Steps that use an action are not run; of what they would do, the test provides the result. An `if` or a `${{ }}` that is
not known here is an error, so that no step is silently run in another way than on GitHub.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.workflows.reading import Document

_EXPRESSION: Final = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_OUTCOME: Final = re.compile(r"steps\.([\w-]+)\.outcome == '(\w+)'")

_OUTPUT: Final = re.compile(r"steps\.([\w-]+)\.outputs\.(?P<name>[\w-]+) == '(?P<value>[^']*)'")
_INPUT: Final = re.compile(r"(?P<not>!?)(?P<name>inputs\.[\w-]+)")


@dataclass
class Job:
    """A job in a work tree.

    Attributes:
        workspace: where it runs.
        files: a folder for the files that Actions gives a job.
        context: what `${{ }}` may name, by its path.
        environment: of all steps, beside `PATH` and Actions' own files.
        event: what started it.
        tools: folders of programs that come before those of `PATH`.
        outcomes: of steps that have run or were skipped, by id or name: `success`, `failure` or `skipped`.
        logs: what each printed.
        summary: what they wrote into the job's summary.
        outputs: what each wrote as its outputs.
    """

    workspace: Path
    files: Path
    context: Mapping[str, str]
    environment: Mapping[str, str]
    event: Mapping[str, Any]
    tools: tuple[Path, ...] = ()
    outcomes: dict[str, str] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether a step failed, by which the job is red."""
        return "failure" in self.outcomes.values()

    def run(self, job: Document) -> None:
        """Run the steps of a job; a step of an action counts as one that went well."""
        self.files.mkdir(parents=True, exist_ok=True)
        (self.files / "event.json").write_text(json.dumps(self.event))
        for step in job["steps"]:
            name = str(step.get("id", step["name"]))
            if not self._wanted(str(step.get("if", "success()"))):
                self.outcomes[name] = "skipped"
            elif "run" in step:
                self.outcomes[name] = self._run(name, step)
            else:
                self.outcomes[name] = "success"

    def _run(self, name: str, step: Document) -> str:
        summary, output = self.files / f"{name}.summary", self.files / f"{name}.output"
        for file in (summary, output):
            file.touch()
        environment = {
            "PATH": os.pathsep.join([*map(str, self.tools), os.environ["PATH"]]),
            "HOME": str(self.files),
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(self.files / "event.json"),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_WORKSPACE": str(self.workspace),
            **self.environment,
            **{key: self._filled(str(value)) for key, value in step.get("env", {}).items()},
        }
        assert "${{" not in step["run"]
        script = self.files / f"{name}.sh"
        script.write_text(step["run"])
        # How a runner starts `shell: bash`.
        # Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax, jobs.*.steps.shell
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.logs[name] = done.stdout
        self.summary += summary.read_text()
        self.outputs |= dict(line.split("=", 1) for line in output.read_text().splitlines())
        return "failure" if done.returncode else "success"

    def _filled(self, text: str) -> str:
        return _EXPRESSION.sub(lambda found: self.context[found[1]], text)

    def _wanted(self, condition: str) -> bool:
        if whole := _EXPRESSION.fullmatch(condition):
            condition = whole[1]
        # As on GitHub, a condition that asks for no status means success too.
        wanted = [*condition.split("&&"), *([] if "cancelled()" in condition else ["success()"])]
        return all(self._holds(part.strip()) for part in wanted)

    def _holds(self, condition: str) -> bool:
        if condition == "!cancelled()":
            return True
        if condition == "success()":
            return not self.failed
        if given := _INPUT.fullmatch(condition):
            return (self.context[given["name"]] == "true") is not bool(given["not"])
        if output := _OUTPUT.fullmatch(condition):
            return self.outputs.get(output["name"], "") == output["value"]
        found = _OUTCOME.fullmatch(condition)
        assert found, f"a condition that this runner does not know: {condition}"
        return self.outcomes.get(found[1]) == found[2]
