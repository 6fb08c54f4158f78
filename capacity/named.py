"""The trace that a project names once, in a file beside stacks/, for every preview."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from capacity.errors import CapacityError
from infra.settings.yaml_reader import YamlError, read_yaml

FILE: Final = "capacity.yaml"
_EXAMPLE: Final = f"{FILE} has one line, such as `trace: traces/trace.parquet`, a file beside it or below"


def named_trace(root: Path) -> Path | None:
    """The trace that a project names; `None` where it has no such file.

    Args:
        root: the folder that has stacks/.

    Raises:
        CapacityError: the file holds something else than the path of a file that is there.
    """
    path = root / FILE
    try:
        document = read_yaml(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if path.is_symlink():
            raise CapacityError([f"{FILE} is a link to nothing"]) from None
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CapacityError([f"{FILE} can't be read: {error}"]) from None
    except YamlError as error:
        raise CapacityError([f"{FILE}: {error}"]) from None
    if not isinstance(document, dict) or document.keys() != {"trace"}:
        found = f"the keys {', '.join(map(repr, document))}" if isinstance(document, dict) else _kind(document)
        raise CapacityError([f"{FILE} has {found}; {_EXAMPLE}"])
    name = document["trace"]
    if not isinstance(name, str) or not name:
        raise CapacityError([f"{FILE}: trace is {name!r}; {_EXAMPLE}"])
    if "://" not in name and Path(name).is_absolute():
        raise CapacityError([f"{FILE}: trace is {name}, which others don't have; {_EXAMPLE}"])
    return trace_file(name, root, f"{FILE}: trace")


def trace_file(name: str, folder: Path, who: str) -> Path:
    """The file that is meant by the name of a trace.

    Args:
        name: as somebody wrote it.
        folder: that it is relative to.
        who: names it, for the error.

    Raises:
        CapacityError: it is somewhere else than on this machine, or not there.
    """
    if "://" in name:
        fetch = f"aws s3 cp {name} {name.rpartition('/')[2] or 'trace.parquet'}"
        how = f"fetch it first (`{fetch}`) and name that file" if name.startswith("s3://") else "name a file"
        raise CapacityError([f"{who} is {name}, and a preview asks nobody: {how}"])
    path = folder / name
    if not path.is_file():
        raise CapacityError(
            [f"{who} is {name}, which is no file here; docs/traces.md says how one is made (`fleet capacity --help`)"]
        )
    return path


def _kind(document: object) -> str:
    return "nothing in it" if document is None else f"a {type(document).__name__} in it"
