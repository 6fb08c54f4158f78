"""How large an application's pods are, computed as Spark does: no larger than a queue's drivers, or than a node.

Source: apache/spark 4.0, deploy/k8s/features/{BasicDriverFeatureStep,BasicExecutorFeatureStep}.scala,
resource/ResourceProfile.scala (getResourcesForClusterManager), JavaUtils.byteStringAs; kubeflow/spark-operator v2.5.2,
internal/scheduler/yunikorn/resourceusage, which takes amounts apart before spark-submit does
"""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import KEY, ROLES, found_rule, of_roles
from components.admission.application_variables import first_of, setting
from components.admission.pod_variables import of_namespace
from components.admission.policy import AdmissionRule, Variable, cel_list, cel_text
from components.queue.queue import DEFAULT_REQUEST
from sizing import names

UNITS: Final = {
    **dict.fromkeys(("b",), 1),
    **{unit + end: 1024**power for power, unit in enumerate("kmgtp", start=1) for end in ("", "b")},
}
"""Bytes of Java's units, which are in small or capital letters."""
MINIMUM_OVERHEAD_MIB: Final = 384
JVM_FACTOR: Final = 0.1
OTHER_FACTOR: Final = 0.4
"""Of a heap, for what is beside it: of programs in Java and Scala, and of those in Python and R."""
AMOUNT: Final = "^[0-9]{1,15}[a-z]*$"
NUMBER: Final = "^([0-9]{1,6}([.][0-9]{0,12})?|[.][0-9]{1,12})([eE]-?[0-9]{1,2})?$"
CORES: Final = "^ *0*[1-9][0-9]{0,5} *$"
"""Of Spark's own count, which are whole."""
_OFF_HEAP: Final = f"{setting('spark.memory.offHeap.enabled')}.orValue('false').trim().lowerAscii()"
_UNITS: Final = "{" + ", ".join(f"{cel_text(unit)}: {size}" for unit, size in UNITS.items()) + "}"


def _mebibytes(name: str, *choices: str, default_unit: str = "m") -> tuple[Variable, ...]:
    """A variable with an amount of memory in MiB, -1 where there is none or no amount.

    Args:
        name: of the variable; `<name>_text` holds what the application says.
        choices: see `first_of`.
        default_unit: of a number without one.
    """
    text, unit = f"variables.{name}_text", f"variables.{name}_unit"
    return (
        Variable(f"{name}_text", f"string({first_of(*choices)}).trim().lowerAscii()"),
        Variable(f"{name}_unit", f"{text}.matches('^[0-9]+$') ? '{default_unit}' : {text}.find('[a-z]*$')"),
        Variable(
            name,
            f"{text}.matches({cel_text(AMOUNT)}) && {unit} in {_UNITS} "
            f"? int(double({text}.find('^[0-9]+')) * double({_UNITS}[{unit}]) / 1048576.0) : -1",
        ),
    )


def _number(text: str, default: str) -> str:
    return f"(string({text}).matches({cel_text(NUMBER)}) ? double(string({text})) : {default})"


def _request(container: str, resource: str) -> str:
    """What a container requests: what it may have at most, or the namespace's default, where it doesn't say."""
    asked, limit = (f"{container}.?resources.?{kind}[?'{resource}']" for kind in ("requests", "limits"))
    # A quantity may be a number too.
    return _quantity(first_of(asked, limit, f"dyn('{DEFAULT_REQUEST[resource]}')"))


def _quantity(text: str) -> str:
    return f"(isQuantity(string({text})) ? quantity(string({text})).asApproximateFloat() : 0.0)"


def _sum(containers: str, amount: str) -> str:
    return f"([0.0] + {containers}.map(c, {amount})).sum()"


def _sidecars(role: str, resource: str, spark: str) -> str:
    """What a pod requests in all: Spark's container and its sidecars, or an init container that asks for more.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
    """
    together = f"{spark} + {_sum(f'variables.{role}_sidecars', _request('c', resource))}"
    before = f"variables.{role}_initial.map(c, {_request('c', resource)})"
    return f"([{together}] + {before}).max()"


def _cores(role: str) -> str:
    """Millicores that Spark requests for its container."""
    asked = first_of(f"variables.{role}.?coreRequest", setting(f"{KEY}{role}.request.cores"), "''")
    cores = first_of(f"variables.{role}.?cores", setting(f"spark.{role}.cores"), "'1'")
    return f"isQuantity(string({asked})) ? {_quantity(asked)} : {_number(cores, '1.0')}"


