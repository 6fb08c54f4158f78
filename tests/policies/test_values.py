from __future__ import annotations

import pytest

from policies.values import UNKNOWN, Items, NotKnown, NotThere, Properties, plain


def test_a_missing_value_and_an_unknown_one_are_told_apart() -> None:
    props = Properties({"a": UNKNOWN})
    assert "a" in props
    assert props.get("b") is None
    with pytest.raises(NotKnown, match="a is not known before the deployment"):
        props.get("a")


def test_an_error_names_the_path_of_what_is_not_known() -> None:
    props = Properties({"spec": {"rules": [{"port": 1}, {"port": UNKNOWN}]}})
    with pytest.raises(NotKnown) as error:
        [rule["port"] for rule in props["spec"]["rules"]]
    assert error.value.path == "spec.rules[1].port"


def test_a_list_may_be_counted_though_its_items_are_not_known() -> None:
    assert len(Properties({"subnets": [UNKNOWN, UNKNOWN]})["subnets"]) == 2


def test_whole_numbers_of_the_engine_are_integers() -> None:
    assert [str(one) for one in Properties({"sizes": [3.0, 2.5]})["sizes"]] == ["3", "2.5"]


def test_properties_compare_like_the_values_in_them() -> None:
    props = Properties({"a": [1, {"b": [2]}], "c": {"d": 3}})
    assert props["a"] == [1, {"b": [2]}]
    assert props["c"] == {"d": 3}
    assert props["a"][0:1] == [1]
    assert props["a"] != "a"


def test_a_plain_value_has_no_views_left_in_it() -> None:
    value = plain(Properties({"a": [1, {"b": [2.0]}]}))
    assert value == {"a": [1, {"b": [2]}]}
    assert type(value["a"]) is list
    assert type(value["a"][1]) is dict
    with pytest.raises(NotKnown):
        plain(Properties({"a": [UNKNOWN]}))


def test_a_list_of_properties_is_not_hashable() -> None:
    with pytest.raises(TypeError):
        hash(Items([1], "a"))


def test_an_error_names_the_path_and_the_owner_of_what_is_not_there() -> None:
    props = Properties({"spec": {"rules": [{"port": 1}]}}, owner="urn")
    with pytest.raises(NotThere) as error:
        props["spec"]["rules"][0]["from"]
    assert (error.value.path, error.value.owner) == ("spec.rules[0].from", "urn")


def test_properties_are_shown_as_plain_values() -> None:
    assert repr(Properties({"a": [1, {"b": 2}]})) == "{'a': [1, {'b': 2}]}"
    assert repr(Properties({"a": [1, {"b": 2}]})["a"]) == "[1, {'b': 2}]"
