"""Cursors are opaque, survive the way to the caller and back, and nonsense is refused kindly."""

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

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


DEEP = base64.urlsafe_b64encode(b"[" * 40_000).decode()


@pytest.mark.parametrize("cursor", ["?", "x", "bm8", "e30", "åäö", "__4=", DEEP], ids=lambda cursor: cursor[:5])
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


def test_a_key_is_read_as_what_the_list_is_sorted_by() -> None:
    at, one = datetime(2025, 1, 1, tzinfo=UTC), uuid4()
    page = Page(limit=1, after=decode(encode([at, one, "a", 7])))
    assert page.key(datetime, UUID, str, int) == (at, one, "a", 7)
    assert Page(limit=1, after=None).key(datetime, UUID) is None


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        (UUID, "x"),
        (UUID, 1),
        (UUID, None),
        (str, None),
        (str, "a\x00b"),
        (str, "\ud800"),
        (int, "1"),
        (int, True),
        (int, 1.5),
        (int, 2**63),
        (datetime, 2025),
        (datetime, "2025-01-01"),
        (datetime, "0001-01-01T00:00:00+14:00"),
        (datetime, "9999-12-31T23:59:59-14:00"),
    ],
)
def test_a_key_that_the_database_cannot_compare_with_is_400(kind: type, part: Any) -> None:
    with pytest.raises(Problem, match="400"):
        Page(limit=1, after=[part]).key(kind)


@pytest.mark.parametrize("after", [[], ["a", "b"]])
def test_a_key_of_another_length_is_400(after: list[Any]) -> None:
    with pytest.raises(Problem, match="400"):
        Page(limit=1, after=after).key(str)
