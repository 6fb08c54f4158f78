"""`skate` about jobs: ls, status, logs, kill, rerun."""

from __future__ import annotations

import re
import threading

import pytest
from skate.deadlines import DEADLINE

from tests.client.api_stand_in import QUEUE, Object, StandIn
from tests.client.command import skate, wait_for


@pytest.fixture(autouse=True)
def queue(cluster: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's queue."""
    monkeypatch.setenv("SKATE_QUEUE", QUEUE)


def test_jobs_are_listed_with_where_they_are_and_by_whom(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d", "FAILED")
    cluster.add_job("nightly-11223344")
    cluster.add_pod("nightly-11223344-driver", "nightly-11223344", "driver", phase="Pending", node="")
    shown = skate("ls")
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert "queued (1)" in next(line for line in lines if "nightly-11223344" in line)
    assert next(line for line in lines if "report-0a1b2c3d" in line).split()[-1] == "ana"


def test_a_list_in_a_pipe_cuts_no_name(cluster: StandIn) -> None:
    long = f"a{'b' * 60}-11223344"
    cluster.add_job(long, "FAILED")
    assert long in skate("ls").out


def test_programs_are_given_json(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d", "FAILED")
    (job,) = skate("ls", "--json").json
    assert (job["name"], job["phase"], job["jobId"]) == ("report-0a1b2c3d", "failed", "0a1b2c3d")


def test_without_older_jobs_the_list_says_why(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d", "FAILED")
    shown = skate("ls", "--all")
    assert "report-0a1b2c3d" in shown.out
    assert "has no history server" in shown.err


def test_the_status_says_where_a_job_is_and_why(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d", "FAILED", message="driver container failed with ExitCode: 1")
    shown = skate("status", "report-0a1b2c3d")
    assert shown.code == 0
    assert "failed: driver container failed with ExitCode: 1" in shown.out


def test_a_job_is_found_by_its_id(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d", "FAILED")
    assert skate("status", "0a1b2c3d", "--json").json["name"] == "report-0a1b2c3d"


def test_a_job_that_nobody_knows_is_said_to_be_none() -> None:
    shown = skate("status", "none-1234")
    assert shown.code == 2
    assert "There is no job none-1234 in ads-batch" in shown.err


def test_the_log_of_a_driver_is_printed_as_it_is(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d")
    cluster.run("report-0a1b2c3d", "[bold]one[/bold]", "two")
    assert skate("logs", "report-0a1b2c3d").out == "[bold]one[/bold]\ntwo\n"
    assert skate("logs", "report-0a1b2c3d", "--tail", "1").out == "two\n"


def test_the_log_of_an_executor_is_by_its_number(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d")
    cluster.run("report-0a1b2c3d", "of the driver")
    cluster.add_pod("report-exec-7", "report-0a1b2c3d", "executor", number=7)
    cluster.logs["report-exec-7"] = type(cluster.logs["report-0a1b2c3d-driver"])(["of the seventh"])
    assert skate("logs", "report-0a1b2c3d", "--executor", "7").out == "of the seventh\n"


def test_a_log_is_followed_through_a_broken_connection_with_each_line_once(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d")
    log = cluster.run("report-0a1b2c3d", "one", "two", "three")
    log.breaks_after = 2

    def go_on() -> None:
        wait_for(lambda: log.breaks_after is None)
        log.write("four")
        cluster.end("report-0a1b2c3d")

    thread = threading.Thread(target=go_on)
    thread.start()
    shown = skate("logs", "report-0a1b2c3d", "-f")
    thread.join()
    assert shown.out == "one\ntwo\nthree\nfour\n"


def test_a_job_without_a_log_is_said_to_have_none(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d")
    shown = skate("logs", "report-0a1b2c3d")
    assert shown.code == 2
    assert "has no log of its driver yet: it is submitted" in shown.err


def test_a_log_that_has_not_begun_is_said_to_be_none_and_waited_for_if_it_is_followed(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d")
    cluster.run("report-0a1b2c3d")
    log = cluster.logs.pop("report-0a1b2c3d-driver")
    shown = skate("logs", "report-0a1b2c3d")
    assert (shown.code, "There is no log of report-0a1b2c3d-driver" in shown.err) == (2, True)

    def begin() -> None:
        wait_for(lambda: any("follow=true" in path for _, path in cluster.seen))
        log.write("one")
        cluster.logs["report-0a1b2c3d-driver"] = log
        cluster.end("report-0a1b2c3d")

    thread = threading.Thread(target=begin)
    thread.start()
    assert skate("logs", "report-0a1b2c3d", "-f").out == "one\n"
    thread.join()


def test_a_job_that_waits_has_no_log_yet(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d", "SUBMITTED", sparkApplicationId=f"spark-{'0' * 32}")
    cluster.add_pod("report-0a1b2c3d-driver", "report-0a1b2c3d", "driver", phase="Pending", node="")
    shown = skate("logs", "report-0a1b2c3d")
    assert shown.code == 2
    assert "yet: it is queued" in shown.err


def test_jobs_are_stopped_without_a_question_only_by_yes(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d")
    refused = skate("kill", "report-0a1b2c3d")
    assert (refused.code, len(cluster.jobs())) == (2, 1)
    assert "--yes" in refused.err
    assert skate("kill", "--yes", "report-0a1b2c3d").code == 0
    assert not cluster.jobs()


def test_a_list_of_jobs_is_stopped_only_if_all_are_there(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d")
    assert skate("kill", "--yes", "report-0a1b2c3d", "none-1234").code == 2
    assert len(cluster.jobs()) == 1


def test_a_job_runs_again_as_it_was_under_another_name(cluster: StandIn) -> None:
    before = cluster.add_job("report-0a1b2c3d", "FAILED")
    shown = skate("rerun", "report-0a1b2c3d", "--detach")
    assert shown.code == 0
    (again,) = [job for job in cluster.jobs() if job["metadata"]["name"] == shown.out.strip()]
    name = again["metadata"]["name"]
    assert name.startswith("report-")
    assert name != "report-0a1b2c3d"
    assert again["metadata"]["labels"]["elastic-spark/job-id"] == name.removeprefix("report-")
    assert "elastic-spark/submitter" not in again["metadata"].get("annotations", {})
    assert "status" not in again
    assert again["spec"]["mainApplicationFile"] == before["spec"]["mainApplicationFile"]


def test_a_job_runs_again_without_the_deadline_of_its_first_run(cluster: StandIn) -> None:
    before = cluster.add_job("report-0a1b2c3d", "FAILED")
    before["metadata"]["annotations"] |= {DEADLINE: "2026-03-01T07:00:00+01:00", "team": "ads"}
    marks = {DEADLINE: "2026-03-01T06:00:00Z", "elastic-spark/submitter": "ana"}
    before["spec"]["driver"] = {"annotations": {**marks, "team": "ads"}}
    before["spec"]["executor"]["annotations"] = {"elastic-spark/submitter": "ana"}
    again = added_by(cluster, "rerun", "report-0a1b2c3d", "--detach")
    assert again["metadata"]["annotations"] == {"team": "ads"}
    assert again["spec"]["driver"]["annotations"] == {"team": "ads"}
    assert "annotations" not in again["spec"]["executor"]
    due = added_by(cluster, "rerun", "report-0a1b2c3d", "--detach", "--deadline", "2099-01-01T00:00:00Z")
    assert due["metadata"]["annotations"] == {"team": "ads", DEADLINE: "2099-01-01T00:00:00Z"}


def added_by(cluster: StandIn, *arguments: str) -> Object:
    """The job that a command adds, whose name it prints."""
    shown = skate(*arguments)
    assert shown.code == 0, shown.err
    (job,) = [job for job in cluster.jobs() if job["metadata"]["name"] == shown.out.strip()]
    return job


@pytest.mark.parametrize(
    ("deadline", "state", "said"),
    [
        ("2099-01-01T00:00:00Z", "RUNNING", ", in "),
        ("2026-01-01T00:00:00Z", "RUNNING", ", passed "),
        ("2099-01-01T00:00:00Z", "COMPLETED", ", met$"),
        ("2026-01-01T00:00:00Z", "COMPLETED", ", missed by "),
        # One that failed did neither.
        ("2099-01-01T00:00:00Z", "FAILED", "00$"),
    ],
)
def test_a_job_says_by_when_it_must_have_ended(cluster: StandIn, deadline: str, state: str, said: str) -> None:
    job = cluster.add_job("report-0a1b2c3d", state)
    job["metadata"]["annotations"][DEADLINE] = deadline
    (line,) = [line for line in skate("status", "report-0a1b2c3d").out.splitlines() if line.startswith("deadline")]
    assert re.search(said, line.rstrip())
    assert skate("status", "report-0a1b2c3d", "--json").json["deadline"] == deadline.replace("Z", "+00:00")


def test_why_says_what_to_do_first_and_then_what_happened(cluster: StandIn) -> None:
    cluster.add_job(
        "report-0a1b2c3d", "FAILED", message="driver container failed with ExitCode: 137, Reason: OOMKilled"
    )
    shown = skate("why", "report-0a1b2c3d")
    assert shown.code == 0, shown.err
    remedy, what = shown.out.index("driver"), shown.out.index("Why (driver killed for memory)")
    assert remedy < what
    record = skate("why", "report-0a1b2c3d", "--json").json
    assert (record["kind"], record["name"]) == ("driver killed for memory", "report-0a1b2c3d")
    assert record["remedy"]


def test_a_failed_job_that_was_waited_for_leads_to_why(cluster: StandIn) -> None:
    cluster.add_job("report-0a1b2c3d", "FAILED", message="driver container failed with ExitCode: 1, Reason: Error")
    shown = skate("wait", "report-0a1b2c3d")
    assert shown.code == 1
    assert "skate why report-0a1b2c3d --queue ads-batch" in shown.err
