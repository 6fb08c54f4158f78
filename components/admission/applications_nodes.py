"""Where an application's pods may run: what the rules for pods refuse, and what no node fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.admission.application_pods import entries, found_rule, of_roles
from components.admission.application_variables import listed
from components.admission.lanes import JOBS
from components.admission.pod_variables import of_namespace
from components.admission.pods_guard import NOT_READY
from components.admission.pods_placement import SCHEDULER, UNSET_SCHEDULER
from components.admission.policy import AdmissionRule, Variable, cel_list, cel_text
from sizing import names
from sizing.node_labels import NodeLabels, label_lines

_POOL: Final = cel_text(names.POOL_LABEL)
_REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED: Final = "preferredDuringSchedulingIgnoredDuringExecution"
_TERMS: Final = listed(f"affinity.?nodeAffinity.?{_REQUIRED}.?nodeSelectorTerms")
_ALL_TERMS: Final = (
    f"({_TERMS} + {listed(f'affinity.?nodeAffinity.?{_PREFERRED}')}.map(one, one.?preference.orValue({{}})))"
)
_EXPRESSIONS: Final = listed("term.?matchExpressions")
INTEGER: Final = "^[+-]?[0-9]{1,18}$"
CHOICES: Final = (
    names.CAPACITY_LABEL,
    names.POOL_LABEL,
    "kubernetes.io/arch",
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/zone",
)
"""Labels of nodes that a job might choose by; there are more (`sizing.node_labels`)."""
NODES_KNOWN: Final = "variables.<role>_nodes.size() > 0"


def node_variables(driver_nodes: NodeLabels) -> tuple[Variable, ...]:
    """The labels of the nodes of each role's pool, as lines `key=value`, or `key` where it can be anything.

    Both are empty on a cluster that was there: its nodes have what their owner says.

    Args:
        driver_nodes: the labels of the driver pool's nodes.
    """
    lines = f"{of_namespace(names.NODE_LABELS_ANNOTATION)}.split('\\n')"
    return (
        Variable("driver_nodes", cel_list(label_lines(driver_nodes))),
        Variable(
            "executor_nodes",
            f"{lines}.filter(line, line.startsWith(variables.executor_pool + ' '))"
            ".map(line, line.substring(size(variables.executor_pool) + 1))",
        ),
    )


def _known(key: str) -> str:
    return f"variables.<role>_nodes.exists(line, line == {key} || line.startsWith({key} + '='))"


def _fits(key: str, value: str) -> str:
    return f"({key} in variables.<role>_nodes || ({key} + '=' + {value}) in variables.<role>_nodes)"


def _has(key: str) -> str:
    """What the nodes have of a label, as text."""
    lines = f"variables.<role>_nodes.filter(line, line == {key} || line.startsWith({key} + '='))"
    return f"' (nodes have: ' + ({_known(key)} ? {lines}.join(' ') : 'no such label') + ')'"


def _satisfiable() -> str:
    """Whether, for each label, some value that nodes have fits all expressions of a term about it."""
    values = listed("other.?values")
    value = "line.substring(size(e.key) + 1)"
    number = f"({value}.matches('{INTEGER}') && {values}.all(v, string(v).matches('{INTEGER}')))"
    compared = " : ".join(
        f"other.operator == '{operator}' ? {number} && {values}.all(v, int({value}) {sign} int(string(v)))"
        for operator, sign in (("Gt", ">"), ("Lt", "<"))
    )
    fits = (
        f"other.operator == 'In' ? {values}.exists(v, string(v) == {value}) "
        f": other.operator == 'NotIn' ? !{values}.exists(v, string(v) == {value}) "
        f": {compared} : other.operator == 'Exists'"
    )
    about_it = f"{_EXPRESSIONS}.filter(other, other.key == e.key)"
    absent = f"{about_it}.all(other, other.operator in ['DoesNotExist', 'NotIn'])"
    return (
        f"{_EXPRESSIONS}.all(e, e.key == {_POOL} || (!{_known('e.key')} ? {absent} "
        f": e.key in variables.<role>_nodes ? {about_it}.all(other, other.operator != 'DoesNotExist') "
        ": variables.<role>_nodes.filter(line, line.startsWith(e.key + '='))"
        f".exists(line, {about_it}.all(other, {fits}))))"
    )


def _malformed() -> str:
    """What Kubernetes can't read in affinity."""
    values, weights = listed("e.?values"), listed(f"affinity.?<kind>.?{_PREFERRED}")
    wrong = (
        f"e.operator in ['In', 'NotIn'] ? {values}.size() == 0 "
        f": e.operator in ['Exists', 'DoesNotExist'] ? {values}.size() > 0 "
        f": e.operator in ['Gt', 'Lt'] ? {values}.size() != 1 || !{values}.all(v, string(v).matches('{INTEGER}')) "
        ": true"
    )
    expressions = (
        f"variables.<role>_affinities.map(affinity, {_ALL_TERMS}.map(term, {_EXPRESSIONS}).flatten()).flatten()"
        f".filter(e, {wrong}).map(e, '<role> nodeAffinity ' + e.?key.orValue('') + ' ' + e.?operator.orValue('') + ' ' "
        f"+ {values}.map(value, string(value)).join('|'))"
    )
    none = (
        f"variables.<role>_affinities.filter(affinity, affinity.?nodeAffinity.?{_REQUIRED}.hasValue() "
        f"&& {_TERMS}.size() == 0).map(affinity, '<role> nodeAffinity without nodeSelectorTerms')"
    )
    kinds = ("nodeAffinity", "podAffinity", "podAntiAffinity")
    weight = " + ".join(
        f"variables.<role>_affinities.map(affinity, {weights.replace('<kind>', kind)}).flatten()"
        ".filter(one, one.?weight.orValue(0) < 1 || one.weight > 100)"
        f".map(one, '<role> {kind} of weight ' + string(one.?weight.orValue(0)))"
        for kind in kinds
    )
    selectors = " + ".join(
        f"variables.<role>_affinities.map(affinity, {listed(f'affinity.?{kind}.?{_REQUIRED}')} "
        f"+ {listed(f'affinity.?{kind}.?{_PREFERRED}')}.map(one, one.?podAffinityTerm.orValue({{}}))).flatten()"
        f".filter(term, {listed('term.?labelSelector.?matchExpressions')}.exists(e, e.operator in ['In', 'NotIn'] "
        f"? {values}.size() == 0 : !(e.operator in ['Exists', 'DoesNotExist']) || {values}.size() > 0))"
        f".map(term, '<role> {kind} whose labelSelector nobody can read')"
        for kind in kinds[1:]
    )
    return f"{expressions} + {none} + {weight} + {selectors}"


