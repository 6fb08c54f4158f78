"""The start page behind the door in tests: the real program, which asks a stand-in for the API server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from components.door.login import ID_COOKIE
from components.door.start.program import POLICIES, ROUTES, Objects, Settings, cluster, responder
from components.door.start.start_page import NAME
from components.software.page_http import server
from sizing import names
from tests.cluster.api import Object
from tests.components.door.start.serving import ACCOUNT_TOKEN, api, running
from tests.door.manifests import DOMAIN
from tests.door.upstream import LOOPBACK

PLACE: Final = (names.SYSTEM_NAMESPACE, NAME)
"""Its namespace and service."""
KINDS: Final = {"HTTPRoute": ROUTES, "SecurityPolicy": POLICIES}


@contextmanager
def start_page(folder: Path) -> Iterator[tuple[int, dict[str, Objects]]]:
    """The program, answering.

    Args:
        folder: for its account.

    Yields:
        Its port, and what the API server lists by path, to be filled by `fill`.
    """
    (folder / "token").write_text(ACCOUNT_TOKEN)
    settings = Settings(
        domain=DOMAIN,
        gateway=names.DOOR,
        namespace=names.SYSTEM_NAMESPACE,
        groups_claim="groups",
        id_cookie=ID_COOKIE,
    )
    listed: dict[str, Objects] = {ROUTES: [], POLICIES: []}
    with (
        api(listed) as address,
        running(server(responder(settings, cluster(address, folder)), 0, LOOPBACK)) as port,
    ):
        yield port, listed


def fill(listed: dict[str, Objects], things: Iterable[Object]) -> None:
    """Make these what the API server lists."""
    found = list(things)
    for kind, path in KINDS.items():
        listed[path] = [thing for thing in found if thing["kind"] == kind]
