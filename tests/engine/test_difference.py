"""What a change makes of a stack is told as the engine says it, once the stack as it was before is deployed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from fleet.offline.changes.difference import Difference, difference
from tests.engine import changes
from tests.engine.harness import REPOSITORY, Engine, EngineError
from tests.engine.steps import Step, as_far_as_told, told_steps
from tests.recording import registrations_of

UNKNOWABLE = {
    "another_output_of_the_same_resource": "both outputs are unknown, and of the same resource",
}
"""Cases in which the engine says more of a resource, as it knows what a value turned out to be; and why."""
TOLD_ALIKE = sorted(changes.CASES.keys() - UNKNOWABLE)

MAIN = """
import sys

sys.path.insert(0, {root!r})

from tests.engine import changes

changes.{program}(after={after})
"""

Steps = Mapping[str, Step]


@pytest.fixture(scope="module")
def told() -> Steps:
    """What the difference of the offline previews tells of all cases."""
    return told_steps(_difference(changes.program))


@pytest.fixture(scope="module")
def said(engine_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Steps:
    """What the engine says of them."""
    return _deployed(engine_dir / "changes", tmp_path_factory.mktemp("changes") / "project", "program").steps("test")


@pytest.mark.parametrize("case", TOLD_ALIKE)
def test_a_change_is_told_as_the_engine_says_it(case: str, told: Steps, said: Steps) -> None:
    assert _of(case, told) == as_far_as_told(_of(case, said), told)


@pytest.mark.parametrize("case", UNKNOWABLE)
def test_what_follows_from_a_value_is_not_told(case: str, told: Steps, said: Steps) -> None:
    users = {urn for urn in _of(case, said) if urn.endswith("-user")}
    assert users
    assert _of(case, told) == {urn: step for urn, step in _of(case, said).items() if urn not in users}


def test_what_the_engine_refuses_to_delete_is_told(engine_dir: Path, tmp_path: Path) -> None:
    refused = {change.resource.urn for change in _difference(changes.protected).changes if change.refused}
    engine = _deployed(engine_dir / "protected", tmp_path / "protected", "protected")
    with pytest.raises(EngineError) as error:
        engine.steps("test")
    assert refused == set(re.findall(r'"urn": "(\S+)",\s+"message": "error', str(error.value)))


def _difference(program: Callable[..., None]) -> Difference:
    before, after = (registrations_of(partial(program, after=after)) for after in (False, True))
    return difference(before, after)


def _deployed(workdir: Path, project: Path, program: str) -> Engine:
    """The engine with a program of `changes` deployed as it was, and changed since."""
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: elastic-spark\nruntime: python\n")
    (project / "__main__.py").write_text(MAIN.format(root=str(REPOSITORY), program=program, after=False))
    engine = Engine(workdir, project)
    engine.up("test")
    (engine.project_dir / "__main__.py").write_text(MAIN.format(root=str(REPOSITORY), program=program, after=True))
    return engine


def _of(case: str, steps: Steps) -> Steps:
    """The steps of one case's resources."""
    return {urn: step for urn, step in steps.items() if _case_of(urn) == case}


def _case_of(urn: str) -> str:
    """The case that a resource belongs to: that of the longest name which its own starts with."""
    name = urn.rsplit("::", 1)[-1].replace("-", "_") + "_"
    return max((case for case in changes.CASES if name.startswith(f"{case}_")), key=len, default="")
