"""What a person wrote in stack files: settings before and after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.settings.findings import SettingsError
from infra.settings.stack_file import read_config, stack_names
from infra.settings.validation import PLATFORM_KEY, TENANT_KEY
from sizing.values import Json

Configs = Mapping[str, Mapping[str, Json]]
"""The configuration of stacks by their names; one whose file can't be read is not there."""


@dataclass(frozen=True)
class SettingChange:
    """A setting that is another, comes or goes.

    Attributes:
        path: in the stack file, without the key that all of the program's settings are under.
        before: its value; None where it was not there.
        after: likewise now.
    """

    path: str
    before: Json
    after: Json


def configs(root: Path, stacks: Iterable[str]) -> Configs:
    """The configuration of those stacks that have a file below a root, and one that can be read."""
    there = {*stack_names(root)}
    found: dict[str, Mapping[str, Json]] = {}
    for stack in stacks:
        if stack in there:
            try:
                config = read_config(root, stack)
            except SettingsError:
                continue
            found[stack] = {key: _parsed(text) for key, text in config.items()}
    return found


def setting_changes(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[SettingChange, ...]:
    """The settings that differ, each as far down as both sides are mappings, sorted by path."""
    return tuple(_changes("", _flat(before), _flat(after)))


def _flat(config: Mapping[str, Json]) -> dict[str, Json]:
    """A configuration with the program's settings beside those of providers."""
    own: Mapping[str, Json] = next(
        (config[key] for key in (PLATFORM_KEY, TENANT_KEY) if isinstance(config.get(key), Mapping)), {}
    )
    return {**{key: value for key, value in config.items() if value is not own}, **own}


def _changes(path: str, before: Json, after: Json) -> Iterator[SettingChange]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}, key=str):
            yield from _changes(f"{path}.{key}" if path else str(key), before.get(key), after.get(key))
    elif before != after:
        yield SettingChange(path, before, after)


def _parsed(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text
