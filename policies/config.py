"""The policy configuration of a stack: Pulumi's standard JSON, read offline as the CLI reads it.

`policies/config/<stack>.json` is the file; without one, every rule is as it says itself. The CLI takes the same file as
`--policy-pack-config`. Source of its form: https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/#configuring-policies
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from policies.model import Enforcement, Rule
from sizing.values import Json

ALL: Final = "all"
"""In place of a rule's name: every rule that isn't named itself."""
LEVEL: Final = "enforcementLevel"
FOLDER: Final = "policies/config"


class PolicyConfigError(Exception):
    """A policy configuration can't be read, or holds something wrong; the message says where and what is allowed."""


@dataclass(frozen=True)
class RuleSetting:
    """What a stack makes of a rule: what a violation does, and the values of its options that differ from defaults."""

    enforcement: Enforcement
    options: Mapping[str, Json] = field(default_factory=dict)


def config_file(root: Path, stack: str) -> Path:
    """Where a stack's policy configuration is, if it has one."""
    return root / FOLDER / f"{stack}.json"


def configs_of_no_stack(root: Path, stacks: Iterable[str]) -> list[str]:
    """The names of policy configurations beside those of these stacks, which nothing would read, sorted."""
    return sorted({path.stem for path in (root / FOLDER).glob("*.json")} - {*stacks})


def read_policy_config(root: Path, stack: str, rules: Iterable[Rule]) -> dict[str, RuleSetting]:
    """The settings of all rules for a stack.

    Raises:
        PolicyConfigError: its file is there, and wrong.
    """
    path = config_file(root, stack)
    shown = path.relative_to(root)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return settings_of({}, rules)
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyConfigError(f"{shown} can't be read: {error}") from None
    try:
        config = json.loads(text, parse_constant=_no_number)
    except ValueError as error:
        raise PolicyConfigError(f"{shown} is no JSON: {error}") from None
    known = list(rules)
    if problems := list(_problems(config, known)):
        raise PolicyConfigError("\n".join(f"{shown}: {problem}" for problem in problems))
    return settings_of(config, known)


def settings_of(config: Mapping[str, Json], rules: Iterable[Rule]) -> dict[str, RuleSetting]:
    """The settings of rules by a configuration that keeps to `config_schema`."""
    settings = {}
    for rule in rules:
        given = config.get(rule.name, {})
        options = {} if isinstance(given, str) else {key: value for key, value in given.items() if key != LEVEL}
        level = _level(given) or _level(config.get(ALL, {})) or rule.enforcement
        settings[rule.name] = RuleSetting(Enforcement(level), options)
    return settings


def config_schema(rules: Iterable[Rule]) -> dict[str, Json]:
    """The JSON Schema of a policy configuration."""
    level = {"enum": [level.value for level in Enforcement], "description": "What a violation does."}
    properties: dict[str, Json] = {ALL: {"anyOf": [level, _object({LEVEL: level})]}}
    for rule in rules:
        of_rule = {"anyOf": [level, _object({LEVEL: level, **rule.options})], "description": rule.statement}
        properties[rule.name] = of_rule
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_object(properties)}


def _object(properties: Mapping[str, Json]) -> dict[str, Json]:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _problems(config: Json, rules: Iterable[Rule]) -> Iterable[str]:
    from jsonschema import Draft202012Validator  # only a stack with a configuration needs it, and it takes time to load

    known = list(rules)
    for name in sorted(set(config) - {ALL, *(rule.name for rule in known)}) if isinstance(config, dict) else ():
        yield f"no rule is named {name}; policies/README.md lists them"
    for error in Draft202012Validator(config_schema(known)).iter_errors(config):
        if error.validator == "additionalProperties" and not error.absolute_path:
            continue
        # A level, or an object with one: what is wrong with the form that was meant.
        meant = [part for part in error.context if (part.schema_path[0] == 1) == isinstance(error.instance, dict)]
        for problem in meant or [error]:
            where = ".".join(str(part) for part in problem.absolute_path) or "the file"
            yield f"{where}: {problem.message}"


def _no_number(name: str) -> Json:
    raise ValueError(f"{name} is no number of JSON's")


def _level(given: str | Mapping[str, Json]) -> str | None:
    return given if isinstance(given, str) else given.get(LEVEL)
