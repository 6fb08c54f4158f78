"""The page on charts' rights is about the charts that are installed."""

from __future__ import annotations

import re

from components.software import versions
from tests.samples import ROOT


def test_rights_were_read_of_the_versions_that_are_installed() -> None:
    page = (ROOT / "docs" / "rights.md").read_text(encoding="utf-8")
    seen = dict(re.findall(r"^\| ([a-z-]+) \| (v?\d+\.\d+\.\d+) \|", page, re.MULTILINE))
    pinned = {one.chart: one.version for one in vars(versions).values() if isinstance(one, versions.ChartVersion)}
    assert len(pinned) > 5
    assert seen == pinned, "render the chart again (docs/rights.md says how), read its roles, and write the version"