def _of_role(role: str) -> tuple[Variable, ...]:
    factor = first_of(setting(f"spark.{role}.memoryOverheadFactor"), "variables.factor_text")
    more = "0" if role == "driver" else "variables.off_heap + variables.for_python"
    # What a Spark Connect server requests, its template alone says.
    sized = "variables.connect ? 0.0 : " if role == "driver" else ""
    return (
        *_mebibytes(f"{role}_heap", f"variables.{role}.?memory", setting(f"spark.{role}.memory"), "'1g'"),
        *_mebibytes(
            f"{role}_overhead", f"variables.{role}.?memoryOverhead", setting(f"spark.{role}.memoryOverhead"), "''"
        ),
        *_mebibytes(f"{role}_overhead_least", setting(f"spark.{role}.minMemoryOverhead"), f"'{MINIMUM_OVERHEAD_MIB}m'"),
        Variable(
            f"{role}_overhead_share",
            f"int({_number(factor, 'variables.factor')} * double(variables.{role}_heap))",
        ),
        Variable(
            f"{role}_mebibytes",
            f"variables.{role}_heap + {more} + (variables.{role}_overhead >= 0 ? variables.{role}_overhead "
            f": variables.{role}_overhead_share > variables.{role}_overhead_least "
            f"? variables.{role}_overhead_share : variables.{role}_overhead_least)",
        ),
        Variable(f"{role}_cores", _cores(role)),
        Variable(f"{role}_cpu", f"int({_sidecars(role, 'cpu', f'({sized}variables.{role}_cores)')} * 1000.0 + 0.5)"),
        Variable(
            f"{role}_memory",
            f"int({_sidecars(role, 'memory', f'({sized}double(variables.{role}_mebibytes) * 1048576.0)')})",
        ),
        # The operator writes it into pods that have no template: in Java's units, in small letters, or in Kubernetes'.
        Variable(f"{role}_limit_text", f"string(variables.{role}.?memoryLimit.orValue(''))"),
        Variable(
            f"{role}_limit",
            f"variables.{role}_limit_text.matches('^[0-9]+(k|m|g|t|p)b?$') "
            f"? double(variables.{role}_limit_text.find('^[0-9]+')) "
            f"* double({_UNITS}[variables.{role}_limit_text.find('[a-z]+$')]) "
            f": variables.{role}_limit_text.matches('[kmgtpKMGTP][bB]?$') "
            f"|| !isQuantity(variables.{role}_limit_text) ? -1.0 "
            f": quantity(variables.{role}_limit_text).asApproximateFloat()",
        ),
        Variable(
            f"{role}_extended",
            f"([variables.{role}.?gpu.?name.orValue('')] "
            f"+ variables.conf.map(key, key).filter(key, key.startsWith('spark.{role}.resource.') "
            f"&& key.endsWith('.vendor')).map(key, string(variables.conf[key]) + '/' "
            f"+ key.substring({len(f'spark.{role}.resource.')}, size(key) - {len('.vendor')})) "
            # Without a vendor Spark asks nobody, and stops.
            f"+ variables.conf.map(key, key).filter(key, key.startsWith('spark.{role}.resource.') "
            "&& key.endsWith('.amount') "
            "&& !(key.substring(0, size(key) - 6) + 'vendor' in variables.conf)).map(key, key) "
            f"+ variables.{role}_containers.map(c, c.?resources.?requests.orValue({{}}).map(key, key) "
            "+ c.?resources.?limits.orValue({}).map(key, key)).flatten())"
            ".filter(name, !(name in ['', 'cpu', 'memory', 'ephemeral-storage']))",
        ),
    )


SIZE_VARIABLES: Final = (
    Variable("python", "variables.main_file.matches('[.]py$')"),
    Variable(
        "factor_text", first_of(setting(f"{KEY}memoryOverheadFactor"), "variables.spec.?memoryOverheadFactor", "''")
    ),
    Variable(
        "factor",
        _number(
            "variables.factor_text", f"(variables.main_file.matches('[.](py|R)$') ? {OTHER_FACTOR} : {JVM_FACTOR})"
        ),
    ),
    *_mebibytes("off_heap_size", setting("spark.memory.offHeap.size"), "''", default_unit="b"),
    Variable(
        "off_heap",
        f"{_OFF_HEAP} == 'true' && variables.off_heap_size > 0 ? variables.off_heap_size : 0",
    ),
    *_mebibytes("python_memory", setting("spark.executor.pyspark.memory"), "''"),
    Variable("for_python", "variables.python && variables.python_memory > 0 ? variables.python_memory : 0"),
    *(variable for role in ROLES for variable in _of_role(role)),
    Variable("most_cpu", f"int({of_namespace(names.DRIVER_CPU_ANNOTATION)})"),
    Variable("most_memory", f"int({of_namespace(names.DRIVER_MEMORY_ANNOTATION)})"),
    Variable(
        "node",
        f"{of_namespace(names.POOLS_USABLE_ANNOTATION)}.split(',').map(pool, pool.split(':'))"
        ".filter(pool, pool.size() == 3 && pool[0] == variables.executor_pool)",
    ),
)
"""For each role, after `POD_VARIABLES`:

- `<role>_cpu` and `<role>_memory`: what its pod requests in all, in millicores and bytes.
- `<role>_cores` and `<role>_mebibytes`: what Spark requests for its own container.
- `<role>_limit`: the memory limit that the application says, in bytes; `<role>_extended`: what else it requests."""


