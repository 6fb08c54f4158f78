"""Versions that Spark or its operator stops at, and options of Java that Spark has settings for.

Source: kubeflow/spark-operator v2.5.2, internal/webhook/sparkapplication_validator.go; apache/spark 4.0,
SparkConf.scala (validateSettings), launcher/SparkSubmitCommandBuilder.java, deploy/k8s/Config.scala
"""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import KEY, ROLES, found_rule
from components.admission.application_variables import setting
from components.admission.policy import AdmissionRule, Variable, cel_text

TEMPLATES_SINCE: Final = r"^v?([3-9]|[1-9][0-9]+)([.](0|[1-9][0-9]*)([.](0|[1-9][0-9]*)([-+][0-9A-Za-z.+-]+)?)?)?$"
"""Versions of Spark that take pod templates."""
BEFORE_IT: Final = "^v?3[.]0[.]0-"
PYTHON: Final = "3"
_VERSION: Final = "string(variables.spec.?sparkVersion.orValue(''))"
_TEMPLATE: Final = "(has(variables.driver.template) || has(variables.executor.template))"
_OLD: Final = (
    f"({_TEMPLATE} && (!{_VERSION}.matches({cel_text(TEMPLATES_SINCE)}) || {_VERSION}.matches('{BEFORE_IT}')) "
    f"? ['sparkVersion=' + {_VERSION} + ' with a pod template'] : [])"
)
_SAID: Final = ", ".join(
    f"string({said}.orValue('{PYTHON}'))"
    for said in ("variables.spec.?pythonVersion", setting(f"{KEY}pyspark.pythonVersion"))
)
_PYTHONS: Final = f"[{_SAID}].filter(version, version != '{PYTHON}').map(version, 'pythonVersion=' + version)"


def _options(role: str) -> str:
    """Options of a role's JVM that Spark refuses: the size of a heap, and for executors its own settings."""
    keys = [f"spark.{role}.{which}JavaOptions" for which in ("default", "extra")]
    said = ", ".join(
        f"['{name}', string({value}.orValue(''))]"
        for name, value in (
            (f"{role}.javaOptions", f"variables.{role}.?javaOptions"),
            *((key, setting(key)) for key in keys),
        )
    )
    refused = "['-Xmx', '-Dspark']" if role == "executor" else "['-Xmx']"
    return (
        f"[{said}].filter(said, {refused}.exists(option, said[1].contains(option))).map(said, said[0] + '=' + said[1])"
    )


VERSION_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-versions",
        f"{_OLD} + {_PYTHONS}",
        "pod templates, which a Spark Connect server has in any case, are for Spark from 3.0.0 on, as sparkVersion "
        "says it; Python is 3",
        "'sparkVersion such as 4.0.4, pythonVersion 3'",
    ),
    found_rule(
        "application-java-options",
        " + ".join(map(_options, ROLES)),
        "Spark stops at options of Java that size the heap (say memory) and, of executors, at its own settings (say "
        "them in sparkConf): leave -Xmx and -Dspark out",
    ),
)
