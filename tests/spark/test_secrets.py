"""A queue's secrets come into its pods by a real AWS CLI, and a real job reads a database by one, which nobody sees."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.queue.secrets import (
    ENVIRONMENT,
    LINES,
    LONGEST_VARIABLE,
    PLACE,
    SCRIPT,
    VARIABLE_LINES,
    VARIABLES_PLACE,
)
from sizing.secrets import read_by_others, secret_lines
from sizing.spark.defaults import IVY, PACKAGES
from tests.cluster import postgresql
from tests.cluster.postgresql import DRIVER, Database, database
from tests.cluster.setup import AWS_CLI
from tests.cluster.spark import Spark
from tests.cluster.spark_packages import packages_conf, packages_here
from tests.programs.cache import installed
from tests.spark.answers import TIMEOUT_SECONDS
from tests.spark.pod_identity import pod_identity
from tests.spark.rendered import HERE, PROPERTIES
from tests.spark.secret_store import SecretStore, secret_store
from tests.spark.stand_in import REGION

FIRST, SECOND, THIRD = "a-first-Zx81-marker", "a-second-Qy92-marker", 'a-third Vw73 "marker"'
NAMED_LIKE_SECRETS = ("spark.acme.credential", "spark.acme.apiKey", "spark.acme.passwd", "spark.acme.privateKey")
SHOWN_TO_NOBODY, SHOWN = "an-Ab15-marker", "an-open-word"
"""Values of settings: of those, and of another."""
JOBS_KEY = "ASIASECRETS"


@dataclass(frozen=True)
class Read:
    """How the init container ended.

    Args:
        folder: in which the files are.
        variables: in which those are that the kubelet makes variables of.
        failed: whether it did.
        printed: all that it said.
    """

    folder: Path
    variables: Path
    failed: bool
    printed: str

    def value(self, name: str) -> str:
        """What a job finds in a file."""
        return (self.folder / name).read_text()

    def variable(self, name: str) -> str:
        """What a job finds in a variable: the kubelet reads a part of what a POSIX shell does in the same way."""
        file = self.variables / name
        given = subprocess.run(
            ["/bin/sh", "-euc", f'. "$1"; printf %s "${name}"', "sh", file], capture_output=True, check=True
        )
        return given.stdout.decode()


@pytest.fixture(scope="module")
def store() -> Iterator[SecretStore]:
    with secret_store() as server:
        yield server


@pytest.fixture(scope="module")
def aws() -> Path:
    """The folder of an AWS CLI."""
    found = installed("aws-cli", AWS_CLI)
    assert found, "needs the AWS CLI, which `make test-cluster` installs into the cache"
    return found


def read(
    aws: Path,
    store: SecretStore,
    folder: Path,
    secrets: Mapping[str, str],
    variables: Mapping[str, str] | None = None,
    failures: list[int] | None = None,
) -> Read:
    """What the init container does, with the same program and the same settings but for places."""
    place, other_place, program = folder / "secrets", folder / "variables", folder / "bin" / "aws"
    for made in (place, other_place, program.parent, folder / "identity"):
        made.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {aws / "bin" / "aws"} "$@"\n')
    program.chmod(0o755)
    with pod_identity(folder / "identity", JOBS_KEY, failures or ()) as identity:
        store.known[identity.key] = identity.session_token
        environment = {
            **ENVIRONMENT,
            **identity.environment,
            PLACE: str(place),
            VARIABLES_PLACE: str(other_place),
            LINES: secret_lines(secrets),
            VARIABLE_LINES: secret_lines(variables or {}),
            "AWS_ENDPOINT_URL": store.endpoint,
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(aws),
            "HOME": str(folder),
        }
        done = subprocess.run(
            ["/bin/sh", "-ec", SCRIPT],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        assert identity.node_asked == []
    return Read(place, other_place, done.returncode != 0, done.stdout)


def test_each_secret_is_a_file_read_by_the_queues_role_and_none_is_printed(
    aws: Path, store: SecretStore, tmp_path: Path
) -> None:
    odd = 'a "quoted" $(id) `x` \\ value\nof two lines, with ümlauts = and spaces  '
    secrets = {
        "PASSWORD": store.secret("search/adhoc/odd", odd),
        "kafka.login": store.parameter("/search/adhoc/kafka", FIRST),
    }
    store.asked.clear()
    found = read(aws, store, tmp_path, secrets)
    assert not found.failed, found.printed
    assert found.value("PASSWORD") == odd
    assert found.value("kafka.login") == FIRST
    assert sorted(path.name for path in found.folder.iterdir()) == ["PASSWORD", "kafka.login"]
    assert store.asked == [(JOBS_KEY, REGION)] * 2
    assert found.printed == ""


def test_a_variable_is_apart_from_the_files_in_words_that_the_kubelet_takes(
    aws: Path, store: SecretStore, tmp_path: Path
) -> None:
    """By hand, the same and more were read by the kubelet's own parser (kubernetes v1.36.3, pkg/kubelet/util/env)."""
    odd = ' a "quoted" $(id) `x` \\ %s #value\n\n  = of\tlines\nB={"user":"u"}  '
    found = read(
        aws,
        store,
        tmp_path,
        {"A": store.secret("search/adhoc/of-a-file", FIRST)},
        {
            "LOGIN": store.parameter("/search/adhoc/variable", odd),
            "LONG": store.secret("search/adhoc/long", "x" * LONGEST_VARIABLE),
        },
    )
    assert not found.failed, found.printed
    assert (found.variable("LOGIN"), found.variable("LONG")) == (odd, "x" * LONGEST_VARIABLE)
    assert (found.variables / "LOGIN").read_text() == f"LOGIN='{odd}'\n"
    assert [path.name for path in found.folder.iterdir()] == ["A"]
    assert sorted(path.name for path in found.variables.iterdir()) == ["LOGIN", "LONG"]
    assert found.printed == ""


