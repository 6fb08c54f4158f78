"""Where a job is, by what the operator and the scheduler have written down."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from skate.states import Phase, full, job_state, waiting_drivers

SUBMISSIONS = {"type": "OnFailure", "onSubmissionFailureRetries": 1}


def application(state: str, message: str = "", policy: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:  # noqa: ANN401
    """An application in a state of the operator."""
    return {
        "metadata": {
            "name": "etl",
            "namespace": "ads-batch",
            "labels": {"elastic-spark/job-id": "nightly"},
            "annotations": {
                "elastic-spark/submitter": "engineer",
                "elastic-spark/deadline": "2026-11-30T06:00:00Z",
            },
            "creationTimestamp": "2026-11-29T09:00:00Z",
        },
        "spec": {
            "restartPolicy": policy or {"type": "Never"},
            "dynamicAllocation": {"enabled": True, "maxExecutors": 20},
        },
        "status": {"applicationState": {"state": state, "errorMessage": message}, **status},
    }


def pod(name: str, role: str, phase: str = "Pending", created: str = "09:00:05", **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A pod of a job."""
    labels = {"spark-role": role, **changes.pop("labels", {})}
    node = changes.pop("node", "")
    return {
        "metadata": {"name": name, "labels": labels, "creationTimestamp": f"2026-11-29T{created}Z"},
        "spec": {"nodeName": node} if node else {},
        "status": {"phase": phase, **changes},
    }


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        ("", Phase.SUBMITTED),
        ("SUBMITTED", Phase.SUBMITTED),
        ("RUNNING", Phase.RUNNING),
        ("SUCCEEDING", Phase.RUNNING),
        ("COMPLETED", Phase.SUCCEEDED),
        ("FAILED", Phase.FAILED),
        ("FAILING", Phase.FAILED),
        ("SUBMISSION_FAILED", Phase.FAILED),
        ("PENDING_RERUN", Phase.RETRYING),
        ("INVALIDATING", Phase.RETRYING),
        ("SUSPENDED", Phase.SUSPENDED),
        ("RESUMING", Phase.SUBMITTED),
    ],
)
def test_every_state_of_the_operator_is_a_phase(state: str, phase: Phase) -> None:
    assert job_state(application(state)).phase is phase


@pytest.mark.parametrize(
    ("state", "policy", "attempts", "phase"),
    [
        ("FAILING", {"type": "OnFailure", "onFailureRetries": 2}, {"executionAttempts": 2}, Phase.RETRYING),
        ("FAILING", {"type": "OnFailure", "onFailureRetries": 2}, {"executionAttempts": 3}, Phase.FAILED),
        ("FAILING", {"type": "OnFailure"}, {"executionAttempts": 0}, Phase.FAILED),
        ("FAILING", {"type": "Always"}, {"executionAttempts": 9}, Phase.RETRYING),
        ("SUBMISSION_FAILED", SUBMISSIONS, {"submissionAttempts": 1}, Phase.RETRYING),
        ("SUBMISSION_FAILED", {"type": "OnFailure", "onFailureRetries": 1}, {"submissionAttempts": 1}, Phase.FAILED),
    ],
)  # fmt: skip
def test_a_failure_is_final_once_the_operator_gives_up(
    state: str, policy: dict[str, Any], attempts: dict[str, Any], phase: Phase
) -> None:
    assert job_state(application(state, policy=policy, **attempts)).phase is phase


def test_a_driver_without_a_node_is_queued_with_its_place_and_the_scheduler_s_words() -> None:
    words = {"type": "PodScheduled", "status": "False", "message": "queue root.tenants.ads.ads-batch is full"}
    own = pod("etl-driver", "driver", created="09:00:05", conditions=[words])
    others = [
        pod("first-driver", "driver", created="09:00:01"),
        pod("late-driver", "driver", created="09:00:09"),
        pod("backfill-driver", "driver", created="09:00:00", labels={"elastic-spark/lane": "backfill"}),
        pod("running-driver", "driver", phase="Running", node="n1"),
        pod("any-exec-1", "executor"),
    ]
    waiting = waiting_drivers([own, *others])
    state = job_state(application("SUBMITTED"), [own], waiting)
    names = [each["metadata"]["name"] for each in waiting]
    assert names == [
        "first-driver",
        "etl-driver",
        "late-driver",
        "backfill-driver",
    ]
    assert (state.phase, state.place, state.reason) == (Phase.QUEUED, 2, words["message"])


def test_a_driver_of_which_the_scheduler_says_nothing_waits_for_its_turn_where_the_queue_is_full() -> None:
    own = pod("etl-driver", "driver", created="09:00:05")
    others = [
        pod("running-driver", "driver", phase="Running", node="n1"),
        pod("done-driver", "driver", phase="Succeeded", node="n1"),
        pod("running-exec-1", "executor", phase="Running", node="n1"),
        pod("late-driver", "driver", created="09:00:09"),
    ]
    drivers = [own, *others]
    state = job_state(application("SUBMITTED"), [own], waiting_drivers(drivers), full(drivers, 1))
    assert (state.place, state.reason) == (1, "as many jobs run as the queue lets run at once (1)")
    assert job_state(application("SUBMITTED"), [own], waiting_drivers(drivers), full(drivers, 2)).reason == ""
    said = {"type": "PodScheduled", "status": "False", "message": "Insufficient cpu"}
    own["status"]["conditions"] = [said]
    assert job_state(application("SUBMITTED"), [own], (), full(drivers, 1)).reason == "Insufficient cpu"


def test_a_driver_on_a_node_starts_and_says_what_keeps_it() -> None:
    pull = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "x"'}}}
    calm = {"state": {"waiting": {"reason": "ContainerCreating"}}}
    held = job_state(application("SUBMITTED"), [pod("etl-driver", "driver", node="n1", containerStatuses=[pull])])
    assert (held.phase, held.reason) == (Phase.STARTING, 'ImagePullBackOff: Back-off pulling image "x"')
    assert (
        job_state(application("SUBMITTED"), [pod("etl-driver", "driver", node="n1", containerStatuses=[calm])]).reason
        == ""
    )


def test_executors_are_counted_as_they_run() -> None:
    pods = [
        pod("etl-driver", "driver", phase="Running", node="n"),
        pod("etl-exec-1", "executor", phase="Running", node="n"),
        pod("etl-exec-2", "executor"),
    ]
    state = job_state(application("RUNNING", sparkApplicationId="spark-1", driverInfo={"podName": "etl-driver"}), pods)
    assert (state.executors, state.most_executors) == (1, 20)
    assert state.deadline == datetime(2026, 11, 30, 6, tzinfo=UTC)
    assert (state.application_id, state.driver, state.submitter, state.job_id) == (
        "spark-1",
        "etl-driver",
        "engineer",
        "nightly",
    )
    assert not state.has_ended


def test_a_job_that_ended_says_when_and_why() -> None:
    state = job_state(
        application("FAILED", "driver container failed with ExitCode: 1", terminationTime="2026-11-29T09:05:00Z")
    )
    assert state.has_ended
    assert state.ended is not None
    assert state.reason == "driver container failed with ExitCode: 1"
