"""What a change makes of this project's own stacks is told as the engine says it, once they are deployed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from fleet.offline.changes.difference import difference
from fleet.offline.preview import previews
from fleet.offline.programs import run_program_of
from fleet.offline.registration import Registrations
from tests.engine.harness import Engine
from tests.engine.steps import as_far_as_told, told_steps

pytestmark = pytest.mark.slow

PLATFORM, TENANT = "platform-dev", "ads-dev"


@dataclass(frozen=True)
class Edit:
    """A text in a file of the project, and what becomes of it."""

    file: str
    before: str
    after: str


def _in_platform(before: str, after: str) -> Edit:
    return Edit(f"stacks/Pulumi.{PLATFORM}.yaml", before, after)


def _in_tenant(before: str, after: str) -> Edit:
    return Edit(f"stacks/Pulumi.{TENANT}.yaml", before, after)


CHANGES: dict[str, tuple[str, list[Edit]]] = {
    "settings of a tenant": (
        TENANT,
        [
            _in_tenant("{eu-central-1a: 2}", "{eu-central-1a: 3, eu-central-1b: 0}"),
            _in_tenant("maxNodes: 20", "maxNodes: 30"),
            _in_tenant("purpose: submitter", "purpose: viewer"),
            _in_tenant("prefix: events", "prefix: clicks"),
            _in_tenant("{team: ads}", "{team: ads, office: north}"),
        ],
    ),
    "the next generation of a pool": (
        TENANT,
        [_in_tenant("maxNodes: 20", "maxNodes: 20\n            generation: b\n            retiring: [a]")],
    ),
    "the name of a queue": (TENANT, [_in_tenant("      batch:", "      nightly:")]),
    "settings of a platform": (
        PLATFORM,
        [
            _in_platform("{min: 0, max: 4}", "{min: 1, max: 6}"),
            _in_platform("[203.0.113.0/24]", "[203.0.113.0/24, 198.51.100.0/24]"),
            _in_platform("eventLogDays: 14", "eventLogDays: 21"),
            _in_platform("tenant-pipeline:", "tenant-deployment:"),
            _in_platform("nat: single", "nat: perZone"),
            _in_platform("logRetentionDays: 30", "logRetentionDays: 60"),
        ],
    ),
    "children of a component": (
        PLATFORM,
        [
            Edit("components/storage/bucket.py", '"bucket_key_enabled": True', '"bucket_key_enabled": False'),
            Edit("components/storage/bucket.py", '{name}-public-access",', '{name}-access",'),
            Edit(
                "components/storage/bucket.py",
                "restrict_public_buckets=True,\n            opts=self.child(deleted_with=bucket),",
                "restrict_public_buckets=True,\n"
                "            opts=self.child(deleted_with=bucket, "
                'aliases=[pulumi.Alias(name=f"{name}-public-access")]),',
            ),
        ],
    ),
    "immutable fields, options and the lack of a child": (
        TENANT,
        [
            Edit("components/queue/queue.py", '"backoff_limit": 0', '"backoff_limit": 1'),
            Edit("components/queue/queue.py", "self.child(protect=args.protect)", "self.child(protect=True)"),
            Edit("components/queue/queue.py", "        self._create_limits(name, inside)\n", ""),
        ],
    ),
    "the type of a component": (TENANT, [Edit("components/queue/queue.py", 'module = "queue"', 'module = "team"')]),
}
"""By what changes: a stack, and edits of its settings or of the components that it is made of."""


@pytest.fixture(scope="module")
def engine(engine_dir: Path) -> Engine:
    """The engine with a platform and a tenant deployed."""
    engine = Engine(engine_dir / "stacks")
    for stack in (PLATFORM, TENANT):
        engine.up(stack)
    return engine


@pytest.fixture(scope="module")
def before(engine: Engine) -> dict[str, Registrations]:
    """The registrations of the stacks as they are deployed."""
    return {stack: _registrations(engine.project_dir, stack) for stack in (PLATFORM, TENANT)}


@pytest.mark.parametrize("stack", [PLATFORM, TENANT])
def test_the_engine_says_nothing_of_a_stack_that_does_not_change(stack: str, engine: Engine) -> None:
    assert engine.steps(stack) == {}


@pytest.mark.parametrize(("stack", "edits"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_told_as_the_engine_says_it(
    stack: str, edits: Sequence[Edit], engine: Engine, before: dict[str, Registrations]
) -> None:
    with _edited(engine.project_dir, edits):
        told = told_steps(difference(before[stack], _registrations(engine.project_dir, stack)))
        said = engine.steps(stack)
    assert told
    assert told == as_far_as_told(said, told)


def _registrations(tree: Path, stack: str) -> Registrations:
    found = previews(tree, [stack], jobs=2, program=partial(run_program_of, tree))[stack]
    assert found.registrations is not None, found.failure
    return found.registrations


@contextmanager
def _edited(tree: Path, edits: Sequence[Edit]) -> Iterator[None]:
    """The project with edits, each of a text that is there once; without them afterwards."""
    originals = {path: path.read_text() for path in (tree / edit.file for edit in edits)}
    try:
        for edit in edits:
            path = tree / edit.file
            text = path.read_text()
            assert text.count(edit.before) == 1, edit
            path.write_text(text.replace(edit.before, edit.after))
        yield
    finally:
        for path, text in originals.items():
            path.write_text(text)
