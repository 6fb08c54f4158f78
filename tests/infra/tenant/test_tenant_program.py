"""Whole tenants on whole platforms: what their stacks register, and that it is theirs alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pulumi
import pytest
from kubeflow_spark_api.models import SparkV1beta2SparkApplication  # type: ignore[import-untyped]

from components.nodes.autoscaler import SPOT_GROUPS
from fleet.offline.programs import run_program
from infra.contract import CONTRACT_OUTPUT, CONTRACT_VERSION
from infra.settings.contract_rules import COST_TAGS
from sizing import names
from sizing.cost_tags import TENANT_TAGS
from sizing.quantities import parse_cpu
from tests.infra.tenant.tenant_registrations import (
    BINDING,
    ENTRY,
    FOLDER,
    GROUP,
    NAMESPACE,
    NODE,
    POOL,
    SCHEDULE,
    TEMPLATE,
    YUNIKORN,
    amount,
    check_groups,
    check_numbers,
    check_queues,
    check_quotas,
    job,
    node_config,
    queue_annotations,
    tags,
)
from tests.samples import (
    AWS_TENANTS,
    TENANTS,
    changed,
    contract,
    exports,
    platform_registrations,
    sample_registrations,
    tenant,
    tenant_config,
    tenant_registrations,
)


@pytest.mark.parametrize("stack", AWS_TENANTS)
def test_a_queues_numbers_are_its_nodes_times_usable_and_its_driver_allowance(stack: str) -> None:
    aws = contract(tenant(stack)["platform"]).aws
    assert aws is not None
    check_numbers(sample_registrations(stack), aws.executor_pods_per_node)


def test_the_numbers_of_a_sample_are_these() -> None:
    """r7i.2xlarge offers 7,530m and 60,784 MiB to executors; two at least, twenty at most, six drivers and a history
    server, which shows 400 applications: 200 a week for 14 days."""
    found = queue_annotations(sample_registrations("ads-dev"))["ads-batch"]
    assert amount(found[f"{YUNIKORN}/namespace.guaranteed"]) == (2 * 7530, 2 * 60_784 * 2**20)
    assert amount(found[f"{YUNIKORN}/namespace.quota"]) == (
        20 * 7530 + 6000 + 250,
        (20 * 60_784 + 6 * 4096 + 512 + 7 + 384) * 2**20,
    )


def test_on_an_existing_cluster_a_node_offers_what_the_settings_say() -> None:
    found = queue_annotations(sample_registrations("demo-kind"))["demo-try"]
    assert amount(found[f"{YUNIKORN}/namespace.guaranteed"]) == (4000, 8 * 2**30)
    assert amount(found[f"{YUNIKORN}/namespace.quota"]) == (6000, 12 * 2**30)


@pytest.mark.parametrize(("chosen", "default"), [(None, "ads-batch-main"), ("other", "ads-batch-other")])
def test_executors_that_name_no_pool_run_on_the_default_one(chosen: str | None, default: str) -> None:
    settings = tenant()
    queue = settings["queues"]["batch"]
    queue["pools"]["other"] = queue["pools"]["main"]
    if chosen:
        queue["defaultPool"] = chosen
    registrations = tenant_registrations(settings)
    found = queue_annotations(registrations)["ads-batch"]
    assert found[names.DEFAULT_POOL_ANNOTATION] == default
    assert found[names.POOLS_ANNOTATION] == "ads-batch-main,ads-batch-other"
    job = registrations.stack.outputs["queues"]["batch"]["sparkApplication"]
    assert job["spec"]["executor"]["nodeSelector"][names.POOL_LABEL] == default


@pytest.mark.parametrize("stack", AWS_TENANTS)
def test_label_taint_and_tags_of_a_group_say_one_identity_and_no_size_is_desired(stack: str) -> None:
    check_groups(sample_registrations(stack))
    check_quotas(sample_registrations(stack))


@pytest.mark.parametrize("stack", TENANTS)
def test_everything_in_kubernetes_is_in_the_queues_namespaces_which_deny_by_default(stack: str) -> None:
    check_queues(sample_registrations(stack))


def test_spot_with_fall_back_is_two_sets_of_groups_with_one_label_and_taint() -> None:
    registrations = sample_registrations("research-dev")
    spot, ondemand = (
        registrations.one(POOL, "research-explore-nvme-spot"),
        registrations.one(POOL, "research-explore-nvme"),
    )
    assert spot.inputs["identity"] == ondemand.inputs["identity"] == "research-explore-nvme"
    assert (spot.inputs["capacity"], ondemand.inputs["capacity"]) == ("spot", "on-demand")
    called = {group.inputs["name"]: group.inputs["maxSize"] for group in registrations.of_type(GROUP)}
    assert called == {
        f"spark-dev-research-explore-nvme{kind}-eu-central-1{zone}-a": 12 for kind in ("", "-spot") for zone in "ab"
    }
    assert [name for name in called if re.search(SPOT_GROUPS, name)] == [name for name in called if "-spot-" in name]
    assert len({t.inputs["name"] for t in registrations.of_type(TEMPLATE)}) == 2
    same = (NODE + f"/label/{names.POOL_LABEL}", NODE + f"/taint/{names.POOL_LABEL}")
    assert len({tuple(tags(group)[key] for key in same) for group in registrations.of_type(GROUP)}) == 1


def test_spot_without_fall_back_has_spot_groups_only() -> None:
    registrations = tenant_registrations(changed(tenant("research-dev"), "queues.explore.pools.nvme.fallback", False))
    assert [pool.inputs["capacity"] for pool in registrations.of_type(POOL)] == ["spot"]
    assert {re.search(SPOT_GROUPS, group.inputs["name"]) is not None for group in registrations.of_type(GROUP)} == {
        True
    }


def test_on_demand_has_no_spot_groups() -> None:
    assert [pool.inputs["capacity"] for pool in sample_registrations("ads-dev").of_type(POOL)] == ["on-demand"]
    assert not [g for g in sample_registrations("ads-dev").of_type(GROUP) if re.search(SPOT_GROUPS, g.inputs["name"])]


def test_local_disks_take_the_pods_files_where_the_type_has_them() -> None:
    assert "RAID0" in node_config(sample_registrations("research-dev").of_type(TEMPLATE)[0])
    assert "RAID0" not in node_config(sample_registrations("ads-dev").of_type(TEMPLATE)[0])


def test_a_schedule_raises_the_minimum_and_leaves_the_rest_alone() -> None:
    registrations = sample_registrations("search-dev")
    actions = {action.inputs["scheduledActionName"]: action.inputs for action in registrations.of_type(SCHEDULE)}
    assert {name: (a["minSize"], a["maxSize"], a["desiredCapacity"]) for name, a in actions.items()} == {
        "nightly-start": (6, -1, -1),
        "nightly-end": (1, -1, -1),
    }
    assert {name: a["recurrence"] for name, a in actions.items()} == {
        "nightly-start": "30 22 * * 1,2,3,4,5",
        "nightly-end": "0 5 * * 2,3,4,5,6",
    }
    assert {a["timeZone"] for a in actions.values()} == {"Europe/Berlin"}
    (group,) = [g for g in registrations.of_type(GROUP) if "scheduled" in g.name]
    assert {a["autoscalingGroupName"] for a in actions.values()} == {group.inputs["name"]}
    for action in registrations.of_type(SCHEDULE):
        assert any(group.urn == urn or group.parent == urn for urn in action.dependencies)


def test_a_pool_without_schedules_has_no_actions() -> None:
    assert not sample_registrations("ads-dev").of_type(SCHEDULE)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("queues.batch.pools.main.maxNodes", 21),
        ("queues.batch.pools.main.zones", {"eu-central-1a": 3}),
        ("queues.batch.pools.main.instanceTypes", ["r7i.4xlarge"]),
        ("queues.batch.drivers.atOnce", 7),
        ("queues.batch.drivers.memory", "5Gi"),
    ],
)
def test_changed_numbers_change_the_sync_job(path: str, value: Any) -> None:  # noqa: ANN401
    before, after = sample_registrations("ads-dev"), tenant_registrations(changed(tenant(), path, value))
    assert queue_annotations(before) != queue_annotations(after)
    assert job(before, "ads-batch") != job(after, "ads-batch")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("tags", {"team": "other"}),
        ("people", {}),
        ("budget", ...),
        ("queues.batch.data", []),
        ("queues.batch.pools.main.generation", "b"),
        ("queues.batch.pools.main.instanceTypes", ["r6i.2xlarge", "r7i.2xlarge"]),
    ],
)
def test_what_leaves_the_numbers_alone_leaves_the_sync_job_alone(path: str, value: Any) -> None:  # noqa: ANN401
    after = tenant_registrations(changed(tenant(), path, value))
    assert job(after, "ads-batch") == job(sample_registrations("ads-dev"), "ads-batch")


def test_the_sync_job_of_one_queue_stays_when_another_changes() -> None:
    before = sample_registrations("search-dev")
    after = tenant_registrations(changed(tenant("search-dev"), "queues.adhoc.pools.main.maxNodes", 9))
    assert job(before, "search-adhoc") != job(after, "search-adhoc")
    assert job(before, "search-scheduled") == job(after, "search-scheduled")


def test_people_get_from_their_entry_to_a_group_to_a_role_in_each_queue() -> None:
    registrations = sample_registrations("search-dev")
    groups = {
        e.inputs["principalArn"].rsplit("/", 1)[1]: e.inputs["kubernetesGroups"] for e in registrations.of_type(ENTRY)
    }
    assert groups == {
        "search-engineers": ["elastic-spark:search:owner"],
        "search-auditors": ["elastic-spark:search:viewer"],
    }
    bound = {
        (b.inputs["metadata"]["namespace"], b.inputs["roleRef"]["name"], subject["name"])
        for b in registrations.of_type(BINDING)
        for subject in b.inputs["subjects"]
        if subject["kind"] == "Group"
    }
    shared = {
        (queue, f"elastic-spark:{purpose}", f"elastic-spark:shared:airflow:{queue}:{purpose}")
        for queue, purpose in (("search-adhoc", "viewer"), ("search-scheduled", "submitter"))
    }
    analysts = {("search-adhoc", "elastic-spark:submitter", "oidc:search-analysts")}
    assert bound == shared | analysts | {
        (queue, f"elastic-spark:{purpose}", f"elastic-spark:search:{purpose}")
        for queue in ("search-adhoc", "search-scheduled")
        for purpose in ("owner", "viewer")
    }
    assert not registrations.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")


def test_a_group_of_the_issuer_is_bound_with_its_prefix_and_needs_no_entry() -> None:
    people = {"team": {"group": "company:data", "purpose": "submitter"}}
    registrations = tenant_registrations(changed(changed(tenant(), "people", people), "accepts", {}))
    assert not registrations.of_type(ENTRY)
    assert not registrations.of_type("elastic-spark:tenant_people:TenantPeople")
    (binding,) = [b for b in registrations.of_type(BINDING) if b.inputs["roleRef"]["name"] == "elastic-spark:submitter"]
    assert [subject["name"] for subject in binding.inputs["subjects"]] == ["oidc:company:data"]


def test_a_group_of_an_existing_clusters_own_sign_in_is_bound_as_it_is() -> None:
    (binding,) = [
        b
        for b in sample_registrations("demo-kind").of_type(BINDING)
        if b.inputs["roleRef"]["name"] == "elastic-spark:owner"
    ]
    assert [subject["name"] for subject in binding.inputs["subjects"]] == ["demo-users"]


def test_somebody_who_is_a_principal_and_a_group_comes_in_as_both() -> None:
    both = {"principalArn": "arn:aws:iam::111122223333:role/a", "group": "a team/of ours", "purpose": "owner"}
    registrations = tenant_registrations(changed(changed(tenant(), "people", {"both": both}), "accepts", {}))
    (entry,) = registrations.of_type(ENTRY)
    assert entry.inputs["kubernetesGroups"] == ["elastic-spark:ads:owner"]
    (binding,) = [b for b in registrations.of_type(BINDING) if b.inputs["roleRef"]["name"] == "elastic-spark:owner"]
    assert [s["name"] for s in binding.inputs["subjects"]] == ["elastic-spark:ads:owner", "oidc:a team/of ours"]


def test_people_by_a_group_alone_take_no_role_in_aws() -> None:
    people = {"team": {"group": "data", "purpose": "owner"}}
    registrations = tenant_registrations(changed(changed(tenant(), "people", people), "accepts", {}))
    roles = {role.inputs["name"] for role in registrations.of_type("aws:iam/role:Role")}
    assert roles
    assert not {role for role in roles if role.endswith((".put", ".log"))}


def test_two_people_of_one_purpose_share_a_group() -> None:
    roles = {name: {"principalArn": f"arn:aws:iam::111122223333:role/{name}", "purpose": "owner"} for name in "ab"}
    registrations = tenant_registrations(changed(tenant(), "people", roles))
    assert [e.inputs["kubernetesGroups"] for e in registrations.of_type(ENTRY)] == [["elastic-spark:ads:owner"]] * 2
    (binding,) = [b for b in registrations.of_type(BINDING) if b.inputs["roleRef"]["name"] == "elastic-spark:owner"]
    assert len(binding.inputs["subjects"]) == 1


@pytest.mark.parametrize("stack", TENANTS)
def test_each_queue_is_exported_with_its_numbers_shapes_and_a_ready_job(stack: str) -> None:
    registrations = sample_registrations(stack)
    found = queue_annotations(registrations)
    queues = registrations.stack.outputs["queues"]
    assert sorted(queues) == sorted(tenant(stack)["queues"])
    for name, exported in queues.items():
        namespace = names.namespace(tenant(stack)["name"], name)
        assert exported["namespace"] == namespace
        assert exported["queue"] == f"{found[namespace][f'{YUNIKORN}/parentqueue']}.{namespace}"
        for key, annotation in (("guaranteed", "guaranteed"), ("maximum", "quota")):
            assert amount(json.dumps(exported[key])) == amount(found[namespace][f"{YUNIKORN}/namespace.{annotation}"])
        assert exported["applicationsAtOnce"] == tenant(stack)["queues"][name]["drivers"]["atOnce"]
        assert sorted(exported["executorShapes"]) == sorted(tenant(stack)["queues"][name]["pools"])
        known = SparkV1beta2SparkApplication.from_dict(exported["sparkApplication"])
        assert known is not None
        assert known.to_dict() == exported["sparkApplication"]


@pytest.mark.parametrize("a_job", [7, 39, 140])
def test_who_calls_spark_gets_the_executors_of_one_job_and_no_more_than_the_pool_holds(a_job: int) -> None:
    settings = changed(tenant(), "queues.batch.maxExecutorsPerJob", a_job)
    exported = tenant_registrations(settings).stack.outputs["queues"]["batch"]
    per_node = next(
        shape["perNode"]
        for shape in exported["executorShapes"]["main"]
        if str(shape["cores"]) == exported["sparkDefaults"]["spark.executor.cores"]
    )
    most = min(a_job, 20 * per_node)
    assert exported["sparkDefaults"]["spark.dynamicAllocation.maxExecutors"] == str(most)
    assert exported["sparkApplication"]["spec"]["dynamicAllocation"]["maxExecutors"] == most


@pytest.mark.parametrize("stack", TENANTS)
def test_the_ready_job_fits_its_queue(stack: str) -> None:
    for name, exported in sample_registrations(stack).stack.outputs["queues"].items():
        application = exported["sparkApplication"]
        driver, executor = application["spec"]["driver"], application["spec"]["executor"]
        shapes = exported["executorShapes"]
        (pool,) = [p for p in shapes if executor["nodeSelector"][names.POOL_LABEL].endswith(f"-{name}-{p}")]
        assert {key: executor[key] for key in ("cores", "coreRequest", "memory", "memoryOverhead")} in [
            {key: value for key, value in shape.items() if key != "perNode"} for shape in shapes[pool]
        ]
        declared = tenant(stack)["queues"][name]["drivers"]
        assert parse_cpu(driver["coreRequest"]) == parse_cpu(str(declared["cpu"]))
        assert application["metadata"]["namespace"] == exported["namespace"]
        logs = exported["sparkDefaults"].get("spark.eventLog.dir")
        folders = {f"s3a://{f.inputs['bucket']}/{f.inputs['key']}" for f in sample_registrations(stack).of_type(FOLDER)}
        assert f"{logs}/" in folders if logs else not folders


@pytest.mark.parametrize(
    ("version", "remedy"),
    [
        (CONTRACT_VERSION - 1, "update the platform first, with pulumi up --stack platform-dev"),
        (CONTRACT_VERSION + 1, "update this program first"),
        (None, "exports no contract: deploy it first, with pulumi up --stack platform-dev"),
    ],
)
def test_a_platform_of_another_contract_is_refused_with_what_to_update(version: int | None, remedy: str) -> None:
    exported = dict(exports(platform_registrations("platform-dev"), "platform-dev"))
    if version is None:
        del exported[CONTRACT_OUTPUT]
    else:
        exported[CONTRACT_OUTPUT] = {**exported[CONTRACT_OUTPUT], "version": version}
    with pytest.raises(pulumi.RunError, match=re.escape(remedy)):
        run_program("ads-dev", tenant_config(tenant()), {"platform-dev": exported})


@pytest.mark.parametrize(("stack", "account"), [("ads-dev", "111122223333"), ("ads-prod", "444455556666")])
def test_the_provider_is_held_to_the_accounts_and_tags_everything(stack: str, account: str) -> None:
    provider = sample_registrations(stack).one("pulumi:providers:aws")
    assert json.loads(provider.inputs["allowedAccountIds"]) == [account]
    assert json.loads(provider.inputs["defaultTags"])["tags"] == {
        **contract(tenant(stack)["platform"]).tags,
        "team": "ads",
        "elastic-spark:tenant": "ads",
    }
    for group in sample_registrations(stack).of_type(GROUP):
        assert tags(group)["team"] == "ads"
        assert tags(group)["elastic-spark:tenant"] == "ads"
        assert tags(group)["elastic-spark:platform"] == contract(tenant(stack)["platform"]).platform


def test_a_group_has_room_for_all_cost_tags() -> None:
    """The maximum that the rule lets through is as many tags as AWS gives a group."""
    on = dict(exports(platform_registrations("platform-dev"), "platform-dev"))
    many = {f"p{n}": "x" for n in range(COST_TAGS - TENANT_TAGS - 25)}
    on[CONTRACT_OUTPUT] = {**on[CONTRACT_OUTPUT], "tags": many}
    full = changed(tenant(), "tags", {f"t{n}": "x" for n in range(25)})
    full = changed(full, "queues.batch.pools.main.unneededTime", "5m")
    registrations = run_program("ads-dev", tenant_config(full), {"platform-dev": on})
    assert {len(tags(group)) for group in registrations.of_type(GROUP)} == {50}


@pytest.mark.parametrize("stack", TENANTS)
def test_every_resource_has_the_stacks_own_provider(stack: str) -> None:
    registrations = sample_registrations(stack)
    for r in registrations.values():
        kind = r.type.split(":", 1)[0]
        if r.custom and kind in ("aws", "kubernetes"):
            assert r.provider == registrations.one(f"pulumi:providers:{kind}").urn, r.urn
    assert bool(registrations.of_type("pulumi:providers:aws")) == (stack != "demo-kind")


@pytest.mark.parametrize("stack", TENANTS)
def test_in_production_namespaces_and_groups_are_protected(stack: str) -> None:
    kept = [r for r in sample_registrations(stack).values() if r.type in (NAMESPACE, GROUP)]
    assert kept
    assert {r.options.protect for r in kept} == {stack == "ads-prod"}


def test_a_tenant_on_an_existing_cluster_has_nothing_in_aws() -> None:
    registrations = sample_registrations("demo-kind")
    assert not [r.urn for r in registrations.values() if r.type.startswith("aws:")]
    assert registrations.one("pulumi:providers:kubernetes").inputs["context"] == "kind-elastic-spark"
    pool = registrations.one("elastic-spark:labelled_pool:LabelledPool")
    assert pool.inputs["identity"] == "demo-try-main"
    assert pool.inputs["queue"] == "demo-try"


def test_nodes_join_the_platforms_cluster() -> None:
    registrations = sample_registrations("ads-prod")
    written = node_config(registrations.of_type(TEMPLATE)[0])
    for part in ('"name": "spark-prod"', "<platform-prod contract.aws.endpoint>", "<platform-prod contract.aws.cert"):
        assert part in written
    subnets = {group.inputs["vpcZoneIdentifiers"][0] for group in registrations.of_type(GROUP)}
    assert subnets == {f"<platform-prod contract.aws.subnetIds.eu-central-1{zone}>" for zone in "abc"}


@pytest.mark.parametrize("stack", TENANTS)
def test_the_same_settings_give_the_same_registrations(stack: str) -> None:
    assert dict(tenant_registrations(tenant(stack), stack)) == dict(sample_registrations(stack))


@pytest.mark.parametrize("time", [None, "1h", "90s"])
def test_a_pools_unneeded_time_is_its_groups_tag(time: str | None) -> None:
    settings = tenant("research-dev")
    settings["queues"]["explore"]["pools"]["nvme"] |= {"unneededTime": time} if time else {}
    groups = tenant_registrations(settings).of_type(GROUP)
    assert len(groups) == 4
    option = "k8s.io/cluster-autoscaler/node-template/autoscaling-options/scaledownunneededtime"
    assert {tags(group).get(option) for group in groups} == {time}


def test_a_pools_maximum_holds_over_its_zones_spot_and_on_demand() -> None:
    registrations = sample_registrations("research-dev")
    quota = registrations.one("kubernetes:autoscaling.x-k8s.io/v1alpha1:CapacityQuota").inputs
    assert quota["metadata"]["name"] == "research-explore-nvme"
    assert quota["spec"]["limits"]["resources"] == {"nodes": 12}
    assert [group.inputs["maxSize"] for group in registrations.of_type(GROUP)] == [12] * 4


def test_each_pool_has_one_quota_and_one_without_an_autoscaler_none() -> None:
    registrations = sample_registrations("search-dev")
    quotas = registrations.of_type("kubernetes:autoscaling.x-k8s.io/v1alpha1:CapacityQuota")
    pools = {
        f"search-{queue}-{pool}" for queue, each in tenant("search-dev")["queues"].items() for pool in each["pools"]
    }
    assert {quota.inputs["metadata"]["name"] for quota in quotas} == pools
    assert not sample_registrations("demo-kind").of_type("kubernetes:autoscaling.x-k8s.io/v1alpha1:CapacityQuota")


def test_a_queues_catalogs_are_in_what_its_applications_get_and_in_what_is_exported() -> None:
    registrations = sample_registrations("research-dev")
    lines = queue_annotations(registrations)["research-explore"][names.SPARK_CONF_ANNOTATION].split("\n")
    exported = registrations.stack.outputs["queues"]["explore"]["sparkDefaults"]
    for key, value in (
        ("spark.sql.catalog.lake.type", "glue"),
        ("spark.sql.catalog.lake.client.region", "eu-central-1"),
        ("spark.sql.catalog.partners.uri", "https://iceberg.example.com/catalog"),
        ("spark.hadoop.hive.metastore.uris", "thrift://metastore.example.internal:9083"),
    ):
        assert f"{key}={value}" in lines
        assert exported[key] == value
    assert not [line for line in lines if "research: " in line or "kms" in line]


def test_a_queue_without_catalogs_gets_no_setting_of_any() -> None:
    found = queue_annotations(sample_registrations("ads-dev"))["ads-batch"].get(names.SPARK_CONF_ANNOTATION, "")
    assert "spark.sql" not in found
