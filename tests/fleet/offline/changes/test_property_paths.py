"""Paths of properties are read and written as the engine does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.offline.changes.property_paths import PropertyPath, contains, parsed, written

PATHS = [
    ((), ""),
    (("vpcId",), "vpcId"),
    (("zones", "eu-central-1a", "max"), 'zones["eu-central-1a"].max'),
    (("tags", "k8s.io/x"), 'tags["k8s.io/x"]'),
    (("rules", 0, "verbs", 12), "rules[0].verbs[12]"),
    (("a", 'say "so"'), 'a["say \\"so\\""]'),
]


@pytest.mark.parametrize(("path", "text"), PATHS)
def test_a_path_is_written_as_the_engine_writes_it(path: PropertyPath, text: str) -> None:
    assert written(path) == text


@given(st.lists(st.text(min_size=1).filter(lambda step: step != "*") | st.integers(0, 99)).map(tuple))
def test_what_is_written_is_read_again(path: PropertyPath) -> None:
    assert parsed(written(path)) == path


@pytest.mark.parametrize("text", ["a[", "a]b", "a[x]", 'a["x'])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no property path"):
        parsed(text)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("a", ("a", "b", 0), True),
        ("a.b", ("a",), False),
        ("a[*].b", ("a", 3, "b"), True),
        ("a[*].b", ("a", "key", "b", "c"), True),
        ("*", ("anything",), True),
        ("a", ("b",), False),
    ],
)
def test_a_pattern_holds_what_is_below_it(pattern: str, path: PropertyPath, expected: bool) -> None:
    assert contains(parsed(pattern), path) is expected
