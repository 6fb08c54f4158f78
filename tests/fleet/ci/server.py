"""A GitHub on a loopback port: pull requests, comments, issues, artifacts and runs of one repository, in memory."""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fleet.ci.github import BOT, GitHub

TOKEN = "t0ken"  # noqa: S105
REPOSITORY = "company/spark"
Json = dict[str, Any]


class Server(ThreadingHTTPServer):
    """What the repository has, and what was asked of it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pulls: list[Json] = []
        self.comments: dict[int, list[Json]] = {}
        self.issues: list[Json] = []
        self.archives: dict[str, bytes] = {}
        self.runs: list[Json] = []
        self.written: list[tuple[str, str, Json]] = []
        self.stored_with: list[str | None] = []
        self.branches: dict[str, str] = {}
        self.commits: dict[str, Json] = {}
        self.trees: dict[str, Json] = {}
        self.broken = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def history(self, branch: str) -> list[str]:
        """The commits of a branch that were made here, oldest first."""
        found, sha = [], self.branches[branch]
        while sha in self.commits:
            found.append(sha)
            sha = self.commits[sha]["parents"][0]
        return found[::-1]

    def keep(self, kind: dict[str, Json], content: Json) -> str:
        """Keep a commit or a tree; gives what it is called, which is the same for the same content."""
        sha = hashlib.sha1(json.dumps(content, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
        kind[sha] = content
        return sha

    @property
    def github(self) -> GitHub:
        return GitHub(self.address, REPOSITORY, TOKEN)


def pull(number: int, sha: str, head: str = "somebody/spark", branch: str = "more") -> Json:
    """An open pull request from a fork."""
    owner = head.partition("/")[0]
    return {
        "number": number,
        "head": {"sha": sha, "ref": branch, "repo": {"full_name": head}},
        "label": f"{owner}:{branch}",
    }


def archive(**files: str) -> bytes:
    """An artifact, with `_` in place of `.` in the files' names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as written:
        for name, text in files.items():
            written.writestr(name.replace("_", "."), text)
    return content.getvalue()


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if url.path.startswith("/store/"):
            self.server.stored_with.append(self.headers["Authorization"])
            self._answer(200, self.server.archives[url.path.rpartition("/")[2]])
        elif not self._allowed():
            return
        elif found := re.fullmatch(r"/actions/artifacts/(\d+)/zip", self._path(url.path)):
            name = sorted(self.server.archives)[int(found[1])]
            self.send_response(302)
            self.send_header("Location", f"{self.server.address}/store/{name}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._answer(200, json.dumps(self._got(self._path(url.path), query)).encode())

    def do_POST(self) -> None:
        self._write(201)

    def do_PATCH(self) -> None:
        self._write(200)

    def _got(self, path: str, query: dict[str, str]) -> object:
        server, first = self.server, (int(query.get("page", 1)) - 1) * int(query.get("per_page", 30))
        page = slice(first, first + int(query.get("per_page", 30)))
        if path == "/pulls":
            assert query["state"] == "open"
            there = (one for one in server.pulls if one.get("state", "open") == "open")
            return [one for one in there if one["label"] == query["head"]][page]
        if found := re.fullmatch(r"/pulls/(\d+)/commits", path):
            (pull,) = (one for one in server.pulls if one["number"] == int(found[1]))
            return [{"commit": server.commits[sha]} for sha in server.history(pull["head"]["ref"])][page]
        if found := re.fullmatch(r"/git/matching-refs/(.+)", path):
            refs = [{"ref": f"refs/heads/{name}", "object": {"sha": sha}} for name, sha in server.branches.items()]
            return [ref for ref in refs if str(ref["ref"]).startswith(f"refs/{found[1]}")]
        if found := re.fullmatch(r"/git/commits/(\w+)", path):
            commit = server.commits[found[1]]
            return {"tree": {"sha": commit["tree"]}, "parents": [{"sha": parent} for parent in commit["parents"]]}
        if found := re.fullmatch(r"/issues/(\d+)/comments", path):
            return server.comments.get(int(found[1]), [])[page]
        if path == "/issues":
            ours = (one for one in server.issues if one["state"] == query["state"] and query["labels"] in one["labels"])
            return [one for one in ours if one["user"]["login"] == query["creator"]][page]
        if re.fullmatch(r"/actions/runs/\d+/artifacts", path):
            names = sorted(server.archives)
            kept = [{"id": names.index(name), "name": name, "expired": False} for name in names]
            return {"artifacts": [one for one in kept if one["name"] == query["name"]][page]}
        if path == "/actions/workflows/deploy.yml/runs":
            wanted = {"branch": "head_branch", "status": "conclusion", "event": "event"}
            return {
                "workflow_runs": [
                    run for run in server.runs if all(run[of] == query[key] for key, of in wanted.items())
                ]
            }
        raise AssertionError(path)

    def _write(self, code: int) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._allowed():
            return
        path = self._path(self.path)
        server = self.server
        server.written.append((self.command, path, body))
        if found := re.fullmatch(r"/issues/(\d+)/comments", path):
            all_comments = server.comments.setdefault(int(found[1]), [])
            all_comments.append({"id": 1000 + len(all_comments), "user": {"login": BOT}, **body})
        elif found := re.fullmatch(r"/issues/comments/(\d+)", path):
            every = (one for some in server.comments.values() for one in some)
            next(one for one in every if one["id"] == int(found[1])).update(body)
        elif path == "/issues":
            server.issues.append({"number": len(server.issues) + 1, "state": "open", "user": {"login": BOT}, **body})
        elif found := re.fullmatch(r"/issues/(\d+)", path):
            next(one for one in server.issues if one["number"] == int(found[1])).update(body)
        elif path in ("/git/trees", "/git/commits"):
            body = {"sha": server.keep(server.trees if path == "/git/trees" else server.commits, body)}
        elif path == "/git/refs":
            assert body["ref"].removeprefix("refs/heads/") not in server.branches
            server.branches[body["ref"].removeprefix("refs/heads/")] = body["sha"]
        elif found := re.fullmatch(r"/git/refs/heads/(.+)", path):
            assert found[1] in server.branches
            assert body["force"] is True
            server.branches[found[1]] = body["sha"]
        elif path == "/pulls":
            owner, number = REPOSITORY.partition("/")[0], len(server.pulls) + 1
            head = {"ref": body["head"], "sha": server.branches[body["head"]], "repo": {"full_name": REPOSITORY}}
            body = {**body, "number": number, "state": "open", "head": head, "label": f"{owner}:{head['ref']}"}
            server.pulls.append(body)
        elif found := re.fullmatch(r"/pulls/(\d+)", path):
            next(one for one in server.pulls if one["number"] == int(found[1])).update(body)
        self._answer(code, json.dumps(body).encode())

    def _path(self, path: str) -> str:
        assert path.startswith(f"/repos/{REPOSITORY}/")
        return path.removeprefix(f"/repos/{REPOSITORY}")

    def _allowed(self) -> bool:
        allowed = self.headers["Authorization"] == f"Bearer {TOKEN}" and not self.server.broken
        if not allowed:
            self._answer(403, b'{"message": "Resource not accessible by integration"}')
        return allowed

    def _answer(self, code: int, content: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
