"""Which of Spark's settings an application may bring, as expressions of CEL.

What may be set is listed, with reasons: `components.admission.spark_settings_rows`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.admission.patches import remove
from components.admission.policy import Variable, cel_list, cel_text
from components.admission.spark_settings import Verdict
from components.admission.spark_settings_rows import CATALOG_ENDINGS, ENDINGS, IN_CLUSTER, IN_CLUSTER_TOO, TABLE

_ALLOWED: Final = TABLE.keys(Verdict.ALLOWED)
NAMES: Final = tuple(key for key in _ALLOWED if not key.endswith(".") and not TABLE.start_allows(key))
PREFIXES: Final = tuple(key for key in _ALLOWED if key.endswith("."))
"""Each is all of what starts so, but for `REFUSED` and `WITHIN`."""
WITHIN: Final = tuple(key for key in TABLE.keys(Verdict.SAME, Verdict.REFUSED) if TABLE.start_allows(key))
"""Names and starts of names that are refused, though a shorter start is allowed."""
REFUSED: Final = ENDINGS
_HADOOP: Final = "spark.hadoop."
_CATALOGS: Final = "spark.sql.catalog."
_FILE_SYSTEMS: Final = f"{_HADOOP}fs."
NAME: Final = r"^[\w.-]+$"
"""Of a setting of Hadoop, which trims names: with a blank more, an ending would not be found.

Source: apache/hadoop 3.4, Configuration.set
"""


def keys_refused(keys: str, more: Sequence[str]) -> str:
    """A CEL expression for those of the keys that may not be set, a list.

    spark-submit ends a name at the first `=`. Comparing texts is cheap: an expression has a budget, and one regular
    expression of all names would use it up.

    Args:
        keys: a CEL expression for a list of keys.
        more: names that the platform also allows, or starts of names, which end with a dot.
    """
    names = cel_list([*NAMES, *(key for key in sorted(more) if not key.endswith("."))])
    prefixes = cel_list([*PREFIXES, *(key for key in sorted(more) if key.endswith("."))])
    within = [key for key in WITHIN if key not in more]
    whole = cel_list([key for key in within if not key.endswith(".")])
    starts = cel_list([key for key in within if key.endswith(".")])
    endings = cel_list([f".{ending}" for ending in REFUSED])
    of_catalogs = cel_list([f".{ending}" for ending in CATALOG_ENDINGS])
    return (
        f"{keys}.filter(key, key.contains('=') || (!(key in {names}) "
        f"&& (!{prefixes}.exists(start, key.startsWith(start)) "
        f"|| key in {whole} || {starts}.exists(start, key.startsWith(start)) "
        f"|| (key.startsWith('{_CATALOGS}') && {of_catalogs}.exists(ending, key.endsWith(ending))) "
        f"|| (key.startsWith('{_HADOOP}') && (!key.matches({cel_text(NAME)}) "
        f"|| (key.startsWith('{_FILE_SYSTEMS}') && {endings}.exists(ending, key.endsWith(ending))))))))"
    )


def what_is_allowed(keys: str) -> str:
    """A CEL expression for a text of keys that are refused, with what some of them may only be.

    Args:
        keys: a CEL expression for a list of keys.
    """
    shown = ", ".join(f"{cel_text(key)}: {cel_text(value.shown)}" for key, value in TABLE.anyway().items())
    return f"{keys}.map(key, {{{shown}}}[?key].optMap(only, key + ' (only: ' + only + ')').orValue(key)).join(', ')"


_SAME: Final = ", ".join(
    f"{cel_text(key)}: [{', '.join((value.cel, *map(cel_text, value.others)))}]"
    for key, value in TABLE.anyway().items()
)
VARIABLES: Final = (
    Variable("anyway", f"{{{_SAME}}}"),
    Variable("hadoop_conf", "variables.spec.?hadoopConf.orValue({})"),
)
"""What settings are without the job, by names, and those of Hadoop that the application has by their own names."""


def _is_one_of(value: str, name: str) -> str:
    """Whether a value is what the setting of a name is anyway. What is taken out may be compared generously."""
    plain = f"string({value}).trim().lowerAscii()"
    return f"variables.anyway[{name}].exists(same, same.lowerAscii() == {plain})"


def of_fields() -> str:
    """Settings that fields of an application stand for, which are judged as settings are: a CEL expression, a list."""
    master = cel_list([IN_CLUSTER, *IN_CLUSTER_TOO])
    return (
        f"(variables.driver.?kubernetesMaster.orValue({cel_text(IN_CLUSTER)}).lowerAscii() in {master} "
        "? [] : ['spark.kubernetes.driver.master']) "
        "+ variables.driver.?serviceAnnotations.orValue({})"
        ".map(key, 'spark.kubernetes.driver.service.annotation.' + key)"
    )


def repeated(path: str) -> str:
    """Patches, as a CEL expression, that take out what an application says and is so anyway; after `VARIABLES`.

    The operator's webhook refuses some whatever they say, and spark-submit in the operator's pod would take the class
    of a file system for its own (`components.software.submission`).

    Args:
        path: a CEL expression for where the application's spec is.
    """
    conf = f"variables.anyway.filter(key, key in variables.conf && {_is_one_of('variables.conf[key]', 'key')})"
    whole = f"(key.startsWith('{_HADOOP}') ? key : '{_HADOOP}' + key)"
    hadoop = (
        f"variables.hadoop_conf.filter(key, {whole} in variables.anyway "
        f"&& {_is_one_of('variables.hadoop_conf[key]', whole)})"
    )
    return " + ".join(
        f"{keys}.map(key, {remove(f'{path} + {cel_text(at)} + jsonpatch.escapeKey(key)')})"
        for keys, at in ((conf, "/sparkConf/"), (hadoop, "/hadoopConf/"))
    )
