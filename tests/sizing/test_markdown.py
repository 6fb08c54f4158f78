"""Code in Markdown, and what a reader of Markdown sees of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sizing.markdown import code_span, fence

TEXT = st.text("`` a\n*", max_size=12)


def read(span: str) -> str:
    """What is in a code span, by CommonMark's rule: it ends where as many backquotes come as it began with."""
    found = re.fullmatch(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", span)
    assert found, span
    inner = found[2]
    strips = inner.strip(" ") and inner[0] == inner[-1] == " "
    return inner[1:-1] if strips else inner


@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("plain", "`plain`"),
        ("a`b", "`` a`b ``"),
        ("`", "`` ` ``"),
        ("a``b`", "``` a``b` ```"),
        (" a ", "`  a  `"),
        ("a\n\n# b", "`a # b`"),
    ],
)
def test_a_name_stays_in_its_code_span(name: str, span: str) -> None:
    assert code_span(name) == span


@given(TEXT.filter(bool))
def test_a_reader_sees_in_a_code_span_what_was_put_in(text: str) -> None:
    assert read(code_span(text)) == re.sub("\n+", " ", text)


@given(TEXT)
def test_no_text_ends_the_block_that_it_is_in(text: str) -> None:
    assert fence(text) not in text
    assert len(fence(text)) >= 3
