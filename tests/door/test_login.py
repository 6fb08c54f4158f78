"""The login of browsers, step by step, and what somebody could make of a session."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from components.door.login import ACCESS_COOKIE, CALLBACK, ID_COOKIE, LOGOUT
from tests.door import wire
from tests.door.attempts import ADS, GOOD, GRAFANA, GROUP, OTHER_GROUP, PROMETHEUS, SEARCH, START, person, reaches, send
from tests.door.manifests import PLATFORM_GROUP
from tests.door.running import Door, Opened
from tests.door.wire import Answer, Header


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401
        return None


@dataclass
class Browser:
    """Keeps cookies of one host."""

    door: Opened
    host: str = ADS
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, target: str = "/", *, method: str = "GET", headers: Sequence[Header] = ()) -> Answer:
        """A request with its cookies, whose answer may set others."""
        own = [("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))] if self.cookies else []
        answer = wire.request(self.door.port, self.host, target, method=method, headers=[*own, *headers])
        for each in answer.values("set-cookie"):
            name, _, rest = each.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer

    def asked(self, location: str) -> str:
        """Where the issuer sends somebody who comes to it."""
        trusting = ssl.create_default_context(cafile=str(self.door.folder / "issuer" / "ca.crt"))
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusting), _Stay)
        with pytest.raises(urllib.error.HTTPError) as answered:
            opener.open(location, timeout=30)
        answered.value.close()
        return str(answered.value.headers["Location"])

    def log_in(self, target: str = "/") -> Answer:
        """From a link to the last step of the login."""
        back = urlsplit(self.asked(self.open(target).header("location")))
        assert (back.netloc, back.path) == (self.host, CALLBACK)
        return self.open(f"{back.path}?{back.query}")


@contextmanager
def groups(door: Opened, *found: str) -> Iterator[None]:
    """The person who logs in is in these groups."""
    before = door.issuer.person
    door.issuer.person = {**before, "groups": list(found)}
    try:
        yield
    finally:
        door.issuer.person = before


@pytest.fixture
def session(door: Door) -> Browser:
    """Somebody of the queue's group who has logged in."""
    browser = Browser(door)
    with groups(door, GROUP):
        assert browser.log_in().status == 302
    return browser


def test_a_link_leads_through_the_login_to_its_page(door: Door) -> None:
    browser = Browser(door)
    with groups(door, GROUP):
        answer = browser.log_in("/history/app-1/jobs/?id=7")
    assert answer.status == 302
    assert answer.header("location") == f"https://{ADS}/history/app-1/jobs/?id=7"
    page = browser.open("/history/app-1/jobs/?id=7")
    assert page.status == 200
    assert page.echo["path"] == "/history/app-1/jobs/?id=7"
    assert not reaches(ADS, authorization=[], cookie=[])(door, page)


def test_a_login_at_the_start_page_shows_what_the_person_may_open(door: Door) -> None:
    browser = Browser(door, START)
    with groups(door, GROUP, PLATFORM_GROUP):
        assert browser.log_in().header("location") == f"https://{START}/"
    page = browser.open()
    assert page.status == 200
    for host, there in ((ADS, True), (PROMETHEUS, True), (SEARCH, False)):
        assert (f'href="https://{host}/"'.encode() in page.body) is there
    assert page.header("cache-control") == "no-store"
    assert browser.open(LOGOUT).status == 302
    assert browser.open().status == 302


def test_the_start_page_is_for_everybody_with_a_token_and_for_nobody_without(door: Door) -> None:
    shown = send(START, token=person("nobody"))(door)
    assert shown.status == 200
    assert b"Your login has these groups: nobody." in shown.body
    assert b'href="https://' not in shown.body
    assert send(START, token=None)(door).status == 302
    assert send(START, token=person(GROUP, iss="https://evil.example.com"))(door).status == 401
    assert send(START, token=person(GROUP, aud="other"))(door).status in (401, 403)
    assert send(START, method="POST")(door).status in (403, 404)


def test_what_the_start_page_shows_is_what_the_door_opens(door: Door) -> None:
    for group in (GROUP, OTHER_GROUP, PLATFORM_GROUP):
        page = send(START, token=person(group))(door)
        for host in (ADS, SEARCH, PROMETHEUS, GRAFANA):
            opened = send(host, token=person(group))(door).status == 200
            assert (f'href="https://{host}/"'.encode() in page.body) is opened


def test_cookies_are_the_hosts_own_and_out_of_reach_of_scripts(door: Door) -> None:
    browser = Browser(door)
    with groups(door, GROUP):
        answer = browser.log_in()
    set_cookies = answer.values("set-cookie")
    assert {each.partition("=")[0] for each in set_cookies} >= {ID_COOKIE, ACCESS_COOKIE}
    kept = [each for each in set_cookies if "Max-Age=0" not in each and "1970" not in each]
    assert kept
    for each in kept:
        attributes = {part.strip().partition("=")[0].lower() for part in each.split(";")[1:]}
        assert "domain" not in attributes
        assert {"secure", "httponly"} <= attributes
        assert "SameSite=Lax" in each


