"""What YuniKorn and YARN write down."""

from __future__ import annotations

import json

import pytest

from capacity.errors import CapacityError
from capacity.traces.run import Run
from capacity.traces.spark_sizes import MIB
from capacity.traces.yarn import Shape, runs_of_answer, runs_of_lines
from capacity.traces.yunikorn import runs_of_summaries

SUMMARY = (
    "2026-11-29T10:01:00.000Z\tINFO\tcore.scheduler.application.usage\tobjects/application_summary.go:60\t"
    "YK_APP_SUMMARY: {ApplicationID: spark-7b1c0a9d33ab, SubmissionTime: 1795000000000, StartTime: %s, "
    "FinishTime: 1795000700000, User: ads, Queue: root.tenants.ads.ads-batch, State: Completed, RmID: mycluster, "
    "ResourceUsage: TrackedResource{m7i.4xlarge:pods=6600,m7i.4xlarge:vcore=26400000,m7i.large:pods=600}, "
    "PreemptedResource: TrackedResource{}, PlaceholderResource: TrackedResource{}}"
)
LAUNCHED = "1795000100000"
APPLICATION = (
    "2026-11-29 10:01:00,000 INFO resourcemanager.RMAppManager$ApplicationSummary: appId=application_1_0007,"
    "name=etl\\, daily\\=2026-11-29,user=hadoop,queue=root.etl,state=FINISHED,trackingUrl=http://x,appMasterHost=h,"
    "submitTime=1795000000000,startTime=1795000000001,launchTime=1795000030000,finishTime=1795000630000,"
    "finalStatus=SUCCEEDED,memorySeconds=18432000,vcoreSeconds=10000,preemptedMemorySeconds=0,"
    "preemptedVcoreSeconds=0,preemptedAMContainers=0,preemptedNonAMContainers=0,preemptedResources=<memory:0\\, "
    "vCores:0>,applicationType=SPARK"
)


class Skipped(dict[str, str]):
    def __call__(self, what: str, why: str) -> None:
        self[what] = why


def summaries(*lines: str) -> tuple[list[Run], Skipped]:
    skipped = Skipped()
    return list(runs_of_summaries(lines, skipped)), skipped


def test_a_summary_of_yunikorn_says_when_a_job_was_submitted() -> None:
    (run,), _ = summaries("another line", SUMMARY % LAUNCHED)
    assert (run.queue, run.job, run.user) == ("ads-batch", "spark-7b1c0a9d33ab", "ads")
    assert run.submitted
    assert (run.started - run.submitted).total_seconds() == 100
    assert (run.ended - run.started).total_seconds() == 600
    assert run.executor_seconds == 6600 + 600 - 600
    assert run.backfill is None, "the lane is a priority in the same queue, and a summary has no priority"


def test_a_summary_in_json_is_found_too() -> None:
    assert summaries(json.dumps({"log": SUMMARY % LAUNCHED}))[0] == summaries(SUMMARY % LAUNCHED)[0]


def test_what_never_ran_or_is_cut_is_told() -> None:
    runs, skipped = summaries(SUMMARY % "-62135596800000", (SUMMARY % LAUNCHED)[:250])
    assert runs == []
    assert "never ran: Completed" in skipped.values()
    assert any("cut" in why for why in skipped.values())


def test_a_summary_of_yarn_is_a_run_and_its_memory_gives_executor_seconds() -> None:
    skipped = Skipped()
    (run,) = runs_of_lines(["nothing", APPLICATION], Shape(2000, 4608 * MIB), skipped)
    assert (run.queue, run.job, run.name) == ("root.etl", "application_1_0007", "etl, daily=*")
    assert run.submitted
    assert (run.started - run.submitted).total_seconds() == 30
    assert run.executor_seconds == 18432000 / 4608 - 600
    (bare,) = runs_of_lines([APPLICATION], Shape(), skipped)
    assert (bare.executor_seconds, bare.executor_memory) == (None, None)


def test_an_answer_of_yarns_api_gives_the_same() -> None:
    app = {
        "id": "application_1_0007",
        "name": "etl, daily=2026-11-29",
        "user": "hadoop",
        "queue": "root.etl",
        "state": "FINISHED",
        "finalStatus": "SUCCEEDED",
        "applicationType": "SPARK",
        "startedTime": 1795000000000,
        "launchTime": 1795000030000,
        "finishedTime": 1795000630000,
        "memorySeconds": 18432000,
        "vcoreSeconds": 10000,
    }
    skipped = Skipped()
    others = [{**app, "id": "x", "applicationType": "TEZ"}, {**app, "id": "y", "state": "RUNNING", "finishedTime": 0}]
    answer = json.dumps({"apps": {"app": [app, *others]}})
    shape = Shape(2000, 4608 * MIB)
    assert [*runs_of_answer(answer, shape, skipped)] == [*runs_of_lines([APPLICATION], shape, Skipped())]
    assert skipped == {"x": "not Spark: TEZ", "y": "unfinished; it is running"}


def test_an_old_yarn_has_no_time_of_launch() -> None:
    old = APPLICATION.replace("submitTime=1795000000000,", "").replace("launchTime=1795000030000,", "")
    (run,) = runs_of_lines([old], Shape(), Skipped())
    assert run.submitted == run.started
    assert run.started.timestamp() * 1000 == 1795000000001


@pytest.mark.parametrize("text", ["", "[]", "{}", "[1]", '{"apps": 5}'])
def test_another_answer_is_refused(text: str) -> None:
    with pytest.raises(CapacityError, match="no answer of /ws/v1/cluster/apps"):
        list(runs_of_answer(text, Shape(), Skipped()))
