"""JSON that other programs printed into files: one answer a file, or several in it one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from capacity.errors import CapacityError


def answers(files: Iterable[Path], keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The answers in files.

    Args:
        files: to read.
        keys: of which an answer must have one.

    Raises:
        CapacityError: a file can't be read, or has something else in it; at the end, all of these at once.
    """
    findings = []
    decoder = json.JSONDecoder()
    for path in files:
        try:
            text = path.read_text(encoding="utf-8-sig").strip()
            while text:
                answer, length = decoder.raw_decode(text)
                if not isinstance(answer, dict) or not any(key in answer for key in keys):
                    raise ValueError(f"it has none of {', '.join(keys)}")
                yield answer
                text = text[length:].strip()
        except OSError as error:
            findings.append(f"{path} can't be read: {error.strerror or error}")
        except (ValueError, RecursionError) as error:
            findings.append(f"{path} is not what was expected: {error}")
    if findings:
        raise CapacityError(findings)
