"""The start page's program: reads the door's routes and their policies, and shows each person theirs.

It runs in a pod, on the standard library alone.
"""

from __future__ import annotations

import json
import os
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError

from components.door.start.claims import allows, groups, payload
from components.software.page_http import Refusal, Request, document, server

ROUTES: Final = "/apis/gateway.networking.k8s.io/v1/httproutes"
POLICIES: Final = "/apis/gateway.envoyproxy.io/v1alpha1/securitypolicies"
ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
OWN: Final = "start"
"""The label of this page's host, which it doesn't list."""
FRESH_SECONDS: Final = 2.0
"""As long as one answer of the API server, or its failure, serves everybody."""
API_SECONDS: Final = 5
ABOUT: Final[Mapping[str, str]] = {
    "alerts": "Which alerts fire: Alertmanager, to look at.",
    "grafana": "Dashboards of queues and of the platform; it has a login of its own.",
    "prometheus": "The platform's measurements: Prometheus, to look at.",
    "scheduler": "Queues, nodes and applications as YuniKorn sees them.",
}
Objects = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Of one door.

    Args:
        domain: the door's.
        gateway: its name.
        namespace: the platform's, in which the Gateway is.
        groups_claim: the claim that has somebody's groups.
        id_cookie: the cookie with a browser's ID token.
    """

    domain: str
    gateway: str
    namespace: str
    groups_claim: str
    id_cookie: str


def token_of(request: Request, cookie: str) -> str:
    """The caller's ID token: a program's header, or a browser's cookie; "" for none."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else request.cookie(cookie)


def open_paths(
    settings: Settings, routes: Objects, policies: Objects, claims: Mapping[str, Any]
) -> dict[str, list[str]]:
    """What somebody may open: paths, sorted, by the first label of their host.

    A route counts only if its host is its namespace's own, or if it is of the platform's namespace. Of several policies
    of a route the oldest holds, as at Envoy Gateway.

    Args:
        settings: the door's.
        routes: HTTPRoutes of all namespaces.
        policies: SecurityPolicies of all namespaces.
        claims: of the person's token.
    """
    ruling: dict[tuple[str, str], dict[str, Any]] = {}
    for policy in sorted(policies, key=_age):
        for target in policy["spec"].get("targetRefs") or []:
            if target.get("kind") == "HTTPRoute":
                ruling.setdefault((policy["metadata"]["namespace"], target["name"]), policy)
    found: dict[str, set[str]] = {}
    for route in routes:
        metadata, spec = route["metadata"], route["spec"]
        policy = ruling.get((metadata["namespace"], metadata["name"]), {})
        if _at_door(settings, metadata["namespace"], spec) and _accepted(policy) and allows(policy["spec"], claims):
            for label in _labels(settings, metadata["namespace"], spec):
                found.setdefault(label, set()).update(_paths(spec))
    return {label: sorted(paths) for label, paths in sorted(found.items()) if label != OWN}


def page(settings: Settings, found: Mapping[str, Iterable[str]], claims: Mapping[str, Any]) -> str:
    """The page: queues first, then the platform's pages; who may open nothing reads why and whom to ask."""
    # A tenant's name has no dash and a queue's namespace has one: decision 0033.
    queues = {label: paths for label, paths in found.items() if "-" in label}
    own = [label for label in found if label not in queues]
    body = "".join(
        (
            _section("Queues", [_queue(settings, label, paths) for label, paths in queues.items()]),
            _section("The platform", [_own(settings, label) for label in own]),
            "" if found else _nothing(groups(claims, settings.groups_claim)),
        )
    )
    return document("What you may open", body + '<footer><a href="/logout">Log out of this page</a></footer>')


def responder(settings: Settings, objects: Callable[[], tuple[Objects, Objects]]) -> Callable[[Request], str]:
    """The program: a request's page.

    Args:
        settings: the door's.
        objects: asks for HTTPRoutes and SecurityPolicies. It raises OSError if the API server doesn't answer.
    """

    def respond(request: Request) -> str:
        if request.path != "/":
            raise Refusal(404, "There is no such page", "The list of what you may open is at /.")
        try:
            claims = payload(token_of(request, settings.id_cookie))
        except ValueError:
            raise Refusal(401, "No login came with this request", "Open /logout, then / again to log in.") from None
        try:
            routes, policies = objects()
        except (OSError, ValueError):
            raise Refusal(503, "The list can't be read now", "The cluster's API gave no answer: try again.") from None
        return page(settings, open_paths(settings, routes, policies, claims), claims)

    return respond


