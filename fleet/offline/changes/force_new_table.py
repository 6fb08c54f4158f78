"""Makes the table of properties that force a new resource, which `fleet.offline.changes.force_new` reads.

The table joins what the docstrings of the installed SDKs say, which is little, with
`fleet.offline.changes.force_new_rules`. Where a line says `inDocstring`, the SDK says it.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import re
import sys
import typing
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pulumi

from fleet.offline.changes import force_new_rules as rules
from fleet.offline.sdks import has_docstrings
from sizing.values import Json

TABLE: Final = Path("fleet") / "offline" / "changes" / "data" / "force_new.json"
SDKS: Final = ("pulumi-aws", "pulumi-kubernetes")

_VERB: Final = r"(?:forc(?:es?|ing)|requires?|triggers?|causes?)"
_FORCES: Final = re.compile(
    rf"(?<!\bmay )(?<!\bcan )(?<!\bto )(?<!\bnot )\b{_VERB}\b"
    r".{0,45}?\b(?:new\b(?! version| deployment| task)|replacement\b|be replaced\b|re-?creat(?:ion|ed)\b)"
    r"|\bchanging\b.{0,40}?(?<!\bnot )\b(?:re-?creates?|replaces?)\b",
    re.IGNORECASE,
)
_ALWAYS: Final = re.compile(
    rf"(?:changing (?:this|it|the value)(?: value| argument)? (?:will )?(?:{_VERB}|re-?creates?|replaces?)\b[^,;]*"
    r"|forces (?:a )?(?:new resource|replacement)(?: (?:if|when) (?:changed|modified))?)\W*",
    re.IGNORECASE,
)


class UnknownProperty(ValueError):
    """A rule is of a type or property that the installed SDK does not have."""


class NoDocstrings(ValueError):
    """A module of an SDK is loaded without its docstrings, of which the table is made."""


def table(date: str) -> dict[str, Json]:
    """The table, as the file holds it.

    Args:
        date: ISO date that it gets.

    Raises:
        UnknownProperty: a rule does not fit the installed SDK.
        NoDocstrings: the SDK is loaded without its docstrings.
    """
    return {
        "date": date,
        "docstrings": [f"{sdk} {version(sdk)}" for sdk in SDKS],
        "sources": list(rules.SOURCES),
        "types": dict(sorted(_types())),
    }


def _types() -> Iterator[tuple[str, dict[str, Json]]]:
    kinds = {token: f"{rules.KUBERNETES_KIND} {names}" for token, names in rules.KUBERNETES.items()}
    for token, names in {**rules.AWS, **kinds, **rules.OTHERS}.items():
        yield token, _entry(token, names.split())
    yield "kubernetes", _line(rules.KUBERNETES_KIND.split(), {}, {})
    for token in rules.READ_ONLY:
        yield token, _line([], {}, {})


def _entry(token: str, always: list[str]) -> dict[str, Json]:
    """What the table says of a type. Of a property that has a rule, the docstring's condition does not count."""
    conditional = dict(rules.CONDITIONAL.get(token, {}))
    if token.startswith("aws:") and "region" in inputs_of(arguments_of(token)):
        conditional["region"] = rules.REGION_IF
    for path in (*always, *conditional):
        _check(token, path)
    said = stated(token)
    added = {path: sentence for path, sentence in said.items() if path not in {*always, *conditional}}
    always += [path for path, sentence in added.items() if _ALWAYS.fullmatch(sentence)]
    conditional |= {path: f'it is as its docstring says: "{added[path]}"' for path in added if path not in always}
    return _line(always, conditional, said)


def _line(always: list[str], conditional: Mapping[str, str], said: Mapping[str, str]) -> dict[str, Json]:
    return {"always": sorted(always), "if": dict(sorted(conditional.items())), "inDocstring": sorted(said)}


def _check(token: str, path: str) -> None:
    at = [arguments_of(token)]
    for name in path.split("."):
        getters = [inputs[name] for each in at if name in (inputs := inputs_of(each))]
        if not getters:
            raise UnknownProperty(f"{token} has no property {path}")
        at = [below for getter in getters for below in _nested(getter)]


