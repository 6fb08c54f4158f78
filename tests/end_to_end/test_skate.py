"""`skate` as a process, from the queue to a job's end, on a platform whose software is the real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from skate.command.signals import TERMINATED

from tests.client.command import Ended, started
from tests.cluster.api import Object
from tests.end_to_end.clock import Clock
from tests.end_to_end.platform import JOB_ID, QUEUE, Platform
from tests.end_to_end.reading import read_until

JOB: Final = """\
metadata: {name: nightly}
spec:
  type: Python
  mainApplicationFile: local:///opt/spark/examples/src/main/python/pi.py
  arguments: ["10"]
"""


def skate(*arguments: str) -> Ended:
    """A call in a process of its own."""
    with started(*arguments) as process:
        out, err = process.communicate(timeout=120)
    return Ended(process.returncode, out, err)


def submit(job_id: str) -> str:
    """Submit a job; gives its name."""
    Path("job.yaml").write_text(JOB)
    shown = skate("submit", "--detach", "--json", "--id", job_id, "job.yaml")
    assert shown.code == 0, shown.err
    assert shown.json["id"] == job_id
    return str(shown.json["job"])


def status(job: str) -> dict[str, Any]:
    """Where a job is."""
    shown = skate("status", job, "--json")
    assert shown.code == 0, shown.err
    found: dict[str, Any] = shown.json
    return found


def until(there: Platform, job: str, phase: str) -> dict[str, Any]:
    """Where a job is, once it is in a phase."""

    def reached() -> dict[str, Any] | None:
        found = status(job)
        return found if found["phase"] == phase else None

    return there.eventually(reached, f"{job} is {phase}")


def has_one_id(things: list[Object], job_id: str) -> bool:
    """Whether all of a job has its id."""
    return {thing["metadata"]["labels"].get(JOB_ID) for thing in things} == {job_id}


def test_jobs_wait_run_end_and_are_stopped(there: Platform) -> None:
    first = submit("nightly-2026-11-29")
    clock = Clock("skate, the first")
    there.says(first, f"{first} begins")
    driver = there.running_driver(first)
    clock.mark("runs")
    executors = there.makes_executors(driver, 2)
    found = until(there, first, "running")
    clock.mark("is seen to run, with 2 executors")
    clock.stop()
    assert found["executors"] == 2
    assert has_one_id([*there.applications(), driver, *executors], "nightly-2026-11-29")

    second = submit("nightly-2026-11-30")
    clock = Clock("skate, the second")
    there.says(second, f"{second} begins")
    waits = until(there, second, "queued")
    clock.mark("queued")
    assert waits["place"] == 1
    assert waits["reason"] == "as many jobs run as the queue lets run at once (1)"
    why = skate("why", second)
    assert "waits for its turn" in why.out + why.err
    assert [each["job"] for each in skate("queues", QUEUE, "--json").json[0]["waiting"]] == [second]
    listed = {each["name"]: each["phase"] for each in skate("ls", "--json").json}
    assert listed == {first: "running", second: "queued"}

    with started("wait", second) as watching:
        said = read_until(watching, watching.stderr, second)
        assert said == f"{second}: queued, number 1 in {QUEUE}: as many jobs run as the queue lets run at once (1)\n"
        there.says(first, "all is done")
        there.ends(driver)
        ended = skate("wait", first)
        assert ended.code == 0, ended.err
        assert ended.out.splitlines() == [f"{first} begins", "all is done"]
        driver = there.running_driver(second)
        clock.mark("runs")
        there.makes_executors(driver, 1)
        read_until(watching, watching.stderr, f"{second}: running")
        there.says(second, "all is done")
        there.ends(driver)
        out, err = watching.communicate(timeout=120)
        clock.mark("done")
    assert watching.returncode == 0, err
    assert f"{second} succeeded after" in err
    assert out.splitlines() == [f"{second} begins", "all is done"]
    assert skate("logs", second).out.splitlines() == [f"{second} begins", "all is done"]
    clock.stop()

    again = skate("submit", "--detach", "--json", "--id", "nightly-2026-11-30", "job.yaml")
    assert (again.code, again.json["job"], again.json["found"]) == (0, second, True)
    assert len(there.applications()) == 2
    assert status(second)["phase"] == "succeeded"


def test_a_job_that_runs_is_stopped_with_its_pods(there: Platform) -> None:
    name = submit("stopped-2026-11-29")
    there.says(name, f"{name} begins")
    driver = there.running_driver(name)
    there.makes_executors(driver, 2)
    with started("logs", "--follow", name) as following:
        assert read_until(following, following.stdout, "begins") == f"{name} begins\n"
        there.says(name, "it goes on")
        assert read_until(following, following.stdout, "on") == "it goes on\n"
        # Of interrupts a process in the background hears nothing.
        following.terminate()
        following.communicate(timeout=60)
    assert following.returncode == TERMINATED
    with started("wait", "--no-logs", name) as watching:
        killed = skate("kill", "--yes", name)
        _, err = watching.communicate(timeout=120)
    assert killed.code == 0, killed.err
    assert f"{name} is stopped." in killed.err
    assert watching.returncode == 1
    assert f"{name} was stopped" in err
    there.eventually(lambda: not there.pods(name), "its pods are gone")
    assert not there.applications()
    assert skate("wait", name).code == 2


def test_a_job_that_fails_says_so_by_its_exit_code(there: Platform) -> None:
    Path("job.yaml").write_text(JOB)
    with started("submit", "--id", "fails-2026-11-29", "job.yaml") as process:
        (job,) = there.eventually(there.applications, "there is a job")
        name = job["metadata"]["name"]
        there.says(name, "Traceback (most recent call last):", "ValueError: no such day: 2026-02-30")
        there.ends(there.running_driver(name), 1)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    assert "ValueError: no such day: 2026-02-30" in out
    assert f"{name} failed" in err
    why = json.loads(skate("why", name, "--json").out)
    assert "no such day" in json.dumps(why)
