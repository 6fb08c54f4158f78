"""Another stack's exports, as a stack that refers to it sees them in an offline preview.

In the engine a StackReference gives values, since the other stack is deployed. Offline, a text that names them stands
in for those that only AWS could tell, so that the program goes the way it would go, and a reader sees where each comes
from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from fleet.offline.registration import Secret, Unknown
from sizing.values import Json, Path, dotted, mapped_by_path


def pattern(stacks: Iterable[str]) -> re.Pattern[str] | None:
    """Finds in a text what `named` puts in place of unknown and secret values of these stacks; None for no stack."""
    names = "|".join(re.escape(stack) for stack in sorted(stacks))
    return re.compile(rf"<(?:{names}) [^<>]*>") if names else None


def named(value: Json, stack: str, path: str = "") -> Json:
    """`value` with `<STACK PATH>` in place of what is unknown or secret.

    Args:
        value: the exports of a stack, or a part of them.
        stack: that stack's name.
        path: of the part.
    """

    def of_stack(at: Path, leaf: Json) -> Json:
        return f"<{stack} {dotted(at)}>" if isinstance(leaf, Unknown | Secret) else leaf

    return mapped_by_path(value, of_stack, (path,) if path else ())
