from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.access.queue_rbac import BINDABLE_ROLES
from components.queue.annotations import conf_annotation, fingerprint, pool_annotations, queue_annotations
from components.queue.queue import Queue, QueueArgs
from components.software.versions import PAUSE_IMAGE
from fleet.offline.registration import Registrations
from sizing import names
from sizing.nodes import Resources
from sizing.quantities import GIB, MIB, parse_bytes, parse_cpu
from sizing.queues import DriverAllowance, PoolShare, QueueSize, queue_size
from sizing.sharing import Sharing
from tests.recording import registrations_of

NAMESPACE = "kubernetes:core/v1:Namespace"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"
ACCOUNT_PATCH = "kubernetes:core/v1:ServiceAccountPatch"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
LIMITS = "kubernetes:core/v1:LimitRange"
JOB = "kubernetes:batch/v1:Job"

DRIVERS = DriverAllowance(at_once=5, driver=Resources(cpu=2000, memory=8 * GIB))
SHARE = PoolShare(min_nodes=1, max_nodes=3, usable=Resources(15_610, 57 * GIB, 0, 20))
SIZE = queue_size([SHARE], DRIVERS)
SHARING = Sharing()
POOLS = ("ads-batch-main", "ads-batch-spot")
ARGS = QueueArgs(
    card="{}",
    tenant="ads",
    queue="batch",
    size=SIZE,
    drivers=DRIVERS,
    pools=POOLS,
    shares={POOLS[0]: SHARE},
    people={"ads:leads": "owner", "ads/engineers": "submitter", "auditors": "viewer", "board": "viewer"},
    egress_ports=(443,),
    spark_conf={},
    openings=(),
    secrets={},
    variables={},
    sync_image=PAUSE_IMAGE,
    protect=True,
    sharing=SHARING,
    node_labels={},
)


def registrations(**changes: Any) -> Registrations:  # noqa: ANN401
    return registrations_of(lambda: Queue("q", replace(ARGS, **changes)))


def size(cpu: int, memory: int, *, guaranteed: Resources = Resources(), apps: int = 1) -> QueueSize:  # noqa: B008
    return QueueSize(guaranteed=guaranteed, maximum=Resources(cpu=cpu, memory=memory), max_apps=apps)


@pytest.mark.parametrize(
    ("given_size", "quota"),
    [
        (size(15_000, GIB), {"cpu": "15", "memory": "1024Mi"}),
        (size(15_610, 57 * GIB), {"cpu": "15610m", "memory": "58368Mi"}),
        (size(15_610, 57 * GIB + 512 * MIB), {"cpu": "15610m", "memory": "58880Mi"}),
        (size(1, 10**9), {"cpu": "1m", "memory": "1000000000"}),
    ],
)
def test_the_maximum_is_a_quota_of_exact_quantities(given_size: QueueSize, quota: dict[str, str]) -> None:
    annotations = queue_annotations("ads", "batch", given_size, DRIVERS, POOLS, SHARING)
    assert json.loads(annotations["yunikorn.apache.org/namespace.quota"]) == quota


def test_a_queue_without_a_minimum_is_guaranteed_zero_not_nothing() -> None:
    annotations = queue_annotations("ads", "batch", size(1000, GIB), DRIVERS, POOLS, SHARING)
    assert json.loads(annotations["yunikorn.apache.org/namespace.guaranteed"]) == {"cpu": "0", "memory": "0Mi"}


def test_the_parent_queue_is_named_in_full_and_yunikorn_is_switched_on() -> None:
    annotations = queue_annotations("ads", "batch", SIZE, DRIVERS, POOLS, SHARING)
    assert annotations["yunikorn.apache.org/parentqueue"] == "root.tenants.ads"
    assert annotations["yunikorn.apache.org/namespace.enableYuniKorn"] == "true"
    assert annotations["yunikorn.apache.org/namespace.maxApps"] == "5"


def test_a_queue_whose_order_is_fair_has_a_parent_whose_queues_are() -> None:
    annotations = queue_annotations("ads", "batch", SIZE, DRIVERS, POOLS, Sharing(order="fair"))
    assert annotations["yunikorn.apache.org/parentqueue"] == "root.tenants-fair.ads"
    fair = registrations(sharing=Sharing(order="fair")).one("elastic-spark:queue:Queue")
    assert fair.outputs["path"] == "root.tenants-fair.ads.ads-batch"


