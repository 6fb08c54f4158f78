"""docs/traces.md says what the code does."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Final

import pytest

from capacity.traces import following, uses
from capacity.traces.generate import WORDS
from capacity.traces.run import Run, Stage
from capacity.traces.schema import SCHEMA, VERSION
from capacity.traces.tables import COLUMNS
from fleet.commands.capacity.import_ import SUMMARIES
from tests.samples import ROOT

TEXT: Final = Path(ROOT, "docs", "traces.md").read_text(encoding="utf-8")
SOURCES: Final = tuple(SUMMARIES)
ALWAYS: Final = {"queue", "job", "name", "started", "ended", "source"}


def rows(heading: str) -> list[list[str]]:
    """The first table after a line."""
    lines = TEXT.partition(heading)[2].splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("|---"))
    found = []
    for line in lines[begin + 1 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def filled() -> dict[str, dict[str, str]]:
    """Of each source what it fills."""
    header = next(line for line in TEXT.splitlines() if line.startswith("| column | events"))
    sources = [cell.strip() for cell in header.strip("|").split("|")][1:]
    assert sorted(sources) == sorted(SOURCES)
    return {
        source: {row[0].strip("`"): row[number] for row in rows("## What each source fills") if row[number]}
        for number, source in enumerate(sources, start=1)
    }


def test_all_columns_are_there_in_their_order() -> None:
    assert [row[0].strip("`") for row in rows("## The columns")] == SCHEMA.names


def test_all_fields_of_a_stage_are_there_in_their_order() -> None:
    assert [row[0].strip("`") for row in rows("Of each stage:")] == [field.name for field in dataclasses.fields(Stage)]


def test_each_source_has_its_section() -> None:
    assert [source for source in SOURCES if f": `{source}`\n" not in TEXT] == []


@pytest.mark.parametrize("module", ["yunikorn", "yarn", "emr", "glue", "databricks"])
def test_a_source_fills_what_the_table_says_and_nothing_else(module: str) -> None:
    """By what its module passes on to a run, always or where it is known."""
    code = Path(ROOT, "capacity", "traces", f"{module}.py").read_text(encoding="utf-8")
    names = {field.name for field in dataclasses.fields(Run)}
    calls = code.split("Run(\n")[1:]
    passed = {
        name
        for call in calls
        for name, value in re.findall(r"^ +(\w+)=(.+?),?$", call.partition("source=SOURCE")[0], re.MULTILINE)
        if name in names and value != "None"
    }
    assert passed - ALWAYS == {*filled()[module]}


def test_event_logs_fill_what_the_table_says() -> None:
    code = Path(ROOT, "capacity", "traces", "event_logs", "extraction.py").read_text(encoding="utf-8")
    call = code.partition("return Run(\n")[2].partition("source=SOURCE")[0]
    assert {*re.findall(r"^ +(\w+)=", call, re.MULTILINE)} - ALWAYS == {*filled()["events"]}


def test_a_table_of_ones_own_fills_all_that_the_table_says() -> None:
    assert {*filled()["csv"]} <= {*COLUMNS}
    assert {*COLUMNS} - {*filled()["csv"]} == (ALWAYS - {"source"}) | {"pool", "after_support"}


def test_airflow_fills_what_it_joins() -> None:
    assert {*filled()["airflow"]} == {"submitted", "after", "deadline"}


def test_numbers_are_those_of_the_code() -> None:
    assert f"Version {VERSION};" in TEXT
    assert (following.LEAST_SUPPORT, following.LEAST_RUNS, following.MOST_CHANCE) == (0.8, 4, 0.25)
    assert following.WINDOW.total_seconds() == 5 * 60
    for said in ("at least four fifths", "no fewer\nthan four", "within five minutes", "a quarter of all time"):
        assert said in TEXT


def test_the_parameters_of_generated_traces_are_there_with_a_source() -> None:
    told = [row[0].strip("`") for row in rows("| parameter | scheduled")]
    fields = [field.name for field in dataclasses.fields(uses.Use)]
    assert told == [name for name in fields if name not in {"name", "arrivals"}]
    for name, *values, source in rows("| parameter | scheduled"):
        of = [getattr(use, name.strip("`")) for use in (uses.SCHEDULED, uses.AD_HOC, uses.BACKFILL)]
        assert [float(value) for value in values] == of, name
        assert "assumed" in source or "taken from [" in source


def test_the_parameters_of_arrivals_are_there_with_a_source() -> None:
    kinds = {
        "pipelines": uses.SCHEDULED,
        "sessions": uses.AD_HOC,
        "campaigns": uses.BACKFILL,
        "rounds": uses.STEADY,
    }
    expected = {
        f"{kind}: `{field.name}`": getattr(use.arrivals, field.name)
        for kind, use in kinds.items()
        for field in dataclasses.fields(use.arrivals)
    }
    table = rows("| arrivals | value")
    assert [row[0] for row in table] == list(expected)
    for name, value, source in table:
        assert "assumed" in source or "taken from [" in source
        if name != "sessions: `profile`":
            assert float(value) == expected[name], name
    profile = expected["sessions: `profile`"]
    assert (min(profile), [hour for hour, share in enumerate(profile) if share == 1]) == (0.05, [9, 10, 11, 14, 15])


def test_generated_traces_are_sized_as_it_says() -> None:
    assert f"in the busiest hour {uses.PEAK}\ntimes what" in TEXT
    assert f"asks for {uses.LARGEST} of the pool" in TEXT
    assert f"`started` is {uses.DRIVER_START:g} seconds later" in TEXT
    assert f"that they take {uses.STRAGGLER:g} times the median" in TEXT
    assert {f"`{kind}`" for kind in uses.KINDS} == {row[0] for row in rows("| kind | what is in it")}


def test_every_word_by_which_a_kind_is_chosen_is_there() -> None:
    named = {row[0].strip("`"): row[2] for row in rows("| kind | what is in it")}
    for kind, words in WORDS.items():
        assert {*re.findall(r"`([^`]+)`", named[kind])} == {"ad-hoc" if word == "hoc" else word for word in words}
