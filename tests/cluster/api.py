"""Asks an API server, as whoever: what it is sent is what a test writes, and what it answers is not interpreted.

But for one thing: an application that the Spark operator's webhook would refuse counts as refused. So whatever a test
submits is held to the operator's rules, as admission has completed it, whether the test is about them or not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import urllib3

from tests.cluster.certificates import KeyPair
from tests.cluster.control_plane import ControlPlane
from tests.operator_rules import operator_refusals

Json = Any
Object = dict[str, Any]
"""A Kubernetes object as JSON."""

TIMEOUT_SECONDS: Final = 60
MAXIMUM_CONNECTIONS: Final = 8
"""Kept open for threads to share."""
TOKEN_SECONDS: Final = 3600
FIELD_MANAGER: Final = "elastic-spark-tests"
JSON_TYPE: Final = "application/json"
APPLY_TYPE: Final = "application/apply-patch+yaml"
MERGE_TYPE: Final = "application/merge-patch+json"
WRITES: Final = ("PATCH", "POST", "PUT")


class RefusedError(Exception):
    """The API server did not do it.

    Attributes:
        code: the status of HTTP.
        message: what the API server said.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Resource:
    """Where objects of a kind are: `base` is such as `/apis/batch/v1`, `plural` such as `jobs`."""

    base: str
    plural: str
    namespaced: bool

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The path of all such objects, of those in a namespace, of one, or of a part of one."""
        inside = ["namespaces", namespace] if self.namespaced and namespace else []
        return "/".join([self.base, *inside, self.plural, *filter(None, [name, subresource])])


class Api:
    """The API server, as the admin or as somebody else. All of it may be used by several threads.

    Args:
        plane: a running control plane.
        http: connections; by default those of the admin, who shows a certificate.
        headers: sent with every request.
        resources: where objects are, as far as it is known already.
    """

    def __init__(
        self,
        plane: ControlPlane,
        *,
        http: urllib3.PoolManager | None = None,
        headers: Sequence[tuple[str, str]] = (),
        resources: dict[tuple[str, str], Resource] | None = None,
    ) -> None:
        self._plane = plane
        self._http = http or _connections(plane, plane.admin)
        self._headers = headers
        self._resources = {} if resources is None else resources

    def as_user(self, name: str, groups: Sequence[str] = ()) -> Api:
        """The API server as a user in some groups, by impersonation; `system:authenticated` comes by itself."""
        return self._as(self._http, _impersonation(name, groups))

    def impersonating(self, name: str, groups: Sequence[str] = ()) -> Api:
        """The API server as whoever this is, who claims to be a user in some groups."""
        return self._as(self._http, [*self._headers, *_impersonation(name, groups)])

    def as_account(self, namespace: str, name: str) -> Api:
        """The API server as a service account, by a token of its own."""
        return self.with_token(self.token(namespace, name))

    def with_token(self, token: str) -> Api:
        """The API server as whoever has this token."""
        return self._as(_connections(self._plane), [("Authorization", f"Bearer {token}")])

    def token(self, namespace: str, name: str, seconds: int = TOKEN_SECONDS) -> str:
        """A new token of a service account, and for how long it lasts."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        token: str = self.request("POST", path, body)["status"]["token"]
        return token

    def _as(self, http: urllib3.PoolManager, headers: Sequence[tuple[str, str]]) -> Api:
        return Api(self._plane, http=http, headers=headers, resources=self._resources)

    def request(
        self, method: str, path: str, body: Json = None, *, content_type: str = JSON_TYPE, **query: str
    ) -> Json:
        """Send one request and give the JSON that comes back, or the text if it is none.

        Raises:
            RefusedError: the API server answers with an error, or the Spark operator would have refused what it wrote.
        """
        headers = urllib3.HTTPHeaderDict({"Accept": JSON_TYPE, "Content-Type": content_type})
        for key, value in self._headers:
            headers.add(key, value)
        url = f"{self._plane.server}{path}" + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        answer = self._http.request(method, url, body=data, headers=headers)
        is_json = answer.headers.get("Content-Type", "").startswith(JSON_TYPE)
        content = json.loads(answer.data) if is_json else answer.data.decode(errors="replace")
        if answer.status >= 400:
            raise RefusedError(answer.status, content.get("message", "") if isinstance(content, dict) else content)
        if method in WRITES and isinstance(content, dict) and (refusals := operator_refusals(content)):
            if method == "POST" and "dryRun" not in query:
                with suppress(RefusedError):
                    self.delete(content)
            raise RefusedError(403, f"the Spark operator's webhook would refuse it: {'; '.join(refusals)}")
        return content

    def resource(self, api_version: str, kind: str) -> Resource:
        """Where objects of a kind are, as the API server itself says.

        Raises:
            RefusedError: it doesn't know the group and version.
            LookupError: it knows no such kind in them.
        """
        key = (api_version, kind)
        if key not in self._resources:
            base = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
            for found in self.request("GET", base)["resources"]:
                if "/" not in found["name"]:
                    resource = Resource(base, found["name"], found["namespaced"])
                    self._resources[api_version, found["kind"]] = resource
        if key not in self._resources:
            raise LookupError(f"the API server knows no {kind} in {api_version}")
        return self._resources[key]

    def create(self, thing: Object, **query: str) -> Object:
        """Create an object. Raises RefusedError."""
        created: Object = self.request("POST", self._parent(thing), thing, **query)
        return created

    def apply(self, thing: Object, **query: str) -> Object:
        """Apply an object server-side, with strict validation of its fields. Raises RefusedError."""
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict", "force": "true", **query}
        applied: Object = self.request("PATCH", self.path(thing), thing, content_type=APPLY_TYPE, **query)
        return applied

    def replace(self, thing: Object, **query: str) -> Object:
        """Put an object in the place of the one with its name. Raises RefusedError."""
        replaced: Object = self.request("PUT", self.path(thing), thing, **query)
        return replaced

    def merge(self, thing: Object, change: Object, **query: str) -> Object:
        """Change some fields of an object. Raises RefusedError."""
        merged: Object = self.request("PATCH", self.path(thing), change, content_type=MERGE_TYPE, **query)
        return merged

    def read(self, thing: Object) -> Object:
        """The object with the kind and name of `thing`. Raises RefusedError."""
        read: Object = self.request("GET", self.path(thing))
        return read

    def items(self, api_version: str, kind: str, namespace: str = "", **query: str) -> list[Object]:
        """All objects of a kind, or those in one namespace, without their kinds. Raises RefusedError."""
        path = self.resource(api_version, kind).path(namespace)
        found: list[Object] = self.request("GET", path, **query)["items"]
        return found

    def delete(self, thing: Object) -> None:
        """Delete an object with what it owns, at once. Raises RefusedError."""
        options = {"gracePeriodSeconds": 0, "propagationPolicy": "Background"}
        self.request("DELETE", self.path(thing), options)

    def path(self, thing: Object, subresource: str = "") -> str:
        """Where an object is."""
        metadata = thing["metadata"]
        resource = self.resource(thing["apiVersion"], thing["kind"])
        return resource.path(metadata.get("namespace", ""), metadata["name"], subresource)

    def _parent(self, thing: Object) -> str:
        resource = self.resource(thing["apiVersion"], thing["kind"])
        return resource.path(thing["metadata"].get("namespace", ""))


def _impersonation(name: str, groups: Sequence[str]) -> list[tuple[str, str]]:
    return [("Impersonate-User", name), *(("Impersonate-Group", group) for group in groups)]


def _connections(plane: ControlPlane, user: KeyPair | None = None) -> urllib3.PoolManager:
    return urllib3.PoolManager(
        ca_certs=str(plane.authority),
        cert_file=str(user.certificate) if user else None,
        key_file=str(user.key) if user else None,
        maxsize=MAXIMUM_CONNECTIONS,
        retries=False,
        timeout=TIMEOUT_SECONDS,
    )
