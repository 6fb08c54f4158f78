"""The hook: a client of the SDK, logged in as a connection of the type `skate` says."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException
from lightkube import SingleConfig
from lightkube.config.models import User

from skate import kubeconfig
from skate.aio import AsyncClient
from skate.airflow.provider import CONNECTION_TYPE, CONTEXT, KUBECONFIG, KUBECONFIG_PATH, QUEUE
from skate.cluster import Cluster
from skate.errors import InputError, SkateError
from skate.sync import Client

DEFAULT_CONNECTION: Final = "skate_default"


@dataclass(frozen=True, kw_only=True)
class Login:
    """How a connection logs in.

    Args:
        name: of the connection.
        context: of the kubeconfig; None for the current one.
        text: of a kubeconfig.
        path: of one, instead. Without both, what KUBECONFIG names, ~/.kube/config, or the account of the pod.
        token: instead of the kubeconfig's own user.
        queue: for tasks that name none.
    """

    name: str
    context: str | None = None
    text: str | None = field(default=None, repr=False)
    path: str | None = None
    token: str | None = field(default=None, repr=False)
    queue: str | None = None

    @classmethod
    def of(cls, connection: Any) -> Self:  # noqa: ANN401
        """The login of a connection of Airflow."""
        extra = connection.extra_dejson
        return cls(
            name=connection.conn_id,
            context=extra.get(CONTEXT) or None,
            text=extra.get(KUBECONFIG) or None,
            path=extra.get(KUBECONFIG_PATH) or None,
            token=connection.password or None,
            queue=extra.get(QUEUE) or None,
        )

    def config(self) -> SingleConfig:
        """Where the cluster is, and as whom to ask it.

        Raises:
            InputError: there are two kubeconfigs.
            LoginError: there is none, or it can't be used.
        """
        if self.text and self.path:
            raise InputError(
                f"The connection {self.name} has a kubeconfig and the path of one.", "Leave one of the two out."
            )
        if self.text:
            config = kubeconfig.loads(self.text, self.context, f"the kubeconfig of the connection {self.name}")
        else:
            config = kubeconfig.load(self.context, Path(self.path) if self.path else None)
        return config._replace(user=User(token=self.token)) if self.token else config

    def client(self) -> AsyncClient:
        """A client, for the event loop that runs.

        Raises:
            InputError, LoginError: as `config`.
        """
        # It says each request at the level that Airflow shows: in a task's log, between the driver's lines.
        logging.getLogger("httpx2").setLevel(logging.WARNING)
        return AsyncClient(cluster=Cluster(self.config()))


class SkateHook(BaseHook):
    """Jobs in queues, as a connection logs in.

    Args:
        skate_conn_id: the connection. Where there is none of the default name, the worker's kubeconfig or its pod's
            account is used.
    """

    conn_name_attr = "skate_conn_id"
    default_conn_name = DEFAULT_CONNECTION
    conn_type = CONNECTION_TYPE
    hook_name = "elastic-spark"

    def __init__(self, skate_conn_id: str = DEFAULT_CONNECTION, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self.skate_conn_id = skate_conn_id

    def login(self) -> Login:
        """How the connection logs in.

        Raises:
            AirflowNotFoundException: there is no such connection, and it isn't the default one.
        """
        try:
            return Login.of(self.get_connection(self.skate_conn_id))
        except AirflowNotFoundException:
            if self.skate_conn_id != DEFAULT_CONNECTION:
                raise
            return Login(name=self.skate_conn_id)

    async def alogin(self) -> Login:
        """As `login`, from a trigger."""
        try:
            return Login.of(await self.aget_connection(self.skate_conn_id))
        except AirflowNotFoundException:
            if self.skate_conn_id != DEFAULT_CONNECTION:
                raise
            return Login(name=self.skate_conn_id)

    def get_conn(self) -> Client:
        """A client, which the caller closes.

        Raises:
            InputError, LoginError: as `Login.config`.
        """
        return Client(login=self.login().config())

    def test_connection(self) -> tuple[bool, str]:
        """Whether the login is one, for Airflow's button: who it is, or what to do."""
        try:
            with self.get_conn() as client:
                return True, f"You are {client.who_am_i()}."
        except SkateError as error:
            return False, str(error)
