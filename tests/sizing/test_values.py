"""Values as JSON has them, looked through and made into others."""

from __future__ import annotations

import json
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from sizing.values import Json, dotted, leaves, mapped, mapped_by_path, parts, whole

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
)


def at(value: Json, *path: str | int) -> Json:
    for step in path:
        value = value[step]
    return value


@given(JSON)
def test_a_value_whose_leaves_stay_is_the_same_with_its_keys_sorted(value: Json) -> None:
    assert json.dumps(mapped(value, lambda leaf: leaf)) == json.dumps(value, sort_keys=True)


@given(JSON)
def test_each_part_is_at_its_path(value: Json) -> None:
    assert all(at(value, *path) is part for path, part in parts(value))
    assert [(path, part) for path, part in parts(value) if not isinstance(part, dict | list)] == list(leaves(value))


@given(JSON)
def test_both_ways_to_map_meet_the_same_leaves_in_sorted_order(value: Json) -> None:
    met: list[Json] = []
    mapped(value, met.append)
    by_path: list[Json] = []
    mapped_by_path(value, lambda path, leaf: by_path.append((path, leaf)))
    assert [leaf for _, leaf in by_path] == met
    assert sorted(map(repr, by_path)) == sorted(map(repr, leaves(value)))


def test_any_mapping_and_any_sequence_but_a_text_is_a_container() -> None:
    value = MappingProxyType({"b": (1, "text", b"bytes"), "a": range(2)})
    assert mapped(value, lambda leaf: leaf) == {"a": [0, 1], "b": [1, "text", b"bytes"]}
    assert dict(leaves(value)) == {("b", 0): 1, ("b", 1): "text", ("b", 2): b"bytes", ("a", 0): 0, ("a", 1): 1}


def test_a_path_goes_on_from_where_the_value_is() -> None:
    assert [dotted(path) for path, _ in parts({"b": [1, {"c": 2}]}, ("a",))] == [
        "a",
        "a.b",
        "a.b[0]",
        "a.b[1]",
        "a.b[1].c",
    ]
    assert mapped_by_path(["x"], lambda path, leaf: f"{dotted(path)}={leaf}", ("a",)) == ["a[0]=x"]


def test_whole_numbers_are_integers_and_all_else_is_itself() -> None:
    assert (
        repr([whole(number) for number in (2.0, 2.5, 3, True, "2.0", float("inf"))]) == "[2, 2.5, 3, True, '2.0', inf]"
    )
