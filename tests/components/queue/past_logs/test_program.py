"""The page of a queue's logs, asked through the signing Envoy, and its pure parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.queue.past_logs.program import LAST_LINES, bounded, last
from tests.components.queue.past_logs.running import ask, packed, running_page

APPLICATION, POD = "spark-1f", "ads-batch-driver"
BELOW = f"ads/batch/{APPLICATION}/{POD}"
OBJECTS = {
    f"{BELOW}/spark-kubernetes-driver-20261130T200000-abcdefgh.gz": packed("one", "<b>two</b>"),
    f"{BELOW}/spark-kubernetes-driver-20261130T200100-ABCDEFGH.gz": packed("three\nof two lines"),
    f"{BELOW}/spark-20261130T200000-abcdefgh.gz": packed(*(f"line {number}" for number in range(LAST_LINES + 5))),
    f"{BELOW}/cut-20261130T200000-abcdefgh.gz": packed("whole"),
    f"{BELOW}/cut-20261130T200100-abcdefgh.gz": packed("lost")[:-12],
    f"{BELOW}/of-no-container.gz": packed("x"),
    "ads/batch/kubernetes-events/20261130T200000-abcdefgh.gz": packed("x"),
    "ads/adhoc/spark-of-others/pod/spark-20261130T200000-abcdefgh.gz": packed("secret"),
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_page(tmp_path_factory.mktemp("page"), OBJECTS) as address:
        yield address


@pytest.mark.parametrize(
    ("path", "shown", "hidden"),
    [
        ("/logs", [f'href="/logs/{APPLICATION}/"'], ["kubernetes-events", "spark-of-others"]),
        ("/logs/", ["Logs of ads-batch", "a minute after"], ["kubernetes-events", "spark-of-others"]),
        (f"/logs/{APPLICATION}/", [f'href="/logs/{APPLICATION}/{POD}/"', 'href="/logs/"'], []),
        (
            f"/logs/{APPLICATION}/{POD}/",
            [f'href="/logs/{APPLICATION}/{POD}/{name}?last"' for name in ("cut", "spark", "spark-kubernetes-driver")],
            ["of-no-container", "20261130"],
        ),
        ("/logs/spark-2a/", ["No pod of it has left a log"], []),
        ("/logs/spark-2a/pod/", ["No container of it has left a log"], []),
    ],
)
def test_what_is_kept_is_found_by_application_pod_and_container(
    page: str, path: str, shown: list[str], hidden: list[str]
) -> None:
    status, answer, text = ask(page + path)
    assert (status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert all(each in text for each in shown)
    assert not any(each in text for each in hidden)


def test_a_log_is_all_its_objects_in_order_as_text(page: str) -> None:
    status, answer, text = ask(f"{page}/logs/{APPLICATION}/{POD}/spark-kubernetes-driver")
    assert (status, text) == (200, "one\n<b>two</b>\nthree\nof two lines\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in answer.headers


def test_a_log_is_kept_as_a_file_where_asked_for(page: str) -> None:
    status, answer, text = ask(f"{page}/logs/{APPLICATION}/{POD}/spark?download")
    assert (status, text.count("\n")) == (200, LAST_LINES + 5)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{POD}.spark.log"'


def test_the_last_lines_are_the_last(page: str) -> None:
    lines = ask(f"{page}/logs/{APPLICATION}/{POD}/spark?last")[2].splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("line 5", f"line {LAST_LINES + 4}", LAST_LINES)


def test_of_a_log_that_breaks_off_what_can_be_read_is_shown(page: str) -> None:
    text = ask(f"{page}/logs/{APPLICATION}/{POD}/cut")[2]
    assert text.startswith("whole\n(The log can't be read on: ")
    status, _, said = ask(f"{page}/logs/{APPLICATION}/{POD}/cut?last")
    assert (status, "be read to its end" in said) == (502, True)


def test_head_sends_no_log(page: str) -> None:
    status, answer, text = ask(f"{page}/logs/{APPLICATION}/{POD}/spark", "HEAD")
    assert (status, text, answer.headers["Content-Type"]) == (200, "", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/", 404, "No such page"),
        ("/logsx/", 404, "No such page"),
        (f"/logs/{APPLICATION}/{POD}/spark/more", 404, "No such page"),
        (f"/logs/{APPLICATION}/{POD}/other", 404, "No container other of"),
        (f"/logs/{APPLICATION}/{POD}/spark?last=2", 400, "?last or ?download"),
        (f"/logs/{APPLICATION}/{POD}/spark?download&last", 400, "?last or ?download"),
        ("/logs/../adhoc/", 502, "is called &#x27;..&#x27;"),
        ("/logs/%2e%2e/", 502, "is called"),
        ("/logs/..%2fadhoc%2fspark-of-others/pod/", 502, "is called"),
        ("/logs/<script>/", 502, "is called &#x27;&lt;script&gt;&#x27;"),
        ("/logs/spark-1f//", 200, POD),
        ("/logs/spark-1f&prefix=ads/", 502, "is called"),
        ("/logs/spark-of-others/pod/spark", 404, "Nothing is kept"),
    ],
)
def test_nothing_but_names_of_the_queues_own_is_asked_for(page: str, path: str, status: int, says: str) -> None:
    found, _, text = ask(page + path)
    assert (found, says in text, "secret" in text) == (status, True, False), text


def test_without_credentials_the_page_says_so(tmp_path: Path) -> None:
    with running_page(tmp_path, OBJECTS, credentials=False) as address:
        status, _, text = ask(f"{address}/logs/")
    assert status == 502
    assert "no credentials, or they have no right to the queue&#x27;s logs" in text


@pytest.mark.parametrize(
    ("parts", "count", "size", "expected"),
    [
        ([], 3, 9, []),
        ([["a"]], 3, 9, ["a"]),
        ([["d", "e"], ["b", "c"], ["a"]], 3, 9, ["c", "d", "e"]),
        ([["c", "d"], ["a", "b"]], 9, 3, ["b", "c", "d"]),
        ([["a", "b", "c", "d"]], 2, 9, ["c", "d"]),
        ([["a", "too long"]], 9, 3, ["too long"]),
        ([["c"], ["too long"], ["a"]], 9, 3, ["c"]),
    ],
)
def test_last_lines_are_bounded_by_number_and_size(
    parts: list[list[str]], count: int, size: int, expected: list[str]
) -> None:
    assert last([iter(part) for part in parts], count, size) == expected


def test_no_older_part_is_read_than_is_needed() -> None:
    def unread() -> Iterator[str]:
        raise AssertionError
        yield

    assert last([iter(["a", "b"]), unread()], 2, 9) == ["a", "b"]


def test_a_log_ends_at_its_bound_and_says_so() -> None:
    assert list(bounded(["ab", "cd", "ef"], 4)) == [
        "ab",
        "cd",
        "(The log is longer than this page shows. The rest is in S3.)",
    ]