_NO_NODE: Final = (
    f"{NODES_KNOWN} ? variables.<role>_affinities.filter(affinity, {_TERMS}.size() > 0 "
    f"&& !{_TERMS}.exists(term, {_satisfiable()}))"
    f".map(affinity, '<role> nodeAffinity ' + {_TERMS}.map(term, {_EXPRESSIONS}"
    f".map(e, e.key + ' ' + e.operator + ' ' + {listed('e.?values')}.map(value, string(value)).join('|') "
    f"+ {_has('e.key')}).join(' and ')).join(' or ')) : []"
)
_FAR_TOPOLOGY: Final = (
    f"{NODES_KNOWN} ? (variables.<role>_affinities.map(affinity, {listed(f'affinity.?podAffinity.?{_REQUIRED}')})"
    ".flatten().map(term, term.?topologyKey.orValue('')) "
    f"+ {listed('variables.<role>_pod.?topologySpreadConstraints')}"
    ".filter(one, one.?whenUnsatisfiable.orValue('DoNotSchedule') == 'DoNotSchedule')"
    ".map(one, one.?topologyKey.orValue('')))"
    f".filter(key, key != {_POOL} && !{_known('key')}).map(key, '<role> topologyKey ' + key) : []"
)
_POOL_AFFINITY: Final = (
    f"variables.<role>_affinities.map(affinity, {_ALL_TERMS}).flatten()"
    ".filter(term, has(term.matchFields) "
    f"|| {_EXPRESSIONS}.exists(e, e.key == {_POOL} && !(e.operator == 'In' && e.values == [variables.<role>_pool])))"
    ".map(term, '<role> nodeAffinity ' + (has(term.matchFields) ? 'matchFields' : "
    f"{_EXPRESSIONS}.filter(e, e.key == {_POOL}).map(e, e.operator + ' ' "
    f"+ {listed('e.?values')}.map(value, string(value)).join('|')).join(' ')))"
)
_OTHERS_PODS: Final = " + ".join(
    f"variables.<role>_affinities.map(affinity, {listed(f'affinity.?{kind}.?{_REQUIRED}')} "
    f"+ {listed(f'affinity.?{kind}.?{_PREFERRED}')}.map(one, one.?podAffinityTerm.orValue({{}}))).flatten()"
    ".filter(term, has(term.namespaces) || has(term.namespaceSelector))"
    f".map(term, '<role> {kind} in other namespaces')"
    for kind in ("podAffinity", "podAntiAffinity")
)


