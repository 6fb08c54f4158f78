"""Which of Spark's settings an application may bring, as expressions of CEL.

What may be set is listed, with reasons: `components.admission.spark_settings_rows`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.admission.patches import remove
from components.admission.policy import Variable, cel_list, cel_text
from components.admission.spark_settings import Verdict
from components.admission.spark_settings_rows import ENDINGS, TABLE

_ALLOWED: Final = TABLE.keys(Verdict.ALLOWED)
NAMES: Final = tuple(key for key in _ALLOWED if not key.endswith(".") and not TABLE.start_allows(key))
PREFIXES: Final = tuple(key for key in _ALLOWED if key.endswith("."))
"""Each is all of what starts so, but for `REFUSED` and `WITHIN`."""
WITHIN: Final = tuple(key for key in TABLE.keys(Verdict.SAME, Verdict.REFUSED) if TABLE.start_allows(key))
"""Names and starts of names that are refused, though a shorter start is allowed."""
REFUSED: Final = ENDINGS
_HADOOP: Final = "spark.hadoop."
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
    return (
        f"{keys}.filter(key, key.contains('=') || (!(key in {names}) "
        f"&& (!{prefixes}.exists(start, key.startsWith(start)) "
        f"|| key in {whole} || {starts}.exists(start, key.startsWith(start)) "
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


VARIABLES: Final = (
    Variable("anyway", "{" + ", ".join(f"{cel_text(key)}: {value.cel}" for key, value in TABLE.anyway().items()) + "}"),
    Variable("hadoop_conf", "variables.spec.?hadoopConf.orValue({})"),
)
"""What settings are without the job, by names, and those of Hadoop that the application has by their own names."""


def repeated(path: str) -> str:
    """Patches, as a CEL expression, that take out what an application says and is so anyway; after `VARIABLES`.

    The operator's webhook refuses some whatever they say, and spark-submit in the operator's pod would take the class
    of a file system for its own (`components.software.submission`).

    Args:
        path: a CEL expression for where the application's spec is.
    """
    conf = "variables.anyway.filter(key, key in variables.conf && variables.conf[key] == variables.anyway[key])"
    hadoop = (
        f"variables.hadoop_conf.filter(key, '{_HADOOP}' + key in variables.anyway "
        f"&& variables.hadoop_conf[key] == variables.anyway['{_HADOOP}' + key])"
    )
    return " + ".join(
        f"{keys}.map(key, {remove(f'{path} + {cel_text(at)} + jsonpatch.escapeKey(key)')})"
        for keys, at in ((conf, "/sparkConf/"), (hadoop, "/hadoopConf/"))
    )
