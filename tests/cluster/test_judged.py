"""Applications are judged when they are submitted, by the same measure as their pods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pytest

from components.queue.queue import DRIVER_ACCOUNT
from sizing import names
from sizing.quantities import MIB, parse_bytes, parse_cpu
from tests.cluster.api import Object, RefusedError
from tests.cluster.application_shapes import application, connect, scheduled
from tests.cluster.attacks_applications_runs import OPTIONS
from tests.cluster.attacks_applications_security import CASES as SECURITY_CASES
from tests.cluster.attacks_sharing import SCIENTIST, shared
from tests.cluster.attempts import Attempt, Create
from tests.cluster.cluster import Cluster, User
from tests.cluster.pod_shapes import DRIVER, ENGINEER, IMAGE, NAMESPACE, OWNER, driver
from tests.cluster.real_jobs import JOBS, RealJob
from tests.cluster.spark import Spark

RULE = re.compile(r"\[(application-[a-z-]+)\]")
JOB = pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)


def refusal(cluster: Cluster, thing: Object, who: User = ENGINEER) -> str:
    """What the API server says against an application; fails if it says nothing."""
    with pytest.raises(RefusedError) as refused:
        cluster.acting(who).create(thing, dryRun="All")
    return refused.value.message


EMPTY: Final[list[Object]] = [{"name": name, "emptyDir": {}} for name in ("a", "b")]
TWICE: Mapping[str, tuple[Object, Object]] = {
    "a volume": ({}, {"volumes": [EMPTY[0], EMPTY[0]]}),
    "a mount": ({"volumeMounts": [{"name": v["name"], "mountPath": "/x"} for v in EMPTY]}, {"volumes": EMPTY}),
    "a container": ({}, {"initContainers": [{"name": "spark-kubernetes-driver", "image": IMAGE}]}),
    "a port": ({"ports": [{"name": "a", "containerPort": port} for port in (1, 2)]}, {}),
}
"""What a pod has only once: of a driver's container, of its spec."""


def security_contexts() -> dict[str, tuple[Object, Object]]:
    """Security contexts of a driver's container by the names of their rows: one that is refused, one that is not."""
    found = {}
    for case in SECURITY_CASES:
        match case:
            case Attempt(
                name=name,
                rule="application-security",
                does=Create(thing={"spec": {"driver": {"securityContext": wrong}}}),
                twin=Create(thing={"spec": {"driver": {"securityContext": right}}}),
            ):
                found[name] = (wrong, right)
    return found


CONTEXTS = security_contexts()


@JOB
def test_a_job_from_elsewhere_is_refused_for_all_reasons_at_once(cluster: Cluster, job: RealJob) -> None:
    assert set(RULE.findall(refusal(cluster, job.as_it_is))) == job.rules


@JOB
def test_it_is_admitted_after_the_changes_that_the_guide_tells(cluster: Cluster, job: RealJob) -> None:
    cluster.acting(ENGINEER).create(job.changed, dryRun="All")


def test_each_refusal_says_what_was_found_and_what_is_allowed(cluster: Cluster) -> None:
    message = refusal(cluster, JOBS[0].as_it_is)
    for text in (
        "driver queue=root.test",
        "allowed: root.tenants.ads.ads-batch",
        "driver karpenter.sh/capacity-type=on-demand (nodes have: no such label)",
        "executor spark-compute-optimized",
        "driver cpu 1000m, memory 8192Mi; allowed: cpu 1000m, memory 4096Mi",
        "public.ecr.aws/docker/library/busybox",
    ):
        assert text in message


TOO_LARGE: Final = {"cores": 1, "memory": "900g"}
BY_A_SETTING: Final = {"spark.executor.memory": "900g", "spark.executor.instances": "2"}
COMES_AND_GOES: Final = {"spark.dynamicAllocation.enabled": "true"}
ONE_AT_LEAST: Final = {"spark.dynamicAllocation.minExecutors": "1"}


@pytest.mark.parametrize(
    "thing",
    [
        application(executor={**TOO_LARGE, "instances": 2}),
        application(executor={"cores": 900, "memory": "1g", "instances": 2}),
        application(executor=TOO_LARGE),
        application(executor=TOO_LARGE, dynamicAllocation={"enabled": False}),
        application(executor=TOO_LARGE, dynamicAllocation={"enabled": True, "minExecutors": 1}),
        application(executor=TOO_LARGE, dynamicAllocation={"enabled": True, "minExecutors": 1, "maxExecutors": 4}),
        application(
            executor={"labels": {"team": "ads"}}, sparkConf={"spark.executor.memory": "900g", **COMES_AND_GOES}
        ),
        application(executor=TOO_LARGE, sparkConf={**COMES_AND_GOES, **ONE_AT_LEAST}),
        scheduled(executor={**TOO_LARGE, "instances": 2}),
        connect(executor=TOO_LARGE, dynamicAllocation={"enabled": True, "initialExecutors": 2, "minExecutors": 1}),
    ],
    ids=lambda thing: f"{thing['kind']} {thing['spec'].get('executor')} {thing['spec'].get('dynamicAllocation')}",
)
def test_of_an_executor_that_fits_no_node_only_that_is_told(cluster: Cluster, thing: Object) -> None:
    assert RULE.findall(refusal(cluster, thing)) == ["application-executor-size"]


