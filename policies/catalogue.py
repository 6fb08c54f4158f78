"""All rules of the pack, and the page that lists them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from policies.config import config_schema
from policies.model import Rule
from policies.rules import (
    access,
    autoscaler,
    cost,
    data,
    identity,
    network,
    nodes,
    pools,
    queues,
    reach,
    reached,
    resources,
    secrets,
    software,
)
from sizing.markdown import code_span

AREAS: Final = (
    pools,
    nodes,
    queues,
    autoscaler,
    identity,
    reached,
    access,
    secrets,
    data,
    network,
    reach,
    software,
    resources,
    cost,
)
RULES: Final[Sequence[Rule]] = tuple(
    rule
    for area in AREAS
    for rule in vars(area).values()
    if isinstance(rule, Rule) and rule.check.__module__ == area.__name__
)
INTRODUCTION: Final = """\
# The rules

What every stack's resources keep, whoever deploys them. The same functions run in `pulumi preview` and `pulumi up`
(`--policy-pack policies`), in `fleet preview` and `fleet check` without an account, and in the tests.

A **mandatory** rule stops a preview and a deployment, an **advisory** one speaks. A stack sets another level, or a
rule's options, in `policies/config/<stack>.json`, Pulumi's standard policy configuration; `config.schema.json`
describes it to editors. How the pack is used: [docs/guides/policies.md](../docs/guides/policies.md).

`make policies` writes this page from the rules.
"""


README: Final = Path("policies") / "README.md"
CONFIG_SCHEMA: Final = Path("policies") / "config.schema.json"


def catalogue() -> str:
    """The page `policies/README.md`."""
    parts = [INTRODUCTION]
    for area, rules in groupby(RULES, key=lambda rule: rule.area):
        parts += [f"## {area.capitalize()}\n", *(_entry(rule) for rule in rules)]
    return "\n".join(parts)


def _entry(rule: Rule) -> str:
    about = ", ".join(map(code_span, sorted(rule.types))) if rule.types else "the whole stack"
    lines = [
        f"### {rule.name}\n",
        f"{rule.statement} {rule.reason}\n",
        f"- {rule.enforcement.value.capitalize()}, severity {rule.severity.value}; looks at {about}.",
        f"- What to do: {rule.remedy}",
        *_options(rule),
    ]
    return "\n".join(lines) + "\n"


def _options(rule: Rule) -> Iterator[str]:
    for name, schema in rule.options.items():
        default = code_span(json.dumps(schema["default"]))
        yield f"- Option {code_span(name)}: {schema['description']} Default: {default}."


def written_schema() -> str:
    """The text of the JSON Schema of policy configurations."""
    return json.dumps(config_schema(RULES), indent=2) + "\n"


def main() -> None:
    """Write the page and the schema below the current directory, the project's root."""
    README.write_text(catalogue(), encoding="utf-8")
    CONFIG_SCHEMA.write_text(written_schema(), encoding="utf-8")


if __name__ == "__main__":
    main()
