"""What webhooks do to a pod after a queue's secrets came into it."""

from __future__ import annotations

from components.queue.secrets import FETCHER, VARIABLES
from components.software.versions import AWS_CLI_IMAGE
from tests.cluster import pod_shapes as pods
from tests.cluster.api import Object
from tests.cluster.attacks_pods_secrets import ITS_DRIVER, MOUNT, QUEUE, REFERENCE, VARIABLE, there
from tests.cluster.cluster import Cluster
from tests.cluster.webhook import CALLED, webhook


def test_a_webhook_that_knows_no_variables_from_files_takes_none_away(cluster: Cluster) -> None:
    """The Spark operator's writes `env` anew, less what it doesn't know, where an application has variables too."""

    def operator_like(pod: Object) -> list[Object]:
        (container,) = pod["spec"]["containers"]
        kept = [{**e, "valueFrom": {}} if e["name"] == VARIABLE else e for e in container["env"]]
        return [
            {"op": "replace", "path": "/spec/containers/0/env", "value": [*kept, {"name": "OWN", "value": "1"}]},
            {"op": "add", "path": "/spec/containers/-", "value": {"name": "sidecar", "image": pods.IMAGE}},
        ]

    with webhook(cluster.admin, QUEUE, operator_like, there(pods.executor())):
        made = cluster.acting(ITS_DRIVER).create(there(pods.executor()), dryRun="All")
    assert made["metadata"]["annotations"][CALLED] == "true"
    executor, sidecar = made["spec"]["containers"]
    reference = {"name": VARIABLE, "valueFrom": {"fileKeyRef": REFERENCE}}
    assert [e["name"] for e in executor["env"]] == ["SPARK_EXECUTOR_ID", VARIABLE, "OWN"]
    assert [e for e in executor["env"] if e["name"] == VARIABLE] == sidecar["env"] == [reference]
    assert [[m for m in c["volumeMounts"] if m["name"] == FETCHER] for c in (executor, sidecar)] == [[MOUNT]] * 2
    assert [c["image"] for c in made["spec"]["initContainers"]] == [AWS_CLI_IMAGE]
    assert [v["name"] for v in made["spec"]["volumes"] if v["name"] in (FETCHER, VARIABLES)] == [FETCHER, VARIABLES]


def test_a_pod_that_has_its_secrets_is_left_as_it_is(cluster: Cluster) -> None:
    made = cluster.acting(ITS_DRIVER).create(there(pods.executor()), dryRun="All")
    again = {**made, "metadata": {**there(pods.executor())["metadata"]}}
    assert cluster.acting(ITS_DRIVER).create(again, dryRun="All")["spec"] == made["spec"]
