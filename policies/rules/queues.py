"""Rules for queues: their numbers, and the scheduler that keeps them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from policies.model import Resource, Severity, Stack, Violation, resource_rule, stack_rule
from policies.rules.pools import GROUP, POOL, node_label, tags_of
from sizing import names
from sizing.autoscaling_tags import NODE_TEMPLATE
from sizing.nodes import Resources
from sizing.quantities import format_bytes, format_cpu, parse_bytes, parse_cpu
from sizing.queues import DriverAllowance, PoolShare, queue_size
from sizing.sharing import ROOT_QUEUES
from sizing.values import Json

NAMESPACE: Final = "kubernetes:core/v1:Namespace"
QUEUE: Final = "elastic-spark:queue:Queue"
RELEASE: Final = "kubernetes:helm.sh/v3:Release"
CONFIG_MAP: Final = "kubernetes:core/v1:ConfigMap"
YUNIKORN: Final = "yunikorn.apache.org"
POD_SECURITY: Final = "pod-security.kubernetes.io/enforce"
"""Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/"""
QUEUES_FILE: Final = "queues.yaml"
POLICY_GROUP: Final = "service.policyGroup"
"""Names another file than `queues.yaml`. Source: apache/yunikorn-k8shim v1.9.0, pkg/conf/schedulerconf.go."""
AMOUNTS: Final = {
    f"{YUNIKORN}/namespace.guaranteed": "guaranteed",
    f"{YUNIKORN}/namespace.quota": "maximum",
}
"""YuniKorn's annotation of an amount, and how the same amount's scalar annotations start."""


def queue_namespaces(stack: Stack) -> Sequence[Resource]:
    """The namespaces of a stack's queues."""
    return [namespace for namespace in stack.known(NAMESPACE) if is_queue(namespace)]


def is_queue(namespace: Resource) -> bool:
    """Whether a namespace is a queue's: labelled so, or made one by what YuniKorn reads."""
    return names.QUEUE_LABEL in labels_of(namespace) or any(
        annotation.startswith(f"{YUNIKORN}/") for annotation in annotations_of(namespace)
    )


def labels_of(namespace: Resource) -> Mapping[str, str]:
    """The labels of a namespace; empty where it has none."""
    found: Mapping[str, str] = namespace.props["metadata"].get("labels") or {}
    return found


def annotations_of(namespace: Resource) -> Mapping[str, str]:
    """The annotations of a namespace; empty where it has none."""
    found: Mapping[str, str] = namespace.props["metadata"].get("annotations") or {}
    return found


def amount_in(text: str) -> dict[str, int]:
    """Millicores of `cpu` and bytes of `memory` in a YuniKorn annotation.

    YuniKorn reads a JSON object of texts, each a Kubernetes quantity; what doesn't parse it drops, with the limit.
    Source: apache/yunikorn-k8shim v1.9.0, pkg/common/utils/utils.go, GetNamespaceQuotaFromAnnotation.

    Raises:
        ValueError: YuniKorn would not read it as an amount of cpu and memory.
    """
    amount = json.loads(text)
    if not isinstance(amount, dict) or not all(isinstance(value, str) for value in amount.values()):
        raise ValueError(f"{text!r} is not a JSON object of texts")
    if amount.keys() != {"cpu", "memory"}:
        raise ValueError(f"{text!r} names {', '.join(sorted(amount)) or 'nothing'}, not cpu and memory")
    return {"cpu": parse_cpu(amount["cpu"]), "memory": parse_bytes(amount["memory"])}