def _size(cpu: str, memory: str) -> str:
    return f"'cpu ' + string({cpu}) + 'm, memory ' + string({memory} / 1048576) + 'Mi'"


def _at_least(what: str, limit: str, request: str, shown: str) -> str:
    """A limit below what is requested, at which Kubernetes refuses the pod.

    Args:
        what: the limit's name.
        limit: a CEL expression, a number.
        request: the same of what is requested.
        shown: a CEL expression for a number `amount`, as text.
    """
    limit_text, request_text = (shown.replace("amount", one) for one in (limit, request))
    return f"({limit} < {request} ? ['<role> {what} ' + {limit_text} + ' below its request of ' + {request_text}] : [])"


_CORE_LIMIT: Final = first_of("variables.<role>.?coreLimit", setting(f"{KEY}<role>.limit.cores"), "''")
_MILLICORES: Final = "string(int((amount) * 1000.0)) + 'm'"
_MEBIBYTES: Final = "string(int((amount) / 1048576.0)) + 'Mi'"
_BELOW_REQUEST: Final = (
    f"(isQuantity(string({_CORE_LIMIT})) "
    f"? {_at_least('coreLimit', _quantity(_CORE_LIMIT), 'variables.<role>_cores', _MILLICORES)} : []) "
    "+ (variables.<role>_limit >= 0.0 ? "
    + _at_least("memoryLimit", "variables.<role>_limit", "double(variables.<role>_mebibytes) * 1048576.0", _MEBIBYTES)
    + " : [])"
)
_MEMORY_LIMIT: Final = "c.?resources.?limits[?'memory'].orValue(dyn('0'))"
_UNLIMITED: Final = (
    "(variables.driver_sidecars + variables.driver_initial).filter(c, "
    f"{_quantity(_MEMORY_LIMIT)} <= 0.0)"
    ".map(c, 'driver container ' + c.?name.orValue('') + ' without a memory limit')"
)
_LIMITS: Final = (
    f"{_sum('variables.driver_sidecars', _quantity(_MEMORY_LIMIT))} "
    "+ (variables.connect ? 0.0 : variables.driver_limit >= 0.0 ? variables.driver_limit "
    ": double(variables.driver_mebibytes) * 1048576.0)"
)


def _is_amount(text: str) -> str:
    """Whether a value is a quantity of Kubernetes, and none below nothing."""
    return f"(isQuantity(string({text})) && !quantity(string({text})).isLessThan(quantity('0')))"


