"""A door with a platform and two tenants behind it, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.api import Object
from tests.door import programs
from tests.door.attempts import GROUP, OTHER, OTHER_GROUP, QUEUE, person, send
from tests.door.manifests import door_objects, platform, tenant
from tests.door.running import Door, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One Envoy Gateway runs at a time: the API server's ends before that of all other modules begins."""
    items.sort(key=lambda item: "test_on_api_server" not in item.nodeid)


@pytest.fixture(scope="session")
def things() -> list[Object]:
    """What the platform and its tenants register of the door."""
    stacks = (platform(), tenant("ads-dev", [GROUP]), tenant("search-dev", ["search-watchers"]))
    found = [thing for stack in stacks for thing in door_objects(stack)]
    assert {QUEUE, OTHER} <= {thing["metadata"].get("namespace") for thing in found}
    assert OTHER_GROUP in str(found)
    return found


@pytest.fixture(scope="session")
def door(things: list[Object], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The door, serving; skips where its programs are absent. Who changes its objects puts them back."""
    if not programs.available():
        pytest.skip(programs.MISSING)
    with running(tmp_path_factory.mktemp("door"), things) as there:
        there.wait(lambda: send(token=person(GROUP))(there).status == 200)
        yield there
