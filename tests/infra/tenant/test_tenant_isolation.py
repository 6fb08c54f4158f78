"""Whole fleets: what is a tenant's is its own, and the invariants of the design hold for all of them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings

from fleet.offline.programs import run_program
from fleet.offline.registration import Registrations
from infra.contract import AwsContract
from infra.settings.fleet_rules import fleet_findings
from infra.settings.validation import stack_settings
from sizing import names
from tests.iam_eval import Request, allowed
from tests.infra.tenant.tenant_registrations import (
    ENTRY,
    FOLDER,
    GROUP,
    LOG_GROUP,
    ROLE,
    ROLE_POLICY,
    SCHEDULE,
    TEMPLATE,
    check_groups,
    check_numbers,
    check_queues,
    check_quotas,
    queue_annotations,
)
from tests.samples import (
    AWS_TENANTS,
    TENANTS,
    config_of,
    contract,
    doored_registrations,
    exports,
    platform_registrations,
    sample_registrations,
    tenant,
    tenant_config,
    tenant_registrations,
)
from tests.strategies import fleets


def physical(registrations: Registrations) -> Iterator[tuple[str, ...]]:
    """What AWS, or a cluster, would tell two things apart by."""
    for r in registrations.values():
        inputs = r.inputs
        if r.type.startswith("kubernetes:"):
            cluster = registrations.one("pulumi:providers:kubernetes").inputs["clusterIdentifier"]
            yield str(cluster), r.type, inputs["metadata"].get("namespace", ""), inputs["metadata"]["name"]
        elif r.type in (GROUP, TEMPLATE, ROLE, LOG_GROUP):
            yield registrations.one("pulumi:providers:aws").inputs["allowedAccountIds"], r.type, inputs["name"]
        elif r.type == FOLDER:
            yield r.type, inputs["bucket"], inputs["key"]
        elif r.type == ENTRY:
            yield r.type, inputs["clusterName"], inputs["principalArn"]
        elif r.type == "aws:eks/podIdentityAssociation:PodIdentityAssociation":
            yield r.type, inputs["clusterName"], inputs["namespace"], inputs["serviceAccount"]
        elif r.type == SCHEDULE:
            yield r.type, inputs["autoscalingGroupName"], inputs["scheduledActionName"]
        elif r.type == ROLE_POLICY:
            yield r.type, inputs["role"], inputs["name"]
        elif r.custom and not r.type.startswith("pulumi:"):
            raise AssertionError(f"how is {r.type} told apart?")


def test_nothing_of_a_tenant_is_called_like_anything_of_another() -> None:
    counts = Counter(thing for stack in TENANTS for thing in physical(sample_registrations(stack)))
    assert len(counts) > 100
    assert [thing for thing, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("stack", AWS_TENANTS)
def test_nothing_of_a_tenant_is_called_like_anything_of_its_platform(stack: str) -> None:
    on = tenant(stack)["platform"]
    kinds = (GROUP, TEMPLATE, ROLE)
    of_platform = {(r.type, r.inputs["name"]) for r in platform_registrations(on).values() if r.type in kinds}
    of_tenant = {(r.type, r.inputs["name"]) for r in sample_registrations(stack).values() if r.type in kinds}
    assert len(of_tenant) > 2
    assert not of_platform & of_tenant


class Owner(NamedTuple):
    stack: str
    queue: str


def role_policies(recorded: Mapping[str, Registrations], kind: str = "queue") -> dict[Owner, str]:
    """The policy of each queue's role of a kind: `queue`, of its jobs, or `hist`, of its history server."""
    return {
        Owner(stack, queue): policy.inputs["policy"]
        for stack, registrations in recorded.items()
        for policy in registrations.of_type(ROLE_POLICY)
        for queue in queue_annotations(registrations)
        if policy.inputs["role"].endswith(f"-{kind}-{queue}")
    }


def folders(recorded: Mapping[str, Registrations]) -> dict[Owner, tuple[str, str]]:
    """The bucket and prefix of each queue, by where its event logs go; artifacts have the same prefix."""
    found = {}
    for stack, registrations in recorded.items():
        for folder in registrations.of_type(FOLDER):
            tenant_name, queue, _ = folder.inputs["key"].split("/", 2)
            found[Owner(stack, f"{tenant_name}-{queue}")] = (folder.inputs["bucket"], f"{tenant_name}/{queue}")
    return found


ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:GetObjectVersion")


def reaches(policy: str, bucket: str, prefix: str) -> bool:
    """Whether a policy touches objects of a prefix, or sees their names by a listing of anything above or in it."""
    arn = f"arn:aws:s3:::{bucket}"
    key = f"{prefix}/spark-events/app-1"
    touched = any(allowed(policy, Request(action=action, resource=f"{arn}/{key}")) for action in ACTIONS)
    listings: list[dict[str, str | tuple[str, ...]]] = [{}]
    listings += [{"s3:prefix": key[:end]} for end in range(len(key) + 1)]
    return touched or any(
        allowed(policy, Request(action=action, resource=arn, context=context))
        for action in ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads")
        for context in listings
    )


