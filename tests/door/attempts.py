"""Rows of attacks on the door: what must be refused or cleaned, and a twin that passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sizing import names
from tests.door import wire
from tests.door.manifests import CLIENT, DOMAIN, PLATFORM_GROUP, PROGRAMS
from tests.door.running import Opened
from tests.door.wire import Answer, Header

QUEUE: Final = "ads-batch"
OTHER: Final = "search-adhoc"
GROUP: Final = "ads-engineers"
OTHER_GROUP: Final = "search-analysts"
ADS: Final = names.door_host(QUEUE, DOMAIN)
SEARCH: Final = names.door_host(OTHER, DOMAIN)
PROMETHEUS: Final = names.door_host("prometheus", DOMAIN)
GRAFANA: Final = names.door_host("grafana", DOMAIN)
START: Final = names.door_host(names.DOOR_START, DOMAIN)
NOBODYS: Final = names.door_host("nobody-there", DOMAIN)
BEHIND: Final = {
    ADS: (QUEUE, names.HISTORY_SERVER),
    SEARCH: (OTHER, names.HISTORY_SERVER),
    PROMETHEUS: (names.SYSTEM_NAMESPACE, "monitoring-prometheus"),
    GRAFANA: (names.SYSTEM_NAMESPACE, "monitoring-grafana"),
}
"""What stands behind each host."""
GROUPS: Final = {ADS: GROUP, SEARCH: OTHER_GROUP, PROMETHEUS: PLATFORM_GROUP, GRAFANA: PLATFORM_GROUP}
Token = Callable[[Opened], str]
Send = Callable[[Opened], Answer]
Holds = Callable[[Opened, Answer], str]
"""What is wrong with how the door took an attack; empty: nothing."""


@dataclass(frozen=True)
class Row:
    """An attack.

    Args:
        name: a phrase.
        attack: what is sent.
        holds: what must come of it.
        twin: as like it as can be, and nothing wrong with it.
        behind: the host whose backend the twin reaches.
    """

    name: str
    attack: Send
    holds: Holds
    twin: Send
    behind: str = ADS


def person(*groups: str, client: str = PROGRAMS, **claims: object) -> Token:
    """A good token of somebody with these groups, but for `claims`."""
    return lambda door: door.issuer.token(client, **{"groups": list(groups), **claims})


GOOD: Final = person(GROUP)
BROWSER: Final = person(GROUP, client=CLIENT)


def send(
    host: str | None = ADS,
    target: str = "/",
    *,
    token: Token | None = GOOD,
    method: str = "GET",
    headers: Sequence[Header] = (),
    body: bytes = b"",
    sni: str = "localhost",
    scheme: str = "Bearer ",
) -> Send:
    """A request of HTTP/1.1."""

    def sent(door: Opened) -> Answer:
        own = [] if token is None else [("Authorization", scheme + token(door))]
        found = [*own, *headers]
        return wire.request(door.port, host, target, method=method, headers=found, body=body, name=sni)

    return sent


def send_h2(
    authority: str | None = ADS,
    path: str = "/",
    *,
    token: Token | None = GOOD,
    method: str = "GET",
    headers: Sequence[Header] = (),
    body: bytes = b"",
) -> Send:
    """A request of HTTP/2."""

    def sent(door: Opened) -> Answer:
        own = [] if token is None else [("authorization", "Bearer " + token(door))]
        pseudo = [(":method", method), (":scheme", "https"), (":path", path)]
        pseudo += [] if authority is None else [(":authority", authority)]
        # Pseudo headers come first, those of an attack as well.
        first = [each for each in headers if each[0].startswith(":")]
        others = [each for each in headers if not each[0].startswith(":")]
        return wire.request_h2(door.port, [*pseudo, *first, *own, *others], body)

    return sent


def send_raw(text: str, token: Token = GOOD, *, method: str = "GET") -> Send:
    """Bytes to the letter, where `{token}`, `{mark}` and `{other}`, the mark of a second request, are filled in."""

    def sent(door: Opened) -> Answer:
        mark = wire.new_mark()
        whole = text.replace("{token}", token(door)).replace("{mark}", mark).replace("{other}", second(mark))
        return wire.exchanged(door.port, whole.encode("latin-1"), mark, method=method)

    return sent


def second(mark: str) -> str:
    """The mark of what is hidden in a request."""
    return f"{mark}-hidden"


def refused(*statuses: int) -> Holds:
    """One of these statuses, and no backend ever saw it, or what was hidden in it."""

    def holds(door: Opened, answer: Answer) -> str:
        reached = [*door.marked(answer.mark), *door.marked(second(answer.mark))]
        if reached:
            return f"it reached {reached}"
        return "" if answer.status in statuses else f"it was answered {answer.status}, not one of {statuses}"

    return holds


def reaches(host: str = ADS, /, **values: list[str]) -> Holds:
    """It reaches the backend of a host and no other, where headers have these values; `_` stands for `-`."""

    def holds(door: Opened, answer: Answer) -> str:
        reached = door.marked(answer.mark)
        if reached != [BEHIND[host]]:
            return f"it reached {reached}, answered {answer.status}"
        if door.marked(second(answer.mark)):
            return "what was hidden in it passed"
        (got,) = door.upstreams[BEHIND[host]].marked(answer.mark)
        wrong = {
            name: found for name, value in values.items() if (found := got.values(name.replace("_", "-"))) != value
        }
        return f"the backend got {wrong}" if wrong else ""

    return holds


def never_says(name: str, value: str) -> Holds:
    """It reaches the backend of `ADS`, whose header of that name doesn't have this value."""

    def holds(door: Opened, answer: Answer) -> str:
        if found := reaches()(door, answer):
            return found
        return f"the backend got {value}" if any(value in got for got in answer.sent_on(name)) else ""

    return holds


def path_is(*paths: str) -> Holds:
    """It reaches the backend of `ADS`, with one of these paths."""

    def holds(door: Opened, answer: Answer) -> str:
        found = reaches()(door, answer)
        if found:
            return found
        (got,) = door.upstreams[BEHIND[ADS]].marked(answer.mark)
        return "" if got.path in paths else f"its path is {got.path}"

    return holds
