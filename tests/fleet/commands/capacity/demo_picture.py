"""The README's picture of what `make demo` shows: two figures of the demo's page, drawn by the page's own library."""

from __future__ import annotations

import html
import json
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plotly.offline import get_plotlyjs

from fleet.files import write_file
from tests.browser import BROWSER, MISSING, dumped
from tests.fleet.commands.capacity.demonstrated import demonstrated
from tests.fleet.formats.pages import parsed
from tests.samples import ROOT

PICTURE: Final = ROOT / "docs" / "images" / "demo.svg"
QUEUE: Final = "ads-batch"
"""Whose nodes are shown."""
WIDTH: Final = 800
"""Pixels, as many as the README has room for."""
_SIDE, _ABOVE, _HEAD = 16, 14, 46
_FONT: Final = "Helvetica, Arial, sans-serif"
_IN_SCRIPTS: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
_STYLE: Final = (
    ".back{fill:#fff;stroke:#dce1e7}text{fill:#18212b!important}.soft{fill:#54606d!important}"
    ".gridlayer path{stroke:#dce1e7!important}"
    "@media (prefers-color-scheme: dark){.back{fill:#171d23;stroke:#2b343d}text{fill:#e4e9ee!important}"
    ".soft{fill:#a4b0bc!important}.gridlayer path{stroke:#2b343d!important}}"
)
"""The colours of the page's cards, its texts and its grids (`fleet/formats/templates/style.css`)."""


@dataclass(frozen=True)
class Shown:
    """A figure of the page.

    Attributes:
        title: what it shows.
        says: how to read it.
        figure: of plotly, as the page has it.
        height: pixels.
    """

    title: str
    says: str
    figure: Mapping[str, Any]
    height: int


def shown(page: str) -> list[Shown]:
    """What the picture shows of a page: what queues of each platform cost, and the nodes of one queue.

    Args:
        page: that `fleet capacity demo` wrote.
    """
    root = parsed(page)
    figures = json.loads(next(one.text for one in root.all("script") if one.attributes.get("id") == "figures"))
    costs, nodes = [], []
    for one in root.all("figure"):
        (box,), title = one.all("div", "plot"), one.one("h3").words
        label = box.attributes["aria-label"]
        if label.endswith(f"Nodes over time of {QUEUE}"):
            nodes.append(Shown(f"{title}: {QUEUE}", one.one("p").words, figures[box.attributes["id"]], 270))
        elif box.attributes["id"].endswith("-savings"):
            figure = figures[box.attributes["id"]]
            costs.append(Shown(title, one.one("p").words, figure, figure["layout"]["height"]))
    return costs + nodes


def numbers(figures: list[Shown]) -> list[Any]:
    """What figures show, as numbers and texts: of each its series by name. USD are whole, nodes have two digits.

    Args:
        figures: of the page.
    """
    return [
        {
            "title": each.title,
            "series": {
                trace["name"]: {
                    axis: [_rounded(one) for one in trace[axis]] for axis in ("x", "y", "text") if axis in trace
                }
                for trace in each.figure["data"]
            },
        }
        for each in figures
    ]


def _rounded(value: object) -> object:
    if not isinstance(value, float):
        return value
    return round(value) if value >= 100 else round(value, 2)


def drawn(figures: list[Shown], folder: Path) -> list[str]:
    """Figures as SVG, by plotly in a browser.

    Args:
        figures: to draw.
        folder: for what the browser reads and keeps.

    Raises:
        RuntimeError: the browser didn't draw them.
    """
    asked = [
        {
            "data": [{**trace, "uid": f"t{number}"} for number, trace in enumerate(each.figure["data"])],
            "layout": {
                **each.figure["layout"],
                "font": {"family": _FONT, "size": 13},
                "width": WIDTH - 2 * _SIDE,
                "height": each.height,
            },
        }
        for each in figures
    ]
    script = """
    const figures = JSON.parse(document.getElementById("figures").textContent);
    (async () => {
      const found = [];
      for (const figure of figures) {
        const { width, height } = figure.layout;
        found.push(await Plotly.toImage(figure, { format: "svg", width, height }));
      }
      const said = document.createElement("pre");
      said.id = "answer";
      said.textContent = JSON.stringify(found.map((one) => decodeURIComponent(one.slice(one.indexOf(",") + 1))));
      document.body.append(said);
    })();
    """
    page = folder / "figures.html"
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><body><script>{get_plotlyjs()}</script>'
        f'<script type="application/json" id="figures">{json.dumps(asked).translate(_IN_SCRIPTS)}</script>'
        f"<script>{script}</script>",
        encoding="utf-8",
    )
    done = dumped(page, milliseconds=20_000)
    found = re.search(r'<pre id="answer">(.*?)</pre>', done.stdout, re.DOTALL)
    if not found:
        raise RuntimeError(f"the browser drew nothing: {done.stderr[-2000:]}")
    return [_named(svg, number) for number, svg in enumerate(json.loads(html.unescape(found[1])))]


def _named(svg: str, number: int) -> str:
    """With identifiers that are the same each time, and unlike those of other figures."""
    for unlike in sorted(set(re.findall(r'id="(?:clip|defs-|topdefs-|legend)?([0-9a-f]{6})', svg))):
        svg = svg.replace(unlike, f"f{number}")
    return svg


def picture(figures: list[Shown], svgs: list[str]) -> str:
    """Figures below each other, each with its title, on a ground of their own; what they show is in its metadata.

    Args:
        figures: of the page.
        svgs: the same, drawn.
    """
    parts, top = [], _ABOVE
    for each, svg in zip(figures, svgs, strict=True):
        parts.append(f'<text x="{_SIDE}" y="{top + 16}" class="title">{html.escape(each.title)}</text>')
        parts.append(f'<text x="{_SIDE}" y="{top + 35}" class="soft">{html.escape(each.says)}</text>')
        parts.append(svg.replace("<svg ", f'<svg x="{_SIDE}" y="{top + _HEAD}" ', 1))
        top += _HEAD + each.height + _ABOVE
    head = (
        f'xmlns="http://www.w3.org/2000/svg" class="picture" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}"'
    )
    label = html.escape(". ".join(f"{each.title}. {each.says.rstrip('.')}" for each in figures))
    held = html.escape(json.dumps(numbers(figures), separators=(",", ":")), quote=False)
    text = f"{_STYLE}.title{{font-weight:bold;font-size:16px}}.soft{{font-size:12.5px}}"
    return "\n".join(
        [
            f'<svg {head} font-family="{_FONT}" role="img" aria-label="{label}">',
            f"<metadata>{held}</metadata>",
            f"<style>{text}</style>",
            f'<rect class="back" x=".5" y=".5" width="{WIDTH - 1}" height="{top - 1}" rx="8"/>',
            *parts,
            "</svg>\n",
        ]
    )


def main() -> None:
    """Writes the picture: `make demo-picture`."""
    if not BROWSER:
        sys.exit(MISSING)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        figures = shown(demonstrated(folder).page)
        write_file(PICTURE, picture(figures, drawn(figures, folder)))
    print(f"{PICTURE.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
