"""What the deployer of one tenant might do to another: each kind of object that deployers write, for each pair."""

from __future__ import annotations

import copy
import functools
import itertools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final, Literal

from components.nodes.quota_crd import KIND as QUOTA
from components.observability.receivers import AlertReceiversArgs, Receiver, spec
from components.queue.reach import hosts_policy
from sizing import names
from sizing.reach import Opening
from tests import samples
from tests.cluster import door_shapes
from tests.cluster.api import JSON_TYPE, MERGE_TYPE, Json, Object, RefusedError
from tests.cluster.attempts import Action, Ask, Attempt, Case
from tests.cluster.cluster import TENANT_DEPLOYER, Cluster, User, Who, deployer_of, is_queue
from tests.cluster.objects import CILIUM_POLICIES, RECEIVERS, objects_of
from tests.cluster.pod_shapes import NAMESPACE

STACKS: Final = tuple(s for s in samples.AWS_TENANTS if samples.tenant(s)["platform"] == "platform-dev")
TENANTS: Final = tuple(samples.tenant(stack)["name"] for stack in STACKS)
PAIRS: Final = tuple(itertools.permutations(TENANTS, 2))
"""Who tries, and whom they try it on."""
METHODS: Final = {"make": "POST", "change": "PATCH", "remove": "DELETE"}
FIXED_NAMES: Final = ("ConfigMap", "HTTPRouteFilter", "StatefulSet")
"""Kinds of which admission lets a queue have one, of one name."""


@dataclass(frozen=True)
class Try:
    """Asks for something without its being done: admission and rights answer as if it were.

    Args:
        verb: what is done.
        thing: to what.
        change: a JSON merge patch.
        there: whether the thing is one that the stack brought, to be changed or removed.
    """

    verb: Literal["make", "change", "remove"]
    thing: Object
    change: Object | None = None
    there: bool = True

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        method = METHODS[self.verb]
        path, content_type = cluster.admin.path(self.thing), MERGE_TYPE if self.verb == "change" else JSON_TYPE
        body = self.thing if self.verb == "make" else self.change
        with ExitStack() as around:
            if self.verb == "make":
                path = path.rpartition("/")[0]
            elif not self.there:
                around.enter_context(cluster.made(TENANT_DEPLOYER, self.thing))
            try:
                return cluster.acting(who).request(method, path, body, content_type=content_type, dryRun="All")
            except RefusedError as error:
                # The API server looks only after admission whether there is one of that name.
                if error.code == 409 and self.thing["kind"] in FIXED_NAMES:
                    return {}
                raise


@dataclass(frozen=True)
class Each:
    """Does something as whoever asks, then as others."""

    does: Action
    others: tuple[Who, ...]

    def __call__(self, cluster: Cluster, who: Who) -> Json:
        return [self.does(cluster, each) for each in (who, *self.others)]


@functools.cache
def things_of(tenant: str) -> Mapping[str, Object]:
    """One object of each kind that a tenant's stack registers, by kind, in its first queue or that queue's namespace.

    And what not every sample's first queue has: an AlertmanagerConfig, a policy of Cilium's, the door's for programs.
    """
    things = objects_of(samples.sample_registrations(STACKS[TENANTS.index(tenant)]))
    queue = min(thing["metadata"]["name"] for thing in things if is_queue(thing))
    found = {thing["kind"]: thing for thing in things if queue in _place(thing)}
    topic = f"arn:aws:sns:eu-central-1:111122223333:{names.alert_topics('spark-dev', tenant)}"
    receiver = Receiver(sns_topic_arn=topic, region="eu-central-1")
    return {
        **found,
        "GRPCRoute": door_shapes.grpc_route(namespace=queue, name="tests"),
        "HTTPRouteFilter": door_shapes.credential(namespace=queue),
        CILIUM_POLICIES.kind: {
            "apiVersion": f"{CILIUM_POLICIES.group}/{CILIUM_POLICIES.version}",
            "kind": CILIUM_POLICIES.kind,
            "metadata": {"name": "tests", "namespace": queue},
            "spec": hosts_policy([Opening("db.example.com", 5432)]),
        },
        RECEIVERS.kind: {
            "apiVersion": f"{RECEIVERS.group}/{RECEIVERS.version}",
            "kind": RECEIVERS.kind,
            "metadata": {"name": "tests", "namespace": queue},
            "spec": spec(AlertReceiversArgs(namespace=queue, receivers=(receiver,), tenant=tenant)),
        },
    }


def _place(thing: Object) -> tuple[str, str]:
    return thing["metadata"]["name"], thing["metadata"].get("namespace", "")