@pytest.mark.parametrize(
    "wrong", ["it's-Zx81", "two\r\nlines-Zx81", "ümlaut-Zx81", "a\x1b-Zx81", "x" * (LONGEST_VARIABLE + 1)]
)
def test_a_pod_does_not_start_with_a_variable_that_would_not_be_the_secret(
    aws: Path, store: SecretStore, tmp_path: Path, wrong: str
) -> None:
    arn = store.secret(f"search/adhoc/{tmp_path.name}", wrong)
    found = read(aws, store, tmp_path, {}, {"LOGIN": arn})
    assert found.failed
    assert "the secret LOGIN can't be an environment variable" in found.printed
    assert "have it as a file" in found.printed
    assert "Zx81" not in found.printed
    assert "xxx" not in found.printed
    assert list(found.variables.iterdir()) == []


def test_a_variable_whose_secret_is_not_there_stops_the_pod(
    aws: Path, store: SecretStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENVIRONMENT, "AWS_MAX_ATTEMPTS", "1")
    found = read(aws, store, tmp_path, {}, {"A": "arn:aws:ssm:eu-central-1:123456789012:parameter/search/none"})
    assert found.failed
    assert "the secret A could not be read" in found.printed


def test_an_agent_that_refuses_at_first_is_asked_again(aws: Path, store: SecretStore, tmp_path: Path) -> None:
    found = read(aws, store, tmp_path, {"A": store.secret("search/adhoc/late", FIRST)}, failures=[404])
    assert not found.failed, found.printed
    assert found.value("A") == FIRST


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        ("arn:aws:secretsmanager:eu-central-1:123456789012:secret:search/none-a1B2c3", "ResourceNotFoundException"),
        ("arn:aws:ssm:eu-central-1:123456789012:parameter/search/none", "ParameterNotFound"),
        ("arn:aws:s3:::bucket", "no ARN of a secret"),
    ],
)
def test_a_pod_does_not_start_without_a_secret_and_says_which(
    aws: Path, store: SecretStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arn: str, said: str
) -> None:
    there = store.secret(f"search/adhoc/{tmp_path.name}", FIRST)
    monkeypatch.setitem(ENVIRONMENT, "AWS_MAX_ATTEMPTS", "1")
    found = read(aws, store, tmp_path, {"A_THERE": there, "MISSING": arn})
    assert found.failed
    assert said in found.printed
    assert "the secret MISSING could not be read" in found.printed
    assert FIRST not in found.printed


def test_a_secret_that_is_bytes_is_refused(aws: Path, store: SecretStore, tmp_path: Path) -> None:
    found = read(aws, store, tmp_path, {"KEY": store.secret("search/adhoc/bytes", b"\x00\x01")})
    assert found.failed
    assert "the secret KEY could not be read" in found.printed


def test_no_secret_is_a_variable_that_sparks_own_programs_read(spark: Spark) -> None:
    of_jobs = ("find-spark-home", "load-spark-env.sh", "pyspark", "spark-class", "spark-submit", "sparkR")
    scripts = [(spark.home / "bin" / name).read_text() for name in of_jobs]
    read = {name for text in scripts for name in re.findall(r"\$\{?([A-Z][A-Z0-9_]+)", text)}
    made = {name for text in scripts for name in re.findall(r"\b([A-Z][A-Z0-9_]+)=", text)}
    known = {name for name in read if read_by_others(name)}
    assert {"JAVA_HOME", "PYTHONPATH", "SPARK_CONF_DIR"} <= known
    assert read - made - known == set()