def check_isolation(recorded: Mapping[str, Registrations]) -> None:
    """Over all pairs: a queue's role reaches its own prefix in its platform's buckets, and nobody else's."""
    policies, places = role_policies(recorded), folders(recorded)
    assert policies.keys() == places.keys()
    for owner, policy in policies.items():
        for other, (bucket, prefix) in places.items():
            for purpose in ("events", "artifacts"):
                at = bucket.replace("-events-", f"-{purpose}-")
                assert reaches(policy, at, prefix) == (owner == other), (owner, other, at)
            assert not reaches(policy, bucket.replace("-events-", "-logs-"), prefix), (owner, bucket)


def check_history(recorded: Mapping[str, Registrations]) -> int:
    """Over all pairs: a history server's role reads its own queue's event logs, its logs where a page beside it shows
    them, and changes and sees nothing else. Gives how many show logs.
    """
    policies, places = role_policies(recorded, "hist"), folders(recorded)
    shown = {Owner(stack, queue) for stack, each in recorded.items() for queue in with_logs_page(each)}
    for owner, policy in policies.items():
        for other, (events, prefix) in places.items():
            read = {"events": owner == other, "logs": owner == other and owner in shown, "artifacts": False}
            for purpose, reads in read.items():
                bucket = events.replace("-events-", f"-{purpose}-")
                assert reaches(policy, bucket, prefix) == reads, (owner, other, purpose)
                for action in ("s3:PutObject", "s3:DeleteObject"):
                    key = f"arn:aws:s3:::{bucket}/{prefix}/spark-events/app-1"
                    assert not allowed(policy, Request(action=action, resource=key)), (owner, other, action)
    return len(shown)


def with_logs_page(registrations: Registrations) -> set[str]:
    """Namespaces in which a page shows logs."""
    found = (service.inputs["metadata"] for service in registrations.of_type("kubernetes:core/v1:Service"))
    return {metadata["namespace"] for metadata in found if metadata["name"] == names.PAST_LOGS}


def check_readers(recorded: Mapping[str, Registrations]) -> None:
    """Over all pairs: a tenant's readers read its own queues' logs, in S3 and in CloudWatch, and nothing else."""
    for stack, registrations in recorded.items():
        for policy in (
            p.inputs["policy"] for p in registrations.of_type(ROLE_POLICY) if p.inputs["role"].endswith(".logs")
        ):
            for other, (bucket, prefix) in folders(recorded).items():
                own = other.stack == stack
                assert reaches(policy, bucket.replace("-events-", "-logs-"), prefix) == own, (stack, other)
                for purpose in ("events", "artifacts"):
                    assert not reaches(policy, bucket.replace("-events-", f"-{purpose}-"), prefix), (stack, purpose)
            for other_stack, other_registrations in recorded.items():
                aws = contract(tenant(other_stack)["platform"]).aws
                assert aws
                for group in other_registrations.of_type(LOG_GROUP):
                    arn = f"arn:aws:logs:{aws.region}:{aws.account_id}:log-group:{group.inputs['name']}"
                    for action in ("logs:GetLogEvents", "logs:StartQuery", "logs:FilterLogEvents"):
                        request = Request(action=action, resource=f"{arn}:log-stream:x")
                        assert allowed(policy, request) == (other_stack == stack), (stack, other_stack)


def check_peoples(recorded: Mapping[str, Registrations], kind: str, purpose: str, inside: str) -> int:
    """Over all pairs: a role of a queue's people reaches that queue's objects of a purpose alone. Gives how many."""
    found = 0
    for registrations in recorded.values():
        for policy in registrations.of_type(ROLE_POLICY):
            if not policy.inputs["role"].endswith(kind):
                continue
            found += 1
            for other, (events, prefix) in folders(recorded).items():
                own = policy.inputs["role"].endswith(f"-q-{other.queue}{kind}")
                for each in ("events", "artifacts", "logs"):
                    arn = f"arn:aws:s3:::{events.replace('-events-', f'-{each}-')}/{prefix}/{inside}"
                    request = Request(action="s3:GetObject", resource=arn)
                    assert allowed(policy.inputs["policy"], request) == (own and each == purpose), (policy.name, arn)
                bucket = events.replace("-events-", f"-{purpose}-")
                if not own:
                    assert not reaches(policy.inputs["policy"], bucket, prefix), (policy.name, other)
    return found


def test_no_uploader_reaches_another_queues_prefix_or_bucket() -> None:
    recorded = {stack: sample_registrations(stack) for stack in AWS_TENANTS}
    assert check_peoples(recorded, ".put", "artifacts", "uploads/x") == len(folders(recorded))


