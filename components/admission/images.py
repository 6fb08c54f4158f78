"""Which images may run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from components.admission.policy import cel_list

IMAGE: Final = (
    r"^([a-zA-Z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*"
    r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@[a-z0-9]+:[0-9a-f]{32,})?$"
)
"""What a node can pull (github.com/distribution/reference, regexp.go)."""


def image_allowed(images: Sequence[str], image: str) -> str:
    """Whether an image is one of these, or below one of them: `a/b` allows `a/b:1`, `a/b@sha256:...` and `a/b/c`.

    A registry alone allows what is below it; behind its name a colon starts a port, which is another registry.

    Args:
        images: names of registries, of folders in them, or of images, with or without a tag.
        image: a CEL expression.
    """
    starts = [start for name in sorted(images) for start in _starts(name)]
    return f"({image} in {cel_list(sorted(images))} || {cel_list(starts)}.exists(start, {image}.startsWith(start)))"


def _starts(name: str) -> list[str]:
    return [f"{name}{mark}" for mark in (("/", ":", "@") if "/" in name else ("/",))]