def test_admission_is_told_what_one_job_may_have_and_of_the_lane_for_backfill() -> None:
    plain = queue_annotations("ads", "batch", SIZE, DRIVERS, POOLS, SHARING)
    told = queue_annotations("ads", "batch", SIZE, DRIVERS, POOLS, Sharing(max_executors_per_job=40, backfill=True))
    assert told == {**plain, "elastic-spark/max-executors-per-job": "40", "elastic-spark/backfill": "true"}


def test_admission_is_told_the_queues_pools_the_default_first_and_how_its_applications_are_called() -> None:
    annotations = queue_annotations("ads", "batch", SIZE, DRIVERS, POOLS, SHARING)
    assert annotations[names.POOLS_ANNOTATION].split(",") == list(POOLS)
    assert annotations[names.DEFAULT_POOL_ANNOTATION] == POOLS[0]
    assert annotations[names.APPLICATION_PREFIX_ANNOTATION] == "ads-batch"


def test_every_number_is_also_a_plain_integer_of_its_own() -> None:
    annotations = queue_annotations("ads", "batch", SIZE, DRIVERS, POOLS, SHARING)
    texts = {names.POOLS_ANNOTATION, names.DEFAULT_POOL_ANNOTATION, names.APPLICATION_PREFIX_ANNOTATION}
    numbers = {key: value for key, value in annotations.items() if key.startswith("elastic-") and key not in texts}
    assert {key.removeprefix("elastic-spark/"): value for key, value in numbers.items()} == {
        "guaranteed-cpu-millicores": "15610",
        "guaranteed-memory-bytes": str(57 * GIB),
        "maximum-cpu-millicores": str(3 * 15_610 + 5 * 2000),
        "maximum-memory-bytes": str(3 * 57 * GIB + 5 * 8 * GIB),
        "max-apps": "5",
        "drivers-at-once": "5",
        "history-cpu-millicores": "0",
        "history-memory-bytes": "0",
        "driver-cpu-millicores": "2000",
        "driver-memory-bytes": str(8 * GIB),
    }


amounts = st.builds(Resources, cpu=st.integers(0, 10**8), memory=st.integers(0, 2**50))


@given(amounts, amounts, st.integers(1, 1000))
def test_quantities_and_integers_say_the_same(guaranteed: Resources, maximum: Resources, apps: int) -> None:
    annotations = queue_annotations(
        "ads", "batch", QueueSize(guaranteed=guaranteed, maximum=maximum, max_apps=apps), DRIVERS, POOLS, SHARING
    )
    for json_key, scalar in (("guaranteed", "guaranteed"), ("quota", "maximum")):
        quantities = json.loads(annotations[f"yunikorn.apache.org/namespace.{json_key}"])
        assert str(parse_cpu(quantities["cpu"])) == annotations[f"elastic-spark/{scalar}-cpu-millicores"]
        assert str(parse_bytes(quantities["memory"])) == annotations[f"elastic-spark/{scalar}-memory-bytes"]


def test_the_fingerprint_changes_with_the_numbers_only() -> None:
    annotations = queue_annotations("ads", "batch", SIZE, DRIVERS, POOLS, SHARING)
    assert fingerprint(dict(reversed(annotations.items()))) == fingerprint(annotations)
    others = [
        queue_annotations("ads", "batch", replace(SIZE, max_apps=6), DRIVERS, POOLS, SHARING),
        queue_annotations(
            "ads", "batch", SIZE, replace(DRIVERS, driver=Resources(cpu=2001, memory=8 * GIB)), POOLS, SHARING
        ),
        queue_annotations("ads2", "batch", SIZE, DRIVERS, POOLS, SHARING),
        queue_annotations("ads", "batch", SIZE, DRIVERS, POOLS, Sharing(order="fair")),
    ]
    assert len({fingerprint(annotations), *map(fingerprint, others)}) == 5


def test_the_namespace_says_whose_it_is_and_carries_the_numbers() -> None:
    metadata = registrations().one(NAMESPACE).inputs["metadata"]
    assert metadata["name"] == "ads-batch"
    assert metadata["labels"][names.TENANT_LABEL] == "ads"
    assert metadata["labels"][names.QUEUE_LABEL] == "ads-batch"
    numbers = queue_annotations("ads", "batch", SIZE, DRIVERS, POOLS, SHARING)
    assert metadata["annotations"] == numbers | pool_annotations({POOLS[0]: SHARE}, {}, (443,))


