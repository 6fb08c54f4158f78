"""What all pages have in common: each is one file that loads nothing, and shows every character that it has."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fleet.formats.drawing import Arrow, Box

_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that a browser does not show, or that make it show others in another order."""


def page_environment() -> Environment:
    """What renders the templates of pages; a new one each time, for globals and filters of one page."""
    environment = Environment(
        loader=PackageLoader("fleet.formats"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_visible,
    )
    environment.filters.update(hash=_hash)
    environment.tests.update(box=lambda shape: isinstance(shape, Box), arrow=lambda shape: isinstance(shape, Arrow))
    return environment


def dressed(*styles: str, scripts: Sequence[str], libraries: Sequence[Markup] = ()) -> Mapping[str, object]:
    """What `page.html`, with which all pages begin, needs of a page that extends it.

    Args:
        styles: the page's own style sheets, after that of all pages; names of templates.
        scripts: its own scripts, after those of all pages, likewise; they are one for the browser.
        libraries: whole scripts that run before.
    """
    return {
        "style": Markup("").join(map(_ours, ("style.css", *styles))),
        "scripts": [*libraries, Markup("").join(map(_ours, ("theme.js", "wide.js", *scripts)))],
    }


def _ours(name: str) -> Markup:
    """A file of ours that goes into the page as it is."""
    return Markup((files("fleet.formats") / "templates" / name).read_text(encoding="utf-8"))  # noqa: S704 - it is ours


def _visible(value: object) -> object:
    """A text with escapes in place of what a reader would not see."""
    if isinstance(value, str) and _UNSEEN.search(value):
        return type(value)(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", value))
    return value


def _hash(text: str) -> str:
    """By which a Content Security Policy knows a text that may be run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
