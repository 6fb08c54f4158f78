"""Job files: SparkApplications in YAML, read with the place of each fault, and written for a new job."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from skate.errors import JobFileError

Schema = Mapping[str, Any]
SCHEMA_FILE: Final = "job.schema.json"
KIND: Final = "SparkApplication"
_SCALARS: Final = {
    "tag:yaml.org,2002:str": "string",
    "tag:yaml.org,2002:int": "integer",
    "tag:yaml.org,2002:float": "number",
    "tag:yaml.org,2002:bool": "boolean",
    "tag:yaml.org,2002:null": "null",
    "tag:yaml.org,2002:timestamp": "string",
}
_SHOWN: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


@cache
def job_schema() -> Schema:
    """The JSON Schema of job files, from the operator's own definition of its kinds."""
    schema: Schema = json.loads(files("skate").joinpath("data", SCHEMA_FILE).read_text(encoding="utf-8"))
    return schema


def read_job_file(path: Path) -> dict[str, Any]:
    """The application in a job file.

    Raises:
        JobFileError: it can't be read, is no YAML, or has what no SparkApplication has; faults have line and column.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise JobFileError([f"{path} can't be read: {error}"]) from error
    return parse_job(text, str(path))


def parse_job(text: str, name: str) -> dict[str, Any]:
    """The application in a job file's text; see `read_job_file`."""
    try:
        documents = [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise JobFileError([f"{where}: {error.problem or 'this is no YAML'}"]) from error
    except yaml.YAMLError as error:
        raise JobFileError([f"{name}: {error}"]) from error
    if len(documents) != 1:
        raise JobFileError([f"{name} holds {len(documents) or 'no'} applications; a job file holds one"])
    if other := _other_kind(documents[0]):
        raise JobFileError([f"{name}:{_place(other)}: {_of_another_kind(other.value, name)}"])
    found = [f"{name}:{place}: {fault}" for place, fault in _faults(documents[0], job_schema(), "")]
    if found:
        raise JobFileError(found)
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def _other_kind(node: yaml.Node) -> yaml.ScalarNode | None:
    """What a document says that it is, if that is no application: then nothing else of it is looked at."""
    fields = node.value if isinstance(node, yaml.MappingNode) else []
    kinds = [value for key, value in fields if key.value == "kind" and isinstance(value, yaml.ScalarNode)]
    return kinds[0] if kinds and kinds[0].value != KIND else None


def _of_another_kind(kind: str, name: str) -> str:
    said = f"kind is {kind!r}; it must be {KIND}"
    return f"{said}: a schedule is brought by `kubectl apply -f {name}`" if kind == f"Scheduled{KIND}" else said


def _faults(node: yaml.Node, schema: Schema, path: str) -> Iterator[tuple[str, str]]:
    if "anyOf" in schema:
        if all(any(True for _ in _faults(node, each, path)) for each in schema["anyOf"]):
            kinds = " or ".join(_shown(each["type"]) for each in schema["anyOf"])
            yield _place(node), f"{path} is {_shown(_kind(node))}; it must be {kinds}"
        return
    wanted, found = schema.get("type"), _kind(node)
    if wanted and not _fits(found, wanted):
        quoted = f': write "{node.value}"' if wanted == "string" and isinstance(node, yaml.ScalarNode) else ""
        yield _place(node), f"{path or 'a job file'} is {_shown(found)}; it must be {_shown(wanted)}{quoted}"
        return
    if isinstance(node, yaml.ScalarNode) and schema.get("enum") and node.value not in schema["enum"]:
        yield _place(node), f"{path} is {node.value!r}; it must be {' or '.join(map(str, schema['enum']))}"
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _faults(item, schema.get("items", {}), f"{path}[{number}]")
    if isinstance(node, yaml.MappingNode):
        yield from _of_mapping(node, schema, path)


def _of_mapping(node: yaml.MappingNode, schema: Schema, path: str) -> Iterator[tuple[str, str]]:
    known, rest = schema.get("properties", {}), schema.get("additionalProperties", "properties" not in schema)
    seen: set[str] = set()
    for key, value in node.value:
        inner = f"{path}.{key.value}" if path else str(key.value)
        if key.value in seen:
            yield _place(key), f"{inner} is there twice"
        seen.add(key.value)
        if key.value in known:
            yield from _faults(value, known[key.value], inner)
        elif isinstance(rest, Mapping):
            yield from _faults(value, rest, inner)
        elif not rest:
            like = difflib.get_close_matches(str(key.value), list(known), n=1)
            yield _place(key), f"there is no {inner}" + (f"; do you mean {like[0]}?" if like else "")
    for required in schema.get("required", ()):
        if required not in seen:
            yield _place(node), f"{f'{path}.{required}' if path else required} is missing"


def _kind(node: yaml.Node) -> str:
    match node:
        case yaml.MappingNode():
            return "object"
        case yaml.SequenceNode():
            return "array"
        case _:
            return _SCALARS.get(node.tag, "string")


def _fits(found: str, wanted: str) -> bool:
    return found == wanted or (found, wanted) == ("integer", "number") or found == "null"


def _shown(kind: str) -> str:
    return _SHOWN.get(kind, "nothing")


def _place(node: yaml.Node) -> str:
    return f"{node.start_mark.line + 1}:{node.start_mark.column + 1}"