def _amounts() -> str:
    """Amounts that Spark, the operator or its webhook can't read, at which it fails before there is a pod."""
    fields = " + ".join(
        f"(string(variables.<role>.?{field}.orValue('1g')).lowerAscii().matches('^[0-9]{{1,15}}([kmgtp]b?|b)$') ? [] "
        f": ['<role> {field}=' + string(variables.<role>.{field})])"
        for field in ("memory", "memoryOverhead")
    )
    settings = [f"spark.{role}.{name}" for role in ROLES for name in ("memory", "memoryOverhead", "minMemoryOverhead")]
    of_conf = (
        f"{cel_list([*settings, 'spark.executor.pyspark.memory'])}.filter(key, key in variables.conf "
        "&& !string(variables.conf[key]).trim().lowerAscii().matches('^[0-9]{1,15}([kmgtp]b?|b)?$'))"
        ".map(key, key + '=' + string(variables.conf[key]))"
    )
    off_heap = (
        # As the operator does, which looks at it unless it is off.
        f"{_OFF_HEAP} == 'false' || variables.off_heap_size_text == '' "
        "|| variables.off_heap_size_text.matches('^[0-9]+([kmgtp]b?|b)$') "
        "? [] : ['spark.memory.offHeap.size=' + variables.off_heap_size_text]"
    )
    cpu = " + ".join(
        f"({_is_amount(value)} ? [] : ['<role> {field}=' + string(variables.<role>.{field})])"
        for field, value in ((one, f"variables.<role>.?{one}.orValue('1')") for one in ("coreRequest", "coreLimit"))
    )
    cpu_of_conf = (
        f"{cel_list([f'{KEY}{role}.{what}.cores' for role in ROLES for what in ('request', 'limit')])}"
        f".filter(key, key in variables.conf && !{_is_amount('variables.conf[key]')})"
        ".map(key, key + '=' + string(variables.conf[key])) "
        f"+ {cel_list([f'spark.{role}.cores' for role in ROLES])}.filter(key, key in variables.conf "
        f"&& !string(variables.conf[key]).matches('{CORES}')).map(key, key + '=' + string(variables.conf[key]))"
    )
    factors = (
        f"{cel_list([f'spark.{role}.memoryOverheadFactor' for role in ROLES])}.filter(key, key in variables.conf "
        f"&& !(string(variables.conf[key]).matches({cel_text(NUMBER)}) && double(string(variables.conf[key])) > 0.0))"
        ".map(key, key + '=' + string(variables.conf[key]))"
    )
    limit = (
        "(!has(variables.<role>.memoryLimit) || variables.<role>_limit >= 0.0 ? [] "
        ": ['<role> memoryLimit=' + variables.<role>_limit_text])"
    )
    factor = (
        f"variables.factor_text == '' || variables.factor_text.matches({cel_text(NUMBER)}) ? [] "
        ": ['memoryOverheadFactor=' + variables.factor_text]"
    )
    whole = "has(variables.spec.memoryLimit) ? ['memoryLimit, which only driver and executor have'] : []"
    return (
        f"{of_roles(f'{fields} + {cpu} + {limit}')} + ({of_conf}) + ({cpu_of_conf}) + ({off_heap}) + ({factor}) "
        f"+ ({factors}) + ({whole})"
    )


SIZE_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-amounts",
        _amounts(),
        "memory is a whole number with a unit (512m, 4g, 1t), a memoryLimit one in small letters or Kubernetes' (8g, "
        "8Gi), cpu a quantity (500m, 2), a factor a number (0.1)",
    ),
    found_rule(
        "application-driver-size",
        "variables.driver_cpu > variables.most_cpu || variables.driver_memory > variables.most_memory "
        f"? ['driver ' + {_size('variables.driver_cpu', 'variables.driver_memory')}] : []",
        "the queue's drivers may not be larger than its stack says (drivers.cpu, drivers.memory): what counts is "
        "memory and its overhead, which is at least 384 MiB, and what sidecars and init containers request",
        _size("variables.most_cpu", "variables.most_memory"),
    ),
    found_rule(
        "application-executor-size",
        "variables.node.filter(pool, variables.executor_cpu > int(pool[1]) || variables.executor_memory > int(pool[2]))"
        f".map(pool, 'executor ' + {_size('variables.executor_cpu', 'variables.executor_memory')})",
        "no node of the pool has room for such an executor, which would wait for ever: what counts is memory and its "
        "overhead, off-heap and Python's memory, and what sidecars and init containers request",
        f"variables.node.map(pool, {_size('int(pool[1])', 'int(pool[2])')} + ' of ' + pool[0]).join('')",
    ),
    found_rule(
        "application-limits",
        f"{of_roles(_BELOW_REQUEST)} + {_UNLIMITED} "
        # A driver that is too large has limits to match.
        f"+ (variables.driver_memory <= variables.most_memory && {_LIMITS} > double(variables.most_memory) + 0.5 "
        "? ['driver limits of memory ' "
        f"+ string(int(({_LIMITS}) / 1048576.0)) + 'Mi'] : [])",
        "a limit is no less than the request; and drivers of all queues share nodes, so each of a driver's containers "
        "has a memory limit, all together within the driver's size",
        "'limits no less than the request, and of memory at most ' + string(variables.most_memory / 1048576) "
        "+ 'Mi in all of a driver'",
    ),
    found_rule(
        "application-resources",
        "variables.driver_extended.map(name, 'driver ' + name) + (variables.executor_nodes.size() > 0 "
        "? variables.executor_extended.map(name, 'executor ' + name) : [])",
        "nodes have cpu and memory to request, and nothing else: leave GPUs and other resources out",
        "'cpu, memory'",
    ),
)
