"""Applications that could never run, or would never go; and who submitted them."""

from __future__ import annotations

from typing import Any, Final

from components.admission.applications_submitter import OPERATOR_USER
from sizing import names
from tests.cluster.api import Object
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications import submitting
from tests.cluster.attempts import Attempt, Case, Change, Completion, Create
from tests.cluster.cluster import OPERATOR
from tests.cluster.pod_shapes import ENGINEER, OWNER

MARK: Final = names.SUBMITTER_ANNOTATION
MARK_OF_DRIVERS: Final = f"spark.kubernetes.driver.annotation.{MARK}"
DEADLINE: Final = names.DEADLINE_ANNOTATION
DUE: Final = "2027-03-01T06:00:00Z"
NO_TIMES: Final = (
    "2027-03-01T06:00:00",
    "2027-03-01 06:00:00Z",
    "2027-03-01T06:00Z",
    "2027-02-29T06:00:00Z",
    "2027-04-31T06:00:00Z",
    "2027-13-01T06:00:00Z",
    "2027-03-01T24:00:00Z",
    "2027-03-01T06:00:60Z",
    "2027-03-01T06:00:00+24:00",
    "1999-12-31T06:00:00Z",
    "1803880800",
    "tomorrow",
    'x",queue="other',
    "2027-03-01T06:00:00Z\n",
)


def named(thing: Object, name: str) -> Object:
    """The application with a name of its own."""
    return {**thing, "metadata": {"name": name, "namespace": thing["metadata"]["namespace"]}}


def annotated(thing: Object, submitter: str) -> Object:
    """The application with a submitter that its author wrote."""
    return {**thing, "metadata": {**thing["metadata"], "annotations": {MARK: submitter}}}


def of_schedule(submitter: str) -> Object:
    """An application as the operator makes it of a schedule, whose template says whose it is."""
    pods: dict[str, Any] = {"cores": 1, "memory": "1g", "annotations": {MARK: submitter}}
    return application(driver=pods, executor=pods)


def submitter(thing: Object) -> str:
    """What the application says of who submitted it."""
    return str(thing["metadata"].get("annotations", {}).get(MARK))


def submitter_in_pods(thing: Object) -> list[str]:
    """What its driver and executors will say."""
    spec = thing["spec"].get("template", thing["spec"])
    if thing["kind"] == "SparkConnect":
        pods = [spec[role].get("template", {}).get("metadata", {}) for role in ("server", "executor")]
    else:
        pods = [spec[role] for role in ("driver", "executor")]
    return [str(pod.get("annotations", {}).get(MARK)) for pod in pods]


def kept(thing: Object) -> int | None:
    """For how long the application stays, in seconds."""
    found: int | None = thing["spec"].get("template", thing["spec"]).get("timeToLiveSeconds")
    return found


def by(deadline: str | None, thing: Object) -> Object:
    """The application with a deadline, or an annotation that is none."""
    key = "team" if deadline is None else DEADLINE
    return {**thing, "metadata": {**thing["metadata"], "annotations": {key: deadline or "ads"}}}


def deadline_of_driver(thing: Object) -> str | None:
    """What its driver will say; nothing else that it says may be lost."""
    annotations = thing["spec"]["driver"].get("annotations", {})
    assert annotations[MARK] == submitter(thing)
    found: str | None = annotations.get(DEADLINE)
    return found


def reaching(name: str, key: str, wrong: str, right: str) -> Attempt:
    """A setting with an address that network policies close, and one that they don't."""
    return submitting(
        name, "application-ports", application(sparkConf={key: wrong}), application(sparkConf={key: right})
    )


def _driver(**fields: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"driver": {"cores": 1, "memory": "1g", **fields}}


def _executor(annotations: dict[str, str]) -> dict[str, Any]:
    return {"executor": {"cores": 1, "memory": "1g", "annotations": annotations}}


def _noted(key: str) -> dict[str, Any]:
    return {"metadata": {"annotations": {key: DUE}}}


CELEBORN: Final = "spark.celeborn.master.endpoints"
OPTIONS: Final = "spark.driver.extraJavaOptions"

