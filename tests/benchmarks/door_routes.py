"""Times changes of a real Envoy's routes: `python -m tests.benchmarks.door_routes`, after `python -m tests.door.setup`.

Each change takes a group away and adds a tenant, or gives them back and removes it. Told is from when Envoy Gateway has
read a change to when the door serves it. Before, it checks all objects of its files anew; an API server has checked one
that is written, and hands on that one, so that this part is told by itself and has no limit.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import yaml

from fleet.offline.registration import Registrations
from tests.cluster.api import Object
from tests.door import programs, wire
from tests.door.attempts import ADS, GROUP, OTHER_GROUP, QUEUE, SEARCH, person, send
from tests.door.manifests import door_objects, platform, tenant
from tests.door.running import Door, running

TENANTS: Final = 200
"""Of one queue each."""
CHANGES: Final = 10
SECONDS: Final = 5.0
"""At most, for any change."""
READ: Final = "\tstart reconcile\t"
"""In a line of Envoy Gateway's log, behind its time, once files are read and checked."""
COPIED: Final = ("Namespace", "HTTPRoute", "SecurityPolicy", "Backend")
LONG_SECONDS: Final = 900
ANALYSTS: Final = "ads-analysts"


def main() -> int:
    """Print the figures; 1 where one is over its limit."""
    if not programs.available():
        sys.stderr.write(f"{programs.MISSING}\n")
        return 2
    with_analysts = [*_objects(tenant("ads-dev", [GROUP, ANALYSTS]))]
    added = [*_objects(tenant("ads-dev", [GROUP])), *_objects(tenant("search-dev", []))]
    base = door_objects(platform())
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), [*base, *added]) as door, _keys(door) as keys:
        door.wait(lambda: send()(door).status == 200)
        _tell(f"a door with {TENANTS} tenants begins")
        _add_others(door, keys)
        last = person(_named(TENANTS - 3, GROUP))
        door.wait(lambda: send(_named(TENANTS - 3, ADS), token=last)(door).status == 200, LONG_SECONDS)
        found = []
        for number in range(CHANGES):
            took_away = number % 2 == 1
            things = [*base, *(added if took_away else with_analysts)]
            checked, served = _change(door, things, took_away=took_away)
            found.append(served)
            _tell(f"change {number + 1} of {CHANGES}: served {served:.1f} s after {checked:.0f} s of checking files")
    print(
        f"{CHANGES} changes with {TENANTS} tenants' routes are served within {max(found):.1f} s, "
        f"in the middle {statistics.median(found):.1f} s (at most {SECONDS:.0f} s)"
    )
    return int(max(found) > SECONDS)


def _change(door: Door, things: list[Object], *, took_away: bool) -> tuple[float, float]:
    """Seconds in which the files were read, and those from then on until all of it is served."""
    analyst, searcher = (person(group)(door) for group in (ANALYSTS, OTHER_GROUP))
    wanted = (403, 200) if took_away else (200, 404)
    before = door.log().count(READ)
    written = time.time()
    door.write(things)

    def is_served() -> bool:
        found = send(token=lambda _: analyst)(door).status, send(SEARCH, token=lambda _: searcher)(door).status
        return found == wanted

    door.wait(lambda: door.log().count(READ) > before, LONG_SECONDS)
    door.wait(is_served)
    served = time.time()
    line = [each for each in door.log().splitlines() if READ in each][before]
    read = datetime.fromisoformat(line.partition("\t")[0].replace("Z", "+00:00")).timestamp()
    return read - written, served - read


def _add_others(door: Door, keys: str) -> None:
    """Copies of a tenant, in a file of their own; their policies have the issuer's keys by address alone."""
    found = yaml.safe_load_all((door.folder / "resources" / "objects.yaml").read_text())
    own = [each for each in found if each["kind"] in COPIED and QUEUE in each["metadata"].values()]
    own = [each for each in own if each["metadata"]["name"] != "issuer"]
    for each in own:
        if each["kind"] == "SecurityPolicy":
            each["spec"]["jwt"]["providers"][0]["remoteJWKS"] = {"uri": keys, "cacheDuration": "300s"}
    text = yaml.safe_dump_all(own, sort_keys=False)
    # Two are there already.
    scratch = door.folder / "others.new"
    scratch.write_text("---\n".join(_named(number, text) for number in range(TENANTS - 2)))
    scratch.rename(door.folder / "resources" / "others.yaml")


def _named(number: int, text: str) -> str:
    return text.replace("ads-", f"team{number}-")


@contextmanager
def _keys(door: Door) -> Iterator[str]:
    """Where the issuer's keys are without TLS, for which these policies would need an authority each."""
    body = json.dumps(door.issuer.public_keys()).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer((wire.LOOPBACK, 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/keys"
        server.shutdown()


def _objects(registrations: Registrations) -> list[Object]:
    return [each for each in door_objects(registrations) if each["kind"] != "Namespace"]


def _tell(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
