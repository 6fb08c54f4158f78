"""From a stack's configuration to its settings, or to everything that is wrong with them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from infra.fields import Region
from infra.findings import Finding, SettingsError, shown
from infra.platform_rules import aws_platform_rules, existing_platform_rules
from infra.rules import Rule
from infra.settings import AwsPlatform, ExistingPlatform
from infra.stack_file import PROJECT, STACKS

REGION_KEY = "aws:region"
PLATFORM_KEY = f"{PROJECT}:platform"
TENANT_KEY = f"{PROJECT}:tenant"

Settings = AwsPlatform | ExistingPlatform
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class StackSettings(Generic[M]):
    """The settings of one stack, checked.

    Attributes:
        stack: the stack's name.
        region: the AWS region; None where the stack has nothing in AWS.
        settings: the object under `elastic-spark:platform`.
    """

    stack: str
    region: str | None
    settings: M


def stack_settings(
    stack: str, config: Mapping[str, str]
) -> StackSettings[AwsPlatform] | StackSettings[ExistingPlatform]:
    """Check a stack's configuration, as the engine hands it over in `PULUMI_CONFIG`.

    Raises:
        SettingsError: with everything that is wrong.
    """
    file = (STACKS / f"Pulumi.{stack}.yaml").as_posix()
    findings = list(_unknown_keys(config))
    if PLATFORM_KEY not in config:
        raise SettingsError(file, [*findings, Finding("config", "no settings", PLATFORM_KEY)])
    data = _object(file, PLATFORM_KEY, config[PLATFORM_KEY])
    cluster = data.get("cluster")
    if isinstance(cluster, dict) and "existing" in cluster:
        if REGION_KEY in config:
            findings.append(
                Finding(REGION_KEY, config[REGION_KEY], "nothing: a platform on an existing cluster uses no AWS")
            )
        existing = _checked(file, PLATFORM_KEY, ExistingPlatform, data, findings, existing_platform_rules)
        return StackSettings(stack, None, existing)
    region = _region(config, findings)
    aws = _checked(file, PLATFORM_KEY, AwsPlatform, data, findings, aws_platform_rules(region))
    return StackSettings(stack, region, aws)


def _unknown_keys(config: Mapping[str, str]) -> Iterator[Finding]:
    known = [REGION_KEY, PLATFORM_KEY]
    for key in config:
        if key not in known and not key.startswith("pulumi:"):
            yield Finding(key, "an unknown key", _expected(key, known))


def _object(file: str, path: str, text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError:
        data = text
    if not isinstance(data, dict):
        raise SettingsError(file, [Finding(path, shown(data), "a mapping of settings")])
    return data


def _region(config: Mapping[str, str], findings: list[Finding]) -> str | None:
    try:
        if REGION_KEY not in config:
            findings.append(Finding(REGION_KEY, "nothing", "an AWS region, such as eu-central-1"))
            return None
        region: str = TypeAdapter(Region).validate_python(config[REGION_KEY])
    except ValidationError as error:
        findings.extend(_findings(REGION_KEY, error, None))
        return None
    return region


def _checked(
    file: str,
    path: str,
    model: type[M],
    data: Mapping[str, Any],
    findings: list[Finding],
    checks: Sequence[Rule],
) -> M:
    """The model of `data`, when nothing is wrong with it; a rule is asked when the sections it needs are sound."""
    text = json.dumps(data)
    wrong: set[str] = set()
    try:
        settings = model.model_validate_json(text)
    except ValidationError as error:
        findings.extend(_findings(path, error, model))
        wrong = {str(details["loc"][0]) for details in error.errors() if details["loc"]}
        settings = _sound_part(model, data, wrong)
    findings.extend(
        Finding(_join(path, found.path), found.found, found.allowed)
        for rule in checks
        if not wrong & {_alias(model, field) for field in rule.needs}
        for found in rule.check(settings)
    )
    if findings:
        raise SettingsError(file, findings)
    return settings


def _alias(model: type[BaseModel], field: str) -> str:
    return model.model_fields[field].alias or field


def _sound_part(model: type[M], data: Mapping[str, Any], wrong: set[str]) -> M:
    """The model with only those top-level fields that have no error of their own."""
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        alias = _alias(model, name)
        if alias in wrong:
            continue
        if alias in data:
            adapter: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
            values[name] = adapter.validate_json(json.dumps(data[alias]), strict=True)
        else:
            values[name] = field.get_default(call_default_factory=True)
    return model.model_construct(**values)


def _findings(path: str, error: ValidationError, model: type[BaseModel] | None) -> Iterator[Finding]:
    for details in error.errors():
        location = details["loc"]
        where = _join(path, _path(location))
        match details["type"]:
            case "extra_forbidden":
                yield Finding(where, "an unknown key", _expected(str(location[-1]), _keys_at(model, location[:-1])))
            case "missing":
                yield Finding(where, "nothing", _meaning(model, location))
            case "not_allowed":
                yield Finding(where, shown(details["input"]), details["msg"])
            case "string_type" if isinstance(details["input"], int | float):
                yield Finding(where, shown(details["input"]), "text: put it in quotes")
            case _:
                yield Finding(where, shown(details["input"]), _as_allowed(details["msg"]))


def _as_allowed(message: str) -> str:
    for prefix in ("Input should be ", "Value should have "):
        message = message.removeprefix(prefix)
    return message[0].lower() + message[1:]


def _expected(key: str, known: Iterable[str]) -> str:
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
    field = next((f for n, f in at.model_fields.items() if location[-1] in (n, f.alias)), None) if at else None
    if field is None:
        return "a value; it is required"
    nested = _model_in(field.annotation)
    text = field.description or (nested.__doc__ if nested else None) or "it is required"
    return f"a value: {text.strip().splitlines()[0]}"
