"""What executors say to each other, looked at on the wire while a real job shuffles."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

import pytest

from sizing.spark.defaults import ALWAYS, ENCRYPTION
from tests.cluster.spark import Spark
from tests.spark.wire import NoCapture, Wire, watched

PLAIN = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.executor.memory": "512m",
    "spark.ui.enabled": "false",
    # What is compressed can't be read on the wire either.
    "spark.shuffle.compress": "false",
}


def shuffled(spark: Spark, conf: Mapping[str, str]) -> Wire:
    """What was seen of a marker in the rows of a job whose two executors are processes of their own."""
    marker = f"marker-{secrets.token_hex(8)}"
    # Where Kubernetes is the master, the driver makes the secret itself.
    secret = {"spark.authenticate.secret": secrets.token_hex(16)}
    command = spark.command("--master=local-cluster[2,1,1024]", conf={**ALWAYS, **PLAIN, **secret, **conf})
    try:
        with watched(marker.encode()) as wire:
            spark.run([*command, Path(__file__).with_name("shuffle_job.py"), marker])
    except NoCapture as missing:
        pytest.skip(str(missing))
    return wire


def test_a_shuffle_can_be_read_where_nothing_encrypts(spark: Spark) -> None:
    assert shuffled(spark, {}).seen > 0


def test_a_shuffle_can_not_be_read_with_what_queues_get_where_the_network_does_not_encrypt(spark: Spark) -> None:
    wire = shuffled(spark, ENCRYPTION)
    assert wire.packets > 0
    assert wire.seen == 0
