"""Options that several commands take together: one argument of each, a dataclass whose fields are the options."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints


def takes_together(command: Callable[..., None]) -> Callable[..., None]:
    """A command that has, instead of each argument whose type is a dataclass, an option for each of its fields.

    A field has what an option of a command has: an `Annotated` type, a default, and help.

    Args:
        command: whose arguments they are; none without a default is positional only.
    """
    hints = get_type_hints(command, include_extras=True)
    given = inspect.signature(command).parameters
    groups = {name: hints[name] for name in given if is_dataclass(hints[name])}

    @wraps(command)
    def taking(**options: Any) -> None:  # noqa: ANN401 - as the command takes them
        for name, group in groups.items():
            options[name] = group(**{field.name: options.pop(field.name) for field in fields(group)})
        command(**options)

    def parameters() -> Iterator[inspect.Parameter]:
        for name, parameter in given.items():
            if name in groups:
                of = inspect.signature(groups[name]).parameters
                types = get_type_hints(groups[name], include_extras=True)
                yield from (of[each].replace(annotation=types[each]) for each in of)
            else:
                yield parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)

    taken = list(parameters())
    vars(taking)["__signature__"] = inspect.Signature(taken)
    taking.__annotations__ = {each.name: each.annotation for each in taken}
    return taking