def cluster(address: str, account: Path = ACCOUNT) -> Callable[[], tuple[Objects, Objects]]:
    """Asks the API server for HTTPRoutes and SecurityPolicies, once for all who ask within `FRESH_SECONDS`.

    Who comes while somebody asks waits for that answer, or that failure: an API server that is slow is asked no more
    often than one that isn't.

    Args:
        address: of the API server, `https://host:port`.
        account: the directory with the service account's `token`, read anew each time, and `ca.crt`.
    """
    lock = threading.Lock()
    latest: Future[tuple[Objects, Objects]] | None = None
    asked_at = 0.0

    def listed(path: str) -> Objects:
        token = (account / "token").read_text().strip()
        asked = urllib.request.Request(f"{address}{path}", headers={"Authorization": f"Bearer {token}"})  # noqa: S310
        trusted = ssl.create_default_context(cafile=account / "ca.crt") if address.startswith("https:") else None
        try:
            with urllib.request.urlopen(asked, timeout=API_SECONDS, context=trusted) as answer:  # noqa: S310
                items: Objects = json.load(answer)["items"]
        except HTTPError as refused:
            refused.close()
            raise
        return items

    def objects() -> tuple[Objects, Objects]:
        nonlocal latest, asked_at
        with lock:
            answer = latest
            asks = answer is None or (answer.done() and time.monotonic() - asked_at > FRESH_SECONDS)
            if answer is None or asks:
                answer = latest = Future()
                asked_at = time.monotonic()
        if asks:
            try:
                answer.set_result((listed(ROUTES), listed(POLICIES)))
            except Exception as error:
                answer.set_exception(error)
        return answer.result()

    return objects


def _age(policy: Mapping[str, Any]) -> tuple[str, str]:
    return policy["metadata"].get("creationTimestamp", ""), policy["metadata"]["name"]


def _accepted(policy: Mapping[str, Any]) -> bool:
    """A policy with a fault closes its route."""
    conditions = [
        condition
        for ancestor in (policy.get("status") or {}).get("ancestors") or []
        for condition in ancestor.get("conditions") or []
    ]
    return bool(policy) and not any(each["type"] == "Accepted" and each["status"] == "False" for each in conditions)


def _at_door(settings: Settings, namespace: str, spec: Mapping[str, Any]) -> bool:
    return any(
        (parent["name"], parent.get("namespace", namespace)) == (settings.gateway, settings.namespace)
        for parent in spec.get("parentRefs") or []
    )


def _labels(settings: Settings, namespace: str, spec: Mapping[str, Any]) -> list[str]:
    hosts = [host.removesuffix(f".{settings.domain}") for host in spec.get("hostnames") or []]
    own = namespace == settings.namespace
    return [label for label in hosts if (label.isalnum() if own else label == namespace)]


def _paths(spec: Mapping[str, Any]) -> set[str]:
    matches = [match for rule in spec.get("rules") or [] for match in rule.get("matches") or [{}]]
    return {(match.get("path") or {}).get("value", "/") for match in matches}


def _section(title: str, items: list[str]) -> str:
    return f"<h2>{title}</h2><ul>{''.join(items)}</ul>" if items else ""


def _link(settings: Settings, label: str, path: str, text: str) -> str:
    return f'<a href="https://{escape(f"{label}.{settings.domain}{path}")}">{escape(text)}</a>'


def _queue(settings: Settings, label: str, paths: Iterable[str]) -> str:
    tenant, _, queue = label.partition("-")
    links = [
        _link(settings, label, path, "History server" if path == "/" else path.strip("/").capitalize())
        for path in paths
    ]
    named = f'<b>{escape(queue)}</b> <span class="quiet">of {escape(tenant)}</span>'
    return f"<li><p>{named}</p><p>{' · '.join(links)}</p></li>"


def _own(settings: Settings, label: str) -> str:
    return f'<li><p>{_link(settings, label, "/", label)}</p><p class="quiet">{escape(ABOUT.get(label, ""))}</p></li>'


def _nothing(found: list[str]) -> str:
    has = f"Your login has these groups: {', '.join(found)}." if found else "Your login has no groups."
    ask = "Ask your tenant's owner, or who runs the platform, to give one of your groups access."
    return f"<p>There is nothing here that you may open.</p><p>{escape(has)}</p><p>{escape(ask)}</p>"


def main() -> None:
    """Serves the page by the settings in the environment."""
    asked = os.environ
    settings = Settings(
        domain=asked["DOMAIN"],
        gateway=asked["GATEWAY"],
        namespace=asked["NAMESPACE"],
        groups_claim=asked["GROUPS_CLAIM"],
        id_cookie=asked["ID_COOKIE"],
    )
    address = f"https://{asked['KUBERNETES_SERVICE_HOST']}:{asked['KUBERNETES_SERVICE_PORT']}"
    server(responder(settings, cluster(address)), int(asked["PORT"])).serve_forever()


if __name__ == "__main__":
    main()
