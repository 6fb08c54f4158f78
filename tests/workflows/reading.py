"""The workflows and actions of `.github`, read as GitHub reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

ROOT: Final = Path(__file__).parents[2]
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS: Final = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))

Document = Mapping[str, Any]


def read(path: Path) -> Document:
    """A document; YAML 1.2, in which `on` is a word."""
    document: Document = YAML(typ="safe").load(path)
    return document


def jobs(path: Path) -> Mapping[str, Document]:
    """The jobs of a workflow."""
    found: Mapping[str, Document] = read(path)["jobs"]
    return found


def steps(path: Path) -> Iterator[Document]:
    """The steps of a workflow, job by job, or of a composite action."""
    document = read(path)
    for holder in document["jobs"].values() if "jobs" in document else [document["runs"]]:
        yield from holder.get("steps", [])