def stated(token: str) -> dict[str, str]:
    """The inputs of a type whose docstrings say that a change forces a new resource, each with the sentence.

    Raises:
        NoDocstrings: its module was loaded without them.
    """
    return dict(_stated("", arguments_of(token), ()))


def _stated(prefix: str, arguments: Any, above: tuple[Any, ...]) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    if not has_docstrings(sys.modules[arguments.__module__]):
        raise NoDocstrings(
            f"{arguments.__module__} is loaded without docstrings, of which the table of what forces a new resource is "
            "made: make it in a process of its own (make force-new), without -OO and PYTHONOPTIMIZE"
        )
    for name, getter in inputs_of(arguments).items():
        sentence = forcing_sentence(inspect.getdoc(getter) or "")
        if sentence:
            yield prefix + name, sentence
            continue
        for below in _nested(getter):
            if below not in above:
                yield from _stated(f"{prefix}{name}.", below, (*above, below))


def forcing_sentence(docstring: str) -> str:
    """The first sentence that says that a change of the property forces a new resource; empty when none does."""
    for sentence in re.split(r"(?<=\.)\s+|\n\s*\n", docstring):
        text = " ".join(sentence.split())
        if _FORCES.search(text):
            return text
    return ""


def arguments_of(token: str) -> Any:  # noqa: ANN401
    """The SDK's class of a type's inputs.

    Raises:
        UnknownProperty: the SDK has no such type.
    """
    package, module, name = token.split(":")
    if package == "pulumi":
        package, module, name = name, "", "Provider"
    elif package == "kubernetes":
        group, _, api_version = module.partition("/")
        module = f".{group.partition('.')[0]}.{api_version}"
    else:
        module = f".{module.partition('/')[0]}"
    sdk = importlib.import_module(f"pulumi_{package}{module}")
    resource = getattr(sdk, name, None)
    if getattr(resource, "pulumi_type", None) != token:
        raise UnknownProperty(f"{sdk.__name__} has no type {token}")
    # Where an object's own type is also an input of another, the SDK calls the former's inputs InitArgs.
    return getattr(sdk, f"{name}InitArgs", None) or getattr(sdk, f"{name}Args")


@functools.cache
def inputs_of(arguments: Any) -> dict[str, Json]:  # noqa: ANN401
    """The getters of a class of inputs by the names that the engine gives the inputs."""
    properties = inspect.getmembers(arguments, lambda member: isinstance(member, property))
    return {getattr(each.fget, "_pulumi_name", name): each.fget for name, each in properties}


@functools.cache
def _nested(getter: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """The classes of inputs that an input, or the items of one, can be of."""
    found = []
    names = {**vars(sys.modules[getter.__module__]), "Output": pulumi.Output, "T": Any}
    waiting = [typing.get_type_hints(getter, names)["return"]]
    while waiting:
        hint = waiting.pop()
        if inspect.isclass(hint) and pulumi._types.is_input_type(hint):
            found.append(hint)
        waiting.extend(typing.get_args(hint))
    return tuple(dict.fromkeys(found))


def written(content: Mapping[str, Json]) -> str:
    """The text of the table's file: one type a line."""
    head = [f"{json.dumps(key)}: {json.dumps(content[key])}," for key in ("date", "docstrings", "sources")]
    lines = [f"{json.dumps(token)}: {json.dumps(entry)}" for token, entry in content["types"].items()]
    return "\n".join(["{", *head, '"types": {', ",\n".join(lines), "}", "}"]) + "\n"


def main() -> None:
    """Write the table below the current directory, the project's root; a table that says the same keeps its date."""
    try:
        new = table(datetime.now(UTC).date().isoformat())
    except NoDocstrings as error:
        raise SystemExit(str(error)) from None
    old = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    if new != {**old, "date": new["date"]}:
        TABLE.write_text(written(new), encoding="utf-8")


if __name__ == "__main__":
    main()
