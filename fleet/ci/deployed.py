"""The commit that is deployed, as far as is known: `python3 -m fleet.ci.deployed`, in the workflow `deploy`.

That is the head of the last run which deployed all that it was about. A run that failed, was cancelled, or whose
deployment somebody rejected leaves its changes to the next one.
"""

from __future__ import annotations

import os
import re
from typing import Final

from fleet.ci.github import GitHub, GitHubError, command

WORKFLOW: Final = "deploy.yml"


def deployed(github: GitHub, branch: str) -> str | None:
    """The commit that a branch's last successful deployment deployed; None where there was none."""
    query = {"branch": branch, "status": "success", "event": "push", "per_page": 1}
    runs = github.get(f"/actions/workflows/{WORKFLOW}/runs", **query)["workflow_runs"]
    if not runs:
        return None
    commit = str(runs[0]["head_sha"])
    if not re.fullmatch(r"[0-9a-f]{40,64}", commit):
        raise GitHubError(f"{commit!r} is no commit")
    return commit


def main() -> None:
    """The step of the workflow: prints the commit, or nothing."""
    command(lambda github: deployed(github, os.environ["GITHUB_REF_NAME"]) or "")


if __name__ == "__main__":
    main()
