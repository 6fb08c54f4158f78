"""What the driver and the executors of an application will be, as variables of CEL: by its fields, its pod templates
and its Spark settings, whichever says it.

Labels of an application are its pods' too. A Spark Connect server is a driver of a template alone.

Source: kubeflow/spark-operator v2.5.2, internal/controller/sparkapplication/submission.go,
internal/controller/sparkconnect/{options,reconciler}.go, internal/webhook/sparkpod_defaulter.go; apache/spark 4.0,
deploy/k8s/KubernetesConf.scala
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.admission.application_variables import listed
from components.admission.pod_variables import of_namespace
from components.admission.policy import AdmissionRule, Variable, cel_text
from sizing import names

ROLES: Final = ("driver", "executor")
CONTAINERS: Final = {"driver": "spark-kubernetes-driver", "executor": "spark-kubernetes-executor"}
"""Spark's own in a pod template, by the operator's settings; where none is called so, it is the first."""
KEY: Final = "spark.kubernetes."


def found_rule(name: str, found: str, message: str, allowed: str = "") -> tuple[Variable, AdmissionRule]:
    """A rule that lists what it refuses, and the variable that holds the list.

    Args:
        name: of the rule.
        found: a CEL expression, a list of texts; empty where all is well.
        message: see `AdmissionRule`.
        allowed: a CEL expression of what is allowed, as text, where the message can't say it.
    """
    variable = name.replace("-", "_")
    end = f" + '; allowed: ' + {allowed}" if allowed else ""
    return (
        Variable(variable, found),
        AdmissionRule(name, f"variables.{variable}.size() == 0", message, f"variables.{variable}.join(', '){end}"),
    )


def of_roles(expression: str) -> str:
    """Lists for driver and executors, joined.

    Args:
        expression: a CEL expression with `<role>` where the role's name belongs.
    """
    return " + ".join(f"({expression.replace('<role>', role)})" for role in ROLES)


def entries(maps: str, condition: str, text: str = "key + '=' + string(map[key])") -> str:
    """What is wrong in a list of maps of driver and executors, as texts.

    Args:
        maps: the end of the variable's name: `labels`, `annotations` or `selectors`.
        condition: a CEL expression that says whether `map[key]` is wrong.
        text: a CEL expression that says so.
    """
    each = f"map.filter(key, {condition}).map(key, '<role> ' + {text})"
    return of_roles(f"variables.<role>_{maps}.map(map, {each}).flatten()")


def conf_of(prefix: str) -> str:
    """The settings whose names start so, by the rest of their names: a map."""
    rest = f"{{key.substring({len(prefix)}): value}}"
    return f"dyn(variables.conf.transformMapEntry(key, value, key.startsWith({cel_text(prefix)}), {rest}))"


def _maps(role: str, *, of_both: Sequence[str], field: str, template: str, prefixes: Sequence[str]) -> str:
    optionals = [*of_both, f"variables.{role}.?{field}", f"variables.{role}.?template.?{template}"]
    return f"[{', '.join([*(f'{one}.orValue({{}})' for one in optionals), *map(conf_of, prefixes)])}]"


def _of_role(role: str) -> tuple[Variable, ...]:
    spark = cel_text(CONTAINERS[role])
    return (
        Variable(f"{role}_pod", f"variables.{role}.?template.?spec.orValue({{}})"),
        Variable(
            f"{role}_labels",
            _maps(
                role,
                of_both=("object.metadata.?labels",),
                field="labels",
                template="metadata.?labels",
                prefixes=(f"{KEY}{role}.label.",),
            ),
        ),
        Variable(
            f"{role}_annotations",
            _maps(
                role,
                of_both=(),
                field="annotations",
                template="metadata.?annotations",
                prefixes=(f"{KEY}{role}.annotation.",),
            ),
        ),
        Variable(
            f"{role}_selectors",
            _maps(
                role,
                of_both=("variables.spec.?nodeSelector",),
                field="nodeSelector",
                template="spec.?nodeSelector",
                prefixes=(f"{KEY}node.selector.", f"{KEY}{role}.node.selector."),
            ),
        ),
        Variable(
            f"{role}_tolerations",
            f"{listed(f'variables.{role}.?tolerations')} + {listed(f'variables.{role}_pod.?tolerations')}",
        ),
        Variable(
            f"{role}_affinities",
            f"[variables.{role}.?affinity.orValue({{}}), variables.{role}_pod.?affinity.orValue({{}})]",
        ),
        Variable(f"{role}_in_template", listed(f"variables.{role}_pod.?containers")),
        # Spark sets the cpu and memory of its own container, but for a Spark Connect server's.
        Variable(
            f"{role}_beside_spark",
            (f"variables.connect ? variables.{role}_in_template : " if role == "driver" else "")
            + f"variables.{role}_in_template.exists(c, c.?name.orValue('') == {spark}) "
            f"? variables.{role}_in_template.filter(c, c.?name.orValue('') != {spark}) "
            f": variables.{role}_in_template.transformList(i, c, i > 0, c)",
        ),
        Variable(
            f"{role}_init",
            f"{listed(f'variables.{role}.?initContainers')} + {listed(f'variables.{role}_pod.?initContainers')}",
        ),
        # Init containers that stay are sidecars too.
        Variable(
            f"{role}_sidecars",
            f"{listed(f'variables.{role}.?sidecars')} + variables.{role}_beside_spark "
            f"+ variables.{role}_init.filter(c, c.?restartPolicy.orValue('') == 'Always')",
        ),
        Variable(f"{role}_initial", f"variables.{role}_init.filter(c, c.?restartPolicy.orValue('') != 'Always')"),
        Variable(
            f"{role}_containers",
            f"{listed(f'variables.{role}.?sidecars')} + variables.{role}_in_template + variables.{role}_init",
        ),
        Variable(
            f"{role}_pools",
            f"(variables.{role}_selectors + variables.{role}_labels)"
            f".filter(map, {cel_text(names.POOL_LABEL)} in map).map(map, string(map[{cel_text(names.POOL_LABEL)}]))",
        ),
    )


POD_VARIABLES: Final = (
    *(variable for role in ROLES for variable in _of_role(role)),
    Variable("own_pools", f"{of_namespace(names.POOLS_ANNOTATION)}.split(',')"),
    Variable("driver_pool", f"'{names.DRIVER_POOL}'"),
    Variable("executor_pool", f"variables.executor_pools[?0].orValue({of_namespace(names.DEFAULT_POOL_ANNOTATION)})"),
)
"""For each of the two roles, `driver` and `executor`; after `SPEC`:

- `<role>_pod`: the spec of its pod template.
- `<role>_labels`, `<role>_annotations`, `<role>_selectors`: maps, one from each place that says such.
- `<role>_tolerations`, `<role>_affinities`: lists.
- `<role>_containers`: all that it names; `<role>_sidecars`: those that run beside Spark's; `<role>_initial`: before.
- `<role>_pools`: the pools that its node selectors and labels name; `<role>_pool`: where it runs.
"""
