from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from capacity.errors import CapacityError
from capacity.traces import files
from capacity.traces.building import Built, build
from capacity.traces.contents import contents
from capacity.traces.placing import Queues
from capacity.traces.run import Run
from tests.capacity.traces.runs import STAGES, a_run

HERE = Queues("ads-batch")


def test_places_become_queues_by_the_first_pattern_that_fits(tmp_path: Path) -> None:
    queues = Queues("ads-other", {"root.etl*": "ads-batch", "root.*": "ml-train"})
    runs = [a_run(str(n), queue=place) for n, place in enumerate(["root.etl1", "root.x", "y", "ads-nightly"])]
    build(runs, queues, tmp_path / "t")
    assert files.read(tmp_path / "t")["queue"].to_pylist() == ["ads-batch", "ml-train", "ads-other", "ads-other"]


def test_a_namespace_of_the_platform_is_its_own_queue(tmp_path: Path) -> None:
    build([a_run(queue="ads-nightly")], Queues(), tmp_path / "t")
    assert files.read(tmp_path / "t")["queue"].to_pylist() == ["ads-nightly"]


def test_all_places_without_a_queue_are_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    runs = [a_run("a", queue="root.a"), a_run("b", queue="root.b"), a_run("c", queue="")]
    with pytest.raises(CapacityError) as error:
        build(runs, Queues(), tmp_path / "t")
    assert len(error.value.findings) == 3
    assert "--queue-of 'root.a=TENANT-QUEUE'" in error.value.findings[0]
    assert not [*tmp_path.iterdir()]


def test_what_is_no_queue_is_refused() -> None:
    with pytest.raises(CapacityError, match="'Ads' is no queue"):
        Queues("Ads")


def test_no_run_is_no_trace(tmp_path: Path) -> None:
    with pytest.raises(CapacityError, match="no run of a job was found"):
        build([], HERE, tmp_path / "t")


def test_a_source_fills_what_another_does_not_say(tmp_path: Path) -> None:
    build([a_run("a", 5, stages=STAGES, user="jo"), a_run("b", 50)], HERE, tmp_path / "events")
    early = a_run("a").started
    more = [a_run("a", 4, submitted=early, user="xx", source="yunikorn"), a_run("c", 90)]
    built = build(more, HERE, tmp_path / "t", onto=tmp_path / "events")
    assert built == Built(runs=3, joined=1, following=0)
    first, *others = files.runs(files.read(tmp_path / "t"))
    assert (first["submitted"], first["user"], first["source"]) == (early, "jo", "test + yunikorn")
    assert (first["started"], len(first["stages"])) == (early + timedelta(minutes=5), 2)
    assert [row["job"] for row in others] == ["b", "c"]


def days(name: str, begin: float, count: int = 6, every: float = 1440, **more: Any) -> list[Run]:  # noqa: ANN401
    return [a_run(f"{name}{n}", begin + n * every, name=name, **more) for n in range(count)]


def inferred(*runs: list[Run], folder: Path) -> dict[str, str | None]:
    build([run for some in runs for run in some], HERE, folder / "t")
    table = files.read(folder / "t")
    return dict(zip(table["job"].to_pylist(), table["after"].to_pylist(), strict=True))


def test_a_job_that_starts_right_after_another_every_day_follows_it(tmp_path: Path) -> None:
    found = inferred(days("load", 0), days("report", 11), folder=tmp_path)
    assert [found[f"report{n}"] for n in range(6)] == [f"load{n}" for n in range(6)]
    assert {found[f"load{n}"] for n in range(6)} == {None}


def test_what_happens_now_and_then_is_no_order(tmp_path: Path) -> None:
    found = inferred(days("load", 0, 3), days("report", 11), folder=tmp_path)
    assert set(found.values()) == {None}


def test_a_job_that_ends_all_the_time_is_followed_by_nobody(tmp_path: Path) -> None:
    found = inferred(days("poll", 0, 900, 10, minutes=3), days("report", 3.5), folder=tmp_path)
    assert {found[f"report{n}"] for n in range(6)} == {None}


def test_of_two_the_nearer_is_followed_and_what_is_given_stays(tmp_path: Path) -> None:
    found = inferred(days("far", 0, minutes=7), days("near", 0), days("report", 11), folder=tmp_path)
    assert found["report2"] == "near2"
    given = inferred(days("load", 0), days("report", 11, after="load0"), folder=tmp_path)
    assert {given[f"report{n}"] for n in range(6)} == {"load0"}


def test_support_is_the_share_of_runs(tmp_path: Path) -> None:
    runs = [*days("load", 0, 9), *days("report", 11, 9), a_run("report9", 9 * 1440 + 300, name="report")]
    build(runs, HERE, tmp_path / "t")
    table = files.read(tmp_path / "t")
    assert {*table["after_support"].to_pylist()} == {None, 0.9}


def test_contents_say_how_coarse_a_trace_is(tmp_path: Path) -> None:
    build([a_run("a", stages=STAGES, executor_seconds=7200.0), a_run("b", 1440)], HERE, tmp_path / "t")
    found = contents(files.read(tmp_path / "t"))
    assert (found.runs, found.jobs, found.queues[0].executor_hours) == (2, 1, 2)
    assert found.filled["stages"] == 0.5
    assert "submitted" in found.empty
    assert [sentence[:4] for sentence in found.coarseness] == ["50% ", "100%", "50% ", "50% "]


def test_contents_say_what_replays_take_instead_of_executors_that_nobody_knows(tmp_path: Path) -> None:
    runs = [
        a_run("seconds", executor_seconds=7200.0),
        a_run("times", 1440),
        a_run("most", 2880, peak_executors=3, executor_seconds=7200.0),
        a_run("stages", 4320, stages=STAGES, executor_seconds=7200.0),
    ]
    build(runs, HERE, tmp_path / "t")
    said = contents(files.read(tmp_path / "t")).coarseness
    assert next(one for one in said if "give each one executor" in one).startswith("25% of the runs say nothing")
    assert next(one for one in said if "take their average" in one).startswith("25% of the runs don't say")
    build(runs[2:], HERE, tmp_path / "u")
    fine = contents(files.read(tmp_path / "u")).coarseness
    assert not [one for one in fine if "replays" in one]
