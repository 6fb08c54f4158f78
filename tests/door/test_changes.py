"""What the door serves before, while and after things change: tenants, the issuer's keys, and the issuer itself."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from components.door.login import GATEWAY_GROUP, REFRESHED, UNCHECKED
from components.door.traffic import HEADERS_SECONDS
from sizing import names
from tests.cluster.api import Object
from tests.door import wire
from tests.door.attempts import (
    ADS,
    GOOD,
    GRAFANA,
    GROUP,
    NOBODYS,
    OTHER,
    OTHER_GROUP,
    PROMETHEUS,
    QUEUE,
    SEARCH,
    person,
    send,
)
from tests.door.manifests import JWKS_SECONDS, PLATFORM_GROUP, PROGRAMS, door_objects, tenant
from tests.door.running import Door
from tests.issuer.provider import rsa

SEARCHER = person(OTHER_GROUP)
PEOPLE = person(PLATFORM_GROUP)
GRAFANAS = f"{names.DOOR}-grafana"


@contextmanager
def changed(door: Door, before: list[Object], after: list[Object]) -> Iterator[None]:
    """Other objects for a while."""
    door.write(after)
    try:
        yield
    finally:
        door.write(before)
        door.wait(lambda: send()(door).status == send(SEARCH, token=SEARCHER)(door).status == 200)


def of(things: Sequence[Object], namespace: str, *kinds: str) -> list[Object]:
    return [t for t in things if t["metadata"].get("namespace") == namespace and t["kind"] in kinds]


def of_history(things: Sequence[Object], namespace: str, kind: str) -> Object:
    """That of a queue's history server, whose host has another route for logs."""
    (found,) = (t for t in of(things, namespace, kind) if t["metadata"]["name"] == names.HISTORY_SERVER)
    return found


def without(things: list[Object], left_out: list[Object]) -> list[Object]:
    return [thing for thing in things if thing not in left_out]


def test_a_tenant_is_removed_and_added_and_its_neighbour_notices_nothing(door: Door, things: list[Object]) -> None:
    gone = of(things, OTHER, "HTTPRoute", "SecurityPolicy")
    assert {thing["kind"] for thing in gone} == {"HTTPRoute", "SecurityPolicy"}
    assert send(SEARCH, token=SEARCHER)(door).status == 200
    with changed(door, things, without(things, gone)):
        seen = set()

        def is_gone() -> bool:
            seen.add(send()(door).status)
            return send(SEARCH, token=SEARCHER)(door).status == 404

        door.wait(is_gone)
        assert seen == {200}
    assert send(SEARCH, token=SEARCHER)(door).status == 200


def test_other_groups_pass_when_a_tenants_people_change(door: Door, things: list[Object]) -> None:
    newcomers = person("ads-analysts")
    assert send(token=newcomers)(door).status == 403
    others = without(things, of(things, QUEUE, "HTTPRoute", "SecurityPolicy"))
    own = [thing for thing in door_objects(tenant("ads-dev", ["ads-analysts"])) if thing["kind"] != "Namespace"]
    with changed(door, things, [*others, *own]):
        door.wait(lambda: send(token=newcomers)(door).status == 200)
        assert send(token=GOOD)(door).status == 403
    assert send(token=newcomers)(door).status == 403


def test_a_queue_whose_people_are_no_groups_is_closed_to_everybody(door: Door, things: list[Object]) -> None:
    others = without(things, of(things, QUEUE, "HTTPRoute", "SecurityPolicy"))
    own = [thing for thing in door_objects(tenant("ads-dev", [])) if thing["kind"] != "Namespace"]
    # The file provider merges, and an empty list is nothing to it: the old ones go first.
    with changed(door, things, others):
        door.wait(lambda: send()(door).status == 404)
        door.write([*others, *own])
        door.wait(lambda: send()(door).status == 403)
        assert send(token=person("", GROUP, OTHER_GROUP))(door).status == 403


def test_a_route_without_a_policy_is_closed(door: Door, things: list[Object]) -> None:
    with changed(door, things, without(things, of(things, QUEUE, "SecurityPolicy"))):
        door.wait(lambda: send()(door).status == 403)
        answer = send(token=None)(door)
        assert answer.status == 302
        assert door.marked(answer.mark) == []


def test_a_tenant_gets_no_host_of_the_platforms_pages(door: Door, things: list[Object]) -> None:
    route = of_history(things, QUEUE, "HTTPRoute")
    taken = copy.deepcopy(route)
    taken["metadata"]["name"] = "taken"
    taken["spec"]["hostnames"] = [PROMETHEUS, NOBODYS]
    with changed(door, things, [*things, taken]):
        # Its other host shows that the route is there; without a policy it is closed.
        door.wait(lambda: send(NOBODYS)(door).status == 403)
        assert send(PROMETHEUS)(door).status == 403
        answer = send(PROMETHEUS, token=PEOPLE)(door)
        assert answer.status == 200
        assert door.marked(answer.mark) == [(names.SYSTEM_NAMESPACE, "monitoring-prometheus")]


