"""What only pods of some roles must be: drivers, executors, history servers, the pods of gangs and of sync Jobs."""

from __future__ import annotations

from typing import Final

from components.admission import pod_variables as pods
from components.admission.applications_deadlines import IN_UTC
from components.admission.applications_submitter import OPERATOR_USER
from components.admission.pod_variables import (
    DRIVER_TASK_GROUP,
    DRIVER_UID,
    DRIVERS,
    EXECUTOR,
    EXECUTOR_TASK_GROUP,
    HISTORY,
    PLACEHOLDER,
    SYNC,
    annotation,
    is_one_of,
    of_namespace,
)
from components.admission.policy import AdmissionRule, Variable, cel_text
from components.queue.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT, SYNC_REQUEST
from components.software.versions import PAUSE_IMAGE
from sizing import names
from sizing.quantities import parse_bytes, parse_cpu


def _requested(container: str, resource: str) -> str:
    return _amount(container, "requests", resource)


def _amount(container: str, kind: str, resource: str) -> str:
    return f"quantity({container}.?resources.?{kind}[?'{resource}'].orValue('0')).asApproximateFloat()"


def _sum(containers: str, amount: str) -> str:
    # The sum of an empty list is a whole number, which can't be added to or compared with others.
    return f"([0.0] + {containers}.map(c, {amount})).sum()"


def _at_most(kind: str, resource: str, limit: str, scale: int) -> str:
    """Whether all that runs at one time has at most `limit`, in units of which the resource's own has `scale`.

    Args:
        kind: `requests` or `limits`.
        resource: such as `cpu`.
        limit: a CEL expression, a whole number.
        scale: such as 1000 for a limit in thousandths.

    Init containers run before the others, and beside the sidecars.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
    """
    # Tenths of a cpu don't add up exactly in binary.
    bound = f"(double({limit}) + 0.5)"
    together = f"{_sum('variables.lasting', _amount('c', kind, resource))} * {scale}.0 < {bound}"
    sidecars = _sum("variables.sidecars", _amount("c", kind, resource))
    before = f"variables.initial.all(i, ({_amount('i', kind, resource)} + {sidecars}) * {scale}.0 < {bound})"
    return f"{together} && {before}"


def _allowed(history: str, driver: str) -> str:
    """What a pod may request on driver nodes, by the annotations of its queue's namespace."""
    return f"int(variables.role == '{HISTORY}' ? {of_namespace(history)} : {of_namespace(driver)})"


_TASK_GROUPS: Final = annotation(pods.TASK_GROUPS)
ROLE_VARIABLES: Final = (
    Variable("init", "object.spec.?initContainers.orValue([])"),
    # Init containers that stay.
    Variable("sidecars", "variables.init.filter(c, c.?restartPolicy.orValue('') == 'Always')"),
    Variable("initial", "variables.init.filter(c, c.?restartPolicy.orValue('') != 'Always')"),
    Variable("lasting", "object.spec.containers + variables.sidecars"),
    Variable("containers", "object.spec.containers + variables.init"),
    Variable("driver_cpu", _allowed(names.HISTORY_CPU_ANNOTATION, names.DRIVER_CPU_ANNOTATION)),
    Variable("driver_memory", _allowed(names.HISTORY_MEMORY_ANNOTATION, names.DRIVER_MEMORY_ANNOTATION)),
)

