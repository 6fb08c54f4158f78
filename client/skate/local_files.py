"""Files of this machine that an application names: brought to the queue's folder, and named by where they are then.

What has no scheme, or `file://`, is of this machine, as with spark-submit; all else is left as it is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from skate.applications import pool_of
from skate.card import QueueCard
from skate.errors import InputError
from skate.states import Object

if TYPE_CHECKING:
    from skate.artifacts import ArtifactStore, Progress

DEPENDENCIES: Final = ("jars", "files", "pyFiles", "archives")


@dataclass(frozen=True, kw_only=True)
class _Named:
    """A file that an application names.

    Args:
        put: writes its address where its path is.
        path: of this machine; a folder is packed first.
        part: of the application, such as `pyFiles`.
        fragment: as what it is unpacked.
    """

    put: Callable[[str], None]
    path: Path
    part: str
    fragment: str = ""


def is_local(text: str) -> bool:
    """Whether something names a file of this machine; a Windows drive is no scheme."""
    return "://" not in text or text.lower().startswith("file://")


def local_files(application: Object, folder: Path) -> list[Path]:
    """The files of this machine that an application names, from a folder."""
    return [named.path for named in _named(dict(application), folder)]


async def with_files(
    card: QueueCard,
    application: dict[str, Any],
    folder: Path,
    *,
    requirements: Path | None = None,
    python: str | None = None,
    store: ArtifactStore | None,
    progress: Progress | None = None,
) -> None:
    """Bring the files of this machine to the queue, and name them in the application by where they are.

    Args:
        card: the queue's.
        application: is changed.
        folder: from which its paths are meant.
        requirements: names Python packages that the job takes along.
        python: version of the image's Python; None for that of the queue's own image.
        store: the queue's folder; None to send nothing and only say where files would be.
        progress: told as bytes arrive.

    Raises:
        InputError: a file isn't there, or can't be what it is named as; the queue takes no files.
        UploadError, LoginError, NotAllowedError, UnreachableError: as their names say.
    """
    from skate.artifacts import address
    from skate.packing import REQUIREMENTS_FOLDER, packed_requirements

    with tempfile.TemporaryDirectory() as temporary:
        if requirements is not None:
            target = Path(temporary) / f"{REQUIREMENTS_FOLDER}.tar.gz"
            packed_requirements(
                requirements,
                target,
                python=python or card.spark.python,
                architectures=_architectures(card, application),
            )
            _take(application, target, REQUIREMENTS_FOLDER)
        named = _named(application, folder)
        if not named:
            return
        if card.artifacts is None:
            raise InputError(
                f"The queue {card.namespace} takes no files, and the job names {named[0].path}.",
                "Put it into the image (local://), or somewhere that the queue may read (s3a://), and name it so.",
            )
        sent = [_as_file(each, Path(temporary) / str(number)) for number, each in enumerate(named)]
        if store is None:
            addresses = {file: address(card.artifacts, file) for file in sent}
        else:
            addresses = await store.upload(sent, progress)
        for each, file in zip(named, sent, strict=True):
            each.put(addresses[file] + (f"#{each.fragment}" if each.fragment else ""))


def _named(application: dict[str, Any], folder: Path) -> list[_Named]:
    spec = application["spec"]
    found = []

    def place(container: Any, key: str | int, part: str) -> None:  # noqa: ANN401 - a list or a mapping
        text = container[key]
        if isinstance(text, str) and is_local(text):
            path, fragment = _split(text, folder)
            found.append(_Named(put=lambda to: container.__setitem__(key, to), path=path, part=part, fragment=fragment))

    if spec.get("mainApplicationFile"):
        place(spec, "mainApplicationFile", "mainApplicationFile")
    for part in DEPENDENCIES:
        listed = (spec.get("deps") or {}).get(part) or []
        for number in range(len(listed)):
            place(listed, number, part)
    return found


def _split(text: str, folder: Path) -> tuple[Path, str]:
    """The path and, after `#`, as what it is unpacked."""
    if text.lower().startswith("file://"):
        parts = urlsplit(text)
        return Path(unquote(parts.path)), parts.fragment
    whole = folder / Path(text).expanduser()
    if whole.exists() or "#" not in text:
        return whole, ""
    name, _, fragment = text.rpartition("#")
    return folder / Path(name).expanduser(), fragment


def _as_file(named: _Named, temporary: Path) -> Path:
    """The file itself, or the folder packed as its part of the application has it."""
    from skate.packing import packed, zipped

    path = named.path
    if path.is_dir() and named.part in ("pyFiles", "archives"):
        temporary.mkdir()
        name = path.resolve().name
        if named.part == "pyFiles":
            return zipped(path, temporary / f"{name}.zip")
        return packed(path, temporary / f"{name}.tar.gz")
    if not path.exists():
        raise InputError(f"There is no {path}.", "Name a file of this machine, or an address (s3a://, local://).")
    if not path.is_file():
        raise InputError(f"{path} is no file.", "Only --py-files and --archives take folders.")
    return path


def _take(application: dict[str, Any], archive: Path, folder: str) -> None:
    """Let driver and executors unpack packages into a folder, and import from it."""
    spec = application["spec"]
    spec.setdefault("deps", {}).setdefault("archives", []).append(f"{archive}#{folder}")
    for role in ("driver", "executor"):
        env = spec.setdefault(role, {}).setdefault("env", [])
        own = next((each for each in env if each["name"] == "PYTHONPATH"), None)
        if own is None:
            env.append({"name": "PYTHONPATH", "value": folder})
        else:
            own["value"] = f"{folder}:{own['value']}"


def _architectures(card: QueueCard, application: Object) -> list[str]:
    executors = pool_of(card, application["spec"].get("executor") or {}).architecture
    return sorted({one for one in (card.driver.architecture, executors) if one is not None}) or ["amd64"]


def program_name(path: str) -> str:
    """What a job is called whose program has that address or path, of either kind of system."""
    return PurePosixPath(path.replace("\\", "/")).stem
