"""What the jobs of a queue reach, in words: lines that every format shows in its own way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fleet.offline.reached import Access, Reached, ReachedCatalog, ReachedSecret

HEADING: Final = "beside HTTPS and their queue's own folders"
"""What every queue's jobs reach, and no line is about."""
_DONE: Final[Mapping[Access, str]] = {"read": "read", "readWrite": "read and write"}


@dataclass(frozen=True)
class ReachLine:
    """One thing that jobs reach.

    Attributes:
        kind: what it is, in a word.
        name: what jobs, or the stack's settings, call it.
        how: what is done with it, or what is there.
        where: its address, its key, or its ARN; empty where there is no more to say.
    """

    kind: str
    name: str
    how: str
    where: str


def reach_lines(reached: Reached) -> list[ReachLine]:
    """What a queue's jobs reach, a line each: data first, secrets last. Of secrets the names, which is all there is."""
    return [
        *(
            ReachLine(
                "data",
                f"s3://{one.bucket}" + (f"/{one.prefix}" if one.prefix else ""),
                _DONE[one.access],
                f"key {one.kms_key}" if one.kms_key else "",
            )
            for one in reached.data
        ),
        *(ReachLine("catalog", one.name, *_catalog(one)) for one in reached.catalogs),
        *(ReachLine("database", one.name, f"AWS Glue: {_DONE[one.access]}", "") for one in reached.databases),
        *(
            ReachLine("place", one.name, one.purpose, f"{one.address}, TCP {', '.join(map(str, one.ports))}")
            for one in reached.places
        ),
        *(ReachLine("secret", one.name, _service(one), one.arn) for one in reached.secrets),
    ]


def reach_summary(lines: Sequence[ReachLine]) -> str:
    """`2 data locations, 1 catalog, 3 places`; `nothing else` where there are none."""
    counts = Counter("data location" if line.kind == "data" else line.kind for line in lines)
    said = [f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items()]
    return ", ".join(said) or "nothing else"


def _catalog(catalog: ReachedCatalog) -> tuple[str, str]:
    """What it is, and where."""
    match catalog.kind:
        case "glue":
            return "Iceberg in AWS Glue", f"new tables in {catalog.warehouse}" if catalog.warehouse else ""
        case "rest":
            return "Iceberg REST", catalog.address + (f", warehouse {catalog.warehouse}" if catalog.warehouse else "")
        case "hive":
            return "Hive metastore", catalog.address


def _service(secret: ReachedSecret) -> str:
    return "parameter" if secret.arn.split(":")[2:3] == ["ssm"] else "secret"
