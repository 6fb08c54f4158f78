"""What admission completes in the templates of pods: accounts, containers, the size of Spark Connect's servers."""

from __future__ import annotations

from typing import Final

from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attempts import Case
from tests.cluster.completions import CONTAINER, EXECUTOR_CONTAINER, at, completed, templated

CASES: Final[tuple[Case, ...]] = (
    completed(
        "a driver has the queue's account, whatever is said",
        "application-accounts",
        application(driver={"serviceAccount": "default"}),
        at("driver", "serviceAccount"),
        "spark-driver",
        application(driver={"serviceAccount": "spark-driver"}),
        "spark-driver",
    ),
    completed(
        "executors have one that may do nothing",
        "application-accounts",
        scheduled(executor={"serviceAccount": "spark-driver"}),
        at("executor", "serviceAccount"),
        "spark-executor",
        scheduled(executor={"serviceAccount": "spark-executor"}),
        "spark-executor",
    ),
    completed(
        "a Spark Connect server without a template has the queue's account",
        "application-accounts",
        connect(),
        at("server", "template", "spec", "serviceAccountName"),
        "spark-driver",
        connect(server=templated(serviceAccountName="spark-driver", containers=[CONTAINER])),
        "spark-driver",
    ),
    completed(
        "one whose template has no spec too",
        "application-accounts",
        connect(server=templated()),
        at("server", "template", "spec", "serviceAccountName"),
        "spark-driver",
        connect(server=templated(serviceAccountName="spark-driver")),
        "spark-driver",
    ),
    completed(
        "one whose template names another too, and keeps the rest",
        "application-accounts",
        connect(server=templated(serviceAccountName="default", containers=[CONTAINER])),
        at("server", "template", "spec"),
        {"serviceAccountName": "spark-driver", "containers": [CONTAINER]},
        connect(server=templated(serviceAccountName="spark-driver", containers=[CONTAINER])),
        {"serviceAccountName": "spark-driver", "containers": [CONTAINER]},
    ),
    completed(
        "a Spark Connect server's executors have one that may do nothing",
        "application-accounts",
        connect(),
        at("executor", "template", "spec", "serviceAccountName"),
        "spark-executor",
        connect(executor=templated(serviceAccountName="spark-executor", containers=[EXECUTOR_CONTAINER])),
        "spark-executor",
    ),
    completed(
        "those whose template has no spec too",
        "application-accounts",
        connect(executor=templated()),
        at("executor", "template", "spec", "serviceAccountName"),
        "spark-executor",
        connect(executor=templated(serviceAccountName="spark-executor")),
        "spark-executor",
    ),
    completed(
        "those whose template names another too, and keep the rest",
        "application-accounts",
        connect(executor=templated(serviceAccountName="spark-driver", containers=[EXECUTOR_CONTAINER])),
        at("executor", "template", "spec"),
        {"serviceAccountName": "spark-executor", "containers": [EXECUTOR_CONTAINER]},
        connect(executor=templated(serviceAccountName="spark-executor", containers=[EXECUTOR_CONTAINER])),
        {"serviceAccountName": "spark-executor", "containers": [EXECUTOR_CONTAINER]},
    ),
    completed(
        "a Spark Connect server is as large as the queue's drivers may be",
        "application-server-size",
        connect(),
        at("server", "template", "spec", "containers"),
        [
            {
                "name": "spark-kubernetes-driver",
                "resources": {
                    "requests": {"cpu": "1000m", "memory": "4294967296"},
                    "limits": {"memory": "4294967296"},
                },
            }
        ],
        connect(server=templated(containers=[CONTAINER])),
        [CONTAINER],
    ),
    completed(
        "an executor's template has a container, without which Spark can't read it",
        "application-template-containers",
        connect(),
        at("executor", "template", "spec", "containers"),
        [{"name": "spark-kubernetes-executor"}],
        connect(executor=templated(containers=[EXECUTOR_CONTAINER])),
        [EXECUTOR_CONTAINER],
    ),
    completed(
        "a driver's template too",
        "application-template-containers",
        application(driver={"template": {"metadata": {"labels": {"team": "ads"}}}}),
        at("driver", "template", "spec", "containers"),
        [{"name": "spark-kubernetes-driver"}],
        application(driver={"cores": 1}),
        None,
    ),
    completed(
        "that of a schedule's executors too, and keeps the rest",
        "application-template-containers",
        scheduled(executor={"template": {"spec": {"hostNetwork": False}}}),
        at("executor", "template", "spec"),
        {"hostNetwork": False, "containers": [{"name": "spark-kubernetes-executor"}]},
        scheduled(executor={"template": {"spec": {"containers": [EXECUTOR_CONTAINER]}}}),
        {"containers": [EXECUTOR_CONTAINER]},
    ),
    completed(
        "also where it says that it has none",
        "application-template-containers",
        connect(executor=templated(containers=None)),
        at("executor", "template", "spec", "containers"),
        [{"name": "spark-kubernetes-executor"}],
        connect(executor=templated(containers=[{"name": "spark-kubernetes-executor"}])),
        [{"name": "spark-kubernetes-executor"}],
    ),
)
