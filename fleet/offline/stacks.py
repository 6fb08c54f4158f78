"""Which stacks a command is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fleet.errors import WrongUsage
from infra.settings.stack_file import STACKS, misnamed_files, stack_names


def chosen_stacks(root: Path, asked: Sequence[str], earlier: Sequence[str] = ()) -> list[str]:
    """The stacks asked for, each once; all that have a file below `root`, or are among the earlier ones, when none is.

    Raises:
        WrongUsage: there is no stack, or none of a name asked for.
    """
    known = sorted({*stack_names(root), *earlier})
    if not known:
        message = f"{root / STACKS} has no file Pulumi.<stack>.yaml; run in the project's folder, or name it"
        raise WrongUsage(message, "--root")
    if not asked and (misnamed := misnamed_files(root)):
        message = (
            f"{', '.join(map(repr, misnamed))} in {STACKS}: a stack's file is Pulumi.<stack>.yaml, the stack's name of "
        )
        raise WrongUsage(message + "letters, digits and _.-, at most 100", "--root")
    for name in asked:
        if name not in known:
            raise WrongUsage(f"no stack {name}; there are: {', '.join(known)}", "STACK")
    return list(dict.fromkeys(asked)) or known