def another(thing: Object) -> Object:
    """A thing like it that isn't there; of a queue's namespace, a new queue's of its tenant."""
    made = copy.deepcopy(thing)
    metadata = made["metadata"]
    if thing["kind"] not in FIXED_NAMES:
        metadata["name"] += "-more"
    if is_queue(thing):
        pool = f"{metadata['name']}-main"
        metadata["labels"][names.QUEUE_LABEL] = metadata["name"]
        metadata["annotations"] |= {
            names.POOLS_ANNOTATION: pool,
            names.DEFAULT_POOL_ANNOTATION: pool,
            names.APPLICATION_PREFIX_ANNOTATION: names.application_prefix(metadata["name"]),
        }
    return made


def tries(thing: Object) -> Iterator[Try]:
    """All that can be done to a thing."""
    yield Try("make", another(thing))
    there = thing["kind"] not in (CILIUM_POLICIES.kind, RECEIVERS.kind, "GRPCRoute", "HTTPRouteFilter")
    yield Try("change", thing, _annotated("example.org/any", "7"), there)
    yield Try("remove", thing, there=there)


def _annotated(key: str, value: str) -> Object:
    return {"metadata": {"annotations": {key: value}}}


def _pairs() -> Iterator[Attempt]:
    for neighbour, tenant in PAIRS:
        for kind, thing in sorted(things_of(tenant).items()):
            for does in tries(thing):
                yield Attempt(
                    name=f"a deployer of {neighbour} who would {does.verb} a {kind} of {tenant}",
                    who=deployer_of(neighbour),
                    does=does,
                    rule="namespace-tenant" if kind == "Namespace" else "deployer-tenant",
                    twin=Each(does, (TENANT_DEPLOYER,)),
                    twin_who=deployer_of(tenant),
                )


def _queues() -> Iterator[Case]:
    """By what a queue is: its tenant's label, and what YuniKorn reads."""
    ads, search = (things_of(tenant)["Namespace"] for tenant in ("ads", "search"))
    twin = Try("change", ads, _annotated(names.DRIVERS_AT_ONCE_ANNOTATION, "1"))
    unowned = another(ads)
    del unowned["metadata"]["labels"][names.TENANT_LABEL]
    for name, who, does in (
        ("gives a queue to another tenant", deployer_of("ads"), Try("change", ads, _label("search"))),
        ("takes another tenant's queue", deployer_of("ads"), Try("change", search, _label("ads"))),
        ("gives a queue to nobody", deployer_of("ads"), Try("change", ads, _label(None))),
        ("makes a queue of nobody's", deployer_of("ads"), Try("make", unowned)),
        (
            "raises another tenant's maximum",
            deployer_of("ads"),
            Try("change", search, _annotated("yunikorn.apache.org/namespace.quota", '{"cpu": "9999"}')),
        ),
        (
            "puts another tenant's queue below the own one's",
            deployer_of("ads"),
            Try("change", search, _annotated("yunikorn.apache.org/parentqueue", "root.tenants.ads")),
        ),
        ("deploys two others", deployer_of("research", "search"), twin),
    ):
        yield Attempt(
            name=f"a tenant's deployer who {name}",
            who=who,
            does=does,
            rule="namespace-tenant",
            twin=twin,
            twin_who=deployer_of("ads"),
        )


def _label(tenant: str | None) -> Object:
    return {"metadata": {"labels": {names.TENANT_LABEL: tenant}}}


@functools.cache
def quota_of(tenant: str) -> Object:
    """The quota of a tenant's first pool, which is in no namespace."""
    things = objects_of(samples.sample_registrations(STACKS[TENANTS.index(tenant)]))
    return min((t for t in things if t["kind"] == QUOTA), key=lambda t: str(t["metadata"]["name"]))


def quota(name: str, pool: str | None = None) -> Object:
    """A quota of that name, on the nodes of a pool: its own, where none is given."""
    made = copy.deepcopy(quota_of("ads"))
    made["metadata"]["name"] = name
    made["spec"]["selector"]["matchLabels"][names.POOL_LABEL] = pool or name
    return made


