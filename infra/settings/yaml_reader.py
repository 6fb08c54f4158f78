"""YAML read as the engine reads it.

The engine (Go's yaml.v3) mostly follows YAML 1.2: `7:30` and `on` are text. Where it does something that nobody means
by what they wrote (`0123` is octal, `2026-11-22` becomes a time with a zone, `0x1F` a number), this reader refuses and
asks for quotes instead of following.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?")
_SURPRISING = re.compile(
    r"[-+]?0[0-9_]+|[-+]?0[xXoObB][0-9a-fA-F_]+|[-+]?[0-9][0-9_]*_[0-9_.]*"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    re.DOTALL,
)
_INT64 = 2**63
_INTEGRAL_FLOAT = 1e21
"""Below it the engine writes a float without a fraction as an integer."""
_DEEPEST = 64
_MAXIMUM_NODES = 100_000
"""Values of one document, aliases counted each time they are used: a few nested ones make billions."""


class YamlError(Exception):
    """The text can't be used as YAML.

    Attributes:
        where: line and column, or `(file)`.
        problem: what is there.
        allowed: what may be there.
    """

    def __init__(self, where: str, problem: str, allowed: str) -> None:
        super().__init__(f"{where}: {problem}; allowed: {allowed}")
        self.where, self.problem, self.allowed = where, problem, allowed


def read_yaml(text: str) -> Any:  # noqa: ANN401
    """The one document of `text` as plain values: dictionaries by text keys, lists, text, numbers, booleans and None.

    Raises:
        YamlError: it is not one YAML document, repeats a key, nests more than 64 deep, or holds a tag or a value that
            the engine would turn into something surprising.
    """
    if text.startswith("%"):
        raise YamlError("line 1, column 1", "a YAML directive", "a document without directives")
    try:
        _check_events(text)
        node = YAML(typ="base", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = _position(mark) if mark else "(file)"
        problem = " ".join(str(error.problem or error.context).split()).removeprefix("found ")
        raise YamlError(where, problem, "one YAML document, indented by spaces, not tabs") from None
    except (YAMLError, ValueError) as error:
        raise YamlError("(file)", " ".join(str(error).split()), "one YAML document in UTF-8") from None
    return None if node is None else _Reader().value(node, 0)


def _check_events(text: str) -> None:
    """Refuse what the library would fail on or take forever: it recurses by depth."""
    depth = 0
    for event in YAML(typ="base", pure=True).parse(text):
        if tag := getattr(event, "ctag", None):
            raise YamlError(_position(event.start_mark), f"the tag {tag}", "values without tags")
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _DEEPEST:
            raise YamlError(_position(event.start_mark), "nesting without end", f"at most {_DEEPEST} levels")


class _Reader:
    """Turns the nodes of one document into values, so many and no more."""

    def __init__(self) -> None:
        self._nodes = 0

    def value(self, node: Node, depth: int) -> Any:  # noqa: ANN401
        self._nodes += 1
        if depth > _DEEPEST:
            raise _refused(node, "nesting without end", f"at most {_DEEPEST} levels")
        if self._nodes > _MAXIMUM_NODES:
            raise _refused(
                node, "values without end", f"at most {_MAXIMUM_NODES:,} values, aliases counted at each use"
            )
        if isinstance(node, MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, ScalarNode):
            return _scalar(node)
        return [self.value(item, depth + 1) for item in node.value]

    def _mapping(self, node: MappingNode, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                raise _refused(key_node, "a list or mapping as a key", "text as a key")
            if key_node.value == "<<" and key_node.style is None:
                for source in _merge_sources(value_node):
                    merged = self.value(source, depth + 1) | merged
                continue
            key = key_node.value if key_node.style else _key(_scalar(key_node))
            if key in own:
                raise _refused(key_node, f"the key {key} for the second time", "each key once")
            own[key] = self.value(value_node, depth + 1)
        return merged | own


def _merge_sources(node: Node) -> Iterator[MappingNode]:
    for source in node.value if isinstance(node, SequenceNode) else [node]:
        if not isinstance(source, MappingNode):
            raise _refused(source, "a merge of what is no mapping", "mappings after <<")
        yield source


def _key(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scalar(node: ScalarNode) -> Any:  # noqa: ANN401
    text = str(node.value)
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise _refused(node, "half of a character", "text in Unicode")
    if node.style:
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _SURPRISING.fullmatch(text):
        meant = f'in quotes, "{text}", if text is meant: without them the engine reads something else'
        raise _refused(node, text, f"a plain number; or {meant}")
    if _INTEGER.fullmatch(text):
        number = int(text)
        if -_INT64 <= number < _INT64:
            return number
        raise _refused(node, text, "an integer of 64 bits, or text in quotes")
    if _FLOAT.fullmatch(text):
        value = float(text)
        if abs(value) == float("inf"):
            return text
        return int(value) if value.is_integer() and abs(value) < _INTEGRAL_FLOAT else value
    return text


def _refused(node: Node, problem: str, allowed: str) -> YamlError:
    return YamlError(_position(node.start_mark), problem, allowed)


def _position(mark: StreamMark) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}"
