"""Applications whose pods would carry labels and annotations that are not theirs to carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications import submitting
from tests.cluster.attempts import Attempt, Case, Create
from tests.cluster.pod_shapes import ENGINEER

QUEUE: Final = "root.tenants.ads.ads-batch"
JOB_ID: Final = "elastic-spark/job-id"
APP_ID: Final = "yunikorn.apache.org/app-id"


def labelled(thing: Object, labels: Mapping[str, str]) -> Object:
    """The application with labels of its own, which the operator hands to its pods."""
    return {**thing, "metadata": {**thing["metadata"], "labels": dict(labels)}}


def marked(name: str, rule: str, key: str, *, value: str, right: str = "", where: str = "labels") -> Attempt:
    """A driver with a label or annotation by its field, and without it, or with a right one."""
    twin: Any = {key: right} if right else {"team": "ads"}
    return submitting(
        name, rule, application(driver={where: {key: value}}), application(driver={where: twin}, executor={where: twin})
    )


CASES: Final[tuple[Case, ...]] = (
    submitting(
        "a queue as a label of the application",
        "application-queue",
        labelled(application(), {"queue": "root.test"}),
        labelled(application(), {"queue": QUEUE, "team": "ads"}),
    ),
    submitting(
        "a queue as a label of a schedule",
        "application-queue",
        labelled(scheduled(), {"yunikorn.apache.org/queue": "root.test"}),
        labelled(scheduled(), {"yunikorn.apache.org/queue": QUEUE}),
    ),
    submitting(
        "a queue as a label of a Spark Connect server",
        "application-queue",
        labelled(connect(), {"queue": "root.test"}),
        labelled(connect(), {"team": "ads"}),
    ),
    marked("a queue as a driver's label", "application-queue", "queue", value="root.test", right=QUEUE),
    marked(
        "a queue as a driver's annotation",
        "application-queue",
        "yunikorn.apache.org/queue",
        value="root.test",
        right=QUEUE,
        where="annotations",
    ),
    submitting(
        "a queue by a setting for executors' labels",
        "application-queue",
        application(sparkConf={"spark.kubernetes.executor.label.queue": "root.test"}),
        application(sparkConf={"spark.kubernetes.executor.label.team": "ads"}),
    ),
    submitting(
        "a queue by a setting for a driver's annotations",
        "application-queue",
        scheduled(sparkConf={"spark.kubernetes.driver.annotation.yunikorn.apache.org/queue": "root.test"}),
        scheduled(sparkConf={"spark.kubernetes.driver.annotation.team": "ads"}),
    ),
    submitting(
        "a queue in a pod template",
        "application-queue",
        connect(executor={"template": {"metadata": {"labels": {"queue": "root.test"}}}}),
        connect(executor={"template": {"metadata": {"labels": {"team": "ads"}}}}),
    ),
    marked(
        "a gang in the driver's own words",
        "application-yunikorn",
        "yunikorn.apache.org/task-groups",
        value='[{"name": "spark-driver", "minMember": 1}]',
        where="annotations",
    ),
    marked("another application's identifier", "application-yunikorn", APP_ID, value="ads-batch-1"),
    marked("a placeholder", "application-yunikorn", "placeholder", value="true"),
    marked(
        "another's name for YuniKorn",
        "application-yunikorn",
        "yunikorn.apache.org/user.info",
        value='{"user":"lead"}',
        where="annotations",
    ),
    marked(
        "a driver that may be evicted",
        "application-eviction",
        "cluster-autoscaler.kubernetes.io/safe-to-evict",
        value="true",
        right="false",
        where="annotations",
    ),
    marked("a role", "application-labels", "spark-role", value="driver"),
    marked("a label's value with blanks", "application-labels", "team", value="the ads team", right="the-ads-team"),
    marked("a label's value that is too long", "application-labels", "team", value="a" * 64, right="a" * 63),
    marked("a label's name with two slashes", "application-labels", "a/b/c", value="x"),
    marked("an identifier of a driver alone", "application-job-id", JOB_ID, value="nightly-7"),
    submitting(
        "another identifier of executors",
        "application-job-id",
        labelled(application(executor={"labels": {JOB_ID: "nightly-8"}}), {JOB_ID: "nightly-7"}),
        labelled(application(executor={"labels": {JOB_ID: "nightly-7"}}), {JOB_ID: "nightly-7"}),
    ),
    submitting(
        "another identifier by a setting, of a schedule",
        "application-job-id",
        labelled(scheduled(sparkConf={f"spark.kubernetes.driver.label.{JOB_ID}": "b"}), {JOB_ID: "a" * 63}),
        labelled(scheduled(), {JOB_ID: "a" * 63}),
    ),
    submitting(
        "an empty identifier",
        "application-job-id",
        labelled(application(), {JOB_ID: ""}),
        labelled(application(), {JOB_ID: "a_B.c-9"}),
    ),
    Attempt(
        name="an identifier that is no label's value",
        who=ENGINEER,
        does=Create(labelled(application(), {JOB_ID: "nightly 7"})),
        refused="Invalid value",
        twin=Create(labelled(scheduled(), {JOB_ID: "nightly-7"})),
    ),
    submitting(
        "Spark's label for a schedule",
        "application-labels",
        labelled(scheduled(), {"spark-app-name": "mine"}),
        labelled(scheduled(), {"app": "mine"}),
    ),
    submitting(
        "a setting whose name holds its value",
        "application-labels",
        application(sparkConf={"spark.kubernetes.driver.label.queue=root.test": "x"}),
        application(sparkConf={"spark.kubernetes.driver.label.team": "x"}),
    ),
)
