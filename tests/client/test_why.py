"""Each ending that was recorded has one cause, with the values found, and one remedy."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from skate.cluster_errors import faults
from skate.errors import RefusedError
from skate.why import MEANINGS, Cause, Evidence, Kind, cause_of, refused_by_admission
from skate.why.causes import WIDTH
from skate.why.faults import ending_of
from skate.why.table import detectors

from tests.client.endings import NAMES, ending, evidence, evidence_of
from tests.client.why_page import PAGE, written

ENDINGS: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "driver-evicted-for-disk": (Kind.DISK, ("etl-driver", 'exceeds the limit "10Gi"')),
    "driver-evicted-for-memory": (Kind.EVICTED, ("etl-driver", "low on resource: memory")),
    "driver-heap": (Kind.DRIVER_HEAP, ("Report.scala:26", "Java heap space", "driver.memory 512m")),
    "driver-killed": (Kind.DRIVER_MEMORY, ("137", "OOMKilled", "896Mi")),
    "driver-node-gone": (Kind.NODE_LOST, ("etl-driver",)),
    "driver-node-shut-down": (Kind.NODE_LOST, ("etl-driver", "was shut down")),
    "disk-full": (Kind.DISK, ("No space left on device",)),
    "executor-killed": (Kind.EXECUTOR_MEMORY, ("137", "exec-1", "executor.memory 1g")),
    "executors-failing": (Kind.EXECUTORS_FAILING, ("4 executors",)),
    "exit-code": (Kind.EXIT_CODE, ("exit code 3",)),
    "host-unknown": (Kind.CONNECTION, ("etl.py:76", "no such host")),
    "no-capacity": (Kind.CAPACITY, ("3 executors", "ads-batch-main", "eu-central-1a")),
    "image-missing": (Kind.IMAGE, ("spark/etl:8", "image-driver", "no such image")),
    "main-class-missing": (Kind.PROGRAM_MISSING, ("etl.Reprot", "report.jar")),
    "module-missing": (Kind.DEPENDENCY, ("pandas_gbq", "etl.py:49")),
    "package-missing": (Kind.DEPENDENCY, ("org.apache.iceberg:iceberg-spark-runtime-4.0_2.13:1.99.0",)),
    "port-closed": (Kind.CONNECTION, ("etl.py:76", "connection refused")),
    "program-missing": (Kind.PROGRAM_MISSING, ("s3a://example-ads-raw/events/jobs/elt.py",)),
    "py-files-missing": (Kind.DEPENDENCY, ("s3a://example-ads-raw/events/jobs/libs.zip", "deps.pyFiles")),
    "python-exception": (Kind.USER_CODE, ("etl.py:47", "KeyError", "2026-11-29")),
    "python-exception-in-task": (Kind.USER_CODE, ("etl.py:16", "ValueError", "'n/a'", "etl.py:44", "executor 1")),
    "python-worker-killed": (Kind.PYTHON_WORKER, ("executor 1", "executor.memory 1g")),
    "queue-full": (Kind.QUEUE_FULL, ("3 executors",)),
    "result-too-large": (Kind.RESULT_SIZE, ("58.0 MiB", "1024.0 KiB", "etl.py:67")),
    "s3-403": (Kind.STORAGE_DENIED, ("s3a://example-finance/ledger/2026.csv", "403", "etl.py:71")),
    "s3-bucket-missing": (Kind.STORAGE_MISSING, ("example-ads-rwa", "etl.py:71")),
    "s3-path-missing": (Kind.STORAGE_MISSING, ("s3a://example-ads-raw/events/2026-11-31", "etl.py:71")),
    "scala-exception": (Kind.USER_CODE, ("Report.scala:23", "NoSuchElementException", "2026-11-29")),
    "scala-exception-in-task": (Kind.USER_CODE, ("Report.scala:10", "NumberFormatException", "n/a", "executor 1")),
    "secret-unreadable": (Kind.SECRET, ("KAFKA_LOGIN", "lake-driver", "ParameterNotFound")),
    "source-missing": (Kind.DEPENDENCY, ("bigquery", "etl.py:85")),
    "table-missing": (Kind.USER_CODE, ("TABLE_OR_VIEW_NOT_FOUND", "`sales`.`orders_2026`", "etl.py:51")),
    "column-missing": (Kind.USER_CODE, ("UNRESOLVED_COLUMN", "identifer", "etl.py:53")),
    "too-little-memory": (Kind.SETTINGS, ("314572800", "471859200")),
    "waits-for-turn": (Kind.TURN, ("etl-driver",)),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
LINES = [line for name in NAMES for lines in ending(name)["logs"].values() for line in lines]


def test_every_recorded_ending_is_known_here() -> None:
    assert set(NAMES) == set(ENDINGS)


@pytest.mark.parametrize("name", sorted(ENDINGS))
def test_an_ending_has_its_cause_with_the_values_found(name: str) -> None:
    kind, values = ENDINGS[name]
    cause = cause_of(evidence(name))
    assert cause.kind is kind
    for value in values:
        assert value in cause.what
    assert cause.remedy.endswith(".")
    assert cause.evidence


@pytest.mark.parametrize("name", sorted(ENDINGS))
def test_no_cause_of_another_kind_claims_an_ending_before_its_own(name: str) -> None:
    found = evidence(name)
    claims = [cause.kind for detector in detectors(found) if (cause := detector(found))]
    others = {Kind.USER_CODE, Kind.EXIT_CODE, Kind.SUBMISSION, Kind.STARTING, Kind.RUNNING, Kind.STORAGE_MISSING}
    others |= {Kind.EXECUTORS_FAILING, Kind.EXECUTOR_LOST, Kind.DRIVER_MEMORY, Kind.NO_ROOM, Kind.TURN}
    assert claims[:1] == [ENDINGS[name][0]]
    assert set(claims[1:]) - {ENDINGS[name][0]} <= others, "only what is less specific may claim it, too"


@pytest.mark.parametrize("name", sorted(ENDINGS))
def test_a_cause_reads_at_eighty_columns_and_begins_with_what_to_do(name: str) -> None:
    cause = cause_of(evidence(name))
    lines = list(cause.lines())
    assert max(map(len, (line for line in lines if " " in line.strip()))) <= WIDTH
    assert cause.remedy.startswith(lines[0])
    assert ".." not in cause.what.replace("...", "")


@pytest.mark.parametrize("name", [name for name in NAMES if "-driver" not in name])
def test_a_recording_says_how_it_was_made(name: str) -> None:
    assert len(ending(name)["recorded"]) > 50


def test_a_refused_job_is_told_rule_by_rule() -> None:
    message = (
        'sparkapplications.sparkoperator.k8s.io "etl" is forbidden: ValidatingAdmissionPolicy '
        "'elastic-spark-applications' with binding 'elastic-spark-applications' denied request: packages are "
        "group:artifact:version, of: io.delta, org.apache.hadoop, org.apache.iceberg, org.apache.spark; put "
        "others into "
        "the image; found: com.example:orders_2.13:1.4.2 [application-packages]"
    )
    cause = refused_by_admission(RefusedError("ads-batch refused the job etl:", faults(message)))
    assert cause.kind is Kind.REFUSED
    assert "com.example:orders_2.13:1.4.2 [application-packages]" in cause.what


def test_a_driver_that_the_api_server_refuses_is_refused_not_a_failed_submission() -> None:
    message = (
        "failed to submit spark application: failed to run spark-submit: failed to run spark-submit: "
        'Exception in thread "main" io.fabric8.kubernetes.client.KubernetesClientException: Failure executing: '
        "POST at: "
        'https://172.20.0.1/api/v1/namespaces/ads-batch/pods. Message: Pod "etl-driver" is invalid: '
        'spec.containers[0].volumeMounts[2].mountPath: Invalid value: "/data": must be unique. Received status: '
        "Status()"
    )
    cause = cause_of(Evidence(application=failed(message)))
    assert cause.kind is Kind.REFUSED
    assert "must be unique" in cause.what


def test_an_executor_that_was_killed_and_replaced_is_not_why_a_program_threw() -> None:
    killed, thrown = ending("executor-killed"), ending("python-exception-in-task")
    thrown["events"] += [event for event in killed["events"] if event["reason"] == "SparkExecutorFailed"]
    assert cause_of(evidence_of(thrown)).kind is Kind.USER_CODE


def test_a_fetch_that_failed_for_a_killed_executor_is_memory() -> None:
    found = ending("executor-killed")
    pod = next(iter(found["logs"]))
    found["logs"] = {
        pod: [
            'Exception in thread "main" org.apache.spark.SparkException: Job aborted due to stage failure: '
            "ResultStage 4 "
            "(collect at etl.py:9) has failed the maximum allowable number of times: 4. Most recent failure reason:",
            "org.apache.spark.shuffle.MetadataFetchFailedException: Missing an output location for shuffle 1 "
            "partition 0",
            "\tat org.apache.spark.MapOutputTracker$.validateStatus(MapOutputTracker.scala:1774)",
        ]
    }
    assert cause_of(evidence_of(found)).kind is Kind.EXECUTOR_MEMORY


def test_what_nothing_tells_is_unknown_and_shows_the_last_errors() -> None:
    log = ("26/11/29 10:09:42 ERROR Turbine: the flange is loose", "26/11/29 10:09:43 INFO SparkContext: stopped")
    cause = cause_of(
        Evidence(
            application=failed("driver container failed with ExitCode: 1, Reason: Error"), logs={"etl-driver": log}
        )
    )
    assert cause.kind is Kind.UNKNOWN
    assert "ExitCode: 1" in cause.what
    assert "Turbine: the flange is loose" in cause.evidence


def test_a_job_of_which_only_the_application_is_left_says_so() -> None:
    cause = cause_of(Evidence(application=failed("driver container failed with ExitCode: 1, Reason: Error")))
    assert cause.kind is Kind.UNKNOWN
    assert "log is gone" in cause.what


def test_a_job_that_somebody_removed_was_stopped() -> None:
    assert cause_of(Evidence(application=failed("") | {"status": {}}, stopped=True)).kind is Kind.STOPPED


@pytest.mark.parametrize("name", ["python-exception-in-task", "python-exception"])
def test_an_exception_is_found_however_much_spark_logs_in_between(name: str) -> None:
    found = ending(name)
    found["logs"] = {pod: noisy(lines) for pod, lines in found["logs"].items()}
    assert cause_of(evidence_of(found)).what == cause_of(evidence(name)).what


@given(
    JSON,
    st.lists(JSON, max_size=3),
    st.lists(JSON, max_size=3),
    st.lists(st.sampled_from(LINES) | st.text(), max_size=40),
)
def test_any_evidence_has_a_cause(application: Any, pods: list[Any], events: list[Any], log: list[str]) -> None:  # noqa: ANN401
    state = {
        "applicationState": {"state": "FAILED", "errorMessage": "\n".join(log[:3])},
        "driverInfo": {"podName": "d"},
    }
    for mapping in (application if isinstance(application, dict) else {}, {"status": state, "spec": application}):
        found = Evidence(
            application=mapping, pods=objects(pods), events=objects(events), logs={"d": tuple(log), "e": tuple(log)}
        )
        assert isinstance(cause_of(found), Cause)


@given(st.data())
def test_recorded_evidence_with_a_part_that_is_something_else_has_a_cause(data: st.DataObject) -> None:
    found = ending(data.draw(st.sampled_from(NAMES)))
    part: Any = found
    for _ in range(data.draw(st.integers(1, 5))):
        keys = list(part) if isinstance(part, dict) else list(range(len(part))) if isinstance(part, list) else []
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if part is not found and data.draw(st.booleans()):
            part[key] = data.draw(JSON)
            break
        part = part[key]
    found["pods"], found["events"] = list(objects(as_list(found["pods"]))), list(objects(as_list(found["events"])))
    found["logs"] = (
        {pod: as_list(lines) for pod, lines in found["logs"].items()} if isinstance(found["logs"], dict) else {}
    )
    found["application"] = found["application"] if isinstance(found["application"], dict) else {}
    assert isinstance(cause_of(evidence_of(found)), Cause)


@given(st.lists(st.sampled_from(LINES) | st.text(), max_size=60))
def test_the_end_of_any_log_can_be_read(lines: list[str]) -> None:
    for before, after in pairwise(ending_of(lines)):
        assert before.header
        assert after.name


def test_every_kind_is_explained() -> None:
    assert set(MEANINGS) == set(Kind)


def test_the_guide_has_the_table_as_it_is() -> None:
    assert PAGE.read_text() == written(PAGE.read_text()), "python -m tests.client.why_page writes it"


def failed(message: str) -> dict[str, Any]:
    """An application that failed."""
    return {
        "metadata": {"name": "etl", "namespace": "ads-batch"},
        "status": {
            "applicationState": {"state": "FAILED", "errorMessage": message},
            "driverInfo": {"podName": "etl-driver"},
        },
    }


def noisy(lines: list[str]) -> list[str]:
    """A log in which Spark goes on to log."""
    more = "26/11/29 10:09:43 INFO BlockManagerInfo: Removed broadcast_0_piece0 on 10.0.64.7:7079 in memory"
    return [
        text for line in lines for text in ((more, line) if line.startswith(("Trace", "  File", "Value")) else (line,))
    ]


def objects(things: list[Any]) -> tuple[dict[str, Any], ...]:
    """Those that the API can give."""
    return tuple(thing for thing in things if isinstance(thing, dict))


def as_list(thing: Any) -> list[Any]:  # noqa: ANN401
    """A list, or none."""
    return thing if isinstance(thing, list) else []
