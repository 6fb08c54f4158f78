"""Times changes of the door's routes on a real API server: `python -m tests.benchmarks.door_routes`, after set-up.

Set-up is `python -m tests.door.setup` and `python -m tests.cluster.setup`. Each change takes a group from one tenant's
page and another tenant's pages away, or gives both back. Told is from its first write, by who deploys the tenant, until
the door serves all of it: the API server with admission, Envoy Gateway's Kubernetes provider, Envoy.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from tests.cluster.api import Object
from tests.cluster.binaries import BinariesError, available
from tests.cluster.objects import objects_of
from tests.door.attempts import ADS, GROUP, OTHER, OTHER_GROUP, QUEUE, SEARCH, person, send
from tests.door.deployed import Deployed, deployed, door_parts, missing
from tests.door.manifests import tenant

TENANTS: Final = 200
"""Of one queue each."""
CHANGES: Final = 10
SECONDS: Final = 5.0
"""At most, for any change."""
ADS_STACK: Final = "ads-dev"
SEARCH_STACK: Final = "search-dev"
ANALYSTS: Final = "ads-analysts"
LONG_SECONDS: Final = 600


def main() -> int:
    """Print the figures; 1 where one is over its limit."""
    try:
        binaries = available()
    except BinariesError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if why := missing():
        sys.stderr.write(f"{why}\n")
        return 2
    stacks: dict[str, Sequence[str]] = {ADS_STACK: [GROUP], SEARCH_STACK: []}
    with tempfile.TemporaryDirectory() as folder, deployed(Path(folder), binaries, stacks) as door:
        door.wait(lambda: send()(door).status == 200)
        _add_others(door)
        last = _named(TENANTS - 3, ADS), person(_named(TENANTS - 3, GROUP))
        waited = door.wait(lambda: send(last[0], token=last[1])(door).status == 200, LONG_SECONDS)
        _tell(f"{TENANTS} tenants are served {waited:.0f} s after the last one's objects were written")
        found = []
        for number in range(CHANGES):
            found.append(_change(door, took_away=number % 2 == 0))
            _tell(f"change {number + 1} of {CHANGES}: {found[-1]:.1f} s")
    print(
        f"{CHANGES} changes with {TENANTS} tenants' routes are served within {max(found):.1f} s, "
        f"in the middle {statistics.median(found):.1f} s (at most {SECONDS:.0f} s)"
    )
    return int(max(found) > SECONDS)


def _change(door: Deployed, *, took_away: bool) -> float:
    """Seconds from a change's first write until all of it is served."""
    ads, search = (door.cluster.acting(door.deployer(stack)) for stack in (ADS_STACK, SEARCH_STACK))
    groups = [GROUP] if took_away else [GROUP, ANALYSTS]
    changed = _of_door(objects_of(tenant(ADS_STACK, groups, door.issuer.url)), QUEUE)
    pages = _of_door(door.tenants[SEARCH_STACK], OTHER)
    analyst, searcher = (person(group)(door) for group in (ANALYSTS, OTHER_GROUP))
    wanted = (403, 404) if took_away else (200, 200)

    def is_served() -> bool:
        found = send(token=lambda _: analyst)(door).status, send(SEARCH, token=lambda _: searcher)(door).status
        return found == wanted

    began = time.monotonic()
    for each in changed:
        ads.apply(each)
    for each in pages:
        if took_away:
            search.delete(each)
        else:
            search.apply(each)
    door.wait(is_served)
    return time.monotonic() - began


def _add_others(door: Deployed) -> None:
    """Copies of a tenant's queue, as far as the door knows of it; what they lead to is the same."""
    own = [each for each in door.tenants[ADS_STACK] if _is_of_door(each) and QUEUE in each["metadata"].values()]
    text = yaml.safe_dump_all(own, sort_keys=False)
    behind = dict(door.upstreams)
    # Two are there already.
    for number in range(TENANTS - 2):
        things = list(yaml.safe_load_all(_named(number, text)))
        for each in things:
            door.cluster.admin.apply(each)
        door.upstreams |= {
            (_named(number, space), name): there for (space, name), there in behind.items() if space == QUEUE
        }
        door.give_endpoints(things)


def _is_of_door(thing: Object) -> bool:
    return thing["kind"] in ("Namespace", "Service") or bool(door_parts([thing]))


def _named(number: int, text: str) -> str:
    return re.sub(r"\bads\b", f"team{number}", text)


def _of_door(things: Sequence[Object], namespace: str) -> list[Object]:
    return [each for each in door_parts(things) if each["metadata"]["namespace"] == namespace]


def _tell(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
