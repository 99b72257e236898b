"""Cursors are opaque, survive the way to the caller and back, and nonsense is refused kindly."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.cursors import Page, decode, encode
from shared.web.problems import Problem


@given(st.lists(st.one_of(st.text(), st.integers(), st.none(), st.booleans()), max_size=5))
def test_a_cursor_comes_back_as_its_key(key: list[object]) -> None:
    cursor = encode(key)
    assert decode(cursor) == key
    assert cursor.replace("-", "").replace("_", "").isalnum(), "it needs no escaping in a URL"


def test_times_and_ids_come_back_as_text() -> None:
    at, one = datetime(2025, 1, 1, tzinfo=UTC), uuid4()
    assert decode(encode([at, one])) == [str(at), str(one)]


@pytest.mark.parametrize("cursor", ["?", "x", "bm8", "e30", "åäö"])
def test_nonsense_is_400(cursor: str) -> None:
    with pytest.raises(Problem, match="400"):
        decode(cursor)


def test_a_cursor_of_another_list_is_400() -> None:
    with pytest.raises(Problem, match="400"):
        decode(encode([1], "/booking/v1/staff"), "/booking/v1/courses")


def test_the_last_page_has_no_next() -> None:
    page = Page(limit=2, after=None)
    assert page.answer([1, 2], lambda row: [row], str).next is None
    more = page.answer([1, 2, 3], lambda row: [row], str)
    assert (more.items, decode(more.next or "")) == (["1", "2"], [2])