@resource_rule(
    NAMESPACE,
    severity=Severity.CRITICAL,
    remedy="Let components/queue/queue.py write the namespace's annotations, from the queue's pools and drivers.",
)
def queue_has_a_maximum(namespace: Resource) -> Iterator[str]:
    """Every queue has a maximum in cpu and memory, and of applications.

    Without one, each of its pods counts as unschedulable and starts nodes without end.
    """
    if not is_queue(namespace):
        return
    annotations = annotations_of(namespace)
    try:
        maximum = amount_in(annotations.get(f"{YUNIKORN}/namespace.quota", "{}"))
    except ValueError as error:
        yield f"namespace.quota: {error}"
    else:
        yield from (f"the maximum of {kind} is 0" for kind, amount in maximum.items() if not amount)
    applications = annotations.get(f"{YUNIKORN}/namespace.maxApps", "nothing")
    if not applications.isdecimal() or applications == "0":
        yield f"namespace.maxApps is {applications}"


@resource_rule(NAMESPACE, remedy="Let components/queue/annotations.py write them; it writes both from one number.")
def queue_annotations_say_one_thing(namespace: Resource) -> Iterator[str]:
    """A queue's annotations parse as YuniKorn parses them, and say the same as the scalar ones beside them.

    YuniKorn drops what it can't read, without a word; admission and metrics take the scalar ones for the truth.
    """
    if not is_queue(namespace):
        return
    annotations = annotations_of(namespace)
    for name, prefix in AMOUNTS.items():
        scalars = {"cpu": f"elastic-spark/{prefix}-cpu-millicores", "memory": f"elastic-spark/{prefix}-memory-bytes"}
        try:
            amount = amount_in(annotations.get(name, "{}"))
        except ValueError as error:
            yield f"{name}: {error}"
            continue
        for kind, scalar in scalars.items():
            if annotations.get(scalar) != str(amount[kind]):
                yield f"{name} is {amount[kind]} of {kind}, {scalar} is {annotations.get(scalar, 'not there')}"
    maximum = annotations.get(f"{YUNIKORN}/namespace.maxApps")
    if annotations.get("elastic-spark/max-apps") != maximum:
        yield f"namespace.maxApps is {maximum}, elastic-spark/max-apps {annotations.get('elastic-spark/max-apps')}"
    if annotations.get(f"{YUNIKORN}/namespace.enableYuniKorn") != "true":
        yield "namespace.enableYuniKorn is not true"
    name, tenant = namespace.props["metadata"]["name"], labels_of(namespace).get(names.TENANT_LABEL)
    if annotations.get(f"{YUNIKORN}/parentqueue") not in [f"{root}.{tenant}" for root in ROOT_QUEUES.values()]:
        yield f"the tenant is {tenant}, the parent queue {annotations.get(f'{YUNIKORN}/parentqueue')}"
    label = labels_of(namespace).get(names.QUEUE_LABEL)
    if label != name or not name.startswith(f"{tenant}-"):
        yield f"the namespace {name} is labelled as queue {label} of tenant {tenant}"


@resource_rule(
    NAMESPACE,
    severity=Severity.CRITICAL,
    remedy="Label the namespace pod-security.kubernetes.io/enforce: restricted, as components/queue/queue.py does.",
)
def queue_enforces_restricted_pods(namespace: Resource) -> Iterator[str]:
    """A queue's namespace enforces the Pod Security Standard `restricted`, in its current version.

    A pod with more, such as the node's network or files, is out of its queue: on the node, with the node's rights.
    """
    if is_queue(namespace):
        labels = labels_of(namespace)
        if labels.get(POD_SECURITY) != "restricted":
            yield f"{POD_SECURITY} is {labels.get(POD_SECURITY, 'not set')}"
        if labels.get(f"{POD_SECURITY}-version", "latest") != "latest":
            yield f"{POD_SECURITY}-version is {labels[f'{POD_SECURITY}-version']}"


