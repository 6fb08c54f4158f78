"""From values to a checked model, or to findings: pydantic's errors and our rules, all at once."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from infra.settings.fields import attribute_docstrings
from infra.settings.findings import Finding, SettingsError, shown
from infra.settings.partial import broken, partial_settings
from infra.settings.rules import SettingsRule

M = TypeVar("M", bound=BaseModel)


def checked(
    file: str,
    path: str,
    model: type[M],
    data: Mapping[str, Any],
    findings: list[Finding],
    checks: Sequence[SettingsRule],
) -> M:
    """The model of `data`, when nothing is wrong with it; where a value is wrong, rules are asked of the others.

    The error has views of the settings (`infra.settings.partial`).

    Args:
        file: the stack file, for the error.
        path: of `data` in it.
        model: what `data` should be.
        findings: what is known to be wrong already.
        checks: the rules over several settings.

    Raises:
        SettingsError: with everything that is wrong.
    """
    views: tuple[M, ...]
    try:
        views = (model.model_validate_json(json.dumps(data)),)
    except ValidationError as error:
        said = list(findings_of(path, error, model))
        views = partial_settings(model, data, error)
        told = {finding.path for finding in said}
        followed = (_at(path, found) for rule in checks for found in broken(rule, views))
        findings += [*said, *(finding for finding in followed if finding.path not in told)]
    else:
        findings += [_at(path, found) for rule in checks for found in rule(views[0])]
    if findings:
        raise SettingsError(file, findings, views)
    return views[0]


def _at(path: str, finding: Finding) -> Finding:
    return Finding(_join(path, finding.path), finding.found, finding.allowed)


def findings_of(path: str, error: ValidationError, model: type[BaseModel] | None) -> Iterator[Finding]:
    """A pydantic error in this project's words.

    Args:
        path: of what was validated.
        error: what pydantic says.
        model: what was validated, for the keys and meanings that it has.
    """
    problems = error.errors()
    for details in problems:
        location = details["loc"]
        where = _join(path, _path(location))
        match details["type"]:
            case "extra_forbidden":
                yield Finding(where, "an unknown key", expected(str(location[-1]), _keys_at(model, location[:-1])))
            case "missing":
                yield Finding(where, "nothing", _meaning(model, location))
            case "not_allowed":
                yield Finding(where, _found(location, details["input"]), details["msg"])
            case "too_short" if any(_inside(other["loc"], location) for other in problems):
                continue  # an entry that is wrong by itself is not counted
            case _:
                yield Finding(where, shown(details["input"]), _as_allowed(details))


def _found(location: Sequence[str | int], value: Any) -> str:  # noqa: ANN401
    """The value, unless it stands where the ARN of a secret should: then it may be the secret, and this a log."""
    entry = location[location.index("secrets") + 1 :] if "secrets" in location else ()
    hidden = isinstance(value, str) and not value.startswith("arn:")
    if hidden and entry and isinstance(entry[0], str) and "[key]" not in entry:
        return f"{len(value)} characters, not shown: a secret itself belongs into no file"
    return shown(value)


def _inside(location: Sequence[str | int], outer: Sequence[str | int]) -> bool:
    return len(location) > len(outer) and tuple(location[: len(outer)]) == tuple(outer)


def _as_allowed(details: ErrorDetails) -> str:
    """What pydantic's error of a value asks for."""
    context = details.get("ctx", {})
    match details["type"]:
        case "int_type" | "int_from_float" | "int_parsing":
            return "a whole number"
        case "bool_type":
            return "true or false"
        case "string_type":
            return "text: put it in quotes" if isinstance(details["input"], int | float) else "text"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "a mapping"
        case "tuple_type" | "list_type":
            return "a list"
        case "literal_error":
            return f"one of {context['expected']}".replace("True", "true")
        case "greater_than_equal":
            return f"{context['ge']} or more"
        case "less_than_equal":
            return f"{context['le']} or less"
        case "too_short":
            return f"at least {context['min_length']} of them"
        case "too_long":
            return f"at most {context['max_length']} of them"
        case "string_too_short":
            return "text that is not empty"
        case _:
            return details["msg"]


def expected(key: str, known: Iterable[str]) -> str:
    """What is allowed in place of an unknown key, the likeliest named."""
    known = sorted(known)
    close = difflib.get_close_matches(key, known, n=1)
    return f"one of {', '.join(known)}" + (f"; did you mean {close[0]}?" if close else "")


def _path(location: Sequence[str | int]) -> str:
    """`pools.driver.instanceTypes[0]`; pydantic adds `[key]` where a dictionary's key itself is wrong."""
    text = ""
    for part in location:
        if part == "[key]":
            continue
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _join(path: str, rest: str) -> str:
    return f"{path}.{rest}" if rest else path


def _model_at(model: type[BaseModel] | None, location: Sequence[str | int]) -> type[BaseModel] | None:
    for part in location:
        if model is None:
            return None
        field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        if field is not None:
            model = _model_in(field.annotation)
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _keys_at(model: type[BaseModel] | None, location: Sequence[str | int]) -> list[str]:
    at = _model_at(model, location)
    return [field.alias or name for name, field in at.model_fields.items()] if at else []


def _meaning(model: type[BaseModel] | None, location: Sequence[str | int]) -> str:
    at = _model_at(model, location[:-1])
    name = next((n for n, f in at.model_fields.items() if location[-1] in (n, f.alias)), None) if at else None
    if at is None or name is None:
        return "a value; it is required"
    nested = _model_in(at.model_fields[name].annotation)
    text = dict(attribute_docstrings(at)).get(name) or (nested.__doc__ if nested else None) or "it is required"
    return f"a value: {text.strip().splitlines()[0]}"
