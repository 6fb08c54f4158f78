"""JSON patches as CEL writes them."""

from __future__ import annotations

from components.admission.policy import cel_text


def when(condition: str, *patches: str) -> str:
    """A list of these patches where a condition holds, and an empty one otherwise."""
    return f"({condition} ? [{', '.join(patches)}] : [])"


def add(path: str, value: str) -> str:
    """A patch that adds a value, or puts it in the place of another.

    Args:
        path: a CEL expression, see `pointer`.
        value: a CEL expression.
    """
    return f"JSONPatch{{op: 'add', path: {path}, value: {value}}}"


def replace(path: str, value: str) -> str:
    """A patch that puts a value in the place of another, of an element of a list too.

    Args:
        path: a CEL expression, see `pointer`.
        value: a CEL expression.
    """
    return f"JSONPatch{{op: 'replace', path: {path}, value: {value}}}"


def remove(path: str) -> str:
    """A patch that takes out what is there.

    Args:
        path: a CEL expression, see `pointer`.
    """
    return f"JSONPatch{{op: 'remove', path: {path}}}"


def pointer(*parts: str) -> str:
    """A JSON pointer as a literal of CEL. Source: https://datatracker.ietf.org/doc/html/rfc6901#section-3"""
    return cel_text("".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts))
