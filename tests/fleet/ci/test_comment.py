"""The comment on a pull request: on which one, by whom, and what can be in it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ci.comment import ARTIFACT, LARGEST_ARCHIVE, MARKER, comment, harmless, pull_request, text
from fleet.ci.github import BOT, LONGEST_BODY, GitHubError
from tests.fleet.ci.server import REPOSITORY, TOKEN, Server, archive, pull
from tests.samples import ROOT

SHA = "0123456789abcdef0123456789abcdef01234567"
RUN: dict[str, Any] = {
    "id": 77,
    "run_number": 5,
    "html_url": "https://github.com/company/spark/actions/runs/77",
    "head_sha": SHA,
    "head_branch": "more",
    "head_repository": {"full_name": "somebody/spark", "owner": {"login": "somebody"}},
    "conclusion": "success",
    "pull_requests": [],
}
MADE = "## Fleet preview\n\n<details><summary><b>ads</b></summary>\n\n```diff\n- 20\n+ 24\n```\n\n</details>\n"


def test_a_fork_gets_one_comment_that_is_kept_up_to_date(server: Server) -> None:
    server.pulls.append(pull(12, SHA))
    server.archives[ARTIFACT] = archive(preview_md=MADE)
    assert comment(server.github, RUN) == "pull request 12 has a comment"
    server.archives[ARTIFACT] = archive(preview_md=MADE.replace("24", "30"))
    assert comment(server.github, RUN) == "the comment on pull request 12 is up to date"
    (one,) = server.comments[12]
    assert one["body"].startswith(MARKER)
    assert "+ 30" in one["body"]
    assert MADE.replace("24", "30") in one["body"]


def test_a_comment_behind_a_hundred_others_is_found(server: Server) -> None:
    server.pulls.append(pull(12, SHA))
    server.archives[ARTIFACT] = archive(preview_md=MADE)
    others = [{"id": n, "user": {"login": "reviewer"}, "body": "hm"} for n in range(150)]
    server.comments[12] = [*others, {"id": 999, "user": {"login": BOT}, "body": f"{MARKER}\nold"}]
    assert "up to date" in comment(server.github, RUN)
    assert len(server.comments[12]) == 151


def test_others_comments_are_left_alone_whatever_they_begin_with(server: Server) -> None:
    server.pulls.append(pull(12, SHA))
    server.archives[ARTIFACT] = archive(preview_md=MADE)
    server.comments[12] = [
        {"id": 1, "user": {"login": "somebody"}, "body": f"{MARKER}\nmine"},
        {"id": 2, "user": None, "body": f"{MARKER}\na ghost's"},
        {"id": 3, "user": {"login": BOT}, "body": "another workflow's"},
    ]
    assert "has a comment" in comment(server.github, RUN)
    assert [one["body"].partition("\n")[2] for one in server.comments[12][:2]] == ["mine", "a ghost's"]
    assert server.comments[12][2]["body"] == "another workflow's"


@pytest.mark.parametrize(
    "pulls",
    [
        pytest.param([], id="none"),
        pytest.param([pull(12, "f" * 40)], id="a newer commit is its head"),
        pytest.param([pull(12, SHA, head="other/spark")], id="of another fork"),
        pytest.param([pull(12, SHA, head="somebody/spark-2")], id="of another fork of the same owner"),
        pytest.param([{**pull(12, SHA), "head": {"sha": SHA, "repo": None}}], id="of a fork that is gone"),
    ],
)
def test_without_a_pull_request_at_that_very_commit_nothing_is_posted(server: Server, pulls: list[Any]) -> None:
    server.pulls += pulls
    server.archives[ARTIFACT] = archive(preview_md=MADE)
    assert "nothing is posted" in comment(server.github, RUN)
    assert server.written == []


def test_a_fork_that_is_gone_gets_nothing(server: Server) -> None:
    server.pulls.append(pull(12, SHA))
    assert pull_request(server.github, {**RUN, "head_repository": None}) is None


def test_no_number_in_what_was_made_moves_the_comment(server: Server) -> None:
    server.pulls += [pull(1, "f" * 40, head="victim/spark"), pull(12, SHA)]
    assert pull_request(server.github, {**RUN, "pull_requests": [{"number": 1}]}) == 12


def test_a_run_that_made_nothing_is_told(server: Server) -> None:
    server.pulls.append(pull(12, SHA))
    comment(server.github, {**RUN, "conclusion": "failure"})
    (one,) = server.comments[12]
    assert "It ended with failure." in one["body"]
    assert "There is no preview" in one["body"]


def test_the_token_is_not_given_to_where_the_artifact_is_stored(server: Server) -> None:
    server.pulls.append(pull(12, SHA))
    server.archives[ARTIFACT] = archive(preview_md=MADE)
    comment(server.github, RUN)
    assert server.stored_with == [None]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(os.urandom(LARGEST_ARCHIVE + 1), "more than 1,000,000 bytes", id="too large"),
        pytest.param(archive(preview_md="x" * 50_000_000), "more than 262,144 bytes", id="a bomb"),
        pytest.param(archive(other_md="x"), "no readable preview.md", id="another file"),
        pytest.param(b"PK\x03\x04", "no readable preview.md", id="no archive"),
        pytest.param(archive(preview_md=MADE)[:-30], "no readable preview.md", id="half of one"),
    ],
)
def test_an_artifact_that_is_no_preview_is_refused(server: Server, content: bytes, problem: str) -> None:
    server.pulls.append(pull(12, SHA))
    server.archives[ARTIFACT] = content
    with pytest.raises(GitHubError, match=problem):
        comment(server.github, RUN)
    assert server.written == []


def test_what_is_too_long_for_a_comment_is_cut_and_says_so() -> None:
    body = text("é" * 200_000, RUN)
    assert len(body) <= LONGEST_BODY
    assert re.search(r"… 136,000 more characters are in the artifacts of the run\.\n$", body)


@pytest.mark.parametrize(
    "hostile",
    [
        "@everyone",
        "![](https://example.com/pixel)",
        '<img src="https://example.com/pixel">',
        "<script>alert(1)</script>",
        "<!-- elastic-spark: fleet preview -->",
        "<details open><summary><b onclick=x>",
        "a\u202egnp.exe",
        "a\x1b[2Jb\x00",
    ],
)
def test_nothing_of_it_calls_loads_hides_or_is_html(hostile: str) -> None:
    made = harmless(hostile)
    assert "@e" not in made
    assert "![" not in made
    assert set(re.findall(r"<[/!a-z][^>]*>", made)) <= {"<details>", "<summary>", "<b>"}
    assert not re.search("[\x00\x1b\u202e]", made)


@given(st.text(alphabet="<>/!-[]@ab details\u202e\x00\n"))
def test_it_never_has_other_tags_than_those_that_fold(made: str) -> None:
    for tag in re.findall(r"<[/!?a-zA-Z][^<]*", harmless(made)):
        assert re.match(r"</?(details|summary|b)>", tag)


def test_the_readers_text_stays() -> None:
    assert harmless(MADE) == MADE


def test_the_step_reads_the_event_and_says_what_it_did(server: Server, tmp_path: Path) -> None:
    server.pulls.append(pull(12, SHA))
    server.archives[ARTIFACT] = archive(preview_md=MADE)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"workflow_run": RUN}))
    result = step(server, GITHUB_EVENT_PATH=str(event))
    assert result.stdout == "pull request 12 has a comment\n", result.stderr
    server.broken = True
    result = step(server, GITHUB_EVENT_PATH=str(event))
    assert result.returncode == 1
    assert result.stderr.startswith("::error::GET /pulls?")
    assert "403 Resource not accessible by integration" in result.stderr
    assert TOKEN not in result.stderr


def test_outside_of_a_job_it_says_so(server: Server) -> None:
    assert "GITHUB_EVENT_PATH names no event" in step(server).stderr
    assert "GITHUB_TOKEN not set" in step(server, GITHUB_TOKEN="").stderr


def step(server: Server, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python3 -m fleet.ci.comment`, with no packages but the standard library's."""
    job = {"GITHUB_API_URL": server.address, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": TOKEN, **environment}
    return subprocess.run(
        [sys.executable, "-S", "-m", "fleet.ci.comment"], cwd=ROOT, env=job, capture_output=True, text=True, check=False
    )
