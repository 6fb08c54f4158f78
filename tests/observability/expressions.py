"""PromQL taken apart: which series an expression selects, and which labels it relies on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import promql_parser


@dataclass(frozen=True)
class Selection:
    """A selector: a metric, and the labels that it is selected by."""

    metric: str
    labels: frozenset[str]


def metric_names(expression: str) -> set[str]:
    """The metrics that an expression reads."""
    return {selection.metric for selection in selections(expression)}


def selections(expression: str) -> list[Selection]:
    """The selectors of an expression.

    Raises:
        ValueError: it doesn't parse, or selects series without naming a metric.
    """
    return list(_selections(promql_parser.parse(expression)))


def _selections(node: Any) -> Iterator[Selection]:  # noqa: ANN401 the parser's types have no common base
    for part in walk(node):
        if isinstance(part, promql_parser.VectorSelector):
            if not part.name:
                raise ValueError(f"selects without a metric: {part.prettify()}")
            yield Selection(part.name, frozenset(matcher.name for matcher in part.matchers.matchers))


def walk(node: Any) -> Iterator[Any]:  # noqa: ANN401 see above
    """A node of the tree and all below it."""
    yield node
    for name in ("lhs", "rhs", "expr", "vector_selector", "param"):
        child = getattr(node, name, None)
        if child is not None:
            yield from walk(child)
    for child in getattr(node, "args", None) or ():
        yield from walk(child)