CASES: Final[tuple[Case, ...]] = (
    submitting(
        "a schedule whose name leaves no room for a run's",
        "application-name",
        named(scheduled(), "a" * 44),
        named(scheduled(), "a" * 43),
    ),
    submitting(
        "an application whose name leaves no room for its metrics' volume",
        "application-name",
        named(application(monitoring={"prometheus": {"jmxExporterJar": "/prometheus.jar"}}), "a" * 50),
        named(application(monitoring={"prometheus": {"jmxExporterJar": "/prometheus.jar"}}), "a" * 49),
    ),
    submitting(
        "a driver whose name no pod has",
        "application-name",
        application(driver={"podName": "Pi_Driver"}),
        application(driver={"podName": "pi-driver"}),
    ),
    submitting(
        "executors whose names no pods have",
        "application-name",
        application(sparkConf={"spark.kubernetes.executor.podNamePrefix": "a" * 238}),
        application(sparkConf={"spark.kubernetes.executor.podNamePrefix": "a" * 237}),
    ),
    submitting(
        "a port whose name is too long",
        "application-name",
        application(driver={"ports": [{"name": "driver-rpc-of-mine", "containerPort": 9000, "protocol": "TCP"}]}),
        application(driver={"ports": [{"name": "my-rpc", "containerPort": 9000, "protocol": "TCP"}]}),
    ),
    submitting(
        "options that a shell takes apart",
        "application-shell",
        connect(sparkConf={OPTIONS: "-Da=1 -Db=2"}),
        connect(sparkConf={OPTIONS: "'-Da=1 -Db=2'"}),
    ),
    submitting(
        "a setting in which a shell looks for a variable",
        "application-shell",
        connect(sparkConf={"spark.executorEnv.WHERE": "${spark.app.name}"}),
        connect(sparkConf={"spark.executorEnv.WHERE": "'${spark.app.name}'"}),
    ),
    submitting(
        "settings of Hadoop that a shell takes apart",
        "application-shell",
        connect(hadoopConf={"fs.s3a.user.agent.prefix": "the ads team"}),
        application(hadoopConf={"fs.s3a.user.agent.prefix": "the ads team"}),
    ),
    reaching("a Celeborn outside", CELEBORN, "celeborn-master-0.celeborn.svc.cluster.local:9097", "celeborn:443"),
    reaching("a Celeborn without a port", CELEBORN, "celeborn-0.example.com", "celeborn-0.ads-batch.svc:9097"),
    reaching("a metastore", "spark.hadoop.hive.metastore.uris", "thrift://hive:9083", "thrift://hive:443"),
    reaching(
        "a catalog in another namespace",
        "spark.sql.catalog.lake.uri",
        "https://rest.catalogs.svc:443/api",
        "https://rest.example.com:443/api",
    ),
    submitting(
        "an application that stays for ever",
        "application-kept",
        application(timeToLiveSeconds=0),
        application(timeToLiveSeconds=600),
    ),
    submitting(
        "a schedule whose runs stay for a year",
        "application-kept",
        scheduled(timeToLiveSeconds=365 * 24 * 60 * 60),
        scheduled(timeToLiveSeconds=7 * 24 * 60 * 60),
    ),
    *(
        Completion(
            name=f"{what} goes a day after its end",
            who=ENGINEER,
            does=Create(thing()),
            rule="application-kept",
            field=kept,
            becomes=24 * 60 * 60,
            twin=Create(thing(timeToLiveSeconds=60)),
            stays=60,
        )
        for what, thing in (("an application", application), ("a schedule's run", scheduled))
    ),
    *(
        Completion(
            name=f"{what} says who submitted it",
            who=ENGINEER,
            does=Create(annotated(thing(), "lead")),
            rule="application-submitter",
            field=submitter,
            becomes=ENGINEER.name,
            twin=Create(annotated(thing(), ENGINEER.name)),
            stays=ENGINEER.name,
        )
        for what, thing in (("an application", application), ("a schedule", scheduled), ("a server", connect))
    ),
    *(
        Completion(
            name=f"{what} tells its pods who submitted it",
            who=ENGINEER,
            does=Create(thing()),
            rule="application-submitter-pods",
            field=submitter_in_pods,
            becomes=[ENGINEER.name] * 2,
            twin=Create(thing()),
            twin_who=OWNER,
            stays=[OWNER.name] * 2,
        )
        for what, thing in (("an application", application), ("a schedule", scheduled), ("a server", connect))
    ),
    Completion(
        name="what a schedule starts is of who submitted the schedule",
        who=OPERATOR,
        does=Create(of_schedule("engineer")),
        rule="application-submitter",
        field=submitter,
        becomes="engineer",
        twin=Create(application()),
        stays=OPERATOR_USER,
    ),
    submitting(
        "another's name on executors by a setting",
        "application-submitter-pods",
        application(sparkConf={f"spark.kubernetes.executor.annotation.{MARK}": "lead"}),
        application(sparkConf={"spark.kubernetes.executor.annotation.team": "ads"}),
    ),
    submitting(
        "another's name on a driver by its template",
        "application-submitter-pods",
        application(driver={"template": {"metadata": {"annotations": {MARK: "lead"}}}}),
        application(driver={"template": {"metadata": {"annotations": {"team": "ads"}}}}),
    ),
    Attempt(
        name="another's name by a schedule that the operator starts",
        who=OPERATOR,
        does=Create(annotated(application(sparkConf={MARK_OF_DRIVERS: "lead"}), "engineer")),
        rule="application-submitter-pods",
        twin=Create(of_schedule("engineer")),
    ),
    *(
        submitting(f"a deadline that is no time: {text!r}", "application-deadline", by(text, application()), of_a_time)
        for of_a_time in [by("2028-02-29T23:59:59.25-11:30", application())]
        for text in NO_TIMES
    ),
    *(
        submitting(
            f"a deadline of {what}, which ends when somebody ends it",
            "application-deadline",
            by(DUE, thing()),
            by(None, thing()),
        )
        for what, thing in (("a schedule", scheduled), ("a server", connect))
    ),
    *(
        Attempt(
            name=f"a deadline that is {what} when the job runs",
            who=ENGINEER,
            does=Change(by(before, application()), {"metadata": {"annotations": {DEADLINE: after}}}),
            rule="application-deadline",
            twin=Change(by(before, application()), {"metadata": {"annotations": {"team": "search"}}}),
        )
        for what, before, after in (
            ("put off", DUE, "2027-03-01T07:00:00Z"),
            ("made up", None, DUE),
            ("forgotten", DUE, None),
        )
    ),
    *(
        submitting(
            f"a deadline {where} that is not the application's",
            "application-deadline-pods",
            application(**wrong),
            by("2027-03-01T07:00:00+01:00", application(**right)),
        )
        for where, wrong, right in (
            ("of a driver", _driver(annotations={DEADLINE: DUE}), _driver(annotations={DEADLINE: DUE})),
            ("of a driver's template", _driver(template=_noted(DEADLINE)), _driver(template=_noted("team"))),
            ("of executors", _executor({DEADLINE: DUE}), _executor({"team": "ads"})),
            (
                "by a setting",
                {"sparkConf": {f"spark.kubernetes.driver.annotation.{DEADLINE}": DUE}},
                {"sparkConf": {"spark.kubernetes.driver.annotation.team": "ads"}},
            ),
        )
    ),
    *(
        Completion(
            name=f"a driver {what} says in UTC by when its job must have ended",
            who=ENGINEER,
            does=Create(by("2027-03-01T07:00:00.75+01:00", application(**driver))),
            rule="application-deadline-driver",
            field=deadline_of_driver,
            becomes=DUE,
            twin=Create(by(None, application(**driver))),
            stays=None,
        )
        for what, driver in (
            ("without annotations", {}),
            ("with annotations", _driver(annotations={"team": "ads"})),
        )
    ),
    Completion(
        name="a deadline that was written for another run gives way",
        who=ENGINEER,
        does=Create(by(DUE, application(**_driver(annotations={DEADLINE: "2026-03-01T06:00:00Z"})))),
        rule="application-deadline-driver",
        field=deadline_of_driver,
        becomes=DUE,
        twin=Create(by(DUE, application(**_driver(annotations={DEADLINE: DUE})))),
        stays=DUE,
    ),
)
