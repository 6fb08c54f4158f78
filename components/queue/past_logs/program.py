"""The page of a queue's logs: its applications, their pods, their containers, and what those wrote, as text."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from components.queue.past_logs.kept import Kept, NotReadableError
from components.software.page_http import Refusal, Request, Text, document, server

ROOT: Final = "/logs"
EVENTS: Final = "kubernetes-events"
"""Beside the applications, of none of them."""
LAST_LINES: Final = 1000
LAST_CHARACTERS: Final = 8 * 1024 * 1024
"""Of the last lines, which are held until the first of them is known."""
CHARACTERS_AT_MOST: Final = 1024 * 1024 * 1024
"""Of a container's log."""
_OBJECT: Final = re.compile(r"(?P<container>[a-z0-9]([a-z0-9-]*[a-z0-9])?)-[0-9]{8}T[0-9]{6}-[A-Za-z0-9-]+\.gz")
"""As Fluent Bit calls it, see `components.observability.logs.pipelines`."""
_KEPT: Final = (
    '<p class="quiet">A log is here a minute after it is written, also when its pod is gone, for as long as the '
    "platform keeps logs.</p>"
)


class Logs:
    """The program.

    Args:
        kept: the queue's folder.
        queue: as people know it, such as `ads-batch`.
    """

    def __init__(self, kept: Kept, queue: str) -> None:
        self._kept, self._queue = kept, queue

    def respond(self, request: Request) -> str | Text:
        """The page of a request, or a container's log.

        Raises:
            Refusal: what isn't there, isn't asked for rightly, or can't be read.
        """
        if request.path != ROOT and not request.path.startswith(f"{ROOT}/"):
            raise Refusal(404, "No such page", f"Logs are at {ROOT}/.")
        path = request.path.removeprefix(ROOT).strip("/")
        try:
            match path.split("/") if path else []:
                case []:
                    return self._applications()
                case [application]:
                    return self._pods(application)
                case [application, pod]:
                    return self._containers(application, pod)
                case [application, pod, container]:
                    return self._log(application, pod, container, request.query)
        except NotReadableError as error:
            raise Refusal(502, "What is kept can't be read", str(error)) from error
        raise Refusal(404, "No such page", "An address has an application, a pod and a container.")

    def _applications(self) -> str:
        names = [name for name in self._kept.folders() if name != EVENTS]
        return document(f"Logs of {self._queue}", _list(names, f"{ROOT}/", "No application has left a log."))

    def _pods(self, application: str) -> str:
        names = self._kept.folders(application)
        return document(
            application, _up(f"{ROOT}/") + _list(names, f"{ROOT}/{application}/", "No pod of it has left a log.")
        )

    def _containers(self, application: str, pod: str) -> str:
        here = f"{ROOT}/{application}/{pod}"
        names = sorted({_container(file) for file in self._kept.files(application, pod)} - {""})
        items = "".join(
            f'<li>{escape(name)}<p><a href="{escape(f"{here}/{name}")}">all</a> · '
            f'<a href="{escape(f"{here}/{name}?last")}">last {LAST_LINES:,} lines</a> · '
            f'<a href="{escape(f"{here}/{name}?download")}">download</a></p></li>'
            for name in names
        )
        found = f"<ul>{items}</ul>" if items else "<p>No container of it has left a log.</p>"
        return document(pod, _up(f"{ROOT}/{application}/") + found + _KEPT)

    def _log(self, application: str, pod: str, container: str, query: str) -> Text:
        if query not in ("", "last", "download"):
            raise Refusal(400, "This can't be asked for", "A log is shown whole, or with ?last or ?download.")
        files = [file for file in self._kept.files(application, pod) if _container(file) == container]
        if not files:
            raise Refusal(404, "Nothing is kept", f"No container {container} of {pod} has left a log.")
        read = (self._kept.lines(application, pod, file) for file in (reversed(files) if query == "last" else files))
        lines = iter(last(read)) if query == "last" else bounded(line for part in read for line in part)
        # What can't be read at all is said by a page.
        first = next(lines, "")
        download = f"{pod}.{container}.log" if query == "download" else ""
        return Text(pieces=_told(first, lines), download=download)


def last(parts: Iterable[Iterator[str]], count: int = LAST_LINES, size: int = LAST_CHARACTERS) -> list[str]:
    """The last lines of a log, in order.

    Args:
        parts: of the log, the newest first; no older ones are read than are needed.
        count: of lines, at most.
        size: of all of them, in characters, at most; a last line that is larger is there alone.
    """
    found: list[str] = []
    held, cut = 0, False
    for part in parts:
        lines: deque[str] = deque()
        for line in part:
            lines.append(line)
            held += len(line)
            while lines and len(lines) + len(found) > 1 and (len(lines) + len(found) > count or held > size):
                held -= len(lines.popleft())
                cut = True
        found = [*lines, *found]
        if cut or len(found) >= count:
            break
    return found


def bounded(lines: Iterable[str], size: int = CHARACTERS_AT_MOST) -> Iterator[str]:
    """A log up to its size, in characters, and a word where there is more."""
    taken = 0
    for line in lines:
        taken += len(line)
        if taken > size:
            yield "(The log is longer than this page shows. The rest is in S3.)"
            return
        yield line


def _told(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield f"{first}\n"
    try:
        for line in rest:
            yield f"{line}\n"
    except NotReadableError as error:
        yield f"(The log can't be read on: {error})\n"


def _container(file: str) -> str:
    found = _OBJECT.fullmatch(file)
    return found["container"] if found else ""


def _list(names: list[str], below: str, none: str) -> str:
    items = "".join(f'<li><a href="{escape(f"{below}{name}/")}">{escape(name)}</a></li>' for name in names)
    return (f"<ul>{items}</ul>" if items else f"<p>{escape(none)}</p>") + _KEPT


def _up(address: str) -> str:
    return f'<p><a href="{escape(address)}">back</a></p>'


def main() -> None:
    """Run the program by its settings, which are the environment's."""
    settings = os.environ
    kept = Kept(settings["SIGNER"], settings["BUCKET"], settings["FOLDER"])
    server(Logs(kept, settings["QUEUE"]).respond, int(settings["PORT"])).serve_forever()


if __name__ == "__main__":
    main()
