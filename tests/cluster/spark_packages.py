"""Packages of jobs on the official image, fetched once by spark-submit itself, as a job's driver does it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sizing.spark.application import OFFICIAL
from sizing.spark.defaults import IVY, PACKAGES
from tests.cluster import spark
from tests.programs.cache import CacheError, cache_folder, to_be_filled

FETCHING_SECONDS = 600


def packages_here(packages: Sequence[str] = OFFICIAL.packages) -> Path | None:
    """Ivy's folder with packages, if `ensure` made it: jobs with the same ones then fetch nothing."""
    folder = _folder(packages)
    return folder if folder.is_dir() else None


def packages_conf(ivy: Path, packages: Sequence[str] = OFFICIAL.packages) -> dict[str, str]:
    """What a job on the official image is told of its packages, and where they are kept."""
    return {PACKAGES: ",".join(packages), IVY: str(ivy)}


def ensure(packages: Sequence[str] = OFFICIAL.packages) -> None:
    """Fetches them from Maven Central: 560 MB for S3, 50 for Iceberg. Without a Java there is nothing to do it with.

    Raises:
        CacheError: they can't be had.
    """
    found = spark.spark_here()
    if isinstance(found, str):
        return
    with to_be_filled(_folder(packages)) as content:
        if content is None:
            return
        sys.stderr.write(f"Fetching {', '.join(packages)} and what it needs into {_folder(packages)}, once ...\n")
        with tempfile.NamedTemporaryFile(suffix=".py") as nothing:
            command = [*found.command("--master=local", conf=packages_conf(content, packages)), nothing.name]
            try:
                done = found.ended(command, FETCHING_SECONDS)
            except subprocess.TimeoutExpired as error:
                raise CacheError(f"The packages of jobs can't be fetched in {FETCHING_SECONDS} s") from error
        if done.returncode:
            raise CacheError(f"The packages of jobs can't be fetched:\n{done.stdout[-4000:]}")


def _folder(packages: Sequence[str]) -> Path:
    wanted = " ".join((OFFICIAL.spark_version, *packages))
    return cache_folder() / f"spark-packages-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