def test_the_namespace_says_what_its_pools_hold_and_its_nodes_are_labelled_with() -> None:
    labels = {"kubernetes.io/arch": ("arm64",), "kubernetes.io/hostname": ()}
    annotations = pool_annotations({POOLS[0]: SHARE}, {POOLS[0]: labels}, (6443, 443))
    assert annotations[names.POOLS_USABLE_ANNOTATION] == f"ads-batch-main:15610:{57 * GIB}"
    assert annotations[names.PORTS_ANNOTATION] == "443,6443"
    assert annotations[names.NODE_LABELS_ANNOTATION].splitlines() == [
        "ads-batch-main kubernetes.io/arch=arm64",
        "ads-batch-main kubernetes.io/hostname",
    ]


def test_where_nodes_are_somebody_elses_nothing_is_said_of_their_labels() -> None:
    assert names.NODE_LABELS_ANNOTATION not in pool_annotations({POOLS[0]: SHARE}, {}, (443,))


def test_restricted_pod_security_is_enforced() -> None:
    labels = registrations().one(NAMESPACE).inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("protect", [True, False])
def test_the_namespace_is_protected_where_asked_and_nothing_else_is(protect: bool) -> None:
    registered = registrations(protect=protect)
    assert registered.one(NAMESPACE).options.protect is protect
    assert not any(r.options.protect for r in registered.values() if r.type != NAMESPACE)


def test_everything_is_in_the_namespace_and_made_after_it() -> None:
    registered = registrations()
    namespace = registered.one(NAMESPACE)
    for resource in registered.children(registered.one("elastic-spark:queue:Queue").urn):
        if resource.urn != namespace.urn:
            assert resource.inputs["metadata"]["namespace"] == "ads-batch"
            assert namespace.urn in resource.dependencies


def test_every_name_is_known_in_a_first_preview() -> None:
    registered = registrations()
    assert registered.one("elastic-spark:queue:Queue").outputs["namespace"] == "ads-batch"
    assert registered.one("elastic-spark:queue:Queue").outputs["path"] == "root.tenants.ads.ads-batch"


def test_only_drivers_talk_to_kubernetes() -> None:
    registered = registrations()
    mounted = {
        r.inputs["metadata"]["name"]: r.inputs["automountServiceAccountToken"]
        for r in (*registered.of_type(ACCOUNT), registered.one(ACCOUNT_PATCH))
    }
    assert mounted == {"spark-driver": True, "spark-executor": False, "default": False}


def test_the_drivers_account_and_the_operators_have_their_roles_and_no_other_account_has_any() -> None:
    bound = [
        (r.inputs["roleRef"]["name"], subject["name"], subject["namespace"])
        for r in registrations().of_type(BINDING)
        for subject in r.inputs["subjects"]
        if subject["kind"] == "ServiceAccount"
    ]
    assert bound == [
        ("elastic-spark:driver", "spark-driver", "ads-batch"),
        ("elastic-spark:operator", "spark-operator-controller", "spark-system"),
    ]


def test_people_have_the_role_of_their_purpose() -> None:
    bound = {
        r.inputs["roleRef"]["name"]: [s["name"] for s in r.inputs["subjects"]]
        for r in registrations().of_type(BINDING)
        if r.inputs["subjects"][0]["kind"] == "Group"
    }
    assert bound == {
        "elastic-spark:owner": ["ads:leads"],
        "elastic-spark:submitter": ["ads/engineers"],
        "elastic-spark:viewer": ["auditors", "board"],
    }


def test_a_purpose_that_nobody_has_is_not_bound() -> None:
    assert [r.name for r in registrations(people={}).of_type(BINDING)] == ["q-bind-driver", "q-bind-operator"]


def test_every_bound_role_is_one_that_deployers_may_bind() -> None:
    refs = [r.inputs["roleRef"] for r in registrations().of_type(BINDING)]
    assert all(ref["kind"] == "ClusterRole" and ref["name"] in BINDABLE_ROLES for ref in refs)


