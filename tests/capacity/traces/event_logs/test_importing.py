from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from capacity.errors import CapacityError
from capacity.traces.event_logs import importing
from capacity.traces.event_logs.extraction import Options
from capacity.traces.event_logs.finding import Log, logs_among
from capacity.traces.event_logs.importing import imported
from capacity.traces.event_logs.storage import files_of
from capacity.traces.run import Run
from tests.capacity.traces.event_logs.framed import CODECS
from tests.capacity.traces.event_logs.written import simple, text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of each codec, one that rolls, and what isn't any."""
    logs = tmp_path / "logs"
    for codec, packed in CODECS.items():
        (logs / codec).mkdir(parents=True)
        (logs / codec / f"app-{codec}").write_bytes(packed(text(*simple(codec))))
    events = simple("rolling")
    rolling = logs / "eventlog_v2_rolling"
    rolling.mkdir()
    for number in range(3):
        part = events[number * 5 : (number + 1) * 5]
        (rolling / f"events_{number + 1}_rolling.zstd").write_bytes(CODECS["zstd"](text(*part)))
    (logs / "broken").write_bytes(CODECS["lz4"](text(*simple()))[:-40])
    (logs / "running.inprogress").write_bytes(text(*simple("running")[:-1]))
    (logs / "notes.txt").write_text("hello\n")
    return logs


def read(
    folder: Path, *, workers: int = 1, unfinished: bool = False, journal: Path | None = None
) -> tuple[list[Run], dict[str, str]]:
    skipped: dict[str, str] = {}
    runs = imported(
        logs_among(files_of(str(folder))),
        journal or folder.parent / "journal",
        options=Options(unfinished=unfinished),
        workers=workers,
        skip=lambda what, why: skipped.update({Path(what).name: why}),
    )
    return list(runs), skipped


def test_all_forms_of_a_log_give_the_same_run(folder: Path) -> None:
    runs, _ = read(folder)
    assert {run.job for run in runs} == {*CODECS, "rolling"}
    assert len({(run.stages, run.executor_seconds, run.executor_memory) for run in runs}) == 1


def test_what_can_not_be_used_is_told_and_stops_nothing(folder: Path) -> None:
    _, skipped = read(folder)
    assert {*skipped} == {"broken", "running.inprogress", "notes.txt"}
    assert "LZ4 ends too early" in skipped["broken"]
    assert "unfinished" in skipped["running.inprogress"]
    assert "no event log" in skipped["notes.txt"]


def test_unfinished_jobs_are_taken_on_request(folder: Path) -> None:
    runs, _ = read(folder, unfinished=True)
    assert "running" in {run.job for run in runs}


def test_several_processes_give_what_one_gives(folder: Path) -> None:
    one, skipped = read(folder)
    two, skipped_too = read(folder, workers=2, journal=folder.parent / "another")
    assert sorted(one, key=lambda run: run.job) == sorted(two, key=lambda run: run.job)
    assert skipped == skipped_too


def test_what_was_read_is_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, _ = read(folder)
    asked: list[str] = []
    whole = importing.read_one

    def counted(log: Log, options: Options) -> importing.Outcome:
        asked.append(log.identity)
        return whole(log, options)

    monkeypatch.setattr(importing, "read_one", counted)
    assert read(folder)[0] == before
    assert asked == []
    (folder / "running.inprogress").write_bytes(text(*simple("running")))
    assert len(read(folder)[0]) == len(before) + 1
    assert asked == ["running"]


def test_an_import_that_is_interrupted_goes_on_where_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, asked = importing.read_one, []

    def interrupted(log: Log, options: Options) -> importing.Outcome:
        asked.append(log.identity)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return whole(log, options)

    monkeypatch.setattr(importing, "read_one", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read(folder)
    with (folder.parent / "journal").open("ab") as journal:
        journal.write(b'{"mark":"half a li')
    done: Sequence[str] = asked[:2]
    asked.clear()

    def going_on(log: Log, options: Options) -> importing.Outcome:
        asked.append(log.identity)
        return whole(log, options)

    monkeypatch.setattr(importing, "read_one", going_on)
    runs, _ = read(folder)
    assert not {*asked} & {*done}
    assert len(runs) == len(CODECS) + 1


def test_a_second_log_of_an_application_is_left_out(folder: Path) -> None:
    (folder / "copy").write_bytes(text(*simple("plain")))
    runs, skipped = read(folder)
    assert len(runs) == len(CODECS) + 1
    assert "another log of plain, which has been read" in skipped.values()


def test_a_place_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CapacityError, match="is not there"):
        files_of("/nowhere/at/all")


def test_a_log_that_is_cut_within_its_compression_is_taken_as_far_as_it_goes_on_request(folder: Path) -> None:
    whole = text(*simple("cut")[:-1]) + b" " * 200_000
    (folder / "cut.lz4.inprogress").write_bytes(CODECS["lz4"](whole)[:-60])
    assert "half written" in read(folder)[1]["cut.lz4.inprogress"]
    assert "cut" in {run.job for run in read(folder, unfinished=True)[0]}
