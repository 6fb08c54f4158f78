"""A catalog that speaks as much of Iceberg's REST protocol as Spark needs, and keeps what it is told in memory.

It gives tables their metadata; where those lie and what is in them is the client's. A commit applies the updates that
a write sends; others fail the test.

Source: https://iceberg.apache.org/rest-catalog-spec/ and spec/ (table metadata)
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import unquote, urlsplit

FIRST_FIELD_OF_PARTITIONS: Final = 1000


@dataclass
class RestCatalog:
    """A catalog of tables.

    Args:
        uri: its address.
        warehouse: the place of new tables.
        asked: the warehouses for which clients asked.
        tables: the metadata of each table, by database and name.
        databases: their names.
    """

    uri: str
    warehouse: str
    asked: set[str] = field(default_factory=set)
    tables: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    databases: set[str] = field(default_factory=set)

    def create(self, database: str, wanted: dict[str, Any]) -> dict[str, Any]:
        """A new table, empty."""
        schema = {**wanted["schema"], "schema-id": 0}
        spec = {"spec-id": 0, "fields": (wanted.get("partition-spec") or {}).get("fields", [])}
        self.tables[database, wanted["name"]] = {
            "format-version": 2,
            "table-uuid": str(uuid.uuid4()),
            "location": f"{self.warehouse}/{database}/{wanted['name']}",
            "last-sequence-number": 0,
            "last-updated-ms": int(time.time() * 1000),
            "last-column-id": max(one["id"] for one in schema["fields"]),
            "schemas": [schema],
            "current-schema-id": 0,
            "partition-specs": [spec],
            "default-spec-id": 0,
            "last-partition-id": FIRST_FIELD_OF_PARTITIONS - 1 + len(spec["fields"]),
            "sort-orders": [{"order-id": 0, "fields": []}],
            "default-sort-order-id": 0,
            "properties": wanted.get("properties") or {},
            "snapshots": [],
            "refs": {},
        }
        return self.load(database, wanted["name"])

    def commit(self, database: str, name: str, updates: list[dict[str, Any]]) -> dict[str, Any]:
        """A table after what a write did to it."""
        table = self.tables[database, name]
        for update in updates:
            match update:
                case {"action": "add-snapshot", "snapshot": snapshot}:
                    table["snapshots"].append(snapshot)
                    table["last-sequence-number"] = snapshot["sequence-number"]
                    table["last-updated-ms"] = snapshot["timestamp-ms"]
                case {"action": "set-snapshot-ref", "ref-name": ref, "snapshot-id": snapshot}:
                    table["refs"][ref] = {"type": "branch", "snapshot-id": snapshot}
                    table["current-snapshot-id"] = snapshot
                case _:
                    raise AssertionError(f"an update that is not known here: {update}")
        return self.load(database, name)

    def load(self, database: str, name: str) -> dict[str, Any]:
        """What a client is told of a table."""
        table = self.tables[database, name]
        version = len(table["snapshots"])
        return {"metadata-location": f"{table['location']}/metadata/{version}.metadata.json", "metadata": table}

    def answer(self, method: str, path: list[str], query: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The answer to a request: its status and content."""
        match method, path:
            case "GET", ["config"]:
                self.asked.add(unquote(query).removeprefix("warehouse="))
                return 200, {"defaults": {}, "overrides": {}}
            case "POST", ["namespaces"]:
                (database,) = body["namespace"]
                self.databases.add(database)
                return 200, {"namespace": [database], "properties": {}}
            case (("GET" | "HEAD"), ["namespaces", database]) if database in self.databases:
                return 200, {"namespace": [database], "properties": {}}
            case "POST", ["namespaces", database, "tables"]:
                return 200, self.create(database, body)
            case (("GET" | "HEAD"), ["namespaces", database, "tables", name]) if (database, name) in self.tables:
                return 200, self.load(database, name)
            case "POST", ["namespaces", database, "tables", name]:
                return 200, self.commit(database, name, body["updates"])
        kind = "NoSuchTableException" if "tables" in path else "NoSuchNamespaceException"
        return 404, {"error": {"message": "/".join(path), "type": kind, "code": 404}}


@contextmanager
def rest_catalog(warehouse: str) -> Iterator[RestCatalog]:
    """A catalog without tables on a loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            path = [unquote(part) for part in parts.path.removeprefix("/iceberg/v1/").split("/")]
            status, content = catalog.answer(self.command, path, parts.query, body)
            text = b"" if self.command == "HEAD" else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_HEAD = do_POST = answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as http.server has it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    catalog = RestCatalog(f"http://127.0.0.1:{server.server_port}/iceberg", warehouse)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield catalog
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
