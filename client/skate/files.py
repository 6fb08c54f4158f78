"""Files that are written whole or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path


def write_whole(path: Path, text: str, mode: int | None = None) -> None:
    """Write a file so that whoever reads it sees the old text or the new one; a link stays one.

    Args:
        path: the file; its folder is made.
        text: what it will hold.
        mode: of the file, such as 0o600; if not given, what the file had, or for its owner alone.

    Raises:
        OSError: it can't be written; then the old one is there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.resolve()
    with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as file:
        new = Path(file.name)
        try:
            file.write(text)
            file.flush()
            if mode is None:
                mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
            new.chmod(mode)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
    new.replace(target)
