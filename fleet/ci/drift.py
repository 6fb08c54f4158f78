"""One issue for each stack that is not as its file says: `python3 -m fleet.ci.drift STACK...`, in the workflow `drift`.

Each stack's job leaves what it found in a folder of its own, `drift/<stack>`: `status`, the exit code of
`pulumi preview --refresh --expect-no-changes`, and `output.txt`, what that printed.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fleet.ci.github import BOT, GitHub, command
from fleet.ci.summary import fenced

LABEL: Final = "drift"
LONGEST: Final = 60_000
"""Characters of the output in an issue."""
EXPECTED: Final = "no changes were expected"
"""How the CLI's message for changes starts; every other failure is one of the preview.
Source: https://github.com/pulumi/pulumi, pkg/cmd/pulumi/operations/preview.go
"""
_STATE: Final = re.compile(r"<!-- elastic-spark: drift of (?P<stack>[A-Za-z0-9_.-]{1,100}) -->")


@dataclass(frozen=True)
class Outcome:
    """What was found of a stack."""

    stack: str
    status: int
    output: str

    @property
    def clean(self) -> bool:
        """Whether it is as its file says."""
        return self.status == 0

    @property
    def title(self) -> str:
        """Of its issue."""
        if EXPECTED in self.output:
            return f"Drift: {self.stack} is not as its file says"
        return f"Drift: {self.stack} can't be looked at"


def outcomes(folder: Path) -> dict[str, Outcome]:
    """What the jobs left, by stack; a job that left nothing, or half of it, is passed over."""
    found = {}
    for status in sorted(folder.glob("*/status")):
        stack = status.parent.name
        code = status.read_text(encoding="utf-8").strip()
        output = status.with_name("output.txt")
        if code.isascii() and code.isdigit() and output.is_file():
            found[stack] = Outcome(stack, int(code), output.read_text(encoding="utf-8", errors="replace"))
    return found


def report(github: GitHub, stacks: Sequence[str], found: Mapping[str, Outcome], run: str) -> list[str]:
    """Open, update and close issues until there is one for each stack that drifts; says what was done, line by line.

    A stack that nobody could tell anything of keeps its issue, or none; one that is not looked at any more loses it.

    Args:
        github: the repository.
        stacks: that are looked at.
        found: of them, and of no others.
        run: address of the run.
    """
    issues = _issues(github)
    said = []
    for stack in sorted({*stacks, *issues}):
        issue, outcome = issues.get(stack), found.get(stack)
        if stack not in stacks and issue:
            _close(github, issue, "It is not deployed from here any more.")
            said.append(f"{stack}: closed, no longer looked at")
        elif outcome is None:
            said.append(f"{stack}: its job left nothing; its issue is as it was")
        elif outcome.clean and issue:
            _close(github, issue, f"It is as its file says again: {run}")
            said.append(f"{stack}: clean, issue closed")
        elif outcome.clean:
            said.append(f"{stack}: clean")
        elif issue:
            path = f"/issues/{int(issue['number'])}"
            github.send("PATCH", path, {"title": outcome.title, "body": body(outcome, run)})
            said.append(f"{stack}: drifts, issue updated")
        else:
            github.send("POST", "/issues", {"title": outcome.title, "body": body(outcome, run), "labels": [LABEL]})
            said.append(f"{stack}: drifts, issue opened")
    return said


def body(outcome: Outcome, run: str) -> str:
    """What an issue says: what was found, and what to do about it."""
    return (
        f"<!-- elastic-spark: drift of {outcome.stack} -->\n"
        f"`pulumi preview --refresh --expect-no-changes` of {outcome.stack}, in {run}:\n\n"
        f"{fenced(outcome.output, LONGEST)}\n"
        "Somebody changed something by hand, or main has a change that is not deployed yet. Deploy the stack to make "
        "it as its file says (the workflow `deploy` by hand, with the stack's name), or bring the file up to date. "
        "This issue is updated while that lasts, and closed when it is over.\n"
    )


def _issues(github: GitHub) -> dict[str, Mapping[str, Any]]:
    """Our own open issues, by stack."""
    found: dict[str, Mapping[str, Any]] = {}
    for issue in github.every("/issues", state="open", labels=LABEL, creator=BOT):
        match = _STATE.match(str(issue.get("body") or ""))
        if match and "pull_request" not in issue:
            found.setdefault(match["stack"], issue)
    return found


def _close(github: GitHub, issue: Mapping[str, Any], why: str) -> None:
    path = f"/issues/{int(issue['number'])}"
    github.send("POST", f"{path}/comments", {"body": why})
    github.send("PATCH", path, {"state": "closed", "state_reason": "completed"})


def main() -> None:
    """The step of the workflow: the stacks are its arguments, the folders are below `drift`."""
    server, repository, run = (os.environ[f"GITHUB_{name}"] for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    address = f"{server}/{repository}/actions/runs/{run}"
    command(lambda github: "\n".join(report(github, sys.argv[1:], outcomes(Path("drift")), address)))


if __name__ == "__main__":
    main()
