"""A PostgreSQL for jobs to reach: Debian's, which set-up has its package manager install, in a folder of a test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.cluster.control_plane import free_ports

PACKAGE: Final = "postgresql"
DRIVER: Final = "org.postgresql:postgresql:42.7.8"
"""Of JDBC, from Maven Central."""
FOLDERS: Final = "/usr/lib/postgresql/*/bin"
"""Where Debian has its programs, which aren't on PATH."""
READY_SECONDS: Final = 60
USER: Final = "spark"
DATABASE: Final = "postgres"
NOBODY: Final = "nobody"
"""As whom it runs where root runs the test: PostgreSQL refuses to be root."""


@dataclass(frozen=True)
class Database:
    """A running PostgreSQL.

    Args:
        port: on 127.0.0.1.
        folder: of its programs.
        data: of its data.
    """

    port: int
    folder: Path
    data: Path

    @property
    def url(self) -> str:
        """As JDBC names it."""
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{DATABASE}"

    def change_password(self, old: str, new: str) -> None:
        """Lets the user in by another password from now on."""
        subprocess.run(
            [self.folder / "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, DATABASE],
            input=f"ALTER USER {USER} PASSWORD '{new}'",
            env={**os.environ, "PGPASSWORD": old},
            text=True,
            check=True,
            capture_output=True,
        )


def find() -> Path | None:
    """The folder of its programs, of the newest version that is here."""
    there = shutil.which("postgres")
    found = [Path(there).resolve().parent] if there else sorted(Path("/").glob(FOLDERS.removeprefix("/")))
    return found[-1] if found else None


def ensure() -> None:
    """Has apt-get install it where there is none, apt-get is there and this is root; says so where it can't."""
    if find():
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        sys.stderr.write("No PostgreSQL: the test of a job that reads one will skip. Install one.\n")
        return
    sys.stderr.write("Installing PostgreSQL, for a job to read, once ...\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", PACKAGE]):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            sys.stderr.write(
                f"PostgreSQL can't be installed, so the test of a job that reads one will skip:\n{done.stderr}"
            )


@contextmanager
def database(folder: Path, password: str) -> Iterator[Database]:
    """An empty database, which asks its one user for a password.

    Args:
        folder: of PostgreSQL's programs.
        password: the user's.
    """
    (port,) = free_ports(1)
    root = os.geteuid() == 0
    who: dict[str, Any] = {"user": NOBODY, "group": pwd.getpwnam(NOBODY).pw_gid, "extra_groups": []} if root else {}
    with tempfile.TemporaryDirectory(prefix="postgresql-") as scratch:
        home = Path(scratch)
        secret, data = home / "password", home / "data"
        secret.write_text(password)
        if root:
            for path in (home, secret):
                shutil.chown(path, NOBODY, pwd.getpwnam(NOBODY).pw_gid)
        made = [folder / "initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "-N"]
        subprocess.run(made, check=True, capture_output=True, cwd=home, **who)
        started = [folder / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", home, "-F"]
        with subprocess.Popen(
            started, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home, **who
        ) as process:
            try:
                _wait(folder, port)
                yield Database(port, folder, data)
            finally:
                process.terminate()


def _wait(folder: Path, port: int) -> None:
    end = time.monotonic() + READY_SECONDS
    while subprocess.run(
        [folder / "pg_isready", "-h", "127.0.0.1", "-p", str(port)], capture_output=True, check=False
    ).returncode:
        assert time.monotonic() < end, "PostgreSQL doesn't start"
        time.sleep(0.1)
