"""What the arguments of a spark-submit say of its settings.

Source: apache/spark v4.0, docs/submitting-applications.md and SparkSubmitArguments.scala
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

_OPTIONS: Final = {
    "--name": "spark.app.name",
    "--master": "spark.master",
    "--queue": "spark.yarn.queue",
    "--num-executors": "spark.executor.instances",
    "--executor-cores": "spark.executor.cores",
    "--executor-memory": "spark.executor.memory",
    "--driver-cores": "spark.driver.cores",
    "--driver-memory": "spark.driver.memory",
}


def settings_of(arguments: str | Sequence[str]) -> dict[str, str]:
    """Spark's settings by name; what sets none is passed over.

    Args:
        arguments: each by itself, or as a shell takes them.
    """
    words = _words(arguments) if isinstance(arguments, str) else list(arguments)
    found: dict[str, str] = {}
    for position, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in _OPTIONS or option == "--conf" or word == "-c":
            value = value if equals else next(iter(words[position + 1 : position + 2]), "")
            if option in _OPTIONS:
                found[_OPTIONS[option]] = value
            elif "=" in value:
                name, _, setting = value.partition("=")
                found[name.strip()] = setting.strip()
    return found


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote without its end
        return text.split()