@resource_rule(
    QUEUE,
    severity=Severity.CRITICAL,
    remedy="Compute the size with sizing.queues.queue_size, from the shares that the pools give.",
)
def queue_size_follows_from_its_nodes(queue: Resource) -> Iterator[str]:
    """A queue's maximum is what its pools hold, its driver allowance and its history server; its guarantee the minimum.

    A larger maximum lets drivers fill the executors' part, a larger guarantee promises nodes that nobody has.
    """
    shares = [
        PoolShare(min_nodes=share["minNodes"], max_nodes=share["maxNodes"], usable=_resources(share["usable"]))
        for share in queue.props["shares"].values()
    ]
    drivers = queue.props["drivers"]
    size = queue.props["size"]
    server = _resources(size["history"])
    allowance = DriverAllowance(at_once=drivers["atOnce"], driver=_resources(drivers["driver"]))
    expected = queue_size(shares, allowance, server if server.cpu or server.memory else None)
    for what, amount in (("maximum", expected.maximum), ("guaranteed", expected.guaranteed)):
        found = _resources(size[what])
        if (found.cpu, found.memory) != (amount.cpu, amount.memory):
            yield f"{what} is {_shown(found)}, its nodes and drivers make {_shown(amount)}"
    if size["maxApps"] != expected.max_apps:
        yield f"{size['maxApps']} applications at once, its drivers and history server make {expected.max_apps}"


@stack_rule(
    severity=Severity.CRITICAL,
    remedy="Raise the pool's groups, or lower the queue's numbers: both come from one declaration in the settings.",
)
def queue_fits_its_groups(stack: Stack) -> Iterator[Violation]:
    """No queue is promised more than the groups of its pools can ever start.

    Compared with the allocatable resources that the groups' tags tell, so that hand-made groups count too.
    """
    groups = [group for group in stack.of_type(GROUP) if node_label(group, names.PURPOSE_LABEL) == "executor"]
    pools = {pool.props["identity"]: pool.props["maximum"] for pool in stack.of_type(POOL)}
    for namespace in queue_namespaces(stack):
        annotations = annotations_of(namespace)
        queue = namespace.props["metadata"]["name"]
        of_queue = [group for group in groups if node_label(group, names.QUEUE_LABEL) == queue]
        if not of_queue:
            continue  # on an existing cluster nodes are somebody else's
        for kind, driver, history, scalar in (
            ("cpu", names.DRIVER_CPU_ANNOTATION, names.HISTORY_CPU_ANNOTATION, "cpu-millicores"),
            ("memory", names.DRIVER_MEMORY_ANNOTATION, names.HISTORY_MEMORY_ANNOTATION, "memory-bytes"),
        ):
            minimum, maximum = _nodes_offer(of_queue, pools, kind)
            drivers = int(annotations[driver]) * int(annotations[names.DRIVERS_AT_ONCE_ANNOTATION])
            for what, limit in (("guaranteed", minimum), ("maximum", maximum + drivers + int(annotations[history]))):
                found = int(annotations[f"elastic-spark/{what}-{scalar}"])
                if found > limit:
                    shown = {"cpu": format_cpu, "memory": format_bytes}[kind]
                    yield Violation(f"{what} {kind} is {shown(found)}, its nodes offer {shown(limit)}", namespace.urn)


@resource_rule(
    "kubernetes:core/v1:ResourceQuota",
    remedy="Remove cpu and memory from the quota: the queue's maximum holds them.",
)
def no_quota_on_cpu_or_memory(quota: Resource) -> Iterator[str]:
    """No ResourceQuota limits cpu or memory.

    In a queue's namespace it refuses pods that the queue would let wait, and Spark gives up.
    """
    if quota.props["metadata"].get("namespace") in names.RESERVED_NAMESPACES:
        return
    for resource in quota.props["spec"].get("hard") or {}:
        if resource.rpartition(".")[2] in ("cpu", "memory"):
            yield f"it limits {resource}"


@resource_rule(
    RELEASE,
    CONFIG_MAP,
    severity=Severity.CRITICAL,
    remedy="Set preemption.enabled and preemption.quotapreemptionenabled of every partition to false.",
)
def scheduler_takes_no_running_pod(configuration: Resource) -> Iterator[str]:
    """YuniKorn's preemption is off, for guarantees and for lowered maxima.

    The minimum of a queue is nodes of its own: nobody's running pod is ever taken for it.
    """
    for partition in _partitions(configuration):
        preemption = partition.get("preemption", {})
        for switch, default in (("enabled", True), ("quotapreemptionenabled", False)):
            if preemption.get(switch, default):
                how = "on" if switch in preemption else "on by default"
                yield f"partition {partition.get('name')}: {switch} is {how}"


