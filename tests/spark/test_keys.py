"""Each setting that jobs, servers of Spark Connect and history servers are given is one that this Spark takes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from components.queue.history import history_conf
from sizing.spark.defaults import job_defaults
from tests.cluster.spark import Spark
from tests.cluster.spark_packages import packages_conf
from tests.spark.answers import TIMEOUT_SECONDS
from tests.spark.rendered import EVENTS, HISTORY, PROPERTIES
from tests.spark.stand_in import REGION

Ask = Callable[[Mapping[str, str]], dict[str, str]]


@pytest.fixture
def ask_spark(spark: Spark, packages: Path, tmp_path: Path) -> Ask:
    """Has Spark say what is wrong with settings, by their names."""

    def ask(settings: Mapping[str, str]) -> dict[str, str]:
        file = tmp_path / "settings.json"
        file.write_text(json.dumps(dict(settings)))
        done = subprocess.run(
            [
                *spark.command("--master=local", conf=packages_conf(packages)),
                Path(__file__).with_name("keys.py"),
                file,
            ],
            env=spark.environment(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        faults: dict[str, str] = json.loads(done.stdout)
        return faults

    return ask


def test_every_setting_is_known_and_its_value_is_taken(ask_spark: Ask) -> None:
    given = {**PROPERTIES, **job_defaults(REGION), **history_conf(EVENTS, HISTORY.server, REGION)}
    assert len(given) > 40
    assert ask_spark(given) == {}


def test_what_spark_does_not_take_is_found(ask_spark: Ask) -> None:
    wrong = {
        "spark.dynamicAllocation.shuffleTracking.enable": "true",
        "spark.decommission.enabled": "yes",
        "spark.executor.memory": "4 GiB",
        "spark.history.fs.update.interval": "5 minutes",
        "spark.hadoop.fs.s3a.credentials.provider": "a",
        "spark.metrics.conf.*.sink.servlet.class": "org.apache.spark.metrics.sink.Servlet",
    }
    assert ask_spark(wrong).keys() == wrong.keys()
