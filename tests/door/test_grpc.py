"""Programs of a queue that speak gRPC, as admission lets a stack show them: people's tokens before, behind the queue's
own credential."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator
from typing import Final

import pytest

from components.door.routes import CREDENTIAL
from tests.cluster import door_shapes
from tests.cluster.api import Object
from tests.door import wire
from tests.door.attempts import ADS, GOOD, OTHER_GROUP, QUEUE, Send, Token, person, send, send_h2
from tests.door.grpc_upstream import TRAILERS, grpc_upstream
from tests.door.running import Door
from tests.door.test_changes import changed, of_history
from tests.door.upstream import Upstream

SERVICE: Final = "programs"
PATH: Final = "/spark.connect.SparkConnectService/Config"
MESSAGE: Final = b"\0\0\0\0\3abc"
"""Not compressed, of three bytes.

Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
"""
INJECTED: Final = "Bearer of-the-queue"


def call(token: Token | None = GOOD, **headers: str) -> Send:
    """A call, which says where it comes from: the Gateway refuses what is posted and doesn't."""
    said = {"content-type": "application/grpc", "te": "trailers", "origin": f"https://{ADS}", **headers}
    return send_h2(path=PATH, method="POST", token=token, headers=list(said.items()), body=MESSAGE)


def route(things: list[Object]) -> list[Object]:
    """What a stack would register: the route, its people, and what puts the queue's credential in."""

    def shown(spec: Object) -> None:
        (rule,) = spec["rules"]
        rule["backendRefs"] = [{"name": SERVICE, "port": 15002}]
        rule["filters"].append(copy.deepcopy(door_shapes.CREDENTIAL_FILTER))
        removed = next(each for each in rule["filters"] if each["type"] == "RequestHeaderModifier")
        removed["requestHeaderModifier"]["remove"] = ["cookie"]

    own = of_history(things, QUEUE, "SecurityPolicy")
    policy = copy.deepcopy(own)
    policy["metadata"]["name"] = SERVICE
    (target,) = policy["spec"]["targetRefs"]
    target |= {"kind": "GRPCRoute", "name": SERVICE}
    for rule in policy["spec"]["authorization"]["rules"]:
        rule.pop("operation", None)
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": CREDENTIAL, "namespace": QUEUE},
        "type": "Opaque",
        "data": {"credential": base64.b64encode(INJECTED.encode()).decode()},
    }
    shape = door_shapes.grpc_route(shown, QUEUE, SERVICE)
    shape["spec"]["hostnames"] = [ADS]
    return [secret, door_shapes.credential(namespace=QUEUE), shape, policy]


@pytest.fixture(scope="module")
def program(door: Door, things: list[Object]) -> Iterator[Upstream]:
    """A program of the queue's, shown by the door."""
    with (
        grpc_upstream(SERVICE) as upstream,
        door.behind(QUEUE, SERVICE, upstream),
        changed(door, things, [*things, *route(things)]),
    ):
        door.wait(lambda: call()(door).header("grpc-status") == "0")
        yield upstream


def test_a_call_with_a_token_passes_and_its_trailers_arrive(door: Door, program: Upstream) -> None:
    with wire.connected(door.port, protocol="h2") as there:
        assert there.selected_alpn_protocol() == "h2"  # type: ignore[attr-defined]
    answer = call()(door)
    assert answer.status == 200
    assert answer.body == MESSAGE
    assert answer.headers[-len(TRAILERS) :] == TRAILERS
    (got,) = program.marked(answer.mark)
    assert (got.method, got.path, got.body) == ("POST", PATH, len(MESSAGE))


def test_a_program_sees_the_queues_credential_and_nobodys_token(door: Door, program: Upstream) -> None:
    answer = call(cookie="a=b")(door)
    (got,) = program.marked(answer.mark)
    assert got.values("authorization") == [INJECTED]
    assert got.values("cookie") == []
    assert GOOD(door).split(".")[1] not in str(got.headers)


@pytest.mark.parametrize(
    ("token", "headers", "statuses"),
    [
        pytest.param(None, {}, (302, 401), id="no-token"),
        pytest.param(lambda _: "a.b.c", {}, (401,), id="a-bad-token"),
        pytest.param(person(OTHER_GROUP), {}, (403,), id="a-stranger"),
        pytest.param(None, {"authorization": INJECTED}, (302, 401), id="the-queues-credential"),
        pytest.param(GOOD, {"origin": "https://evil.example.com"}, (403,), id="from-another-site"),
    ],
)
def test_nothing_else_reaches_a_program(
    door: Door, program: Upstream, token: Token | None, headers: dict[str, str], statuses: tuple[int, ...]
) -> None:
    answer = call(token, **headers)(door)
    # A refusal of gRPC is a 200 of HTTP whose status is in a header.
    assert answer.header("grpc-status") != "0"
    assert answer.status in (200, *statuses)
    assert program.marked(answer.mark) == []
    assert call()(door).header("grpc-status") == "0"


def test_the_queues_pages_are_what_they_were(door: Door, program: Upstream) -> None:
    answer = send()(door)
    assert answer.status == 200
    assert program.marked(answer.mark) == []