@resource_rule(
    RELEASE,
    CONFIG_MAP,
    severity=Severity.CRITICAL,
    remedy="Let the first placement rule be the tag rule on `namespace`, its parent that on `namespace.parentqueue`.",
)
def scheduler_places_by_namespace(configuration: Resource) -> Iterator[str]:
    """YuniKorn's first and only placement rule is the namespace's.

    By any other a tenant names its queue itself, and takes another's.
    """
    for partition in _partitions(configuration):
        rules = partition.get("placementrules", [])
        parent = rules[0].get("parent", {}) if rules else {}
        by_namespace = bool(rules) and (rules[0].get("name"), rules[0].get("value")) == ("tag", "namespace")
        if not by_namespace or (parent.get("name"), parent.get("value")) != ("tag", "namespace.parentqueue"):
            yield f"partition {partition.get('name')}: the first rule is {rules[0] if rules else 'none'}"
        elif len(rules) > 1:
            yield f"partition {partition.get('name')}: {len(rules) - 1} more rules follow"


def _partitions(configuration: Resource) -> Iterator[dict[str, Json]]:
    """The partitions that YuniKorn's chart, or a ConfigMap of its, declares."""
    from ruamel.yaml import YAML  # loaded where there is something to read
    from ruamel.yaml.error import YAMLError

    if configuration.type == RELEASE:
        values = configuration.props.get("values") or {}
        is_yunikorn = str(configuration.props["chart"]).rpartition("/")[2].startswith("yunikorn")
        maps = [values.get(where) or {} for where in ("yunikornDefaults", "yunikornConfigs")]
    else:
        name = configuration.props["metadata"].get("name")
        is_yunikorn = name in ("yunikorn-configs", "yunikorn-defaults")
        maps = [configuration.props.get("data") or {}]
        if is_yunikorn and configuration.props.get("binaryData"):
            raise ValueError("binaryData is set, which YuniKorn reads as well")
    if not is_yunikorn:
        return
    if any(found.get(POLICY_GROUP, "queues") != "queues" for found in maps):
        raise ValueError(f"{POLICY_GROUP} names another file than {QUEUES_FILE}")
    texts = [found.get(QUEUES_FILE) for found in maps]
    if configuration.type == RELEASE and not any(texts):
        yield {"name": "default", "preemption": {}}
    for text in texts:
        if text:
            try:
                yield from YAML(typ="safe").load(text)["partitions"]
            except YAMLError as error:
                raise ValueError(f"{QUEUES_FILE} is no YAML: {error}") from None


def _nodes_offer(groups: list[Resource], pools: Mapping[str, int], kind: str) -> tuple[int, int]:
    """What the groups of a queue's pools offer at minimum and maximum, by the tags that describe a node.

    Args:
        groups: the queue's.
        pools: the maximum of each pool by its identity; groups of no such pool offer what they may grow to.
        kind: `cpu` or `memory`.
    """
    minimum = 0
    nodes: Counter[str | None] = Counter()
    largest: dict[str | None, int] = {}
    for group in groups:
        text = tags_of(group)[f"{NODE_TEMPLATE}/resources/{kind}"]
        node = parse_cpu(text) if kind == "cpu" else parse_bytes(text)
        minimum += group.props["minSize"] * node
        pool = node_label(group, names.POOL_LABEL)
        nodes[pool] += group.props["maxSize"]
        largest[pool] = max(largest.get(pool, 0), node)
    return minimum, sum(min(count, pools.get(pool or "", count)) * largest[pool] for pool, count in nodes.items())


def _resources(amount: Mapping[str, int]) -> Resources:
    return Resources(cpu=amount["cpu"], memory=amount["memory"])


def _shown(amount: Resources) -> str:
    return f"{format_cpu(amount.cpu)} cpu, {format_bytes(amount.memory)} memory"
