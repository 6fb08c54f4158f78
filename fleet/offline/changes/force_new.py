"""Which changes force a new resource, by a table made from the SDKs' docstrings and the providers' sources.

The table (`data/force_new.json`) is made by `fleet.offline.changes.force_new_table` and dated. Its limits:

- It covers the types that the program registers, and every kind of Kubernetes object; of other types nothing is known.
- It is no provider. The one that deploys can be newer, and where a rule depends on what it reads from the cloud
  (`replaced_if`), only the deployment decides.
- The children that `eks.Cluster` makes in its own plugin are not the program's, and nothing is said of them.
- When the region of an AWS provider changes, all its regional resources are replaced, though none of their properties
  changes.
- What Kubernetes itself refuses to change, and its provider does not replace for, fails in the deployment.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from fleet.offline.changes.property_paths import PropertyPath
from sizing.values import Json

Names = tuple[str, ...]
"""A path without the indices of lists."""


@dataclass(frozen=True)
class ForceNew:
    """What forces a new resource of one type.

    Attributes:
        always: properties that always do.
        conditional: properties that do on a condition, with it.
    """

    always: frozenset[Names]
    conditional: Mapping[Names, str]


@dataclass(frozen=True)
class Table:
    """The table as values.

    Attributes:
        date: day on which it was made.
        sources: what it was made from: `the docstrings of pulumi-aws 7.51.1`.
        types: by type; what holds of every Kubernetes object stands under `kubernetes`.
    """

    date: datetime.date
    sources: tuple[str, ...]
    types: Mapping[str, ForceNew]


def forces_replacement(type_token: str, path: PropertyPath) -> bool:
    """Whether a change at a path of a resource's inputs always makes a new resource.

    Args:
        type_token: as the engine knows the type: `aws:ec2/vpc:Vpc`.
        path: of a property that changes, by its engine names. Below a force-new property it counts as that one; above
            one it is taken to be of a whole that comes or goes, with what is in it.
    """
    rules = _rules(type_token)
    names = _names(path)
    return rules is not None and any(_one_within_the_other(forcing, names) for forcing in rules.always)


def replaced_if(type_token: str, path: PropertyPath) -> str:
    """The condition on which a change at a path makes a new resource, to follow "it is replaced if".

    Empty where there is none: it always does, or never.
    """
    rules = _rules(type_token)
    names = _names(path)
    if rules is None or forces_replacement(type_token, path):
        return ""
    return next((when for at, when in rules.conditional.items() if _one_within_the_other(at, names)), "")


def load(text: str) -> Table:
    """The table in the text of its file.

    Raises:
        ValueError: it is no such file.
    """
    try:
        data = json.loads(text)
        docstrings = (f"the docstrings of {sdk}" for sdk in data["docstrings"])
        return Table(
            date=datetime.date.fromisoformat(data["date"]),
            sources=(*docstrings, *(f"the source of {provider}" for provider in data["sources"])),
            types={token: _force_new(entry) for token, entry in data["types"].items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"not a table of force-new properties: {type(error).__name__}: {error}") from error


def _force_new(entry: Mapping[str, Json]) -> ForceNew:
    return ForceNew(
        always=frozenset(tuple(path.split(".")) for path in entry["always"]),
        conditional={tuple(path.split(".")): when for path, when in entry["if"].items()},
    )


def _rules(type_token: str) -> ForceNew | None:
    return TABLE.types.get(type_token) or TABLE.types.get(type_token.partition(":")[0])


def _names(path: PropertyPath) -> Names:
    return tuple(step for step in path if isinstance(step, str))


def _one_within_the_other(left: Names, right: Names) -> bool:
    shared = min(len(left), len(right))
    return left[:shared] == right[:shared]


TABLE: Final = load(files("fleet.offline.changes").joinpath("data", "force_new.json").read_text(encoding="utf-8"))
