"""The line for skate that `fleet job` prints: the command itself takes it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

import pytest

from fleet.formats.queue_job import JobFormat, written
from fleet.offline.queue_job import Wanted, card_of, job_for
from sizing import names
from tests.client.api_stand_in import QUEUE, StandIn
from tests.client.command import skate
from tests.samples import sample_registrations

DUE: Final = "2099-11-30T07:00:00+01:00"


def test_the_printed_line_submits_the_job(cluster: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    card = card_of("ads-dev", sample_registrations("ads-dev"), "batch")
    wanted = Wanted(
        main="local:///opt/job.py", arguments=("--to", "a b"), name="by-line", executors=2, cores=1, deadline=DUE
    )
    program, *words = shlex.split(written(job_for(card, wanted), JobFormat.SKATE))
    assert program == "skate"
    assert card["namespace"] == QUEUE
    skate(words[0], "--detach", *words[1:])
    (job,) = cluster.jobs()
    assert job["metadata"]["name"].startswith("by-line-")
    assert job["spec"]["arguments"] == ["--to", "a b"]
    assert job["spec"]["executor"]["cores"] == 1
    assert job["metadata"]["annotations"] == {names.DEADLINE_ANNOTATION: DUE}
