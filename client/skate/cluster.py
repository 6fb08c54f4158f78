"""The cluster's API as the person who is logged in; its errors in words that say what to do."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx2
from lightkube import AsyncClient, SingleConfig
from lightkube.config import client_adapter
from lightkube.core.exceptions import ApiError, ConfigError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.authentication_v1 import SelfSubjectReview
from lightkube.resources.core_v1 import ConfigMap, Event, Pod

from skate import forwarding
from skate.cluster_errors import Wording, faults, is_right, not_trusted
from skate.errors import JobNotFoundError, LoginError, RefusedError, UnreachableError
from skate.oidc.plugin import program_of

if TYPE_CHECKING:
    from httpx2.websockets import AsyncWebSocketSession

    from skate.oidc.bearer import ProgramAuth

T = TypeVar("T")
Object = dict[str, Any]
"""A Kubernetes object as JSON."""
GROUP: Final = "sparkoperator.k8s.io"
VERSION: Final = "v1beta2"
SparkApplication: Final = create_namespaced_resource(GROUP, VERSION, "SparkApplication", "sparkapplications")
TIMEOUT_SECONDS: Final = 10.0
TRIES: Final = 4
"""Of a request that only reads, when the API server doesn't answer or says that it has too much to do."""
FIRST_PAUSE_SECONDS: Final = 0.5
BUSY: Final = frozenset({429, 500, 502, 503, 504})
NO_LOG: Final = frozenset({400, 404})
"""Answers for a log that isn't there. Source: kubernetes v1.36, pkg/registry/core/pod/strategy.go (LogLocation)"""
FIELD_MANAGER: Final = "skate"