def test_a_tenant_stack_makes_no_roles_secrets_or_quotas() -> None:
    made = {r.type.rpartition(":")[2] for r in registrations().values()}
    assert not made & {"Role", "ClusterRole", "ClusterRoleBinding", "Secret", "ResourceQuota"}


def test_the_card_is_in_the_namespace_and_not_among_the_inputs() -> None:
    registered = registrations(card='{"version": 1}')
    (card,) = registered.of_type("kubernetes:core/v1:ConfigMap")
    assert card.inputs["metadata"] == {"name": "elastic-spark-queue-card", "namespace": "ads-batch"}
    assert card.inputs["data"] == {"card.json": '{"version": 1}'}
    assert "card" not in registered.one("elastic-spark:queue:Queue").inputs


def test_containers_get_requests_by_default_and_no_limits() -> None:
    (limit,) = registrations().one(LIMITS).inputs["spec"]["limits"]
    assert limit == {"type": "Container", "defaultRequest": {"cpu": "100m", "memory": "256Mi"}}


def test_changed_numbers_submit_another_application() -> None:
    before, same, after = (
        registrations().one(JOB),
        registrations(people={}).one(JOB),
        registrations(size=replace(SIZE, max_apps=SIZE.max_apps + 1)).one(JOB),
    )
    assert before.inputs == same.inputs
    assert before.inputs["metadata"]["name"] != after.inputs["metadata"]["name"]
    assert before.urn == after.urn


def test_the_sync_application_is_submitted_to_yunikorn_under_a_name_of_its_own() -> None:
    job = registrations().one(JOB).inputs
    template = job["spec"]["template"]
    assert template["spec"]["schedulerName"] == "yunikorn"
    assert template["metadata"]["labels"] == {"yunikorn.apache.org/app-id": f"ads-batch-{job['metadata']['name']}"}


def test_no_sync_application_of_another_queue_with_equal_numbers_has_its_id() -> None:
    other = registrations(queue="adhoc").one(JOB).inputs["spec"]["template"]["metadata"]["labels"]
    assert other != registrations().one(JOB).inputs["spec"]["template"]["metadata"]["labels"]


def test_the_longest_names_make_labels_that_kubernetes_takes() -> None:
    job = registrations(tenant="t" * names.MAXIMUM_TENANT, queue="q" * names.MAXIMUM_QUEUE).one(JOB).inputs
    (label,) = job["spec"]["template"]["metadata"]["labels"].values()
    assert len(label) <= 63
    assert len(job["metadata"]["name"]) <= 63


def test_nobody_waits_for_the_sync_application_and_it_is_not_tried_again() -> None:
    job = registrations().one(JOB).inputs
    assert job["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_the_finished_job_stays() -> None:
    assert "ttlSecondsAfterFinished" not in registrations().one(JOB).inputs["spec"]


def test_the_sync_application_waits_as_long_as_the_queue_is_full_and_fails_soon_on_a_node() -> None:
    spec = registrations().one(JOB).inputs["spec"]
    assert "activeDeadlineSeconds" not in spec
    assert spec["template"]["spec"]["activeDeadlineSeconds"] == 300


def test_the_sync_application_is_tiny_and_runs_on_driver_nodes() -> None:
    spec = registrations().one(JOB).inputs["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["image"] == PAUSE_IMAGE
    assert container["resources"] == {"requests": {"cpu": "10m", "memory": "16Mi"}}
    assert spec["nodeSelector"] == {"elastic-spark/pool": "driver"}
    assert spec["tolerations"] == [
        {"key": "elastic-spark/pool", "operator": "Equal", "value": "driver", "effect": "NoSchedule"}
    ]


def test_the_sync_application_is_within_restricted_pod_security() -> None:
    """The conditions of https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted."""
    spec = registrations().one(JOB).inputs["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert spec["automountServiceAccountToken"] is False


def test_settings_of_a_queue_are_lines_in_an_order() -> None:
    assert conf_annotation({"b": "2=3", "a": "1 2"}) == {names.SPARK_CONF_ANNOTATION: "a=1 2\nb=2=3"}
    assert conf_annotation({}) == {}


@pytest.mark.parametrize(("name", "value"), [("a=b", "1"), ("", "1"), ("a", "1\nb=2"), ("a\nb", "1")])
def test_a_setting_that_would_be_another_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="of one line"):
        conf_annotation({name: value})
