"""Where a queue's pods run and as what, put on them whichever way they came.

Only what is missing is added. What says something else stays, and is refused (`components.admission.pods_guard`): a
pod that runs elsewhere than its author wrote would be a riddle. Which pool a pod is for is said in
`components.admission.pod_variables`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from components.admission import pod_variables as pods
from components.admission.lanes import LACKS_PRIORITY, PRIORITY_PATCHES
from components.admission.patches import add, pointer, when
from components.admission.pod_variables import (
    ANNOTATIONS,
    DRIVERS,
    EXECUTOR,
    NEW_PODS,
    PLACEHOLDER,
    ROLE_LABEL,
    SELECTED,
    is_one_of,
    label,
    pod_variables,
)
from components.admission.policy import Condition, MutatingPolicy, Mutation, cel_list, cel_text
from components.queue.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT
from sizing import names
from sizing.spark.application import SPARK_USER

SCHEDULER: Final = "yunikorn"
UNSET_SCHEDULER: Final = "default-scheduler"
"""What the API server writes where a pod names none."""
GANG_MARKS: Final = (pods.TASK_GROUP_NAME, pods.TASK_GROUPS, pods.SCHEDULING_POLICY)


@dataclass(frozen=True)
class _Lack:
    """Something that pods may lack.

    Args:
        name: of the mutation that adds it.
        lacking: whether a pod lacks it, by the pod alone: without variables.
        patches: a list of what adds it where it is lacking.
    """

    name: str
    lacking: str
    patches: str


def pods_placement(scheduler_user: str) -> MutatingPolicy:
    """The policy that places new pods of queues.

    The API server takes longer to patch a pod than for all else that it does to create it, and once more to find, after
    its own patch, that nothing is left to do. So a pod that lacks nothing is let alone by a condition.

    Args:
        scheduler_user: YuniKorn's own user.
    """
    return MutatingPolicy(
        name="elastic-spark-pods-placement",
        match=NEW_PODS,
        conditions=(Condition("lacks-something", " || ".join(f"({lack.lacking})" for lack in _LACKS)),),
        variables=pod_variables(scheduler_user),
        mutations=tuple(Mutation(lack.name, f"({lack.lacking}) ? {lack.patches} : []") for lack in _LACKS),
    )


def _added(parent: str, field: str, key: str, value: str, empty: str = "{}") -> str:
    """Patches that add a key to a map, or `-` to the end of a list, and the map or list where there is none."""
    there = when(f"!has(object.{parent}.{field})", add(pointer(parent, field), empty))
    return f"{there} + [{add(pointer(parent, field, key), value)}]"


def _pool_toleration() -> str:
    """Beside those for nodes that are not ready, which the API server itself adds before: then there is a list.

    Where it doesn't (`--disable-admission-plugins`), the list comes empty first: of a patch whose value is a list with
    an `Object{}`, Kubernetes 1.36.3 panics.
    """
    toleration = (
        "Object.spec.tolerations{"
        f"key: {cel_text(names.POOL_LABEL)}, operator: 'Equal', value: variables.pool, effect: 'NoSchedule'}}"
    )
    return _added("spec", "tolerations", "-", toleration, empty="[]")


def _account(name: str, roles: tuple[str, ...], replaced: tuple[str, ...], account: str) -> _Lack:
    lacking = (
        f"{label(ROLE_LABEL)} in {cel_list(roles)} "
        f"&& object.spec.?serviceAccountName.orValue('') in {cel_list(replaced)}"
    )
    # The second is the first under its old name.
    fields = ("serviceAccountName", "serviceAccount")
    return _Lack(
        name, lacking, when(is_one_of(roles), *(add(pointer("spec", field), cel_text(account)) for field in fields))
    )


def _gang() -> _Lack:
    """The Spark operator marks every application as a gang, see docs/decisions/0007-queues-by-namespace.md."""
    removals = " + ".join(
        when(
            f"{cel_text(mark)} in {ANNOTATIONS}",
            f"JSONPatch{{op: 'remove', path: {pointer('metadata', 'annotations', mark)}}}",
        )
        for mark in GANG_MARKS
    )
    return _Lack(
        "no-gang-unasked",
        f"{label(pods.GANG_LABEL)} != 'true' && {cel_list(GANG_MARKS)}.exists(mark, mark in {ANNOTATIONS})",
        f"(variables.role == '{PLACEHOLDER}' ? [] : {removals})",
    )


def _pod_security() -> _Lack:
    """What Pod Security `restricted` asks of a pod, and a user: an image that names one might mean root."""
    context, there = "object.spec.securityContext", "has(object.spec.securityContext)"
    field = ("spec", "securityContext")
    profile = "Object.spec.securityContext.seccompProfile{type: 'RuntimeDefault'}"
    lacks = {part: f"!{there} || !has({context}.{part})" for part in ("runAsNonRoot", "runAsUser", "seccompProfile")}
    user = (add(pointer(*field, part), str(SPARK_USER)) for part in ("runAsUser", "runAsGroup"))
    return _Lack(
        "pod-security",
        " || ".join(lacks.values()),
        "("
        + " + ".join(
            (
                when(f"!{there}", add(pointer(*field), "Object.spec.securityContext{}")),
                when(lacks["runAsNonRoot"], add(pointer(*field, "runAsNonRoot"), "true")),
                when(lacks["runAsUser"], *user),
                when(lacks["seccompProfile"], add(pointer(*field, "seccompProfile"), profile)),
            )
        )
        + ")",
    )


def _container_security(name: str, field: str) -> _Lack:
    """What `restricted` asks of each container."""
    context = f"Object.spec.{field}.securityContext"
    capabilities = f"{context}.capabilities{{drop: ['ALL']}}"
    path = f"'/spec/{field}/' + string(i) + '/securityContext'"
    whole = f"{context}{{allowPrivilegeEscalation: false, capabilities: {capabilities}}}"
    lacks_gain = "!has(c.securityContext.allowPrivilegeEscalation)"
    lacks_capabilities = "!has(c.securityContext.capabilities)"
    lacks_drop = "!has(c.securityContext.capabilities.drop)"
    parts = " + ".join(
        (
            when(lacks_gain, add(f"{path} + '/allowPrivilegeEscalation'", "false")),
            when(lacks_capabilities, add(f"{path} + '/capabilities'", capabilities)),
            when(
                f"!({lacks_capabilities}) && {lacks_drop}",
                add(f"{path} + '/capabilities/drop'", "['ALL']"),
            ),
        )
    )
    each = f"!has(c.securityContext) ? [{add(path, whole)}] : {parts}"
    lacking = f"!has(c.securityContext) || {lacks_gain} || {lacks_capabilities} || {lacks_drop}"
    return _Lack(
        name,
        f"has(object.spec.{field}) && object.spec.{field}.exists(c, {lacking})",
        f"object.spec.{field}.transformList(i, c, {each}).flatten()",
    )


_LACKS: Final = (
    _Lack("pool-selector", f"{SELECTED} == ''", _added("spec", "nodeSelector", names.POOL_LABEL, "variables.pool")),
    _Lack(
        "pool-toleration",
        f"!object.spec.?tolerations.orValue([]).exists(t, t.?key.orValue('') == {cel_text(names.POOL_LABEL)})",
        f"({_pool_toleration()})",
    ),
    _Lack(
        "pool-label",
        f"{label(names.POOL_LABEL)} == ''",
        _added("metadata", "labels", names.POOL_LABEL, "variables.pool"),
    ),
    _Lack(
        "scheduler",
        f"object.spec.?schedulerName.orValue('') in {cel_list(('', UNSET_SCHEDULER))}",
        f"[{add(pointer('spec', 'schedulerName'), cel_text(SCHEDULER))}]",
    ),
    _Lack(
        "priority",
        LACKS_PRIORITY,
        PRIORITY_PATCHES,
    ),
    _account("driver-account", DRIVERS, ("", "default"), DRIVER_ACCOUNT),
    # Spark gives executors the driver's account, with rights that they don't use, unless told otherwise.
    _account("executor-account", (EXECUTOR,), ("", "default", DRIVER_ACCOUNT), EXECUTOR_ACCOUNT),
    _Lack(
        "application",
        f"{label(pods.APPLICATION_LABEL)} == ''",
        when(
            "variables.application != ''",
            add(pointer("metadata", "labels", pods.APPLICATION_LABEL), "variables.application"),
        ),
    ),
    _Lack(
        "not-safe-to-evict",
        f"!({cel_text(pods.SAFE_TO_EVICT)} in {ANNOTATIONS})",
        _added("metadata", "annotations", pods.SAFE_TO_EVICT, "'false'"),
    ),
    _gang(),
    _pod_security(),
    _container_security("container-security", "containers"),
    _container_security("init-container-security", "initContainers"),
)
"""In the order in which they are added."""
