"""Endings of real jobs: what was left of each, and how it was recorded (`recorded` in the file)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from skate.why import Evidence

FOLDER = Path(__file__).parent / "data" / "endings"
NAMES = sorted(file.stem for file in FOLDER.glob("*.json"))


def ending(name: str) -> dict[str, Any]:
    """An ending as it was recorded."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def evidence(name: str) -> Evidence:
    """What `skate why` would see of it."""
    return evidence_of(ending(name))


def evidence_of(found: dict[str, Any]) -> Evidence:
    """The same of one that was changed."""
    return Evidence(
        application=found["application"],
        pods=tuple(found["pods"]),
        events=tuple(found["events"]),
        logs={pod: tuple(lines) for pod, lines in found["logs"].items()},
    )
