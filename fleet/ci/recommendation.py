"""One pull request with the recommended sizes of queues: `python3 -m fleet.ci.recommendation`, in `recommend`.

The job before left, in the folder `recommendation`, the stack files that differ, below `stacks`, and `text.txt`, what
`fleet capacity recommend` printed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fleet.ci.github import LONGEST_BODY, GitHub, GitHubError, command
from fleet.ci.summary import fenced

BRANCH: Final = "capacity/recommendation"
"""Of the pull request; nobody else's."""
TITLE: Final = "Sizes of queues, as the last weeks' jobs recommend them"
AUTHOR: Final[Mapping[str, str]] = {
    "name": "github-actions[bot]",
    "email": "41898282+github-actions[bot]@users.noreply.github.com",
}
"""Of its commit: GitHub's own account for the tokens of jobs. Other authors' commits are somebody's work."""
LARGEST: Final = 1_000_000
"""Bytes of a stack file, of which the largest have some thousand."""
_STACK: Final = re.compile(r"Pulumi\.[A-Za-z0-9_-]{1,100}\.yaml")


@dataclass(frozen=True)
class Recommendation:
    """What the job before left.

    Attributes:
        files: stack files that differ, by their path in the repository.
        text: what the command printed.
    """

    files: Mapping[str, str]
    text: str


def recommended(folder: Path, stacks: Path) -> Recommendation:
    """What is in the folder.

    Args:
        folder: that the job before left.
        stacks: the repository's stack files; a recommendation changes them and makes none.

    Raises:
        GitHubError: there is something else in the folder.
    """
    files = {}
    for path in sorted((folder / "stacks").glob("*")):
        if not _STACK.fullmatch(path.name) or not (stacks / path.name).is_file():
            raise GitHubError(f"{path.name!r} is no stack file of this repository")
        if path.stat().st_size > LARGEST:
            raise GitHubError(f"{path.name} has more than {LARGEST:,} bytes")
        files[f"stacks/{path.name}"] = path.read_text(encoding="utf-8")
    return Recommendation(files, (folder / "text.txt").read_text(encoding="utf-8", errors="replace"))


def propose(github: GitHub, found: Recommendation, *, base: str, commit: str, run: str) -> str:
    """Open the pull request, bring it up to date, or close it when nothing is to change; says what was done.

    Args:
        github: the repository.
        found: what is recommended.
        base: the branch that the pull request is for.
        commit: of that branch, on which the recommendation rests.
        run: address of the run.

    Raises:
        GitHubError: GitHub could not be asked, or said no.
    """
    pull = _open(github, base)
    if pull is not None and _strangers(github, pull):
        return f"pull request {pull} has commits of others: it is left as it is"
    if not found.files:
        if pull is None:
            return "nothing is to change"
        path = f"/issues/{pull}/comments"
        github.send("POST", path, {"body": f"The stack files are as the last weeks' jobs recommend them: {run}"})
        github.send("PATCH", f"/pulls/{pull}", {"state": "closed"})
        return f"nothing is to change: pull request {pull} is closed"
    _point(github, found.files, commit)
    said = {"title": TITLE, "body": body(found, run)}
    if pull is not None:
        github.send("PATCH", f"/pulls/{pull}", said)
        return f"pull request {pull} is up to date"
    made = github.send("POST", "/pulls", {**said, "head": BRANCH, "base": base})
    return f"pull request {int(made['number'])} is opened"


def body(found: Recommendation, run: str) -> str:
    """What the pull request says: where it comes from, what was printed, and what to look at."""
    stacks = ", ".join(f"`{name}`" for name in found.files)
    head = f"`fleet capacity recommend`, in {run}, changes {stacks}:\n\n"
    foot = (
        "\nLook at the preview below before merging; where its run waits for approval, approve it. The branch is "
        "written anew every week until it has a commit of somebody else. What the figures mean: docs/capacity.md.\n"
    )
    return head + fenced(found.text, LONGEST_BODY - len(head) - len(foot) - 200) + foot


def _open(github: GitHub, base: str) -> int | None:
    """The number of the open pull request; None where there is none."""
    owner = github.repository.partition("/")[0]
    found = github.every("/pulls", state="open", head=f"{owner}:{BRANCH}", base=base)
    return next((int(one["number"]) for one in found), None)


def _strangers(github: GitHub, pull: int) -> bool:
    """Whether somebody else has worked on the pull request."""
    commits = github.every(f"/pulls/{pull}/commits")
    return any(one["commit"]["author"]["email"] != AUTHOR["email"] for one in commits)


def _point(github: GitHub, files: Mapping[str, str], commit: str) -> None:
    """Let the branch be one commit with these files on another commit; where it is that already, leave it alone."""
    entries = [{"path": path, "mode": "100644", "type": "blob", "content": text} for path, text in files.items()]
    tree = github.send("POST", "/git/trees", {"base_tree": commit, "tree": entries})["sha"]
    # The list has all branches whose names start so.
    refs: list[Any] = github.get(f"/git/matching-refs/heads/{BRANCH}")
    now = next((ref["object"]["sha"] for ref in refs if ref["ref"] == f"refs/heads/{BRANCH}"), None)
    if now is not None:
        last = github.get(f"/git/commits/{now}")
        if last["tree"]["sha"] == tree and [parent["sha"] for parent in last["parents"]] == [commit]:
            return
    made = {"message": TITLE, "tree": tree, "parents": [commit], "author": AUTHOR, "committer": AUTHOR}
    new = github.send("POST", "/git/commits", made)["sha"]
    if now is None:
        github.send("POST", "/git/refs", {"ref": f"refs/heads/{BRANCH}", "sha": new})
    else:
        github.send("PATCH", f"/git/refs/heads/{BRANCH}", {"sha": new, "force": True})


def main() -> None:
    """The step of the workflow."""
    server, repository, run = (os.environ[f"GITHUB_{name}"] for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    address = f"{server}/{repository}/actions/runs/{run}"
    base, commit = os.environ["GITHUB_REF_NAME"], os.environ["GITHUB_SHA"]
    command(
        lambda github: propose(
            github, recommended(Path("recommendation"), Path("stacks")), base=base, commit=commit, run=address
        )
    )


if __name__ == "__main__":
    main()
