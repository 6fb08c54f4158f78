"""`fleet door`: every host of a fleet, who passes there, and where a login comes back to."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.offline.doors import door_hosts
from infra.settings.stack_file import read_config
from tests.samples import DOOR, ROOT, doored_platform, doored_registrations, platform_registrations

DOMAIN = DOOR["domain"]
REGISTERED = {"ads-dev": doored_registrations("ads-dev"), "search-dev": doored_registrations("search-dev")}


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as its users run it."""
    command = [sys.executable, "-m", "fleet", "door", *arguments, "--root", str(root)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.fixture(scope="module")
def doored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with stack files whose platform has a door."""
    root = tmp_path_factory.mktemp("doored")
    shutil.copytree(ROOT / "stacks", root / "stacks")
    shutil.copy(ROOT / "Pulumi.yaml", root)
    file = root / "stacks" / "Pulumi.platform-dev.yaml"
    door = "\n".join(f"      {key}: {value}" for key, value in DOOR.items())
    text = file.read_text()
    text = text.replace(
        "      usernameClaim: email\n",
        f"      usernameClaim: email\n      jwksUri: https://login.example.com/keys\n    door:\n{door}\n",
    )
    file.write_text(text.replace("nodesPerZone: 1\n      driver", "nodesPerZone: 2\n      driver"))
    assert DOMAIN in read_config(root, "platform-dev")["elastic-spark:platform"]
    return root


def test_each_queues_host_is_there_with_who_passes_it() -> None:
    assert [(host.stack, host.shown, host.groups) for host in door_hosts(REGISTERED)] == [
        ("ads-dev", f"ads-batch.{DOMAIN}", ()),
        ("ads-dev", f"ads-batch.{DOMAIN}/logs", ()),
        ("search-dev", f"search-adhoc.{DOMAIN}", ("search-analysts",)),
        ("search-dev", f"search-adhoc.{DOMAIN}/logs", ("search-analysts",)),
        ("search-dev", f"search-scheduled.{DOMAIN}", ()),
        ("search-dev", f"search-scheduled.{DOMAIN}/logs", ()),
    ]


def test_everybody_passes_the_start_page_alone() -> None:
    found = {host.host: (host.everybody, host.groups) for host in door_hosts({"platform-dev": doored_platform()})}
    assert found[f"start.{DOMAIN}"] == (True, ())
    assert [host for host, (everybody, _) in found.items() if everybody] == [f"start.{DOMAIN}"]


def test_no_two_routes_of_a_fleet_show_one_place() -> None:
    hosts = [host.shown for host in door_hosts({"platform-dev": doored_platform(), **REGISTERED})]
    assert len(hosts) > len(REGISTERED)
    assert len(hosts) == len(set(hosts))


def test_a_platform_without_a_door_has_no_hosts() -> None:
    assert door_hosts({"platform-dev": platform_registrations("platform-dev")}) == []


def test_the_command_says_who_passes_and_where_nobody_does(doored: Path) -> None:
    result = run(doored, "search-dev")
    assert result.returncode == 0, result.stderr
    assert "search-analysts" in result.stdout
    assert (
        f"Nobody passes, as no group is among the people: search-scheduled.{DOMAIN}, search-scheduled.{DOMAIN}/logs"
        in " ".join(result.stdout.split())
    )
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_redirect_uris_are_a_line_each(doored: Path) -> None:
    result = run(doored, "search-dev", "--uris")
    assert result.stdout.splitlines() == [
        f"https://search-{queue}.{DOMAIN}/oauth2/callback" for queue in ("adhoc", "scheduled")
    ]


def test_without_a_door_it_says_so() -> None:
    assert run(ROOT, "ads-dev").stdout == "No host: none of these stacks' platforms has a door.\n"