ROLE_RULES: Final = (
    AdmissionRule(
        "resources-by-container",
        "!has(object.spec.resources)",
        "what a pod requests is counted by its containers: leave the pod's own resources out",
    ),
    AdmissionRule(
        "driver-size",
        "!variables.on_driver_nodes || "
        f"({_at_most('requests', 'cpu', 'variables.driver_cpu', 1000)} "
        f"&& {_at_most('requests', 'memory', 'variables.driver_memory', 1)})",
        "the queue's drivers may not be larger than its stack says (drivers.cpu, drivers.memory), nor its history "
        "server than its settings make it, overhead and sidecars included: request less, or have the queue's allowance "
        "raised",
        "'cpu ' + variables.lasting.map(c, c.?resources.?requests[?'cpu'].orValue('0')).join(' + ') "
        "+ ', memory ' + variables.lasting.map(c, c.?resources.?requests[?'memory'].orValue('0')).join(' + ') "
        "+ '; allowed: ' + string(variables.driver_cpu) + 'm, ' + string(variables.driver_memory)",
    ),
    AdmissionRule(
        "driver-memory-limit",
        # A limit of nothing is none.
        f"!({is_one_of((*DRIVERS, HISTORY))}) "
        f"|| (variables.containers.all(c, {_amount('c', 'limits', 'memory')} > 0.0) "
        f"&& {_at_most('limits', 'memory', 'variables.driver_memory', 1)})",
        "drivers of all queues share nodes: each container needs a memory limit, all together within the driver's size",
    ),
    AdmissionRule(
        "driver-resources",
        "!variables.on_driver_nodes || (!has(object.spec.resourceClaims) && variables.containers.all(c, "
        "c.?resources.?requests.orValue({}).all(resource, resource in ['cpu', 'memory'])))",
        "on driver nodes there is cpu and memory to request, and nothing else",
        "variables.containers.map(c, c.?resources.?requests.orValue({}).map(resource, resource).join(' ')).join(' ')",
    ),
    AdmissionRule(
        "account",
        f"object.spec.?serviceAccountName.orValue('') == ({is_one_of(DRIVERS)} ? '{DRIVER_ACCOUNT}' "
        f": variables.role == '{EXECUTOR}' ? '{EXECUTOR_ACCOUNT}' "
        f": variables.role == '{HISTORY}' ? '{names.HISTORY_SERVER}' : 'default')",
        f"drivers run as {DRIVER_ACCOUNT}, executors as {EXECUTOR_ACCOUNT} and only the queue's history server as "
        f"{names.HISTORY_SERVER}: name these service accounts, or none",
        "object.spec.?serviceAccountName.orValue('')",
    ),
    AdmissionRule(
        "submitter-mark",
        # A driver hands on what the operator gave it.
        f"variables.role == '{EXECUTOR}' || request.userInfo.username == '{OPERATOR_USER}' "
        f"|| {annotation(names.SUBMITTER_ANNOTATION)} == ''",
        f"the Spark operator says whose application a driver runs, in the annotation {names.SUBMITTER_ANNOTATION}: "
        "leave it out",
        annotation(names.SUBMITTER_ANNOTATION),
    ),
    AdmissionRule(
        "deadline-mark",
        f"{annotation(names.DEADLINE_ANNOTATION)} == '' "
        f"|| {annotation(names.DEADLINE_ANNOTATION)}.matches({cel_text(IN_UTC)})",
        f"by the annotation {names.DEADLINE_ANNOTATION} a driver says until when it must have ended, in UTC and whole "
        "seconds, such as 2026-11-30T06:00:00Z",
        annotation(names.DEADLINE_ANNOTATION),
    ),
    AdmissionRule(
        "executor-owner",
        f"variables.role != '{EXECUTOR}' || {DRIVER_UID} != ''",
        "an executor belongs to a driver in its queue, and goes with it: let Spark make it (with "
        "spark.kubernetes.driver.pod.name, where the driver runs in client mode)",
    ),
    AdmissionRule(
        "gang",
        f"{_TASK_GROUPS} == '' || variables.role == '{PLACEHOLDER}' || ({is_one_of(DRIVERS)} "
        f'&& {_TASK_GROUPS}.startsWith(\'[{{"name":"{DRIVER_TASK_GROUP}","minMember":1,\') '
        # With an escape a key or name could be written so that it isn't found here.
        f"&& !{_TASK_GROUPS}.contains('\\\\') "
        f"&& size({_TASK_GROUPS}.split('\"{DRIVER_TASK_GROUP}\"')) == 2 "
        f"&& size({_TASK_GROUPS}.lowerAscii().split('\"minmember\"')) == "
        f'({_TASK_GROUPS}.contains(\'{{"name":"{EXECUTOR_TASK_GROUP}","minMember":\') ? 3 : 2))',
        f"a gang has one driver, and its first executors: leave {pods.TASK_GROUPS} to the Spark operator",
    ),
    AdmissionRule(
        "placeholder",
        f"variables.role != '{PLACEHOLDER}' || (size(variables.containers) == 1 "
        f"&& variables.containers[0].image == {cel_text(PAUSE_IMAGE)})",
        f"a placeholder holds a place and does nothing: one container, of {PAUSE_IMAGE}",
    ),
    AdmissionRule(
        "sync",
        f"variables.role != '{SYNC}' || (size(variables.containers) == 1 "
        f"&& variables.containers[0].image == {cel_text(PAUSE_IMAGE)} "
        f"&& {_requested('variables.containers[0]', 'cpu')} * 1000.0 <= {parse_cpu(SYNC_REQUEST['cpu'])}.0 "
        f"&& {_requested('variables.containers[0]', 'memory')} <= {parse_bytes(SYNC_REQUEST['memory'])}.0)",
        f"a queue's Job does nothing but tell YuniKorn its numbers: one container, of {PAUSE_IMAGE}, with cpu "
        f"{SYNC_REQUEST['cpu']} and memory {SYNC_REQUEST['memory']}",
    ),
)
