"""What a new pod of a queue must be: decided last, after placement and every webhook.

What Pod Security `restricted` refuses (the host's namespaces, ports and paths, privileges) is left to it: the
namespace's labels enforce it, and `components.admission.namespaces` holds those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.admission import pod_variables as pods
from components.admission.images import image_allowed
from components.admission.lanes import LANE_RULES
from components.admission.pod_variables import (
    ANNOTATIONS,
    HISTORY,
    LABELS,
    NEW_PODS,
    OWN_QUEUE,
    PLACEHOLDER,
    PREFIX,
    SELECTED,
    SYNC,
    TO_YUNIKORN,
    annotation,
    is_one_of,
    label,
    of_namespace,
    pod_variables,
)
from components.admission.pods_placement import SCHEDULER
from components.admission.pods_roles import ROLE_RULES, ROLE_VARIABLES
from components.admission.policy import AdmissionRule, ValidatingPolicy, cel_list, cel_text
from components.admission.secret_texts import MESSAGE, SECRET_VARIABLES, texts_of, written
from components.queue.past_logs.containers import IMAGES as LOGS_IMAGES
from components.queue.secrets import FETCHER, SCRIPT
from components.software.versions import AWS_CLI_IMAGE
from sizing import names

NOT_READY: Final = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
"""Taints that the API server lets every pod tolerate for a while."""
QUEUE_LABELS: Final = ("queue", f"{pods.YUNIKORN}queue")
QUEUE_ANNOTATION: Final = f"{pods.YUNIKORN}queue"
"""From which YuniKorn takes a queue's name (apache/yunikorn-k8shim v1.9.0, pkg/common/utils/utils.go)."""
USER_INFO: Final = f"{pods.YUNIKORN}user.info"
"""For whom an application runs, as YuniKorn's admission controller writes it: JSON that starts with the user."""
USER_INFO_END: Final = r'^"(,"groups":\[("[^"\\]*",?)*\])?\}$'
"""What follows the user there."""
PLACEHOLDER_FLAGS: Final = (
    "internal.yunikorn.apache.org/placeholder",
    "placeholder",
    "yunikorn.apache.org/placeholder",
)
YUNIKORN_KEYS: Final = (
    pods.APPLICATION_LABEL,
    f"{pods.YUNIKORN}allow-preemption",
    QUEUE_ANNOTATION,
    pods.SCHEDULING_POLICY,
    pods.TASK_GROUP_NAME,
    pods.TASK_GROUPS,
    USER_INFO,
)
"""Labels and annotations that a pod may have; YuniKorn's admission controller writes the second and the last."""

_IS_FETCHER: Final = (
    f"(c.name == {cel_text(FETCHER)} && c.image == {cel_text(AWS_CLI_IMAGE)} && !has(c.restartPolicy) "
    f"&& c.?args.orValue([]) == [] && c.?command.orValue([]) == ['/bin/sh', '-ec', {cel_text(SCRIPT)}])"
)
"""What admission itself puts before drivers and executors of queues that have secrets (`pods_secrets`)."""
_VOLUMES: Final = "object.spec.?volumes.orValue([])"


def _image(images: Sequence[str]) -> str:
    """Whether a container `c` may have its image: the history server's pod shows logs by two of the platform's own."""
    beside = f"({is_one_of((HISTORY,))} && c.image in {cel_list(sorted(LOGS_IMAGES))})"
    return f"({beside} || {image_allowed(images, 'c.image')})"