def test_of_two_queues_with_one_host_neither_opens_to_the_others_people(door: Door, things: list[Object]) -> None:
    route = of_history(things, OTHER, "HTTPRoute")
    own = of_history(things, QUEUE, "HTTPRoute")
    taken = copy.deepcopy(route)
    taken["spec"]["hostnames"] = [*own["spec"]["hostnames"], SEARCH, NOBODYS]
    with changed(door, things, [*without(things, [route]), taken]):
        # Its third host shows that the change is served.
        door.wait(lambda: send(NOBODYS, token=SEARCHER)(door).status == 200)
        answer = send()(door)
        # Whichever route it takes, nobody reaches a queue by the other's groups; admission refuses it anyway.
        stranger = send(token=SEARCHER)(door)
        assert door.marked(answer.mark) in ([], [(QUEUE, names.HISTORY_SERVER)])
        assert (QUEUE, names.HISTORY_SERVER) not in door.marked(stranger.mark)


def test_logins_ask_for_no_token_that_lives_on(door: Door, things: list[Object]) -> None:
    (policy,) = [t for t in things if t["kind"] == "SecurityPolicy" and "oidc" in t["spec"]]
    assert policy["spec"]["targetRefs"] == [{"group": GATEWAY_GROUP, "kind": "Gateway", "name": names.DOOR}]
    location = send(token=None)(door).header("location")
    assert "scope=openid" in location
    assert REFRESHED not in location


def test_keys_that_are_gone_count_no_more_and_new_ones_do(door: Door) -> None:
    before, old = list(door.issuer.keys), GOOD(door)
    assert send(token=lambda _: old)(door).status == 200
    door.issuer.rotate_keys()
    try:
        door.wait(lambda: send()(door).status == 200, JWKS_SECONDS + 10)
        door.wait(lambda: send(token=lambda _: old)(door).status == 401, JWKS_SECONDS + 10)
    finally:
        door.issuer.keys = before
        door.wait(lambda: send()(door).status == 200, JWKS_SECONDS + 10)


def test_while_the_issuer_fails_no_unknown_key_counts_and_afterwards_its_people_pass(door: Door) -> None:
    token = GOOD(door)
    new = door.issuer.token(PROGRAMS, groups=[GROUP])
    assert send(token=lambda _: new)(door).status == 200
    stranger = rsa("unknown")
    door.issuer.answers_with = 503
    try:
        end = time.monotonic() + 3 * JWKS_SECONDS
        while time.monotonic() < end:
            # Keys that an Envoy has go on counting; one that is told something new has none.
            assert send(token=lambda _: token)(door).status in (200, 401)
            assert (
                send(token=lambda door: door.issuer.signed(door.issuer.claims(PROGRAMS, "groups"), stranger))(
                    door
                ).status
                == 401
            )
            time.sleep(0.2)
    finally:
        door.issuer.answers_with = None
    before = list(door.issuer.keys)
    door.issuer.rotate_keys()
    try:
        door.wait(lambda: send()(door).status == 200, JWKS_SECONDS + 10)
    finally:
        door.issuer.keys = before
        door.wait(lambda: send()(door).status == 200, JWKS_SECONDS + 10)


def test_who_sends_headers_slowly_is_cut_off_and_others_are_served_meanwhile(door: Door) -> None:
    mark = wire.new_mark()
    whole = wire.written(ADS, "GET", "/", [("Authorization", "Bearer " + GOOD(door)), ("X-Slow", "a" * 400)], b"", mark)
    began = time.monotonic()
    with wire.connected(door.port) as slow:
        with suppress(OSError):
            slow.settimeout(0.02)
            for at in range(len(whole) - 4):
                slow.sendall(whole[at : at + 1])
                if at % 10 == 0:
                    assert send()(door).status == 200
                with suppress(TimeoutError):
                    if slow.recv(1000) is not None:
                        break
                time.sleep(0.05)
        taken = time.monotonic() - began
    assert HEADERS_SECONDS - 2 < taken < HEADERS_SECONDS + 15
    assert door.marked(mark) == []


def test_a_route_that_says_so_is_held_to_no_origin_and_keeps_its_people(door: Door, things: list[Object]) -> None:
    (policy,) = (t for t in of(things, names.SYSTEM_NAMESPACE, "SecurityPolicy") if t["metadata"]["name"] == GRAFANAS)
    unchecked = copy.deepcopy(policy)
    unchecked["spec"]["csrf"] = dict(UNCHECKED)
    post = send(GRAFANA, method="POST", token=PEOPLE, headers=[("Content-Length", "0")])
    assert post(door).status == 403
    with changed(door, things, [*without(things, [policy]), unchecked]):
        door.wait(lambda: post(door).status == 200)
        strangers = send(GRAFANA, method="POST", token=SEARCHER, headers=[("Content-Length", "0")])
        assert strangers(door).status == 403
        # What loses a field goes first.
        door.write(without(things, [policy]))
        door.wait(lambda: post(door).status == 403)
    door.wait(lambda: send(GRAFANA, token=PEOPLE)(door).status == 200)
    assert post(door).status == 403