def test_who_serves_several_queues_reads_the_logs_of_each_and_of_no_other_of_its_tenant() -> None:
    recorded = {stack: sample_registrations(stack) for stack in AWS_TENANTS}
    assert check_peoples(recorded, ".log", "logs", "x") == 2
    policy = next(p for p in recorded["search-dev"].of_type(ROLE_POLICY) if p.inputs["role"].endswith(".log"))
    for queue, own in (("search-scheduled", True), ("search-adhoc", False), ("ads-batch", False)):
        arn = f"arn:aws:logs:eu-central-1:111122223333:log-group:/elastic-spark/spark-dev/queue/{queue}:log-stream:x"
        assert allowed(policy.inputs["policy"], Request(action="logs:GetLogEvents", resource=arn)) == own


def test_no_history_server_reaches_another_queues_prefix_or_writes_to_its_own() -> None:
    recorded = {stack: sample_registrations(stack) for stack in AWS_TENANTS}
    assert len(role_policies(recorded, "hist")) == len(folders(recorded))
    check_history(recorded)


def test_no_queues_page_of_logs_reads_another_queues_and_none_is_read_without_such_a_page() -> None:
    recorded = {stack: doored_registrations(stack) for stack in ("ads-dev", "research-dev", "search-dev")}
    assert check_history(recorded) == len(folders(recorded)) > len(recorded)
    mixed = {**recorded, "ads-dev": sample_registrations("ads-dev")}
    assert check_history(mixed) == len(folders(mixed)) - len(tenant("ads-dev")["queues"])


def test_no_tenants_people_read_another_tenants_logs() -> None:
    recorded = {stack: sample_registrations(stack) for stack in AWS_TENANTS}
    assert all(registrations.of_type(LOG_GROUP) for registrations in recorded.values())
    check_readers(recorded)


def test_a_tenants_readers_do_not_read_what_a_namespace_wrote_that_only_begins_like_the_tenant() -> None:
    registrations = sample_registrations("ads-dev")
    policy = next(p.inputs["policy"] for p in registrations.of_type(ROLE_POLICY) if p.inputs["role"].endswith(".logs"))
    bucket, _ = next(iter(folders({"ads-dev": registrations}).values()))
    assert not reaches(policy, bucket.replace("-events-", "-logs-"), "ads/other")


def test_no_role_reaches_another_queues_prefix() -> None:
    check_isolation({stack: sample_registrations(stack) for stack in AWS_TENANTS})


def test_queues_and_tenants_whose_names_begin_alike_are_apart_too() -> None:
    queue = tenant()["queues"]["batch"]
    recorded = {}
    for name in ("ads", "ads2"):
        alike = {
            **tenant(),
            "name": name,
            "people": {},
            "accepts": {},
            "queues": {"batch": queue, "batch2": queue, "batch-2": queue},
        }
        recorded[name] = tenant_registrations(alike, name, queue["data"])
    check_isolation(recorded)


@pytest.mark.parametrize("stack", AWS_TENANTS)
def test_a_role_is_taken_by_its_own_queues_spark_accounts_only(stack: str) -> None:
    on = contract(tenant(stack)["platform"])
    assert isinstance(on, AwsContract)
    aws = on.aws
    cluster = contract(tenant(stack)["platform"]).platform
    roles = [role for role in sample_registrations(stack).of_type(ROLE) if "." not in role.inputs["name"]]
    assert len(roles) == 2 * len(tenant(stack)["queues"])
    for role in roles:
        kind, accounts = ("hist", {names.HISTORY_SERVER})
        if "-queue-" in role.inputs["name"]:
            kind, accounts = "queue", {"spark-driver", "spark-executor"}
        for queue in ("ads-batch", "ads-nightly", "search-adhoc", "search-scheduled", "research-explore"):
            for account in ("spark-driver", "spark-executor", "spark-history", "default"):
                context: dict[str, str | tuple[str, ...]] = {
                    "aws:SourceAccount": aws.account_id,
                    "aws:SourceArn": f"arn:aws:eks:{aws.region}:{aws.account_id}:cluster/{cluster}",
                    "aws:RequestTag/kubernetes-namespace": queue,
                    "aws:RequestTag/kubernetes-service-account": account,
                }
                who = ("Service", "pods.eks.amazonaws.com")
                request = Request(action="sts:AssumeRole", context=context, principal=who)
                own = role.inputs["name"].endswith(f"-{kind}-{queue}") and account in accounts
                assert allowed(role.inputs["assumeRolePolicy"], request) == own, (role.name, queue, account)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(fleets())
def test_any_valid_fleet_keeps_the_invariants(fleet: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    platform, tenants = fleet
    on = run_program("platform", config_of(platform), {})
    recorded = {
        chosen["name"]: run_program(chosen["name"], tenant_config(chosen), {"platform": exports(on, "platform")})
        for chosen in tenants
    }
    for registrations in recorded.values():
        check_numbers(registrations, platform["executors"]["podsPerNode"])
        check_groups(registrations)
        check_quotas(registrations)
        check_queues(registrations)
    check_isolation(recorded)
    check_history(recorded)
    things = [thing for registrations in recorded.values() for thing in physical(registrations)]
    assert len(set(things)) == len(things)
    checked = [stack_settings("platform", config_of(platform))]
    checked += [stack_settings(chosen["name"], tenant_config(chosen)) for chosen in tenants]
    assert fleet_findings(checked) == []
