"""The folder of examples, as whoever copies one finds it."""

from __future__ import annotations

import re
import runpy
import shutil
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Final
from unittest.mock import patch
from zipfile import ZipFile

import jinja2
import yaml

FOLDER: Final = Path(__file__).parents[1] / "examples"
QUEUES: Final = {
    "word-count": "ads-batch",
    "python-project": "ads-batch",
    "nightly": "ads-batch",
    "streaming": "ads-batch",
    "iceberg-table": "research-explore",
    "jdbc-to-table": "research-explore",
}
"""The examples that `skate submit` takes, each with the queue that its README names."""
PACKAGE: Final = "xmltodict"
"""What the project's requirements name; here it is for moto."""


def copied(example: str, folder: Path) -> Path:
    """An example in a folder of one's own, with what its README has one fetch."""
    place = folder / example
    shutil.copytree(FOLDER / example, place)
    if example == "jdbc-to-table":
        (place / "postgresql-42.7.8.jar").write_bytes(b"as long as nobody runs it")
    return place


def wheelhouse(folder: Path) -> Path:
    """A folder with a wheel of what the project's requirements name: what is installed here, packed again."""
    folder.mkdir(parents=True, exist_ok=True)
    found = distribution(PACKAGE)
    with ZipFile(folder / f"{PACKAGE}-{found.version}-py3-none-any.whl", "w") as wheel:
        for file in found.files or ():
            if ".." not in file.parts and file.suffix != ".pyc" and file.name not in ("INSTALLER", "REQUESTED"):
                wheel.write(Path(str(file.locate())), str(file))
    return folder


def tasks_of_dag() -> dict[str, dict[str, Any]]:
    """What the DAG gives each operator, by the task's name, without an Airflow: two names stand for what it imports."""
    found: dict[str, dict[str, Any]] = {}

    class Operator:
        def __init__(self, **given: Any) -> None:  # noqa: ANN401
            found[given["task_id"]] = given

    class Dag:
        def __init__(self, *_: object, **given: object) -> None:
            assert given["schedule"] == "0 2 * * *"

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    place = "airflow.providers.cncf.kubernetes.operators.spark_kubernetes"
    parts = place.split(".")
    modules = {".".join(parts[:number]): ModuleType(parts[number - 1]) for number in range(1, len(parts) + 1)}
    modules["airflow.sdk"] = ModuleType("sdk")
    vars(modules[place])["SparkKubernetesOperator"] = Operator
    vars(modules["airflow.sdk"])["DAG"] = Dag
    with patch.dict(sys.modules, modules):
        runpy.run_path(str(FOLDER / "airflow" / "word_count_dag.py"))
    return found


def application_of_dag(day: str) -> Any:  # noqa: ANN401
    """What the task submits for a day on the next, as Airflow fills it in."""
    run = date.fromisoformat(day) + timedelta(days=1)
    # As airflow.macros.ds_add.
    macros = SimpleNamespace(ds_add=lambda ds, days: str(date.fromisoformat(ds) + timedelta(days=days)))
    file = FOLDER / "airflow" / tasks_of_dag()["word_count"]["application_file"]
    return yaml.safe_load(jinja2.Template(file.read_text(), autoescape=False).render(ds=str(run), macros=macros))


@dataclass(frozen=True)
class Step:
    """A command of a page, and what it shows.

    Args:
        command: with its arguments.
        output: what is below it on the page.
    """

    command: str
    output: str

    @property
    def submits(self) -> bool:
        """Whether there is a job afterwards."""
        return self.command.startswith("skate submit ") and "--dry-run" not in self.command

    @property
    def name(self) -> str:
        """Of the job that it submits."""
        return self.output.partition("Submitted ")[2].partition(" ")[0]

    @property
    def fails(self) -> bool:
        """Whether that job does."""
        return f"error: {self.name} failed" in self.output and self.submits

    @property
    def log(self) -> list[str]:
        """The driver's: between skate's line that the job runs, and that of how it ended."""
        after = self.output.partition(f"{self.name}: running\n")[2]
        return re.split(rf"^(?:error: )?{self.name} ", after, flags=re.MULTILINE)[0].splitlines()


@dataclass(frozen=True)
class Page:
    """A tutorial.

    Args:
        program: that it has one write.
        steps: its commands of skate with what they show, in their order.
        mentioned: other commands of skate on it.
    """

    program: str
    steps: list[Step]
    mentioned: list[str]


def first_job() -> Page:
    """The tutorial of a first job."""
    text = (FOLDER.parent / "docs" / "tutorials" / "first-job.md").read_text()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (program,) = (content for kind, content in blocks if kind == "python")
    steps = []
    for kind, content in blocks:
        if kind == "console":
            for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                line, _, output = part.partition("\n")
                steps.append(Step(line, output))
    plain = [line for kind, content in blocks if kind == "" for line in content.splitlines()]
    inline = re.findall(r"`(skate [a-z]+[^`]*)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))
    mentioned = [line for line in (*plain, *inline) if line.startswith("skate ")]
    return Page(program, steps, mentioned)
