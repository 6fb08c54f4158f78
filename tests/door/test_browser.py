"""The login in a real browser, from a link to a queue's history."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import websocket

from tests.browser import BROWSER, MISSING
from tests.door.attempts import ADS, GROUP, SEARCH, START
from tests.door.manifests import DOMAIN
from tests.door.running import Door
from tests.door.test_login import groups

pytestmark = pytest.mark.skipif(not BROWSER, reason=MISSING)


class Page:
    """A page of a browser, by its debugging protocol.

    Source: https://chromedevtools.github.io/devtools-protocol/
    """

    def __init__(self, address: str) -> None:
        self._connection = websocket.create_connection(address, timeout=30, suppress_origin=True)
        self._number = 0

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """The result of a command."""
        self._number += 1
        self._connection.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._connection.recv())
            if answer.get("id") == self._number:
                return dict(answer["result"])

    def value(self, script: str) -> Any:  # noqa: ANN401
        """What a script in the page gives."""
        return self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def open(self, url: str) -> str:
        """The text of the page on which the browser ends up."""
        self.call("Page.navigate", url=url)
        for _ in range(100):
            time.sleep(0.1)
            state = self.value("document.readyState + ' ' + location.protocol")
            if state == "complete https:":
                break
        return str(self.value("document.body.innerText"))

    def close(self) -> None:
        """End the conversation."""
        self._connection.close()


@contextmanager
def page(door: Door, folder: Path) -> Iterator[Page]:
    """A browser to which all hosts of the door are the balancer."""
    options = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'profile'}",
        "--remote-debugging-port=0",
        "--ignore-certificate-errors",
        "--no-proxy-server",
        f"--host-resolver-rules=MAP *.{DOMAIN}:443 127.0.0.1:{door.port}",
    )
    with (folder / "browser.log").open("w") as log:
        process = subprocess.Popen([BROWSER, *options, "about:blank"], stdout=log, stderr=log)
    try:
        told = folder / "profile" / "DevToolsActivePort"
        door.wait(lambda: told.exists() and len(told.read_text().splitlines()) > 1, 30)
        port = told.read_text().splitlines()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=10) as answer:
            found = [each for each in json.load(answer) if each["type"] == "page"]
        there = Page(found[0]["webSocketDebuggerUrl"])
        try:
            yield there
        finally:
            there.close()
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def test_a_link_ends_at_the_queues_history_after_a_login(door: Door, tmp_path: Path) -> None:
    with page(door, tmp_path) as browser, groups(door, GROUP):
        asked = len(door.issuer.asked)
        text = browser.open(f"https://{ADS}/history/app-1/jobs/")
        assert browser.value("location.href") == f"https://{ADS}/history/app-1/jobs/"
        got = json.loads(text)
        assert (got["who"], got["path"]) == ("ads-batch/spark-history", "/history/app-1/jobs/")
        assert not {name.lower() for name, _ in got["headers"]} & {"cookie", "authorization"}
        assert ("GET", "/authorize") in door.issuer.asked[asked:]
        # Neither the page's scripts nor its backend see the session, which is there nevertheless.
        assert browser.value("document.cookie") == ""
        again = len(door.issuer.asked)
        assert json.loads(browser.open(f"https://{ADS}/next"))["path"] == "/next"
        assert ("GET", "/authorize") not in door.issuer.asked[again:]
        # Another queue's host has a login of its own, which doesn't help somebody without its group.
        browser.open(f"https://{SEARCH}/")
        assert browser.value("location.host") == SEARCH
        assert "ads-batch" not in str(browser.value("document.body.innerText"))
        assert browser.value("performance.getEntriesByType('navigation')[0].responseStatus") == 403


def test_a_login_without_a_target_leads_by_the_start_page_to_a_queues_history(door: Door, tmp_path: Path) -> None:
    with page(door, tmp_path) as browser, groups(door, GROUP):
        text = browser.open(f"https://{START}")
        assert browser.value("location.href") == f"https://{START}/"
        assert "batch of ads" in text
        assert "search" not in text
        # Its own style is what its Content-Security-Policy lets through.
        assert browser.value("getComputedStyle(document.querySelector('li')).borderRadius") == "8px"
        link = browser.value("document.querySelector('li a').href")
        assert link == f"https://{ADS}/"
        assert json.loads(browser.open(link))["who"] == "ads-batch/spark-history"
