"""The pull request with recommended sizes: opened once, kept up to date, closed, and never somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.ci.github import LONGEST_BODY, GitHubError
from fleet.ci.recommendation import AUTHOR, BRANCH, TITLE, Recommendation, propose, recommended
from tests.fleet.ci.server import Json, Server

BASE = "a" * 40
NEXT = "b" * 40
RUN = "https://github.com/company/spark/actions/runs/7"
FILE = "stacks/Pulumi.ads-dev.yaml"


def some(size: int = 20, text: str = "ads-batch: 900 USD a month instead of 1,200") -> Recommendation:
    return Recommendation({FILE: f"maxNodes: {size}\n"}, text)


NOTHING = Recommendation({}, "ads-batch: stays as it is")


def said(server: Server, found: Recommendation, commit: str = BASE) -> str:
    return propose(server.github, found, base="main", commit=commit, run=RUN)


def writes(server: Server) -> list[str]:
    """What was asked for since the last look."""
    found = [f"{method} {path}" for method, path, _ in server.written]
    server.written.clear()
    return found


def head(server: Server) -> Json:
    return server.commits[server.branches[BRANCH]]


def test_the_first_recommendation_opens_a_pull_request_with_one_commit_on_the_base(server: Server) -> None:
    assert said(server, some()) == "pull request 1 is opened"
    (pull,) = server.pulls
    assert (pull["title"], pull["base"], pull["head"]["ref"]) == (TITLE, "main", BRANCH)
    assert "ads-batch: 900 USD a month instead of 1,200" in pull["body"]
    assert f"`{FILE}`" in pull["body"]
    assert RUN in pull["body"]
    assert (head(server)["parents"], head(server)["author"], head(server)["committer"]) == ([BASE], AUTHOR, AUTHOR)
    tree = server.trees[head(server)["tree"]]
    assert tree["base_tree"] == BASE
    assert [(one["path"], one["content"]) for one in tree["tree"]] == [(FILE, "maxNodes: 20\n")]


def test_the_next_one_brings_it_up_to_date_on_the_base_of_then(server: Server) -> None:
    said(server, some())
    assert said(server, some(24, "other"), NEXT) == "pull request 1 is up to date"
    (pull,) = server.pulls
    assert "other" in pull["body"]
    assert head(server)["parents"] == [NEXT]
    assert server.trees[head(server)["tree"]]["tree"][0]["content"] == "maxNodes: 24\n"


def test_the_same_files_on_the_same_base_push_nothing_so_that_no_preview_runs_again(server: Server) -> None:
    said(server, some())
    writes(server)
    assert said(server, some(text="figures of another week")) == "pull request 1 is up to date"
    assert writes(server) == ["POST /git/trees", "PATCH /pulls/1"]
    assert "figures of another week" in server.pulls[0]["body"]


def test_where_nothing_changes_nothing_is_done(server: Server) -> None:
    assert said(server, NOTHING) == "nothing is to change"
    assert writes(server) == []


def test_a_pull_request_that_is_no_longer_recommended_is_closed_with_the_reason(server: Server) -> None:
    said(server, some())
    assert said(server, NOTHING) == "nothing is to change: pull request 1 is closed"
    assert server.pulls[0]["state"] == "closed"
    assert RUN in server.comments[1][0]["body"]
    assert said(server, some(30)) == "pull request 2 is opened"


@pytest.mark.parametrize("found", [some(24), NOTHING], ids=["changes", "nothing"])
def test_a_pull_request_with_somebodys_commit_is_left_as_it_is(server: Server, found: Recommendation) -> None:
    said(server, some())
    theirs = {
        "message": "less",
        "tree": head(server)["tree"],
        "parents": [server.branches[BRANCH]],
        "author": {"name": "somebody", "email": "somebody@example.com"},
    }
    server.branches[BRANCH] = server.keep(server.commits, theirs)
    writes(server)
    assert said(server, found) == "pull request 1 has commits of others: it is left as it is"
    assert writes(server) == []


def test_branches_whose_names_start_alike_are_left_alone(server: Server) -> None:
    server.branches[f"{BRANCH}-old"] = BASE
    said(server, some())
    assert server.branches[f"{BRANCH}-old"] == BASE
    assert "POST /git/refs" in writes(server)


def test_a_text_that_is_too_long_is_cut_to_what_github_takes(server: Server) -> None:
    said(server, some(text="x" * 200_000 + " the end"))
    body = server.pulls[0]["body"]
    assert len(body) <= LONGEST_BODY
    assert "the end" in body


def test_a_text_can_not_leave_its_block_of_code(server: Server) -> None:
    said(server, some(text="```\n# no heading\n@everybody"))
    assert "````\n```\n# no heading\n@everybody\n````" in server.pulls[0]["body"]


def test_github_that_says_no_is_told(server: Server) -> None:
    server.broken = True
    with pytest.raises(GitHubError, match="403 Resource not accessible"):
        said(server, some())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the job before left, beside a repository with one stack."""
    for name in ("recommendation/stacks", "stacks"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "recommendation" / "text.txt").write_text("said\n")
    (tmp_path / "stacks" / "Pulumi.ads-dev.yaml").write_text("maxNodes: 20\n")
    return tmp_path


def read(folder: Path) -> Recommendation:
    return recommended(folder / "recommendation", folder / "stacks")


def test_what_the_job_before_left_are_stack_files_and_a_text(folder: Path) -> None:
    assert read(folder) == Recommendation({}, "said\n")
    (folder / "recommendation" / "stacks" / "Pulumi.ads-dev.yaml").write_text("maxNodes: 24\n")
    assert read(folder) == Recommendation({FILE: "maxNodes: 24\n"}, "said\n")


@pytest.mark.parametrize("name", ["Pulumi.other.yaml", "schema.json", "Pulumi.ads-dev.yaml.sh"])
def test_what_is_no_stack_file_of_the_repository_is_refused(folder: Path, name: str) -> None:
    (folder / "recommendation" / "stacks" / name).write_text("x")
    with pytest.raises(GitHubError, match="is no stack file of this repository"):
        read(folder)


def test_a_file_that_is_too_large_for_a_stack_is_refused(folder: Path) -> None:
    (folder / "recommendation" / "stacks" / "Pulumi.ads-dev.yaml").write_text("x" * 1_000_001)
    with pytest.raises(GitHubError, match="more than 1,000,000 bytes"):
        read(folder)
