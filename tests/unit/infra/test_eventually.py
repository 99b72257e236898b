"""The one way in which tests wait."""

import pytest

from tests.support.eventually import eventually


async def test_it_gives_the_first_value_that_is_accepted() -> None:
    values = iter([0, 1, 2])
    assert await eventually(lambda: next(values), until=lambda value: value == 2) == 2


async def test_its_failure_says_what_was_seen_last() -> None:
    async def position() -> dict[str, int]:
        return {"lag": 3}

    with pytest.raises(AssertionError, match=r"not within 0 s: settled; last seen: \{'lag': 3\}"):
        await eventually(position, within=0, until=lambda seen: seen["lag"] == 0, what="settled")


async def test_an_assertion_in_the_probe_means_not_yet() -> None:
    values = iter([1, 2])

    def probe() -> str:
        assert next(values) == 2
        return "there"

    assert await eventually(probe) == "there"
