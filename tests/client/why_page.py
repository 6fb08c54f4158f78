"""The table of the guide to `skate why`. `python -m tests.client.why_page` writes it into the guide."""

from __future__ import annotations

from pathlib import Path

from skate.why import MEANINGS

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "why.md"
BEGIN, END = "<!-- begin of the table of kinds -->\n", "<!-- end of the table of kinds -->\n"


def table() -> str:
    """What `skate why` says, what that means, and what to do."""
    rows = [f"| {kind} | {meaning.means} | {meaning.do} |" for kind, meaning in MEANINGS.items()]
    return "\n".join(["| it says | what that means | what to do |", "|---|---|---|", *rows]) + "\n"


def written(page: str) -> str:
    """The guide with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
