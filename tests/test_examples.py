"""What the folder of examples says of itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from skate.applications import completed
from skate.job_files import SCHEMA_FILE, read_job_file
from skate.local_files import local_files

from tests.client.cards import card
from tests.examples import FOLDER, QUEUES, application_of_dag, copied, tasks_of_dag

PROGRAMS = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.py"))


def test_every_example_is_listed_and_says_what_to_expect() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    listed = (FOLDER / "README.md").read_text()
    assert folders == {*QUEUES, "airflow"}
    for folder in folders:
        assert f"[{folder}]({folder})" in listed
        text = (FOLDER / folder / "README.md").read_text()
        assert "skate submit --queue" in text
        assert "Expected" in text


@pytest.mark.parametrize("example", QUEUES)
def test_its_job_file_knows_its_schema_and_names_files_that_are_there(example: str, tmp_path: Path) -> None:
    place = copied(example, tmp_path)
    first, _, text = (place / "job.yaml").read_text().partition("\n")
    prefix, _, schema = first.partition("$schema=")
    assert prefix == "# yaml-language-server: "
    assert (FOLDER / example / schema).resolve().name == SCHEMA_FILE
    assert (FOLDER / example / schema).is_file()
    assert f"skate submit --queue {QUEUES[example]}" in text
    application = completed(card(namespace=QUEUES[example]), read_job_file(place / "job.yaml"))
    files = local_files(application, place)
    assert files
    assert all(file.exists() for file in files)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_is_one_for_the_python_of_the_image(program: str) -> None:
    ast.parse((FOLDER / program).read_text(), feature_version=(3, 10))
    assert "import UTC" not in (FOLDER / program).read_text()


def test_the_dag_names_its_application_and_leaves_it_to_be_looked_at() -> None:
    (task,) = tasks_of_dag().values()
    assert task["delete_on_termination"] is False
    assert application_of_dag("2026-11-29")["metadata"]["namespace"] == task["namespace"]
