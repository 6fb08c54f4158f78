"""Rows on the rules about queues and their scheduler."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from policies.rules.pools import GROUP
from policies.rules.queues import CONFIG_MAP, NAMESPACE, QUEUE, RELEASE
from tests.policies.drafts import UNKNOWN, Draft, Edit, EditAt, add, of_chart, put, put_annotation, put_label, put_value
from tests.policies.rows import Kept, Mutation, Way


def _partition(change: Mapping[str, Any]) -> EditAt:
    """Changes YuniKorn's partition in its chart's values."""

    def edit(made: Draft) -> None:
        defaults = made.inputs(RELEASE, of_chart("yunikorn"))["values"]["yunikornDefaults"]
        queues = json.loads(defaults["queues.yaml"])
        queues["partitions"][0].update(change)
        defaults["queues.yaml"] = json.dumps(queues)

    return EditAt(edit, put(RELEASE, "values", UNKNOWN, of_chart("yunikorn")))


def _small_and_unnamed(made: Draft) -> None:
    """Makes the groups of a queue small, and lets the queue name no pools."""
    put_annotation("elastic-spark/pools", ...)(made)
    put(GROUP, "maxSize", 5)(made)


def _yunikorn_configs(partition: dict[str, object]) -> Edit:
    return add(
        CONFIG_MAP,
        metadata={"name": "yunikorn-configs", "namespace": "spark-system"},
        data={"queues.yaml": json.dumps({"partitions": [{"name": "default", **partition}]})},
    )


MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        rule="queue-has-a-maximum",
        stack="ads-dev",
        breaks=put_annotation("yunikorn.apache.org/namespace.quota", ...),
        unknown=put(NAMESPACE, "metadata/annotations", UNKNOWN),
        also=frozenset({"queue-annotations-say-one-thing"}),
    ),
    Mutation(
        rule="queue-annotations-say-one-thing",
        stack="ads-dev",
        breaks=put_annotation("elastic-spark/guaranteed-cpu-millicores", "15299"),
    ),
    Mutation(
        rule="queue-enforces-restricted-pods",
        stack="ads-dev",
        breaks=put_label("pod-security.kubernetes.io/enforce", "baseline"),
    ),
    Mutation(
        rule="queue-size-follows-from-its-nodes",
        stack="ads-dev",
        breaks=put(QUEUE, "size/maximum/cpu", 10**6),
    ),
    Mutation(
        rule="queue-fits-its-groups",
        stack="ads-dev",
        breaks=put(GROUP, "maxSize", 5),
    ),
    Mutation(
        rule="no-quota-on-cpu-or-memory",
        stack="ads-dev",
        breaks=add(
            "kubernetes:core/v1:ResourceQuota",
            metadata={"name": "q", "namespace": "ads-batch"},
            spec={"hard": {"requests.cpu": "10"}},
        ),
        unknown=add("kubernetes:core/v1:ResourceQuota", metadata={"namespace": "ads-batch"}, spec=UNKNOWN),
    ),
    Mutation(
        rule="scheduler-takes-no-running-pod",
        stack="platform-kind",
        breaks=_partition({"preemption": {"enabled": False, "quotapreemptionenabled": True}}),
    ),
    Mutation(
        rule="scheduler-places-by-namespace",
        stack="platform-kind",
        breaks=_partition({"placementrules": [{"name": "provided", "create": True}]}),
    ),
)

WAYS_ROUND: Final[tuple[Way, ...]] = (
    (
        "queue-has-a-maximum",
        "ads-dev",
        add(NAMESPACE, metadata={"name": "x", "annotations": {"yunikorn.apache.org/parentqueue": "root.tenants.ads"}}),
        "namespace.quota",
    ),
    ("queue-annotations-say-one-thing", "ads-dev", put_label("elastic-spark/queue", ...), "labelled as queue None"),
    (
        "queue-enforces-restricted-pods",
        "ads-dev",
        put_label("pod-security.kubernetes.io/enforce-version", "v1.20"),
        "enforce-version is v1.20",
    ),
    ("queue-fits-its-groups", "ads-dev", _small_and_unnamed, "maximum cpu is"),
    (
        "scheduler-takes-no-running-pod",
        "platform-kind",
        add(CONFIG_MAP, metadata={"name": "yunikorn-configs"}, data={"queues.yaml": "{: ["}),
        "queues.yaml is no YAML",
    ),
    *(
        ("scheduler-takes-no-running-pod", "platform-kind", edit, said)
        for edit, said in (
            (
                add(CONFIG_MAP, metadata={"name": "yunikorn-configs"}, binaryData={"queues.yaml.gz": "H4s="}),
                "binaryData is set",
            ),
            (
                add(
                    CONFIG_MAP,
                    metadata={"name": "yunikorn-configs"},
                    data={"service.policyGroup": "x", "x.yaml": "partitions: []"},
                ),
                "names another file than queues.yaml",
            ),
        )
    ),
    (
        "queue-has-a-maximum",
        "ads-dev",
        put_annotation("yunikorn.apache.org/namespace.quota", '{"cpu": "9"}'),
        "not cpu and",
    ),
    (
        "queue-has-a-maximum",
        "ads-dev",
        put_annotation("yunikorn.apache.org/namespace.quota", '{"cpu": 9}'),
        "object of texts",
    ),
    (
        "queue-has-a-maximum",
        "ads-dev",
        put_annotation("yunikorn.apache.org/namespace.quota", '{"cpu": "0", "memory": "1Gi"}'),
        "the maximum of cpu is 0",
    ),
    ("queue-has-a-maximum", "ads-dev", put_annotation("yunikorn.apache.org/namespace.maxApps", "0"), "maxApps is 0"),
    (
        "queue-annotations-say-one-thing",
        "ads-dev",
        put_annotation("yunikorn.apache.org/namespace.guaranteed", '{"cpu": "1,5", "memory": "1Gi"}'),
        "is not a Kubernetes quantity",
    ),
    (
        "queue-annotations-say-one-thing",
        "ads-dev",
        put_annotation("elastic-spark/max-apps", "99"),
        "elastic-spark/max-apps 99",
    ),
    (
        "queue-annotations-say-one-thing",
        "ads-dev",
        put_annotation("yunikorn.apache.org/namespace.enableYuniKorn", ...),
        "enableYuniKorn is not true",
    ),
    (
        "queue-annotations-say-one-thing",
        "ads-dev",
        put_annotation("yunikorn.apache.org/parentqueue", "root.tenants.search"),
        "the tenant is ads, the parent queue root.tenants.search",
    ),
    (
        "queue-annotations-say-one-thing",
        "ads-dev",
        put_label("elastic-spark/queue", "search-etl"),
        "labelled as queue search-etl",
    ),
    ("queue-size-follows-from-its-nodes", "ads-dev", put(QUEUE, "size/maxApps", 99), "99 applications at once"),
    ("queue-size-follows-from-its-nodes", "ads-dev", put(QUEUE, "size/guaranteed/memory", 1), "guaranteed is"),
    ("queue-fits-its-groups", "ads-dev", put(GROUP, "minSize", 1), "guaranteed cpu is"),
    ("scheduler-takes-no-running-pod", "platform-kind", put_value("yunikorn", "yunikornDefaults", {}), "on by default"),
    (
        "scheduler-takes-no-running-pod",
        "platform-kind",
        _yunikorn_configs({"preemption": {"enabled": True}}),
        "partition default: enabled is on",
    ),
    ("scheduler-places-by-namespace", "platform-kind", _yunikorn_configs({}), "the first rule is none"),
    (
        "scheduler-places-by-namespace",
        "platform-kind",
        _yunikorn_configs(
            {
                "placementrules": [
                    {"name": "tag", "value": "namespace", "parent": {"name": "tag", "value": "namespace.parentqueue"}},
                    {"name": "provided"},
                ]
            }
        ),
        "1 more rules follow",
    ),
)

KEPT: Final[tuple[Kept, ...]] = (
    (
        "no-quota-on-cpu-or-memory",
        "ads-dev",
        add("kubernetes:core/v1:ResourceQuota", metadata={"namespace": "ads-batch"}, spec={"hard": {"pods": "10"}}),
    ),
    (
        "no-quota-on-cpu-or-memory",
        "platform-dev",
        add("kubernetes:core/v1:ResourceQuota", metadata={"namespace": "kube-system"}, spec={"hard": {"cpu": "10"}}),
    ),
    (
        "scheduler-takes-no-running-pod",
        "platform-kind",
        add(CONFIG_MAP, metadata={"name": "x"}, data={"queues.yaml": "-"}),
    ),
)
