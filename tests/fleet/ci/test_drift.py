"""Issues about stacks that are not as their files say: opened, updated, closed, and left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.ci.drift import LONGEST, Outcome, body, outcomes, report
from fleet.ci.github import BOT, LONGEST_BODY
from tests.fleet.ci.server import Server

RUN = "https://github.com/company/spark/actions/runs/9"
DRIFT = Outcome("ads-dev", 255, "~ Group changed by hand\nerror: no changes were expected but changes were proposed\n")
BROKEN = Outcome("ads-dev", 255, "error: no credentials\n")
CLEAN = Outcome("ads-dev", 0, "35 unchanged\n")


def told(server: Server, *found: Outcome, stacks: tuple[str, ...] = ("ads-dev",)) -> list[str]:
    return report(server.github, stacks, {one.stack: one for one in found}, RUN)


def states(server: Server) -> list[tuple[str, str]]:
    return [(issue["title"], issue["state"]) for issue in server.issues]


def test_drift_opens_one_issue_that_is_updated_and_closed_when_it_is_over(server: Server) -> None:
    assert told(server, DRIFT) == ["ads-dev: drifts, issue opened"]
    assert told(server, BROKEN) == ["ads-dev: drifts, issue updated"]
    assert states(server) == [("Drift: ads-dev can't be looked at", "open")]
    assert told(server, CLEAN) == ["ads-dev: clean, issue closed"]
    assert states(server) == [("Drift: ads-dev can't be looked at", "closed")]
    assert server.issues[0]["labels"] == ["drift"]
    assert server.comments[1][0]["body"] == f"It is as its file says again: {RUN}"


def test_drift_after_an_issue_was_closed_opens_another(server: Server) -> None:
    told(server, DRIFT)
    told(server, CLEAN)
    told(server, DRIFT)
    assert [state for _, state in states(server)] == ["closed", "open"]


def test_a_clean_stack_has_no_issue(server: Server) -> None:
    assert told(server, CLEAN) == ["ads-dev: clean"]
    assert server.written == []


def test_a_stack_that_nobody_could_tell_anything_of_keeps_its_issue(server: Server) -> None:
    told(server, DRIFT)
    server.written.clear()
    assert told(server) == ["ads-dev: its job left nothing; its issue is as it was"]
    assert server.written == []


def test_a_stack_that_is_not_looked_at_any_more_loses_its_issue(server: Server) -> None:
    told(server, DRIFT)
    assert told(server, stacks=()) == ["ads-dev: closed, no longer looked at"]
    assert states(server)[0][1] == "closed"


def test_each_stack_has_an_issue_of_its_own(server: Server) -> None:
    other = Outcome("search-dev", 255, DRIFT.output)
    told(server, DRIFT, other, stacks=("ads-dev", "search-dev"))
    told(server, CLEAN, other, stacks=("ads-dev", "search-dev"))
    assert [state for _, state in states(server)] == ["closed", "open"]


def test_issues_of_people_are_left_alone(server: Server) -> None:
    told(server, DRIFT)
    server.issues[0]["user"] = {"login": "somebody"}
    server.issues.append({"number": 2, "state": "open", "user": {"login": BOT}, "labels": ["drift"], "body": "by hand"})
    assert told(server, CLEAN) == ["ads-dev: clean"]
    assert [issue["state"] for issue in server.issues] == ["open", "open"]


def test_the_issue_says_what_was_found_and_what_to_do() -> None:
    text = body(DRIFT, RUN)
    assert DRIFT.title == "Drift: ads-dev is not as its file says"
    assert DRIFT.output in text
    assert RUN in text
    assert "Deploy the stack" in text


def test_a_long_output_is_cut_at_its_start_and_says_so() -> None:
    text = body(Outcome("ads-dev", 1, "x" * 200_000 + "\nthe end"), RUN)
    assert len(text) < LONGEST_BODY
    assert f"… {200_008 - LONGEST:,} earlier characters are in the log" in text
    assert "the end\n```" in text


def test_an_output_can_not_end_its_block_or_color_it() -> None:
    text = body(Outcome("ads-dev", 1, "\x1b[31mred\x1b[0m\n```\n# Title\n"), RUN)
    assert "\n````\nred\n```\n# Title\n````\n" in text


@pytest.mark.parametrize(
    ("status", "output"), [("", "x"), ("soon", "x"), ("0", None)], ids=["empty", "no number", "no output"]
)
def test_what_a_job_left_half_is_passed_over(tmp_path: Path, status: str, output: str | None) -> None:
    for stack, code, text in (("ads-dev", status, output), ("search-dev", "0\n", "fine")):
        folder = tmp_path / stack
        folder.mkdir()
        (folder / "status").write_text(code)
        if text:
            (folder / "output.txt").write_text(text)
    assert outcomes(tmp_path) == {"search-dev": Outcome("search-dev", 0, "fine")}
