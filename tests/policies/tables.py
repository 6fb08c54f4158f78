"""All rows on rules, of every area of the pack."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from policies.catalogue import AREAS
from tests.policies.rows import Kept, Mutation, Way

_TABLES: Final = tuple(import_module(f"tests.policies.areas.{area.__name__.rpartition('.')[2]}") for area in AREAS)

MUTATIONS: Final[tuple[Mutation, ...]] = tuple(row for table in _TABLES for row in table.MUTATIONS)
WAYS_ROUND: Final[tuple[Way, ...]] = tuple(row for table in _TABLES for row in table.WAYS_ROUND)
KEPT: Final[tuple[Kept, ...]] = tuple(row for table in _TABLES for row in table.KEPT)
