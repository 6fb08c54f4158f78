"""One identifier is one job: its name follows from it alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from skate.errors import InputError
from skate.identifiers import LABEL, LONGEST, NAME, checked_id, name_for, name_of

IDS = st.from_regex(LABEL, fullmatch=True)


@given(IDS)
def test_every_identifier_gives_a_name_that_pods_and_services_can_have(job_id: str) -> None:
    name = name_of(checked_id(job_id))
    assert NAME.fullmatch(name)
    assert len(name) <= LONGEST


@given(IDS, IDS)
def test_two_identifiers_give_two_names(one: str, other: str) -> None:
    assert (name_of(one) == name_of(other)) == (one == other)


@given(st.text(max_size=80))
def test_a_base_of_any_kind_gives_a_name(base: str) -> None:
    name = name_for(base, "0badcafe")
    assert NAME.fullmatch(name)
    assert len(name) <= LONGEST
    assert name.endswith("-0badcafe")


def test_an_identifier_that_is_a_name_is_the_name() -> None:
    assert name_of("nightly-2026-11-29") == "nightly-2026-11-29"
    assert re.fullmatch(r"nightly-2026-11-29t00-00-[0-9a-f]{10}", name_of("nightly.2026-11-29T00.00"))


@pytest.mark.parametrize("wrong", ["", "a b", "-a", "a-", "ä", "a" * 64, "a/b", "a\n"])
def test_an_identifier_that_no_label_can_hold_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match="63 letters"):
        checked_id(wrong)