def _quotas() -> Iterator[Case]:
    """By whose nodes a quota bounds."""
    for neighbour, tenant in PAIRS:
        for does in tries(quota_of(tenant)):
            renamed = (
                does if does.verb != "make" else Try("make", quota(f"{quota_of(tenant)['metadata']['name']}-more"))
            )
            yield Attempt(
                name=f"a deployer of {neighbour} who would {does.verb} a quota of {tenant}",
                who=deployer_of(neighbour),
                does=renamed,
                rule="quota-tenant",
                twin=Each(renamed, (TENANT_DEPLOYER,)),
                twin_who=deployer_of(tenant),
            )
    own = Try("make", quota("ads-batch-more"))
    everything = quota("ads-batch-more")
    del everything["spec"]["selector"]
    by_expression = copy.deepcopy(everything)
    by_expression["spec"]["selector"] = {
        "matchExpressions": [{"key": names.POOL_LABEL, "operator": "In", "values": ["ads-batch-more"]}]
    }
    for name, thing, rule in (
        ("another tenant's nodes", quota("ads-batch-more", "search-adhoc-main"), "quota-nodes"),
        ("the nodes of another pool", quota("ads-batch-more", "ads-batch-main"), "quota-nodes"),
        ("all nodes", everything, "quota-nodes"),
        ("nodes by an expression", by_expression, "quota-nodes"),
        ("drivers' nodes", quota(names.DRIVER_POOL), "quota-tenant"),
    ):
        for who in (deployer_of("ads"), TENANT_DEPLOYER):
            yield Attempt(
                name=f"the {who.name} with a quota on {name}", who=who, does=Try("make", thing), rule=rule, twin=own
            )
    yield Attempt(
        name="a deployer of ads whose pool's quota turns to another tenant's nodes",
        who=deployer_of("ads"),
        does=Try(
            "change",
            quota_of("ads"),
            {"spec": {"selector": {"matchLabels": {names.POOL_LABEL: "search-adhoc-main"}}}},
        ),
        rule="quota-nodes",
        twin=Try("change", quota_of("ads"), {"spec": {"limits": {"resources": {"nodes": 7}}}}),
    )


def _groups() -> Iterator[Case]:
    """By the groups in which somebody is."""
    ads, research, search = (Try("make", another(things_of(t)["NetworkPolicy"])) for t in ("ads", "research", "search"))
    yield Attempt(
        name="a deployer of ads in a queue of search, which one of ads and all may",
        who=deployer_of("ads"),
        does=search,
        rule="deployer-tenant",
        twin=search,
        twin_who=User("both", (names.deployers_group("ads"), names.TENANT_DEPLOYERS)),
    )
    yield Attempt(
        name="a deployer of research and search in a queue of ads",
        who=deployer_of("research", "search"),
        does=ads,
        rule="deployer-tenant",
        twin=lambda cluster, who: [does(cluster, who) for does in (research, search)],
    )
    yield Attempt(
        name="a deployer of a tenant that the platform's settings don't name",
        who=deployer_of("finance"),
        does=ads,
        refused="cannot",
        twin=ads,
        twin_who=deployer_of("ads"),
    )
    platforms = copy.deepcopy(things_of("ads")["NetworkPolicy"])
    platforms["metadata"]["namespace"] = names.SYSTEM_NAMESPACE
    yield Attempt(
        name="a deployer of ads in the platform's namespace",
        who=deployer_of("ads"),
        does=Try("make", platforms),
        rule="deployer-place",
        twin=ads,
    )


def _rights() -> Iterator[Case]:
    """What no deployer may, in any queue: the parts of things that give more than the things do."""
    queue = f"/api/v1/namespaces/{NAMESPACE}"
    accounts, pods = f"{queue}/serviceaccounts", f"{queue}/pods"
    network = f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/networkpolicies"
    server = f"/apis/apps/v1/namespaces/{NAMESPACE}/statefulsets/{names.HISTORY_SERVER}"
    token = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    for who in (deployer_of("ads"), deployer_of("search"), TENANT_DEPLOYER):
        for name, does, twin in (
            ("a token of a driver's account", Ask("POST", f"{accounts}/spark-driver/token", token), Ask("GET", pods)),
            ("more history servers by their scale", Ask("PATCH", f"{server}/scale", {}), Ask("GET", server)),
            ("a namespace's finalizers", Ask("PUT", f"{queue}/finalize", {}), Ask("GET", server)),
            ("a driver's log", Ask("GET", f"{pods}/pi/log"), Ask("GET", pods)),
            ("a queue's secrets", Ask("GET", f"{queue}/secrets"), Ask("GET", pods)),
            ("all network policies at once", Ask("DELETE", network), Ask("GET", network)),
        ):
            yield Attempt(name=f"the {who.name} for {name}", who=who, does=does, refused="cannot", twin=twin)


CASES: Final[tuple[Case, ...]] = (*_pairs(), *_queues(), *_quotas(), *_groups(), *_rights())