def test_somebody_without_a_group_logs_in_and_is_refused(door: Door) -> None:
    browser = Browser(door)
    with groups(door, "nobody"):
        browser.log_in()
    assert browser.open().status == 403


def test_a_session_is_nothing_at_another_host(door: Door) -> None:
    both = Browser(door)
    with groups(door, GROUP, OTHER_GROUP):
        both.log_in()
    assert both.open().status == 200
    replayed = Browser(door, SEARCH, dict(both.cookies)).open()
    assert replayed.status == 302
    assert door.marked(replayed.mark) == []


def test_a_session_is_nothing_without_its_signature(door: Door, session: Browser) -> None:
    kept = {name: value for name, value in session.cookies.items() if not name.startswith("OauthHMAC")}
    assert len(kept) < len(session.cookies)
    answer = Browser(door, cookies=kept).open()
    assert answer.status == 302
    assert door.marked(answer.mark) == []


def test_a_session_is_nothing_with_another_ones_token(door: Door, session: Browser) -> None:
    changed = {**session.cookies, ID_COOKIE: GOOD(door)}
    assert changed != session.cookies
    assert Browser(door, cookies=changed).open().status == 302


def test_a_session_does_not_last_longer_because_a_cookie_says_so(door: Door, session: Browser) -> None:
    changed = {name: "9999999999" if name.startswith("OauthExpires") else v for name, v in session.cookies.items()}
    assert changed != session.cookies
    assert Browser(door, cookies=changed).open().status == 302


def test_a_bad_token_beside_a_good_session_is_refused(door: Door, session: Browser) -> None:
    answer = session.open(headers=[("Authorization", "Bearer a.b.c")])
    assert answer.status == 401
    assert door.marked(answer.mark) == []
    assert session.open().status == 200


def test_a_viewer_with_a_session_does_not_post(door: Door, session: Browser) -> None:
    answer = session.open(method="POST", headers=[("Content-Length", "0")])
    assert answer.status in (403, 404)
    assert door.marked(answer.mark) == []


def test_another_site_posts_nothing_by_a_session(door: Door, session: Browser) -> None:
    answer = session.open(method="POST", headers=[("Origin", "https://evil.example.com"), ("Content-Length", "0")])
    assert answer.status in (403, 404)
    assert door.marked(answer.mark) == []


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("//evil.example.com/", ()),
        ("/\\evil.example.com", ()),
        ("/?url=https://evil.example.com", ()),
        ("/", (("X-Forwarded-Host", "evil.example.com"),)),
        ("/", (("X-Forwarded-Proto", "javascript"),)),
        ("/", (("Forwarded", "host=evil.example.com"),)),
        ("/", (("Referer", "https://evil.example.com/"),)),
    ],
)
def test_a_login_leads_nowhere_else(door: Door, target: str, headers: Sequence[Header]) -> None:
    browser = Browser(door)
    began = browser.open(target, headers=headers)
    assert began.status in (302, 400)
    if began.status == 302:
        asked = parse_qs(urlsplit(began.header("location")).query)
        assert asked["redirect_uri"] == [f"https://{ADS}{CALLBACK}"]
        with groups(door, GROUP):
            back = urlsplit(browser.asked(began.header("location")))
            ended = urlsplit(browser.open(f"{back.path}?{back.query}").header("location"))
        assert (ended.scheme, ended.netloc) == ("https", ADS)


def test_the_answer_to_a_login_counts_in_the_browser_that_began_it_alone(door: Door) -> None:
    attacker = Browser(door)
    with groups(door, GROUP):
        back = urlsplit(attacker.asked(attacker.open().header("location")))
        victim = Browser(door)
        victim.open()
        assert victim.open(f"{back.path}?{back.query}").status == 401
        assert attacker.open(f"{back.path}?{back.query}").status == 302


def test_a_code_counts_for_the_host_that_asked_for_it(door: Door) -> None:
    browser = Browser(door)
    with groups(door, GROUP, OTHER_GROUP):
        back = urlsplit(browser.asked(browser.open().header("location")))
        there = Browser(door, SEARCH, dict(browser.cookies))
        there.open(f"{back.path}?{back.query}")
    assert there.open().status == 302


def test_the_issuer_sends_nobody_to_a_host_that_it_does_not_know(door: Door) -> None:
    location = Browser(door).open().header("location")
    browser = Browser(door)
    trusting = ssl.create_default_context(cafile=str(door.folder / "issuer" / "ca.crt"))
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusting), _Stay)
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open(location.replace("ads-batch.", "evil."), timeout=30)
    refused.value.close()
    assert refused.value.code == 400
    assert CALLBACK in browser.asked(location)


def test_a_logout_ends_the_session(session: Browser) -> None:
    assert session.open().status == 200
    assert session.open(LOGOUT).status == 302
    assert session.open().status == 302


def test_a_script_without_a_session_is_told_and_sent_nowhere(door: Door) -> None:
    assert Browser(door).open(headers=[("Sec-Fetch-Dest", "empty")]).status == 401
    assert Browser(door).open(headers=[("Sec-Fetch-Dest", "document")]).status == 302
