"""Servers that answer as a Prometheus would, or as something else does: to GET and POST alike."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from components.observability.series import (
    PLATFORM_COST,
    POOL_NODES,
    POOL_NODES_EMPTY,
    QUEUE_COST,
    QUEUE_COST_AT_PEAK,
    QUEUE_HISTORY_COST,
    SUBMITTER_COST,
    SUBMITTER_JOBS,
    TENANT_BUDGET,
)
from tests.cluster.certificates import KeyPair


@dataclass(frozen=True)
class Asked:
    """A request."""

    path: str
    headers: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What to say to it."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


Handler = Callable[[Asked], Answer]


@dataclass
class Server:
    """A server, and what it was asked."""

    url: str
    asked: list[Asked]


@contextmanager
def serving(answer: Handler, keys: KeyPair | None = None) -> Iterator[Server]:
    """A server on the loopback address, with TLS where it has keys."""
    asked: list[Asked] = []

    class Requests(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            form = dict(parse_qsl(self.rfile.read(length).decode()))
            asked.append(Asked(self.path, dict(self.headers), form))
            given = answer(asked[-1])
            body = given.body.encode()
            self.send_response(given.status)
            for name, value in {**given.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 the base class has it so

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 the base class has it so
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Requests) as server:
        if keys:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(keys.certificate, keys.key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield Server(f"http{'s' if keys else ''}://127.0.0.1:{server.server_port}", asked)
        finally:
            server.shutdown()
            thread.join()


Rates = Mapping[str, Sequence[tuple[Mapping[str, str], float]]]
"""By a series' name, the labels of each series and its value, which is always the same."""

ADS = {"tenant": "ads", "queue": "ads-nightly"}
SEARCH = {"tenant": "search", "queue": "search-index"}
STEADY: Rates = {
    str(QUEUE_COST): [(ADS, 10.0), (SEARCH, 4.0)],
    str(QUEUE_COST_AT_PEAK): [(ADS, 40.0), (SEARCH, 4.0)],
    str(SUBMITTER_COST): [({**ADS, "submitter": "jane@example.com"}, 6.0)],
    str(SUBMITTER_JOBS): [({**ADS, "submitter": "jane@example.com"}, 3.0)],
    str(QUEUE_HISTORY_COST): [(ADS, 0.05)],
    str(POOL_NODES): [(ADS, 20.0), (SEARCH, 8.0)],
    str(POOL_NODES_EMPTY): [(ADS, 5.0), (SEARCH, 0.0)],
    str(PLATFORM_COST): [({"purpose": "system"}, 2.0), ({"purpose": "driver"}, 1.0)],
    str(TENANT_BUDGET): [({"tenant": "ads"}, 3650.0)],
}
"""Two queues and the platform; a budget of 5 USD an hour."""


def prometheus(rates: Rates) -> Handler:
    """Answers the queries of a report as a Prometheus would in which nothing ever changes.

    What expressions mean beyond the series that they start with is tried on a real one.
    """

    def answer(asked: Asked) -> Answer:
        query = asked.form["query"]
        function, _, rest = query.partition("(")
        first = next(found for found in re.findall(r"[a-z_]+(?::[a-z_]+)*", rest) if found in rates)
        seconds = int(re.search(r"\[(\d+)s(?::60s)?\]", query)[1])  # type: ignore[index]
        seconds += 30 if "s:60s]" in query else 0
        share = seconds / 3600 / (730 if "/ 730" in query else 1)
        chosen = rates[first]

        def minutes(value: float) -> float:
            if first == str(SUBMITTER_JOBS):
                return value
            return value * 60 if function == "sum_over_time" else 60

        if first == str(QUEUE_HISTORY_COST):
            chosen = [({}, chosen[0][1])]
        elif query.count("sum(") and rest.startswith("sum("):
            chosen = [({}, 1.0)]
        elif 'queue=""' in query:
            chosen = [({"purpose": "system"}, 4.0), ({"purpose": "driver"}, 2.0)]
        if asked.path.endswith("/query"):
            result = [{"metric": of, "value": [float(asked.form["time"]), f"{minutes(v) * share}"]} for of, v in chosen]
            return Answer(body=json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}))
        first_time, last, step = (int(asked.form[name]) for name in ("start", "end", "step"))
        times = range(first_time, last + 1, step)
        result = [
            {"metric": of, "values": [[float(at), f"{minutes(value) * share}"] for at in times]} for of, value in chosen
        ]
        return Answer(body=json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}))

    return answer