@pytest.mark.parametrize(
    ("who", "thing", "told"),
    [
        (
            SCIENTIST,
            shared(application(executor={**TOO_LARGE, "instances": 25})),
            "found: executor.instances=25; allowed: up to 24 a job",
        ),
        (
            ENGINEER,
            application(executor=TOO_LARGE, sparkConf={"spark.executor.instances": "many"}),
            "found: spark.executor.instances=many; allowed: a whole number",
        ),
        (
            ENGINEER,
            application(executor=TOO_LARGE, dynamicAllocation={"enabled": True, "minExecutors": 5, "maxExecutors": 2}),
            "found: minExecutors=5 above maxExecutors=2; allowed: ",
        ),
    ],
    ids=["a job's", "no number", "out of order"],
)
def test_numbers_that_are_wrong_whatever_the_size_are_told_beside_it(
    cluster: Cluster, who: User, thing: Object, told: str
) -> None:
    message = refusal(cluster, thing, who)
    assert RULE.findall(message) == ["application-executor-size", "application-executors"]
    assert told in message


def test_a_refusal_fits_into_what_the_api_server_shows(cluster: Cluster) -> None:
    labels = {f"queue-{i}/x/y": "z" * 60 for i in range(200)}
    message = refusal(cluster, application(driver={"labels": labels}))
    assert message.endswith(" ...")
    assert "driver queue-" in message


def test_the_lines_of_what_was_found_are_joined(cluster: Cluster) -> None:
    assert "driver team=a b" in refusal(cluster, application(driver={"labels": {"team": "a\nb"}}))


@pytest.mark.parametrize("name", CONTEXTS)
def test_pod_security_refuses_the_same_of_a_pod(cluster: Cluster, name: str) -> None:
    wrong, right = CONTEXTS[name]
    with pytest.raises(RefusedError, match=r"violates PodSecurity|is invalid"):
        cluster.acting(DRIVER).create(driver(container={"securityContext": wrong}), dryRun="All")
    cluster.acting(DRIVER).create(driver(container={"securityContext": right}), dryRun="All")


@pytest.mark.parametrize(("container", "spec"), TWICE.values(), ids=TWICE)
def test_kubernetes_refuses_a_pod_with_something_twice(cluster: Cluster, container: Object, spec: Object) -> None:
    with pytest.raises(RefusedError, match=r"is invalid: .*(Duplicate value|must be unique)"):
        cluster.acting(DRIVER).create(driver(container=container, **spec), dryRun="All")


@pytest.mark.parametrize(
    "conf",
    [
        {"spark.driver.memory": "5g"},
        {"spark.driver.memory": "5000m", "spark.driver.memoryOverhead": "700"},
        {"spark.driver.memory": "6144", "spark.driver.memoryOverheadFactor": "0.33"},
        {"spark.driver.memory": "4g", "spark.kubernetes.memoryOverheadFactor": "0.2", "spark.driver.cores": "3"},
        {"spark.driver.memory": "4g", "spark.driver.minMemoryOverhead": "1g"},
        {"spark.driver.cores": "1", "spark.kubernetes.driver.request.cores": "1500m"},
    ],
    ids=str,
)
def test_a_drivers_size_is_what_spark_makes_of_it(cluster: Cluster, spark: Spark, conf: Mapping[str, str]) -> None:
    """Both refusals say how large the driver would be."""
    sizeless = {"labels": {"team": "ads"}}
    found = re.search(
        r"found: driver cpu (\d+)m, memory (\d+)Mi",
        refusal(cluster, application(sparkConf=dict(conf), driver=sizeless, executor=sizeless)),
    )
    token = cluster.admin.token(NAMESPACE, DRIVER_ACCOUNT)
    submitted = spark.submit(cluster.plane, token, NAMESPACE, {"spark.kubernetes.driver.pod.name": "too-large", **conf})
    made = re.search(r"found: cpu ([\d.]+m?), memory (\w+);", submitted.printed)
    assert found, "the application is not refused for its size"
    assert made, submitted.printed[-2000:]
    assert (int(found[1]), int(found[2]) * MIB) == (parse_cpu(made[1]), parse_bytes(made[2]))


def test_what_somebody_else_changes_is_still_of_who_submitted_it(cluster: Cluster) -> None:
    mark = names.SUBMITTER_ANNOTATION
    forged = {"metadata": {"annotations": {mark: OWNER.name}}, "spec": {"driver": {"annotations": {mark: OWNER.name}}}}
    with cluster.made(ENGINEER, application()) as made:
        changed = cluster.acting(OWNER).merge(made, forged)
    assert changed["metadata"]["annotations"][mark] == ENGINEER.name
    assert changed["spec"]["driver"]["annotations"][mark] == ENGINEER.name


def test_what_a_shell_takes_apart_it_does_not_when_it_is_quoted(cluster: Cluster) -> None:
    created = cluster.acting(ENGINEER).create(connect(sparkConf={OPTIONS: "'-Da=1 -Db=2'"}), dryRun="All")
    assert created["spec"]["sparkConf"][OPTIONS] == "'-Da=1 -Db=2'"