def _tolerations() -> str:
    key = "t.?key.orValue('')"
    odd = (
        "!(t.?operator.orValue('') in ['', 'Equal', 'Exists']) "
        "|| (t.?operator.orValue('') == 'Exists' && t.?value.orValue('') != '') "
        "|| (has(t.tolerationSeconds) && t.?effect.orValue('') != 'NoExecute')"
    )
    allowed = (
        f"{key} == {_POOL} ? t.?operator.orValue('Equal') == 'Equal' "
        "&& t.?value.orValue('') == variables.<role>_pool && t.?effect.orValue('') == 'NoSchedule' "
        f": {key} in {cel_list(NOT_READY)} ? t.?effect.orValue('') == 'NoExecute' "
        f": !{key}.startsWith('elastic-spark/') && {key} in variables.<role>_extended"
    )
    return (
        f"variables.<role>_tolerations.filter(t, !({allowed}) || ({odd}))"
        f".map(t, '<role> ' + ({key} == '' ? 'every taint' : {key})"
        " + (t.?value.orValue('') == '' ? '' : '=' + string(t.value))"
        " + (t.?operator.orValue('') in ['', 'Equal'] ? '' : ' ' + t.operator)"
        " + (t.?effect.orValue('') == '' ? '' : ':' + t.effect))"
    )


def _named(field: str, value: str, allowed: Sequence[str]) -> str:
    """What a field of a role, or of its pod template, says that is none of these."""
    text = f"{value}.orValue('')"
    return f"({text} in {cel_list(allowed)} ? [] : ['<role> {field}=' + {text}])"


def _both(field: str, allowed: Sequence[str]) -> str:
    return (
        f"{_named(field, f'variables.<role>.?{field}', allowed)} "
        f"+ {_named(field, f'variables.<role>_pod.?{field}', allowed)}"
    )


_NOT_ASKED: Final = ("ephemeralContainers", "overhead", "resourceClaims", "resources", "schedulingGates")
"""Fields of a pod template whose pods Kubernetes refuses, admission refuses, or nothing lets start."""
_UNSCHEDULED: Final = " + ".join(
    (
        _both("schedulerName", ("", SCHEDULER, UNSET_SCHEDULER)),
        _both("priorityClassName", ("", JOBS.priority_class)),
        _named("nodeName", "variables.<role>_pod.?nodeName", ("",)),
        _named("runtimeClassName", "variables.<role>_pod.?runtimeClassName", ("",)),
        _named("os.name", "variables.<role>_pod.?os.?name", ("", "linux")),
        f"{cel_list(_NOT_ASKED)}.filter(field, field in variables.<role>_pod "
        "&& variables.<role>_pod[field] != null && size(variables.<role>_pod[field]) > 0)"
        ".map(field, '<role> ' + field)",
        "(variables.<role>_pod.?priority.orValue(0) == 0 ? [] : ['<role> priority=' "
        "+ string(variables.<role>_pod.priority)])",
    )
)
_TWO_SELECTORS: Final = (
    "(!variables.connect && has(variables.spec.nodeSelector) "
    "&& (has(variables.driver.nodeSelector) || has(variables.executor.nodeSelector)) "
    "? ['nodeSelector of the whole beside one of driver or executor'] : [])"
)
"""What the operator's webhook refuses, of a schedule not until it starts something (sparkapplication_validator.go)."""
NODE_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-pools",
        f"variables.driver_pools.filter(pool, pool != '{names.DRIVER_POOL}').map(pool, 'driver on ' + pool) "
        "+ variables.executor_pools.filter(pool, !(pool in variables.own_pools) || pool != variables.executor_pool)"
        ".map(pool, 'executor on ' + pool)",
        f"drivers run on the pool {names.DRIVER_POOL}, and executors on one pool of their queue, which their node "
        f"selector or their label {names.POOL_LABEL} may name",
        f"'driver on {names.DRIVER_POOL}, executor on one of ' + {of_namespace(names.POOLS_ANNOTATION)}",
    ),
    found_rule(
        "application-selectors",
        entries(
            "selectors",
            f"key != {_POOL} && {NODES_KNOWN} && !{_fits('key', 'string(map[key])')}",
            f"key + '=' + string(map[key]) + {_has('key')}",
        )
        + f" + {_TWO_SELECTORS}",
        "no node of the pool has these labels, so that the pods would wait for ever: leave them out, or choose by "
        f"{', '.join(CHOICES)}; and what driver or executors select, the whole doesn't",
    ),
    found_rule(
        "application-tolerations",
        of_roles(_tolerations()),
        "a pod tolerates the taint of its own pool, which admission adds, and no other: leave tolerations out",
        "'none'",
    ),
    found_rule(
        "application-affinity",
        f"{of_roles(_POOL_AFFINITY)} + {of_roles(_OTHERS_PODS)} + {of_roles(_NO_NODE)} + {of_roles(_FAR_TOPOLOGY)} "
        f"+ {of_roles(_malformed())}",
        "affinity may choose among the nodes of the pod's own pool by labels that they have, and look at pods of its "
        "own queue",
        "'driver in ' + variables.driver_pool + ', executor in ' + variables.executor_pool",
    ),
    found_rule(
        "application-scheduling",
        of_roles(_UNSCHEDULED),
        f"{SCHEDULER} chooses the node, by what containers request, and a pod's lane its priority class: leave these "
        "fields out",
        f"'schedulerName={SCHEDULER}, priorityClassName={JOBS.priority_class}'",
    ),
)
