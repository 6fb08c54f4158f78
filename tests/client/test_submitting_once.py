"""A job is there once, whatever becomes of the answers to those who submit it."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
from skate.aio import AsyncClient
from skate.applications import Request
from skate.card import CARD_KEY
from skate.cluster import Cluster
from skate.errors import UnreachableError

from tests.client.cards import card_json


class Silent:
    """An API server that makes what it is sent, or not, and answers only in the end."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.there: dict[str, Any] | None = None

    async def card_text(self, _namespace: str, _name: str, key: str) -> str:
        assert key == CARD_KEY
        return json.dumps(card_json())

    async def create(self, application: dict[str, Any]) -> dict[str, Any]:
        match self._answers.pop(0):
            case "lost":
                raise UnreachableError("no answer")
            case "made late":
                self.there = application
                raise FileExistsError(application["metadata"]["name"])
        return application

    async def application(self, _namespace: str, _name: str) -> dict[str, Any] | None:
        return self.there


def submitted(*answers: str) -> Any:  # noqa: ANN401
    """The job of a request with an identifier."""
    client = AsyncClient(cluster=cast("Cluster", Silent(*answers)))
    return asyncio.run(client.submit(Request(main="local:///a.py"), queue="ads-batch", job_id="nightly"))


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_what_was_made_without_an_answer_is_found_at_the_next_try(lost: int) -> None:
    job = submitted(*["lost"] * lost, "made late")
    assert (job.name, job.found) == ("nightly", True)


def test_an_api_server_that_never_answers_is_told() -> None:
    with pytest.raises(UnreachableError):
        submitted(*["lost"] * 3)
