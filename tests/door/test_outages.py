"""What is served while Envoy Gateway or the issuer can't do its part, and while queues come and go meanwhile."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from tests.cluster.api import Object
from tests.door.attempts import ADS, BEHIND, GROUP, OTHER, OTHER_GROUP, QUEUE, SEARCH, person, send
from tests.door.manifests import JWKS_SECONDS, door_objects, tenant
from tests.door.running import Door
from tests.door.test_changes import SEARCHER, changed, of, of_history, without
from tests.door.test_login import Browser, groups

ANALYST: Final = person("ads-analysts")
PANIC: Final = "observed a panic"
"""What Envoy Gateway's log has of one; it goes on."""


@contextmanager
def issuer_away(door: Door) -> Iterator[None]:
    """The issuer answers nobody for a while."""
    door.issuer.answers_with = 503
    try:
        yield
    finally:
        door.issuer.answers_with = None


def test_a_group_that_is_taken_away_is_out_and_the_others_stay(door: Door, things: list[Object]) -> None:
    both = [each for each in door_objects(tenant("ads-dev", [GROUP, "ads-analysts"])) if each["kind"] != "Namespace"]
    others = without(things, of(things, QUEUE, "HTTPRoute", "SecurityPolicy"))
    with changed(door, things, [*others, *both]):
        door.wait(lambda: send(token=ANALYST)(door).status == 200)
        seen = set()
        door.write(things)

        def is_out() -> bool:
            seen.add(send()(door).status)
            return send(token=ANALYST)(door).status == 403

        door.wait(is_out)
        assert seen == {200}


def test_a_queue_is_added_and_its_people_pass_and_nobody_else(door: Door, things: list[Object]) -> None:
    queue = of(things, OTHER, "HTTPRoute", "SecurityPolicy")
    with changed(door, things, without(things, queue)):
        door.wait(lambda: send(SEARCH, token=SEARCHER)(door).status == 404)
        assert send()(door).status == 200
        door.write(things)
        door.wait(lambda: send(SEARCH, token=SEARCHER)(door).status == 200)
        answer = send(SEARCH, token=SEARCHER)(door)
        assert door.marked(answer.mark) == [BEHIND[SEARCH]]
        assert send(ADS, token=SEARCHER)(door).status == send(SEARCH)(door).status == 403


def test_a_queue_that_comes_while_the_issuer_is_away_opens_to_nobody_else(door: Door, things: list[Object]) -> None:
    mine, token = send(token=None), SEARCHER(door)
    others = without(things, of(things, OTHER, "HTTPRoute", "SecurityPolicy"))
    with changed(door, things, others):
        door.wait(lambda: send(SEARCH, token=SEARCHER)(door).status == 404)
        with issuer_away(door):
            time.sleep(JWKS_SECONDS + 1)
            door.write(things)
            door.wait(lambda: send(SEARCH, token=lambda _: token)(door).status != 404)
            end = time.monotonic() + JWKS_SECONDS
            while time.monotonic() < end:
                # Keys that Envoy has already may count; without any, nobody passes.
                assert send(SEARCH, token=lambda _: token)(door).status in (200, 401)
                assert send(SEARCH)(door).status in (401, 403)
                assert send(SEARCH, token=None)(door).status == mine(door).status == 302
        door.wait(lambda: send(SEARCH, token=lambda _: token)(door).status == 200)


def test_a_login_that_the_issuer_leaves_unanswered_is_refused_and_the_next_one_counts(door: Door) -> None:
    browser = Browser(door)
    with groups(door, GROUP):
        back = urlsplit(browser.asked(browser.open().header("location")))
        with issuer_away(door):
            assert browser.open(f"{back.path}?{back.query}").status in (401, 500, 503)
            assert browser.open().status == 302
        assert browser.log_in().status == 302
        assert browser.open().status == 200


def test_a_door_that_starts_while_the_issuer_is_away_lets_nobody_in_until_it_is_back(door: Door) -> None:
    good, stranger = person(GROUP)(door), person(OTHER_GROUP)(door)
    with issuer_away(door):
        door.begin()
        door.wait(lambda: send(token=None)(door).status == 302)
        for token in (good, stranger):
            answer = send(token=lambda _, token=token: token)(door)  # type: ignore[misc]
            assert answer.status == 401
            assert door.marked(answer.mark) == []
        back = send(target="/oauth2/callback?code=x&state=y", token=None)(door)
        assert back.status in (401, 403)
    door.wait(lambda: send(token=lambda _: good)(door).status == 200)
    assert send(token=lambda _: stranger)(door).status == 403


def test_while_envoy_gateway_fails_on_a_policy_what_is_served_stays_and_nothing_opens(
    door: Door, things: list[Object]
) -> None:
    own = of_history(things, OTHER, "SecurityPolicy")
    faulty = copy.deepcopy(own)
    # Schemas allow it, Envoy Gateway doesn't; admission takes none but the platform's, word for word.
    faulty["spec"]["jwt"]["providers"][0]["issuer"] = "no address: none"
    before = door.log().count(PANIC)
    others = without(things, [own, *of(things, QUEUE, "HTTPRoute", "SecurityPolicy")])
    with changed(door, things, [*others, faulty]):
        door.wait(lambda: door.log().count(PANIC) > before)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            # The queue that went with the same change is served yet.
            assert send()(door).status == send(SEARCH, token=SEARCHER)(door).status == 200
            assert send(SEARCH)(door).status == send(token=SEARCHER)(door).status == 403
            assert send(token=lambda _: "a.b.c")(door).status == 401
        door.write(others)
        door.wait(lambda: send()(door).status == 404)
