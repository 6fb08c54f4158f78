"""S3A of exactly the jars that jobs get is given Pod Identity's credentials, by what jobs are told, and no others."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from sizing.spark.defaults import CREDENTIALS_TRIES, s3_properties
from tests.cluster.spark import Spark
from tests.cluster.spark_packages import packages_conf
from tests.spark.pod_identity import CUT, PodIdentity, pod_identity
from tests.spark.s3 import S3
from tests.spark.stand_in import REGION

BUCKET = "probed"
TIMEOUT_SECONDS = 180
REQUESTS_A_ROUND = 6
"""Of the SDK, one after the other, for what may pass (aws/aws-sdk-java-v2 2.24.6, ContainerCredentialsRetryPolicy)."""


@pytest.fixture(scope="module", autouse=True)
def bucket(s3: S3) -> None:
    s3.make(BUCKET, {"folder/object": "text"})


@pytest.fixture
def identity(s3: S3, tmp_path: Path) -> Iterator[PodIdentity]:
    with pod_identity(tmp_path, key="ASIAPROBE") as identity:
        s3.known[identity.key] = identity.session_token
        s3.seen.clear()
        yield identity


@dataclass(frozen=True)
class Probe:
    """A driver's JVM that lists a folder with a job's settings."""

    spark: Spark
    ivy: Path
    s3: S3
    identity: PodIdentity

    def __call__(self, failures: Sequence[int], attempts: int = 1) -> list[str | None]:
        """What each attempt said, `None` for one that went well; the last is that or the last that there may be.

        Args:
            failures: of the agent, before it answers.
            attempts: at most, by one and the same file system.
        """
        self.identity.failures.extend(failures)
        conf = {**s3_properties(REGION), **self.s3.conf, **packages_conf(self.ivy)}
        done = subprocess.run(
            [
                *self.spark.command("--master=local", conf=conf),
                Path(__file__).with_name("probe.py"),
                str(attempts),
                f"s3a://{BUCKET}/folder",
            ],
            env={**self.spark.environment(), **self.identity.environment},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        said: list[str | None] = json.loads(done.stdout)
        return said


@pytest.fixture
def probe(spark: Spark, packages: Path, s3: S3, identity: PodIdentity) -> Probe:
    return Probe(spark, packages, s3, identity)


@pytest.mark.parametrize(
    "failures",
    [
        pytest.param([], id="none"),
        pytest.param([CUT], id="no answer"),
        pytest.param([500], id="its own fault"),
        pytest.param([400] * (CREDENTIALS_TRIES - 1), id="not known yet"),
        pytest.param([404] * (CREDENTIALS_TRIES - 1), id="not there yet"),
        pytest.param([503] * REQUESTS_A_ROUND * (CREDENTIALS_TRIES - 1), id="not ready for long"),
    ],
)
def test_a_first_call_to_the_agent_that_fails_is_survived(
    probe: Probe, identity: PodIdentity, s3: S3, failures: Sequence[int]
) -> None:
    assert probe(failures) == [None]
    assert (identity.asked, identity.unknown) == (len(failures) + 1, 0)
    assert s3.seen.keys() == {(identity.key, REGION)}
    assert identity.node_asked == []


def test_an_agent_that_is_away_for_longer_fails_a_call_and_neither_the_next_nor_the_pod_ends_as_its_node(
    probe: Probe, identity: PodIdentity, s3: S3
) -> None:
    first, second = probe([400] * CREDENTIALS_TRIES, attempts=2)
    assert first is not None
    assert "No AWS Credentials" in first
    assert second is None
    assert s3.seen.keys() == {(identity.key, REGION)}
    assert identity.node_asked == []


def test_without_what_jobs_are_told_a_pod_could_end_as_its_node(
    probe: Probe, identity: PodIdentity, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the tests above would show nothing: the node's metadata is there, and gives its role away."""
    monkeypatch.setattr("sizing.spark.defaults.NO_NODE_ROLE", "-Dnothing=true")
    probe([400] * CREDENTIALS_TRIES)
    assert identity.node_asked
    assert ("ASIANODE", REGION) in s3.seen