def pods_guard(scheduler_user: str, images: Sequence[str]) -> ValidatingPolicy:
    """The policy that decides on new pods of queues.

    Args:
        scheduler_user: YuniKorn's own user.
        images: that may run, see `components.admission.images`.
    """
    return ValidatingPolicy(
        name="elastic-spark-pods-guard",
        match=NEW_PODS,
        together=True,
        variables=(*pod_variables(scheduler_user), *ROLE_VARIABLES, *SECRET_VARIABLES),
        rules=(
            AdmissionRule(
                "pod-role",
                "variables.role != ''",
                f"queues run Spark: the label {pods.ROLE_LABEL} must be driver, executor or connect-server, as Spark "
                "and the Spark operator set it",
                label(pods.ROLE_LABEL),
            ),
            AdmissionRule(
                "image",
                f"{is_one_of((PLACEHOLDER, SYNC))} || ({_all_containers(_image(images))} "
                f"&& {_VOLUMES}.all(v, !has(v.image) || {image_allowed(images, 'v.image.reference')}))",
                f"queues run the images that the platform's settings allow: {', '.join(sorted(images))}",
                f"(variables.containers.map(c, c.image) + {_VOLUMES}.filter(v, has(v.image))"
                ".map(v, v.image.reference)).join(', ')",
            ),
            AdmissionRule(
                "csi-volumes",
                f"!{_VOLUMES}.exists(v, has(v.csi))",
                "what a CSI driver mounts for a pod alone may be any share that its nodes reach: claim a volume of a "
                "storage class by a PersistentVolumeClaim",
                f"{_VOLUMES}.filter(v, has(v.csi)).map(v, v.csi.driver).join(', ')",
            ),
            AdmissionRule(
                "secret-texts",
                f"({written(texts_of('variables.containers'))}).size() == 0",
                MESSAGE,
                f"{written(texts_of('variables.containers'))}.join(' ')",
            ),
            *_PLACEMENT,
            *_SCHEDULING,
            *ROLE_RULES,
        ),
    )


def _all_containers(condition: str) -> str:
    """Whether a condition holds for all containers but what admission itself puts before them."""
    return (
        f"object.spec.containers.all(c, {condition}) "
        f"&& object.spec.?initContainers.orValue([]).all(c, {_IS_FETCHER} || {condition})"
    )


def _terms(kind: str, required: str, preferred: str, condition: str) -> str:
    """Whether all terms of a kind of affinity, those that must hold and those that should, fit a condition."""
    affinity = f"object.spec.?affinity.?{kind}"
    return (
        f"{affinity}.?requiredDuringSchedulingIgnoredDuringExecution{required}.orValue([]).all(term, {condition}) "
        f"&& {affinity}.?preferredDuringSchedulingIgnoredDuringExecution.orValue([])"
        f".map(preferred, preferred.{preferred}).all(term, {condition})"
    )


_POOL: Final = cel_text(names.POOL_LABEL)
_OWN_POOLS: Final = f"{of_namespace(names.POOLS_ANNOTATION)}.split(',')"
_USER_IS: Final = '(\'{"user":"\' + request.userInfo.username)'
_QUEUES_NAMED: Final = f"[{', '.join([*map(label, QUEUE_LABELS), annotation(QUEUE_ANNOTATION)])}]"

_PLACEMENT: Final = (
    AdmissionRule(
        "pool",
        f"{SELECTED} != '' && {SELECTED} == variables.pool "
        f"&& (variables.on_driver_nodes || {SELECTED} in {_OWN_POOLS})",
        f"drivers run on the pool {names.DRIVER_POOL} and executors on pools of their queue: leave {names.POOL_LABEL} "
        "out of the node selector, or let executors name a pool of the queue",
        SELECTED,
    ),
    AdmissionRule(
        "pool-label",
        f"{label(names.POOL_LABEL)} == variables.pool",
        f"the label {names.POOL_LABEL} must name the pool that the node selector names",
        label(names.POOL_LABEL),
    ),
    AdmissionRule(
        "tolerations",
        "object.spec.?tolerations.orValue([]).all(t, "
        f"t.?key.orValue('') == {_POOL} "
        "? t.?operator.orValue('Equal') == 'Equal' && t.?value.orValue('') == variables.pool "
        "&& t.?effect.orValue('') == 'NoSchedule' "
        f": t.?key.orValue('') in {cel_list(NOT_READY)} ? t.?effect.orValue('') == 'NoExecute' "
        # The API server lets a pod tolerate the taint that is called like an extended resource that it requests. Of
        # nothing, every node has enough.
        f": !t.?key.orValue('').startsWith('elastic-spark/') && variables.containers.exists(c, "
        "quantity(c.?resources.?requests[?t.?key.orValue('')].orValue('0')).isGreaterThan(quantity('0'))))",
        "a pod tolerates the taint of its own pool and no other: leave tolerations out",
        "object.spec.?tolerations.orValue([]).map(t, t.?key.orValue('every taint')).join(', ')",
    ),
    AdmissionRule(
        "node-affinity",
        "!has(object.spec.affinity) || ("
        + _terms(
            "nodeAffinity",
            ".?nodeSelectorTerms",
            "preference",
            "!has(term.matchFields) && term.?matchExpressions.orValue([]).all(e, "
            f"e.key != {_POOL} || (e.operator == 'In' && e.values == [variables.pool]))",
        )
        + ")",
        "node affinity may choose among the nodes of the pod's own pool, by their labels",
    ),
    AdmissionRule(
        "pod-affinity",
        "!has(object.spec.affinity) || ("
        + " && ".join(
            _terms(kind, "", "podAffinityTerm", "!has(term.namespaces) && !has(term.namespaceSelector)")
            for kind in ("podAffinity", "podAntiAffinity")
        )
        + ")",
        "pod affinity may look at pods of its own queue only, since who keeps away from others keeps them away: leave "
        "namespaces and namespaceSelector out",
    ),
    AdmissionRule("node-name", "!has(object.spec.nodeName)", "the scheduler chooses the node: leave nodeName out"),
)

