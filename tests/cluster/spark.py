"""A real Spark, as somebody with a terminal would use it: pyspark's spark-submit against an API server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from components.queue.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT
from sizing.spark.application import OFFICIAL
from tests.cluster import java
from tests.cluster.control_plane import ControlPlane
from tests.programs.cache import installed

REQUIREMENTS: Final = Path(__file__).parent / "requirements-spark.txt"
TIMEOUT_SECONDS: Final = 180
RUN_SECONDS: Final = 300
"""Of a job with executors of its own."""
EXAMPLE_CLASS: Final = "org.apache.spark.examples.SparkPi"
EXAMPLE_JAR: Final = "local:///opt/spark/examples/jars/spark-examples.jar"
WORK: Final = "work"
HEAP: Final = "-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"

DeployMode = Literal["cluster", "client"]


@dataclass(frozen=True)
class Submitted:
    """How a spark-submit ended, and all that it printed."""

    failed: bool
    printed: str


class Spark:
    """Spark on this machine.

    Args:
        home: its folder.
        java: the folder of a Java.
        scratch: where its processes put blocks and copies of files; None for Spark's own choice.
    """

    def __init__(self, home: Path, java: Path, scratch: Path | None = None) -> None:
        self.home: Final = home
        self.java: Final = java
        self.scratch: Final = scratch

    def that_leaves_all_in(self, folder: Path) -> Spark:
        """The same Spark, by links from this folder, into which goes what its processes write.

        Workers that a driver starts itself (`local-cluster`) keep a copy of each job's jars in `work` of Spark's home,
        and no setting moves it. Source: apache/spark v4.0.4, core/src/main/scala/org/apache/spark/deploy/
        LocalSparkCluster.scala (start) and worker/Worker.scala (createWorkDir)
        """
        home = folder / "home"
        home.mkdir()
        for part in self.home.iterdir():
            if part.name != WORK:
                (home / part.name).symlink_to(part)
        return Spark(home, self.java, folder / "scratch")

    def forget_jobs(self) -> None:
        """Remove what workers kept of jobs that ended, in a Spark that leaves all in a folder of its own."""
        assert self.scratch is not None, "others use this installation too"
        shutil.rmtree(self.home / WORK, ignore_errors=True)

    def submit(self, plane: ControlPlane, token: str, namespace: str, conf: Mapping[str, str]) -> Submitted:
        """Have the API server start a driver, as whoever has the token.

        Args:
            plane: where.
            token: of a service account.
            namespace: of the queue.
            conf: Spark's settings beside those that every submission needs.
        """
        with self._command(plane, token, namespace, conf, "cluster") as command:
            done = self.ended([*command, "--class", EXAMPLE_CLASS, EXAMPLE_JAR], TIMEOUT_SECONDS)
        return Submitted(done.returncode != 0, done.stdout)

    @contextmanager
    def driver(
        self, plane: ControlPlane, token: str, namespace: str, conf: Mapping[str, str | None], log: Path
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A driver that runs on this machine, with the rights and in the name of one that the API server has a pod of.

        Args:
            plane: where.
            token: of the driver's service account.
            namespace: of the queue.
            conf: as in `submit`; `spark.kubernetes.driver.pod.name` says whose executors it makes. `None` leaves a
                setting out.
            log: where its output goes.
        """
        here = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}
        example = self.home / "examples" / "src" / "main" / "python" / "pi.py"
        with (
            self._command(plane, token, namespace, {**here, **conf}, "client") as command,
            log.open("wb") as output,
            subprocess.Popen(
                [*command, str(example)],
                env=self.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as process,
        ):
            try:
                yield process
            finally:
                process.kill()

    @contextmanager
    def _command(
        self, plane: ControlPlane, token: str, namespace: str, conf: Mapping[str, str | None], mode: DeployMode
    ) -> Iterator[Sequence[str]]:
        place = "spark.kubernetes.authenticate" + (".submission" if mode == "cluster" else "")
        with tempfile.NamedTemporaryFile("w", suffix=".token") as token_file:
            token_file.write(token)
            token_file.flush()
            settings: dict[str, str | None] = {
                f"{place}.caCertFile": str(plane.authority),
                f"{place}.oauthTokenFile": token_file.name,
                "spark.kubernetes.namespace": namespace,
                "spark.kubernetes.authenticate.driver.serviceAccountName": DRIVER_ACCOUNT,
                "spark.kubernetes.authenticate.executor.serviceAccountName": EXECUTOR_ACCOUNT,
                "spark.kubernetes.container.image": OFFICIAL.image,
                "spark.kubernetes.submission.waitAppCompletion": "false",
                **conf,
            }
            given = {key: value for key, value in settings.items() if value is not None}
            yield self.command(f"--master=k8s://{plane.server}", f"--deploy-mode={mode}", "--name=pi", conf=given)

    def command(self, *options: str, conf: Mapping[str, str]) -> list[str]:
        """A spark-submit, to which its program and the arguments of that are still to be added."""
        settings = (f"--conf={key}={value}" for key, value in conf.items())
        return [str(self.home / "bin" / "spark-submit"), *options, *settings]

    def run(self, command: Sequence[str | Path]) -> None:
        """Run a spark-submit to its end; fails with what it printed."""
        done = self.ended(command, RUN_SECONDS)
        assert done.returncode == 0, done.stdout[-4000:]

    def ended(self, command: Sequence[str | Path], seconds: int) -> subprocess.CompletedProcess[str]:
        """How a spark-submit ended, with all that it printed as its output.

        Raises:
            subprocess.TimeoutExpired: it has not, after so many seconds.
        """
        return subprocess.run(
            command,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        """What its processes need of the environment, and nothing of anybody's own."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "PYSPARK_", "KUBE"))}
        return {
            **inherited,
            "SPARK_HOME": str(self.home),
            "PYTHONPATH": str((self.home / "__init__.py").resolve().parents[1]),
            **({"SPARK_LOCAL_DIRS": str(self.scratch)} if self.scratch else {}),
            "PYSPARK_PYTHON": sys.executable,
            "JAVA_HOME": str(self.java),
            "SPARK_SUBMIT_OPTS": HEAP,
            # Only what a test says: nobody's own kubeconfig.
            "KUBECONFIG": os.devnull,
        }


def spark_here() -> Spark | str:
    """The Spark that `make test-cluster` installed, or why there is none."""
    folder = installed("spark", REQUIREMENTS)
    if folder is None:
        return "needs pyspark, which `make test-cluster` installs into a folder of its own"
    home = java.find()
    if home is None:
        return f"needs Java {java.AT_LEAST} or newer, on PATH or by JAVA_HOME"
    return Spark(folder / "pyspark", home)
