"""The folder of examples, as whoever copies one finds it."""

from __future__ import annotations

import runpy
import shutil
import sys
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType
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
            assert given["schedule"] == "@daily"

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
    """What the task submits on a day, as Airflow fills it in."""
    file = FOLDER / "airflow" / tasks_of_dag()["word_count"]["application_file"]
    return yaml.safe_load(jinja2.Template(file.read_text(), autoescape=False).render(ds=day))
