"""Requests that say one thing to the door and another to what is behind it."""

from __future__ import annotations

from typing import Final

from tests.door.attempts import (
    ADS,
    GRAFANA,
    NOBODYS,
    OTHER_GROUP,
    PROMETHEUS,
    SEARCH,
    Row,
    never_says,
    path_is,
    person,
    reaches,
    refused,
    send,
    send_h2,
    send_raw,
)
from tests.door.manifests import PLATFORM_GROUP
from tests.door.wire import CLOSED

BAD: Final = refused(400, CLOSED)
NOT_THERE: Final = refused(404)
STRANGER: Final = refused(403)
PEOPLE: Final = person(PLATFORM_GROUP)
SEARCHER: Final = person(OTHER_GROUP)
HEAD: Final = f"Host: {ADS}\r\nAuthorization: Bearer {{token}}\r\nx-test-mark: {{mark}}\r\n"
HIDDEN: Final = (
    f"GET /hidden HTTP/1.1\r\nHost: {ADS}\r\nAuthorization: Bearer {{token}}\r\nx-test-mark: {{other}}\r\n\r\n"
)
PLAIN: Final = send_raw(f"GET / HTTP/1.1\r\n{HEAD}\r\n")
WITH_BODY: Final = send_raw(f"GET / HTTP/1.1\r\n{HEAD}Content-Length: 3\r\n\r\nabc")
CHUNKED: Final = send_raw(f"GET / HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
MEBIBYTE: Final = 1024**2

HOSTS: Final = (
    Row("a host that nobody has", send(NOBODYS), NOT_THERE, send()),
    Row("a domain that isn't the door's", send("ads-batch.evil.example.com"), NOT_THERE, send()),
    Row("the domain alone", send(ADS.partition(".")[2]), NOT_THERE, send()),
    Row("no host", send(None), BAD, send()),
    Row("an empty host", send(""), refused(400, 404, CLOSED), send()),
    Row("two hosts", send(headers=[("Host", SEARCH)]), refused(400, 404, CLOSED), send()),
    Row("another's host in capitals", send(SEARCH.upper()), STRANGER, send(ADS.upper())),
    Row("another's host with a port", send(f"{SEARCH}:443"), STRANGER, send(f"{ADS}:443")),
    Row("another's host with a dot at its end", send(f"{SEARCH}."), refused(403, 404), send()),
    Row("another's host after a name", send(f"{ADS}@{SEARCH}"), refused(400, 403, 404), send()),
    Row("two hosts in one", send(f"{ADS},{SEARCH}"), refused(400, 404), send()),
    Row(
        "another's host by the address of the request",
        send(target=f"http://{SEARCH}/"),
        STRANGER,
        send(target=f"http://{ADS}/"),
    ),
    Row(
        "another's host below one's own address",
        send(SEARCH, f"http://{ADS}/"),
        reaches(ADS, host=[ADS]),
        send(ADS, f"http://{ADS}/"),
    ),
    Row("another's host inside one's own TLS", send(SEARCH, sni=ADS), STRANGER, send(sni=ADS)),
    Row(
        "one's own host inside another's TLS",
        send(ADS, token=SEARCHER, sni=SEARCH),
        STRANGER,
        send(SEARCH, token=SEARCHER, sni=SEARCH),
        SEARCH,
    ),
    Row("a forwarded host", send(headers=[("X-Forwarded-Host", SEARCH)]), reaches(ADS, x_forwarded_host=[]), send()),
    Row(
        "HTTP/2: another's host beside the authority",
        send_h2(headers=[("host", SEARCH)]),
        reaches(ADS, host=[ADS]),
        send_h2(),
    ),
    Row("HTTP/2: two authorities", send_h2(headers=[(":authority", SEARCH)]), BAD, send_h2()),
    Row("HTTP/2: no authority", send_h2(None), BAD, send_h2()),
)
PATHS: Final = (
    Row("an escaped slash", send(target="/a%2Fb"), BAD, send(target="/a/b")),
    Row("an escaped slash in small letters", send(target="/a%2fb"), BAD, send(target="/a/b")),
    Row("an escaped backslash", send(target="/a%5Cb"), BAD, send(target="/a/b")),
    Row("dots", send(target="/a/../../b"), path_is("/b"), send(target="/a/b")),
    Row("escaped dots", send(target="/a/%2e%2E/b"), path_is("/b"), send(target="/a/b")),
    Row("slashes in a row", send(target="//evil.example.com//a"), path_is("/evil.example.com/a"), send(target="/a")),
    Row("a fragment", send(target="/a#b"), BAD, send(target="/a")),
    Row("an escaped zero", send(target="/a%00b"), BAD, send(target="/a")),
    Row("a request for no path", send(target="*", method="OPTIONS"), refused(400, 404, CLOSED), send()),
    Row(
        "the answer of a login that nobody began",
        send(target="/oauth2/callback?code=x&state=y", token=None),
        refused(401, 403),
        send(),
    ),
    Row("the balancer's own question", send(target="/.door/health", token=None), refused(200), send(target="/.door")),
    Row("HTTP/2: an escaped slash", send_h2(path="/a%2Fb"), BAD, send_h2(path="/a/b")),
    Row("HTTP/2: two paths", send_h2(headers=[(":path", "/other")]), BAD, send_h2()),
)
METHODS: Final = (
    *(
        Row(f"a viewer's {method}", send(method=method), refused(403, 404), send())
        for method in ("POST", "PUT", "PATCH", "DELETE")
    ),
    Row("HTTP/2: a viewer's POST", send_h2(method="POST"), refused(403, 404), send_h2()),
    Row(
        "a POST that says it's a GET",
        send(method="POST", headers=[("X-HTTP-Method-Override", "GET")]),
        refused(403, 404),
        send(),
    ),
    Row("a method in small letters", send(method="get"), refused(400, 403, 404, CLOSED), send()),
    Row("TRACE", send(method="TRACE"), refused(400, 403, 404, 405, CLOSED), send()),
    Row(
        "CONNECT to another place",
        send(method="CONNECT", target="169.254.169.254:80"),
        refused(400, 403, 404, 405, CLOSED),
        send(),
    ),
    Row(
        "a POST to Prometheus",
        send(PROMETHEUS, method="POST", token=PEOPLE),
        refused(403, 404),
        send(PROMETHEUS, token=PEOPLE),
        PROMETHEUS,
    ),
    Row(
        "a form of another site's",
        send(
            GRAFANA,
            method="POST",
            token=PEOPLE,
            headers=[("Origin", "https://evil.example.com"), ("Content-Length", "0")],
        ),
        STRANGER,
        send(GRAFANA, method="POST", token=PEOPLE, headers=[("Origin", f"https://{GRAFANA}"), ("Content-Length", "0")]),
        GRAFANA,
    ),
    Row(
        "a form of a tenant's page",
        send(GRAFANA, method="POST", token=PEOPLE, headers=[("Origin", f"https://{ADS}"), ("Content-Length", "0")]),
        STRANGER,
        send(GRAFANA, method="POST", token=PEOPLE, headers=[("Origin", f"https://{GRAFANA}"), ("Content-Length", "0")]),
        GRAFANA,
    ),
)
FORGED: Final = (
    Row("underscores", send(headers=[("X_Forwarded_For", "10.0.0.1")]), BAD, send(headers=[("X-Other", "10.0.0.1")])),
    Row("underscores for a user", send(headers=[("X_Remote_User", "root")]), BAD, send()),
    Row("HTTP/2: underscores", send_h2(headers=[("x_remote_user", "root")]), BAD, send_h2()),
    *(
        Row(
            f"{name} of one's own",
            send(headers=[(name, value), (name.lower(), value)]),
            reaches(ADS, **{name.replace("-", "_"): []}),
            send(),
        )
        for name, value in (
            ("X-Real-Ip", "10.0.0.1"),
            ("Forwarded", "for=10.0.0.1;proto=http"),
            ("X-Forwarded-Port", "22"),
            ("X-Forwarded-Client-Cert", "Hash=1"),
            ("X-Envoy-Original-Path", "/other"),
            ("X-Envoy-Internal", "true"),
            ("X-Envoy-Upstream-Rq-Timeout-Ms", "1"),
        )
    ),
    Row(
        "X-Forwarded-Proto of one's own",
        send(headers=[("X-Forwarded-Proto", "gopher")]),
        reaches(ADS, x_forwarded_proto=["https"]),
        send(),
    ),
    Row(
        "X-Forwarded-For of one's own",
        send(headers=[("X-Forwarded-For", "10.0.0.1")]),
        never_says("X-Forwarded-For", "10.0.0.1"),
        send(),
    ),
)
SMUGGLED: Final = (
    Row(
        "two lengths: one by chunks",
        send_raw(f"GET / HTTP/1.1\r\n{HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}"),
        BAD,
        CHUNKED,
    ),
    Row(
        "two lengths",
        send_raw(f"GET / HTTP/1.1\r\n{HEAD}Content-Length: 0\r\nContent-Length: 3\r\n\r\nabc"),
        BAD,
        WITH_BODY,
    ),
    Row("a length below nothing", send_raw(f"GET / HTTP/1.1\r\n{HEAD}Content-Length: -3\r\n\r\nabc"), BAD, WITH_BODY),
    Row(
        "two codings",
        send_raw(f"GET / HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{HIDDEN}"),
        refused(400, 501, CLOSED),
        CHUNKED,
    ),
    Row(
        "a space before the colon",
        send_raw(f"GET / HTTP/1.1\r\n{HEAD}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{HIDDEN}"),
        BAD,
        CHUNKED,
    ),
    Row(
        "a header that goes on in the next line",
        send_raw(f"GET / HTTP/1.1\r\n{HEAD}X-A: b\r\n c: d\r\n\r\n"),
        reaches(ADS, x_a=["b c: d"], c=[]),
        PLAIN,
    ),
    Row(
        "a chunk of a wrong size",
        send_raw(f"GET / HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n"),
        BAD,
        CHUNKED,
    ),
    Row("an old version", send_raw(f"GET / HTTP/1.0\r\n{HEAD}\r\n"), refused(400, 426, CLOSED), PLAIN),
    Row("a version that isn't", send_raw(f"GET / HTTP/3.7\r\n{HEAD}\r\n"), refused(400, 426, CLOSED), PLAIN),
    Row("a zero in a value", send_raw(f"GET / HTTP/1.1\r\n{HEAD}X-A: b\0c\r\n\r\n"), BAD, PLAIN),
)
SIZES: Final = (
    Row(
        "a body of more than a mebibyte", send(body=b"x" * (MEBIBYTE + 1)), refused(413, CLOSED), send(body=b"x" * 1000)
    ),
    Row(
        "HTTP/2: headers of a hundred kibibytes",
        send_h2(headers=[("x-long", "x" * 102_400)]),
        refused(431, CLOSED),
        send_h2(headers=[("x-long", "x" * 1024)]),
    ),
    Row(
        "headers of a hundred kibibytes",
        send(headers=[("X-Long", "x" * 102_400)]),
        refused(431, CLOSED),
        send(headers=[("X-Long", "x" * 1024)]),
    ),
    Row(
        "five hundred headers",
        send(headers=[(f"X-{n}", "a") for n in range(500)]),
        refused(431, CLOSED),
        send(headers=[(f"X-{n}", "a") for n in range(50)]),
    ),
)
REQUESTS: Final = (*HOSTS, *PATHS, *METHODS, *FORGED, *SMUGGLED, *SIZES)
