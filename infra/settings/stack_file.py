"""Stack files (`stacks/Pulumi.<stack>.yaml`), read as the engine reads them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from infra.settings.findings import Finding, SettingsError, shown
from infra.settings.yaml_reader import YamlError, read_yaml
from sizing.values import Json, dotted, parts

STACKS = Path("stacks")
PROJECT = "elastic-spark"

LARGEST_FILE = 2**20
"""Bytes; real ones are a few thousand."""
SHOWN_STACKS = 10
_ENGINE_KEYS = frozenset({"encryptionsalt", "encryptedkey", "secretsprovider"})
"""What `pulumi stack init` writes beside `config`; it is the engine's own."""

_STACK_NAME = re.compile(r"Pulumi\.(?P<stack>[A-Za-z0-9_.-]{1,100})\.yaml")


def stack_path(root: Path, stack: str) -> Path:
    """The file of a stack, below the project's root."""
    return root / STACKS / f"Pulumi.{stack}.yaml"


def stack_names(root: Path) -> list[str]:
    """The names of all stacks that have a file below `root`, sorted."""
    files = (root / STACKS).glob("Pulumi.*.yaml")
    return sorted(match["stack"] for file in files if (match := _STACK_NAME.fullmatch(file.name)))


def misnamed_files(root: Path) -> list[str]:
    """Files that look like a stack's and are none by their name, sorted."""
    folder = root / STACKS
    if not folder.is_dir():
        return []
    names = (path.name for path in folder.iterdir() if path.name.lower().startswith("pulumi."))
    return sorted(name for name in names if not _STACK_NAME.fullmatch(name))


def read_config(root: Path, stack: str) -> dict[str, str]:
    """A stack's configuration as the engine hands it to the program in `PULUMI_CONFIG`: text, and objects as JSON.

    Raises:
        SettingsError: the file is absent, unreadable, not one YAML mapping (see `infra.settings.yaml_reader`), holds an
            encrypted value, or has top-level keys that are neither `config` nor the engine's own.
    """
    path = stack_path(root, stack)
    file = path.relative_to(root).as_posix()
    document = _parse(path, file)
    if not isinstance(document, dict):
        raise SettingsError(file, [Finding("(file)", _kind(document), "a mapping with the key config")])
    findings = [
        Finding(key, "an unknown key", f"config, or what the engine writes: {', '.join(sorted(_ENGINE_KEYS))}")
        for key in document
        if key != "config" and key not in _ENGINE_KEYS
    ]
    config = document.get("config")
    if not isinstance(config, dict):
        found = "nothing" if config is None else shown(config)
        raise SettingsError(file, [*findings, Finding("config", found, "a mapping of this stack's settings")])
    findings += [
        Finding(where, "an encrypted value", "plain settings; secrets belong in AWS Secrets Manager")
        for where in _secrets(config)
    ]
    findings += [
        Finding(f"config.{key}", "a key of more than two parts", "<namespace>:<key>, such as aws:region")
        for key in config
        if key.count(":") > 1
    ]
    findings += [
        Finding(f"config.{key}", "the same key twice", f"one of {key} and {_qualified(key)}")
        for key in config
        if _qualified(key) != key and _qualified(key) in config
    ]
    if findings:
        raise SettingsError(file, findings)
    return {_qualified(key): _engine_text(value) for key, value in config.items()}


def _parse(path: Path, file: str) -> Json:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise SettingsError(file, [Finding("(file)", "more than 1 MiB", "a smaller file")])
        return read_yaml(content.decode("utf-8-sig"))
    except FileNotFoundError:
        if path.is_symlink():
            finding = Finding("(file)", "a link to nothing", "a file")
        else:
            others = ", ".join(stack_names(path.parent.parent)[:SHOWN_STACKS]) or "none"
            finding = Finding("(file)", "no such file", f"a stack that has one, such as {others}")
    except OSError as error:
        finding = Finding("(file)", error.strerror or str(error), "a readable file")
    except UnicodeDecodeError:
        finding = Finding("(file)", "bytes that are not text", "YAML in UTF-8")
    except YamlError as error:
        finding = Finding(error.where, error.problem, error.allowed)
    raise SettingsError(file, [finding])


def _kind(document: object) -> str:
    return "an empty file" if document is None else f"a {type(document).__name__}"


def _secrets(config: Json) -> list[str]:
    """The paths of what the engine encrypted."""
    return [
        dotted(path) for path, part in parts(config) if path and isinstance(part, dict) and part.keys() == {"secure"}
    ]


def _qualified(key: str) -> str:
    """The engine puts the project's name before a key without a namespace."""
    return key if ":" in key else f"{PROJECT}:{key}"


def _engine_text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
