"""The way to a queue's logs at the real door: for owners and submitters, on the queue's own host."""

from __future__ import annotations

from typing import Final

import pytest

from sizing import names
from tests.door.attempts import ADS, GROUP, OTHER, OTHER_GROUP, SEARCH, person, send, send_h2
from tests.door.running import Door

READER: Final = person(OTHER_GROUP)
"""Of the other queue's submitters."""
VIEWER: Final = person("search-watchers")
LOGS: Final = (OTHER, names.PAST_LOGS)
HISTORY: Final = (OTHER, names.HISTORY_SERVER)


@pytest.mark.parametrize("path", ["/logs", "/logs/", "/logs/spark-1f/pod/spark?last", "/x/../logs/", "//logs/"])
def test_who_may_read_logs_reaches_their_page_and_it_gets_no_token(door: Door, path: str) -> None:
    answer = send(SEARCH, path, token=READER)(door)
    assert (answer.status, door.marked(answer.mark)) == (200, [LOGS])
    (got,) = door.upstreams[LOGS].marked(answer.mark)
    assert (got.values("authorization"), got.values("cookie")) == ([], [])


@pytest.mark.parametrize("path", ["/", "/logsx/", "/history/spark-1f/logs/", "/LOGS/"])
def test_other_paths_stay_the_history_servers(door: Door, path: str) -> None:
    answer = send(SEARCH, path, token=READER)(door)
    assert (answer.status, door.marked(answer.mark)) == (200, [HISTORY])


@pytest.mark.parametrize(
    "path",
    [
        "/logs",
        "/logs/",
        "/logs/spark-1f/pod/spark?download",
        "//logs/",
        "/./logs/",
        "/x/../logs/",
        "/x/%2e%2e/logs/",
        "/%6cogs/",
        "/logs%2f",
        "/logs;a/",
        "\\logs\\",
    ],
)
def test_a_viewer_comes_to_no_logs_by_any_spelling_and_still_sees_the_history_server(door: Door, path: str) -> None:
    for answer in (send(SEARCH, path, token=VIEWER)(door), send_h2(SEARCH, path, token=VIEWER)(door)):
        assert LOGS not in door.marked(answer.mark)
    assert send(SEARCH, "/logs/", token=VIEWER)(door).status == 403
    seen = send(SEARCH, "/", token=VIEWER)(door)
    assert (seen.status, door.marked(seen.mark)) == (200, [HISTORY])


@pytest.mark.parametrize("path", ["/logs", "/logs/", "/logs/spark-1f/"])
def test_another_queues_people_are_refused(door: Door, path: str) -> None:
    for host, token in ((SEARCH, person(GROUP)), (ADS, READER)):
        answer = send(host, path, token=token)(door)
        assert (answer.status, door.marked(answer.mark)) == (403, [])


def test_without_a_token_and_with_another_method_nobody_comes_in(door: Door) -> None:
    assert send(SEARCH, "/logs/", token=None)(door).status in (302, 401)
    answer = send(SEARCH, "/logs/", token=READER, method="POST")(door)
    assert (answer.status in (403, 404), door.marked(answer.mark)) == (True, [])
