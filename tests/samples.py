"""Settings to start a test from, and what a test changes in them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from infra.stack_file import read_config
from infra.validation import PLATFORM_KEY

ROOT = Path(__file__).parent.parent


def platform(stack: str = "platform-dev") -> dict[str, Any]:
    """The `elastic-spark:platform` object of a sample stack, a fresh copy."""
    settings: dict[str, Any] = json.loads(read_config(ROOT, stack)[PLATFORM_KEY])
    return settings


def config_of(settings: Any, region: str | None = "eu-central-1", **others: str) -> dict[str, str]:  # noqa: ANN401
    """The configuration of a platform stack as the engine hands it over."""
    return {PLATFORM_KEY: json.dumps(settings), **({"aws:region": region} if region else {}), **others}


def changed(settings: dict[str, Any], path: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    """A copy of settings with the value at a dotted path replaced; `...` removes it. Digits index lists."""
    result = copy.deepcopy(settings)
    *parents, last = path.split(".")
    at: Any = result
    for part in parents:
        at = at[int(part)] if isinstance(at, list) else at[part]
    key: Any = int(last) if isinstance(at, list) else last
    if value is ...:
        del at[key]
    else:
        at[key] = value
    return result
