"""Alerts and runbooks belong together, one to one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from components.observability.alerts import alert_groups
from components.observability.groups import rule_file
from tests.observability.alerts import alerts_of

FOLDER = Path(__file__).parents[2] / "docs" / "runbooks"
ALERTS = sorted(alert.name for alert in alerts_of(alert_groups("spark-dev")))


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert sorted(page.stem for page in FOLDER.glob("*.md")) == ALERTS


@pytest.mark.parametrize("name", ALERTS)
def test_a_runbook_says_what_it_means_whom_it_hurts_what_to_do_and_why_it_happens(name: str) -> None:
    text = (FOLDER / f"{name}.md").read_text()
    assert text.startswith(f"# {name}\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "Meaning",
        "Impact",
        "First three commands",
        "Usual causes",
    ]
    commands = text.split("```")[1].strip().splitlines()
    assert len(commands) == 3
    assert text.split("## Usual causes")[1].count("\n- ") >= 2


@pytest.mark.parametrize("name", ALERTS)
def test_links_of_a_runbook_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", (FOLDER / f"{name}.md").read_text()):
        assert (FOLDER / target).exists(), target


def test_an_alert_links_its_runbook_where_people_read_them() -> None:
    file = rule_file(alert_groups("spark-dev"), "https://example.com/runbooks/")
    links = {rule["alert"]: rule["annotations"]["runbook_url"] for group in file["groups"] for rule in group["rules"]}
    assert links == {name: f"https://example.com/runbooks/{name}.md" for name in ALERTS}