@pytest.fixture(scope="module")
def postgres() -> Iterator[Database]:
    folder = postgresql.find()
    if folder is None:
        pytest.skip("needs PostgreSQL, which `make test-cluster` installs where it may")
    with database(folder, FIRST) as running:
        yield running


def run(
    spark: Spark, postgres: Database, secrets: str, folder: Path, variables: Mapping[str, str] | None = None
) -> dict[str, str]:
    """A job that reads the database by a secret; what it printed, and all that is left of it, by where that is.

    Args:
        spark: runs it.
        postgres: what it reads.
        secrets: where it looks for the password, see `database_job.py`.
        folder: for what it leaves.
        variables: of the driver's pod and its executor's.
    """
    packages = packages_here((DRIVER,))
    assert packages, "needs a JDBC driver, which `make test-cluster` fetches into the cache"
    events, pages = folder / "events", folder / "pages"
    events.mkdir()
    pages.mkdir()
    conf = {
        **{key: value for key, value in PROPERTIES.items() if key not in (PACKAGES, IVY)},
        **HERE,
        **packages_conf(packages, (DRIVER,)),
        "spark.eventLog.dir": events.as_uri(),
        # To be read as text.
        "spark.eventLog.compress": "false",
        **dict.fromkeys(NAMED_LIKE_SECRETS, SHOWN_TO_NOBODY),
        "spark.acme.word": SHOWN,
    }
    done = subprocess.run(
        [
            *spark.command("--master=local-cluster[1,1,1024]", "--name=on-database", "--verbose", conf=conf),
            Path(__file__).with_name("database_job.py"),
            postgres.url,
            secrets,
            str(pages),
        ],
        env=spark.environment() | dict(variables or {}),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    left = {"printed": done.stdout, "log": done.stderr}
    left |= {f"events/{path.name}": path.read_text() for path in sorted(events.rglob("*")) if path.is_file()}
    (application,) = (path.name.removeprefix("eventlog_v2_") for path in events.iterdir())
    logs = sorted((spark.home / "work" / application).glob("*/std*"))
    assert [path.name for path in logs] == ["stderr", "stdout"]
    left |= {f"executor/{path.name}": path.read_text() for path in logs}
    return left | {f"ui/{path.name}": path.read_text() for path in sorted(pages.iterdir())}


def test_a_job_reads_a_database_by_a_secret_that_shows_nowhere_and_the_next_job_by_the_rotated_one(
    aws: Path, store: SecretStore, spark: Spark, postgres: Database, tmp_path: Path
) -> None:
    arn = store.secret("search/adhoc/warehouse", FIRST)
    for number, value in enumerate((FIRST, SECOND)):
        if number:
            store.rotate(arn, value)
            postgres.change_password(FIRST, value)
        folder = tmp_path / str(number)
        found = read(aws, store, folder, {"PASSWORD": arn})
        left = run(spark, postgres, str(found.folder), folder)
        assert left["printed"].split()[-2:] == ["100", str(len(value))]
        assert_shown_nowhere(left, value)


def test_a_job_reads_a_database_by_a_variable_that_shows_nowhere(
    aws: Path, store: SecretStore, spark: Spark, tmp_path: Path
) -> None:
    """What Spark has of its environment is in no log, event or page: only settings, and what a JVM calls properties."""
    folder = postgresql.find()
    if folder is None:
        pytest.skip("needs PostgreSQL, which `make test-cluster` installs where it may")
    arn = store.secret("search/adhoc/in-environment", THIRD)
    found = read(aws, store, tmp_path / "pod", {}, {"PASSWORD": arn})
    with database(folder, THIRD) as running:
        left = run(spark, running, "environment", tmp_path, {"PASSWORD": found.variable("PASSWORD")})
    assert left["printed"].split()[-2:] == ["100", str(len(THIRD))]
    assert_shown_nowhere(left, THIRD)


def assert_shown_nowhere(left: Mapping[str, str], value: str) -> None:
    """The secret is nowhere, nor what is called like one, where all else of the job is."""
    places = {place: [text for where, text in left.items() if where.startswith(place)] for place in ("events/", "ui/")}
    assert any("SparkListenerApplicationEnd" in text for text in places["events/"])
    assert any("orders" in text for text in places["ui/"])
    assert all(any(SHOWN in text for text in texts) for texts in places.values())
    assert [where for where, text in left.items() if value in text or SHOWN_TO_NOBODY in text] == []
