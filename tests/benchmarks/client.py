"""Times the command `skate` beside what it can't do without, and counts what installing it brings along."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.benchmarks.timing import by_turns
from tests.client.api_stand_in import QUEUE, StandIn, kubeconfig, served

CLIENT: Final = Path(__file__).parents[2] / "client"
TURNS: Final = 11
HELP_TIMES: Final = 1.5
"""Of the import of Typer and Rich, at most."""
SUBMIT_SECONDS: Final = 0.5
"""More than the plain POST, at most."""
DISTRIBUTIONS: Final = 35
"""In a new environment, at most; pip not counted."""
JOB: Final = "spec: {type: Python, mainApplicationFile: 'local:///opt/job.py'}\n"
POST: Final = """
import sys, uuid, httpx2
name = f"plain-{uuid.uuid4().hex[:8]}"
job = {"apiVersion": "sparkoperator.k8s.io/v1beta2", "kind": "SparkApplication", "metadata": {"name": name}, "spec": {}}
httpx2.post(sys.argv[1], json=job).raise_for_status()
"""


def python(arguments: Sequence[str], **variables: str) -> None:
    """Run this Python in a process of its own, which keeps its bytecode as a user's does.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=kept | variables,
    )


def help_times() -> float:
    """How many times as long `skate --help` takes as the import of what it is made with."""
    ours, theirs = by_turns(
        {
            "skate --help": lambda: python(["-m", "skate.command", "--help"]),
            "import typer, rich": lambda: python(["-c", "import typer, rich"]),
        },
        TURNS,
    )
    print(f"`skate --help`: {ours.median:.3f} s, `import typer, rich`: {theirs.median:.3f} s")
    return ours.median / theirs.median


def submit_seconds() -> float:
    """How much longer `skate submit` takes than the plain POST of an application.

    In seconds of CPU, which other work on the machine changes less than the clock's; neither waits for much.
    """
    with served() as there, tempfile.TemporaryDirectory() as folder:
        return _submit_seconds(there, Path(folder))


def _submit_seconds(there: StandIn, folder: Path) -> float:
    job = folder / "job.yaml"
    job.write_text(JOB, encoding="utf-8")
    login = {"KUBECONFIG": str(kubeconfig(folder / "kubeconfig", there.url)), "SKATE_CONFIG": str(folder)}
    url = f"{there.url}/apis/sparkoperator.k8s.io/v1beta2/namespaces/{QUEUE}/sparkapplications"
    submit = ["-m", "skate.command", "submit", "--detach", "--queue", QUEUE, str(job)]
    ours, plain = by_turns(
        {"skate submit": lambda: python(submit, **login), "POST": lambda: python(["-c", POST, url])}, TURNS
    )
    print(f"`skate submit --detach`: {ours.median:.3f} s, the POST alone by the same library: {plain.median:.3f} s")
    return statistics.median(
        _cpu_seconds(lambda: python(submit, **login)) - _cpu_seconds(lambda: python(["-c", POST, url]))
        for _ in range(TURNS)
    )


def _cpu_seconds(run: Callable[[], object]) -> float:
    """Of the processes that something starts and waits for."""
    before = os.times()
    run()
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def distributions() -> int:
    """How many distributions a new environment has with the client and no extra; needs a package index."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # A copy, so that no build is left in the repository.
        shutil.copytree(CLIENT, folder / "client", ignore=shutil.ignore_patterns("*.egg-info", "build", "__pycache__"))
        venv.create(folder / "venv", with_pip=True)
        own = str(folder / "venv" / "bin" / "python")
        pip = [own, "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", str(folder / "client")], check=True)
        listed = subprocess.run([*pip, "list", "--format=freeze"], check=True, capture_output=True, text=True)
    names = [line.partition("==")[0] for line in listed.stdout.splitlines()]
    return len([each for each in names if each not in ("pip", "setuptools")])


def main() -> int:
    """Print the figures; 1 where one is over its limit."""
    times, seconds, count = help_times(), submit_seconds(), distributions()
    print(f"`skate --help` takes {times:.2f} x the import of Typer and Rich, at most {HELP_TIMES}")
    print(f"`skate submit` takes {seconds:.2f} s of CPU more than the plain POST, at most {SUBMIT_SECONDS}")
    print(f"A new environment with the client has {count} distributions, at most {DISTRIBUTIONS}")
    return int(times > HELP_TIMES or seconds > SUBMIT_SECONDS or count > DISTRIBUTIONS)


if __name__ == "__main__":
    sys.exit(main())