class Cluster:
    """What a person may see and do in namespaces; objects are as the API has them.

    Args:
        config: their login.
        timeout_seconds: for the API server to answer one request.
    """

    def __init__(self, config: SingleConfig, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._config = config
        self._sockets: httpx2.AsyncClient | None = None
        self._program = _program(config)
        self.server = config.cluster.server
        self.context = config.context_name
        plugin = config.user.exec if config.user else None
        self._wording = Wording(server=self.server, context=self.context, plugin=plugin, program=self._program)
        try:
            self._client = AsyncClient(
                config=config,
                field_manager=FIELD_MANAGER,
                timeout=httpx2.Timeout(timeout_seconds),
            )
        except (ConfigError, OSError, ValueError) as error:
            raise LoginError(f"The login of the context {self.context} can't be used: {error}") from error
        if self._program is not None:
            # lightkube takes no login but what its models of a kubeconfig can say.
            self._client._client._client.auth = self._program

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()
        if self._sockets is not None:
            await self._sockets.aclose()

    async def application(self, namespace: str, name: str) -> Object | None:
        """An application, if it is there."""
        return await self._get(SparkApplication, namespace, name)

    async def applications(self, namespace: str, selector: dict[str, str] | None = None) -> list[Object]:
        """The applications of a queue."""
        return await self._list(SparkApplication, namespace, selector)

    async def pod(self, namespace: str, name: str) -> Object | None:
        """A pod, if it is there."""
        return await self._get(Pod, namespace, name)

    async def pods(self, namespace: str, selector: dict[str, str] | None = None) -> list[Object]:
        """The pods of a queue."""
        return await self._list(Pod, namespace, selector)

    async def events_of(self, namespace: str, name: str) -> list[Object]:
        """What happened to the object of that name, oldest first."""
        found = await self._list(Event, namespace, fields={"involvedObject.name": name})
        return sorted(found, key=_time_of)

    async def card_text(self, namespace: str, name: str, key: str) -> str | None:
        """A value of a ConfigMap, if that is there."""
        found = await self._get(ConfigMap, namespace, name)
        return None if found is None else found.get("data", {}).get(key)

    async def who_am_i(self) -> tuple[str, list[str]]:
        """The person's name and groups, as the API server knows them."""
        with self._wording.meanwhile("asking who you are"):
            made = await self._client.create(SelfSubjectReview(metadata=ObjectMeta()))
        user = made.status.userInfo if made.status else None
        return (user.username or "", list(user.groups or ())) if user else ("", [])

    async def create(self, application: Object, *, dry_run: bool = False) -> Object:
        """Make an application, or see what would be made.

        Raises:
            RefusedError: admission doesn't want it.
            FileExistsError: there is one of that name.
            UnreachableError: no answer came: it may have been made or not.
        """
        namespace, name = application["metadata"]["namespace"], application["metadata"].get("name", "")
        with self._wording.meanwhile(f"submitting {name} to {namespace}"):
            try:
                made = await self._client.create(SparkApplication(**application), dry_run=dry_run)
            except ApiError as error:
                if error.status.code == 409 and error.status.reason == "AlreadyExists":
                    raise FileExistsError(name) from error
                if error.status.code in (400, 403, 422) and not is_right(error):
                    raise RefusedError(
                        f"{namespace} refused the job {name}:", faults(error.status.message or "")
                    ) from error
                raise
        return dict(made)

    async def delete(self, namespace: str, name: str) -> bool:
        """Remove an application, and with it its pods; whether it was there."""
        with self._wording.meanwhile(f"stopping {name} of {namespace}"):
            try:
                await self._client.delete(SparkApplication, name, namespace=namespace)
            except ApiError as error:
                if error.status.code == 404:
                    return False
                raise
        return True

    async def log(
        self,
        namespace: str,
        pod: str,
        container: str,
        *,
        follow: bool,
        tail: int | None = None,
        timestamps: bool = False,
        since_seconds: int | None = None,
    ) -> AsyncIterator[str]:
        """The lines of a container's log, without their ends; with `timestamps` each after its time and a space.

        Raises:
            JobNotFoundError: there is no such pod, or its container has not begun.
            NotAllowedError, LoginError, UnreachableError: as their names say.
        """
        asked = {"tail_lines": tail, "timestamps": timestamps, "since": since_seconds}
        with self._wording.meanwhile(f"reading the log of {pod} in {namespace}"):
            try:
                async for line in self._log(namespace, pod, container, follow=follow, **asked):
                    yield line
            except ApiError as error:
                if error.status.code not in NO_LOG:
                    raise
                raise JobNotFoundError(
                    f"There is no log of {pod} in {namespace}: it is gone, has not begun, or has written nothing.",
                    "`skate status` says where the job is.",
                ) from error

    async def _log(
        self,
        namespace: str,
        pod: str,
        container: str,
        *,
        follow: bool,
        **asked: Any,  # noqa: ANN401
    ) -> AsyncIterator[str]:
        lines = self._client.log(pod, namespace=namespace, container=container, follow=follow, newlines=False, **asked)
        try:
            async for line in lines:
                yield line
        except RuntimeError as error:
            # lightkube 1.1 can't read why a stream was refused: what isn't one is refused in words.
            async for _ in self._log(namespace, pod, container, follow=False, **{**asked, "tail_lines": 1}):
                pass
            raise UnreachableError(f"The log of {pod} in {namespace} broke off.", "Try again.") from error

    @asynccontextmanager
    async def socket(self, namespace: str, pod: str, port: int) -> AsyncIterator[AsyncWebSocketSession]:
        """A websocket to a port of a pod, see `skate.forwarding`."""
        from httpx2.websockets import WebSocketUpgradeError

        doing = f"forwarding a port to {pod} in {namespace}"
        path = f"api/v1/namespaces/{namespace}/pods/{pod}/portforward"
        with self._wording.meanwhile(doing):
            if self._sockets is None:
                # Kept, since a new one would have the login's command run again for each connection.
                self._sockets = client_adapter.AsyncClient(self._config, client_adapter.ConnectionParams())
                if self._program is not None:
                    self._sockets.auth = self._program
            try:
                async with self._sockets.websocket(
                    path,
                    params={"ports": port},
                    subprotocols=[forwarding.PROTOCOL],
                    # The kubelet answers no pings.
                    keepalive_ping_interval_seconds=None,
                ) as session:
                    yield session
            except WebSocketUpgradeError as error:
                raise self._wording.of_code(doing, error.response.status_code, "") from error

    async def _get(self, kind: type[Any], namespace: str, name: str) -> Object | None:
        async def ask() -> Object | None:
            try:
                return _plain(await self._client.get(kind, name, namespace=namespace))
            except ApiError as error:
                if error.status.code == 404:
                    return None
                raise

        return await self._patiently(f"looking for {name} in {namespace}", ask)

    async def _list(
        self,
        kind: type[Any],
        namespace: str,
        selector: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> list[Object]:
        async def ask() -> list[Object]:
            found = self._client.list(
                kind, namespace=namespace, labels=dict(selector or {}), fields=dict(fields or {}), chunk_size=500
            )
            return [_plain(each) async for each in found]

        return await self._patiently(f"looking into {namespace}", ask)

    async def _patiently(self, doing: str, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to a question, which is asked again while the API server has too much to do."""
        with self._wording.meanwhile(doing):
            for tried in range(TRIES):
                try:
                    return await ask()
                except httpx2.HTTPStatusError as error:
                    if error.response is None or error.response.status_code not in BUSY or tried == TRIES - 1:
                        raise
                except httpx2.TransportError as error:
                    if not_trusted(error) or tried == TRIES - 1:
                        raise
                await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**tried)
        raise AssertionError("unreachable")


def _program(config: SingleConfig) -> ProgramAuth | None:
    """The login of a program, if the context has one: made here, so that its token is in memory, and shared."""
    how = config.user.exec if config.user else None
    found = program_of(how.command, how.args or ()) if how else None
    if how is None or found is None:
        return None
    from skate.oidc.bearer import ProgramAuth

    return ProgramAuth(found, {**os.environ, **{each.name: each.value for each in how.env or ()}})


def _plain(thing: Any) -> Object:  # noqa: ANN401
    return dict(thing) if isinstance(thing, dict) else thing.to_dict()


def _time_of(event: Object) -> str:
    times = (event.get("lastTimestamp"), event.get("eventTime"), event.get("metadata", {}).get("creationTimestamp"))
    return str(next((time for time in times if time), ""))
