"""What admission knows of an application of the Spark operator, as variables of CEL."""

from __future__ import annotations

from typing import Final

from components.admission.pod_variables import of_namespace
from components.admission.policy import WRITE, Condition, Match, Requests, Variable, cel_text
from components.queue.annotations import SCALAR
from sizing import names

SCHEDULED: Final = "ScheduledSparkApplication"
CONNECT: Final = "SparkConnect"
APPLICATIONS: Final = Match(
    requests=(
        Requests(
            group=names.OPERATOR_GROUP,
            versions=("v1beta2",),
            resources=("scheduledsparkapplications", "sparkapplications"),
            operations=WRITE,
        ),
        Requests(group=names.OPERATOR_GROUP, versions=("v1alpha1",), resources=("sparkconnects",), operations=WRITE),
    )
)
_JUDGED_LABELS: Final = (
    "key in ['placeholder', 'queue'] || key.contains('yunikorn.apache.org/') "
    "|| ['elastic-spark/', 'spark-', 'sparkoperator.k8s.io/'].exists(start, key.startsWith(start))"
)
CHANGED: Final = Condition(
    "new-or-changed",
    "request.operation == 'CREATE' || !has(oldObject.spec) || object.spec != oldObject.spec "
    f"|| object.metadata.?labels.orValue({{}}).exists(key, ({_JUDGED_LABELS}) "
    "&& oldObject.metadata.?labels[?key].orValue('') != object.metadata.labels[key])",
)
"""An application from before a rule may still be labelled, and lose the finalizers that hold its deletion. Labels that
say where and as what pods run are another thing: a later run gets them.
"""
LARGEST: Final = 2**31 - 1
"""What Spark takes for a number of executors; stands for a text that is none."""
_A_JOB: Final = of_namespace(names.MAX_EXECUTORS_PER_JOB_ANNOTATION)
_CORES_REQUESTED: Final = "spark.kubernetes.executor.request.cores"
_UNITS: Final = "{'': 1, 'm': 1, 'mb': 1, 'g': 1024, 'gb': 1024, 't': 1048576, 'tb': 1048576}"
"""In MiB. Source: apache/spark 4.0, JavaUtils.byteStringAs; what is smaller doesn't matter here."""


def scalar(annotation: str) -> str:
    """A number of the queue, from its namespace's annotation `elastic-spark/<annotation>`."""
    return f"int(namespaceObject.metadata.annotations[{cel_text(f'{SCALAR}/{annotation}')}])"


def first_of(*choices: str) -> str:
    """The first of some optional values that there is; the last choice is no optional."""
    *optionals, last = choices
    return "".join(f"{optional}.orValue(" for optional in optionals) + last + ")" * len(optionals)


def listed(optional: str) -> str:
    """A list that may be missing, or null: the operator's webhook writes null for a template's missing containers.

    Args:
        optional: a CEL expression, an optional list.
    """
    return f"{optional}.optMap(list, list == null ? [] : list).orValue([])"


def setting(key: str) -> str:
    """The optional value of one of the application's Spark settings."""
    return f"variables.conf[?{cel_text(key)}]"


ALLOCATES: Final = f"{setting('spark.dynamicAllocation.enabled')}.orValue('').trim().lowerAscii() == 'true'"
"""Whether the application's settings say that executors come and go, however that is spelled: Spark takes `True` too.

Source: apache/spark 4.0, internal/config/ConfigBuilder.scala (toBoolean)
"""
SPEC: Final = (
    Variable("spec", f"object.kind == '{SCHEDULED}' ? object.spec.template : object.spec"),
    Variable("conf", "variables.spec.?sparkConf.orValue({})"),
    Variable("connect", f"object.kind == '{CONNECT}'"),
    # A Spark Connect server is a driver that serves many.
    Variable("driver", "variables.connect ? variables.spec.?server.orValue({}) : variables.spec.?driver.orValue({})"),
    Variable("executor", "variables.spec.?executor.orValue({})"),
    Variable("allocation", "variables.spec.?dynamicAllocation.orValue({})"),
)
"""What an application says, wherever it stands:

- `spec`: of the application, also of one that a schedule will make.
- `conf`, `driver`, `executor`, `allocation`: parts of it, also where it has none.
- `connect`: whether it is a Spark Connect server.
"""


def capacity() -> tuple[Variable, ...]:
    """How many executors the application may have, in `capacity`; after `SPEC`.

    That is what its queue can hold of them (`held`), and no more than the queue gives one job (`a_job`).

    By cpu and by heap: what comes on top of a heap is for YuniKorn to count, which holds every pod to the maximum.
    """
    cores = first_of(
        f"{setting('spark.executor.cores')}.optMap(text, {counted('text')})", "variables.executor.?cores", "1"
    )
    return (
        Variable("requested", first_of("variables.executor.?coreRequest", setting(_CORES_REQUESTED), "''")),
        Variable(
            "millicores",
            "isQuantity(variables.requested) ? int(quantity(variables.requested).asApproximateFloat() * 1000.0) "
            f": 1000 * int({cores})",
        ),
        Variable(
            "heap",
            first_of("variables.executor.?memory", setting("spark.executor.memory"), "'1g'") + ".lowerAscii().trim()",
        ),
        Variable("unit", "variables.heap.find('[a-z]*$')"),
        Variable("number", "variables.heap.find('^[0-9]{1,9}')"),
        Variable(
            "mebibytes",
            f"variables.number != '' && variables.unit in {_UNITS} "
            f"? int(variables.number) * {_UNITS}[variables.unit] : 0",
        ),
        Variable("queue_cpu", _executors_share("cpu-millicores")),
        Variable("queue_memory", f"{_executors_share('memory-bytes')} / 1048576"),
        Variable("by_cpu", _how_many("queue_cpu", "millicores")),
        Variable("by_memory", _how_many("queue_memory", "mebibytes")),
        Variable("held", "variables.by_cpu < variables.by_memory ? variables.by_cpu : variables.by_memory"),
        Variable("a_job", f"{_A_JOB} == '' ? {LARGEST} : int({_A_JOB})"),
        Variable("capacity", "variables.held < variables.a_job ? variables.held : variables.a_job"),
    )


def _how_many(whole: str, part: str) -> str:
    return f"variables.{part} < 1 ? variables.{whole} : variables.{whole} / variables.{part}"


def _executors_share(amount: str) -> str:
    """What the queue's executors may have of an amount: its maximum, less its drivers and its history server."""
    drivers = f"{scalar('drivers-at-once')} * {scalar(f'driver-{amount}')}"
    return f"({scalar(f'maximum-{amount}')} - {drivers} - {scalar(f'history-{amount}')})"


def counted(text: str) -> str:
    """The number that a text, a CEL expression, is; `LARGEST` where it is none."""
    return f"({text}.trim().matches('^[0-9]{{1,9}}$') ? int({text}.trim()) : {LARGEST})"