_SCHEDULING: Final = (
    AdmissionRule(
        "scheduler",
        f"object.spec.?schedulerName.orValue('') == '{SCHEDULER}'",
        f"{SCHEDULER} schedules queues: leave schedulerName out",
        "object.spec.?schedulerName.orValue('')",
    ),
    *LANE_RULES,
    AdmissionRule(
        "safe-to-evict",
        f"{annotation(pods.SAFE_TO_EVICT)} == 'false'",
        f"nobody's running pod is taken away: leave the annotation {pods.SAFE_TO_EVICT} out",
        annotation(pods.SAFE_TO_EVICT),
    ),
    AdmissionRule(
        "yunikorn-queue",
        f"{_QUEUES_NAMED}.all(queue, queue in ['', {OWN_QUEUE}])",
        "the namespace says which queue a pod is in: leave out the labels and the annotation that name a queue",
        f"{_QUEUES_NAMED}.join(' ')",
    ),
    AdmissionRule(
        "yunikorn-keys",
        f"[{LABELS}, {ANNOTATIONS}].all(keys, keys.all(key, "
        f"!{TO_YUNIKORN} || key in {cel_list(YUNIKORN_KEYS)} "
        f"|| (variables.role == '{PLACEHOLDER}' && key in {cel_list(PLACEHOLDER_FLAGS)})))",
        "of YuniKorn's labels and annotations a pod may only have those of its application, its queue and its gang",
        f"[{LABELS}, {ANNOTATIONS}].map(keys, keys.filter(key, {TO_YUNIKORN}).join(' ')).join(' ')",
    ),
    AdmissionRule(
        "user-info",
        # Pods of the sync Job and of the history server are made by controllers, for the deployer, whose Job or
        # StatefulSet YuniKorn has marked.
        f"{is_one_of((SYNC, HISTORY))} || !({cel_text(USER_INFO)} in {ANNOTATIONS}) "
        # A field that comes twice would be the second; nor may it come by another spelling, or after an escape.
        f"|| ({annotation(USER_INFO)}.startsWith({_USER_IS}) "
        f"&& {annotation(USER_INFO)}.substring(size({_USER_IS})).matches({cel_text(USER_INFO_END)}))",
        f"YuniKorn's admission controller says for whom a pod runs: leave the annotation {USER_INFO} out",
    ),
    AdmissionRule(
        "application",
        f"variables.application != '' ? {label(pods.APPLICATION_LABEL)} == variables.application "
        f": {label(pods.APPLICATION_LABEL)}.startsWith({PREFIX} + '-')",
        "a driver is an application of its own and an executor belongs to its driver's, or a queue could run more of "
        f"them than it may, and in other queues: leave the label {pods.APPLICATION_LABEL} out",
        label(pods.APPLICATION_LABEL),
    ),
)
