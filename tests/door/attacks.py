"""All attacks on the door, by one request each. What takes more is in the tests of this folder."""

from __future__ import annotations

from typing import Final

from tests.door.attacks_requests import REQUESTS
from tests.door.attacks_tokens import TOKENS
from tests.door.attacks_upgrades import UPGRADES
from tests.door.attempts import Row

ROWS: Final[tuple[Row, ...]] = (*TOKENS, *REQUESTS, *UPGRADES)
