"""All settings that a real Spark knows, with Hadoop's and S3A's, by what they themselves declare."""

from __future__ import annotations

import json
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.spark import TIMEOUT_SECONDS, Spark

DECLARES = (b"org/apache/spark/internal/config/ConfigBuilder", b"org/apache/spark/internal/config/ConfigEntry")
"""In the class file of whatever declares settings."""


@dataclass(frozen=True)
class Registry:
    """Settings by the names that jobs write.

    Args:
        defaults: Spark's own, each with its default as a text, which may be in words.
        alternatives: older names, each with today's.
        launcher: those that only the launcher reads.
        s3a: S3A's, as Spark takes them.
        hadoop: Hadoop's defaults, by Hadoop's names.
        file_systems: the classes of Hadoop's file systems by schemes, of those that it finds by themselves.
    """

    defaults: Mapping[str, str]
    alternatives: Mapping[str, str]
    launcher: Sequence[str]
    s3a: Sequence[str]
    hadoop: Mapping[str, str]
    file_systems: Mapping[str, str]

    def names(self) -> list[str]:
        """All of Spark's and S3A's names, also older ones."""
        return sorted({*self.defaults, *self.alternatives, *self.launcher, *self.s3a})


def registry_of(spark: Spark, packages: Path) -> Registry:
    """What this Spark knows, with the S3A of these packages, a folder of Ivy's."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(_modules(spark), file)
        file.flush()
        conf = {"spark.driver.extraClassPath": f"{packages}/jars/*"}
        done = subprocess.run(
            [*spark.command("--master=local", conf=conf), Path(__file__).with_name("registry_job.py"), file.name],
            env=spark.environment(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    found = json.loads(done.stdout.splitlines()[-1])
    return Registry(
        defaults=found["defaults"],
        alternatives=found["alternatives"],
        launcher=[name for name in found["launcher"] if name.startswith("spark.")],
        s3a=[f"spark.hadoop.{name}" for name in found["s3a"] if name.startswith("fs.s3a.")],
        hadoop=found["hadoop"],
        file_systems=found["file_systems"],
    )


def _modules(spark: Spark) -> list[str]:
    """Objects of Scala that declare settings, in Spark's jars."""
    found = set()
    for jar in spark.home.glob("jars/spark-*.jar"):
        with zipfile.ZipFile(jar) as archive:
            for name in archive.namelist():
                if name.endswith("$.class"):
                    content = archive.read(name)
                    if b"MODULE$" in content and any(mark in content for mark in DECLARES):
                        found.add(name.removesuffix(".class").replace("/", "."))
    return sorted(found)
