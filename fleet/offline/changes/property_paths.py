"""Paths of properties, written as the engine does: `a.b[0].c`, and `a["k8s.io/x"]` for keys that are no words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from sizing.values import Path

PropertyPath = Path
"""Keys of objects by their engine names, and indices of lists."""

_WORD: Final = re.compile(r"[A-Za-z0-9_]+")
_STEP: Final = re.compile(r'\.?(?P<name>[^.\[\]"]+)|\[(?P<index>\d+)\]|\["(?P<key>(?:[^"\\]|\\.)*)"\]|\[(?P<any>\*)\]')


def written(path: PropertyPath) -> str:
    """The path as text; empty for the whole."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _WORD.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def parsed(text: str) -> PropertyPath:
    """The path that a text such as `ignoreChanges` names; `*` stands for any one step.

    Raises:
        ValueError: it is no path.
    """
    return tuple(_steps(text))


def _steps(text: str) -> Iterator[str | int]:
    at = 0
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            raise ValueError(f"{text!r} is no property path")
        at = step.end()
        if step["index"] is not None:
            yield int(step["index"])
        elif step["key"] is not None:
            yield json.loads(f'"{step["key"]}"')
        else:
            yield step["name"] or step["any"]


def contains(pattern: PropertyPath, path: PropertyPath) -> bool:
    """Whether a path is at or below a pattern, in which `*` stands for any one step.

    Source: pulumi, sdk/go/common/resource/property_path.go (PropertyPath.Contains).
    """
    return len(pattern) <= len(path) and all(wanted in ("*", step) for wanted, step in zip(pattern, path, strict=False))
