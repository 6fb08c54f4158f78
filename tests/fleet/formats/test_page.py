"""What all pages have in common, however they come: on paper they are light."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fleet.formats.cost.as_html import page
from fleet.live.cost.report import cost_report
from tests.browser import BROWSER, MISSING, browse
from tests.fleet.live.cost.measured import fleet_of_three

pytestmark = pytest.mark.skipif(not BROWSER, reason=MISSING)


def printed(folder: Path, theme: str) -> bytes:
    """A page on paper, without its dates, after a reader has chosen a theme."""
    text = page(cost_report(fleet_of_three())).replace("<html ", f'<html data-theme="{theme}" ')
    file, paper = folder / "page.html", folder / "page.pdf"
    file.write_text(re.sub("<script>.*?</script>", "", text, flags=re.DOTALL), encoding="utf-8")
    done = browse(file, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    assert paper.is_file(), done.stderr[-2000:]
    return re.sub(rb"\(D:[^)]*\)", b"", paper.read_bytes())


def test_a_page_is_printed_light_whatever_theme_its_reader_chose(tmp_path: Path) -> None:
    assert printed(tmp_path, "dark") == printed(tmp_path, "light")
