"""Requests to a cluster as a program of an issuer, with a token that is renewed before it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING

import httpx2

from skate.oidc import programs

if TYPE_CHECKING:
    from skate.oidc.programs import Program, Token


class ProgramAuth(httpx2.Auth):
    """Puts a program's token on each request.

    Args:
        program: who asks.
        variables: of the environment, for its secret.

    Attributes:
        program: the same.
        token: of the last request, if there was one.
    """

    def __init__(self, program: Program, variables: Mapping[str, str]) -> None:
        self.program = program
        self.token: Token | None = None
        self._variables = variables

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Raises what `skate.oidc.programs.token_of` does."""
        self.token = await asyncio.to_thread(programs.token_of, self.program, self._variables)
        request.headers["Authorization"] = f"Bearer {self.token.text}"
        yield request
