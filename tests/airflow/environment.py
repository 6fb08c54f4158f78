"""A real Airflow in an environment of its own, with a database of SQLite."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.programs.cache import installed

HERE: Final = Path(__file__).parent
REQUIREMENTS: Final = HERE / "requirements-airflow.txt"
CLIENT: Final = HERE.parents[1] / "client"
PLAY: Final = HERE / "play.py"
SECONDS: Final = 120
"""For what is waited for."""


@dataclass(frozen=True)
class Ended:
    """How runs of DAGs ended.

    Attributes:
        dags: by name their tasks, each with `state`, `try`, `most` (of tries), `queue` (of executors), `map_index` and
            `run`.
        log: what was written, the tasks' logs among it.
    """

    dags: dict[str, list[dict[str, Any]]]
    log: str

    @property
    def task(self) -> dict[str, Any]:
        """Of one DAG with one."""
        ((task,),) = self.dags.values()
        return task


@dataclass(frozen=True)
class Airflow:
    """An Airflow.

    Attributes:
        home: its folder.
        packages: where it is installed.
        connection: of the type `skate`, as JSON.
        variables: of its processes, beside its own.
    """

    home: Path
    packages: Path
    connection: Mapping[str, Any]
    variables: Mapping[str, str]

    def environment(self) -> dict[str, str]:
        """Variables of its processes; nothing of what this process has but where programs are."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": os.pathsep.join(map(str, (self.packages, CLIENT))),
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(HERE / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home / 'airflow.db'}",
            "AIRFLOW_CONN_SKATE_DEFAULT": json.dumps({"conn_type": "skate", **self.connection}),
            "RESULT": str(self.home / "result.json"),
            **self.variables,
        }

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        """A process of its Python, which has its packages and no others."""
        return subprocess.Popen(
            # Without the packages of this project's own environment, which would come after.
            [sys.executable, "-S", *arguments],
            env=self.environment(),
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def play(self, doing: str, *dags: str) -> subprocess.Popen[str]:
        """A run that goes on; see `play.py`."""
        return self.started(str(PLAY), doing, *dags)

    def ended(self, process: subprocess.Popen[str], timeout_seconds: float = 180) -> Ended:
        """How a run ended, once it has."""
        log, _ = process.communicate(timeout=timeout_seconds)
        assert process.returncode == 0, log
        return Ended(json.loads((self.home / "result.json").read_text()), log)

    def run(self, doing: str, *dags: str) -> Ended:
        """A run to its end."""
        return self.ended(self.play(doing, *dags))


def wait_for(reached: Callable[[], bool]) -> None:
    """Wait until something is so; raises an AssertionError if it doesn't come to that."""
    until = time.monotonic() + SECONDS
    while not reached():
        assert time.monotonic() < until, "it didn't come to that"
        time.sleep(0.05)


def migrated(home: Path, packages: Path) -> None:
    """A folder with a new database.

    Raises:
        RuntimeError: Airflow can't make one.
    """
    process = Airflow(home, packages, {}, {}).started("-m", "airflow", "db", "migrate")
    log, _ = process.communicate(timeout=300)
    if process.returncode:
        raise RuntimeError(log)


def airflow_here() -> Path | None:
    """Where Airflow is installed, if it is."""
    return installed("airflow", REQUIREMENTS)


def copied(home: Path, to: Path) -> Path:
    """Another folder with the same database."""
    shutil.copytree(home, to)
    return to


def kubeconfig_text(server: str, token: str = "ana's") -> str:  # noqa: S107
    """A kubeconfig, as it is put into a connection."""
    return json.dumps(
        {
            "current-context": "spark",
            "clusters": [{"name": "spark", "cluster": {"server": server}}],
            "users": [{"name": "spark", "user": {"token": token}}],
            "contexts": [{"name": "spark", "context": {"cluster": "spark", "user": "spark"}}],
        }
    )
