"""Which commit counts as deployed."""

from __future__ import annotations

import pytest

from fleet.ci.deployed import deployed
from fleet.ci.github import GitHubError
from tests.fleet.ci.server import Server

RUN = {"head_branch": "main", "conclusion": "success", "event": "push", "head_sha": "a" * 40}


def test_the_last_run_that_deployed_all_it_was_about(server: Server) -> None:
    failed = {**RUN, "conclusion": "failure", "head_sha": "c" * 40}
    by_hand = {**RUN, "event": "workflow_dispatch", "head_sha": "d" * 40}
    elsewhere = {**RUN, "head_branch": "try", "head_sha": "e" * 40}
    server.runs += [failed, by_hand, elsewhere, RUN, {**RUN, "head_sha": "b" * 40}]
    assert deployed(server.github, "main") == "a" * 40


def test_before_the_first_there_is_none(server: Server) -> None:
    assert deployed(server.github, "main") is None


def test_what_is_no_commit_does_not_get_into_a_script(server: Server) -> None:
    server.runs.append({**RUN, "head_sha": "--output=x"})
    with pytest.raises(GitHubError, match="is no commit"):
        deployed(server.github, "main")
